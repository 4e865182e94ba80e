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
/* the array of `List`; NULL without a tendd */
const json_t *belongs_units(const struct belongs *belongs);
/* the entry of `List`; NULL: there is no such unit. Also for "NAME.service" */
const json_t *belongs_unit(const struct belongs *belongs, const char *name);
/* is there a unit that this name, or glob, or name of a template's instances, fits? */
bool belongs_fits(const struct belongs *belongs, const char *pattern);
bool belongs_name_fits(const char *pattern, const char *unit); /* the same, of one name */
/* "keeper", "manager" or "logger" of the tendd that was asked; NULL: it is none of them */
const char *belongs_role(const struct belongs *belongs, const struct process *process);
/* names of all units; borrowed. Start with *at = 0; NULL at the end */
const char *belongs_each(const struct belongs *belongs, size_t *at);
bool belongs_is_up(const struct belongs *belongs, const char *unit); /* or will be again */
pid_t belongs_main(const struct belongs *belongs, const char *unit); /* 0: none */

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
		{ 0, "port", "N[/tcp]", "that listen or are connected on this port of ours" },     \
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
bool choose_is_named(const struct choice *choice, pid_t pid); /* the pid itself was said */
/* units that were named by a word or --unit, and nothing else was asked of them; owned (strv) */
char **choose_units(const struct choice *choice, const struct belongs *belongs);

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

/* ---- targets.c: whom `kill` means ---- */
enum targets_whom { WHOM_PROCESS, WHOM_GROUP, WHOM_SESSION, WHOM_TREE };
enum fate {
	FATE_CHOSEN, /* it will be signalled */
	FATE_SPARED, /* it is tend itself, or what tend was started from, or tendd, or the kernel */
	FATE_DEAD,   /* a zombie */
	FATE_GONE,   /* ended before anything was sent */
	FATE_OTHER,  /* it does not fit any more, or another process has its pid */
	FATE_DENIED, /* not ours to signal */
	FATE_SENT,   /* got the signal, and nobody waits for its end */
	FATE_ENDED,  /* after the signal */
	FATE_KILLED, /* after SIGKILL */
	FATE_ALIVE,  /* survived */
};
struct target {
	pid_t pid, ppid;
	uint64_t start;
	uid_t uid;
	int64_t age;
	char state;
	char comm[64], parent[64];
	char *command, *wchan;
	int pidfd;    /* -1: none */
	pid_t keeper; /* of another tendd, which keeps it; 0: none */
	int signal;   /* what it got last */
	enum fate fate;
};
struct targets {
	struct target *list; /* ascending */
	size_t count;
	char **units; /* those that are stopped as units; their processes are not in the list */
};
/* the chosen ones and whom they stand for. `whole_units`: who is the main process of a kept unit
 * (or all of it) stands for the unit */
void targets_find(struct look *look, enum targets_whom whom, bool whole_units,
		  struct targets *ret_targets);
void targets_done(struct targets *targets);
bool targets_parse(const char *word, enum targets_whom *ret_whom, struct err *err);
void targets_unspare(struct targets *targets); /* for what does no harm to anybody */
size_t targets_count(const struct targets *targets, enum fate fate);
const struct target *targets_get(const struct targets *targets, pid_t pid);

/* ---- hit.c: signals through pidfds ---- */
/* 1. hit_hold: a pidfd for each chosen one  2. another look, and hit_confirm with what it found:
 * only who fits again, was held all the time and has not ended stays chosen  3. hit_send, hit_wait
 */
bool hit_hold(struct targets *targets, struct err *err);
void hit_confirm(struct targets *targets, const struct targets *again);
void hit_send(struct targets *targets, enum fate from, int signal, enum fate to);
/* until all that are `from` have ended (they become `to`) or the time is over; true: all have */
bool hit_wait(struct targets *targets, enum fate from, enum fate to, int64_t ns);
/* who is still `from` survived: what it does is looked at once more */
void hit_survived(struct targets *targets, enum fate from);

/* ---- outcome-kill.c ---- */
json_t *outcome_kill_receipt(const char *name, const struct targets *targets, int64_t ms);
/* `receipts`: that of the processes first, if there are any, then those of units; an exit code */
int outcome_kill_show(struct cli *cli, const struct targets *targets, const json_t *receipts,
		      const char *name);
void outcome_kill_notes(const struct targets *targets); /* who is not hit, and why */
