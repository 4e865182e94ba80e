/* sweep: signals to all of a unit, and looking again until nothing is left.
 *
 * A look (signal 0) answers EMPTY, or REMAIN and goes on by itself: it waits on a pidfd of each
 * process that is left and looks again when all of them have ended. A kill does the same after a
 * SIGKILL to each; cgroup.kill is used beside it, against what forks faster than we look. What does
 * not end within SURVIVE_NS of a kill (state D, another user's) is a survivor and is named.
 *
 * EMPTY is said only when no part of the service is outstanding: the end of main is told first, as
 * an event of its own. */
#include "manager/core.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* after SIGKILL only the kernel can hold a process; a busy machine needs a while, too */
static const int64_t SURVIVE_NS = 20 * CLOCK_S;
static const int64_t AGAIN_NS =
	50 * CLOCK_MS; /* when descriptors ran out: the one place that looks by time */
static const int64_t AGAIN_MAX_NS = 2 * CLOCK_S;

struct sweep_watch {
	struct sweep *sweep;
	struct watch watch;
};

struct sweep {
	struct member *member;
	int signal;
	bool looking;
	struct kins kins;
	struct sweep_watch *watches; /* one for each of kins */
	size_t left;                 /* watches that have not fired */
	int64_t killed_at;           /* first SIGKILL */
	int64_t again_after;
	struct timer timer;
};

static void sweep_look(struct sweep *sweep);

static void
sweep_let_go(struct sweep *sweep)
{
	struct loop *loop = sweep->member->manager->loop;

	for (size_t i = 0; i < sweep->kins.count && sweep->watches; i++) {
		loop_unwatch(loop, &sweep->watches[i].watch);
	}
	free(sweep->watches);
	sweep->watches = NULL;
	sweep->left = 0;
	kins_done(&sweep->kins);
	loop_disarm(loop, &sweep->timer);
}

void
sweep_forget(struct member *member)
{
	if (member->sweep) {
		sweep_let_go(member->sweep);
		free(member->sweep);
		member->sweep = NULL;
	}
}

static bool
sweep_part_outstanding(const struct member *member)
{
	return member->service.alive[PART_MAIN] || member->service.alive[PART_CONTROL];
}

static void
sweep_timer_came(struct timer *timer)
{
	struct sweep *sweep = CONTAINER(timer, struct sweep, timer);

	sweep_look(sweep);
}

static void
sweep_process_ended(struct watch *watch, uint32_t events UNUSED)
{
	struct sweep_watch *one = CONTAINER(watch, struct sweep_watch, watch);
	struct sweep *sweep = one->sweep;

	loop_unwatch(sweep->member->manager->loop, watch);
	if (--sweep->left == 0) {
		sweep_look(sweep);
	}
}

/* wait for the end of what was found; with a deadline when it was killed, by time where no
 * descriptor is left */
static void
sweep_wait(struct sweep *sweep)
{
	struct loop *loop = sweep->member->manager->loop;
	int64_t at = CLOCK_NEVER;

	sweep->watches = calloc(sweep->kins.count + 1, sizeof(*sweep->watches));
	CHECK(sweep->watches);
	for (size_t i = 0; i < sweep->kins.count; i++) {
		struct sweep_watch *one = &sweep->watches[i];
		one->sweep = sweep;
		if (fd_is_open(sweep->kins.list[i].pidfd) &&
		    loop_watch(loop, &one->watch, sweep->kins.list[i].pidfd, EPOLLIN, LOOP_EXIT,
			       sweep_process_ended) == 0) {
			sweep->left++;
		} else {
			sweep->kins.incomplete = true;
		}
	}
	if (sweep->signal == SIGKILL) {
		at = sweep->killed_at + SURVIVE_NS;
	}
	if (sweep->kins.incomplete) {
		at = MIN(at, clock_now() + sweep->again_after);
		sweep->again_after = MIN(sweep->again_after * 2, AGAIN_MAX_NS);
	}
	if (at != CLOCK_NEVER) {
		loop_arm(loop, &sweep->timer, MAX(at, clock_now() + CLOCK_MS));
	}
}

static void
sweep_kill_group(struct member *member)
{
	autoclose int group = groups_look(member);
	autoclose int fd = group < 0 ? -1 : openat(group, "cgroup.kill", O_WRONLY | O_CLOEXEC);

	/* the asker lives in the group too: then one by one has to do */
	if (fd >= 0 && !member->asker) {
		(void)!write(fd, "1", 1);
	}
}

