/* The loop: signals, the manager's frames, deadlines. It sleeps in poll() and wakes for nothing
 * else.
 *
 * Exits are reaped one after another until none is left, and the manager is told after each turn.
 * Everything that is not known is reaped in silence: as a subreaper (or as PID 1) we inherit every
 * orphan of what we started. */
#include "keeper/keeper.h"
#include "base/clock.h"
#include "base/fd.h"
#include "keeper/within.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED_STATUS = 1 };

static void
prepare_signals(void)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS };
	struct sigaction reaped = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP };
	sigset_t all;

	(void)sigfillset(&all);
	for (size_t i = 0; i < COUNT(fatal); i++) {
		(void)sigdelset(&all, fatal[i]);
	}
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigaction(SIGCHLD, &reaped, NULL);
}

static int
open_signals(void)
{
	static const int own[] = { SIGCHLD, SIGTERM, SIGINT, SIGPWR };
	sigset_t wanted;

	(void)sigemptyset(&wanted);
	for (size_t i = 0; i < COUNT(own); i++) {
		(void)sigaddset(&wanted, own[i]);
	}
	return fd_raise(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
}

/* our own numbers must not be those a role is born with */
static int
move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, ROLE_FD_COUNT);

	return moved < 0 ? -errno : moved;
}

static int
take_numbers(struct keeper *keeper, enum keeper_birth birth)
{
	static const int numbers[] = { ROLE_FD_LINK, ROLE_FD_LOGGER, ROLE_FD_LOGGER_END,
				       ROLE_FD_NEXT };
	int pair[2], r;

	if (birth == KEEPER_BY_MANAGER) {
		keeper->link = move_up(ROLE_FD_LINK);
		keeper->manager_end = move_up(ROLE_FD_LOGGER);
		keeper->logger_end = move_up(ROLE_FD_LOGGER_END);
		if (keeper->link < 0 || keeper->manager_end < 0 || keeper->logger_end < 0) {
			return -EBADF;
		}
	}
	for (size_t i = 0; i < COUNT(numbers); i++) {
		if (dup3(ROLE_FD_TABLE, numbers[i], O_CLOEXEC) < 0) {
			return -errno;
		}
	}
	for (int fd = ROLE_FD_LOCK; fd <= ROLE_FD_EXECUTABLE; fd++) {
		if (fd_set_inherited(fd, false) < 0 && dup3(ROLE_FD_TABLE, fd, O_CLOEXEC) < 0) {
			return -errno;
		}
	}
	if (birth == KEEPER_BY_MANAGER) {
		return 0;
	}
	r = fd_pair(SOCK_SEQPACKET, pair);
	if (r == 0) {
		keeper->manager_end = pair[0];
		keeper->logger_end = pair[1];
	}
	return r;
}

static struct keeper *
map_table(int table)
{
	void *mapped =
		mmap(NULL, sizeof(struct keeper), PROT_READ | PROT_WRITE, MAP_SHARED, table, 0);

	return mapped == MAP_FAILED ? NULL : mapped;
}

static struct keeper *
make_table(void)
{
	autoclose int table = fd_memfd("tend keeper");
	struct keeper *keeper;

	if (!fd_is_open(table) || ftruncate(table, sizeof(struct keeper)) < 0 ||
	    (table != ROLE_FD_TABLE && dup3(table, ROLE_FD_TABLE, O_CLOEXEC) < 0)) {
		return NULL;
	}
	if (table == ROLE_FD_TABLE) {
		(void)fd_take(&table);
	}
	keeper = map_table(ROLE_FD_TABLE);
	if (keeper) {
		keeper->magic = KEEPER_MAGIC;
		keeper->layout = KEEPER_LAYOUT;
		keeper->link_version = LINK_VERSION;
		keeper->size = sizeof(*keeper);
		keeper->link = keeper->manager_end = keeper->logger_end = -1;
		keeper->probe_until = keeper->end_until = keeper->replace_until = CLOCK_NEVER;
		role_init(keeper);
		tell_reset(keeper);
	}
	return keeper;
}

static struct keeper *
begin(const struct keeper_start *start)
{
	struct keeper *keeper;

	prepare_signals();
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	keeper = start->birth == KEEPER_UPGRADED ? map_table(ROLE_FD_TABLE) : make_table();
	if (!keeper) {
		return NULL;
	}
	keeper->arguments = start->arguments;
	if (start->birth != KEEPER_UPGRADED && take_numbers(keeper, start->birth) < 0) {
		return NULL;
	}
	keeper->signals = open_signals(); /* now that every number of a role is taken */
	switch (start->birth) {
	case KEEPER_UPGRADED: upgrade_finish(keeper); break;
	case KEEPER_FRESH:
		keeper->roles[MANAGER].start_at = keeper->roles[LOGGER].start_at = 0;
		break;
	case KEEPER_BY_MANAGER: break;
	}
	return keeper->signals < 0 ? NULL : keeper;
}

