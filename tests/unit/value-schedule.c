#include "parsed.h"

static void
reads_what_the_kernel_is_told(void **state)
{
	struct unit *unit = service("CPUSchedulingPolicy=rr\nCPUSchedulingPriority=7\n"
				    "CPUSchedulingResetOnFork=yes\nIOSchedulingClass=idle\n"
				    "IOSchedulingPriority=7\nCPUAffinity=0-2,5 7\nCPUAffinity=3");
	cpu_set_t set;

	(void)state;
	assert_int_equal(unit->cpu_policy, SCHED_RR + 1);
	assert_int_equal(unit->cpu_priority, 7);
	assert_true(unit->cpu_reset_on_fork);
	assert_int_equal(unit->io_class, 3 + 1);
	assert_int_equal(unit->io_priority, 7);
	assert_string_equal(unit->cpu_affinity, "0-3,5,7");
	unit_processors(unit->cpu_affinity, &set);
	assert_int_equal(CPU_COUNT(&set), 6);
	assert_true(CPU_ISSET(7, &set));
	assert_null(unit_unref(unit));
	unit = service("");
	assert_int_equal(unit->cpu_policy, 0);
	assert_int_equal(unit->io_class, 0);
	assert_int_equal(unit->io_priority, 4);
	assert_null(unit->cpu_affinity);
	assert_null(unit_unref(unit));
}

static void
shows_what_reads_back(void **state)
{
	(void)state;
	assert_value("CPUSchedulingPolicy=idle", "CPUSchedulingPolicy", "idle");
	assert_value("CPUSchedulingPolicy=fifo\nCPUSchedulingPolicy=", "CPUSchedulingPolicy", "");
	assert_value("IOSchedulingClass=2", "IOSchedulingClass", "best-effort");
	assert_value("IOSchedulingClass=none", "IOSchedulingClass", "none");
	assert_value("CPUAffinity=9 8 3", "CPUAffinity", "3,8-9");
	assert_value("CPUAffinity=9\nCPUAffinity=", "CPUAffinity", "");
}

static void
says_what_is_wrong(void **state)
{
	(void)state;
	assert_said("CPUSchedulingPolicy=fast", NOTICE_BAD, "'fast' is none of other, batch");
	assert_said("CPUSchedulingPriority=100", NOTICE_BAD, "from 0 to 99");
	assert_said("IOSchedulingClass=4", NOTICE_BAD, "'4' is none of none, realtime");
	assert_said("IOSchedulingPriority=8", NOTICE_BAD, "from 0 to 7");
	assert_said("CPUAffinity=3-1", NOTICE_BAD, "'3-1' is neither a processor nor a range");
	assert_said("CPUAffinity=-1", NOTICE_BAD, "'-1' is neither");
	assert_said("CPUAffinity=1-2-3", NOTICE_BAD, "'1-2-3' is neither");
	assert_said("CPUAffinity=1024", NOTICE_BAD, "'1024' is neither");
	assert_said("CPUAffinity=numa", NOTICE_BAD, "NUMAMask=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_kernel_is_told),
		cmocka_unit_test(shows_what_reads_back),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
