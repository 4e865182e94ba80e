/* value: how one type of setting is read, shown and compared. Used by the other files of unit/
 * only. A row of keys.def names its type; key.c connects the two. Each type works on its field
 * in struct unit, which holds a sane value at any time (the fallback's, at first).
 *
 * Must never: read files, know which unit it is. */
#pragma once
#include "unit/unit.h"

enum value_result {
	VALUE_BAD, /* field untouched, words in err */
	VALUE_GOOD,
	VALUE_REMARK, /* taken, but something else is done, see err */
	VALUE_PARTLY, /* taken without the words that err is about */
};

struct value {
	const char *name; /* "SPAN" */
	size_t size;      /* of the field */
	/* `text` has no space around it and is not empty (that is `reset`) */
	enum value_result (*parse)(const struct key *key, void *field, const char *text,
				   struct err *err);
	/* owned text that `parse` reads back to the same; NULL if unset; a line per assignment */
	char *(*print)(const struct key *key, const void *field);
	/* NULL: the bytes decide */
	bool (*equal)(const struct key *key, const void *a, const void *b);
	/* NULL: nothing is owned. Afterwards the field is all zero, or as after unit_new() */
	void (*done)(void *field);
	/* NULL: done, then the fallback */
	void (*reset)(const struct key *key, void *field);
};

/* the kinds of keys.def; a row holds its number, for a pointer would make every page of the table
 * one that is written to when the program is loaded, in each process */
#define KINDS(KIND)                                                                                \
	KIND(BOOL, value_scalar_bool)                                                              \
	KIND(SPAN, value_scalar_span)                                                              \
	KIND(TIMEOUT, value_scalar_timeout)                                                        \
	KIND(NUMBER, value_scalar_number)                                                          \
	KIND(SIZE, value_scalar_size)                                                              \
	KIND(MODE, value_scalar_mode)                                                              \
	KIND(SIGNAL, value_scalar_signal)                                                          \
	KIND(NICE, value_scalar_nice)                                                              \
	KIND(OOMSCORE, value_scalar_oomscore)                                                      \
	KIND(STRING, value_text_string)                                                            \
	KIND(PATH, value_text_path)                                                                \
	KIND(RUNPATH, value_text_runpath)                                                          \
	KIND(WORDS, value_list_words)                                                              \
	KIND(UNITS, value_list_units)                                                              \
	KIND(FORWARD, value_list_forward)                                                          \
	KIND(LINES, value_list_lines)                                                              \
	KIND(PATHS, value_list_paths)                                                              \
	KIND(ENVIRONMENT, value_list_environment)                                                  \
	KIND(TYPE, value_choice_type)                                                              \
	KIND(RESTART, value_choice_restart)                                                        \
	KIND(KILLMODE, value_choice_killmode)                                                      \
	KIND(NOTIFYACCESS, value_choice_notifyaccess)                                              \
	KIND(OOM, value_choice_oom)                                                                \
	KIND(LOGFULL, value_choice_logfull)                                                        \
	KIND(LOGMODE, value_choice_logmode)                                                        \
	KIND(COMMANDS, value_command_list)                                                         \
	KIND(EXITS, value_exits_set)                                                               \
	KIND(STDIO, value_stdio_place)                                                             \
	KIND(POLICY, value_schedule_policy)                                                        \
	KIND(IOCLASS, value_schedule_class)                                                        \
	KIND(RTPRIO, value_schedule_cpu_priority)                                                  \
	KIND(IOPRIO, value_schedule_io_priority)                                                   \
	KIND(CPUS, value_schedule_processors)                                                      \
	KIND(LIMIT, value_limit_resource)
enum value_kind {
	KIND_NOTHING,
#define KIND(name, value) KIND_##name,
	KINDS(KIND)
#undef KIND
		KIND_COUNT
};

/* value-scalar.c */
extern const struct value value_scalar_bool;
extern const struct value value_scalar_span;
extern const struct value value_scalar_timeout;
extern const struct value value_scalar_number;
extern const struct value value_scalar_size;
extern const struct value value_scalar_mode;
extern const struct value value_scalar_signal;
extern const struct value value_scalar_nice;
extern const struct value value_scalar_oomscore;
/* value-text.c */
extern const struct value value_text_string;
extern const struct value value_text_path;
extern const struct value value_text_runpath;
/* value-list.c */
extern const struct value value_list_words;
extern const struct value value_list_units;
extern const struct value value_list_forward;
extern const struct value value_list_lines;
extern const struct value value_list_paths;
extern const struct value value_list_environment;
/* value-choice.c */
extern const struct value value_choice_type;
extern const struct value value_choice_restart;
extern const struct value value_choice_killmode;
extern const struct value value_choice_notifyaccess;
extern const struct value value_choice_oom;
extern const struct value value_choice_logfull;
extern const struct value value_choice_logmode;
/* value-command.c */
extern const struct value value_command_list;
/* value-limit.c */
extern const struct value value_limit_resource;
extern const struct limit value_limit_none[LIMIT_RESOURCES]; /* what unit.limits is at first */
/* value-stdio.c */
extern const struct value value_stdio_place;
/* value-exits.c */
extern const struct value value_exits_set;

/* value-schedule.c */
extern const struct value value_schedule_policy, value_schedule_class, value_schedule_cpu_priority,
	value_schedule_io_priority, value_schedule_processors;
bool value_schedule_needs_root(const struct unit *unit, const struct key *key);
