#include "processes.h"

static void
the_boot_is_known(void **state)
{
	const char *id = proc_boot_id();

	(void)state;
	assert_int_equal(strlen(id), 36);
	assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
	assert_ptr_equal(proc_boot_id(), id);
}

static void
starts_are_times(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	int64_t now = clock_wall(), started;
	struct proc_stat stat;

	(void)state;
	assert_int_equal(proc_stat(pid, &stat), 0);
	started = proc_started_wall(&stat);
	/* as exact as a tick, and no older than this program */
	assert_true(started <= now + CLOCK_S);
	assert_int_equal(proc_stat(getpid(), &stat), 0);
	assert_true(started >= proc_started_wall(&stat) - CLOCK_S);
	assert_true(proc_ticks() >= 1);
	processes_end(pid);
}

static void
the_machine_has_memory(void **state)
{
	(void)state;
	assert_true(proc_memory_total() > 16 << 20);
	assert_in_range(proc_pidns_is_init(), 0, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_boot_is_known),
		cmocka_unit_test(starts_are_times),
		cmocka_unit_test(the_machine_has_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
