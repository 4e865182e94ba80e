#include "parsed.h"

static void
reads_codes_names_and_signals(void **state)
{
	assert_value("SuccessExitStatus=143 SIGKILL TERM TEMPFAIL\nSuccessExitStatus=1",
		     "SuccessExitStatus", "1 75 143 SIGKILL SIGTERM");
	assert_value("SuccessExitStatus=9", "SuccessExitStatus", "9");
	assert_value("SuccessExitStatus=EXCEPTION CHDIR", "SuccessExitStatus", "200 255");
	(void)state;
}

static void
a_wrong_word_is_left_out(void **state)
{
	struct unit *unit = service("SuccessExitStatus=3 256 4");

	(void)state;
	assert_int_equal(notice_only(unit)->kind, NOTICE_BAD);
	assert_true(exits_has_code(&unit->success_exits, 3));
	assert_true(exits_has_code(&unit->success_exits, 4));
	assert_null(unit_unref(unit));
	assert_said("RestartForceExitStatus=SIGNOTHING", NOTICE_BAD, "'SIGNOTHING' is neither");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_codes_names_and_signals),
		cmocka_unit_test(a_wrong_word_is_left_out),
	};

	return cmocka_run_group_tests_name("value-exits", tests, NULL, NULL);
}
