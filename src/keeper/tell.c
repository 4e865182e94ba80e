/* The order in which the manager hears: the answer that waits, whether a logger lives, children as
 * they changed, held descriptors, the end of the list, that the end was asked for. Each step either
 * goes out whole or stays marked and is tried again when the socket has room. */
#include "base/clock.h"
#include "base/fd.h"
#include "keeper/within.h"
#include <errno.h>

enum {
	REFUSED_PAUSE_MS = 10
}; /* the kernel bounds descriptors under way and does not say when that is over */

static bool
is_room(struct keeper *keeper)
{
	return keeper->link >= 0 && !keeper->full && keeper->again_at == CLOCK_NEVER;
}

/* false: try again when there is room */
static bool
send_frame(struct keeper *keeper, const struct frame *frame, const int *fds, size_t count)
{
	int r = link_send(keeper->link, frame, fds, count);

	if (r == -EAGAIN) {
		keeper->full = true;
		if (keeper->writable) { /* it is not about room: polling would spin */
			keeper->again_at = clock_now() + REFUSED_PAUSE_MS * CLOCK_MS;
		}
	} else {
		keeper->writable = false;
	}
	return r != -EAGAIN; /* another error: it is dead, the next one asks for all of it */
}

void
tell_answer(struct keeper *keeper, const struct frame *frame)
{
	if (!is_room(keeper) || !send_frame(keeper, frame, NULL, 0)) {
		keeper->pending = *frame;
	}
}

static void
queue(struct keeper *keeper, int slot, unsigned untold)
{
	struct slot *s = &keeper->slots[slot];
	uint32_t place = (uint32_t)slot + 1;

	s->untold |= (uint8_t)untold;
	if (s->queued) {
		return;
	}
	s->queued = true;
	s->next = 0;
	if (keeper->untold_last) {
		keeper->slots[keeper->untold_last - 1].next = place;
	} else {
		keeper->untold_first = place;
	}
	keeper->untold_last = place;
}

static bool
send_child(struct keeper *keeper, int slot, int pidfd)
{
	const struct slot *s = &keeper->slots[slot];
	struct frame frame = { .kind = FRAME_CHILD,
			       .number = keeper->numbers[slot],
			       .pid = s->pid,
			       .time = s->started };
	int fds[2];
	size_t count = 0;

	if (fd_is_open(pidfd)) {
		frame.flags |= CHILD_PIDFD;
		fds[count++] = pidfd;
	}
	if (fd_is_open(s->error_pipe)) {
		frame.flags |= CHILD_ERROR_PIPE;
		fds[count++] = s->error_pipe;
	}
	return send_frame(keeper, &frame, fds, count);
}

void
tell_launched(struct keeper *keeper, int slot, int pidfd)
{
	if (!is_room(keeper) || !keeper->greeted || keeper->pending.kind != 0 ||
	    keeper->untold_first != 0 || !send_child(keeper, slot, pidfd)) {
		queue(keeper, slot, UNTOLD_CHILD);
	}
}

void
tell_slot(struct keeper *keeper, int slot, unsigned untold)
{
	queue(keeper, slot, untold);
}

void
tell_list(struct keeper *keeper, int64_t value)
{
	keeper->list_value = value;
	for (uint32_t i = 0; i < keeper->top; i++) {
		if (keeper->numbers[i] != 0) {
			queue(keeper, (int)i,
			      UNTOLD_CHILD | (keeper->slots[i].ended ? UNTOLD_EXITED : 0U));
		}
	}
	keeper->held_untold = keeper->held_count;
	keeper->list_open = true;
}

void
tell_reset(struct keeper *keeper)
{
	for (uint32_t i = keeper->untold_first; i != 0; i = keeper->slots[i - 1].next) {
		keeper->slots[i - 1].untold = 0;
		keeper->slots[i - 1].queued = false;
	}
	keeper->untold_first = keeper->untold_last = 0;
	keeper->pending.kind = 0;
	keeper->held_untold = 0;
	keeper->greeted = keeper->full = keeper->writable = keeper->list_open = keeper->listed =
		false;
	keeper->again_at = CLOCK_NEVER;
	keeper->logger_untold = false;
	keeper->asked_untold = keeper->asked_end;
}

