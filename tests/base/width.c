#include "test.h"
#include "base/width.h"
#include <string.h>

#define KOREAN "\xed\x95\x9c\xea\xb5\xad" /* two syllables */

static void
decodes(void **state)
{
	static const struct {
		const char *bytes;
		size_t n, length;
		int32_t code;
	} rows[] = {
		{ "a", 1, 1, 'a' },
		{ "", 1, 1, 0 },
		{ "\xc3\xa4", 2, 2, 0xe4 },
		{ "\xed\x95\x9c", 3, 3, 0xd55c },
		{ "\xf0\x9f\x98\x80", 4, 4, 0x1f600 },
		{ "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 4, 1, -1 }, /* too high */
		{ "\xc0\x80", 2, 1, -1 },         /* not the shortest */
		{ "\xe0\x80\x80", 3, 1, -1 },
		{ "\xf0\x80\x80\x80", 4, 1, -1 },
		{ "\xed\xa0\x80", 3, 1, -1 }, /* a surrogate */
		{ "\xed\x95", 2, 1, -1 },     /* cut off */
		{ "\xed\x95x", 3, 1, -1 },
		{ "\x80", 1, 1, -1 },
		{ "\xff", 1, 1, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int32_t code = 7;

		assert_int_equal(width_decode(rows[i].bytes, rows[i].n, &code), rows[i].length);
		assert_int_equal(code, rows[i].code);
	}
	assert_true(width_is_utf8(KOREAN, strlen(KOREAN)));
	assert_false(width_is_utf8(KOREAN, strlen(KOREAN) - 1));
}

static void
counts_columns(void **state)
{
	(void)state;
	assert_int_equal(width_of('a'), 1);
	assert_int_equal(width_of(0xd55c), 2);
	assert_int_equal(width_of(0x1f600), 2);
	assert_int_equal(width_of(0x301), 0);
	assert_int_equal(width_of(0x200b), 0);
	assert_int_equal(width_of(0xad), 1);
	assert_int_equal(width_of(0x20000), 2);
	assert_int_equal(width_of(0x10ffff), 1);
	assert_int_equal(width_of('\n'), -1);
	assert_int_equal(width_of(0x9b), -1);
	assert_int_equal(width_of(-1), -1);
	assert_int_equal(width_text(""), 0);
	assert_int_equal(width_text("web" KOREAN), 7);
	assert_int_equal(width_text("e\xcc\x81"), 1);
	assert_int_equal(width_text("\xff\n"), 2);
}

static void
makes_harmless(void **state)
{
	static const struct {
		const char *text, *shown;
		bool lines;
	} rows[] = {
		{ "plain " KOREAN, "plain " KOREAN, false },
		{ "\x1b[31mred", "\\x1b[31mred", true },
		{ "a\nb\tc", "a\nb\tc", true },
		{ "a\nb\tc", "a\\x0ab\\x09c", false },
		{ "\xff\x7f", "\\xff\\x7f", true },
		{ "\xc2\x9b"
		  "1m",
		  "\\u009b1m", true },
		{ "\xe2\x80\xae", "\\u202e", true },
		{ "\r", "\\x0d", true },
	};
	autofree char *zero = width_harmless("a\0b", 3, true);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		autofree char *shown =
			width_harmless(rows[i].text, strlen(rows[i].text), rows[i].lines);

		assert_string_equal(shown, rows[i].shown);
	}
	assert_string_equal(zero, "a\\x00b");
}

static void
cuts(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *cut;
	} rows[] = {
		{ "abc", 3, "abc" },
		{ "abcd", 3, "ab\xe2\x80\xa6" },
		{ "abcd", 1, "\xe2\x80\xa6" },
		{ "abcd", 0, "" },
		{ "", 0, "" },
		{ KOREAN, 4, KOREAN },
		{ KOREAN, 3, "\xed\x95\x9c\xe2\x80\xa6" },
		{ KOREAN, 2, "\xe2\x80\xa6" }, /* a half does not fit */
		{ "e\xcc\x81"
		  "abc",
		  2, "e\xcc\x81\xe2\x80\xa6" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		autofree char *cut = width_cut(rows[i].text, rows[i].columns);

		assert_string_equal(cut, rows[i].cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),
		cmocka_unit_test(counts_columns),
		cmocka_unit_test(makes_harmless),
		cmocka_unit_test(cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
