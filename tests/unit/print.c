#include "parsed.h"

static void
prints_what_was_given(void **state)
{
	struct unit *unit = parsed("[Install]\nWantedBy=default.target\n[Service]\nMemoryMax=1G\n"
				   "Type=oneshot\nTimeoutStartSec=90\nExecStart=/bin/a 'b c'\n"
				   "ExecStart=-/bin/d\n[Unit]\nDescription=x\nAfter=\n");
	char autofree *text = unit_text(unit);

	(void)state;
	assert_string_equal(text, "[Unit]\nDescription=x\n\n"
				  "[Service]\nType=oneshot\nExecStart=/bin/a \"b c\"\n"
				  "ExecStart=-/bin/d\nTimeoutStartSec=1min 30s\n\n"
				  "[Install]\nWantedBy=default.target\n");
	assert_null(unit_unref(unit));
}

static void
a_backslash_at_the_end_stays(void **state)
{
	struct unit *unit = parsed("[Unit]\nDescription=a\\ \n[Service]\nExecStart=/a\n");
	char autofree *text = unit_text(unit);
	struct unit *again = parsed(text);

	(void)state;
	assert_string_equal(unit->description, "a\\");
	assert_string_equal(again->description, "a\\");
	assert_true(unit_equal(unit, again));
	assert_null(unit_unref(unit));
	assert_null(unit_unref(again));
}

static void
values_of_nothing(void **state)
{
	struct unit *unit = service("MemoryMax=1G");
	char autofree *unset = unit_value(unit, key_by_name("User"));
	char autofree *implied = unit_value(unit, key_by_name("NotifyAccess"));

	(void)state;
	assert_null(unit_value(unit, key_by_name("MemoryMax")));
	assert_null(unit_value(unit, key_by_name("TimeoutSec")));
	assert_string_equal(unset, "");
	assert_string_equal(implied, "none");
	assert_null(unit_unref(unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_what_was_given),
		cmocka_unit_test(a_backslash_at_the_end_stays),
		cmocka_unit_test(values_of_nothing),
	};

	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
