/* The order is that of rights and of what may fail: the pid files need the caller's rights, the
 * directory may be one that only the user can enter. What fails is reported and ends it before the
 * program has run. */
#include "cli/daemon.h"
#include "base/fd.h"
#include "cli/pidfile.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const words[DAEMON_STEPS] = {
	[DAEMON_RUNS] = "it runs",
	[DAEMON_FORK] = "fork",
	[DAEMON_PIDFILE] = "its pid file",
	[DAEMON_PLACES] = "its standard input, output and error",
	[DAEMON_NICE] = "its nice value",
	[DAEMON_GROUPS] = "its groups",
	[DAEMON_GID] = "its group",
	[DAEMON_UID] = "its user",
	[DAEMON_DIRECTORY] = "its directory",
	[DAEMON_EXEC] = "exec",
};
static_assert(COUNT(words) == DAEMON_STEPS, "every step has words");

const char *
daemon_step_words(enum daemon_step step)
{
	return step < DAEMON_STEPS ? words[step] : "something";
}

static void
report(const struct daemon *daemon, enum daemon_step step, int value)
{
	const struct daemon_report what = { step, value };

	(void)fd_write_all(daemon->report, &what, sizeof(what));
}

static NORETURN void
fail(const struct daemon *daemon, enum daemon_step step, int error)
{
	report(daemon, step, error);
	_exit(EXIT_FAILURE);
}

static void
check(const struct daemon *daemon, enum daemon_step step, int result)
{
	if (result < 0) {
		fail(daemon, step, errno);
	}
}

/* as a login would find them, whoever ignored or blocked what before */
static void
reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++) {
		(void)signal(i, SIG_DFL);
	}
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* their descriptors stay open over the exec: the lock is what says that it lives */
static void
write_pidfiles(const struct daemon *daemon, int *ret_kept)
{
	for (size_t i = 0; i < COUNT(daemon->files); i++) {
		ret_kept[i] = -1;
		if (daemon->files[i] && daemon->files[i]->path) {
			ret_kept[i] = pidfile_write(daemon->files[i], getpid());
			if (ret_kept[i] < 0) {
				fail(daemon, DAEMON_PIDFILE, -ret_kept[i]);
			}
		}
	}
}

static void
take_places(const struct daemon *daemon)
{
	for (int fd = 0; fd < 3; fd++) {
		check(daemon, DAEMON_PLACES, dup2(daemon->places[fd], fd));
	}
}

static void
take_user(const struct daemon *daemon)
{
	if (!daemon->changes_user) {
		return;
	}
	check(daemon, DAEMON_GROUPS, setgroups(daemon->group_count, daemon->groups));
	check(daemon, DAEMON_GID, setresgid(daemon->gid, daemon->gid, daemon->gid));
	check(daemon, DAEMON_UID, setresuid(daemon->uid, daemon->uid, daemon->uid));
}

static NORETURN void
be_daemon(const struct daemon *daemon)
{
	int kept[COUNT(daemon->files)];

	report(daemon, DAEMON_RUNS, getpid());
	(void)umask(022); /* of the pid files, whatever the caller's is */
	write_pidfiles(daemon, kept);
	take_places(daemon);
	(void)umask(daemon->umask);
	if (daemon->nice != DAEMON_SAME) {
		check(daemon, DAEMON_NICE, setpriority(PRIO_PROCESS, 0, daemon->nice));
	}
	take_user(daemon);
	check(daemon, DAEMON_DIRECTORY, chdir(daemon->directory));
	reset_signals();
	(void)syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (size_t i = 0; i < COUNT(kept); i++) {
		if (fd_is_open(kept[i])) {
			(void)fd_set_inherited(kept[i], true);
		}
	}
	(void)execve(daemon->program, daemon->command, daemon->environment);
	fail(daemon, DAEMON_EXEC, errno);
}

void
daemon_become(const struct daemon *daemon)
{
	pid_t pid;

	(void)setsid();
	pid = fork();
	if (pid == 0) {
		be_daemon(daemon);
	}
	if (pid < 0) {
		fail(daemon, DAEMON_FORK, errno);
	}
	_exit(EXIT_SUCCESS);
}
