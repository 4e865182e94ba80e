/* processes: what the verbs that look at processes (ps, tree, find, kill, nice, top) share. They
 * take a census (procfs/census.h), mark it (belongs.c), choose from it (choose.c) and show it.
 *
 * Must never: start a tendd for looking; act on a pid that was not looked at again through a
 * pidfd. */
#pragma once
#include "cli/cli.h"
#include "procfs/census.h"

/* ---- belongs.c: which unit a process belongs to ---- */
struct belongs;
/* asks the tendd that runs for its units and its own processes; never starts one. Never NULL;
 * without a tendd nothing belongs to anything */
struct belongs *belongs_new(struct cli *cli);
struct belongs *belongs_free(struct belongs *belongs);
bool belongs_is_known(const struct belongs *belongs); /* a tendd has answered */
/* sets `unit` of every process (borrowed from `belongs`); after census_link */
void belongs_mark(const struct belongs *belongs, struct census *census);
/* the entry of `List`; NULL: there is no such unit. Also for "NAME.service" */
const json_t *belongs_unit(const struct belongs *belongs, const char *name);
/* is there a unit that this name, or glob, or name of a template's instances, fits? */
bool belongs_fits(const struct belongs *belongs, const char *pattern);
bool belongs_name_fits(const char *pattern, const char *unit); /* the same, of one name */
/* "keeper", "manager" or "logger" of the tendd that was asked; NULL: it is none of them */
const char *belongs_role(const struct belongs *belongs, const struct process *process);

/* ---- choose.c, choose-deep.c: which processes are meant ---- */
/* rows of options; the words of the command line are chosen by too */
#define CHOOSE_OPTIONS                                                                             \
	{ 'x', "exact", NULL, "words are names of programs, never pids or units" },                \
		{ 'r', "regex", NULL, "words are regular expressions on the name" },               \
		{ 'f', "full", NULL, "words are looked for in the whole command line" },           \
		{ 'i', "ignore-case", NULL, "with -x, -r, -f: A is a" },                           \
		{ 0, "unit", "NAME", "of this unit; a glob fits several" },                        \
		{ 'u', "user", "USER", "of this user (the effective one)" },                       \
		{ 'm', "mine", NULL, "your own" },                                                 \
		{ 't', "tty", "TTY", "on this terminal: pts/3; - for none" },                      \
		{ 0, "session", "SID", "of this session; 0: ours" },                               \
		{ 'g', "group", "PGID", "of this process group; 0: ours" },                        \
		{ 'P', "parent", "PID", "children of this process" },                              \
		{ 0, "below", "PID", "this process and everything below it" },                     \
		{ 0, "state", "STATE", "in this state: zombie, stopped, D; or orphan" },           \
		{ 0, "older", "TIME", "older than that: 90s, 2h, 3d" },                            \
		{ 0, "younger", "TIME", "younger than that" },                                     \
		{ 0, "newest", NULL, "the youngest of those that fit" },                           \
		{ 0, "oldest", NULL, "the oldest of those that fit" },                             \
		{ 0, "cwd", "DIR", "whose directory is DIR or below" },                            \
		{ 0, "file", "PATH", "that have PATH open or mapped, or run it" },                 \
		{ 0, "env", "NAME[=VALUE]", "with this variable in the environment" },             \
	{                                                                                          \
		'k', "kernel", NULL, "threads of the kernel too"                                   \
	}
#define CHOOSE_HELP                                                                                \
	"A word is a pid, or the name of a unit, or else the exact name of a program.\n"           \
	"Values may be lists (--user a,b) and options may be repeated: one of them\n"              \
	"must fit. What several options say must all be true."

