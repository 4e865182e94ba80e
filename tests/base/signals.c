#include "test.h"
#include "base/signals.h"
#include <errno.h>
#include <signal.h>

static void
every_signal_reads_what_it_shows(void **state)
{
	(void)state;
	for (int signal = 1; signal <= SIGRTMAX; signal++) {
		if (signal <= SIGSYS || signal >= SIGRTMIN) {
			assert_int_equal(signals_parse(signals_name(signal)), signal);
		}
	}
}

static void
spellings(void **state)
{
	(void)state;
	assert_int_equal(signals_parse("TERM"), SIGTERM);
	assert_int_equal(signals_parse("SIGTERM"), SIGTERM);
	assert_int_equal(signals_parse("15"), SIGTERM);
	assert_int_equal(signals_parse("IOT"), SIGABRT);
	assert_int_equal(signals_parse("SIGRTMIN+3"), SIGRTMIN + 3);
	assert_int_equal(signals_parse("RTMIN"), SIGRTMIN);
	assert_int_equal(signals_parse("RTMAX"), SIGRTMAX);
	assert_int_equal(signals_parse("RTMAX-2"), SIGRTMAX - 2);
	assert_string_equal(signals_name(SIGTERM), "SIGTERM");
	assert_string_equal(signals_name(SIGRTMIN + 3), "RTMIN+3");
	assert_string_equal(signals_name(SIGRTMIN), "RTMIN");
	assert_string_equal(signals_name(99), "signal 99");
	assert_string_equal(signals_name(0), "signal 0");
	assert_string_equal(signals_name(-1), "signal -1");
}

static void
refusals(void **state)
{
	static const char *const bad[] = {
		"",        "0",        "SIG",        "term",
		"FOO",     "-9",       "65",         "32",
		"RTMIN+",  "RTMIN+40", "RTMIN-1",    "RTMAX+1",
		"RTMAX-x", "TERM ",    "SIGSIGTERM", "99999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(signals_parse(bad[i]), -EINVAL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_signal_reads_what_it_shows),
		cmocka_unit_test(spellings),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
