/* verb-signal: send a signal to main, to the control command, or to all of a unit. */
#include "manager/requests.h"
#include "base/signals.h"

static bool
signal_whom(const char *text, enum whom *ret_whom)
{
	if (!text || str_equal(text, "main")) {
		*ret_whom = WHOM_MAIN;
	} else if (str_equal(text, "control")) {
		*ret_whom = WHOM_CONTROL;
	} else if (str_equal(text, "all")) {
		*ret_whom = WHOM_ALL;
	} else {
		return false;
	}
	return true;
}

static void
signal_item(struct request_item *item, int signal, enum whom whom)
{
	struct member *member = item->member;
	const struct order order = { .kind = ORDER_SIGNAL, .whom = whom, .signal = signal };
	bool there = whom == WHOM_ALL       ? kin_any(member)
		     : whom == WHOM_CONTROL ? member->child[PART_CONTROL].pid > 0
					    : member_pid(member) > 0;

	if (!there) {
		requests_done(item, shown_result(member, false, "NotRunning", "it does not run"));
		return;
	}
	str_replace(&member->by, NULL);
	member->by = requests_by(item->request->call);
	ledger_write(member);
	sweep_signal(member, &order);
	requests_done(item, shown_result(member, true, NULL, NULL));
}

void
verb_signal(struct manager *manager, struct call *call)
{
	const char *text = json_string_value(json_object_get(call->parameters, "signal"));
	int signal = signals_parse(text);
	enum whom whom;
	struct request *request;

	if (signal <= 0) {
		call_fail_text(call, "BadInput", "%s is no signal; TERM, HUP, USR1, 9 ... are",
			       text);
		return;
	}
	if (!signal_whom(json_string_value(json_object_get(call->parameters, "whom")), &whom)) {
		call_fail_text(call, "BadInput", "whom is one of main, control, all");
		return;
	}
	request = requests_begin(manager, call, "results");
	if (!request) {
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		if (request->items[i].member) {
			signal_item(&request->items[i], signal, whom);
		}
	}
	requests_settle(request);
}
