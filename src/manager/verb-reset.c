/* verb-reset: forget failures and counters, so that a start limit no longer holds. */
#include "manager/requests.h"

void
verb_reset(struct manager *manager, struct call *call)
{
	struct request *request = requests_begin(manager, call, "results");

	if (!request) {
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		struct request_item *item = &request->items[i];
		if (item->member) {
			str_replace(&item->member->failure, NULL);
			member_event_simple(item->member, EVENT_ASKED_RESET);
		}
	}
	carry_events(manager);
	for (size_t i = 0; i < request->count; i++) {
		struct request_item *item = &request->items[i];
		if (item->member) {
			requests_done(item, shown_result(item->member, true, NULL, NULL));
		}
	}
	requests_settle(request);
}
