/* columns: a thing that can be shown of a process is one row here: its name for -o and --sort, the
 * files it needs, how it is shown and what it is sorted by. */
#include "base/check.h"
#include "base/clock.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/processes.h"
#include <inttypes.h>
#include <string.h>

static const double BUSY = 0.5; /* of a cpu: worth a colour */

/* ---- single values ---- */
static uint64_t
cpu_ns(const struct process *process)
{
	const struct proc_stat *stat = &process->stat;

	return process->has & CENSUS_CLOCK
		       ? process->cpu_ns
		       : (stat->utime + stat->stime) * ((uint64_t)CLOCK_S / proc_ticks());
}

void
columns_command(struct buf *to, const struct process *process)
{
	if (process->command_length > 0) {
		(void)buf_add(to, process->command, process->command_length);
	} else {
		(void)buf_addf(to, "[%s]", process->stat.comm);
	}
}

/* who must reap a zombie: its parent, as long as that lives */
static void
put_reaper(struct buf *to, const struct process *process)
{
	if (process->parent) {
		(void)buf_addf(to, " ended; %d (%s) does not reap it", (int)process->stat.ppid,
			       process->parent->stat.comm);
	} else {
		(void)buf_addf(to, " ended; its parent %d does not reap it",
			       (int)process->stat.ppid);
	}
}

/* a first thread that ended before the others looks like a zombie and is none */
static bool
is_zombie(const struct process *process)
{
	return process->stat.state == 'Z' && process->stat.threads <= 1;
}

static enum paint
put_command(struct buf *to, const struct look *look, const struct process *process)
{
	(void)look;
	columns_command(to, process);
	if (is_zombie(process)) {
		put_reaper(to, process);
		return PAINT_BAD;
	}
	return process->stat.flags & PROC_KERNEL_THREAD ? PAINT_DIM : PAINT_NONE;
}

static enum paint
put_state(struct buf *to, const struct look *look, const struct process *process)
{
	(void)look;
	(void)buf_addf(to, "%s%s", proc_state_word(process->stat.state),
		       process->orphan ? ", orphan" : "");
	switch (process->stat.state) {
	case 'R': return PAINT_GOOD;
	case 'Z': return PAINT_BAD;
	case 'D':
	case 'T':
	case 't': return PAINT_WARN;
	default: return PAINT_NONE;
	}
}

static enum paint
put_unit(struct buf *to, const struct look *look, const struct process *process)
{
	const char *role = look->belongs ? belongs_role(look->belongs, process) : NULL;

	if (process->unit) {
		(void)buf_add_str(to, process->unit);
		return PAINT_BOLD;
	}
	(void)buf_addf(to, "%s%s%s", role ? "(" : "-", role ? role : "", role ? ")" : "");
	return PAINT_DIM;
}

static enum paint
put_cpu(struct buf *to, const struct look *look, const struct process *process)
{
	(void)look;
	if (process->share < 0) {
		(void)buf_add_char(to, '-');
		return PAINT_DIM;
	}
	(void)buf_addf(to, "%.1f%%", process->share * 100);
	return process->share >= BUSY ? PAINT_WARN : PAINT_NONE;
}

static double
number_cpu(const struct look *look, const struct process *process)
{
	(void)look;
	return process->share;
}

static enum paint
put_time(struct buf *to, const struct look *look, const struct process *process)
{
	autofree char *span = phrase_span((double)cpu_ns(process) / CLOCK_S);

	(void)look;
	(void)buf_add_str(to, span);
	return PAINT_NONE;
}

static double
number_time(const struct look *look, const struct process *process)
{
	(void)look;
	return (double)cpu_ns(process);
}

static enum paint
put_bytes(struct buf *to, uint64_t bytes)
{
	char text[32];

	(void)buf_add_str(to, bytes ? size_show(bytes, text, sizeof(text)) : "0");
	return PAINT_NONE;
}

static enum paint
put_age(struct buf *to, const struct look *look, const struct process *process)
{
	char text[32];

	(void)buf_add_str(to,
			  span_show_short(census_age(&look->census, process), text, sizeof(text)));
	return PAINT_NONE;
}

static double
number_age(const struct look *look, const struct process *process)
{
	return (double)census_age(&look->census, process);
}

static enum paint
put_started(struct buf *to, const struct look *look, const struct process *process)
{
	autofree char *time =
		phrase_time((double)proc_started_wall(&process->stat) / CLOCK_S, look->cli->utc);

	(void)buf_add_str(to, time);
	return PAINT_NONE;
}

