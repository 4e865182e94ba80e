/* clone3 gives the pidfd and puts the child into its cgroup in one step; where a kernel or a
 * seccomp filter has no clone3, fork does, and the child joins by itself. No vfork: a program on a
 * dead network file system would hold us. */
#include "base/fd.h"
#include "keeper/within.h"
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORDS_MAX = 32, EXEC_FAILED_STATUS = 126 };

static long
clone_with(uint64_t flags, int cgroup, int *ret_pidfd)
{
	struct clone_args arguments = { .flags = flags,
					.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
					.exit_signal = SIGCHLD };

	if (flags & CLONE_INTO_CGROUP) {
		arguments.cgroup = (uint64_t)cgroup;
	}
	return syscall(SYS_clone3, &arguments, sizeof(arguments));
}

static bool
is_missing(long result)
{
	/* EPERM is a seccomp filter; EINVAL and E2BIG are kernels that do not know a flag */
	return result < 0 &&
	       (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == E2BIG);
}

pid_t
spawn_fork(int cgroup, int *ret_pidfd, bool *ret_joined)
{
	int pidfd = -1;
	long pid = -1;
	bool joined = cgroup >= 0;

	errno = ENOSYS;
	if (joined) {
		pid = clone_with(CLONE_PIDFD | CLONE_INTO_CGROUP, cgroup, &pidfd);
	}
	/* whatever is wrong with the cgroup, the child will meet it again and can say so */
	if (pid < 0 && (errno != EAGAIN && errno != ENOMEM)) {
		joined = false;
		pid = clone_with(CLONE_PIDFD, -1, &pidfd);
	}
	if (is_missing(pid) || (pid < 0 && errno == EMFILE)) {
		pid = fork();
		pidfd = pid > 0 ? fd_pidfd((pid_t)pid) : -1;
	}
	if (pid < 0) {
		return -errno;
	}
	if (pid > 0) {
		*ret_pidfd = fd_is_open(pidfd) ? fd_raise(pidfd) : -1;
	}
	*ret_joined = joined;
	return (pid_t)pid;
}

static void
reset_signals(enum role role)
{
	sigset_t set;

	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&set);
	/* a logger writes what is in the pipes first, also in its first moment */
	(void)(role == LOGGER ? sigaddset(&set, SIGTERM) : 0);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
}

void
spawn_role(const struct keeper *keeper, enum role role, int executable, const char *name,
	   const char *const *words, const struct spawn_place *places)
{
	char *argv[WORDS_MAX + 1];
	size_t count = 0;

	for (; places->target >= 0; places++) {
		if (places->fd == places->target) {
			(void)fd_set_inherited(places->fd, true);
		} else if (places->fd >= 0) {
			(void)dup2(places->fd, places->target);
		}
	}
	argv[count++] = (char *)(uintptr_t)name;
	for (size_t i = 0; words[i]; i++) {
		argv[count++] = (char *)(uintptr_t)words[i];
	}
	for (size_t i = 0; keeper->arguments[i] && count < WORDS_MAX; i++) {
		argv[count++] = keeper->arguments[i];
	}
	argv[count] = NULL;
	(void)setsid(); /* ^C at a tendd in the foreground is for the keeper */
	reset_signals(role);
	(void)fd_execute(executable, argv, environ);
	_exit(EXEC_FAILED_STATUS);
}
