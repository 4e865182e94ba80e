/* The files of a group are text, so a directory that holds such files is read in the same way; that
 * is how odd contents are tested. Real groups are made where this user may make them, and skipped
 * elsewhere. */
#include "processes.h"
#include "base/path.h"
#include <stdio.h>
#include <sys/stat.h>

static int
open_directory(const char *path)
{
	int fd = fd_raise(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	assert_true(fd_is_open(fd));
	return fd;
}

static void
put(int directory, const char *name, const char *text)
{
	assert_int_equal(file_replace(directory, name, text, strlen(text), 0600, false), 0);
}

static void
pids_are_collected_from_below(void **state)
{
	autofree char *directory = test_dir();
	autofree pid_t *pids = NULL;
	static const pid_t wanted[] = { 1, 5, 7, 20, 300 };
	int fd = open_directory(directory);
	size_t count;

	(void)state;
	put(fd, "cgroup.procs", "300\n7\n0\n");
	assert_int_equal(mkdirat(fd, "a", 0700), 0);
	put(fd, "a/cgroup.procs", "");
	assert_int_equal(mkdirat(fd, "a/b", 0700), 0);
	put(fd, "a/b/cgroup.procs", "20\n1\n");
	assert_int_equal(mkdirat(fd, "c", 0700), 0);
	put(fd, "c/cgroup.procs", "5\n");
	assert_int_equal(cgroup_pids(fd, &pids, &count), 0);
	assert_int_equal(count, COUNT(wanted));
	assert_memory_equal(pids, wanted, sizeof(wanted));
	(void)fd_close(fd);
	assert_int_equal(file_remove_tree(AT_FDCWD, directory), 0);
}

static void
numbers_are_found_by_key(void **state)
{
	autofree char *directory = test_dir();
	int fd = open_directory(directory);

	(void)state;
	put(fd, "memory.current", "123456789\n");
	put(fd, "memory.max", "max\n");
	put(fd, "cpu.stat", "usage_usec 77\nuser_usec 50\nnr 9223372036854775807");
	put(fd, "empty", "");
	assert_int_equal(cgroup_number(fd, "memory.current", NULL), 123456789);
	assert_int_equal(cgroup_number(fd, "memory.max", NULL), -1);
	assert_int_equal(cgroup_number(fd, "cpu.stat", "usage_usec"), 77);
	assert_int_equal(cgroup_number(fd, "cpu.stat", "user_usec"), 50);
	assert_true(cgroup_number(fd, "cpu.stat", "nr") == INT64_MAX);
	assert_int_equal(cgroup_number(fd, "cpu.stat", "usage"), -1);
	assert_int_equal(cgroup_number(fd, "cpu.stat", "system_usec"), -1);
	assert_int_equal(cgroup_number(fd, "empty", NULL), -1);
	assert_int_equal(cgroup_number(fd, "empty", "key"), -1);
	assert_int_equal(cgroup_number(fd, "missing", NULL), -1);
	assert_int_equal(cgroup_is_populated(fd), -ENOENT);
	put(fd, "cgroup.events", "populated 0\nfrozen 0\n");
	assert_int_equal(cgroup_is_populated(fd), 0);
	put(fd, "cgroup.events", "frozen 1\npopulated 1\n");
	assert_int_equal(cgroup_is_populated(fd), 1);
	(void)fd_close(fd);
	assert_int_equal(file_remove_tree(AT_FDCWD, directory), 0);
}

static void
a_real_group_is_read(void **state)
{
	autofree char *own = cgroup_own(), *path = NULL;
	autofree pid_t *pids = NULL;
	char text[16];
	size_t count;
	pid_t pid;
	int fd;

	(void)state;
	path = own ? str_format("%s/tend-test-%d", own, (int)getpid()) : NULL;
	if (!path || mkdir(path, 0700) < 0) {
		skip();
	}
	fd = open_directory(path);
	assert_int_equal(cgroup_is_populated(fd), 0);
	pid = processes_start(NULL, NULL);
	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	{
		autoclose int procs = openat(fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
		bool moved = write(procs, text, strlen(text)) > 0; /* may be forbidden */

		if (moved) {
			assert_int_equal(cgroup_is_populated(fd), 1);
			assert_int_equal(cgroup_pids(fd, &pids, &count), 0);
			assert_int_equal(count, 1);
			assert_int_equal(pids[0], pid);
		}
	}
	processes_end(pid);
	(void)fd_close(fd);
	while (rmdir(path) < 0) { /* a group is empty a moment after its last process was reaped */
		assert_int_equal(errno, EBUSY);
		(void)sched_yield();
	}
}

static void
our_own_group_is_ours(void **state)
{
	autofree char *own = cgroup_own();
	autofree char *kernel = NULL;
	const char *line;

	(void)state;
	if (!own) {
		skip();
	}
	assert_int_equal(file_read_proc(AT_FDCWD, "/proc/self/cgroup", 1 << 20, &kernel, NULL), 0);
	line = strstr(kernel, "0::/");
	assert_non_null(line);
	assert_int_equal(own[0], '/');
	assert_int_not_equal(own[strlen(own) - 1], '/');
	{
		autofree char *procs = path_join(own, "cgroup.procs");

		assert_int_equal(access(procs, F_OK), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pids_are_collected_from_below),
		cmocka_unit_test(numbers_are_found_by_key),
		cmocka_unit_test(a_real_group_is_read),
		cmocka_unit_test(our_own_group_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
