/* A launch: the plan and an error pipe go to the keeper, CHILD or REFUSED comes back, then the pipe
 * says whether the program runs (it is closed by the exec) or why not. An end that comes before the
 * pipe's word tells the same: the child leaves its failure with the keeper, too. So each launch
 * ends in exactly one of EXECED and LAUNCH_FAILED, and the second is told only when the process is
 * gone.
 *
 * Not more than ASKED_MAX are asked of the keeper at a time, the others wait in order: descriptors
 * under way are few. Before a launch is sent the ledger says to which keeper, so that a new manager
 * knows: this keeper has never heard of the number, then it was not launched; another keeper, then
 * nobody can tell. */
#include "base/signals.h"
#include "manager/keeper-line.h"
#include "store/store.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	ASKED_MAX = 64,  /* launches on their way to the keeper */
	OPEN_MAX_ = 1024 /* launched, not yet exec'd (a child may hang there, in opening a file) */
};

struct launching {
	struct child *child;
	struct list link; /* manager.launches, while it waits */
	enum step step;
	unsigned index;
	bool sent;
	bool at_end;  /* the error pipe is closed: the two below are known */
	bool reached; /* the exec was: the program ran, however short, unless */
	bool failed;  /* there is a failure on the pipe */
	struct watch watch;
	int error_pipe, plan; /* -1 none */
};

uint64_t
launching_number(struct manager *manager)
{
	manager->last_child = MAX(manager->last_child + 1, (uint64_t)clock_wall());
	return manager->last_child;
}

static bool
has_room(const struct manager *manager)
{
	return !manager->adopting && manager->keeper_pid != 0 && !manager->keeper->asking &&
	       manager->launches_asked < ASKED_MAX && manager->launches_open < OPEN_MAX_ &&
	       keeper_line_is_idle(manager) && logger_line_waiting(manager) == 0;
}

bool
launching_waits(const struct member *member)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		const struct launching *launching = member->child[part].launching;

		if (launching && !launching->sent) {
			return true;
		}
	}
	return false;
}
static struct launching *
launching_new(struct child *child, enum step step, unsigned index)
{
	struct launching *launching = calloc(1, sizeof(*launching));

	CHECK(launching != NULL && !child->launching);
	launching->child = child;
	launching->step = step;
	launching->index = index;
	launching->error_pipe = launching->plan = -1;
	list_init(&launching->link);
	child->launching = launching;
	return launching;
}

void
launching_forget(struct child *child)
{
	struct launching *launching = child->launching;
	struct manager *manager = child->member->manager;

	if (!launching) {
		return;
	}
	if (launching->sent) {
		manager->launches_open--;
		manager->launches_asked -= child->asked ? 1 : 0;
	}
	child->asked = false;
	loop_unwatch(manager->loop, &launching->watch);
	list_remove(&launching->link);
	(void)fd_close(launching->error_pipe);
	(void)fd_close(launching->plan);
	free(launching);
	child->launching = NULL;
}

/* the process is gone, or never was */
static void
launch_failed(struct child *child, const char *words)
{
	struct member *member = child->member;

	str_replace(&member->failure, words);
	manager_trace("%s: %s", member->name, words);
	launching_forget(child);
	member_event(member, (struct event){ .kind = EVENT_LAUNCH_FAILED, .part = child->part });
}

/* ---- sending ---- */
static int
make_plan(struct launching *launching, int *ret_input, struct err *err)
{
	struct child *child = launching->child;
	struct plan plan;
	int r;

	if (!planning_make(child->member, child->part, launching->step, launching->index, &plan,
			   ret_input, err)) {
		return -1;
	}
	r = plan_pack(&plan, &launching->plan);
	plan_done(&plan);
	if (r < 0) {
		(void)err_set_errno(err, -r, "the plan of the start");
		*ret_input = fd_close(*ret_input);
	}
	return r;
}

static void error_pipe_came(struct watch *watch, uint32_t events);

static int
send_launch(struct launching *launching, int input, struct err *err)
{
	struct child *child = launching->child;
	struct manager *manager = child->member->manager;
	autoclose int group = groups_open(child->member);
	autoclose int write_end = -1;
	struct frame frame = { .kind = FRAME_LAUNCH, .number = child->number };
	int pair[2], fds[5], r = fd_pipe(pair);
	size_t count = 3;

	if (r < 0) {
		(void)err_set_errno(err, -r, "a pipe for the start");
		return r;
	}
	launching->error_pipe = pair[0];
	write_end = fds[1] = pair[1];
	fds[0] = launching->plan;
	fds[2] = launching->error_pipe;
	if (fd_is_open(group)) {
		oom_launch(child->member, group);
		frame.flags = LAUNCH_CGROUP;
		fds[count++] = group;
	}
	if (fd_is_open(input)) {
		fds[count++] = input;
	}
	r = loop_watch(manager->loop, &launching->watch, launching->error_pipe, EPOLLHUP, LOOP_DATA,
		       error_pipe_came);
	r = r < 0 ? r : keeper_line_try(manager, &frame, fds, count);
	if (r == -EMFILE || (r < 0 && r != -EPIPE)) {
		(void)err_set_errno(err, -r, "the start");
	}
	return r;
}

