#include "parsed.h"

static void
reads_each_word(void **state)
{
	static const char *const types[] = { "simple", "exec",          "oneshot", "forking",
					     "notify", "notify-reload", "dbus",    "idle" };
	static const char *const restarts[] = { "no",          "on-success",  "on-failure",
						"on-abnormal", "on-watchdog", "on-abort",
						"always" };

	(void)state;
	assert_int_equal(COUNT(types), TYPE_COUNT);
	for (size_t i = 0; i < COUNT(types); i++) {
		char autofree *line = str_format("Type=%s\nBusName=x", types[i]);
		struct unit *unit = service(line);

		assert_int_equal(unit->type, i);
		assert_null(unit_unref(unit));
	}
	assert_int_equal(COUNT(restarts), RESTART_COUNT);
	for (size_t i = 0; i < COUNT(restarts); i++) {
		char autofree *line = str_format("Restart=%s", restarts[i]);
		struct unit *unit = service(line);

		assert_int_equal(unit->restart, i);
		assert_null(unit_unref(unit));
	}
}

static void
says_what_may_be_chosen(void **state)
{
	(void)state;
	assert_said("KillMode=all", NOTICE_BAD,
		    "'all' is none of control-group mixed process none");
}

static void
the_bus_is_approximated(void **state)
{
	(void)state;
	assert_said("Type=dbus\nBusName=org.x", NOTICE_APPROXIMATED, "the bus is not asked");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_each_word),
		cmocka_unit_test(says_what_may_be_chosen),
		cmocka_unit_test(the_bus_is_approximated),
	};

	return cmocka_run_group_tests_name("value-choice", tests, NULL, NULL);
}
