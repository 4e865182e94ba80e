/* Every signal is blocked and taken by sigwaitinfo(), one after another, so there are no handlers
 * and nothing that could be interrupted. The command gets the signal mask that we were given.
 *
 * The command is put into a process group of its own, so that ^C reaches it once and not us both;
 * where we have a terminal's foreground it gets that. When it is stopped from there (^Z) we stop,
 * too, since the shell that waits for us knows only us; continued, we give the foreground back to
 * it. As process 1 nobody could continue us, so there we go on. */
#include "init/init.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void
init_say(const char *format, ...)
{
	static const char name[] = "tend init: ";
	char line[1024];
	size_t size = sizeof(line) - sizeof(name), n;
	va_list arguments;
	int made;

	memcpy(line, name, sizeof(name));
	va_start(arguments, format);
	made = vsnprintf(line + sizeof(name) - 1, size, format, arguments);
	va_end(arguments);
	n = sizeof(name) - 1 + (made < 0 ? 0 : MIN((size_t)made, size - 1));
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, n);
}

/* By the system call: C libraries keep two or three signals for themselves and leave them out. */
static void
set_mask(const sigset_t *mask, sigset_t *ret_old)
{
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, ret_old, sizeof(uint64_t));
}

/* ---- the command ---- */
static bool
has_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static NORETURN void
be_command(const struct init *init, const sigset_t *mask)
{
	int error;

	(void)setpgid(0, 0);
	if (init->terminal) {
		(void)tcsetpgrp(STDIN_FILENO, getpid()); /* SIGTTOU is blocked still */
	}
	set_mask(mask, NULL);
	(void)execvp(init->command[0], init->command);
	error = errno;
	init_say("%s: %s", init->command[0], strerror(error));
	_exit(error == ENOENT ? INIT_NOT_FOUND : INIT_NOT_RUN);
}

static bool
start(struct init *init, const sigset_t *mask)
{
	pid_t pid;

	init->terminal = has_foreground();
	pid = fork();
	if (pid < 0) {
		init_say("fork: %s", strerror(errno));
		return false;
	}
	if (pid == 0) {
		be_command(init, mask);
	}
	(void)setpgid(pid, pid); /* whoever is first; it fails after the exec, when it is done */
	init->child = pid;
	if (init->verbose > 0) {
		init_say("%s runs as process %d", init->command[0], (int)pid);
	}
	return true;
}

/* ---- signals ---- */
static void
pass_on(const struct init *init, int number)
{
	int becomes = init->rewrite[number] == INIT_SAME ? number : init->rewrite[number];

	if (init->child == 0 || becomes == INIT_SWALLOWED) {
		return;
	}
	if (init->verbose > 1) {
		init_say("signal %d is passed on as %d", number, becomes);
	}
	if (kill(init->group ? -init->child : init->child, becomes) < 0 && errno != ESRCH) {
		init_say("signal %d cannot be passed on: %s", number, strerror(errno));
	}
}

/* stopped from its terminal; the shell is told by our stopping */
static void
stop_with_it(const struct init *init)
{
	if (getpid() == 1 || !init->terminal) {
		return;
	}
	(void)raise(SIGSTOP);
	(void)tcsetpgrp(STDIN_FILENO, init->child);
	(void)kill(-init->child, SIGCONT);
}

/* false: the command has ended, *ret_status is how */
static bool
reap(struct init *init, int *ret_status)
{
	bool lives = true;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status)) {
			if (pid == init->child && WSTOPSIG(status) != SIGSTOP) {
				stop_with_it(init);
			}
		} else if (pid == init->child) {
			*ret_status = status;
			init->child = 0;
			lives = false;
		} else if (init->warn) {
			init_say("process %d was orphaned and has ended; it is reaped", (int)pid);
		}
	}
	return lives;
}

static bool
ends_pause(const struct init *init, int number)
{
	return init->pause && (number == SIGTERM || number == SIGINT);
}

static int
exit_code(const struct init *init, int status)
{
	int code = WIFSIGNALED(status) ? INIT_SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);

	return init->forgiven[code & (INIT_CODES - 1)] ? 0 : code;
}

static int
serve(struct init *init, const sigset_t *waited)
{
	int status = 0;

	for (;;) {
		int number = sigwaitinfo(waited, NULL);

		if (number == SIGCHLD) {
			if (!reap(init, &status)) {
				return exit_code(init, status);
			}
		} else if (ends_pause(init, number)) {
			return 0;
		} else if (number > 0 && number != SIGTTIN && number != SIGTTOU) {
			pass_on(init, number);
		}
	}
}

/* What the kernel raises for our own faults stays deadly. */
static void
block_signals(sigset_t *ret_waited, sigset_t *ret_mask)
{
	static const int own[] = { SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS };

	memset(ret_waited, 0xff, sizeof(*ret_waited));
	for (size_t i = 0; i < COUNT(own); i++) {
		(void)sigdelset(ret_waited, own[i]);
	}
	memset(ret_mask, 0, sizeof(*ret_mask));
	set_mask(ret_waited, ret_mask);
}

static void
become_reaper(const struct init *init)
{
	if (getpid() != 1 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
		init_say("not process 1, and orphans cannot be had otherwise: %s", strerror(errno));
	}
	if (init->parent_death != 0) {
		(void)prctl(PR_SET_PDEATHSIG, init->parent_death, 0, 0, 0);
	}
}

int
main(int argc, char **argv)
{
	struct init init = { 0 };
	sigset_t waited, mask;
	int code = 0;

	if (!init_options(&init, argc > 0 ? argv[0] : "", argv + (argc > 0), &code)) {
		return code;
	}
	block_signals(&waited, &mask);
	(void)signal(SIGCHLD, SIG_DFL); /* ignored, children would end unseen */
	become_reaper(&init);
	if (init.pause && init.verbose > 0) {
		init_say("process %d sits here until SIGTERM or SIGINT", (int)getpid());
	}
	if (!init.pause && !start(&init, &mask)) {
		return INIT_FAILED;
	}
	code = serve(&init, &waited);
	if (init.grace > 0) {
		init_end(&init, &waited);
	}
	return code;
}
