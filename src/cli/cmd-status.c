/* cmd-status: everything about one unit on one screen: how it is, what it consists of, and the
 * last it wrote. */
#include "base/str.h"
#include "cli/cli.h"
#include "store/store.h"
#include <string.h>

enum { STATUS_LINES = 10, STATUS_LABEL = 10 };

const struct opt cmd_status_options[] = {
	OPT_ALL, { 'n', "lines", "N", "so many of the last lines of its log (10)" },
	OPT_UTC, OPT_JSON,
	OPT_END,
};
const char cmd_status_details[] =
	"The exit code is 0 when it runs, 3 when it does not, 4 when there is no\n"
	"such unit.";

static void put_label(const char *label, const char *format, ...) PRINTF(2, 3);

static void
put_label(const char *label, const char *format, ...)
{
	va_list arguments;

	(void)printf("  %s%*s%s ", screen_paint(PAINT_DIM), STATUS_LABEL, label, screen_plain());
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)putchar('\n');
}

static void
put_text(const char *label, const json_t *status, const char *key)
{
	autofree char *text = phrase_command(phrase_get(status, key));

	if (text[0]) {
		put_label(label, "%s", text);
	}
}

/* ---- the state ---- */
static void
put_head(const json_t *status)
{
	autofree char *name = phrase_command(phrase_get(status, "name"));
	autofree char *what = phrase_command(phrase_get(status, "description"));

	(void)printf("%s%s%s%s%s\n", screen_paint(PAINT_BOLD), name, screen_plain(),
		     what[0] ? " - " : "", what);
}

static void
put_state(const struct cli *cli, const json_t *status)
{
	const char *state = phrase_get(status, "state"), *detail = phrase_get(status, "detail");
	const char *why = phrase_get(status, "why");
	const json_t *uptime = json_object_get(status, "uptime");
	const json_t *since = json_object_get(status, "since");
	const json_t *pid = json_object_get(status, "pid");
	struct buf line;

	buf_init(&line, SIZE_MAX / 4);
	(void)buf_addf(&line, "%s%s%s", screen_paint(screen_paint_of(state)), state,
		       screen_plain());
	if (why[0] || !str_equal(state, detail)) {
		(void)buf_addf(&line, " (%s%s%s)", why,
			       why[0] && !str_equal(state, detail) ? ", " : "",
			       str_equal(state, detail) ? "" : detail);
	}
	if (json_is_number(uptime)) {
		autofree char *span = phrase_span(json_number_value(uptime));
		(void)buf_addf(&line, " for %s", span);
	}
	if (json_is_number(since)) {
		autofree char *time = phrase_time(json_number_value(since), cli->utc);
		(void)buf_addf(&line, ", since %s", time);
	}
	if (json_is_integer(pid)) {
		(void)buf_addf(&line, ", pid %lld", (long long)json_integer_value(pid));
	}
	put_label("state", "%s", buf_str(&line));
	buf_done(&line);
}

static void
put_next(const struct cli *cli, const json_t *status)
{
	const json_t *next = json_object_get(status, "next_try");
	autofree char *exit = phrase_exit(json_object_get(status, "exit"));
	json_int_t restarts = json_integer_value(json_object_get(status, "restarts"));

	if (json_is_number(next)) {
		autofree char *time = phrase_time(json_number_value(next), cli->utc);
		put_label("next try", "%s", time);
	}
	if (exit[0]) {
		put_label("last end", "%s", exit);
	}
	if (restarts > 0) {
		put_label("restarts", "%lld", (long long)restarts);
	}
}

static void
put_usage(const json_t *status)
{
	const json_t *tasks = json_object_get(status, "tasks");
	const json_t *percent = json_object_get(status, "cpu_percent");
	const json_t *cpu = json_object_get(status, "cpu");
	autofree char *memory = phrase_size(json_object_get(status, "memory"));

	if (json_is_integer(tasks)) {
		long long count = (long long)json_integer_value(tasks);
		put_label("memory", "%s in %lld process%s", memory, count, count == 1 ? "" : "es");
	}
	if (json_is_number(cpu)) {
		autofree char *span = phrase_span(json_number_value(cpu));
		put_label("cpu", "%.1f%%, %s in all", json_number_value(percent), span);
	}
}

