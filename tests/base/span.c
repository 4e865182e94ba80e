#include "test.h"
#include "base/clock.h"
#include "base/span.h"
#include <errno.h>
#include <string.h>

static void
reads_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "0", 0 },
		{ "5", 5 * CLOCK_S },
		{ "5s", 5 * CLOCK_S },
		{ "1min 30s", 90 * CLOCK_S },
		{ "1min30s", 90 * CLOCK_S },
		{ " 1 min  30 ", 90 * CLOCK_S },
		{ "500ms", 500 * CLOCK_MS },
		{ "20us", 20 * CLOCK_US },
		{ "7ns", 7 },
		{ "1.5h", 5400 * CLOCK_S },
		{ "0.001", CLOCK_MS },
		{ ".5s", 500 * CLOCK_MS },
		{ "1.", CLOCK_S },
		{ "2d 3h", 183600 * CLOCK_S },
		{ "1w", 604800 * CLOCK_S },
		{ "1M", 2629800 * CLOCK_S },
		{ "1m", 60 * CLOCK_S },
		{ "1y", 31557600 * CLOCK_S },
		{ "infinity", CLOCK_NEVER },
		{ " infinity ", CLOCK_NEVER },
		{ "0.33333333333333333333333333333333333s", 333333333 },
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(span_parse(rows[i].text, &ns), 0);
		assert_int_equal(ns, rows[i].ns);
	}
	assert_int_equal(span_parse_unit("5", CLOCK_MS, &ns), 0);
	assert_int_equal(ns, 5 * CLOCK_MS);
	assert_int_equal(span_parse_unit("5s", CLOCK_MS, &ns), 0);
	assert_int_equal(ns, 5 * CLOCK_S);
}

static void
refuses(void **state)
{
	static const char *const bad[] = { "",      " ",          "x",         "-1",  "5x",
					   "s",     "1..5",       ".",         "5 -", "1e3",
					   "5 s s", "infinity 5", "5 infinity" };
	int64_t ns = 42;
	uint64_t bytes = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(span_parse(bad[i], &ns), -EINVAL);
	}
	assert_int_equal(span_parse("99999999999y", &ns), -ERANGE);
	assert_int_equal(span_parse("999999999999999999999999", &ns), -ERANGE);
	assert_int_equal(span_parse("9223372036854775807ns", &ns), -ERANGE); /* means never */
	assert_int_equal(ns, 42);
	assert_int_equal(size_parse("", &bytes), -EINVAL);
	assert_int_equal(size_parse("M", &bytes), -EINVAL);
	assert_int_equal(size_parse("5X", &bytes), -EINVAL);
	assert_int_equal(size_parse("5MM", &bytes), -EINVAL);
	assert_int_equal(size_parse("-5", &bytes), -EINVAL);
	assert_int_equal(size_parse("16E", &bytes), -ERANGE);
	assert_int_equal(bytes, 42);
}

static void
shows_durations_that_read_back(void **state)
{
	static const struct {
		int64_t ns;
		const char *text, *brief;
	} rows[] = {
		{ 0, "0", "0s" },
		{ 90 * CLOCK_S, "1min 30s", "1m" },
		{ 500 * CLOCK_MS, "500ms", "0s" },
		{ 5 * CLOCK_S, "5s", "5s" },
		{ 1500 * CLOCK_MS, "1s 500ms", "1s" },
		{ 3 * 3600 * CLOCK_S, "3h", "3h" },
		{ 2 * 86400 * CLOCK_S + 1, "2d 1ns", "2d" },
		{ CLOCK_NEVER, "infinity", "infinity" },
		{ CLOCK_NEVER - 1, NULL, NULL },
	};
	char text[128];
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		span_show(rows[i].ns, text, sizeof(text));
		assert_int_equal(span_parse(text, &ns), 0);
		assert_int_equal(ns, rows[i].ns);
		if (rows[i].text) {
			assert_string_equal(text, rows[i].text);
			assert_string_equal(span_show_short(rows[i].ns, text, sizeof(text)),
					    rows[i].brief);
		}
	}
	assert_int_equal(strlen(span_show(CLOCK_NEVER - 1, text, 8)), 7);
}

static void
sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
		const char *shown;
	} rows[] = {
		{ "0", 0, "0B" },
		{ "1023", 1023, "1023B" },
		{ "64M", 64 << 20, "64M" },
		{ "1G", 1 << 30, "1G" },
		{ "1.5K", 1536, "1.5K" },
		{ "1.25M", 1310720, "1.2M" },
		{ " 2 T ", 2ULL << 40, "2T" },
		{ "15E", 15ULL << 60, "15E" },
		{ "5B", 5, "5B" },
		{ "infinity", UINT64_MAX, "infinity" },
	};
	uint64_t bytes;
	char text[32];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(size_parse(rows[i].text, &bytes), 0);
		assert_true(bytes == rows[i].bytes);
		assert_string_equal(size_show(bytes, text, sizeof(text)), rows[i].shown);
	}
	assert_string_equal(size_show(3565200, text, sizeof(text)), "3.4M");
	assert_string_equal(size_show(123 * 1024 + 512, text, sizeof(text)), "123K");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(refuses),
		cmocka_unit_test(shows_durations_that_read_back),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
