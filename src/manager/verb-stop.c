/* verb-stop: stop units, and what needs them, in order; the answer is the receipt of each. */
#include "manager/requests.h"

static json_t *
stop_receipt(struct request_item *item, enum told told UNUSED)
{
	item->member->asker = 0;
	return receipt_json(item->member);
}

static void
stop_item(struct request_item *item)
{
	struct member *member = item->member;
	autofree char *by = requests_by(item->request->call);

	requests_spare_caller(item);
	if (service_is_down(&member->service) && list_is_empty(&member->events)) {
		receipt_forget(member);
		requests_done(item, stop_receipt(item, TOLD_DOWN));
		return;
	}
	receipt_open(member);
	requests_wait(item, TOLD_BIT(TOLD_DOWN), stop_receipt);
	depend_mark_stop(member, by);
}

void
verb_stop(struct manager *manager, struct call *call)
{
	struct request *request = requests_begin(manager, call, "receipts");

	if (!request) {
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		if (request->items[i].member) {
			stop_item(&request->items[i]);
		}
	}
	depend_begin_stops(manager);
	requests_settle(request);
}