static void
put_files(const json_t *status)
{
	autofree char *file = phrase_command(phrase_get(status, "file"));
	const json_t *drop_ins = json_object_get(status, "drop_ins");
	json_t *entry;
	size_t i;

	if (file[0]) {
		put_label("unit", "%s%s%s", file,
			  json_is_true(json_object_get(status, "transient")) ? " (made by tend run)"
									     : "",
			  json_is_true(json_object_get(status, "changed"))
				  ? " (changed since; restart takes it)"
				  : "");
	}
	json_array_foreach(drop_ins, i, entry) {
		autofree char *path = phrase_command(json_string_value(entry));
		put_label("drop-in", "%s", path);
	}
	put_text("command", status, "command");
	put_label("type", "%s, Restart=%s%s", phrase_get(status, "type"),
		  phrase_get(status, "restart"),
		  json_is_true(json_object_get(status, "enabled")) ? ", enabled" : "");
	json_array_foreach(json_object_get(status, "notices"), i, entry) {
		autofree char *notice = phrase_command(json_string_value(entry));
		put_label("note", "%s", notice);
	}
}

/* ---- processes ---- */
static bool
is_root(const json_t *processes, json_int_t ppid)
{
	json_t *process;
	size_t i;

	json_array_foreach(processes, i, process) {
		if (json_integer_value(json_object_get(process, "pid")) == ppid) {
			return false;
		}
	}
	return true;
}

static json_int_t
parent_of(const json_t *process)
{
	return json_integer_value(json_object_get(process, "ppid"));
}

static void
put_process(const json_t *process, const char *left)
{
	autofree char *memory = phrase_size(json_object_get(process, "memory"));
	autofree char *command = phrase_command(phrase_get(process, "command"));
	bool main = json_is_true(json_object_get(process, "main"));

	(void)printf("  %s%s%lld %s%s %s%s%s\n", left, screen_paint(main ? PAINT_BOLD : PAINT_NONE),
		     (long long)json_integer_value(json_object_get(process, "pid")), command,
		     main ? screen_plain() : "", screen_paint(PAINT_DIM), memory, screen_plain());
}

/* the children of `ppid`, each with its own; a parent is older than its child, so this ends, but
 * not a loop of reused pids: `depth` */
static void
put_tree(const json_t *processes, json_int_t ppid, const char *left, unsigned depth)
{
	json_t *process, *last = NULL;
	size_t i;

	json_array_foreach(processes, i, process) {
		last = parent_of(process) == ppid ? process : last;
	}
	json_array_foreach(processes, i, process) {
		if (parent_of(process) == ppid && depth < 64) {
			autofree char *here =
				str_format("%s%s", left, process == last ? "└─ " : "├─ ");
			autofree char *below =
				str_format("%s%s", left, process == last ? "   " : "│  ");
			put_process(process, here);
			put_tree(processes, json_integer_value(json_object_get(process, "pid")),
				 below, depth + 1);
		}
	}
}

static void
put_processes(const json_t *status)
{
	const json_t *processes = json_object_get(status, "processes");
	json_t *process;
	size_t i;

	if (json_array_size(processes) == 0) {
		return;
	}
	(void)printf("\n%sprocesses%s (found by %s)\n", screen_paint(PAINT_BOLD), screen_plain(),
		     phrase_get(status, "kin"));
	json_array_foreach(processes, i, process) {
		if (is_root(processes, parent_of(process))) {
			put_process(process, "");
			put_tree(processes, json_integer_value(json_object_get(process, "pid")), "",
				 0);
		}
	}
}

static void
put_log(const json_t *status, size_t lines)
{
	char **tail = store_tail(phrase_get(status, "log"), lines);
	autofree char *name = phrase_command(phrase_get(status, "name"));

	if (tail && tail[0]) {
		(void)printf("\n%slast lines%s (tend logs %s)\n", screen_paint(PAINT_BOLD),
			     screen_plain(), name);
	}
	for (size_t i = 0; tail && tail[i]; i++) {
		(void)printf("  %s\n", tail[i]);
	}
	(void)strv_free(tail);
}

/* ERRNO= of sd_notify */
static void
put_errno(const json_t *status)
{
	json_int_t number = json_integer_value(json_object_get(status, "errno"));
	const char *words = strerrordesc_np((int)number);

	if (number > 0) {
		put_label("error", "%s (ERRNO=%d)", words ? words : "no known error", (int)number);
	}
}

static int
put(const struct cli *cli, const json_t *status, size_t lines)
{
	const char *state = phrase_get(status, "state");
	autofree char *text = phrase_command(phrase_get(status, "text"));

	if (!cli->json) {
		put_head(status);
		put_state(cli, status);
		if (text[0]) {
			put_label("reason", "%s", text);
		}
		put_text("says", status, "status_text");
		put_errno(status);
		put_next(cli, status);
		put_usage(status);
		put_files(status);
		put_text("log", status, "log");
		put_processes(status);
		put_log(status, lines);
	}
	return str_equal(state, "running") || str_equal(state, "reloading") ||
			       str_equal(state, "starting")
		       ? CLI_DONE
		       : CLI_NOT_RUNNING;
}

