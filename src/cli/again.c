/* again: --watch. A verb draws, waits, and draws again until ^C or TERM. On a terminal it has the
 * other screen meanwhile and gives the first one back as it was. */
#include "base/fd.h"
#include "base/str.h"
#include "cli/cli.h"
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

int
again_draw(int every_ms, int (*draw)(void *context), void *context)
{
	bool terminal = screen_is_terminal();
	struct pollfd p = { .fd = -1, .events = POLLIN };
	int code = CLI_DONE;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	p.fd = fd_raise(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	(void)fputs(terminal ? "\033[?1049h\033[?25l" : "", stdout);
	while (code == CLI_DONE && !(p.revents & POLLIN)) {
		(void)fputs(terminal ? "\033[H\033[J" : "", stdout);
		code = draw(context);
		(void)fputs(terminal ? "" : "\n", stdout);
		code = fflush(stdout) != 0 || ferror(stdout) ? CLI_FAILED : code;
		if (code == CLI_DONE) {
			(void)poll(&p, 1, every_ms);
		}
	}
	(void)fputs(terminal ? "\033[?25h\033[?1049l" : "", stdout);
	p.fd = fd_close(p.fd);
	return code;
}