struct choice;
/* from the command line; NULL: complained, CLI_USAGE */
struct choice *choose_new(const struct cli *cli);
struct choice *choose_free(struct choice *choice);
bool choose_is_all(const struct choice *choice);      /* nothing was said: everybody */
unsigned choose_want(const struct choice *choice);    /* files that it needs of everybody */
bool choose_wants_units(const struct choice *choice); /* belongs_mark first */
/* is it enough to know names, so that only of those that fit more must be read? */
bool choose_by_name(const struct choice *choice, const struct belongs *belongs);
bool choose_fits_name(const struct choice *choice, const char *comm);
/* an owned array, ascending; `self` is never in it (0: nobody) */
size_t choose_from(const struct choice *choice, struct census *census,
		   const struct belongs *belongs, pid_t self, struct process ***ret_list);
/* of units that were named and are not there it complains; CLI_DONE or CLI_NO_UNIT */
int choose_check_units(const struct choice *choice, const struct belongs *belongs);

/* choose-deep.c: what must be asked of each process anew, and is dear */
struct deep;
struct deep *deep_new(const struct args *args, struct err *err); /* NULL with words */
struct deep *deep_free(struct deep *deep);
bool deep_is_any(const struct deep *deep);
bool deep_fits(const struct deep *deep, const struct process *process);

/* ---- look.c ---- */
enum look_flag {
	LOOK_UNITS = 1,    /* the verb shows units */
	LOOK_NOT_SELF = 2, /* this very tend is never chosen */
	LOOK_CHOOSING = 8, /* everybody is never meant: something must be said */
	LOOK_LINKED = 4,   /* parents and children of everybody are needed */
};
struct look {
	struct cli *cli;
	struct census census;
	struct choice *choice;
	struct belongs *belongs; /* NULL: nobody asked */
	struct process **list;   /* the chosen */
	size_t count;
};
/* CLI_DONE, or complained */
int look_open(struct cli *cli, unsigned want, unsigned flags, struct look *ret_look);
void look_done(struct look *look);
/* with CENSUS_CLOCK: when so much time has gone by since the first sample (reading counts), takes
 * the second; 0: never */
void look_wait(struct look *look, int64_t sample_ns);
/* what somebody should know about what is not to be seen; to stderr, once */
void look_notes(const struct look *look);

/* ---- users.c ---- */
const char *users_name(uid_t uid); /* its name, or the number; kept until the program ends */

/* ---- columns.c: what can be shown of a process; one row each ---- */
struct shown_column {
	const char *name, *title, *words;
	unsigned want; /* CENSUS_... */
	bool right;
	unsigned drop; /* as in struct column */
	size_t least;
	/* into `to`, which is empty */
	enum paint (*put)(struct buf *to, const struct look *look, const struct process *process);
	/* what it is sorted by, the largest first; NULL: by the text, A first */
	double (*number)(const struct look *look, const struct process *process);
};
enum { COLUMNS_MAX = 24, COLUMNS_SORT_MAX = 4 };
struct columns {
	const struct shown_column *list[COLUMNS_MAX];
	bool turned[COLUMNS_MAX]; /* "-name" */
	size_t count;
};
/* "pid,user,command"; for sorting "-age" too. False with words */
bool columns_parse(const char *names, bool sorting, struct columns *ret_columns, struct err *err);
unsigned columns_want(const struct columns *columns);
bool columns_has(const struct columns *columns, const char *name);
void columns_remove(struct columns *columns, const char *name);
void columns_sort(struct look *look, const struct columns *by); /* look->list */
void columns_print(const struct look *look, const struct columns *columns);
void columns_help(void); /* all of them, with words, on stdout */
json_t *columns_json(const struct look *look, const struct process *process);
enum { COLUMNS_JSON_WANT = CENSUS_OWNER | CENSUS_COMMAND };
/* the arguments, or "[name]" when there are none, as they are; appended */
void columns_command(struct buf *to, const struct process *process);

/* ---- procps.c: the columns of ps, to the letter ---- */
enum procps_format { PROCPS_NONE, PROCPS_AUX, PROCPS_EF, PROCPS_AJX };
bool procps_parse(const char *name, enum procps_format *ret_format);
unsigned procps_want(enum procps_format format);
void procps_print(const struct look *look, enum procps_format format);
