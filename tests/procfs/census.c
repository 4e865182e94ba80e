#include "processes.h"
#include "procfs/census.h"
#include "base/clock.h"
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>

static void
take(struct census *census, unsigned want)
{
	assert_int_equal(census_open(census), 0);
	assert_int_equal(census_take(census, want), 0);
}

static void
everybody_is_in_it_in_order(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	struct proc_stat alone;
	struct process *process;
	struct census census;

	(void)state;
	take(&census, CENSUS_STAT);
	assert_false(census.foreign);
	assert_int_equal(census.self, getpid());
	for (size_t i = 1; i < census.count; i++) {
		assert_true(census.list[i - 1].stat.pid < census.list[i].stat.pid);
	}
	process = census_find(&census, pid);
	assert_non_null(process);
	assert_int_equal(proc_stat(pid, &alone), 0);
	assert_int_equal(process->stat.start, alone.start);
	assert_int_equal(process->stat.ppid, getpid());
	assert_string_equal(process->stat.comm, alone.comm);
	assert_int_equal(process->stat.policy, SCHED_OTHER);
	assert_true(process->stat.size >= process->stat.rss);
	assert_int_equal(process->has, 0);
	assert_null(process->command);
	assert_null(census_find(&census, INT32_MAX));
	assert_null(census_find(&census, 0));
	census_done(&census);
	processes_end(pid);
}

static void
what_is_not_wanted_is_not_read_and_can_be_later(void **state)
{
	char *argv[] = { (char[]){ "sleep" }, (char[]){ "1000" }, NULL };
	pid_t pid = processes_exec("/bin/sleep", argv, NULL);
	struct process *process;
	struct census census;

	(void)state;
	take(&census, CENSUS_OWNER);
	process = census_find(&census, pid);
	assert_int_equal(process->has, CENSUS_OWNER);
	assert_int_equal(process->uid, geteuid());
	assert_true(census_read(&census, process, CENSUS_COMMAND | CENSUS_STATUS));
	assert_string_equal(process->command, "sleep 1000");
	assert_int_equal(process->command_length, 10);
	assert_int_equal(process->status->ruid, getuid());
	assert_true(process->status->size >= process->status->rss);
	assert_int_equal(process->has, CENSUS_OWNER | CENSUS_COMMAND | CENSUS_STATUS);
	processes_end(pid);
	assert_false(census_read(&census, process, CENSUS_WCHAN));
	census_done(&census);
}

static void
a_kernel_thread_is_left_out_unless_wanted(void **state)
{
	struct census with, without;
	size_t threads = 0;

	(void)state;
	take(&with, CENSUS_KERNEL);
	take(&without, CENSUS_STAT);
	for (size_t i = 0; i < with.count; i++) {
		if (with.list[i].stat.flags & PROC_KERNEL_THREAD) {
			threads++;
			assert_null(census_find(&without, with.list[i].stat.pid));
		}
	}
	for (size_t i = 0; i < without.count; i++) {
		assert_false(without.list[i].stat.flags & PROC_KERNEL_THREAD);
	}
	if (threads == 0) {
		print_message("# no thread of the kernel is to be seen here\n");
	}
	census_done(&with);
	census_done(&without);
}

static void
one_alone_can_be_added(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	struct process *process;
	struct census census;

	(void)state;
	assert_int_equal(census_open(&census), 0);
	process = census_add(&census, pid, CENSUS_OWNER);
	assert_non_null(process);
	assert_int_equal(process->stat.ppid, getpid());
	assert_int_equal(census.count, 1);
	process = census_add(&census, getpid(), CENSUS_OWNER);
	assert_int_equal(process->stat.pid, getpid());
	assert_true(census.list[0].stat.pid < census.list[1].stat.pid);
	assert_ptr_equal(census_add(&census, pid, CENSUS_STAT), census_find(&census, pid));
	processes_end(pid);
	assert_null(census_add(&census, INT32_MAX, CENSUS_STAT));
	census_done(&census);
}

struct sought {
	pid_t pid;
	char comm[64];
	unsigned times;
};

static bool
seek(pid_t pid, const char *comm, void *context)
{
	struct sought *sought = context;

	if (pid == sought->pid) {
		sought->times++;
		(void)snprintf(sought->comm, sizeof(sought->comm), "%s", comm);
	}
	return true;
}

static void
name_itself(void *name)
{
	(void)prctl(PR_SET_NAME, name);
}

static void
names_alone_are_those_of_stat(void **state)
{
	static const char *const names[] = { "plain", "a) R 1",       "new\nline",
					     "",      "\xea\xb0\x80", "fifteen bytes15" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct sought sought = { .pid = processes_start(name_itself,
								(void *)(uintptr_t)names[i]) };
		struct census census;

		assert_int_equal(census_open(&census), 0);
		assert_int_equal(census_names(&census, seek, &sought), 0);
		assert_int_equal(sought.times, 1);
		assert_string_equal(sought.comm, names[i]);
		census_done(&census);
		processes_end(sought.pid);
	}
}

static void
ages_count_from_the_start(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	struct process *child, *own;
	struct census census;

	(void)state;
	take(&census, CENSUS_STAT);
	child = census_find(&census, pid);
	own = census_find(&census, getpid());
	assert_true(census_age(&census, child) >= 0);
	assert_true(census_age(&census, child) <= census_age(&census, own));
	assert_true(census_age(&census, own) < clock_boot());
	census_done(&census);
	processes_end(pid);
}

/* in a child with a mount namespace of its own; 77: not permitted here */
static int
without_proc(void)
{
	struct census census;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    umount2("/proc", MNT_DETACH) < 0) {
		return 77;
	}
	while (umount2("/proc", MNT_DETACH) == 0) {
	}
	return census_open(&census) == -ENOSYS ? 0 : 1;
}

static void
without_proc_it_says_so(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		_exit(without_proc());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# skip: no mount namespace for us here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_is_in_it_in_order),
		cmocka_unit_test(what_is_not_wanted_is_not_read_and_can_be_later),
		cmocka_unit_test(a_kernel_thread_is_left_out_unless_wanted),
		cmocka_unit_test(one_alone_can_be_added),
		cmocka_unit_test(names_alone_are_those_of_stat),
		cmocka_unit_test(ages_count_from_the_start),
		cmocka_unit_test(without_proc_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
