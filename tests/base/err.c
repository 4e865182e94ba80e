#include "test.h"
#include "base/err.h"
#include <errno.h>
#include <string.h>

static void
set_is_false_and_keeps_the_words(void **state)
{
	struct err err = { .line = 7, .number = 3 };
	char shown[600];

	(void)state;
	assert_false(err_set(&err, "no unit %s", "web"));
	assert_string_equal(err.text, "no unit web");
	assert_int_equal(err.line, 0);
	assert_int_equal(err.number, 0);
	assert_string_equal(err_show(&err, shown, sizeof(shown)), "no unit web");
}

static void
set_errno_says_what_it_means(void **state)
{
	struct err err;

	(void)state;
	assert_false(err_set_errno(&err, ENOENT, "chdir to %s", "/srv/app"));
	assert_string_equal(err.text, "chdir to /srv/app: No such file or directory");
	assert_int_equal(err.number, ENOENT);
}

static void
prefix_keeps_number_and_place(void **state)
{
	struct err err;
	char shown[600];

	(void)state;
	(void)err_set_errno(&err, EACCES, "open x");
	(void)err_at(&err, "web.service", 12);
	assert_false(err_prefix(&err, "load %s", "web"));
	assert_int_equal(err.number, EACCES);
	assert_string_equal(err_show(&err, shown, sizeof(shown)),
			    "web.service:12: load web: open x: Permission denied");
	(void)err_at(&err, "web.service", 0);
	assert_string_equal(err_show(&err, shown, sizeof(shown)),
			    "web.service: load web: open x: Permission denied");
}

static void
long_text_is_cut(void **state)
{
	struct err err;
	char long_text[2 * ERR_TEXT_MAX];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	(void)err_set_errno(&err, ENOENT, "%s", long_text);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	(void)err_prefix(&err, "%s", long_text);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	(void)err_at(&err, long_text, 1);
	assert_int_equal(strlen(err.file), ERR_FILE_MAX - 1);
}

static void
the_arguments_may_be_of_the_error_itself(void **state)
{
	struct err err;

	(void)state;
	(void)err_set(&err, "inner");
	(void)err_set(&err, "outer %s", err.text);
	assert_string_equal(err.text, "outer inner");
}

static void
nobody_has_to_listen(void **state)
{
	(void)state;
	assert_false(err_set(NULL, "x"));
	assert_false(err_set_errno(NULL, ENOENT, "x"));
	assert_false(err_prefix(NULL, "x"));
	assert_false(err_at(NULL, "x", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_is_false_and_keeps_the_words),
		cmocka_unit_test(set_errno_says_what_it_means),
		cmocka_unit_test(prefix_keeps_number_and_place),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(the_arguments_may_be_of_the_error_itself),
		cmocka_unit_test(nobody_has_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