static enum paint
put_tty(struct buf *to, const struct look *look, const struct process *process)
{
	char name[64];
	const char *tty = proc_tty_name(process->stat.tty, name, sizeof(name));

	(void)look;
	(void)buf_add_str(to, tty ? tty : "-");
	return tty ? PAINT_NONE : PAINT_DIM;
}

static enum paint
put_user(struct buf *to, const struct look *look, const struct process *process)
{
	(void)look;
	(void)buf_add_str(to, process->has & CENSUS_OWNER ? users_name(process->uid) : "-");
	return PAINT_NONE;
}

static enum paint
put_name(struct buf *to, const struct look *look, const struct process *process)
{
	(void)look;
	(void)buf_add_str(to, process->stat.comm);
	return PAINT_NONE;
}

static enum paint
put_parent(struct buf *to, const struct look *look, const struct process *process)
{
	(void)look;
	(void)buf_addf(to, "%d%s%s%s", (int)process->stat.ppid, process->parent ? " (" : "",
		       process->parent ? process->parent->stat.comm : "",
		       process->parent ? ")" : "");
	return PAINT_NONE;
}

static enum paint
put_wchan(struct buf *to, const struct look *look, const struct process *process)
{
	(void)look;
	(void)buf_add_str(to, process->wchan ? process->wchan : "-");
	return process->wchan ? PAINT_NONE : PAINT_DIM;
}

static enum paint
put_class(struct buf *to, const struct look *look, const struct process *process)
{
	(void)look;
	(void)buf_add_str(to, proc_class_word(process->stat.policy));
	return PAINT_NONE;
}

/* plain numbers: shown and sorted by the same expression */
#define NUMBER(id, value)                                                                          \
	static double number_##id(const struct look *look, const struct process *process)          \
	{                                                                                          \
		(void)look;                                                                        \
		return (double)(value);                                                            \
	}                                                                                          \
	static enum paint put_##id(struct buf *to, const struct look *look,                        \
				   const struct process *process)                                  \
	{                                                                                          \
		(void)look;                                                                        \
		(void)buf_addf(to, "%" PRId64, (int64_t)(value));                                  \
		return PAINT_NONE;                                                                 \
	}
NUMBER(pid, process->stat.pid)
NUMBER(ppid, process->stat.ppid)
NUMBER(pgid, process->stat.pgid)
NUMBER(sid, process->stat.sid)
NUMBER(uid, process->uid)
NUMBER(threads, process->stat.threads)
NUMBER(nice, process->stat.nice)
NUMBER(priority, process->stat.priority)
NUMBER(processor, process->stat.processor)
#define BYTES(id, value)                                                                           \
	static double number_##id(const struct look *look, const struct process *process)          \
	{                                                                                          \
		(void)look;                                                                        \
		return (double)(value);                                                            \
	}                                                                                          \
	static enum paint put_##id(struct buf *to, const struct look *look,                        \
				   const struct process *process)                                  \
	{                                                                                          \
		(void)look;                                                                        \
		return put_bytes(to, (value));                                                     \
	}
BYTES(memory, process->stat.rss)
BYTES(size, process->stat.size)

static const struct shown_column rows[] = {
	{ "unit", "UNIT", "the unit of tend that it belongs to", .least = 8, .put = put_unit },
	{ "pid", "PID", "its number", .right = true, .put = put_pid, .number = number_pid },
	{ "ppid", "PPID", "its parent's number", .right = true, .drop = 8, .put = put_ppid,
	  .number = number_ppid },
	{ "parent", "PARENT", "its parent's number and name", .least = 10, .put = put_parent },
	{ "pgid", "PGID", "its process group", .right = true, .drop = 7, .put = put_pgid,
	  .number = number_pgid },
	{ "sid", "SID", "its session", .right = true, .drop = 7, .put = put_sid,
	  .number = number_sid },
	{ "user", "USER", "whose it is (the effective user)", CENSUS_OWNER, .drop = 3, .least = 8,
	  .put = put_user },
	{ "uid", "UID", "the same as a number", CENSUS_OWNER, .right = true, .put = put_uid,
	  .number = number_uid },
	{ "state", "STATE", "what it does, in words; orphan when its parent has ended",
	  .put = put_state },
	{ "cpu", "CPU", "what it uses now, of one cpu", CENSUS_CLOCK, .right = true, .put = put_cpu,
	  .number = number_cpu },
	{ "time", "TIME", "the cpu time that it has used in all", CENSUS_CLOCK, .right = true,
	  .drop = 6, .put = put_time, .number = number_time },
	{ "memory", "MEMORY", "of it in memory now (RSS)", .right = true, .drop = 2,
	  .put = put_memory, .number = number_memory },
	{ "size", "SIZE", "of its address space (VSZ)", .right = true, .drop = 6, .put = put_size,
	  .number = number_size },
	{ "threads", "THR", "how many threads", .right = true, .drop = 6, .put = put_threads,
	  .number = number_threads },
	{ "age", "AGE", "how long ago it was started", .right = true, .drop = 4, .put = put_age,
	  .number = number_age },
	{ "started", "STARTED", "when it was started", .put = put_started, .number = number_age },
	{ "tty", "TTY", "its terminal", .drop = 5, .put = put_tty },
	{ "nice", "NICE", "its nice value", .right = true, .put = put_nice, .number = number_nice },
	{ "class", "CLASS", "its scheduling class", .put = put_class },
	{ "priority", "PRI", "its priority, as the kernel says it", .right = true,
	  .put = put_priority, .number = number_priority },
	{ "processor", "ON", "the cpu that it ran on last", .right = true, .put = put_processor,
	  .number = number_processor },
	{ "wchan", "WAITS IN", "where in the kernel it waits", CENSUS_WCHAN, .put = put_wchan },
	{ "name", "NAME", "its name", .put = put_name },
	{ "command", "COMMAND", "the command line", CENSUS_COMMAND, .least = 30,
	  .put = put_command },
};

