/* unit: birth and death. The fallbacks are read from their rows once, into a unit that others
 * are copies of; no row whose type owns memory has one, so a copy shares nothing and a setting
 * that is not given costs nothing. */
#include "unit/unit.h"
#include "base/check.h"
#include "unit/notice.h"
#include "unit/value.h"
#include <limits.h>
#include <string.h>

static struct unit fallbacks;

static void
fallbacks_fill(struct unit *unit)
{
	unit->limits = value_limit_none;
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];
		void *field = (char *)unit + key->offset;

		if (key_value(key) == &value_scalar_nice ||
		    key_value(key) == &value_scalar_oomscore) {
			*(int *)field = INT_MIN;
		} else if (key_value(key) == &value_scalar_span ||
			   key_value(key) == &value_scalar_timeout) {
			*(int64_t *)field = -1;
		}
		if (key_value(key) != NULL && key->fallback[0] != '\0') {
			CHECK(key_value(key)->done == NULL);
			CHECK(key_value(key)->parse(key, field, key->fallback, NULL) == VALUE_GOOD);
		}
	}
}

const struct unit *
unit_fallbacks(void)
{
	if (fallbacks.references == 0) {
		fallbacks_fill(&fallbacks);
		list_init(&fallbacks.notices);
		fallbacks.references = 1;
	}
	return &fallbacks;
}

struct unit *
unit_new(const char *name, const char *file)
{
	struct unit *unit = malloc(sizeof(*unit));

	CHECK(unit != NULL);
	*unit = *unit_fallbacks();
	list_init(&unit->notices);
	unit->name = str_dup(name);
	unit->file = str_dup(file);
	return unit;
}

struct unit *
unit_ref(struct unit *unit)
{
	unit->references++;
	return unit;
}

struct unit *
unit_unref(struct unit *unit)
{
	if (unit == NULL || --unit->references > 0) {
		return NULL;
	}
	for (size_t i = 0; i < key_count; i++) {
		if (key_value(&key_table[i]) != NULL && key_value(&key_table[i])->done != NULL) {
			key_value(&key_table[i])->done((char *)unit + key_table[i].offset);
		}
	}
	LIST_EACH(notice, &unit->notices, struct notice, link) {
		(void)notice_free(notice);
	}
	free(unit->places);
	free(unit->name);
	free(unit->file);
	(void)strv_free(unit->drop_ins);
	free(unit->bad);
	free(unit);
	return NULL;
}
