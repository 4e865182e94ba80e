/* verb-list: a line for each unit, all of them or those that fit. */
#include "manager/core.h"
#include <string.h>

static bool
list_wants(const json_t *names, const char *name)
{
	const json_t *pattern;
	size_t i;

	json_array_foreach (names, i, pattern) {
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

void
verb_list(struct manager *manager, struct call *call)
{
	const json_t *names = json_object_get(call->parameters, "names");
	json_t *units = json_array();
	struct member *member;
	size_t at = 0;

	member_load_all(manager);
	while ((member = map_each(&manager->members, &at))) {
		if (list_wants(names, member->name)) {
			(void)json_array_append_new(units, shown_unit(member));
		}
	}
	call_reply(call, json_pack("{s:o}", "units", units));
}