static bool
go_slot(struct keeper *keeper, int slot)
{
	struct slot *s = &keeper->slots[slot];

	if (s->untold & UNTOLD_CHILD) {
		/* ours and not reaped, so the pid is still its own */
		autoclose int pidfd = s->ended ? -1 : fd_pidfd(s->pid);

		if (!send_child(keeper, slot, pidfd)) {
			return false;
		}
		s->untold &= (uint8_t)~UNTOLD_CHILD;
	}
	if (s->untold & UNTOLD_EXITED) {
		struct frame frame = { .kind = FRAME_EXITED,
				       .number = keeper->numbers[slot],
				       .pid = s->pid,
				       .exit = s->exit };

		if (!send_frame(keeper, &frame, NULL, 0)) {
			return false;
		}
		s->untold &= (uint8_t)~UNTOLD_EXITED;
	}
	return true;
}

static bool
go_slots(struct keeper *keeper)
{
	while (keeper->untold_first) {
		struct slot *s = &keeper->slots[keeper->untold_first - 1];

		if (!go_slot(keeper, (int)keeper->untold_first - 1)) {
			return false;
		}
		keeper->untold_first = s->next;
		s->next = 0;
		s->queued = false;
	}
	keeper->untold_last = 0;
	return true;
}

static bool
go_held(struct keeper *keeper)
{
	while (keeper->held_untold > 0) {
		uint32_t at = keeper->held_untold - 1;
		struct frame frame = { .kind = FRAME_HELD, .number = keeper->keys[at] };

		if (!send_frame(keeper, &frame, &keeper->held[at], 1)) {
			return false;
		}
		keeper->held_untold--;
	}
	return true;
}

static bool
go_logger(struct keeper *keeper)
{
	const struct role_state *logger = &keeper->roles[LOGGER];
	struct frame frame = { .kind = FRAME_LOGGER, .value = logger->pid };
	autoclose int pidfd = -1;
	bool sent;

	if (!keeper->logger_untold || logger->pid == 0) {
		return true;
	}
	pidfd = fd_is_open(logger->adopted) ? fd_dup(logger->adopted) : fd_pidfd(logger->pid);
	sent = send_frame(keeper, &frame, &pidfd, fd_is_open(pidfd) ? 1 : 0);
	keeper->logger_untold = !sent;
	return sent;
}

static bool
go_flag(struct keeper *keeper, uint32_t kind, bool *flag)
{
	struct frame frame = { .kind = kind,
			       .value = kind == FRAME_LIST_END ? keeper->list_value : 0 };

	if (*flag && send_frame(keeper, &frame, NULL, 0)) {
		*flag = false;
		return true;
	}
	return !*flag;
}

static bool
go_pending(struct keeper *keeper)
{
	if (keeper->pending.kind != 0) {
		if (!send_frame(keeper, &keeper->pending, NULL, 0)) {
			return false;
		}
		keeper->pending.kind = 0;
	}
	return true;
}

void
tell_go(struct keeper *keeper)
{
	bool open = keeper->list_open;

	if (!is_room(keeper)) {
		return;
	}
	if (go_pending(keeper) && keeper->greeted && go_logger(keeper) && go_slots(keeper) &&
	    go_held(keeper) && go_flag(keeper, FRAME_LIST_END, &keeper->list_open)) {
		keeper->listed |= open;
		(void)(!keeper->listed || go_flag(keeper, FRAME_ASKED_END, &keeper->asked_untold));
	}
}

bool
tell_waits(const struct keeper *keeper)
{
	return keeper->full && keeper->again_at == CLOCK_NEVER;
}

void
tell_has_room(struct keeper *keeper)
{
	keeper->full = false;
	keeper->writable = true;
	keeper->again_at = CLOCK_NEVER;
}
