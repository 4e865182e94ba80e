/* requests: a verb over several units that answers when each has come to something.
 * Used by the verb-*.c files. A request owns its items; a member's waits point into them.
 *
 * 1. requests_begin (resolves the names; NULL: it has answered already)  2. for each item with a
 * member: do it, then requests_wait or requests_done  3. requests_settle, which answers when
 * nothing is left to wait for. */
#pragma once
#include "manager/core.h"

struct request;

struct request_item {
	struct request *request;
	struct member
		*member; /* NULL: the name could not be resolved, the result says so already */
	char *name;
	json_t *result; /* NULL until it is done */
	unsigned told;  /* bits of enum told that end the wait */
	json_t *(*make)(struct request_item *item, enum told told);
	struct list link; /* member.waits */
};

struct request {
	struct manager *manager;
	struct call *call;
	const char *array; /* the name of the reply's field */
	struct request_item *items;
	size_t count, left;
	bool settled;      /* every item has been begun */
	struct timer self; /* a stop asked from within the unit is answered before its end */
	char *log;         /* Run: where the log is */
};

struct request *requests_begin(struct manager *manager, struct call *call, const char *array);
struct request *requests_begin_members(struct manager *manager, struct call *call,
				       const char *array, struct member **members, size_t count);
void requests_wait(struct request_item *item, unsigned told_bits,
		   json_t *(*make)(struct request_item *item, enum told told));
void requests_done(struct request_item *item, json_t *take_result);
void requests_settle(struct request *request);
#define TOLD_BIT(told) (1U << (told))
/* what a start comes to; one that failed and is tried again after a pause has failed for who waits
 */
#define REQUESTS_STARTED (TOLD_BIT(TOLD_UP) | TOLD_BIT(TOLD_NOT_UP) | TOLD_BIT(TOLD_WAITING))

/* one unit of a looking verb ("name"); NULL: it has answered NoSuchUnit */
struct member *requests_member(struct manager *manager, struct call *call);
/* "uid 1000, tend stop web (pid 77)"; owned */
char *requests_by(const struct call *call);
/* the caller may be one of the unit's own processes: remember it, so that it is not signalled */
void requests_spare_caller(struct request_item *item);
