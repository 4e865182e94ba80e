#include "test.h"
#include "base/str.h"

static void
null_is_the_empty_vector(void **state)
{
	char **v = NULL;
	autofree char *joined = strv_join(NULL, " ");

	(void)state;
	assert_int_equal(strv_length(v), 0);
	assert_null(strv_dup(v));
	assert_false(strv_has(v, "a"));
	assert_true(strv_equal(NULL, NULL));
	assert_string_equal(joined, "");
	assert_null(strv_free(v));
}

static void
grows_one_by_one(void **state)
{
	char **v = NULL, **copy;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		strv_take_add(&v, str_format("%d", i));
		assert_int_equal(strv_length(v), i + 1);
	}
	assert_string_equal(v[999], "999");
	assert_true(strv_has(v, "500"));
	assert_false(strv_has(v, "1000"));
	copy = strv_dup(v);
	assert_true(strv_equal(v, copy));
	str_replace(&copy[7], "x");
	assert_false(strv_equal(v, copy));
	strv_done(&copy);
	assert_null(copy);
	strv_done(&v);
}

static void
joins(void **state)
{
	char **v = NULL;
	char *text;

	(void)state;
	strv_add(&v, "a");
	strv_add(&v, "");
	strv_add(&v, "c");
	text = strv_join(v, ", ");
	assert_string_equal(text, "a, , c");
	free(text);
	strv_done(&v);
}

static void
environment(void **state)
{
	char **v = NULL;

	(void)state;
	strv_env_set(&v, "PATH=/bin");
	strv_env_set(&v, "PATHS=x");
	strv_env_set(&v, "PATH=/usr/bin");
	assert_int_equal(strv_length(v), 2);
	assert_string_equal(strv_env_get(v, "PATH"), "/usr/bin");
	assert_string_equal(strv_env_get(v, "PATHS"), "x");
	assert_null(strv_env_get(v, "PAT"));
	strv_env_set(&v, "EMPTY=");
	assert_string_equal(strv_env_get(v, "EMPTY"), "");
	strv_done(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_is_the_empty_vector),
		cmocka_unit_test(grows_one_by_one),
		cmocka_unit_test(joins),
		cmocka_unit_test(environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