static void
begin(struct launching *launching)
{
	struct child *child = launching->child;
	struct member *member = child->member;
	struct manager *manager = member->manager;
	struct err err = { 0 };
	int input = -1, r;

	list_remove(&launching->link);
	if (child->pending_signal == SIGKILL || child->pending_signal == SIGTERM) {
		child->pending_signal = 0;
		launch_failed(child, "it was stopped before its turn to be started came");
		return;
	}
	r = pipes_open(member, &err);
	r = r < 0 ? r : make_plan(launching, &input, &err);
	if (r < 0) {
		launch_failed(child, err.text);
		return;
	}
	if (member->marked_run != member->run) {
		member->marked_run = member->run;
		/* before the launch, so that nothing the run writes can stand before it; its pid is
		 * not known yet */
		pipes_mark(member, STORE_START, 0, member->run);
	}
	child->keeper = manager->keeper_pid;
	ledger_write(member);
	launching->sent = true;
	manager->launches_open++;
	manager->launches_asked++;
	r = send_launch(launching, input, &err);
	(void)fd_close(input);
	/* a keeper that is dead is replaced, and what was asked of it is looked at then */
	if (r < 0 && r != -EPIPE) {
		launch_failed(child, err.text);
	}
}

void
launching_pump(struct manager *manager)
{
	while (!list_is_empty(&manager->launches) && has_room(manager)) {
		begin(LIST_FIRST(&manager->launches, struct launching, link));
	}
}

void
launching_begin(struct member *member, enum part part, enum step step, unsigned index)
{
	struct child *child = &member->child[part];
	struct launching *launching = launching_new(child, step, index);

	child->asked = true;
	list_add(&member->manager->launches, &launching->link);
	launching_pump(member->manager);
}

/* ---- what became of it ---- */
static void
execed(struct child *child)
{
	struct member *member = child->member;
	const struct frame frame = { .kind = FRAME_EXECED, .number = child->number };

	child->execed = true;
	keeper_line_send(member->manager, &frame, NULL, 0);
	launching_forget(child);
	if (child->part == PART_MAIN && child->pid > 0) {
		/* only now: it would have woken the logger between the fork and the exec */
		pipes_mark(member, STORE_START, child->pid, member->run);
	}
	member_event(member, (struct event){ .kind = EVENT_EXECED, .part = child->part });
}

/* Its only writer is gone. The bytes stay there: a manager after this one may have to hear them. */
static void
hear(struct launching *launching)
{
	int bytes = 0;

	launching->at_end = true;
	(void)ioctl(launching->error_pipe, FIONREAD, &bytes);
	launching->reached = bytes == LAUNCH_REACHED || bytes > LAUNCH_FAILED;
	launching->failed = bytes >= LAUNCH_FAILED;
}

static void
failed_in_words(struct child *child, const struct launch_failure *failure)
{
	char words[1024];
	int plan = child->launching ? child->launching->plan : -1;

	launch_failed(child, launch_words_packed(plan, failure, words, sizeof(words)));
}

static void
read_failure(struct child *child)
{
	unsigned char bytes[LAUNCH_FAILED + 1];
	struct launch_failure failure = { .op = PLAN_OP_COUNT + 1 };
	ssize_t n = read(child->launching->error_pipe, bytes, sizeof(bytes));

	if (n >= LAUNCH_FAILED) {
		memcpy(&failure, bytes + n - LAUNCH_FAILED, sizeof(failure));
	}
	failed_in_words(child, &failure);
}

/* The keeper that was to say how it ended is dead. Never reached: it never ran, so it may be
 * launched (again) without being run twice. */
static void
settle_without_keeper(struct child *child)
{
	const struct launching *launching = child->launching;

	if (launching->failed) {
		read_failure(child);
	} else if (child->asked || !launching->reached) {
		revive_launch(child, launching->reached);
	} else {
		execed(child);
	}
}

