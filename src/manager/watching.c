/* The end of processes that are not the keeper's: a pidfd says when, and who can says how. A zombie
 * shows its status in /proc, a reaped one in PIDFD_INFO_EXIT (Linux 6.15), which is there only
 * after the reaping: then the pidfd hangs up. Where nobody can tell, the outcome is unknown, which
 * is not 0. Without a descriptor for a pidfd it is looked for by time, until there is one. */
#include "manager/core.h"
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>

static const int64_t LOOK_FIRST_NS = 50 * CLOCK_MS, LOOK_MAX_NS = 2 * CLOCK_S;

struct watching {
	struct watch watch; /* of the pidfd */
	struct timer timer; /* there is none */
	int64_t pause;
	struct child *child;
};

static struct outcome
from_wait_status(int status)
{
	struct outcome outcome = { .known = true };

	if (WIFSIGNALED(status)) {
		outcome.signalled = true;
		outcome.core = WCOREDUMP(status);
		outcome.value = WTERMSIG(status);
	} else {
		outcome.value = WEXITSTATUS(status);
	}
	return outcome;
}

static void
tell(struct child *child, const struct outcome *outcome)
{
	watching_end(child);
	child->pidfd = fd_close(child->pidfd);
	child->ended_told = true;
	watching_ended(child, outcome);
}

static void
pidfd_came(struct watch *watch, uint32_t events)
{
	struct child *child = CONTAINER(watch, struct watching, watch)->child;
	struct outcome outcome = { 0 };
	int status, r = -EAGAIN;

	if (!(events & EPOLLHUP)) {
		r = proc_stat_of_zombie(child->pid, child->start, &status);
	}
	if (r < 0) {
		r = pidfd_exit_status(child->pidfd, &status);
	}
	if (r == -EAGAIN && !(events & EPOLLHUP)) {
		/* a zombie that we may not look at: its parent will reap it */
		(void)loop_change(child->member->manager->loop, watch, EPOLLHUP);
		return;
	}
	if (r == 0) {
		outcome = from_wait_status(status);
	}
	tell(child, &outcome);
}

static void
look(struct timer *timer)
{
	struct watching *watching = CONTAINER(timer, struct watching, timer);
	struct child *child = watching->child;
	struct outcome outcome = { 0 };
	struct proc_stat stat;
	int r, status;

	child->pidfd = fd_pidfd(child->pid);
	r = proc_stat(child->pid, &stat);
	if (r == -ESRCH || (r == 0 && stat.start != child->start)) {
		tell(child, &outcome);
		return;
	}
	if (r == 0 && fd_is_open(child->pidfd)) {
		watching_end(child);
		watching_begin(child);
		return;
	}
	child->pidfd = fd_close(child->pidfd);
	if (r == 0 && stat.state == 'Z' &&
	    proc_stat_of_zombie(child->pid, child->start, &status) == 0) {
		outcome = from_wait_status(status);
		tell(child, &outcome);
		return;
	}
	watching->pause = MIN(2 * watching->pause, LOOK_MAX_NS);
	loop_arm(child->member->manager->loop, timer, clock_now() + watching->pause);
}

void
watching_begin(struct child *child)
{
	struct manager *manager = child->member->manager;

	CHECK(!child->watching);
	child->watching = calloc(1, sizeof(*child->watching));
	CHECK(child->watching != NULL);
	child->watching->child = child;
	child->watching->timer.on = look;
	child->watching->pause = LOOK_FIRST_NS;
	if (!fd_is_open(child->pidfd) ||
	    loop_watch(manager->loop, &child->watching->watch, child->pidfd, EPOLLIN, LOOP_EXIT,
		       pidfd_came) < 0) {
		manager_say(manager, SAY_DESCRIPTORS,
			    "no descriptor is left to watch process %d: its end is looked for",
			    (int)child->pid);
		child->pidfd = fd_close(child->pidfd);
		loop_arm(manager->loop, &child->watching->timer,
			 clock_now() + child->watching->pause);
	}
}

void
watching_end(struct child *child)
{
	if (child->watching) {
		loop_unwatch(child->member->manager->loop, &child->watching->watch);
		loop_disarm(child->member->manager->loop, &child->watching->timer);
		free(child->watching);
		child->watching = NULL;
	}
}

void
watching_ended(struct child *child, const struct outcome *outcome)
{
	struct member *member = child->member;
	struct event event = { .kind = EVENT_EXITED, .part = child->part, .outcome = *outcome };

	if (outcome->known && outcome->signalled && outcome->value == SIGKILL) {
		event.outcome.oom = oom_came(member);
	}
	member_event(member, event);
}
