#include "parsed.h"

static void
reads_limits_in_their_units(void **state)
{
	assert_value("LimitNOFILE=1024:4096", "LimitNOFILE", "1024:4096");
	assert_value("LimitNOFILE=infinity", "LimitNOFILE", "infinity");
	assert_value("LimitCORE=0:infinity", "LimitCORE", "0:infinity");
	assert_value("LimitAS=1M", "LimitAS", "1048576");
	assert_value("LimitCPU=2min", "LimitCPU", "120");
	assert_value("LimitCPU=1500ms", "LimitCPU", "2");
	assert_value("LimitRTTIME=5", "LimitRTTIME", "5");
	assert_value("LimitRTTIME=1ms", "LimitRTTIME", "1000");
	assert_value("LimitNICE=+5", "LimitNICE", "15");
	assert_value("LimitNICE=-5", "LimitNICE", "25");
	assert_value("LimitNICE=40", "LimitNICE", "40");
	(void)state;
}

static void
refuses_what_is_none(void **state)
{
	static const char *const lines[] = {
		"LimitNOFILE=many", "LimitNOFILE=2:1", "LimitNOFILE=:1",
		"LimitNOFILE=1:",   "LimitNOFILE=1K",  "LimitNICE=41",
		"LimitNICE=+20",    "LimitCPU=-1",     "LimitNOFILE=infinity:5"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_said(lines[i], NOTICE_BAD, "limit");
	}
}

static void
units_without_limits_share_one_array(void **state)
{
	struct unit *none = service(""), *some = service("LimitNOFILE=5\nLimitCORE=1\nLimitCORE=");

	(void)state;
	assert_ptr_equal(none->limits, unit_fallbacks()->limits);
	assert_false(none->limits[RLIMIT_NOFILE].set);
	assert_true(some->limits[RLIMIT_NOFILE].set);
	assert_false(some->limits[RLIMIT_CORE].set);
	assert_int_equal(some->limits[RLIMIT_NOFILE].value.rlim_cur, 5);
	assert_int_equal(some->limits[RLIMIT_NOFILE].value.rlim_max, 5);
	assert_false(unit_fallbacks()->limits[RLIMIT_NOFILE].set);
	assert_null(unit_unref(none));
	assert_null(unit_unref(some));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_limits_in_their_units),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(units_without_limits_share_one_array),
	};

	return cmocka_run_group_tests_name("value-limit", tests, NULL, NULL);
}
