/* jansson's reader is the judge: the same texts are taken, and what they say is equal. */
#include "test.h"
#include "wire/decode.h"
#include <string.h>

static const char *const good[] = {
	"{}",
	"[]",
	"[ ]",
	"{ }",
	" {\"a\" : 1 , \"b\":[true,false,null]} \n",
	"\"\"",
	"\"plain\"",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	"\"\\u0041\\u00e9\\uac00\\ud83d\\ude00\"",
	"\"\xea\xb0\x80 \xf0\x9f\x98\x80\"",
	"0",
	"-0",
	"7",
	"-12",
	"9223372036854775807",
	"-9223372036854775808",
	"0.0",
	"-0.5",
	"1.25",
	"123456789012345.6",
	"1234567890.123456",
	"3.141592653589793238",
	"1e3",
	"1E-3",
	"-1.5e+10",
	"2.2250738585072014e-308",
	"1e-400",
	"0.1",
	"0.3",
	"100000000000000.1",
	"{\"a\":1,\"a\":2}",
	"{\"\":{}}",
	"[[[[[[]]]]]]",
	"{\"k\\ney\":\"v\\talue\"}",
	"{\"\\u00e9\":[\"\\u00e8\",{\"\\u00ea\":\"\\u00eb\"}]}",
	"\"\x7f\"",
};

static const char *const bad[] = {
	"",
	" ",
	"{",
	"}",
	"[",
	"]",
	"[1",
	"[1,",
	"[1,]",
	"[,1]",
	"{\"a\"",
	"{\"a\":",
	"{\"a\":1",
	"{\"a\":1,}",
	"{a:1}",
	"{1:1}",
	"{\"a\" 1}",
	"[1 2]",
	"01",
	"-",
	"+1",
	"1.",
	".5",
	"1e",
	"1e+",
	"--1",
	"0x1",
	"1a",
	"nul",
	"nulll",
	"True",
	"tru",
	"NaN",
	"Infinity",
	"1e999",
	"-1e999",
	"9223372036854775808",
	"-9223372036854775809",
	"99999999999999999999999",
	"\"",
	"\"a",
	"\"\\",
	"\"\\x\"",
	"\"\\u12\"",
	"\"\\u12g4\"",
	"\"\\ud800\"",
	"\"\\udc00\"",
	"\"\\ud800\\u0041\"",
	"\"\\ud800x\"",
	"\"\n\"",
	"\"\x01\"",
	"\"\\u0000\"",
	"\"\xff\"",
	"\"\xc0\x80\"",
	"\"\xed\xa0\x80\"",
	"\"\xf4\x90\x80\x80\"",
	"\"\xe0\x80\x80\"",
	"\"\xea\xb0\"",
	"\"\xf0\x9f\x98\"",
	"\"\xc3",
	"{} {}",
	"[]]",
	"'a'",
	"/**/1",
	"1,2",
};

static void
takes_what_jansson_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		json_t *wanted = json_loads(good[i], JSON_DECODE_ANY, NULL);
		struct err err = { .text = "" };
		json_t *got = decode_json(good[i], strlen(good[i]), 0, &err);

		if (!wanted || !got || !json_equal(wanted, got)) {
			fail_msg("%s: %s", good[i], err.text);
		}
		json_decref(wanted);
		json_decref(got);
	}
}

static void
refuses_what_jansson_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err err = { .text = "" };

		assert_null(json_loads(bad[i], JSON_DECODE_ANY, NULL));
		if (decode_json(bad[i], strlen(bad[i]), 0, &err)) {
			fail_msg("taken: %s", bad[i]);
		}
		assert_memory_equal(err.text, "not JSON at byte ", 17);
	}
}

static void
a_nul_is_no_end(void **state)
{
	static const char text[] = "[1\0]", after[] = "[1]\0 ";

	(void)state;
	assert_null(decode_json(text, sizeof(text) - 1, 0, NULL));
	assert_null(decode_json(after, sizeof(after) - 1, 0, NULL));
}

static void
depth_is_bounded(void **state)
{
	char text[2 * DECODE_DEPTH + 8];
	json_t *value;

	(void)state;
	memset(text, '[', DECODE_DEPTH);
	memset(text + DECODE_DEPTH, ']', DECODE_DEPTH);
	text[2 * DECODE_DEPTH] = '\0';
	value = decode_json(text, 2 * DECODE_DEPTH, 0, NULL);
	assert_non_null(value);
	json_decref(value);
	memset(text, '[', DECODE_DEPTH + 1);
	memset(text + DECODE_DEPTH + 1, ']', DECODE_DEPTH + 1);
	text[2 * DECODE_DEPTH + 2] = '\0';
	assert_null(decode_json(text, 2 * DECODE_DEPTH + 2, 0, NULL));
}

static void
values_are_counted(void **state)
{
	json_t *value = decode_json("[1,{\"a\":[]},3]", 14, 5, NULL);
	struct err err;

	(void)state;
	assert_non_null(value);
	json_decref(value);
	assert_null(decode_json("[1,{\"a\":[]},3]", 14, 4, &err));
	assert_non_null(strstr(err.text, "too many values"));
}

static void
reals_are_those_of_strtod(void **state)
{
	uint64_t chance = 42;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[64];
		json_t *value;
		double wanted;

		chance = chance * 6364136223846793005 + 1442695040888963407;
		(void)snprintf(text, sizeof(text), "%s%lu.%0*lu", i % 2 ? "-" : "",
			       (unsigned long)(chance >> 33) % (i % 5 ? 1000000000 : 10), 1 + i % 7,
			       (unsigned long)(chance >> 13) % 10);
		value = decode_json(text, strlen(text), 0, NULL);
		wanted = strtod(text, NULL);
		assert_non_null(value);
		assert_true(json_real_value(value) == wanted);
		json_decref(value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_jansson_takes),
		cmocka_unit_test(refuses_what_jansson_refuses),
		cmocka_unit_test(a_nul_is_no_end),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(values_are_counted),
		cmocka_unit_test(reals_are_those_of_strtod),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
