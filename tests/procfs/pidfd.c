#include "processes.h"

static bool
kernel_tells(void) /* PIDFD_INFO_EXIT: Linux 6.15 */
{
	pid_t pid = fork();
	int pidfd, status, r;

	if (pid == 0) {
		_exit(0);
	}
	pidfd = fd_pidfd(pid);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	r = pidfd_exit_status(pidfd, &status);
	assert_true(r == 0 || r == -EOPNOTSUPP);
	(void)fd_close(pidfd);
	return r == 0;
}

static void
an_exit_is_told_once_it_was_reaped(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	int pidfd = fd_pidfd(pid), status = -7;
	bool told = kernel_tells();

	(void)state;
	assert_true(fd_is_open(pidfd));
	assert_int_equal(pidfd_pid(pidfd), pid);
	assert_int_equal(pidfd_exit_status(pidfd, &status), told ? -EAGAIN : -EOPNOTSUPP);
	assert_int_equal(kill(pid, SIGKILL), 0);
	processes_wait_zombie(pid);
	assert_int_equal(pidfd_exit_status(pidfd, &status), told ? -EAGAIN : -EOPNOTSUPP);
	assert_int_equal(status, -7);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pidfd_pid(pidfd), -1);
	if (!told) {
		(void)fd_close(pidfd);
		skip();
	}
	assert_int_equal(pidfd_exit_status(pidfd, &status), 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	(void)fd_close(pidfd);
}

/* a child of a child, which its parent reaps */
static void
the_exit_of_a_strangers_child_is_told(void **state)
{
	int to[2], from[2], pidfd, status = -7;
	pid_t pid, grandchild;
	char byte;

	(void)state;
	if (!kernel_tells()) {
		skip();
	}
	assert_int_equal(fd_pipe(to), 0);
	assert_int_equal(fd_pipe(from), 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		grandchild = fork();
		if (grandchild == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			(void)fd_read_all(to[0], &byte, 1);
			_exit(93);
		}
		(void)fd_write_all(from[1], &grandchild, sizeof(grandchild));
		(void)waitpid(grandchild, NULL, 0);
		(void)fd_write_all(from[1], "x", 1);
		for (;;) {
			(void)pause();
		}
	}
	assert_int_equal(fd_read_all(from[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	pidfd = fd_pidfd(grandchild);
	assert_true(fd_is_open(pidfd));
	assert_int_equal(pidfd_exit_status(pidfd, &status), -EAGAIN);
	assert_int_equal(fd_write_all(to[1], "x", 1), 0);
	assert_int_equal(fd_read_all(from[0], &byte, 1), 1);
	assert_int_equal(pidfd_exit_status(pidfd, &status), 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 93);
	processes_end(pid);
	for (int i = 0; i < 2; i++) {
		(void)fd_close(to[i]);
		(void)fd_close(from[i]);
	}
	(void)fd_close(pidfd);
}

static void
what_is_no_pidfd_is_told(void **state)
{
	int ends[2], status;

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(pidfd_exit_status(ends[0], &status), -EOPNOTSUPP);
	assert_int_equal(pidfd_exit_status(-1, &status), -EBADF);
	assert_int_equal(pidfd_pid(ends[0]), -1);
	assert_int_equal(pidfd_pid(-1), -1);
	(void)fd_close(ends[0]);
	(void)fd_close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exit_is_told_once_it_was_reaped),
		cmocka_unit_test(the_exit_of_a_strangers_child_is_told),
		cmocka_unit_test(what_is_no_pidfd_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
