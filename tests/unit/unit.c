#include "parsed.h"

static void
is_counted(void **state)
{
	struct unit *unit = service("User=a");

	(void)state;
	assert_int_equal(unit->references, 1);
	assert_ptr_equal(unit_ref(unit), unit);
	assert_int_equal(unit->references, 2);
	assert_null(unit_unref(unit));
	assert_string_equal(unit->user, "a");
	assert_null(unit_unref(unit));
	assert_null(unit_unref(NULL));
}

static void
a_new_one_owns_nothing_but_its_name(void **state)
{
	struct unit *unit = unit_new("web", NULL);

	(void)state;
	assert_true(unit_equal(unit, unit_fallbacks()));
	assert_string_equal(unit->name, "web");
	assert_null(unit->file);
	assert_null(unit->description);
	assert_null(unit->exec_start.list);
	assert_null(unit->environment);
	assert_null(unit->bad);
	assert_true(list_is_empty(&unit->notices));
	assert_null(unit_unref(unit));
}

/* a thousand units lie in memory at once: the struct is the largest part of each */
static void
stays_small(void **state)
{
	(void)state;
	assert_true(sizeof(struct unit) <= 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_counted),
		cmocka_unit_test(a_new_one_owns_nothing_but_its_name),
		cmocka_unit_test(stays_small),
	};

	return cmocka_run_group_tests_name("unit", tests, NULL, NULL);
}
