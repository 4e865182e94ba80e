/* keeper-line: what the manager keeps about its keeper. Used by keeper-line.c, logger-line.c,
 * launching.c and revive.c; the others call keeper_line_send(). */
#pragma once
#include "manager/core.h"
#include "manager/line.h"

struct keeper_line {
	struct line line;
	int logger_pidfd;    /* for the next keeper; -1 */
	struct timer revive; /* when the next keeper is tried (revive.c) */
	int64_t pause;
	bool giving;    /* a list is under way whose held logs go to the logger */
	int64_t list;   /* the last LIST that was asked for because of that; 0: HELLO's */
	int64_t wanted; /* what the logger called it when it asked for its streams; 0: it did not */
	bool asking; /* the logger was asked for its pipes: nothing is launched until it answers */
};

int keeper_line_open(struct manager *manager, int take_fd); /* says HELLO */
/* as keeper_line_send, but tells: -EMFILE nothing was sent, -EPIPE it is gone */
int keeper_line_try(struct manager *manager, const struct frame *frame, const int *fds,
		    size_t count);
bool keeper_line_is_idle(const struct manager *manager);
void keeper_line_give(struct manager *manager, int64_t wanted); /* the logger wants its streams */
void keeper_line_go_on(struct manager *manager);                /* the logger has caught up */

/* logger-line.c */
int logger_line_open(struct manager *manager, int take_fd);
size_t logger_line_waiting(const struct manager *manager);
/* a new logger has its streams: what was asked of the old one is asked again */
void logger_line_given(struct manager *manager, int64_t wanted);
void logger_line_drain(struct manager *manager, uint64_t key, void (*then)(void *context),
		       void *context);
/* a frame that is answered by CARED; asked again of the next logger */
void logger_line_ask(struct manager *manager, const struct frame *frame,
		     void (*then)(void *context, const struct frame *answer), void *context);
void logger_line_ask_streams(struct manager *manager); /* GIVE: net 2; pipes_given() for each */

/* pipes.c */
/* does the unit have a pipe of this kind, HELD_LOG or HELD_LOG_ERROR? */
bool pipes_wanted(const struct unit *unit, unsigned kind);
void pipes_closed(struct manager *manager,
		  const struct frame *frame); /* CLOSED: the logger has read it to its end */
void pipes_forget(struct member *member,
		  unsigned kind); /* it is gone, or goes without being asked */
/* what the manager has of them is needed for something else; false: that is nothing */
bool pipes_release(struct manager *manager);
/* the keeper is dead and another one there; false: only the logger may still have one of them */
bool pipes_hold_again(struct member *member);
void pipes_held(struct member *member, unsigned kind,
		int fd); /* the keeper gave it: hand it on to the logger */
/* keeper, logger and manager had lost it, and here it is again */
void pipes_take(struct member *member, unsigned kind, int held, int read_end);
void pipes_not_held(struct manager *manager, const struct frame *frame);
void pipes_given(struct manager *manager, uint64_t key,
		 int fd); /* the logger gave it: let the keeper hold it */
/* pipes-find.c: those that nobody holds any more are looked for among the processes */
void pipes_find(struct manager *manager);

/* adopt.c */
void adopt_launch_again(struct child *child); /* it was never launched */
void adopt_ended_unseen(struct child *child); /* it was, and is gone; nobody knows how it ended */
void adopt_frame(struct manager *manager, const struct frame *frame, int *fds, size_t count);

/* revive.c */
/* the keeper died over this launch, and its error pipe is closed now; reached: the exec was */
void revive_launch(struct child *child, bool reached);
void revive_streams_end(struct manager *manager); /* the logger has given what it had */
/* the keeper is dead; false: this is no launch that was under way, but a process to be watched */
bool launching_lost(struct child *child);
