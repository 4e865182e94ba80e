/* verb-show: the settings of a unit, key by key, and its state under the names programs know. */
#include "manager/requests.h"
#include <stdio.h>

static void
show_add(json_t *array, const char *key, json_t *take_value)
{
	(void)json_array_append_new(array,
				    json_pack("{s:s, s:o}", "key", key, "value", take_value));
}

static void
show_state(json_t *array, struct member *member)
{
	char text[64];
	const struct service *service = &member->service;

	show_add(array, "Id", shown_text(member->name));
	show_add(array, "State", json_string(shown_name(service_shown(service))));
	show_add(array, "Detail", json_string(service_state_name(service->state)));
	show_add(array, "Why", json_string(why_name(service->why)));
	(void)snprintf(text, sizeof(text), "%lld", (long long)member_pid(member));
	show_add(array, "MainPID", json_string(text));
	(void)snprintf(text, sizeof(text), "%u", service->restarts);
	show_add(array, "NRestarts", json_string(text));
	show_add(array, "InvocationID", json_string(member->invocation));
	show_add(array, "FragmentPath", shown_text(member->unit->file ? member->unit->file : ""));
	show_add(array, "Transient", json_string(member->unit->transient ? "yes" : "no"));
}

void
verb_show(struct manager *manager, struct call *call)
{
	struct member *member = requests_member(manager, call);
	json_t *array;

	if (!member) {
		return;
	}
	array = json_array();
	show_state(array, member);
	for (size_t i = 0; i < key_count; i++) {
		autofree char *value = unit_value(member->unit, &key_table[i]);
		if (value) {
			show_add(array, key_table[i].name, shown_text(value));
		}
	}
	call_reply(call,
		   json_pack("{s:o, s:o}", "name", shown_text(member->name), "properties", array));
}
