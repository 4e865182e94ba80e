/* verb-list: a line for each unit, all of them or those that fit. */
#include "manager/core.h"
#include <string.h>

static bool
list_wants(const json_t *names, const char *name)
{
	const json_t *pattern;
	size_t i;

	json_array_foreach(names, i, pattern) {
		const char *text = json_string_value(pattern);
		size_t n = strlen(text);
		if (name_matches(text, name) ||
		    (strncmp(text, name, n) == 0 && name[n] == '@') || /* web: all of web@... */
		    (str_ends(text, ".service") && strlen(name) == n - 8 &&
		     strncmp(text, name, n - 8) == 0)) {
			return true;
		}
	}
	return json_array_size(names) == 0;
}

struct listing {
	struct manager *manager;
	const json_t *names;
	bool brief;
	size_t at; /* map_each's */
};

static json_t *
list_next(void *context)
{
	struct listing *listing = context;
	struct member *member;

	while ((member = map_each(&listing->manager->members, &listing->at))) {
		if (list_wants(listing->names, member->name) &&
		    (json_array_size(listing->names) > 0 || !member_is_unused(member))) {
			return shown_unit(member, listing->brief);
		}
	}
	return NULL;
}

void
verb_list(struct manager *manager, struct call *call)
{
	struct listing listing = { .manager = manager,
				   .names = json_object_get(call->parameters, "names"),
				   .brief = json_is_true(
					   json_object_get(call->parameters, "brief")) };

	member_load_all(manager);
	call_reply_list(call, "units", list_next, &listing);
}
