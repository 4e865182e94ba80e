/* verb-reload-units: read unit files again. What runs goes on as it is; a changed description is
 * kept beside the one in force (next_unit) and taken at the next start, so `changed` can be shown
 * until then. */
#include "manager/core.h"

struct difference {
	json_t *added, *changed, *removed, *bad;
};

static void
difference_add(json_t *array, const char *name)
{
	(void)json_array_append_new(array, shown_text(name));
}

/* true: the member is gone */
static bool
reload_one(struct member *member, struct unit *unit, struct difference *difference)
{
	bool down = service_is_down(&member->service) && list_is_empty(&member->events);

	if (!unit) { /* its file is gone: a member that runs stays until it is down */
		difference_add(difference->removed, member->name);
		member->leaving = true;
		if (down) {
			delete_finish(member);
			return true;
		}
		return false;
	}
	if (member->leaving && service_is_up(&member->service) && !member->leaving_logs &&
	    member->pending == PENDING_NONE) {
		member->leaving = false; /* its file was gone, and is there again */
	}
	if (unit->bad) {
		autofree char *text = str_format("%s: %s", member->name, unit->bad);
		difference_add(difference->bad, text);
	}
	if (unit_equal(unit, member->unit)) {
		member->next_unit = unit_unref(member->next_unit);
		return false;
	}
	difference_add(difference->changed, member->name);
	/* a bad one is not taken while it runs (carry.c), and refused by whoever starts it */
	member->next_unit = unit_unref(member->next_unit);
	member->next_unit = unit_ref(unit);
	if (down) {
		member_take_next_unit(member);
	}
	return false;
}

static void
reload_members(struct manager *manager, struct map *units, struct difference *difference)
{
	struct member *member;
	size_t at = 0;

	while ((member = map_each(&manager->members, &at))) {
		autofree char *template =
			name_is_instance(member->name) ? name_template(member->name) : NULL;
		const char *key = template ? template : member->name;
		struct unit *unit = map_get(units, key);
		struct err err = { 0 };
		if (!unit) {
			unit = unit_load(member->name, member_directories(manager), &err);
			if (unit) {
				map_set(units, unit->name, unit);
			}
		}
		(void)reload_one(member, unit, difference);
	}
}

static void
reload_added(struct manager *manager, struct map *before, struct difference *difference)
{
	struct member *member;
	size_t at = 0;

	while ((member = map_each(&manager->members, &at))) {
		if (!map_get(before, member->name)) {
			difference_add(difference->added, member->name);
			if (member->unit->bad) {
				autofree char *text =
					str_format("%s: %s", member->name, member->unit->bad);
				difference_add(difference->bad, text);
			}
		}
	}
}

void
verb_reload_units(struct manager *manager, struct call *call)
{
	struct difference difference = { json_array(), json_array(), json_array(), json_array() };
	struct map units, before;
	struct member *member;
	struct unit *unit;
	size_t at = 0;

	map_init(&units);
	map_init(&before);
	reload_members(manager, &units, &difference);
	while ((member = map_each(&manager->members, &at))) {
		map_set(&before, member->name, member);
	}
	at = 0;
	while ((unit = map_each(&units, &at))) {
		member_template_changed(manager, unit->name, unit);
	}
	member_load_all(manager);
	logging_reload(manager);
	LIST_EACH(notice, &manager->config->notices, struct notice, link) {
		autofree char *text = str_format("%s:%u: %s%s%s", notice->file, notice->line,
						 notice->key ? notice->key : "",
						 notice->key ? "=: " : "", notice->text);
		difference_add(difference.bad, text);
	}
	reload_added(manager, &before, &difference);
	at = 0;
	while ((unit = map_each(&units, &at))) {
		(void)unit_unref(unit);
	}
	map_done(&units);
	map_done(&before);
	call_reply(call, json_pack("{s:o, s:o, s:o, s:o}", "added", difference.added, "changed",
				   difference.changed, "removed", difference.removed, "bad",
				   difference.bad));
}
