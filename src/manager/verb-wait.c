/* verb-wait: answers when all of the units are down for good (no restart pending), or up. */
#include "manager/requests.h"

static json_t *
wait_result(struct request_item *item, enum told told UNUSED)
{
	const struct member *member = item->member;
	const struct service *service = &member->service;

	return json_pack("{s:o, s:s, s:o, s:o, s:o}", "name", shown_text(member->name), "state",
			 shown_name(service_shown(service)), "why",
			 service->why == WHY_NONE ? json_null()
						  : json_string(why_name(service->why)),
			 "exit", service->main_known ? shown_exit(&service->outcome) : json_null(),
			 "text", shown_text(member->failure));
}

static bool
wait_is_over(const struct member *member, bool up)
{
	if (!list_is_empty(&member->events)) {
		return false;
	}
	return service_is_down(&member->service) || (up && service_is_up(&member->service));
}

void
verb_wait(struct manager *manager, struct call *call)
{
	const char *until = json_string_value(json_object_get(call->parameters, "until"));
	bool up = str_equal(until, "up") || str_equal(until, "ready");
	unsigned told = TOLD_BIT(TOLD_DOWN) | (up ? TOLD_BIT(TOLD_UP) | TOLD_BIT(TOLD_NOT_UP) : 0);
	struct request *request;

	if (until && !up && !str_equal(until, "down")) {
		call_fail_text(call, "BadInput", "until is one of down, up, ready");
		return;
	}
	request = requests_begin(manager, call, "results");
	if (!request) {
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		struct request_item *item = &request->items[i];
		if (item->member && wait_is_over(item->member, up)) {
			requests_done(item, wait_result(item, TOLD_DOWN));
		} else if (item->member) {
			requests_wait(item, told, wait_result);
		}
	}
	requests_settle(request);
}