/* as people of ps say it */
static const struct {
	const char *other, *name;
} others[] = {
	{ "comm", "name" },    { "args", "command" },  { "cmd", "command" },   { "rss", "memory" },
	{ "mem", "memory" },   { "vsz", "size" },      { "stat", "state" },    { "etime", "age" },
	{ "nlwp", "threads" }, { "start", "started" }, { "tname", "tty" },     { "ni", "nice" },
	{ "cls", "class" },    { "pri", "priority" },  { "pcpu", "cpu" },      { "%cpu", "cpu" },
	{ "pgrp", "pgid" },    { "sess", "sid" },      { "psr", "processor" },
};

static const struct shown_column *
find_row(const char *name)
{
	for (size_t i = 0; i < COUNT(others); i++) {
		name = str_equal(others[i].other, name) ? others[i].name : name;
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (str_equal(rows[i].name, name)) {
			return &rows[i];
		}
	}
	return NULL;
}

static bool
unknown(const char *name, struct err *err)
{
	struct guess guess;

	guess_begin(&guess, name);
	for (size_t i = 0; i < COUNT(rows); i++) {
		guess_try(&guess, rows[i].name);
	}
	return guess.best
		       ? err_set(err, "there is no column '%s'; did you mean '%s'?", name,
				 guess.best)
		       : err_set(err, "there is no column '%s'; 'tend ps -o help' lists all", name);
}

bool
columns_parse(const char *names, bool sorting, struct columns *ret_columns, struct err *err)
{
	autofree char *copy = str_dup(names);
	struct columns columns = { .count = 0 };
	size_t most = sorting ? COLUMNS_SORT_MAX : COLUMNS_MAX;
	char *rest = copy;

	while (rest) {
		const char *name = strsep(&rest, ", ");
		bool turned = sorting && *name == '-';
		const struct shown_column *row = find_row(name + turned);

		if (!*name) {
			continue;
		}
		if (!row) {
			return unknown(name + turned, err);
		}
		if (columns.count == most) {
			return err_set(err, "%zu columns are as many as there may be", most);
		}
		columns.turned[columns.count] = turned;
		columns.list[columns.count++] = row;
	}
	if (columns.count == 0) {
		return err_set(err, "no column is named");
	}
	*ret_columns = columns;
	return true;
}

unsigned
columns_want(const struct columns *columns)
{
	unsigned want = 0;

	for (size_t i = 0; i < columns->count; i++) {
		want |= columns->list[i]->want;
	}
	return want;
}

bool
columns_has(const struct columns *columns, const char *name)
{
	for (size_t i = 0; i < columns->count; i++) {
		if (str_equal(columns->list[i]->name, name)) {
			return true;
		}
	}
	return false;
}

void
columns_remove(struct columns *columns, const char *name)
{
	size_t to = 0;

	for (size_t i = 0; i < columns->count; i++) {
		if (!str_equal(columns->list[i]->name, name)) {
			columns->list[to++] = columns->list[i];
		}
	}
	columns->count = to;
}

void
columns_help(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		(void)printf("  %-10s %s\n", rows[i].name, rows[i].words);
	}
}

/* ---- sorting ---- */
struct sorted { /* what is compared is made once */
	struct process *process;
	double number[COLUMNS_SORT_MAX];
	char *text[COLUMNS_SORT_MAX];
};