/* a failure is told with the end of the process, which follows */
static void
error_pipe_came(struct watch *watch, uint32_t events UNUSED)
{
	struct launching *launching = CONTAINER(watch, struct launching, watch);
	struct child *child = launching->child;
	struct manager *manager = child->member->manager;

	loop_unwatch(manager->loop, watch);
	hear(launching);
	if (child->foreign || (child->asked && child->keeper != manager->keeper_pid)) {
		settle_without_keeper(child);
	} else if (!child->asked && launching->reached && !launching->failed) {
		execed(child); /* else its pid comes first, or its end */
		launching_pump(manager);
	}
}

bool
launching_lost(struct child *child)
{
	if (child->launching && child->launching->at_end) {
		settle_without_keeper(child);
		return true;
	}
	return child->asked; /* its pipe will tell */
}

void
launching_adopted(struct child *child, int take_error_pipe)
{
	struct manager *manager = child->member->manager;
	struct launching *launching = launching_new(child, STEP_NONE, 0);

	launching->error_pipe = take_error_pipe;
	launching->sent = true;
	manager->launches_open++;
	if (loop_watch(manager->loop, &launching->watch, take_error_pipe, EPOLLHUP, LOOP_DATA,
		       error_pipe_came) < 0) {
		execed(child);
	}
}

static void
child_came(struct child *child, const struct frame *frame, int *fds, size_t count)
{
	struct member *member = child->member;
	struct proc_stat stat;

	if (!child->asked) { /* listed again */
		return;
	}
	child->asked = false;
	member->manager->launches_asked--;
	child->pid = frame->pid;
	child->foreign = false;
	if ((frame->flags & CHILD_PIDFD) && count > 0) {
		child->pidfd = fd_close(child->pidfd);
		child->pidfd = fd_take(&fds[0]);
	}
	/* without /proc nobody will compare it either */
	child->start = proc_stat(child->pid, &stat) == 0 ? stat.start : 0;
	if (child->part == PART_MAIN) {
		member->run_pid = child->pid;
	}
	sweep_launched(child);
	/* the ledger has its pid with the next event; until then it is found by its INVOCATION_ID
	 */
	if (child->launching && child->launching->reached && !child->launching->failed) {
		execed(child);
	}
}

static void
refused(struct child *child, const struct frame *frame)
{
	char words[128];

	if (!child->asked) {
		return;
	}
	if (frame->error == ENOSPC) {
		(void)snprintf(words, sizeof(words), "fork: tendd keeps %d processes already",
			       LIMIT_CHILDREN);
	} else {
		(void)snprintf(words, sizeof(words), "fork: %s", strerror(frame->error));
	}
	launch_failed(child, words);
}

/* somebody ended it while it was being set up */
static void
killed_early(struct child *child, const struct outcome *outcome)
{
	char words[256];
	size_t n = (size_t)snprintf(words, sizeof(words), "it was ended before its program ran: ");

	(void)outcome_show(outcome, words + n, sizeof(words) - n);
	launch_failed(child, words);
}

static void
exited(struct child *child, const struct frame *frame)
{
	const struct frame_exit *exit = &frame->exit;
	struct member *member = child->member;
	struct outcome outcome = { .known = exit->code != 0,
				   .signalled =
					   exit->code == CLD_KILLED || exit->code == CLD_DUMPED,
				   .core = exit->code == CLD_DUMPED,
				   .value = exit->status };

	child->pidfd = fd_close(child->pidfd);
	if (exit->failure.op != 0) {
		failed_in_words(child, &exit->failure);
		return;
	}
	if (!child->execed && child->launching) { /* the end came before the pipe's word */
		hear(child->launching);
		if (!child->launching->reached) {
			killed_early(child, &outcome);
			return;
		}
	}
	if (!child->execed) {
		execed(child);
	}
	member->usage.cpu_us += exit->cpu_user_us + exit->cpu_system_us;
	member->usage.peak_kib = MAX(member->usage.peak_kib, exit->peak_kib);
	watching_ended(child, &outcome);
}

void
launching_frame(struct manager *manager, const struct frame *frame, int *fds, size_t count)
{
	struct child *child = nmap_get(&manager->children, frame->number);
	const struct frame forget = { .kind = FRAME_FORGET, .number = frame->number };

	if (frame->kind == FRAME_EXITED && (!child || child->ended_told)) {
		if (!child) { /* of a run that is written down, or of a deleted unit */
			keeper_line_send(manager, &forget, NULL, 0);
		}
	} else if (child && frame->kind == FRAME_CHILD) {
		child_came(child, frame, fds, count);
	} else if (child && frame->kind == FRAME_REFUSED) {
		refused(child, frame);
	} else if (child && frame->kind == FRAME_EXITED) {
		child->ended_told = true;
		exited(child, frame);
	}
	launching_pump(manager);
}
