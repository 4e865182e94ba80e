/* logview: the inside of `tend logs`. What is asked for (query.c), a log that is looked through for
 * it (log-stream.c), several of them in the order of time (merge.c), how an item is shown
 * (log-print.c, log-mark.c, log-json.c), places for programs (log-cursor.c), the pager (pager.c),
 * and what is wrong with logs (log-verify.c). */
#pragma once
#include "cli/cli.h"
#include "cli/grep.h"
#include "store/store.h"

/* ---- query.c ---- */
enum log_time { LOG_NO_TIME, LOG_CLOCK, LOG_SHORT, LOG_SHORT_ISO, LOG_ISO };
enum log_kind { LOG_TEXT, LOG_CAT, LOG_JSON };
struct log_format {
	const char *name;
	enum log_kind kind;
	enum log_time time;
	bool marks;  /* starts, ends, rotations: in brackets, between the lines */
	bool prefix; /* the unit's name, also of a single one */
};
struct log_bound { /* of since or until */
	bool is_run;
	int64_t wall, run;
};
struct log_query {
	const struct log_format *format;
	enum log_time time; /* -t adds one to a format that has none */
	bool utc, prefix, pretty;
	bool follow, reverse, at_end, pager;
	int64_t lines; /* -1: all */
	struct log_bound since, until;
	int most, least; /* priorities, 0 to 7, that are shown: least important, most important */
	bool error_only;
	struct grep *grep; /* NULL: every line */
	size_t before, after;
	char *cursor; /* NULL: none */
	bool behind, show_cursor;
};
bool query_make(const struct cli *cli, struct log_query *ret_query, struct err *err);
void query_done(struct log_query *query);
const struct log_format *query_format(const char *name); /* NULL: there is none */
const struct log_format *query_format_at(size_t at);     /* the table; NULL at its end */
const char *query_priority_at(size_t at);                /* the names, most important first */
bool query_picks_lines(const struct log_query *query);   /* not every line is shown */

/* ---- log-stream.c ---- */
struct log_item {
	struct reader_item item;
	bool context; /* it stands beside a line that was searched for */
	bool gap;     /* lines between it and the one before are left out */
};
struct log_stream;
/* NULL: there is no log (yet), or (*ret_failed is set) it cannot be read, which has been said */
struct log_stream *log_stream_new(const char *root, const char *name, const struct log_query *query,
				  bool *ret_failed);
struct log_stream *log_stream_free(struct log_stream *stream);
struct reader *log_stream_reader(struct log_stream *stream);
const char *log_stream_name(const struct log_stream *stream);
const char *log_stream_directory(const struct log_stream *stream);
/* to where the query begins, or ends (reverse); false: it said what is not there */
bool log_stream_begin(struct log_stream *stream, bool reverse);
/* the next item that is asked for, or the one before (reverse); false: there is none (now).
 * `plain`: no context, to look for lines */
bool log_stream_pull(struct log_stream *stream, bool reverse, bool flush, bool plain,
		     struct log_item *ret_item);
/* begin with this line; the lines before it that belong to it come too */
void log_stream_from(struct log_stream *stream, const struct reader_place *place);
int log_priority(const char *line, size_t n, size_t *ret_prefix); /* 0 to 7; -1: it has none */

/* ---- log-print.c ---- */
struct log_print;
struct log_print *log_print_new(const struct log_query *query);
struct log_print *log_print_free(struct log_print *print);
void log_print_names(struct log_print *print, const char *name,
		     bool prefixed); /* the widest counts */
void log_print_item(struct log_print *print, const char *name, enum paint paint,
		    const struct log_item *item);
void log_print_end(struct log_print *print); /* a line that was cut gets its end */
/* what was written, harmless for a terminal, a progress bar as it was left; owned */
char *log_print_harmless(const char *text, size_t n);

/* ---- log-mark.c, log-json.c ---- */
char *log_json_pretty(const char *line,
		      size_t n); /* over several lines, owned; NULL: it is no JSON */
char *log_mark_text(const char *name, const struct store_record *mark); /* owned; NULL: nothing */
bool log_mark_is_loss(const struct store_record *mark);
json_t *log_mark_exit(const struct store_record *mark);
void log_json_print(const char *name, const struct reader_item *item);

/* ---- log-cursor.c ---- */
void log_cursor_add(struct buf *buf, const char *name, const struct reader_place *place);
/* the place of one log in a cursor; false: it is not in it. *ret_time: of the youngest place in it
 */
bool log_cursor_find(const char *cursor, const char *name, struct reader_place *ret_place,
		     int64_t *ret_time);
bool log_cursor_check(const char *cursor, struct err *err);

/* ---- pager.c ---- */
void pager_open(bool at_end); /* if there is one and stdout is a terminal */
int pager_close(int code);    /* waits for it; the exit code */

/* ---- log-verify.c ---- */
int log_verify(struct cli *cli, char *const *names);

/* ---- merge.c ---- */
struct merge;
/* `root`: the directory of all logs, watched once something is followed */
struct merge *merge_new(const char *root, const struct log_query *query);
struct merge *merge_free(struct merge *merge);
/* a unit's log; false: it is not there (yet). `fresh`: all of it is wanted, it appeared meanwhile.
 * A second time is harmless */
bool merge_add(struct merge *merge, const char *name, bool fresh);
void merge_prefix(struct merge *merge, bool always); /* names before lines, also of a single one */
bool merge_tail(struct merge *merge, size_t lines);  /* begin with the last lines */
void merge_print(struct merge *merge, bool flush);   /* all that is there */
void merge_print_back(struct merge *merge, int64_t lines); /* newest first; -1: all */
char *merge_cursor(struct merge *merge);                   /* behind what was printed; owned */
bool merge_failed(const struct merge *merge); /* something that was asked for is not there */
size_t merge_count(const struct merge *merge);
int merge_fd(struct merge *merge);     /* readable: merge_woken, then merge_print; -errno */
bool merge_woken(struct merge *merge); /* true: there may be new logs */
