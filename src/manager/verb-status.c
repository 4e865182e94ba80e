/* verb-status: everything about one unit. */
#include "manager/requests.h"

void
verb_status(struct manager *manager, struct call *call)
{
	struct member *member = requests_member(manager, call);

	if (member) {
		call_reply(call, json_pack("{s:o}", "status", shown_status(member)));
	}
}
