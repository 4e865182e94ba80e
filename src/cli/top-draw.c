/* The screen: head, table, log, and the line at the bottom on which everything is said and asked.
 * The files that a row needs besides stat are read here, for the rows that are shown. */
#include "base/clock.h"
#include "base/path.h"
#include "base/span.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/top.h"
#include "store/store.h"
#include <stdarg.h>
#include <string.h>

enum { LEAST_ROWS = 5, LEAST_COLUMNS = 30, HISTORY_COLUMNS = 12, SAY_S = 10, LOG_LEAST = 3 };

void
top_say(struct top *top, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(top->message, sizeof(top->message), format, arguments);
	va_end(arguments);
	top->message_until = clock_now() + SAY_S * CLOCK_S;
}

/* ---- the table ---- */
/* columns in their order; the last takes what is left. From this width on they are shown */
enum { C_PID, C_USER, C_STATE, C_CPU, C_MEMORY, C_TASKS, C_AGE, C_HISTORY, C_NAME, C_COUNT };
static const struct {
	const char *title;
	int width, from;
	bool right;
} columns[C_COUNT] = {
	[C_PID] = { "PID", 7, 0, true },
	[C_USER] = { "USER", 9, 76, false },
	[C_STATE] = { "STATE", 9, 58, false },
	[C_CPU] = { "CPU%", 6, 0, true },
	[C_MEMORY] = { "MEMORY", 7, 0, true },
	[C_TASKS] = { "TASKS", 5, 92, true },
	[C_AGE] = { "AGE", 5, 66, true },
	[C_HISTORY] = { "LAST MINUTE", HISTORY_COLUMNS, 108, false },
	[C_NAME] = { "NAME", 0, 0, false },
};

/* right-hand text is padded by us, since the screen pads on the right */
static int
put_cell(int y, int x, int width, bool right, enum top_paint paint, const char *text)
{
	autofree char *padded = NULL;
	int used = (int)width_text(text);

	if (right && used < width) {
		padded = str_format("%*s%s", width - used, "", text);
	}
	(void)top_screen_put(y, x, width + 1, paint, padded ? padded : text);
	return x + width + 1;
}

static const int sorted[TOP_SORTS] = { [TOP_BY_CPU] = C_CPU,
				       [TOP_BY_MEMORY] = C_MEMORY,
				       [TOP_BY_PID] = C_PID,
				       [TOP_BY_AGE] = C_AGE,
				       [TOP_BY_NAME] = C_NAME };

int
top_draw_sort_at(const struct top *top, int x)
{
	int rows, width, at = 0, column = -1;

	(void)top;
	top_screen_size(&rows, &width);
	for (int i = 0; i < C_COUNT && at <= x; i++) {
		if (width >= columns[i].from) {
			column = i;
			at += columns[i].width + 1;
		}
	}
	for (int sort = 0; sort < TOP_SORTS; sort++) {
		if (sorted[sort] == column) {
			return sort;
		}
	}
	return -1;
}

static void
put_titles(const struct top *top, int y, int width)
{
	int x = 0;

	for (int i = 0; i < C_COUNT; i++) {
		autofree char *title = str_format("%s%s", columns[i].title,
						  sorted[top->sort] != i ? ""
						  : top->reverse         ? "^"
									 : "v");
		if (width < columns[i].from) {
			continue;
		}
		if (i == C_NAME) {
			(void)top_screen_put(y, x, width - x, TOP_TITLE, title);
		} else {
			x = put_cell(y, x, columns[i].width, columns[i].right, TOP_TITLE, title);
		}
	}
}

static enum top_paint
paint_of_state(const char *state)
{
	switch (screen_paint_of(state)) {
	case PAINT_GOOD: return TOP_GOOD;
	case PAINT_BAD: return TOP_BAD;
	case PAINT_WARN: return TOP_WARN;
	case PAINT_DIM: return TOP_DIM;
	case PAINT_NONE:
	case PAINT_BOLD:
	case PAINT_COUNT: break;
	}
	return str_equal(state, "zombie") || str_equal(state, "disk") ? TOP_BAD
	       : str_equal(state, "stopped")                          ? TOP_WARN
								      : TOP_PLAIN;
}

static char *
age(double seconds)
{
	char text[32];

	return seconds < 0 ? str_dup("-")
			   : str_dup(span_show_short((int64_t)(seconds * 1e9), text, sizeof(text)));
}

