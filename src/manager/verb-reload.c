/* verb-reload: let units read their own configuration again (ExecReload=, or SIGHUP for
 * notify-reload). */
#include "manager/requests.h"

static json_t *
reload_result(struct request_item *item, enum told told)
{
	return shown_result(item->member, told == TOLD_RELOADED, NULL,
			    told == TOLD_NOT_RELOADED ? "its reload failed; it goes on as it was"
						      : NULL);
}

static void
reload_item(struct request_item *item)
{
	struct member *member = item->member;

	if (!service_is_up(&member->service)) {
		requests_done(item, shown_result(member, false, "NotRunning", "it does not run"));
	} else if (member->unit->exec_reload.count == 0 &&
		   member->unit->type != TYPE_NOTIFY_RELOAD) {
		requests_done(item,
			      shown_result(member, false, "Failed",
					   "it has no ExecReload=; 'tend signal NAME HUP' sends "
					   "the signal that many daemons take for it"));
	} else {
		requests_wait(item,
			      TOLD_BIT(TOLD_RELOADED) | TOLD_BIT(TOLD_NOT_RELOADED) |
				      TOLD_BIT(TOLD_DOWN),
			      reload_result);
		member_event_simple(member, EVENT_ASKED_RELOAD);
	}
}

void
verb_reload(struct manager *manager, struct call *call)
{
	struct request *request = requests_begin(manager, call, "results");

	if (!request) {
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		if (request->items[i].member) {
			reload_item(&request->items[i]);
		}
	}
	requests_settle(request);
}
