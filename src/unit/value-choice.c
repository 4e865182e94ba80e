/* value-choice: settings with a few words to choose from. The words stand in the order of the
 * enum in unit.h. */
#include "unit/value.h"

struct choices {
	const char *const *words;
	unsigned first; /* what the first word means: 0, or 1 where 0 is unset */
	unsigned count;
};

static enum value_result
choice_parse(const struct choices *choices, void *field, const char *text, struct err *err)
{
	struct buf autodone(buf) list = { .max = ERR_TEXT_MAX };

	for (unsigned i = 0; i < choices->count; i++) {
		if (str_equal(text, choices->words[i])) {
			*(unsigned *)field = i + choices->first;
			return VALUE_GOOD;
		}
	}
	for (unsigned i = 0; i < choices->count; i++) {
		(void)buf_addf(&list, " %s", choices->words[i]);
	}
	(void)err_set(err, "'%s' is none of%s", text, buf_str(&list));
	return VALUE_BAD;
}

static char *
choice_print(const struct choices *choices, const void *field)
{
	unsigned chosen = *(const unsigned *)field;

	return chosen < choices->first ? NULL : str_dup(choices->words[chosen - choices->first]);
}

/* one type: its words, its three small functions and its row */
#define CHOICE(type_name, label, first_value, enum_count, ...)                                     \
	static const char *const type_name##_words[] = { __VA_ARGS__ };                            \
	static const struct choices type_name##_choices = {                                        \
		.words = type_name##_words,                                                        \
		.first = (first_value),                                                            \
		.count = COUNT(type_name##_words),                                                 \
	};                                                                                         \
	_Static_assert(COUNT(type_name##_words) + (first_value) == (enum_count),                   \
		       #label ": one word for each");                                              \
	static char *type_name##_print(const struct key *key, const void *field)                   \
	{                                                                                          \
		(void)key;                                                                         \
		return choice_print(&type_name##_choices, field);                                  \
	}

#define CHOICE_PARSE(type_name)                                                                    \
	static enum value_result type_name##_parse(const struct key *key, void *field,             \
						   const char *text, struct err *err)              \
	{                                                                                          \
		(void)key;                                                                         \
		return choice_parse(&type_name##_choices, field, text, err);                       \
	}

#define CHOICE_ROW(type_name, label)                                                               \
	const struct value value_choice_##type_name = {                                            \
		.name = label,                                                                     \
		.size = sizeof(unsigned),                                                          \
		.parse = type_name##_parse,                                                        \
		.print = type_name##_print,                                                        \
	}

_Static_assert(sizeof(enum service_type) == sizeof(unsigned), "an enum is read as unsigned");

CHOICE(type, "TYPE", 0, TYPE_COUNT, "simple", "exec", "oneshot", "forking", "notify",
       "notify-reload", "dbus", "idle")
CHOICE(restart, "RESTART", 0, RESTART_COUNT, "no", "on-success", "on-failure", "on-abnormal",
       "on-watchdog", "on-abort", "always")
CHOICE(killmode, "KILLMODE", 0, KILL_COUNT, "control-group", "mixed", "process", "none")
CHOICE(notifyaccess, "NOTIFYACCESS", 1, NOTIFY_COUNT, "none", "main", "exec", "all")
CHOICE(oom, "OOM", 0, OOM_COUNT, "continue", "stop", "kill")
CHOICE(logfull, "LOGFULL", 0, LOGFULL_COUNT, "drop", "block")
CHOICE(logmode, "LOGMODE", 0, LOGMODE_COUNT, "0600", "0640")

CHOICE_PARSE(restart)
CHOICE_PARSE(killmode)
CHOICE_PARSE(notifyaccess)
CHOICE_PARSE(oom)
CHOICE_PARSE(logfull)
CHOICE_PARSE(logmode)

static enum value_result
type_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	enum value_result result = choice_parse(&type_choices, field, text, err);

	(void)key;
	if (result == VALUE_GOOD && *(enum service_type *)field == TYPE_DBUS) {
		(void)err_set(err, "the bus is not asked: it counts as started once it is exec'd");
		return VALUE_REMARK;
	}
	return result;
}

CHOICE_ROW(type, "TYPE");
CHOICE_ROW(restart, "RESTART");
CHOICE_ROW(killmode, "KILLMODE");
CHOICE_ROW(notifyaccess, "NOTIFYACCESS");
CHOICE_ROW(oom, "OOM");
CHOICE_ROW(logfull, "LOGFULL");
CHOICE_ROW(logmode, "LOGMODE");