static char *
name_of(const struct top *top, const struct top_row *row)
{
	static const char *const signs[][3] = { { " ", "-", "+" }, { " ", "▾", "▸" } };
	const char *sign = signs[top->utf8][!row->has_more ? 0 : row->folded ? 2 : 1];
	const char *what = phrase_get(row->unit, "description");
	struct buf text;
	char *whole;

	if (row->kind != TOP_PROCESS) {
		return str_format("%s %s%s%s", sign, row->name, what[0] ? "  " : "", what);
	}
	buf_init(&text, 8192);
	columns_command(&text, row->process);
	whole = top->flat ? str_format("%s%s%s%s", row->process->unit ? row->process->unit : "",
				       row->process->unit ? ": " : "", buf_str(&text), "")
			  : str_format("%*s%s %s", (int)MIN(row->depth, 30U) * 2, "", sign,
				       buf_str(&text));
	buf_done(&text);
	return whole;
}

/* owned; the text of a cell */
static char *
cell(const struct top *top, const struct top_row *row, int column, double uptime)
{
	const struct process *process = row->process;
	const json_t *pid = json_object_get(row->unit, "pid");
	char text[HISTORY_COLUMNS * 4 + 1];
	const struct top_history *history;

	switch (column) {
	case C_PID:
		return process ? str_format("%d", (int)process->stat.pid)
		       : json_is_integer(pid)
			       ? str_format("%lld", (long long)json_integer_value(pid))
			       : str_dup("");
	case C_USER:
		return str_dup(process && process->has & CENSUS_OWNER ? users_name(process->uid)
								      : "");
	case C_STATE:
		return str_dup(process ? proc_state_word(process->stat.state)
				       : phrase_get(row->unit, "state"));
	case C_CPU:
		return process && process->share < 0 ? str_dup("-")
						     : str_format("%.1f", MAX(row->share, 0) * 100);
	case C_MEMORY: return str_dup(size_show(row->memory, text, sizeof(text)));
	case C_TASKS: return str_format("%zu", row->tasks);
	case C_AGE: return age(process ? top_age(top, process) : uptime);
	case C_HISTORY:
		history = row->unit ? map_get(&top->histories, row->name) : NULL;
		if (history) {
			top_history_line(history, false, top->utf8, HISTORY_COLUMNS, text);
		}
		return str_dup(history ? text : "");
	default: return name_of(top, row);
	}
}

static double
uptime_of(const struct top *top, const struct top_row *row)
{
	const json_t *uptime = json_object_get(row->unit, "uptime");

	return json_is_number(uptime)
		       ? json_number_value(uptime) + (double)(clock_now() - top->belongs_at) / 1e9
		       : -1;
}

static void
put_row(struct top *top, size_t place, int y, int width)
{
	struct top_row *row = &top->rows[place];
	bool chosen = place == top->cursor;
	double uptime = uptime_of(top, row);
	int x = 0;

	if (row->process) {
		(void)census_read(&top->now, row->process,
				  (CENSUS_COMMAND | CENSUS_OWNER) & ~row->process->has);
	}
	for (int i = 0; i < C_COUNT; i++) {
		autofree char *text = width >= columns[i].from ? cell(top, row, i, uptime) : NULL;
		enum top_paint paint = row->kind == TOP_PROCESS ? TOP_PLAIN : TOP_BOLD;
		if (!text) {
			continue;
		}
		paint = i == C_STATE ? paint_of_state(text) : paint;
		paint = chosen ? TOP_CHOSEN : paint;
		if (i == C_NAME) {
			(void)top_screen_put(y, x, width - x, paint, text);
		} else {
			x = put_cell(y, x, columns[i].width, columns[i].right, paint, text);
		}
	}
}

/* ---- the log of the chosen unit ---- */
static const char *
chosen_unit(const struct top *top)
{
	const struct top_row *row = top->count ? &top->rows[top->cursor] : NULL;

	return !row ? NULL : row->unit ? row->name : row->process ? row->process->unit : NULL;
}

static void
put_history(const struct top *top, const char *name, int y, int width)
{
	const struct top_history *history = map_get(&top->histories, name);
	char cpu[TOP_HISTORY * 4 + 1], memory[TOP_HISTORY * 4 + 1];
	size_t each = (size_t)MAX((width - 40) / 2, 4);
	autofree char *line = NULL;

	if (history) {
		each = MIN(each, TOP_HISTORY);
		top_history_line(history, false, top->utf8, each, cpu);
		top_history_line(history, true, top->utf8, each, memory);
	}
	line = history ? str_format("log of %s   cpu %s  memory %s", name, cpu, memory)
		       : str_format("log of %s", name);
	(void)top_screen_put(y, 0, width, TOP_TITLE, line);
}

