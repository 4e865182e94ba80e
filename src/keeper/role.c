/* A role that ended is started at once. Only one that keeps ending within a second of its start,
 * more often than somebody would kill it for a test, is started after a pause that doubles. */
#include "base/clock.h"
#include "base/fd.h"
#include "keeper/within.h"
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REAPED = -1 }; /* as a pid */
enum {
	QUICK_MS = 1000, /* a life shorter than this is a quick death */
	QUICK_FREE = 5,  /* so many of them cost nothing */
	PAUSE_MS = 10,   /* then this, doubling */
	PAUSE_MAX_MS = 1000,
	REPLACE_GRACE_MS = 3000, /* for a manager to say its last words */
	END_GRACE_MS = 10000,    /* a logger may have a lot to write down when the end has come */
};

void
role_init(struct keeper *keeper)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		keeper->roles[i] = (struct role_state){ .adopted = -1, .start_at = CLOCK_NEVER };
	}
}

static int64_t
pause_after(uint32_t quick)
{
	int64_t pause = PAUSE_MS;

	if (quick <= QUICK_FREE) {
		return 0;
	}
	for (uint32_t i = QUICK_FREE + 1; i < quick && pause < PAUSE_MAX_MS; i++) {
		pause *= 2;
	}
	return MIN(pause, PAUSE_MAX_MS) * CLOCK_MS;
}

static void
plan_start(struct keeper *keeper, enum role role, int64_t now)
{
	struct role_state *r = &keeper->roles[role];

	r->pid = 0;
	if (keeper->ending) {
		r->start_at = CLOCK_NEVER;
		return;
	}
	r->quick = now - r->started < QUICK_MS * CLOCK_MS ? r->quick + 1 : 0;
	r->start_at = now + pause_after(r->quick);
}

static void
be_manager(const struct keeper *keeper, int link)
{
	static const char *const words[] = { "--role", "manager", NULL };
	const struct spawn_place places[] = {
		{ link, ROLE_FD_LINK },
		{ keeper->manager_end, ROLE_FD_LOGGER },
		{ keeper->logger_end, ROLE_FD_LOGGER_END },
		{ ROLE_FD_LOCK, ROLE_FD_LOCK },
		{ ROLE_FD_LISTEN, ROLE_FD_LISTEN },
		{ ROLE_FD_EXECUTABLE, ROLE_FD_EXECUTABLE },
		{ -1, -1 },
	};

	spawn_role(keeper, MANAGER, ROLE_FD_EXECUTABLE, "tendd: manager", words, places);
}

static void
be_logger(const struct keeper *keeper)
{
	static const char *const words[] = { "--role", "logger", NULL };
	const struct spawn_place places[] = {
		{ keeper->logger_end, ROLE_FD_LOGGER },
		{ ROLE_FD_LOCK, ROLE_FD_LOCK },
		{ ROLE_FD_EXECUTABLE, ROLE_FD_EXECUTABLE },
		{ -1, -1 },
	};

	spawn_role(keeper, LOGGER, ROLE_FD_EXECUTABLE, "tendd: logger", words, places);
}

static pid_t
start_manager(struct keeper *keeper)
{
	autoclose int pidfd = -1;
	int pair[2], r = fd_pair(SOCK_SEQPACKET, pair);
	bool joined;
	pid_t pid;

	if (r < 0) {
		return r;
	}
	pid = spawn_fork(-1, &pidfd, &joined);
	if (pid == 0) {
		be_manager(keeper, pair[1]);
	}
	(void)fd_close(pair[1]);
	if (pid < 0) {
		(void)fd_close(pair[0]);
		return pid;
	}
	keeper->link = pair[0];
	tell_reset(keeper);
	return pid;
}

static pid_t
start_logger(struct keeper *keeper)
{
	autoclose int pidfd = -1;
	bool joined;
	pid_t pid = spawn_fork(-1, &pidfd, &joined);

	if (pid == 0) {
		be_logger(keeper);
	}
	if (pid > 0) {
		keeper->logger_untold = true;
	}
	return pid;
}

