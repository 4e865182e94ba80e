/* key: the table. It is searched from the front: a first letter differs much faster than a hash
 * is computed, and a thousand units with ten keys each are read in a few milliseconds. */
#include "unit/value.h"
#include <stddef.h>
#include <string.h>

#define VALUE_BOOL value_scalar_bool
#define VALUE_SPAN value_scalar_span
#define VALUE_TIMEOUT value_scalar_timeout
#define VALUE_NUMBER value_scalar_number
#define VALUE_SIZE value_scalar_size
#define VALUE_MODE value_scalar_mode
#define VALUE_SIGNAL value_scalar_signal
#define VALUE_NICE value_scalar_nice
#define VALUE_OOMSCORE value_scalar_oomscore
#define VALUE_STRING value_text_string
#define VALUE_PATH value_text_path
#define VALUE_RUNPATH value_text_runpath
#define VALUE_WORDS value_list_words
#define VALUE_UNITS value_list_units
#define VALUE_LINES value_list_lines
#define VALUE_PATHS value_list_paths
#define VALUE_ENVIRONMENT value_list_environment
#define VALUE_TYPE value_choice_type
#define VALUE_RESTART value_choice_restart
#define VALUE_KILLMODE value_choice_killmode
#define VALUE_NOTIFYACCESS value_choice_notifyaccess
#define VALUE_OOM value_choice_oom
#define VALUE_LOGFULL value_choice_logfull
#define VALUE_LOGMODE value_choice_logmode
#define VALUE_COMMANDS value_command_list
#define VALUE_EXITS value_exits_set
#define VALUE_STDIO value_stdio_place

const struct key key_table[] = {
#define KEY(field_name, key_name, key_section, kind, key_fallback, key_verdict, key_words)         \
	{ .name = key_name,                                                                        \
	  .section = SECTION_##key_section,                                                        \
	  .type = #kind,                                                                           \
	  .fallback = key_fallback,                                                                \
	  .verdict = VERDICT_##key_verdict,                                                        \
	  .words = key_words,                                                                      \
	  .value = &VALUE_##kind,                                                                  \
	  .offset = offsetof(struct unit, field_name) },
#undef LIMIT_KEY
#define LIMIT_KEY(number, key_name, key_words)                                                     \
	{ .name = key_name,                                                                        \
	  .section = SECTION_SERVICE,                                                              \
	  .type = "LIMIT",                                                                         \
	  .fallback = "",                                                                          \
	  .verdict = VERDICT_HONOURED,                                                             \
	  .words = key_words,                                                                      \
	  .value = &value_limit_resource,                                                          \
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
