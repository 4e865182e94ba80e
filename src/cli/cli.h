/* cli: the program tend. One verb is one file, cmd-NAME.c, with its table of options, and one
 * row of cmds.def.
 *
 * The way of every call: tend.c finds the verb and checks its options (args.c), the verb's
 * function asks tendd (ask.c, which starts one when none runs), and shows the answer (table.c,
 * phrase.c, outcome.c) or prints it as JSON.
 *
 * Must never: tell a success that was not confirmed, print what a unit wrote to a terminal
 * unchanged, give up in silence. */
#pragma once
#include "base/err.h"
#include "wire/wire.h"
#include <jansson.h>

enum cli_exit { /* what programs rely on; the worst of several wins */
		CLI_DONE = 0,
		CLI_FAILED = 1,
		CLI_USAGE = 2,
		CLI_NOT_RUNNING = 3,
		CLI_NO_UNIT = 4,
		CLI_DENIED = 5,
		CLI_NO_TENDD = 6,
};

struct opt {                  /* a row of a verb's options; a table ends with an empty row */
	char letter;          /* 0: none */
	const char *name;     /* without the dashes */
	const char *argument; /* what stands for its value in the help; NULL: it has none */
	const char *words;
};

enum cmd_group { CMD_KEEP, CMD_LOOK, CMD_PROCESSES, CMD_UNITS, CMD_PLACES, CMD_GROUPS };
enum cmd_flag {
	CMD_HIDDEN = 1, /* not in the list of verbs */
	CMD_COMMAND =
		2,     /* its first word is a command: what follows are the command's own options */
	CMD_NAMES = 4, /* its words are names of units (completion) */
	CMD_ONE = 8,   /* exactly one word */
	CMD_NONE = 16, /* no words */
	CMD_SOME = 32, /* at least one word, or --all */
	CMD_RAW = 64,  /* its words are those of another tool: none of them is looked at before */
};
struct cli;
struct cmd {
	const char *name;
	enum cmd_group group;
	unsigned flags;
	const char *arguments, *words;
	const struct opt *options;
	const char *details; /* paragraphs for the help of this verb */
	int (*run)(struct cli *cli);
};

#define CMD(id, name, group, flags, arguments, words)                                              \
	extern const struct opt cmd_##id##_options[];                                              \
	extern const char cmd_##id##_details[];                                                    \
	int cmd_##id(struct cli *cli);
#define ALIAS(name, other)
#include "cli/cmds.def"
#undef CMD
#undef ALIAS

/* the rows that many verbs share */
#define OPT_ALL                                                                                    \
	{                                                                                          \
		'a', "all", NULL, "every unit"                                                     \
	}
#define OPT_JSON                                                                                   \
	{                                                                                          \
		0, "json", NULL, "print JSON"                                                      \
	}
#define OPT_QUIET                                                                                  \
	{                                                                                          \
		'q', "quiet", NULL, "say nothing when all went well"                               \
	}
#define OPT_UTC                                                                                    \
	{                                                                                          \
		0, "utc", NULL, "show times in UTC"                                                \
	}
#define OPT_END                                                                                    \
	{                                                                                          \
		0                                                                                  \
	}

/* ---- tend.c ---- */
int tend_main(int argc, char **argv);
/* a verb of another tool, called by that tool's name */
int tend_as(const char *verb, char **words);

/* ---- args.c ---- */
struct given {
	const struct opt *opt;
	const char *value; /* NULL for a flag */
};
struct args {
	struct given *given;
	size_t count;
	char **names;  /* the words, borrowed; NULL-terminated */
	size_t dashed; /* how many of them stood before "--" */
};
bool args_parse(const struct cmd *cmd, char **argv, struct args *ret_args, struct err *err);
void args_done(struct args *args);
bool args_has(const struct args *args, const char *option);
const char *args_value(const struct args *args,
		       const char *option); /* the last one given, or NULL */
/* each in the order given; *at starts with 0 */
const char *args_each(const struct args *args, const char *option, size_t *at);
bool args_number(const struct args *args, const char *option, int64_t least, int64_t most,
		 int64_t *ret_number, struct err *err); /* untouched when it was not given */

/* ---- verbs.c ---- */
extern const struct cmd verbs_table[];
extern const size_t verbs_count;
extern const char *const verbs_groups[CMD_GROUPS];
const struct cmd *verbs_find(const char *name); /* aliases too */
const char *verbs_suggest(const char *name);    /* NULL: none is near */
const char *verbs_alias(size_t at,
			const char **ret_verb); /* the table of aliases; NULL at its end */
extern const struct opt verbs_common[];         /* before the verb */

