/* Until a daemon is ready, or is known to have failed: what it reports before its exec, what it
 * says or writes after it, and its end. */
#include "base/clock.h"
#include "base/fd.h"
#include "cli/daemon.h"
#include "cli/pidfile.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* false: it failed, in words */
static bool
hear_report(struct daemon_wait *wait, struct err *err)
{
	struct daemon_report what;
	ssize_t n;

	while ((n = read(wait->report, &what, sizeof(what))) == sizeof(what)) {
		if (what.step != DAEMON_RUNS) {
			const char *of = what.step == DAEMON_EXEC        ? wait->daemon->program
					 : what.step == DAEMON_DIRECTORY ? wait->daemon->directory
									 : "";
			return err_set_errno(err, what.value, "%s%s%s",
					     daemon_step_words(what.step), of[0] ? " " : "", of);
		}
		wait->pid = wait->first = what.value;
	}
	if (n == 0) {
		wait->execed = true;
		wait->report = fd_close(wait->report);
	}
	return true;
}

static void
hear_notify(struct daemon_wait *wait)
{
	char text[4096];
	ssize_t n;

	while ((n = recv(wait->notify, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		text[n] = '\0';
		wait->ready |= strncmp(text, "READY=1", 7) == 0 || strstr(text, "\nREADY=1");
	}
}

static void
look_at_pidfile(struct daemon_wait *wait)
{
	char events[4096];
	pid_t pid;

	while (read(wait->inotify, events, sizeof(events)) > 0) {
	}
	pid = pidfile_read(wait->pidfile->path);
	if (pid > 0 && pid != wait->pidfile->running && kill(pid, 0) == 0) {
		wait->pid = pid;
		wait->ready = true;
	}
}

/* has the process that we started ended? Forking daemons end well when they are ready, so only the
 * other ends are failures where a pid file is waited for */
static bool
has_ended(struct daemon_wait *wait, struct err *err)
{
	int status;

	if (wait->pid <= 0 || waitpid(wait->pid, &status, WNOHANG) != wait->pid) {
		return false;
	}
	if (wait->until_what == DAEMON_READY_PIDFILE && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0) {
		wait->pid = 0;
		return false;
	}
	if (WIFSIGNALED(status)) {
		(void)err_set(err, "it was ended by signal %d before it was ready",
			      WTERMSIG(status));
	} else {
		(void)err_set(err, "it ended with exit code %d before it was ready",
			      WEXITSTATUS(status));
	}
	wait->pid = 0;
	return true;
}

static bool
is_ready(struct daemon_wait *wait)
{
	if (wait->until_what == DAEMON_READY_NOTIFY) {
		hear_notify(wait);
	} else if (wait->until_what == DAEMON_READY_PIDFILE) {
		look_at_pidfile(wait);
	}
	return wait->execed && (wait->ready || wait->until_what == DAEMON_READY_EXEC);
}

static int
milliseconds(int64_t until)
{
	int64_t left = until == CLOCK_NEVER ? INT32_MAX * CLOCK_MS : until - clock_now();

	return left <= 0 ? 0 : (int)MIN((left + CLOCK_MS - 1) / CLOCK_MS, INT32_MAX);
}

/* false: nothing runs (any more), words in err */
bool
daemon_await(struct daemon_wait *wait, struct err *err)
{
	for (;;) {
		struct pollfd what[] = { { .fd = wait->report, .events = POLLIN },
					 { .fd = wait->notify, .events = POLLIN },
					 { .fd = wait->inotify, .events = POLLIN },
					 { .fd = wait->ends, .events = POLLIN } };
		char one[sizeof(struct signalfd_siginfo)];
		int r = poll(what, COUNT(what), milliseconds(wait->until));

		(void)!read(wait->ends, one, sizeof(one));
		if (fd_is_open(wait->report) && !hear_report(wait, err)) {
			return false;
		}
		if (is_ready(wait)) {
			return true;
		}
		if (has_ended(wait, err)) {
			return false;
		}
		if (r == 0 && milliseconds(wait->until) == 0) {
			if (wait->pid > 0) {
				(void)kill(wait->pid, SIGTERM);
			}
			return err_set(err, "it was not ready in time and was told to end");
		}
	}
}

int
daemon_watch_ends(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return fd_raise(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}
