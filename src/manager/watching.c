/* The end of processes that are not the keeper's: a pidfd says when, and who can says how. A zombie
 * shows its status in /proc, a reaped one in PIDFD_INFO_EXIT (Linux 6.15), which is there only
 * after the reaping: then the pidfd hangs up. Where nobody can tell, the outcome is unknown, which
 * is not 0. */
#include "manager/core.h"
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>

struct watching {
	struct watch watch; /* of the pidfd */
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
	watching_end(child);
	child->pidfd = fd_close(child->pidfd);
	child->ended_told = true;
	watching_ended(child, &outcome);
}

void
watching_begin(struct child *child)
{
	struct manager *manager = child->member->manager;

	CHECK(!child->watching);
	child->watching = calloc(1, sizeof(*child->watching));
	CHECK(child->watching != NULL);
	child->watching->child = child;
	if (loop_watch(manager->loop, &child->watching->watch, child->pidfd, EPOLLIN, LOOP_EXIT,
		       pidfd_came) < 0) {
		manager_say(manager, SAY_DESCRIPTORS, "process %d can't be watched",
			    (int)child->pid);
	}
}

void
watching_end(struct child *child)
{
	if (child->watching) {
		loop_unwatch(child->member->manager->loop, &child->watching->watch);
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
