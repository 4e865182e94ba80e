/* answers: frames for the manager that its socket has no room for yet. Used by logger.c and
 * trouble.c. Bounded: what would be too much is a report of trouble, which is repeated anyway.
 * 1. answers_init  2. answers_add ...  3. answers_send, again on EPOLLOUT while it returns true
 * 4. answers_done */
#pragma once
#include "base/attr.h"

struct answer {
	uint32_t kind; /* enum frame_kind */
	int32_t error;
	uint64_t key;
	int64_t value;
};

struct answers {
	struct answer *queue;
	size_t first, count, size;
};

void answers_init(struct answers *answers);
void answers_done(struct answers *answers);
void answers_add(struct answers *answers, struct answer answer);
/* `descriptor` finds what goes with a STREAM_HELD, -1: it is gone, so is the answer. True: some are
 * left */
bool answers_send(struct answers *answers, int socket,
		  int (*descriptor)(void *context, uint64_t key), void *context);
