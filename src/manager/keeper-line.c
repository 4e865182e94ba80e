/* What the keeper says is handed on to whom it concerns: children to launching.c (to adopt.c as
 * long as the list is not complete), held descriptors to pipes.c and notify.c. When the line breaks
 * the keeper is dead: revive.c.
 *
 * Held descriptors are asked back when a new logger wants its streams. That is for the logger to
 * say: who it is that reads our frames nobody else knows, when several died in a short time. They
 * come as fast as the keeper can send, and each is handed on to the logger at once; while the
 * logger does not keep up, nothing more is read here. */
#include "manager/keeper-line.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOGGER_BEHIND = 256 }; /* frames that wait for the logger: no more are made */

static void
held_came(struct manager *manager, const struct frame *frame, int *fds, size_t count)
{
	struct member *member = nmap_get(&manager->by_number, HELD_SERVICE(frame->number));
	unsigned kind = HELD_KIND(frame->number);

	if (!member || count != 1) {
		const struct frame drop = { .kind = FRAME_DROP, .number = frame->number };
		const struct frame close = { .kind = FRAME_CLOSE, .number = frame->number };

		if (!member) { /* of one that was deleted, or whose ledger is lost */
			keeper_line_send(manager, &drop, NULL, 0);
			logger_line_send(manager, &close, NULL, 0);
		}
		return;
	}
	if (kind == HELD_LOG || kind == HELD_LOG_ERROR) {
		pipes_held(member, kind, fds[0]);
	} else if (manager->adopting && kind == HELD_NOTIFY) {
		notify_held(member, fd_take(&fds[0]));
	} else if (manager->adopting && kind >= HELD_STORE) {
		notify_store_held(member, kind - HELD_STORE, fd_take(&fds[0]));
	}
	if (logger_line_waiting(manager) > LOGGER_BEHIND) {
		line_park(&manager->keeper->line, true);
	}
}

static void
logger_came(struct manager *manager, const struct frame *frame, int *fds, size_t count)
{
	struct keeper_line *keeper = manager->keeper;

	manager->logger_pid = (pid_t)frame->value;
	keeper->logger_pidfd = fd_close(keeper->logger_pidfd);
	if (count > 0) {
		keeper->logger_pidfd = fd_take(&fds[0]);
	}
}

/* every log's pipe, as the keeper has it, to the logger: one after another, as it takes them */
static void
give_streams(struct manager *manager)
{
	struct keeper_line *keeper = manager->keeper;
	const struct frame list = { .kind = FRAME_LIST, .value = keeper->list + 1 };

	keeper->list++;
	keeper->giving = true;
	logging_limits(manager); /* they come first */
	keeper_line_send(manager, &list, NULL, 0);
}

void
keeper_line_give(struct manager *manager, int64_t wanted)
{
	struct keeper_line *keeper = manager->keeper;

	keeper->wanted = wanted;
	if (manager->adopting) {
		return; /* it has its streams with the list that is under way, and once more then */
	}
	give_streams(manager);
	if (keeper->asking) { /* the one that was asked may have died over it */
		logger_line_ask_streams(manager);
	}
}

static void
list_ended(struct manager *manager, int64_t value)
{
	struct keeper_line *keeper = manager->keeper;
	int64_t wanted = keeper->wanted;

	if (manager->adopting) {
		adopt_list_end(manager);
		if (wanted != 0) {
			give_streams(manager);
			return;
		}
	}
	if (keeper->giving && value == keeper->list) {
		keeper->giving = false;
		keeper->wanted = 0;
		logger_line_given(manager, wanted);
	}
}

static void
frame_came(void *context, const struct frame *frame, int *fds, size_t count)
{
	struct manager *manager = context;

	manager_trace("keeper: %s %llu", frame_name(frame->kind),
		      (unsigned long long)frame->number);
	switch (frame->kind) {
	case FRAME_HELLO:
		manager->keeper_pid = frame->pid;
		launching_pump(manager);
		break;
	case FRAME_CHILD:
	case FRAME_EXITED:
		if (manager->adopting) {
			adopt_frame(manager, frame, fds, count);
		} else {
			launching_frame(manager, frame, fds, count);
		}
		break;
	case FRAME_REFUSED: launching_frame(manager, frame, fds, count); break;
	case FRAME_HELD: held_came(manager, frame, fds, count); break;
	case FRAME_NOT_HELD: pipes_not_held(manager, frame); break;
	case FRAME_LIST_END: list_ended(manager, frame->value); break;
	case FRAME_LOGGER: logger_came(manager, frame, fds, count); break;
	case FRAME_UPGRADED: upgrade_told(manager, frame->error); break;
	case FRAME_ASKED_END: manager_leave(manager); break;
	default: break;
	}
	for (size_t i = 0; i < count; i++) {
		fds[i] = fd_close(fds[i]);
	}
}

static void
line_lost(void *context)
{
	struct manager *manager = context;

	line_close(&manager->keeper->line);
	revive_keeper(manager);
}

static void
line_idle(void *context)
{
	launching_pump(context);
}

int
keeper_line_open(struct manager *manager, int take_fd)
{
	const struct frame hello = { .kind = FRAME_HELLO, .value = LINK_VERSION };
	struct keeper_line *keeper = manager->keeper;
	int r;

	if (!keeper) {
		keeper = manager->keeper = calloc(1, sizeof(*keeper));
		CHECK(keeper != NULL);
		keeper->logger_pidfd = -1;
		keeper->line = (struct line){
			.context = manager, .on = frame_came, .lost = line_lost, .idle = line_idle
		};
	}
	r = line_open(&keeper->line, manager->loop, take_fd);
	/* the list that follows is also the logger's, whatever it knows already. A keeper that we
	 * have started has nothing to list yet */
	keeper->giving = manager->adopting;
	if (r == 0) {
		keeper_line_send(manager, &hello, NULL, 0);
	}
	return r;
}

int
keeper_line_try(struct manager *manager, const struct frame *frame, const int *fds, size_t count)
{
	return line_send(&manager->keeper->line, frame, fds, count);
}

void
keeper_line_send(struct manager *manager, const struct frame *frame, const int *fds, size_t count)
{
	if (keeper_line_try(manager, frame, fds, count) == -EMFILE) {
		manager_say(manager, SAY_DESCRIPTORS,
			    "no descriptor is left: the keeper was not told %s",
			    frame_name(frame->kind));
	}
}

bool
keeper_line_is_idle(const struct manager *manager)
{
	return line_is_idle(&manager->keeper->line);
}

void
keeper_line_go_on(struct manager *manager)
{
	if (manager->keeper && fd_is_open(manager->keeper->line.fd)) {
		line_park(&manager->keeper->line, false);
	}
}
