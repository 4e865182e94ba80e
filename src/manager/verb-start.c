/* verb-start: start units, with what they need, in order; answers when each is up or is known not
 * to come up. */
#include "manager/closure.h"
#include "manager/requests.h"

static json_t *
start_result(struct request_item *item, enum told told)
{
	bool done = told == TOLD_DOWN && item->member->service.why == WHY_NONE;

	return shown_started(item->member, told == TOLD_UP || done, NULL);
}

/* a oneshot that does not remain is up for no time at all: its end is what who starts it waits for
 */
static unsigned
start_told(const struct member *member)
{
	bool passes = member->unit->type == TYPE_ONESHOT && !member->unit->remain_after_exit &&
		      service_is_down(&member->service);

	return passes ? TOLD_BIT(TOLD_DOWN) | TOLD_BIT(TOLD_NOT_UP) | TOLD_BIT(TOLD_WAITING)
		      : REQUESTS_STARTED;
}

static void
start_item(struct request_item *item, bool wait, const char *circle)
{
	struct member *member = item->member;
	const char *bad = member_bad(member);
	unsigned told = start_told(member);
	struct err err;

	if (service_is_up(&member->service) && list_is_empty(&member->events)) {
		requests_done(item, shown_result(member, true, NULL, "runs already"));
	} else if (bad) {
		requests_done(item, shown_result(member, false, "BadUnit", bad));
	} else if (circle) {
		requests_done(item, shown_result(member, false, "Failed", circle));
	} else if (!depend_start(member, false, &err)) {
		requests_done(item, shown_result(member, false, "Failed", err.text));
	} else if (!wait) {
		requests_done(item, shown_result(member, true, NULL, NULL));
	} else {
		requests_wait(item, told, start_result);
	}
}

static void
start_items(struct request *request, bool wait)
{
	struct member **members = calloc(request->count + 1, sizeof(struct member *));
	char **circles;
	size_t count = 0;

	CHECK(members);
	for (size_t i = 0; i < request->count; i++) {
		if (request->items[i].member) {
			members[count++] = request->items[i].member;
		}
	}
	circles = closure_circles(members, count);
	free(members);
	for (size_t i = 0, k = 0; i < request->count; i++) {
		if (request->items[i].member) {
			start_item(&request->items[i], wait, circles[k]);
			free(circles[k++]);
		}
	}
	free(circles);
}

void
verb_start(struct manager *manager, struct call *call)
{
	bool wait = !json_is_false(json_object_get(call->parameters, "wait"));
	struct request *request = requests_begin(manager, call, "results");

	if (!request) {
		return;
	}
	start_items(request, wait);
	requests_settle(request);
}
