/* verdict: the promise that no key is ignored in silence, kept by a loop over what was given. */
#include "unit/notice.h"
#include "unit/value.h"
#include <string.h>

static bool
notice_kind_of(const struct unit *unit, const struct key *key, const struct verdict_host *host,
	       enum notice_kind *ret_kind)
{
	switch (key->verdict) {
	case VERDICT_HONOURED: break;
	case VERDICT_APPROXIMATED:
		*ret_kind = NOTICE_APPROXIMATED;
		return key->value != &value_choice_oom || !host->oom;
	case VERDICT_NEEDS_ROOT: *ret_kind = NOTICE_NEEDS; return !host->root;
	case VERDICT_UNSUPPORTED: *ret_kind = NOTICE_UNSUPPORTED; return true;
	}
	*ret_kind = NOTICE_NEEDS;
	return !host->root &&
	       ((key->value == &value_scalar_nice && unit->nice < 0) ||
		(key->value == &value_scalar_oomscore && unit->oom_score_adjust < 0));
}

size_t
verdict_list(const struct unit *unit, const struct verdict_host *host, struct list *ret_notices)
{
	size_t count = 0;

	for (uint32_t i = 0; i < unit->place_count; i++) {
		const struct place *place = &unit->places[i];
		const struct key *key = &key_table[place->key];
		const char *words = key->words;
		enum notice_kind kind;

		if (!notice_kind_of(unit, key, host, &kind)) {
			continue;
		}
		if (kind == NOTICE_NEEDS) {
			words = "only root can do this: without it the start fails";
		} else if (key->value == &value_choice_oom) {
			words = "no cgroup counts out-of-memory kills here (that needs the memory "
				"controller): one of main is a SIGKILL, others are not seen";
		}
		notice_add(ret_notices, kind, unit_place_file(unit, place), place->line, key->name,
			   "%s", words);
		count++;
	}
	return count;
}