static int
compare(const void *a, const void *b, void *context)
{
	const struct sorted *x = a, *y = b;
	const struct columns *by = context;

	for (size_t i = 0; i < by->count; i++) {
		int order = by->list[i]->number
				    ? (x->number[i] < y->number[i]) - (x->number[i] > y->number[i])
				    : strverscmp(x->text[i], y->text[i]);
		if (order != 0) {
			return by->turned[i] ? -order : order;
		}
	}
	return (x->process->stat.pid > y->process->stat.pid) -
	       (x->process->stat.pid < y->process->stat.pid);
}

void
columns_sort(struct look *look, const struct columns *by)
{
	struct sorted *sorted = calloc(look->count + 1, sizeof(*sorted));
	struct buf text;

	CHECK(sorted);
	buf_init(&text, SIZE_MAX / 4);
	for (size_t k = 0; k < look->count; k++) {
		sorted[k].process = look->list[k];
		for (size_t i = 0; i < by->count; i++) {
			if (by->list[i]->number) {
				sorted[k].number[i] = by->list[i]->number(look, look->list[k]);
				continue;
			}
			buf_clear(&text);
			(void)by->list[i]->put(&text, look, look->list[k]);
			sorted[k].text[i] = str_dup(buf_str(&text));
		}
	}
	qsort_r(sorted, look->count, sizeof(*sorted), compare, (void *)(uintptr_t)by);
	for (size_t k = 0; k < look->count; k++) {
		look->list[k] = sorted[k].process;
		for (size_t i = 0; i < by->count; i++) {
			free(sorted[k].text[i]);
		}
	}
	free(sorted);
	buf_done(&text);
}

/* ---- showing ---- */
void
columns_print(const struct look *look, const struct columns *columns)
{
	struct column titles[COLUMNS_MAX];
	struct table *table;
	struct buf text;

	for (size_t i = 0; i < columns->count; i++) {
		const struct shown_column *row = columns->list[i];

		titles[i] = (struct column){ row->title, row->right, row->drop, row->least };
	}
	table = table_new(titles, columns->count);
	buf_init(&text, SIZE_MAX / 4);
	for (size_t k = 0; k < look->count; k++) {
		for (size_t i = 0; i < columns->count; i++) {
			enum paint paint;

			buf_clear(&text);
			paint = columns->list[i]->put(&text, look, look->list[k]);
			table_put(table, paint, buf_str(&text));
		}
	}
	table_print(table, screen_columns());
	table = table_free(table);
	buf_done(&text);
}

static json_t *
json_bytes(const struct buf *text)
{
	return phrase_json(buf_str(text), text->length);
}

json_t *
columns_json(const struct look *look, const struct process *process)
{
	const struct proc_stat *stat = &process->stat;
	const char *user = process->has & CENSUS_OWNER ? users_name(process->uid) : NULL;
	json_t *object = json_object();
	char name[64];
	const char *tty = proc_tty_name(stat->tty, name, sizeof(name));
	struct buf command;

	buf_init(&command, SIZE_MAX / 4);
	columns_command(&command, process);
	(void)json_object_set_new(object, "pid", json_integer(stat->pid));
	(void)json_object_set_new(object, "ppid", json_integer(stat->ppid));
	(void)json_object_set_new(object, "pgid", json_integer(stat->pgid));
	(void)json_object_set_new(object, "sid", json_integer(stat->sid));
	(void)json_object_set_new(object, "user", user ? wire_string(user) : json_null());
	(void)json_object_set_new(object, "state", json_string(proc_state_word(stat->state)));
	(void)json_object_set_new(object, "tty", tty ? wire_string(tty) : json_null());
	(void)json_object_set_new(object, "unit",
				  process->unit ? wire_string(process->unit) : json_null());
	(void)json_object_set_new(object, "name", phrase_json(stat->comm, strlen(stat->comm)));
	(void)json_object_set_new(object, "command", json_bytes(&command));
	(void)json_object_set_new(object, "cpu", json_real((double)cpu_ns(process) / CLOCK_S));
	(void)json_object_set_new(object, "cpu_percent",
				  process->share < 0 ? json_null()
						     : json_real(process->share * 100));
	(void)json_object_set_new(object, "memory", json_integer((json_int_t)stat->rss));
	(void)json_object_set_new(object, "threads", json_integer(stat->threads));
	(void)json_object_set_new(
		object, "age",
		json_real((double)census_age(&look->census, process) / (double)CLOCK_S));
	(void)json_object_set_new(object, "orphan", json_boolean(process->orphan));
	buf_done(&command);
	return object;
}
