#include "test.h"
#include "base/str.h"
#include <errno.h>

static void
compare(void **state)
{
	(void)state;
	assert_true(str_equal("a", "a"));
	assert_false(str_equal("a", "b"));
	assert_true(str_equal(NULL, NULL));
	assert_false(str_equal(NULL, ""));
	assert_true(str_starts("web.service", "web"));
	assert_true(str_starts("web", ""));
	assert_false(str_starts("we", "web"));
	assert_true(str_ends("web.service", ".service"));
	assert_false(str_ends("service", ".service"));
}

static void
copies(void **state)
{
	autofree char *a = str_dup_n("abcdef", 3);
	autofree char *b = str_format("%s-%d", "x", 5);

	(void)state;
	assert_string_equal(a, "abc");
	assert_string_equal(b, "x-5");
	assert_null(str_dup(NULL));
	str_replace(&a, a + 1);
	assert_string_equal(a, "bc");
	str_replace(&a, NULL);
	assert_null(a);
}

static void
numbers(void **state)
{
	uint64_t u = 77;
	int64_t i = 77;
	unsigned o = 77;

	(void)state;
	assert_int_equal(str_to_u64("18446744073709551615", &u), 0);
	assert_true(u == UINT64_MAX);
	u = 77;
	assert_int_equal(str_to_u64("18446744073709551616", &u), -ERANGE);
	assert_int_equal(str_to_u64("", &u), -EINVAL);
	assert_int_equal(str_to_u64("-1", &u), -EINVAL);
	assert_int_equal(str_to_u64(" 1", &u), -EINVAL);
	assert_int_equal(str_to_u64("1x", &u), -EINVAL);
	assert_int_equal(str_to_u64("99999999999999999999999x", &u), -EINVAL);
	assert_int_equal(u, 77);
	assert_int_equal(str_to_i64("-9223372036854775808", &i), 0);
	assert_true(i == INT64_MIN);
	assert_int_equal(str_to_i64("9223372036854775808", &i), -ERANGE);
	assert_int_equal(str_to_i64("+5", &i), 0);
	assert_int_equal(i, 5);
	assert_int_equal(str_to_i64("--5", &i), -EINVAL);
	assert_int_equal(str_to_i64("-", &i), -EINVAL);
	assert_int_equal(str_to_octal("0022", &o), 0);
	assert_int_equal(o, 022);
	assert_int_equal(str_to_octal("8", &o), -EINVAL);
	assert_int_equal(str_to_octal("777777777777", &o), -ERANGE);
}

static void
hex(void **state)
{
	const uint8_t bytes[] = { 0x00, 0x7f, 0xff };
	char text[7];

	(void)state;
	str_hex(bytes, sizeof(bytes), text);
	assert_string_equal(text, "007fff");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compare),
		cmocka_unit_test(copies),
		cmocka_unit_test(numbers),
		cmocka_unit_test(hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
