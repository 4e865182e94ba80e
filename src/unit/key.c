/* key: the table. It is searched from the front: a first letter differs much faster than a hash
 * is computed, and a thousand units with ten keys each are read in a few milliseconds. */
#include "unit/value.h"
#include <stddef.h>
#include <string.h>

static const struct value *const values[KIND_COUNT] = {
#define KIND(name, value) [KIND_##name] = &(value),
	KINDS(KIND)
#undef KIND
};

const struct value *
key_value(const struct key *key)
{
	return values[key->value];
}

const struct key key_table[] = {
#define KEY(field_name, key_name, key_section, kind, key_fallback, key_verdict, key_words)         \
	{ .name = key_name,                                                                        \
	  .section = SECTION_##key_section,                                                        \
	  .type = #kind,                                                                           \
	  .fallback = key_fallback,                                                                \
	  .verdict = VERDICT_##key_verdict,                                                        \
	  .words = key_words,                                                                      \
	  .value = KIND_##kind,                                                                    \
	  .offset = offsetof(struct unit, field_name) },
#undef LIMIT_KEY
#define LIMIT_KEY(number, key_name, key_words)                                                     \
	{ .name = key_name,                                                                        \
	  .section = SECTION_SERVICE,                                                              \
	  .type = "LIMIT",                                                                         \
	  .fallback = "",                                                                          \
	  .verdict = VERDICT_HONOURED,                                                             \
	  .words = key_words,                                                                      \
	  .value = KIND_LIMIT,                                                                     \
	  .offset = offsetof(struct unit, limits),                                                 \
	  .resource = (number) },
#include "unit/keys.def"
#define OTHER_KEY(key_name, key_section, key_verdict, key_words)                                   \
	{ .name = key_name,                                                                        \
	  .section = SECTION_##key_section,                                                        \
	  .type = "NOTHING",                                                                       \
	  .fallback = "",                                                                          \
	  .verdict = VERDICT_##key_verdict,                                                        \
	  .words = key_words },
#define ALIAS_KEY(key_name, key_section, targets, key_words)                                       \
	{ .name = key_name,                                                                        \
	  .section = SECTION_##key_section,                                                        \
	  .type = "ALIAS",                                                                         \
	  .fallback = targets,                                                                     \
	  .verdict = VERDICT_HONOURED,                                                             \
	  .words = key_words },
#include "unit/others.def"
};

const size_t key_count = COUNT(key_table);

const struct key *
key_find(enum unit_section section, const char *name)
{
	for (size_t i = 0; i < COUNT(key_table); i++) {
		const struct key *key = &key_table[i];

		if (key->name[0] == name[0] && key->section == section &&
		    strcmp(key->name, name) == 0) {
			return key;
		}
	}
	return NULL;
}

const struct key *
key_by_name(const char *name)
{
	for (unsigned section = 0; section < SECTION_COUNT; section++) {
		const struct key *key = key_find((enum unit_section)section, name);

		if (key != NULL && !str_equal(key->type, "ALIAS")) {
			return key;
		}
	}
	for (size_t i = 0; i < COUNT(key_table); i++) {
		if (strcmp(key_table[i].name, name) == 0) {
			return &key_table[i];
		}
	}
	return NULL;
}