static void
sweep_send(struct member *member, const struct kin *kin, int signal)
{
	if (kin->pid == member->asker) {
		return;
	}
	receipt_note(member, kin->pid, signal);
	if (fd_is_open(kin->pidfd)) {
		(void)fd_pidfd_signal(kin->pidfd, signal);
	} else {
		/* no descriptor is left for a pidfd: the start time is the next best proof of who
		 * it is */
		struct proc_stat stat;
		if (proc_stat(kin->pid, &stat) == 0 && stat.start == kin->start) {
			(void)kill(kin->pid, signal);
		}
	}
}

static void
sweep_survived(struct sweep *sweep)
{
	struct member *member = sweep->member;

	for (size_t i = 0; i < sweep->kins.count; i++) {
		receipt_survivor(member, sweep->kins.list[i].pid);
	}
	sweep_forget(member);
	member_event_simple(member, EVENT_SURVIVED);
}

static void
sweep_look(struct sweep *sweep)
{
	struct member *member = sweep->member;
	bool found;

	if (sweep->looking) {
		return;
	}
	sweep->looking = true;
	sweep_let_go(sweep);
	kin_find(member, &sweep->kins);
	found = sweep->kins.count > 0 || sweep->kins.incomplete;
	sweep->looking = false;
	if (!found) {
		if (!sweep_part_outstanding(member)) {
			sweep_forget(member);
			member_event_simple(member, EVENT_EMPTY);
		}
		return; /* sweep_child_ended() looks again */
	}
	if (sweep->signal == SIGKILL) {
		if (sweep->killed_at == 0) {
			sweep->killed_at = clock_now();
		} else if (clock_now() >= sweep->killed_at + SURVIVE_NS) {
			sweep_survived(sweep);
			return;
		}
		for (size_t i = 0; i < sweep->kins.count; i++) {
			sweep_send(member, &sweep->kins.list[i], SIGKILL);
		}
		sweep_kill_group(member);
	}
	sweep_wait(sweep);
}

void
sweep_begin(struct member *member, int signal)
{
	struct sweep *sweep = member->sweep;

	if (!sweep) {
		sweep = calloc(1, sizeof(*sweep));
		CHECK(sweep);
		sweep->member = member;
		sweep->timer.on = sweep_timer_came;
		member->sweep = sweep;
	}
	sweep->signal = MAX(sweep->signal, signal);
	sweep->again_after = AGAIN_NS;
	sweep_look(sweep);
	if (member->sweep && signal == 0) {
		member_event_simple(member, EVENT_REMAIN);
	}
}

void
sweep_child_ended(struct member *member)
{
	if (member->sweep && member->sweep->left == 0) {
		sweep_look(member->sweep);
	}
}

/* ---- one signal ---- */
static void
sweep_signal_child(struct child *child, int signal)
{
	const struct kin kin = { child->pid, child->start, child->pidfd };

	if (child->number == 0) {
		return;
	}
	if (!fd_is_open(child->pidfd) && child->asked) {
		/* one is enough, and the gentle ones that follow a stop add nothing to a process
		 * this new */
		if (child->pending_signal == 0 || signal == SIGKILL) {
			child->pending_signal = signal;
		}
	} else if (child->pid > 0) {
		sweep_send(child->member, &kin, signal);
	}
}

static void
sweep_signal_kin(struct member *member, int signal)
{
	struct kins kins;

	kin_find(member, &kins);
	for (size_t i = 0; i < kins.count; i++) {
		sweep_send(member, &kins.list[i], signal);
	}
	kins_done(&kins);
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (member->child[part].asked && !fd_is_open(member->child[part].pidfd)) {
			sweep_signal_child(&member->child[part], signal);
		}
	}
}

static void
sweep_signal_one(struct member *member, enum whom whom, int signal)
{
	switch (whom) {
	case WHOM_MAIN:
	case WHOM_MIXED: sweep_signal_child(&member->child[PART_MAIN], signal); break;
	case WHOM_CONTROL: sweep_signal_child(&member->child[PART_CONTROL], signal); break;
	case WHOM_ALL: sweep_signal_kin(member, signal); break;
	}
}

void
sweep_signal(struct member *member, const struct order *order)
{
	sweep_signal_one(member, order->whom, order->signal);
	if (order->with_hup) {
		sweep_signal_one(member, order->whom, SIGHUP);
	}
	if (order->with_cont && order->signal != SIGCONT && order->signal != SIGKILL) {
		/* a stopped process acts on no signal before it is let go on */
		sweep_signal_one(member, order->whom, SIGCONT);
	}
}

void
sweep_launched(struct child *child)
{
	int signal = child->pending_signal;

	child->pending_signal = 0;
	if (signal) {
		sweep_signal_child(child, signal);
	}
	if (child->member->sweep && child->member->sweep->signal == SIGKILL) {
		sweep_look(child->member->sweep);
	}
}