/* the nearest of `count` words, NULL if none is near enough (guess.c) */
struct guess {
	const char *word, *best;
	unsigned least;
};
void guess_begin(struct guess *guess, const char *word);
void guess_try(struct guess *guess, const char *candidate);

/* ---- usage.c: help ---- */
void usage_all(FILE *file);
void usage_verb(FILE *file, const struct cmd *cmd);

/* ---- complain.c: what goes to stderr ---- */
void complain(const char *format, ...) PRINTF(1, 2);                             /* "tend: ...\n" */
int complain_err(const struct err *err);                                         /* CLI_FAILED */
int complain_usage(const struct cli *cli, const char *format, ...) PRINTF(2, 3); /* CLI_USAGE */
/* words for an error of the interface; `name` may be NULL */
int complain_error(struct cli *cli, const char *error, const char *name, const char *text);
int complain_code(const char *error); /* its exit code, without words */

/* ---- the call ---- */
struct cli {
	const struct cmd *cmd;
	struct args args;
	enum places_whose whose;
	struct places places;
	bool placed;
	struct wire *wire; /* NULL: not connected */
	bool told_again;   /* it has been said that the manager was replaced */
	bool json, utc, quiet;
};
bool cli_places(struct cli *cli); /* finds them once; false: complained */

/* ---- ask.c ---- */
enum ask_start {
	ASK_NEVER,  /* only who is there */
	ASK_IF_ANY, /* started when there is something: units or a ledger */
	ASK_ALWAYS,
};
/* CLI_DONE: connected, or there is nobody and nothing (cli->wire is NULL); else complained */
int ask_open(struct cli *cli, enum ask_start start);
enum ask_again {
	ASK_AGAIN, /* a second time does no harm */
	ASK_ONCE,  /* if the manager goes away before the answer, nobody knows */
};
/* one call and its whole answer; everything but WIRE_REPLY has been complained about and *ret_code
 * is set, except that WIRE_ERROR is left to the caller */
enum wire_result ask(struct cli *cli, const char *method, json_t *take_parameters,
		     enum ask_again again, struct wire_answer *ret_answer, int *ret_code);
/* the same, errors complained about too: an exit code, and the answer when it is CLI_DONE */
int ask_simply(struct cli *cli, const char *method, json_t *take_parameters, enum ask_again again,
	       struct wire_answer *ret_answer);
/* another connection of the verb's own; NULL: complained */
struct wire *ask_second(struct cli *cli);

/* ---- beside.c: the other programs of tend; owned, NULL: it is not there (errno) ---- */
char *beside_find(const char *name, const char *variable);

/* ---- rouse.c: starting tendd ---- */
bool rouse_is_any(const struct places *places); /* units or a ledger are there */
int rouse_tendd(struct cli *cli);               /* exit code; it listens now */

/* ---- names.c ---- */
/* {"names": [...], "all": bool}; NULL: complained, wrong usage */
json_t *names_parameters(struct cli *cli);
bool names_check(struct cli *cli, const char *text, char *ret_name /* LIMIT_NAME + 1 */);
bool
names_are_fine(struct cli *cli); /* all words are names or globs; else complained, wrong usage */
bool names_is_glob(const char *text);
/* every unit meant, globs looked up; complained otherwise. *ret_names is owned (strv) */
int names_resolve(struct cli *cli, char ***ret_names);

/* ---- outcome.c: what became of units ---- */
int outcome_results(struct cli *cli, const json_t *results, const char *past);
int outcome_receipts(struct cli *cli, const json_t *receipts, const char *past);
int outcome_nobody(struct cli *cli); /* there is no tendd and nothing that one could know */
/* a whole verb: method over the names of the command line, then one of the two */
int outcome_verb(struct cli *cli, const char *method, json_t *take_parameters, enum ask_again again,
		 const char *past);

/* ---- phrase.c: JSON values in words; what is returned is owned ---- */
char *phrase_exit(const json_t *exit);         /* "exit code 3", "SIGSEGV (core dumped)" */
char *phrase_span(double seconds);             /* two units: "3h 12min", "230ms" */
char *phrase_time(double seconds, bool utc);   /* "2025-11-21 09:40:12" */
char *phrase_clock(int64_t wall_ns, bool utc); /* "09:40:12.123" */
char *phrase_size(const json_t *bytes);        /* "3.4M"; "-" when null */
char *phrase_command(const char *text);        /* one harmless line */
json_t *phrase_json(const char *bytes,
		    size_t n); /* a string; bytes that are no UTF-8 become U+FFFD */
const char *phrase_get(const json_t *object, const char *key); /* "" when it is not there */
void phrase_print(const json_t *json);                         /* to stdout */
void phrase_print_line(const json_t *json);