static void
put_log(struct top *top, int y, int rows, int width)
{
	const char *name = chosen_unit(top);
	autofree char *directory = NULL;
	char **lines = NULL;
	size_t n;

	if (!name || !cli_places(top->cli)) {
		(void)top_screen_put(y, 0, width, TOP_TITLE,
				     "log: choose a unit, or a process of one");
		return;
	}
	put_history(top, name, y, width);
	directory = path_join(top->cli->places.log, name);
	lines = store_tail(directory, (size_t)rows - 1);
	n = strv_length(lines);
	for (size_t i = 0; i < n; i++) {
		(void)top_screen_put(y + 1 + (int)i, 0, width, TOP_PLAIN, lines[i]);
	}
	if (n == 0) {
		(void)top_screen_put(y + 1, 0, width, TOP_DIM, "it has written nothing");
	}
	(void)strv_free(lines);
}

/* ---- the bottom line ---- */
static void
put_bottom(const struct top *top, int y, int width)
{
	autofree char *line = NULL;
	char question[512];

	switch (top->mode) {
	case TOP_FILTER:
		line = str_format("filter: %s_   (Enter keeps it, Esc ends it)", top->filter);
		break;
	case TOP_QUESTION:
		(void)top_act_question(top, question, sizeof(question));
		line = str_format("%s  y: yes, any other key: no", question);
		break;
	case TOP_INPUT:
		(void)top_act_question(top, question, sizeof(question));
		line = str_format("%s %s_   (Enter does it, Esc does not)", question, top->input);
		break;
	case TOP_NORMAL:
	case TOP_HELP: break;
	}
	if (line) {
		(void)top_screen_put(y, 0, width, TOP_BOLD, line);
		return;
	}
	if (top->message[0] && clock_now() < top->message_until) {
		(void)top_screen_put(y, 0, width, TOP_BOLD, top->message);
		return;
	}
	line = str_format("%s%s%s%s? help  q quit  / filter  t %s  l log  s stop  k signal",
			  top->paused ? "PAUSED (space)  " : "", top->follow ? "FOLLOWING  " : "",
			  top->filter[0] ? "filter: " : "", top->filter,
			  top->flat ? "tree" : "flat");
	if (top->filter[0]) {
		free(line);
		line = str_format("%sfilter: %s  (Esc ends it)   ? help  q quit",
				  top->paused ? "PAUSED (space)  " : "", top->filter);
	}
	(void)top_screen_put(y, 0, width, TOP_DIM, line);
}

/* ---- all of it ---- */
static void
put_help(int rows, int width)
{
	const char *const *line = top_help();

	for (int y = 0; *line && y < rows; y++, line++) {
		(void)top_screen_put(y, 0, width, y == 0 ? TOP_BOLD : TOP_PLAIN, *line);
	}
}

static void
put_table(struct top *top, int y, int rows, int width)
{
	put_titles(top, y, width);
	top->rows_y = y + 1;
	top->page = (size_t)MAX(rows - 1, 1);
	if (top->cursor < top->first) {
		top->first = top->cursor;
	}
	if (top->cursor >= top->first + top->page) {
		top->first = top->cursor - top->page + 1;
	}
	if (top->first + top->page > top->count) { /* no empty lines below */
		top->first = top->count > top->page ? top->count - top->page : 0;
	}
	for (size_t i = 0; i < top->page && top->first + i < top->count; i++) {
		put_row(top, top->first + i, top->rows_y + (int)i, width);
	}
	if (top->count == 0) {
		(void)top_screen_put(top->rows_y, 0, width, TOP_DIM,
				     top->filter[0] ? "nothing fits the filter" : "nothing to see");
	}
}

void
top_draw(struct top *top)
{
	int rows, width, y, log;

	top_screen_size(&rows, &width);
	top_screen_clear();
	top->log_y = -1;
	if (rows < LEAST_ROWS || width < LEAST_COLUMNS) {
		(void)top_screen_put(0, 0, width, TOP_PLAIN, "too small");
		top_screen_show();
		return;
	}
	if (top->mode == TOP_HELP) {
		put_help(rows, width);
		top_screen_show();
		return;
	}
	y = top_head(top);
	log = top->log ? MAX((rows - y - 1) / 2, LOG_LEAST) : 0;
	log = rows - y - 1 - log < 2 ? 0 : log;
	put_table(top, y, rows - y - 1 - log, width);
	if (log > 0) {
		top->log_y = rows - 1 - log;
		put_log(top, top->log_y, log, width);
	}
	put_bottom(top, rows - 1, width);
	top_screen_show();
}
