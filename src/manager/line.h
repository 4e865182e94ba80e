/* line: a socket on which frames go both ways, with a queue for what the other side has no room for
 * now. Used by keeper-line.c and logger-line.c. Owns its descriptor and what is queued.
 *
 * 1. line_open  2. line_send ...  3. line_close. Frames that came are given to `on`, which owns
 * their descriptors. Must never: block, lose the order of frames, spin on a socket that says it has
 * room and refuses. */
#pragma once
#include "base/loop.h"
#include "link/link.h"

struct line {
	struct loop *loop;
	int fd;
	struct watch watch;
	struct list queue; /* waiting.link */
	size_t waiting;
	struct timer again; /* when it said that there is room and yet refused */
	int64_t pause;
	bool parked; /* nothing is read for now */
	void *context;
	void (*on)(void *context, const struct frame *frame, int *fds, size_t count);
	void (*lost)(void *context); /* the other side is gone: once; line_close is the next */
	void (*idle)(void *context); /* the queue has become empty; may be NULL */
};

int line_open(struct line *line, struct loop *loop,
	      int take_fd); /* `context` and the functions are set before */
void line_close(struct line *line);
/* 0: sent or queued (the descriptors are duplicated); -EMFILE: no descriptor left to queue it,
 * nothing was done; -EPIPE: the other side is gone */
int line_send(struct line *line, const struct frame *frame, const int *fds, size_t count);
bool line_is_idle(const struct line *line);
void line_park(struct line *line, bool parked); /* true: reads nothing until it is false again */
