#include "parsed.h"
#include "unit/words-split.h"

static void
splits_as_systemd_does(void **state)
{
	static const struct {
		const char *text, *words; /* joined with | */
	} rows[] = {
		{ "", "" },
		{ "  \t ", "" },
		{ "a b\tc", "a|b|c" },
		{ " a  b ", "a|b" },
		{ "\"a b\" c", "a b|c" },
		{ "'a \"b\"' c", "a \"b\"|c" },
		{ "a'b c'd", "ab cd" },
		{ "\"\" ''", "|" },
		{ "\"a\\\"b\"", "a\"b" },
		{ "a\\ b", "a\\|b" },
		{ "a\\sb", "a b" },
		{ "\\x41\\102\\u00e9\\U0001f600", "AB\xc3\xa9\xf0\x9f\x98\x80" },
		{ "\\t\\n\\\\", "\t\n\\" },
		{ "\\qa \\x4 \\x00 \\u12", "\\qa|\\x4|\\x00|\\u12" },
		{ "\\ud800", "\\ud800" },
		{ "\\400 \\377", "\\400|\377" },
		{ "end\\", "end\\" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char **words;
		struct err err;

		assert_true(words_split(rows[i].text, &words, &err));
		assert_words(words, rows[i].words);
		(void)strv_free(words);
	}
}

static void
says_what_is_open(void **state)
{
	char **words = NULL;
	struct err err;

	(void)state;
	assert_false(words_split("a \"b c", &words, &err));
	assert_string_equal(err.text, "the quote \" is not closed");
	assert_null(words);
	assert_false(words_split("it's", &words, NULL));
}

static void
relaxed_closes_quotes(void **state)
{
	const char *at = "'a b\\n";
	char *word;

	(void)state;
	assert_int_equal(words_next(&at, WORDS_RELAX, &word, NULL), 1);
	assert_string_equal(word, "a bn");
	free(word);
	assert_int_equal(words_next(&at, WORDS_RELAX, &word, NULL), 0);
}

static void
quoted_words_come_back(void **state)
{
	static const char *const rows[] = {
		"plain",
		"",
		"a b",
		"tab\there",
		"new\nline",
		"\"",
		"'",
		"\\",
		"\\n",
		";",
		"a;b",
		"\x01\x7f",
		"\xc3\xa9t\xc3\xa9",
		"bad\xff\xfe",
		"$x %y",
		"\xc2\x85",
		" ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char autofree *quoted = words_quote(rows[i]);
		char **words;

		assert_true(words_split(quoted, &words, NULL));
		assert_int_equal(strv_length(words), 1);
		assert_string_equal(words[0], rows[i]);
		(void)strv_free(words);
	}
}

static void
leaves_plain_words_alone(void **state)
{
	char autofree *plain = words_quote("/usr/bin/a-b_c.d=%i$x");
	char autofree *whole = words_whole_quote("/a b");

	(void)state;
	assert_string_equal(plain, "/usr/bin/a-b_c.d=%i$x");
	assert_string_equal(whole, "/a b");
}

static void
whole_values_come_back(void **state)
{
	static const char *const rows[] = { "/a b", "/a\nb", " /a", "/a ", "\"/a\"", "/\x1b[m" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char autofree *quoted = words_whole_quote(rows[i]);
		char autofree *back = words_whole(quoted, &err);

		assert_true(words_is_plain(quoted) || quoted[0] == '"');
		assert_string_equal(back, rows[i]);
	}
	assert_null(words_whole("\"a\" b", &err));
	assert_string_equal(err.text, "there is something after the closing quote");
	assert_null(words_whole("\"a", &err));
}

static void
unescapes_bytes(void **state)
{
	size_t n;
	char autofree *text = words_unescape("a\\nb\\x00c\\q\\", &n);

	(void)state;
	assert_int_equal(n, 8);
	assert_memory_equal(text, "a\nb\0c\\q\\", 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_as_systemd_does),
		cmocka_unit_test(says_what_is_open),
		cmocka_unit_test(relaxed_closes_quotes),
		cmocka_unit_test(quoted_words_come_back),
		cmocka_unit_test(leaves_plain_words_alone),
		cmocka_unit_test(whole_values_come_back),
		cmocka_unit_test(unescapes_bytes),
	};

	return cmocka_run_group_tests_name("words-split", tests, NULL, NULL);
}
