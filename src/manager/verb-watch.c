/* verb-watch: state changes as they happen. A watcher that does not read is dropped by the wire's
 * limit; the first reply, with an empty name, says that from here on nothing is missed. */
#include "manager/core.h"

static json_t *
watch_reply(const struct member *member)
{
	const struct service *service = member ? &member->service : NULL;
	int64_t pid = member ? member_pid(member) : 0;

	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:f}", "name",
			 shown_text(member ? member->name : ""), "state",
			 service ? shown_name(service_shown(service)) : "", "detail",
			 service ? service_state_name(service->state) : "", "why",
			 service && service->why != WHY_NONE ? json_string(why_name(service->why))
							     : json_null(),
			 "pid", pid > 0 ? json_integer(pid) : json_null(), "time",
			 (double)clock_wall() / 1e9);
}

static bool
watch_wants(const struct call *call, const char *name)
{
	const json_t *names = json_object_get(call->parameters, "names");
	const json_t *pattern;
	size_t i;

	json_array_foreach(names, i, pattern) {
		if (name_matches(json_string_value(pattern), name)) {
			return true;
		}
	}
	return json_array_size(names) == 0;
}

static void
watch_gone(struct call *call)
{
	list_remove(&call->link);
}

void
watch_tell(struct member *member)
{
	LIST_EACH(call, &member->manager->watchers, struct call, link) {
		if (watch_wants(call, member->name)) {
			call_more(call, watch_reply(member));
		}
	}
}

void
verb_watch(struct manager *manager, struct call *call)
{
	call->gone = watch_gone;
	list_add(&manager->watchers, &call->link);
	call_more(call, watch_reply(NULL));
}
