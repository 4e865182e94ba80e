/* One function for each kind of frame. Descriptors that a function does not take are closed after
 * it. A frame that makes no sense is dropped: the manager that sent it will be replaced one day,
 * the keeper will not. */
#include "base/clock.h"
#include "base/fd.h"
#include "keeper/within.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { FRAMES_AT_ONCE = 64 }; /* then exits and roles have their turn */

struct order {
	const struct frame *frame;
	int fds[FD_PASS_MAX];
	size_t count;
	bool cut; /* descriptors are missing: we have no room for them */
};

static const struct keeper *held_by; /* in the child, between fork and exec */

static int
held(uint64_t key)
{
	return slots_held(held_by, key);
}

static void
refuse(struct keeper *keeper, uint32_t kind, uint64_t number, int error)
{
	struct frame frame = { .kind = kind, .number = number, .error = error };

	tell_answer(keeper, &frame);
}

static void
join_cgroup(int directory, struct launch_failure *failure, int error_pipe)
{
	int fd = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : fd_write_all(fd, "0", 1);

	if (r < 0) {
		*failure = (struct launch_failure){ .op = PLAN_CGROUP + 1, .number = -r };
		(void)fd_write_all(error_pipe, failure, sizeof(*failure));
		_exit(LAUNCH_FAILED_STATUS);
	}
	(void)fd_close(fd);
}

static NORETURN void
be_child(struct keeper *keeper, const struct order *order, int slot, int cgroup, bool joined)
{
	struct launch_failure *failure = &keeper->slots[slot].exit.failure;
	size_t own = cgroup < 0 ? 3 : 4;

	/* it is none of tendd's processes, and must not hide the keeper's death from the others */
	(void)prctl(PR_SET_NAME, "tendd: child");
	(void)close(ROLE_FD_LISTEN);
	(void)close(keeper->link);
	(void)close(keeper->manager_end);
	(void)close(keeper->logger_end);
	held_by = keeper;
	if (cgroup >= 0 && !joined) {
		join_cgroup(cgroup, failure, order->fds[1]);
	}
	launch_run(order->fds[0], order->fds + own, order->count - own, held, order->fds[1],
		   failure);
}

static int
check_launch(const struct order *order)
{
	size_t needed = order->frame->flags & LAUNCH_CGROUP ? 4 : 3;

	if (order->frame->number == 0) {
		return -EINVAL;
	}
	if (order->cut || (order->count >= 3 && slots_is_scarce(order->fds[2]))) {
		return -EMFILE;
	}
	return order->count < needed ? -EINVAL : 0;
}

static void
launch(struct keeper *keeper, struct order *order)
{
	uint64_t number = order->frame->number;
	int slot = number ? slots_find(keeper, number) : SLOT_NONE, r = check_launch(order);
	autoclose int pidfd = -1;
	bool joined = false;
	int cgroup;
	pid_t pid;

	if (slot != SLOT_NONE) { /* asked again by a manager that did not hear the answer */
		tell_slot(keeper, slot,
			  UNTOLD_CHILD | (keeper->slots[slot].ended ? UNTOLD_EXITED : 0U));
		return;
	}
	slot = r == 0 ? slots_take(keeper, number) : SLOT_NONE;
	if (slot == SLOT_NONE) {
		refuse(keeper, FRAME_REFUSED, number, r < 0 ? -r : ENOSPC);
		return;
	}
	cgroup = order->frame->flags & LAUNCH_CGROUP ? order->fds[3] : -1;
	keeper->slots[slot].started = clock_now();
	pid = spawn_fork(cgroup, &pidfd, &joined);
	if (pid == 0) {
		be_child(keeper, order, slot, cgroup, joined);
	}
	if (pid < 0) {
		slots_free(keeper, slot);
		refuse(keeper, FRAME_REFUSED, number, -pid);
		return;
	}
	keeper->pids[slot] = keeper->slots[slot].pid = pid;
	keeper->slots[slot].error_pipe = fd_take(&order->fds[2]);
	tell_launched(keeper, slot, pidfd);
}

static void
forget(struct keeper *keeper, uint64_t number)
{
	int slot = number ? slots_find(keeper, number) : SLOT_NONE;

	if (slot != SLOT_NONE && keeper->slots[slot].ended) {
		slots_free(keeper, slot);
	}
}

static void
execed(struct keeper *keeper, uint64_t number)
{
	int slot = number ? slots_find(keeper, number) : SLOT_NONE;

	if (slot != SLOT_NONE) {
		keeper->slots[slot].error_pipe = fd_close(keeper->slots[slot].error_pipe);
	}
}

static void
hold(struct keeper *keeper, struct order *order)
{
	int r = order->count == 1
			? slots_hold(keeper, order->frame->number, fd_take(&order->fds[0]))
			: -EMFILE;

	if (r < 0) {
		refuse(keeper, FRAME_NOT_HELD, order->frame->number, -r);
	}
}

static void
hello(struct keeper *keeper)
{
	struct frame frame = { .kind = FRAME_HELLO, .value = LINK_VERSION, .pid = getpid() };

	tell_answer(keeper, &frame);
	keeper->greeted = true;
	keeper->logger_untold = keeper->roles[LOGGER].pid != 0;
	tell_list(keeper, 0);
}

static void
obey(struct keeper *keeper, struct order *order)
{
	const struct frame *frame = order->frame;

	switch (frame->kind) {
	case FRAME_HELLO: hello(keeper); break;
	case FRAME_LAUNCH: launch(keeper, order); break;
	case FRAME_FORGET: forget(keeper, frame->number); break;
	case FRAME_EXECED: execed(keeper, frame->number); break;
	case FRAME_HOLD: hold(keeper, order); break;
	case FRAME_DROP: slots_drop(keeper, frame->number); break;
	case FRAME_DROP_ALL: slots_drop_service(keeper, frame->number); break;
	case FRAME_LIST: tell_list(keeper, frame->value); break;
	case FRAME_ADOPT_LOGGER:
		role_adopt_logger(keeper, (pid_t)frame->value,
				  order->count == 1 ? fd_take(&order->fds[0]) : -1);
		break;
	case FRAME_UPGRADE:
		upgrade_begin(keeper, order->count == 1 ? fd_take(&order->fds[0]) : -1);
		break;
	case FRAME_END: role_end(keeper); break;
	default: break;
	}
}

void
obey_link(struct keeper *keeper, bool to_the_end)
{
	for (int i = 0; keeper->link >= 0 && (to_the_end || i < FRAMES_AT_ONCE); i++) {
		struct frame frame;
		struct order order = { .frame = &frame };
		int r;

		if (keeper->pending.kind != 0 && !to_the_end) {
			return;
		}
		r = link_receive(keeper->link, &frame, order.fds, &order.count, &order.cut);
		if (r == 0) {
			role_link_lost(keeper, clock_now());
			return;
		}
		if (r == -EBADMSG) {
			continue;
		}
		if (r < 0) {
			return;
		}
		obey(keeper, &order);
		for (size_t n = 0; n < order.count; n++) {
			order.fds[n] = fd_close(order.fds[n]);
		}
	}
}
