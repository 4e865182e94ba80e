#include "test.h"
#include "wire/encode.h"
#include <locale.h>
#include <string.h>

static char *
encoded(json_t *take_value)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	assert_true(encode_json(&text, take_value));
	json_decref(take_value);
	return buf_take(&text);
}

static void
expect(json_t *take_value, const char *wanted)
{
	autofree char *text = encoded(take_value);

	assert_string_equal(text, wanted);
}

static void
values_are_short(void **state)
{
	(void)state;
	expect(json_object(), "{}");
	expect(json_array(), "[]");
	expect(json_pack("{s:[i,b,b,n], s:{}}", "a", -7, 1, 0, "b"),
	       "{\"a\":[-7,true,false,null],\"b\":{}}");
	expect(json_integer(INT64_MAX), "9223372036854775807");
	expect(json_integer(INT64_MIN), "-9223372036854775808");
	expect(json_integer(0), "0");
}

static void
strings_are_escaped(void **state)
{
	(void)state;
	expect(json_string("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f"),
	       "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
	expect(json_string("\xea\xb0\x80"), "\"\xea\xb0\x80\"");
	expect(json_stringn("a\0b", 3), "\"a\\u0000b\"");
}

static void
reals_have_six_decimals(void **state)
{
	(void)state;
	expect(json_real(0), "0.0");
	expect(json_real(0.1), "0.1");
	expect(json_real(-0.29), "-0.29");
	expect(json_real(1763717611.123456), "1763717611.123456");
	expect(json_real(2), "2.0");
	expect(json_real(0.9999999), "1.0");
	expect(json_real(-1.0000004), "-1.0");
	expect(json_real(999999999999.5), "999999999999.5");
	expect(json_real(1e12), "1000000000000.0");
	expect(json_real(1e300), "1e+300");
	expect(json_real(0.0001), "0.0001");
	expect(json_real(1.5e-9), "1.5e-09");
}

static void
long_strings_and_many_pieces_fit(void **state)
{
	autofree char *large = malloc(100001);
	autofree char *text = NULL;
	json_t *array = json_array(), *again;

	(void)state;
	memset(large, 'a', 100000);
	large[100000] = '\0';
	for (int i = 0; i < 3000; i++) {
		(void)json_array_append_new(array,
					    json_pack("{s:i, s:s}", "n", i, "s", "\"quoted\""));
	}
	(void)json_array_append_new(array, json_string(large));
	text = encoded(json_incref(array));
	again = json_loads(text, 0, NULL);
	assert_true(json_equal(array, again));
	json_decref(array);
	json_decref(again);
}

static void
a_full_buffer_is_told(void **state)
{
	json_t *value = json_pack("[s, s]", "0123456789", "0123456789");
	struct buf text;

	(void)state;
	buf_init(&text, 20);
	assert_false(encode_json(&text, value));
	buf_done(&text);
	json_decref(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_short),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(reals_have_six_decimals),
		cmocka_unit_test(long_strings_and_many_pieces_fit),
		cmocka_unit_test(a_full_buffer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
