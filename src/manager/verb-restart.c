/* verb-restart: stop if it runs, then start; what depends on it goes through the same. */
#include "manager/requests.h"

static json_t *
restart_result(struct request_item *item, enum told told)
{
	item->member->asker = 0;
	return shown_started(item->member, told == TOLD_UP, NULL);
}

static void
restart_item(struct request_item *item)
{
	struct member *member = item->member;
	struct err err;

	if (member_bad(member)) {
		requests_done(item, shown_result(member, false, "BadUnit", member_bad(member)));
		return;
	}
	requests_spare_caller(item);
	str_replace(&member->by, NULL);
	member->by = requests_by(item->request->call);
	if (!depend_start(member, true, &err)) {
		requests_done(item, shown_result(member, false, "Failed", err.text));
		return;
	}
	requests_wait(item, REQUESTS_STARTED, restart_result);
}

void
verb_restart(struct manager *manager, struct call *call)
{
	struct request *request = requests_begin(manager, call, "results");

	if (!request) {
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		if (request->items[i].member) {
			restart_item(&request->items[i]);
		}
	}
	depend_begin_stops(manager);
	requests_settle(request);
}
