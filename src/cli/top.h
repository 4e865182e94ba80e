/* top: how `tend top` is put together. Used by cmd-top.c and top-*.c alone.
 *
 * Each second: 1. top_sample takes a census and the machine's counters  2. top_rows_make turns them
 * into rows, in order  3. top_draw shows those that fit. A key changes what is wanted (view, sort,
 * filter, folds) and 2 and 3 are done again, without reading anything.
 *
 * Must never: read anything while it is paused or stopped; act on a process or a unit without a
 * question; leave the terminal other than it found it. */
#pragma once
#include "base/limits.h"
#include "base/map.h"
#include "cli/processes.h"
#include "procfs/detail.h"

/* ---- top-history.c: what each unit used lately ---- */
enum { TOP_HISTORY = 60 };
struct top_history {
	char *name;
	float share[TOP_HISTORY];
	float memory[TOP_HISTORY]; /* MiB */
	unsigned count, next;
	uint64_t seen; /* the sample in which it was there last */
};
void top_history_add(struct map *histories, const char *name, uint64_t sample, double share,
		     uint64_t memory);
void top_history_sweep(struct map *histories, uint64_t sample); /* forgets what is gone */
void top_history_done(struct map *histories);
/* the newest `columns` samples as one character each, into a buffer of 4 * columns + 1 */
void top_history_line(const struct top_history *history, bool memory, bool blocks, size_t columns,
		      char *buffer);

/* ---- rows ---- */
enum top_kind { TOP_UNIT, TOP_GROUP, TOP_PROCESS };
enum top_sort { TOP_BY_CPU, TOP_BY_MEMORY, TOP_BY_PID, TOP_BY_AGE, TOP_BY_NAME, TOP_SORTS };
struct top_row {
	enum top_kind kind;
	const char *name;        /* of the unit or group; borrowed until the next rows */
	const json_t *unit;      /* borrowed, as above */
	struct process *process; /* of the census */
	unsigned depth;
	bool has_more, folded;
	double share; /* of one cpu */
	uint64_t memory;
	size_t tasks;
};
struct top_group { /* a unit, or what belongs to none */
	const char *name;
	const json_t *unit;
	double share;
	uint64_t memory;
	size_t tasks, shown;
};
struct top_id { /* which row is meant, whatever order they are in */
	enum top_kind kind;
	char name[LIMIT_NAME + 16];
	pid_t pid;
	uint64_t start;
};

enum top_mode { TOP_NORMAL, TOP_FILTER, TOP_QUESTION, TOP_INPUT, TOP_HELP };
enum top_action {
	TOP_NOTHING,
	TOP_START,
	TOP_STOP,
	TOP_RESTART,
	TOP_SIGNAL,
	TOP_NICE,
};
enum { TOP_TEXT = 128 };
struct top {
	struct cli *cli;
	/* what was read */
	struct census now;
	struct proc_load load, load_before;
	int64_t at, at_before; /* monotonic */
	uint64_t samples;
	struct belongs *belongs;
	int64_t belongs_at;
	bool belongs_old; /* a unit has changed since */
	bool silent;      /* tendd did not answer */
	struct map histories;
	/* what is wanted */
	bool flat, reverse, kernel, paused, follow, log;
	enum top_sort sort;
	char filter[TOP_TEXT];
	struct map folds; /* of owned keys: folded other than by default */
	/* rows */
	struct top_group *groups;
	size_t group_count;
	struct top_row *rows;
	size_t count, size;
	struct top_id chosen;
	bool has_chosen;
	size_t cursor, first, page; /* page: rows that fit */
	/* keys */
	enum top_mode mode;
	enum top_action action; /* that is asked about */
	struct top_id target;
	char input[TOP_TEXT], message[512];
	int64_t message_until;
	bool over, hurry; /* hurry: look now */
	/* screen */
	bool colours, utf8, mouse;
	int rows_y; /* where the table begins */
	int log_y;  /* where the log begins, -1: nowhere */
	/* top-act.c */
	pid_t child;
	int child_fd;
	char child_what[TOP_TEXT + LIMIT_NAME];
	struct buf child_said;
};

/* ---- top-sample.c ---- */
int top_sample(struct top *top);                                      /* 0 or -ENOSYS */
double top_age(const struct top *top, const struct process *process); /* s */
void top_sample_done(struct top *top);
/* sampled rates by second since the last one */
struct top_rates {
	double cpu, waiting, disk_read, disk_written, net_in, net_out;
};
void top_rates(const struct top *top, struct top_rates *ret_rates);
double top_core(const struct top *top, size_t cpu); /* %, busy */

/* ---- top-rows.c ---- */
void top_rows_make(struct top *top);
void top_rows_done(struct top *top);
void top_rows_fold(struct top *top, const struct top_row *row, bool folded);
void top_rows_id(const struct top_row *row, struct top_id *ret_id);
struct top_row *top_rows_find(const struct top *top, const struct top_id *id);
extern const char *const top_sorts[TOP_SORTS];

/* ---- top-draw.c, top-head.c ---- */
void top_draw(struct top *top);
int top_draw_sort_at(const struct top *top, int x); /* enum top_sort of that title; -1: none */
int top_head(const struct top *top);                /* lines it has drawn */
void top_say(struct top *top, const char *format, ...) PRINTF(2, 3);

/* ---- top-keys.c ---- */
void top_keys(struct top *top); /* all that are there */
const char *const *top_help(void);

/* ---- top-act.c: what is done to a unit or a process ---- */
/* the question for the person, into top->message; false: this row cannot be asked for it */
bool top_act_question(const struct top *top, char *buffer, size_t size);
void top_act(struct top *top);       /* does top->action to top->target */
void top_act_heard(struct top *top); /* child_fd is readable */
const char *top_act_word(enum top_action action);

/* ---- top-screen.c: the terminal ---- */
bool top_screen_start(struct top *top); /* false: complained */
void top_screen_end(void);
void top_screen_size(int *ret_rows, int *ret_columns);
void top_screen_resize(void);
enum top_paint {
	TOP_PLAIN,
	TOP_BOLD,
	TOP_DIM,
	TOP_TITLE,
	TOP_CHOSEN,
	TOP_GOOD,
	TOP_BAD,
	TOP_WARN,
	TOP_PAINTS,
};
/* at most `width` columns of text, harmless, the rest blank; columns used */
int top_screen_put(int y, int x, int width, enum top_paint paint, const char *text);
void top_screen_clear(void);
void top_screen_show(void);
/* a key, or a KEY_... of curses; -1: none is there */
int top_screen_key(void);
/* of a KEY_MOUSE: where, and which button (1 left, 4 wheel up, 5 wheel down); false: nothing */
bool top_screen_mouse(int *ret_y, int *ret_x, int *ret_button);
