/* deferred: what a new logger is told about streams that it has not been given yet: marks that lay
 * in the socket when the one before it died. Used by logger.c. Bounded; the oldest goes.
 * 1. deferred_init  2. deferred_add  3. deferred_take for each stream that comes, until it returns
 * false  4. deferred_done, when all have come */
#pragma once
#include "base/list.h"
#include "link/link.h"

struct deferred {
	struct list frames; /* deferred_frame.link */
	size_t count;
};

void deferred_init(struct deferred *deferred);
void deferred_add(struct deferred *deferred, const struct frame *frame);
/* the first one with this key, removed */
bool deferred_take(struct deferred *deferred, uint64_t key, struct frame *ret_frame);
bool deferred_any(const struct deferred *deferred, uint64_t key);
void deferred_done(struct deferred *deferred); /* may be used again */
