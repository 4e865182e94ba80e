/* A few frames at most times: the list is looked through from its start. */
#include "logger/deferred.h"
#include "base/check.h"
#include <stdlib.h>

enum { DEFERRED_MAX = 8192 };

struct deferred_frame {
	struct list link; /* deferred.frames */
	struct frame frame;
};

void
deferred_init(struct deferred *deferred)
{
	list_init(&deferred->frames);
	deferred->count = 0;
}

static void
let_go(struct deferred *deferred, struct deferred_frame *one)
{
	list_remove(&one->link);
	free(one);
	deferred->count--;
}

void
deferred_add(struct deferred *deferred, const struct frame *frame)
{
	struct deferred_frame *one = malloc(sizeof(*one));

	CHECK(one != NULL);
	if (deferred->count == DEFERRED_MAX) {
		let_go(deferred, LIST_FIRST(&deferred->frames, struct deferred_frame, link));
	}
	one->frame = *frame;
	list_init(&one->link);
	list_add(&deferred->frames, &one->link);
	deferred->count++;
}

bool
deferred_take(struct deferred *deferred, uint64_t key, struct frame *ret_frame)
{
	LIST_EACH(one, &deferred->frames, struct deferred_frame, link) {
		if (one->frame.number == key) {
			*ret_frame = one->frame;
			let_go(deferred, one);
			return true;
		}
	}
	return false;
}

bool
deferred_any(const struct deferred *deferred, uint64_t key)
{
	LIST_EACH(one, &deferred->frames, struct deferred_frame, link) {
		if (one->frame.number == key) {
			return true;
		}
	}
	return false;
}

void
deferred_done(struct deferred *deferred)
{
	LIST_EACH(one, &deferred->frames, struct deferred_frame, link) {
		let_go(deferred, one);
	}
}
