/* Net 2: the keeper died. Its children live on as children of init, and everything that it had is
 * had by somebody: the pidfds and the logs' pipes by us (by the logger where we had no descriptor
 * left for them), the notification sockets by notify.c. So a new keeper is started, the descriptors
 * are held again, and the children are watched from here; only descriptors that services had stored
 * (FDSTORE=1) are gone with it.
 *
 * A launch that was under way has an error pipe. As long as that is open the child is setting
 * itself up; once it is closed it has told whether the exec was reached. If it was, the process is
 * there, carrying the run's INVOCATION_ID, or has ended; if not, nothing ran, and it is launched
 * again. */
#include "manager/adopt.h"
#include "manager/keeper-line.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t AGAIN_FIRST_NS =
	10 * CLOCK_MS; /* no process, no descriptor: they come back, or not at once */
static const int64_t AGAIN_MAX_NS = 5 * CLOCK_S;

/* in the child of the child: becomes the keeper */
static NORETURN void
be_keeper(const struct manager *manager, int link)
{
	static const int kept[] = { ROLE_FD_LOGGER, ROLE_FD_LOCK, ROLE_FD_LISTEN,
				    ROLE_FD_EXECUTABLE, ROLE_FD_LOGGER_END };
	char name[] = "tendd: keeper", role[] = "--role", keeper[] = "keeper";
	char birth[] = "--by-manager", user[] = "--user", system_[] = "--system";
	char *argv[] = {
		name, role, keeper, birth, manager->places->system ? system_ : user, NULL
	};
	sigset_t none;

	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (link == ROLE_FD_LINK) {
		(void)fd_set_inherited(link, true);
	} else {
		(void)dup2(link, ROLE_FD_LINK);
	}
	for (size_t i = 0; i < COUNT(kept); i++) {
		(void)fd_set_inherited(kept[i], true);
	}
	(void)fd_execute(ROLE_FD_EXECUTABLE, argv, environ);
	_exit(126);
}

/* forked twice, so that it is nobody's child who could die with it unreaped */
static int
start_keeper(const struct manager *manager, int link)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		(void)setsid();
		pid = fork();
		if (pid == 0) {
			be_keeper(manager, link);
		}
		_exit(pid < 0 ? 1 : 0);
	}
	if (pid < 0) {
		return -errno;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
}

static void
tell_about_logger(struct manager *manager)
{
	int *pidfd = &manager->keeper->logger_pidfd;
	bool alive = fd_is_open(*pidfd) && !fd_pidfd_dead(*pidfd);
	const struct frame frame = { .kind = FRAME_ADOPT_LOGGER,
				     .value = alive ? manager->logger_pid : 0 };

	keeper_line_send(manager, &frame, pidfd, alive ? 1 : 0);
}

/* ---- what the dead one had ---- */
static void
take_child(struct child *child)
{
	if (launching_lost(child)) {
		return;
	}
	if (child->number == 0 || child->foreign || child->ended_told) {
		return;
	}
	child->foreign = true;
	child->member->foreign_kin = true;
	if (fd_is_open(child->pidfd)) {
		watching_begin(child);
	} else if (!adopt_process(child, child->pid, child->start)) {
		const struct outcome unknown = { 0 };

		child->ended_told = true;
		watching_ended(child, &unknown);
	}
}

static void
take_children(struct manager *manager)
{
	struct child *child;
	size_t at = 0;

	while ((child = nmap_each(&manager->children, &at))) {
		take_child(child);
	}
}

static void
hold_again(struct manager *manager)
{
	struct member *member;
	size_t at = 0;

	manager->keeper->asking = false;
	while ((member = map_each(&manager->members, &at))) {
		manager->keeper->asking |= !pipes_hold_again(member);
		notify_hold(member);
		notify_drop_store(member);
	}
	if (manager->keeper->asking) {
		logger_line_ask_streams(manager);
	}
}

/* what the logger had is held again by now; what it had not (it died, too) is still open in the
 * units themselves */
void
revive_streams_end(struct manager *manager)
{
	if (manager->keeper->asking) {
		manager->keeper->asking = false;
		pipes_find(manager);
		launching_pump(manager);
	}
}

void
revive_launch(struct child *child, bool reached)
{
	struct member *member = child->member;
	pid_t pid = reached ? alive_of_invocation(member) : 0;

	launching_forget(child);
	if (!reached) {
		watching_end(child);
		child->pidfd = fd_close(child->pidfd);
		child->foreign = false;
		adopt_launch_again(child);
		return;
	}
	child->execed = true;
	member_event(member, (struct event){ .kind = EVENT_EXECED, .part = child->part });
	if (pid > 0 && adopt_process(child, pid, 0)) {
		sweep_launched(child);
	} else {
		adopt_ended_unseen(child); /* it ran, and is gone already */
	}
}

/* ---- the new one ---- */
static void
try_again(struct timer *timer)
{
	struct keeper_line *keeper = CONTAINER(timer, struct keeper_line, revive);

	revive_keeper(keeper->line.context);
}

static void
later(struct manager *manager, int error)
{
	struct keeper_line *keeper = manager->keeper;

	manager_say(manager, SAY_KEEPER, "the keeper died and another can't be started yet: %s",
		    strerror(error));
	keeper->pause = MIN(MAX(keeper->pause * 2, AGAIN_FIRST_NS), AGAIN_MAX_NS);
	keeper->revive.on = try_again;
	loop_arm(manager->loop, &keeper->revive, clock_now() + keeper->pause);
}

void
revive_keeper(struct manager *manager)
{
	bool giving;
	int pair[2], r;

	if (manager->ended) {
		loop_stop(manager->loop, 0);
		return;
	}
	giving = manager->keeper->giving && !manager->adopting;
	manager->keeper_pid = 0; /* until HELLO: nothing is launched */
	take_children(manager);
	r = fd_pair(SOCK_SEQPACKET, pair);
	if (r < 0) {
		later(manager, -r);
		return;
	}
	/* HELLO and the logger lie in the socket before it is born: from then on it needs nobody */
	r = keeper_line_open(manager, pair[0]);
	if (r == 0) {
		tell_about_logger(manager);
		r = start_keeper(manager, pair[1]);
	}
	(void)fd_close(pair[1]);
	if (r < 0) {
		line_close(&manager->keeper->line);
		later(manager, -r);
		return;
	}
	manager->keeper->pause = 0;
	manager_said_over(manager, SAY_KEEPER);
	hold_again(manager);
	if (giving) { /* its list broke off */
		keeper_line_give(manager, manager->keeper->wanted);
	}
}