/* ---- of tendd itself ---- */
static void
put_counts(const json_t *units)
{
	json_auto_t *counts = json_object();
	const char *state;
	json_t *unit, *count;
	size_t i, n = 0;

	listing_sort(json_object_get(units, "units"));
	json_array_foreach(json_object_get(units, "units"), i, unit) {
		const char *name = phrase_get(unit, "state");
		json_int_t now = json_integer_value(json_object_get(counts, name));
		(void)json_object_set_new(counts, name, json_integer(now + 1));
	}
	(void)printf("  %s%*s%s ", screen_paint(PAINT_DIM), STATUS_LABEL, "units", screen_plain());
	json_object_foreach(counts, state, count) {
		(void)printf("%s%lld %s%s%s", n++ ? ", " : "", (long long)json_integer_value(count),
			     screen_paint(screen_paint_of(state)), state, screen_plain());
	}
	(void)printf("%s\n", n ? "" : "none");
}

static void
put_tendd(const struct cli *cli, const json_t *info)
{
	autofree char *since =
		phrase_time(json_number_value(json_object_get(info, "since")), cli->utc);
	json_t *note;
	size_t i;

	(void)printf("%stendd %s%s\n", screen_paint(PAINT_BOLD), phrase_get(info, "version"),
		     screen_plain());
	put_label("whose", "%s",
		  cli->places.home     ? "that of TEND_HOME"
		  : cli->places.system ? "the system's"
				       : "your own");
	put_label("since", "%s", since);
	put_label("processes", "keeper %lld, manager %lld, logger %lld",
		  (long long)json_integer_value(json_object_get(info, "keeper")),
		  (long long)json_integer_value(json_object_get(info, "manager")),
		  (long long)json_integer_value(json_object_get(info, "logger")));
	put_text("at", info, "home");
	json_array_foreach(json_object_get(info, "notes"), i, note) {
		put_label("note", "%s", json_string_value(note));
	}
}

static int
status_of_tendd(struct cli *cli)
{
	autodone(wire_answer) struct wire_answer info = { 0 };
	autodone(wire_answer) struct wire_answer units = { 0 };
	int code = ask_simply(cli, "Info", NULL, ASK_AGAIN, &info);

	if (code == CLI_DONE && cli->json) {
		phrase_print(info.parameters);
		return code;
	}
	if (code == CLI_DONE) {
		code = ask_simply(cli, "List", NULL, ASK_AGAIN, &units);
	}
	if (code == CLI_DONE) {
		put_tendd(cli, info.parameters);
		put_counts(units.parameters);
	}
	return code;
}

static int
status_of_units(struct cli *cli, size_t lines)
{
	json_auto_t *all = json_array();
	char **names = NULL;
	int worst = names_resolve(cli, &names);
	bool first = true;

	for (size_t i = 0; names && names[i]; i++) {
		autodone(wire_answer) struct wire_answer answer = { 0 };
		int code =
			ask_simply(cli, "Status", json_pack("{s:o}", "name", wire_string(names[i])),
				   ASK_AGAIN, &answer);
		json_t *status = json_object_get(answer.parameters, "status");

		if (code == CLI_DONE) {
			(void)(cli->json || first || putchar('\n'));
			code = put(cli, status, lines);
			(void)json_array_append(all, status);
			first = false;
		}
		worst = MAX(worst, code);
	}
	if (cli->json) {
		phrase_print(all);
	}
	(void)strv_free(names);
	return worst;
}

int
cmd_status(struct cli *cli)
{
	bool whole = !cli->args.names[0] && !args_has(&cli->args, "all");
	int64_t lines = STATUS_LINES;
	struct err err = { 0 };
	int code;

	if (!args_number(&cli->args, "lines", 0, 100000, &lines, &err)) {
		return complain_usage(cli, "%s", err.text);
	}
	code = names_are_fine(cli) ? ask_open(cli, whole ? ASK_NEVER : ASK_IF_ANY) : CLI_USAGE;
	if (code != CLI_DONE) {
		return code;
	}
	if (!cli->wire && whole) {
		(void)printf(cli->json ? "null\n"
				       : "tendd does not run; it starts when it is needed\n");
		return CLI_NOT_RUNNING;
	}
	if (!cli->wire) {
		return outcome_nobody(cli);
	}
	return whole ? status_of_tendd(cli) : status_of_units(cli, (size_t)lines);
}
