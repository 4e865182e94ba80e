#include "parsed.h"
#include <signal.h>

static void
asks_only_what_exists(void **state)
{
	struct unit *unit = service("SuccessExitStatus=0 63 64 255 SIGHUP RTMAX-0");
	const struct exit_set *set = &unit->success_exits;

	(void)state;
	for (int code = -5; code < 300; code++) {
		bool has = code == 0 || code == 63 || code == 64 || code == 255;

		assert_int_equal(exits_has_code(set, code), has);
		assert_false(exits_has_code(&unit->restart_force, code));
	}
	for (int signal = -5; signal < 100; signal++) {
		bool has = signal == SIGHUP || signal == SIGRTMAX;

		assert_int_equal(exits_has_signal(set, signal), has);
		assert_false(exits_has_signal(&unit->restart_force, signal));
	}
	assert_null(unit_unref(unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(asks_only_what_exists) };

	return cmocka_run_group_tests_name("exits", tests, NULL, NULL);
}