void
role_start_due(struct keeper *keeper, int64_t now)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		struct role_state *r = &keeper->roles[i];
		pid_t pid;

		if (r->start_at > now) {
			continue;
		}
		pid = i == MANAGER ? start_manager(keeper) : start_logger(keeper);
		r->started = now;
		r->start_at = CLOCK_NEVER;
		r->pid = pid;
		if (pid < 0) { /* no process, no descriptor: not a thing to be tried in a loop */
			r->quick = MAX(r->quick, QUICK_FREE);
			plan_start(keeper, (enum role)i, now);
		}
	}
}

bool
role_reaped(struct keeper *keeper, pid_t pid, int64_t now)
{
	const struct role_state *logger = &keeper->roles[LOGGER];

	if (pid == keeper->roles[MANAGER].pid) {
		keeper->roles[MANAGER].pid = REAPED; /* not to be signalled by anybody any more */
		/* what it had sent before it died is done first: the next one lists the result */
		obey_link(keeper, true);
		keeper->link = fd_close(keeper->link);
		tell_reset(keeper);
		keeper->replace_until = CLOCK_NEVER;
		plan_start(keeper, MANAGER, now);
		return true;
	}
	if (pid == logger->pid && !fd_is_open(logger->adopted)) {
		plan_start(keeper, LOGGER, now);
		return true;
	}
	return false;
}

void
role_link_lost(struct keeper *keeper, int64_t now)
{
	struct role_state *manager = &keeper->roles[MANAGER];

	keeper->link = fd_close(keeper->link);
	tell_reset(keeper);
	if (manager->pid > 0) { /* dying, or useless: its reaping starts the next one */
		(void)kill(manager->pid, SIGKILL);
	} else if (manager->pid == 0) { /* it had started us and was no child of ours */
		plan_start(keeper, MANAGER, now);
	}
}

void
role_adopt_logger(struct keeper *keeper, pid_t pid, int take_pidfd)
{
	struct role_state *logger = &keeper->roles[LOGGER];

	if (logger->pid != 0 || logger->start_at != CLOCK_NEVER || fd_is_open(logger->adopted)) {
		(void)fd_close(take_pidfd);
		return;
	}
	if (pid > 0 && fd_is_open(take_pidfd)) {
		logger->pid = pid;
		logger->adopted = take_pidfd;
		logger->started = clock_now();
	} else {
		(void)fd_close(take_pidfd);
		logger->start_at = 0;
	}
}

void
role_adopted_ended(struct keeper *keeper, int64_t now)
{
	struct role_state *logger = &keeper->roles[LOGGER];

	logger->adopted = fd_close(logger->adopted);
	plan_start(keeper, LOGGER, now);
}

static void
signal_role(const struct role_state *role, int signal)
{
	if (fd_is_open(role->adopted)) {
		(void)fd_pidfd_signal(role->adopted, signal);
	} else if (role->pid > 0) {
		(void)kill(role->pid, signal);
	}
}

/* The manager leaves by itself once it has passed the answer on to whoever asked; one that does not
 * is told. */
void
role_replace(struct keeper *keeper)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		keeper->roles[i].quick = 0;
	}
	signal_role(&keeper->roles[LOGGER], SIGTERM);
	keeper->replace_until = clock_now() + REPLACE_GRACE_MS * CLOCK_MS;
}

void
role_replace_too_late(struct keeper *keeper)
{
	keeper->replace_until = CLOCK_NEVER;
	signal_role(&keeper->roles[MANAGER], SIGTERM);
}

void
role_end(struct keeper *keeper)
{
	if (keeper->ending) {
		return;
	}
	keeper->ending = true;
	keeper->end_until = clock_now() + END_GRACE_MS * CLOCK_MS;
	keeper->roles[MANAGER].start_at = keeper->roles[LOGGER].start_at = CLOCK_NEVER;
	signal_role(&keeper->roles[LOGGER], SIGTERM);
}

void
role_end_too_late(struct keeper *keeper)
{
	keeper->end_until = CLOCK_NEVER;
	signal_role(&keeper->roles[LOGGER], SIGKILL);
	signal_role(&keeper->roles[MANAGER], SIGKILL);
}

bool
role_all_ended(const struct keeper *keeper)
{
	return keeper->ending && keeper->roles[MANAGER].pid == 0 && keeper->roles[LOGGER].pid == 0;
}
