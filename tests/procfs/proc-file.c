#include "processes.h"
#include "procfs/detail.h"

static const char status[] =
	"Name:\tx\nUid:\t0\t1\t2\t3\nVmRSS:\t  12 kB\nSigBlk:\t00000000000000ff\n"
	"Empty:\nThreads:\t7";

static void
fields_are_found_by_their_whole_name(void **state)
{
	uint64_t number = 99;
	autofree char *name = proc_field(status, "Name"), *uids = proc_field(status, "Uid");
	autofree char *empty = proc_field(status, "Empty"), *last = proc_field(status, "Threads");

	(void)state;
	assert_string_equal(name, "x");
	assert_string_equal(uids, "0\t1\t2\t3");
	assert_string_equal(empty, "");
	assert_string_equal(last, "7");
	assert_null(proc_field(status, "ame"));
	assert_null(proc_field(status, "Nam"));
	assert_null(proc_field("", "Name"));
	assert_true(proc_field_number(status, "VmRSS", 10, &number));
	assert_int_equal(number, 12);
	assert_true(proc_field_number(status, "SigBlk", 16, &number));
	assert_int_equal(number, 255);
	assert_false(proc_field_number(status, "Empty", 10, &number));
	assert_false(proc_field_number(status, "None", 10, &number));
	assert_int_equal(number, 255);
}

static void
the_kernels_mark_is_taken_off_once(void **state)
{
	char twice[] = "/a (deleted) (deleted)", none[] = "/a (deleted)x";

	(void)state;
	assert_true(proc_undelete(twice));
	assert_string_equal(twice, "/a (deleted)");
	assert_false(proc_undelete(none));
	assert_string_equal(none, "/a (deleted)x");
}

static void
who_is_gone_is_gone_for_every_file(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	autofree char *text = NULL, *target = NULL;
	struct proc_limit limits[PROC_LIMITS];
	struct proc_fds fds;
	struct proc_maps maps;
	struct proc_elf elf;
	size_t n = 0;

	(void)state;
	assert_int_equal(proc_file(pid, "status", 1 << 20, &text, &n), 0);
	assert_true(n > 100);
	assert_int_equal(proc_link(pid, "exe", &target), 0);
	assert_int_equal(proc_limits(pid, limits, &n), 0);
	assert_int_equal(n, 16);
	processes_end(pid);
	assert_int_equal(proc_file(pid, "status", 1 << 20, &text, &n), -ESRCH);
	assert_int_equal(proc_link(pid, "exe", &target), -ESRCH);
	assert_int_equal(proc_limits(pid, limits, &n), -ESRCH);
	assert_int_equal(proc_fds(pid, &fds), -ESRCH);
	assert_int_equal(proc_fds_count(pid, &n), -ESRCH);
	assert_int_equal(proc_maps(pid, true, &maps), -ESRCH);
	assert_int_equal(proc_elf(pid, &elf), -ESRCH);
}

static void
nothing_is_lost_when_processes_end_meanwhile(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) { /* each is looked at while it ends */
		pid_t pid = fork();
		struct proc_fds fds = { 0 };
		struct proc_maps maps = { 0 };
		size_t n;
		int r;

		if (pid == 0) {
			_exit(0);
		}
		r = proc_fds(pid, &fds);
		assert_true(r == 0 || r == -ESRCH || r == -EPERM);
		proc_fds_done(&fds);
		r = proc_maps(pid, i % 2, &maps);
		assert_true(r == 0 || r == -ESRCH || r == -EPERM);
		proc_maps_done(&maps);
		r = proc_fds_count(pid, &n);
		assert_true(r == 0 || r == -ESRCH || r == -EPERM);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_by_their_whole_name),
		cmocka_unit_test(the_kernels_mark_is_taken_off_once),
		cmocka_unit_test(who_is_gone_is_gone_for_every_file),
		cmocka_unit_test(nothing_is_lost_when_processes_end_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
