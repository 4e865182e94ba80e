/* What outlived the command. As process 1 that is everybody we see. As a subreaper it is our
 * children: what they leave behind when they end becomes ours, so looking again after each end
 * reaches all of them; who has had his SIGTERM is remembered, for a second one means more to some
 * programs than the first. */
#include "base/clock.h"
#include "init/init.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TOLD_MAX = 4096 };

struct end {
	pid_t told[TOLD_MAX];
	size_t count;
};

static bool
is_told(const struct end *end, pid_t pid)
{
	for (size_t i = 0; i < end->count; i++) {
		if (end->told[i] == pid) {
			return true;
		}
	}
	return false;
}

static void
tell(struct end *end, pid_t pid, int number)
{
	if (number == SIGTERM && is_told(end, pid)) {
		return;
	}
	(void)kill(pid, number);
	if (end->count < TOLD_MAX) {
		end->told[end->count++] = pid;
	}
}

/* a number that a read has cut is put together again in `left` */
static void
tell_those(struct end *end, const char *text, size_t n, int number, pid_t *left)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			*left = *left * 10 + (text[i] - '0');
		} else if (*left > 0) {
			tell(end, *left, number);
			*left = 0;
		}
	}
}

static bool
tell_children(struct end *end, int number)
{
	char path[64], text[1024];
	pid_t left = 0;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		init_say("what is left cannot be found (%s: %s)", path, strerror(errno));
		return false;
	}
	while ((n = read(fd, text, sizeof(text))) > 0) {
		tell_those(end, text, (size_t)n, number, &left);
	}
	(void)close(fd);
	return true;
}

static bool
tell_all(struct end *end, int number)
{
	if (getpid() != 1) {
		return tell_children(end, number);
	}
	if (number == SIGKILL || end->count == 0) { /* in a namespace of ours; once each */
		(void)kill(-1, number);
		end->count = 1;
	}
	return true;
}

/* true: nobody is left */
static bool
reap(void)
{
	pid_t pid;

	do {
		pid = waitpid(-1, NULL, WNOHANG);
	} while (pid > 0 || (pid < 0 && errno == EINTR));
	return pid < 0;
}

void
init_end(const struct init *init, const sigset_t *waited)
{
	static struct end end;
	int64_t until = clock_now() + init->grace;
	int number = SIGTERM;

	while (tell_all(&end, number) && !reap()) {
		int64_t left = MAX(until - clock_now(), 0);
		struct timespec time = { .tv_sec = left / CLOCK_S, .tv_nsec = left % CLOCK_S };

		if (number ==
		    SIGKILL) { /* they end now, or they are in the kernel: wait for ends */
			(void)sigwaitinfo(waited, NULL);
		} else if (left == 0 ||
			   (sigtimedwait(waited, NULL, &time) < 0 && errno == EAGAIN)) {
			if (init->verbose > 0) {
				init_say("the grace is over, what is left is killed");
			}
			number = SIGKILL;
		}
	}
}