/* ---- screen.c ---- */
enum paint { PAINT_NONE, PAINT_GOOD, PAINT_BAD, PAINT_WARN, PAINT_DIM, PAINT_BOLD, PAINT_COUNT };
bool screen_is_terminal(void); /* stdout */
size_t screen_columns(void);   /* SIZE_MAX: no limit */
size_t screen_rows(void);
const char *screen_paint(enum paint paint);    /* "" when there are no colours */
const char *screen_plain(void);                /* back to normal */
enum paint screen_paint_of(const char *state); /* of a state's name */

/* ---- consent.c ---- */
bool consent_can_ask(void);             /* there is a terminal for the question and the answer */
bool consent_ask(const char *question); /* only y or yes is a yes */

/* ---- again.c: --watch ---- */
/* draws, waits, draws again until ^C; what `draw` says when it is not CLI_DONE ends it */
int again_draw(int every_ms, int (*draw)(void *context), void *context);

/* ---- table.c ---- */
struct column {
	const char *title;
	bool right;    /* numbers */
	unsigned drop; /* 0: stays; else the higher is left out the earlier when it is narrow */
	size_t least;  /* 0: never cut; else it may be cut down to so many columns */
};
struct table;
struct table *table_new(const struct column *columns, size_t count);
struct table *table_free(struct table *table);
/* the next cell; made harmless */
void table_put(struct table *table, enum paint paint, const char *text);
void table_add(struct table *table, enum paint paint, char *take_text);
void table_print(struct table *table, size_t width);

/* ---- listing.c: the table of `list` ---- */
void listing_sort(json_t *units);
void listing_print(const json_t *units);

/* ---- logs-care.c: the options of `logs` that change logs, and how large they are ---- */
#define OPT_LOGS_CARE                                                                              \
	{ 0, "flush", NULL, "what is still in pipes is in the files when this returns" },          \
		{ 0, "rotate", NULL, "close the open segments" },                                  \
		{ 0, "vacuum-size", "SIZE", "remove the oldest closed segments down to this" },    \
		{ 0, "vacuum-time", "AGE", "remove closed segments that ended longer ago" },       \
	{                                                                                          \
		0, "disk-usage", NULL, "how much there is on disk"                                 \
	}
bool logs_care_wanted(const struct cli *cli);
/* `logs`: the directories that are meant; `all`: no name was given */
int logs_care(struct cli *cli, char *const *logs, bool all);

/* ---- transient.c, transient-ask.c: the unit that `run` declares ---- */
struct transient {
	char *name;
	bool named;         /* by the user: it is not to be changed */
	char *text;         /* of the unit file */
	char **environment; /* NULL: a clean one */
	int64_t instances;  /* 0: it is no template */
	bool replace;
	bool lenient; /* unknown keys are told, not refused */
};
/* JSON has no word for bytes that are no UTF-8; such a variable stands in the unit file, with an
 * escape */
bool transient_is_sent(const char *assignment);
void transient_done(struct transient *transient);
/* from the options of `run`; `fallback_restart` when none was given (may be NULL). Exit code;
 * complained */
int transient_make(struct cli *cli, char *const *words, const char *fallback_restart,
		   struct transient *ret_transient);
/* asks for it; a name that was made up is changed until it is free. Exit code; complained, except
 * for a name that is taken when `ret_taken` is not NULL */
int transient_ask(struct cli *cli, struct transient *transient, struct wire_answer *ret_answer,
		  bool *ret_taken);

/* ---- surroundings.c: what a transient unit keeps of its shell ---- */
mode_t surroundings_umask(void);
char *surroundings_directory(struct err *err); /* owned */
struct compose;
/* the limits in which this shell differs from tendd */
void surroundings_limits(struct cli *cli, struct compose *compose);
/* the shell's variables (unless `clean`; with those of `user`, if given, in place of its own), then
 * --env-file and --env; owned, never NULL */
bool surroundings_environment(const struct cli *cli, bool clean, const char *user,
			      char ***ret_environment, struct err *err);

/* ---- program.c: which command is meant ---- */
/* the command with its program made absolute, a shell line given to the shell; owned vector; NULL
 * with words */
char **program_command(char *const *words, const char *cwd, const char *search, struct err *err);
/* the command that runs this file: itself, or by its ending; NULL with words */
char **program_of_file(const char *path, char *const *arguments, struct err *err);

/* ---- stay.c: `run --wait` ---- */
/* shows what the units write from `since` on, forwards ^C, and passes the exit code on */
int stay_until_end(struct cli *cli, char *const *names, int64_t since);
