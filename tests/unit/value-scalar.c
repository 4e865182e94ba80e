#include "parsed.h"
#include "base/clock.h"
#include <limits.h>
#include <signal.h>

static void
reads_every_spelling(void **state)
{
	static const struct {
		const char *line, *key, *shown;
	} rows[] = {
		{ "SendSIGHUP=YES", "SendSIGHUP", "yes" },
		{ "SendSIGHUP=on", "SendSIGHUP", "yes" },
		{ "SendSIGHUP=1", "SendSIGHUP", "yes" },
		{ "SendSIGKILL=off", "SendSIGKILL", "no" },
		{ "SendSIGKILL=f", "SendSIGKILL", "no" },
		{ "RestartSec=1.5", "RestartSec", "1s 500ms" },
		{ "RestartSec=2min", "RestartSec", "2min" },
		{ "TimeoutStopSec=0", "TimeoutStopSec", "infinity" },
		{ "TimeoutStopSec=infinity", "TimeoutStopSec", "infinity" },
		{ "RestartSec=0", "RestartSec", "0" },
		{ "RestartSteps=12", "RestartSteps", "12" },
		{ "UMask=27", "UMask", "0027" },
		{ "KillSignal=15", "KillSignal", "SIGTERM" },
		{ "KillSignal=QUIT", "KillSignal", "SIGQUIT" },
		{ "KillSignal=SIGRTMIN+3", "KillSignal", "RTMIN+3" },
		{ "Nice=+5", "Nice", "5" },
		{ "Nice=-20", "Nice", "-20" },
		{ "OOMScoreAdjust=-1000", "OOMScoreAdjust", "-1000" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_value(rows[i].line, rows[i].key, rows[i].shown);
	}
	assert_value("[X-Tend]\nLogMaxSize=1024K", "LogMaxSize", "1M");
	assert_value("[X-Tend]\nLogMaxSize=1000", "LogMaxSize", "1000");
	assert_value("[X-Tend]\nLogMaxSize=infinity", "LogMaxSize", "infinity");
	assert_value("[X-Tend]\nLogMaxSize=0", "LogMaxSize", "0");
}

static void
refuses_what_is_none(void **state)
{
	static const char *const lines[] = {
		"SendSIGHUP=maybe",
		"RestartSec=soon",
		"RestartSec=-1",
		"RestartSteps=-1",
		"RestartSteps=two",
		"UMask=8",
		"UMask=77777",
		"KillSignal=SIGNOTHING",
		"KillSignal=0",
		"KillSignal=-1",
		"Nice=20",
		"Nice=-21",
		"Nice=x",
		"OOMScoreAdjust=1001",
		"RestartSteps=99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char autofree *value = str_format("'%s'", strchr(lines[i], '=') + 1);

		assert_said(lines[i], NOTICE_BAD, value);
	}
}

static void
has_the_fallbacks_of_the_manual(void **state)
{
	struct unit *unit = service("");

	(void)state;
	assert_int_equal(unit->timeout_stop, 90 * CLOCK_S);
	assert_int_equal(unit->timeout_abort, -1);
	assert_int_equal(unit->runtime_max, CLOCK_NEVER);
	assert_int_equal(unit->backoff_first, -1);
	assert_int_equal(unit->restart_sec, 100 * CLOCK_MS);
	assert_int_equal(unit->nice, INT_MIN);
	assert_int_equal(unit->oom_score_adjust, INT_MIN);
	assert_int_equal(unit->kill_signal, SIGTERM);
	assert_int_equal(unit->restart_kill_signal, 0);
	assert_int_equal(unit->final_kill_signal, SIGKILL);
	assert_int_equal(unit->umask, 0022);
	assert_true(unit->guess_main_pid && unit->send_sigkill && unit->ignore_sigpipe);
	assert_false(unit->remain_after_exit);
	assert_int_equal(unit->log_max_size, 64 << 20);
	assert_null(unit_unref(unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_spelling),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(has_the_fallbacks_of_the_manual),
	};

	return cmocka_run_group_tests_name("value-scalar", tests, NULL, NULL);
}
