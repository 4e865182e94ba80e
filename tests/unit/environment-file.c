#include "parsed.h"

static void
reads_as_systemd_does(void **state)
{
	static const struct {
		const char *text, *variables;
	} rows[] = {
		{ "", "" },
		{ "A=1\nB=2", "A=1|B=2" },
		{ "# c\n; c\n\n A = 1 \n", "A=1" },
		{ "A=a b  \n", "A=a b" },
		{ "A=\"a b  \"\n", "A=a b  " },
		{ "A='a \"b\" $x \\n'\n", "A=a \"b\" $x \\n" },
		{ "A=\"a \\\"b\\\" \\$x \\n\"\n", "A=a \"b\" $x \\n" },
		{ "A=\"a\nb\"\nB=2\n", "A=a\nb|B=2" },
		{ "A=one\\\ntwo\n", "A=onetwo" },
		{ "A=\"one\\\ntwo\"\n", "A=onetwo" },
		{ "A=a\\ \n", "A=a " },
		{ "A=it's\n", "A=it's" },
		{ "A='one' 'two'\n", "A=onetwo" },
		{ "A=\nB=\"\"\n", "A=|B=" },
		{ "A=1\nA=2\n", "A=2" },
		{ "A=1\r\nB=2\r\n", "A=1|B=2" },
		{ "A=b=c\n", "A=b=c" },
		{ "A='open", "A=open" },
		{ "A=x\\", "A=x" },
		{ "# c \\\nA=1\n", "A=1" },
		{ "A=1 # no comment\n", "A=1 # no comment" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char **variables = NULL;
		struct err err;

		assert_true(unit_environment_file(rows[i].text, &variables, &err));
		assert_words(variables, rows[i].variables);
		assert_string_equal(err.text, "");
		(void)strv_free(variables);
	}
}

static void
skips_and_says_what_is_none(void **state)
{
	static const struct {
		const char *text, *variables, *said;
	} rows[] = {
		{ "export A=1\nB=2\n", "B=2", "line 1: 'export A' is not a variable's name" },
		{ "A=1\nhello\n1B=2\n", "A=1", "line 2: 'hello' has no =" },
		{ "=1\nA=2", "A=2", "line 1: '' is not a variable's name" },
		{ "A=1\nlast", "A=1", "line 2: 'last' has no =" },
		{ "A=\xff\nB=1\n", "B=1", "line 1: 'A' is not valid UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char **variables = NULL;
		struct err err;

		assert_true(unit_environment_file(rows[i].text, &variables, &err));
		assert_words(variables, rows[i].variables);
		assert_string_equal(err.text, rows[i].said);
		(void)strv_free(variables);
		variables = NULL;
		assert_true(unit_environment_file(rows[i].text, &variables, NULL));
		(void)strv_free(variables);
	}
}

static void
adds_to_what_is_there(void **state)
{
	char **variables = NULL;

	(void)state;
	strv_add(&variables, "A=0");
	strv_add(&variables, "Z=0");
	assert_true(unit_environment_file("A=1\nB=1\n", &variables, NULL));
	assert_words(variables, "A=1|Z=0|B=1");
	(void)strv_free(variables);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_systemd_does),
		cmocka_unit_test(skips_and_says_what_is_none),
		cmocka_unit_test(adds_to_what_is_there),
	};

	return cmocka_run_group_tests_name("environment-file", tests, NULL, NULL);
}