static int64_t
microseconds(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000 + time->tv_usec;
}

static void
child_ended(struct keeper *keeper, int slot, int status, const struct rusage *usage, int64_t now)
{
	struct slot *s = &keeper->slots[slot];
	struct frame_exit *e = &s->exit;

	if (WIFEXITED(status)) {
		e->code = CLD_EXITED;
		e->status = WEXITSTATUS(status);
	} else {
		e->code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
		e->status = WTERMSIG(status);
	}
	e->at = now;
	e->cpu_user_us = microseconds(&usage->ru_utime);
	e->cpu_system_us = microseconds(&usage->ru_stime);
	e->peak_kib = usage->ru_maxrss;
	s->ended = true;
	keeper->pids[slot] = 0;
	tell_slot(keeper, slot, UNTOLD_EXITED);
}

static void
reap(struct keeper *keeper, int64_t now)
{
	struct rusage usage;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG | __WALL, &usage)) > 0) {
		int slot = slots_find_pid(keeper, pid);

		if (slot != SLOT_NONE) {
			child_ended(keeper, slot, status, &usage, now);
		} else if (!role_reaped(keeper, pid, now)) {
			(void)upgrade_reaped(keeper, pid, status);
		}
	}
}

static void
take_signals(struct keeper *keeper, int64_t now)
{
	struct signalfd_siginfo info;

	while (read(keeper->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD) {
			keeper->asked_end = keeper->asked_untold = true;
		}
	}
	reap(keeper, now);
}

static void
pass_deadlines(struct keeper *keeper, int64_t now)
{
	if (keeper->again_at <= now) {
		tell_has_room(keeper);
	}
	if (keeper->probe_until <= now) {
		upgrade_too_late(keeper);
	}
	if (keeper->replace_until <= now) {
		role_replace_too_late(keeper);
	}
	if (keeper->end_until <= now) {
		role_end_too_late(keeper);
	}
	role_start_due(keeper, now);
}

static int
milliseconds_left(const struct keeper *keeper, int64_t now)
{
	int64_t next = MIN(MIN(keeper->again_at, keeper->replace_until),
			   MIN(keeper->probe_until, keeper->end_until));

	for (int i = 0; i < ROLE_COUNT; i++) {
		next = MIN(next, keeper->roles[i].start_at);
	}
	if (next == CLOCK_NEVER) {
		return -1;
	}
	return next <= now ? 0 : (int)MIN((next - now + CLOCK_MS - 1) / CLOCK_MS, INT32_MAX);
}

static void
turn(struct keeper *keeper)
{
	struct pollfd fds[] = {
		{ .fd = keeper->signals, .events = POLLIN },
		{ .fd = keeper->link,
		  .events = (short)((keeper->pending.kind == 0 ? POLLIN : 0) |
				    (tell_waits(keeper) ? POLLOUT : 0)) },
		{ .fd = keeper->roles[LOGGER].adopted, .events = POLLIN },
	};
	int64_t now;

	if (poll(fds, COUNT(fds), milliseconds_left(keeper, clock_now())) < 0) {
		return; /* EINTR; ENOMEM passes */
	}
	now = clock_now();
	if (fds[1].revents & POLLOUT) {
		tell_has_room(keeper);
	}
	/* exits first: what is launched in answer to them finds their slots told in order */
	if (fds[0].revents) {
		take_signals(keeper, now);
	}
	if (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) {
		if (fds[1].revents & (POLLHUP | POLLERR)) {
			keeper->pending.kind =
				0; /* nobody is there to read it: read what is left */
		}
		obey_link(keeper, false);
	}
	if (fds[2].revents) {
		role_adopted_ended(keeper, now);
	}
}

int
keeper_run(const struct keeper_start *start)
{
	struct keeper *keeper = begin(start);

	if (!keeper) {
		return FAILED_STATUS;
	}
	reap(keeper, clock_now()); /* what ended while we were exec'd */
	while (!role_all_ended(keeper)) {
		pass_deadlines(keeper, clock_now());
		tell_go(keeper);
		turn(keeper);
	}
	return 0;
}
