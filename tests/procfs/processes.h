/* processes: children of a test that do one thing and then wait to be ended, so that what is read
 * about them stands still. Each tells when it is ready, through a pipe. */
#pragma once
#include "test.h"
#include "base/clock.h"
#include "base/fd.h"
#include "procfs/procfs.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* in the child: `act`, then ready, then it waits */
static UNUSED pid_t
processes_start(void (*act)(void *context), void *context)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(fd_pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (act) {
			act(context);
		}
		(void)fd_write_all(ready[1], "x", 1);
		for (;;) {
			(void)pause();
		}
	}
	(void)fd_close(ready[1]);
	assert_int_equal(fd_read_all(ready[0], &byte, 1), 1);
	(void)fd_close(ready[0]);
	return pid;
}

/* The kernel closes descriptors before it has put the arguments and, after them, the environment in
 * their places. */
static UNUSED void
processes_wait_executed(pid_t pid, char *const *argv, char *const *envp)
{
	int64_t until = clock_now() + 60 * CLOCK_S;
	bool there = false;

	while (!there) {
		char **seen = proc_argv(pid);

		there = strv_equal(argv, seen) &&
			(!envp || !*envp || proc_environ_has(pid, envp[0]) == 1);
		strv_free(seen);
		assert_true(clock_now() < until);
		(void)sched_yield();
	}
}

/* a program instead */
static UNUSED pid_t
processes_exec(const char *path, char *const *argv, char *const *envp)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(fd_pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)execve(path, argv, envp);
		_exit(127);
	}
	(void)fd_close(ready[1]);
	assert_int_equal(fd_read_all(ready[0], &byte, 1), 0);
	(void)fd_close(ready[0]);
	processes_wait_executed(pid, argv, envp);
	return pid;
}

static UNUSED void
processes_end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* a child's own child goes with it (PR_SET_PDEATHSIG), a moment later */
static UNUSED void
processes_end_both(pid_t pid, pid_t grandchild)
{
	struct pollfd end = { .fd = fd_pidfd(grandchild), .events = POLLIN };

	processes_end(pid);
	assert_int_equal(poll(&end, 1, 60000), 1);
	(void)fd_close(end.fd);
}

/* waits until it has ended, and leaves it a zombie */
static UNUSED void
processes_wait_zombie(pid_t pid)
{
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}
