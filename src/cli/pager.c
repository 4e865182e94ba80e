/* pager: on a terminal what could be long goes through a pager, as in journalctl and git. It is the
 * one process that the client starts to show something. ^C belongs to the pager while it runs; when
 * it has been quit, the rest is not written and nobody is told: that is what quitting means. */
#include "base/fd.h"
#include "base/str.h"
#include "cli/logview.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t pager; /* 0: none */

/* what the user wants; NULL: nothing was said; "": none */
static const char *
wanted(void)
{
	const char *told = getenv("TEND_PAGER");

	told = told ? told : getenv("PAGER");
	return told && str_equal(told, "cat") ? "" : told;
}

static bool
is_useful(void)
{
	const char *term = getenv("TERM"), *told = wanted();

	return screen_is_terminal() && term && !str_equal(term, "dumb") && !(told && !told[0]);
}

/* no pager is there: what comes is passed on */
static void
pass_on(void)
{
	char block[1 << 14];
	ssize_t n;

	while ((n = read(STDIN_FILENO, block, sizeof(block))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0 && fd_write_all(STDOUT_FILENO, block, (size_t)n) < 0) {
			break;
		}
	}
	_exit(0);
}

static void become(bool at_end) NORETURN;

static void
become(bool at_end)
{
	static char *const others[][2] = { { "less", NULL }, { "pager", NULL }, { "more", NULL } };
	const char *command = wanted(), *less = getenv("TEND_LESS");

	(void)setenv("LESS", less ? less : at_end ? "FRSXMK +G" : "FRSXMK", 1);
	(void)setenv("LESSCHARSET", "utf-8", 0);
	if (command) {
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		(void)execvp(others[i][0], others[i]);
	}
	pass_on();
	_exit(1);
}

void
pager_open(bool at_end)
{
	int pipe[2];

	if (!is_useful() || fd_pipe(pipe) < 0) {
		return;
	}
	(void)screen_plain(); /* whether there are colours is found out before stdout is the pipe */
	(void)fflush(stdout);
	pager = fork();
	if (pager == 0) {
		if (dup2(pipe[0], STDIN_FILENO) < 0) {
			_exit(1);
		}
		become(at_end);
	}
	if (pager < 0) {
		pager = 0;
	} else {
		(void)signal(SIGINT, SIG_IGN);
		(void)signal(SIGPIPE, SIG_IGN);
		(void)dup2(pipe[1], STDOUT_FILENO);
	}
	(void)fd_close(pipe[0]);
	(void)fd_close(pipe[1]);
}

int
pager_close(int code)
{
	int null, status;

	if (pager == 0) {
		return code;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		__fpurge(stdout);
		clearerr(stdout);
	}
	null = fd_raise(open("/dev/null", O_WRONLY | O_CLOEXEC));
	if (fd_is_open(null)) {
		(void)dup2(null, STDOUT_FILENO);
		(void)fd_close(null);
	} else {
		(void)close(STDOUT_FILENO);
	}
	while (waitpid(pager, &status, 0) < 0 && errno == EINTR) {
	}
	pager = 0;
	(void)signal(SIGINT, SIG_DFL);
	return code;
}
