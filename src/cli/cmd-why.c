/* cmd-why: how the last runs of a unit went, in prose: when and how long, how each ended and who
 * or what ended it, what it cost, the last it wrote, and what tend will do next. */
#include "base/clock.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/ports.h"
#include "store/store.h"

enum { WHY_RUNS = 5, WHY_LINES = 5, WHY_PORT_LINES = 20 };

const struct opt cmd_why_options[] = {
	OPT_ALL,
	{ 'r', "runs", "N", "so many runs (5)" },
	{ 'n', "lines", "N", "so many of the last lines of each (5)" },
	OPT_UTC,
	OPT_JSON,
	OPT_END,
};
const char cmd_why_details[] = "";

static const struct {
	const char *why, *words;
} whys[] = {
	{ "asked", "asked to" },
	{ "exit-code", "by itself" },
	{ "signal", "which tend did not send" },
	{ "core", "it crashed" },
	{ "oom", "the memory was at its end" },
	{ "timeout", "it took too long" },
	{ "runtime", "it ran as long as it may (RuntimeMaxSec=)" },
	{ "watchdog", "its watchdog was not served (WatchdogSec=)" },
	{ "dependency", "a unit it needs is not there" },
	{ "start-limit", "it was started too often" },
	{ "exec", "it could not be executed" },
	{ "protocol", "it did not say that it is ready" },
	{ "condition", "ExecCondition= said no" },
	{ "survivors", "something of it would not die" },
};

static const char *
why_words(const char *why)
{
	for (size_t i = 0; i < COUNT(whys); i++) {
		if (str_equal(whys[i].why, why)) {
			return whys[i].words;
		}
	}
	return NULL;
}

static char **
lines_of_run(const char *directory, const json_t *run, size_t lines)
{
	return store_run_tail(directory, json_integer_value(json_object_get(run, "run")), lines);
}

/* ---- a run ---- */
static void
put_cost(const json_t *run)
{
	const json_t *cpu = json_object_get(run, "cpu"),
		     *peak = json_object_get(run, "peak_memory");

	if (json_is_number(cpu)) {
		autofree char *span = phrase_span(json_number_value(cpu));
		(void)printf("    cpu %s", span);
		if (json_is_integer(peak)) {
			autofree char *size = phrase_size(peak);
			(void)printf(", peak memory %s", size);
		}
		(void)putchar('\n');
	}
}

static void
put_end(const json_t *run)
{
	const char *why = phrase_get(run, "why"), *words = why_words(why);
	autofree char *exit = phrase_exit(json_object_get(run, "exit"));
	autofree char *by = phrase_command(phrase_get(run, "by"));
	autofree char *text = phrase_command(phrase_get(run, "text"));

	(void)printf("    ended%s%s%s%s", exit[0] ? " with " : "", exit, words ? ", " : "",
		     words ? words : "");
	(void)printf("%s%s%s%s\n", by[0] ? " by " : "", by, text[0] ? ": " : "", text);
}

static void
put_run(const struct cli *cli, const json_t *run, const char *log, size_t lines)
{
	const json_t *ended = json_object_get(run, "ended"), *pid = json_object_get(run, "pid");
	double started = json_number_value(json_object_get(run, "started"));
	autofree char *time = phrase_time(started, cli->utc);
	double end = json_is_number(ended) ? json_number_value(ended) : (double)clock_wall() / 1e9;
	autofree char *span = phrase_span(end - started);
	char **last = lines_of_run(log, run, lines);

	(void)printf("\n  %srun %lld%s", screen_paint(PAINT_BOLD),
		     (long long)json_integer_value(json_object_get(run, "run")), screen_plain());
	if (json_is_integer(pid)) {
		(void)printf(", pid %lld", (long long)json_integer_value(pid));
	}
	(void)printf(", started %s, %s %s\n", time,
		     json_is_number(ended) ? "ran" : "has been running", span);
	if (json_is_number(ended)) {
		put_end(run);
	}
	put_cost(run);
	for (size_t i = 0; last && last[i]; i++) {
		(void)printf("    %s|%s %s\n", screen_paint(PAINT_DIM), screen_plain(), last[i]);
	}
	(void)strv_free(last);
}

static void
put(const struct cli *cli, const json_t *answer, size_t runs, size_t lines)
{
	const char *state = phrase_get(answer, "state"), *why = phrase_get(answer, "why");
	const json_t *next_try = json_object_get(answer, "next_try");
	autofree char *name = phrase_command(phrase_get(answer, "name"));
	autofree char *next = phrase_command(phrase_get(answer, "next"));
	autofree char *text = phrase_command(phrase_get(answer, "text"));
	json_t *run;
	size_t i;

	(void)printf("%s%s%s is %s%s%s%s%s%s%s%s\n", screen_paint(PAINT_BOLD), name, screen_plain(),
		     screen_paint(screen_paint_of(state)), state, screen_plain(),
		     why[0] ? " (" : "", why, why[0] ? ")" : "", text[0] ? ": " : "", text);
	if (next[0]) {
		(void)printf("  next: %s", next);
		if (json_is_number(next_try)) {
			autofree char *time = phrase_time(json_number_value(next_try), cli->utc);
			(void)printf(" (%s)", time);
		}
		(void)putchar('\n');
	}
	why_port_put(json_object_get(answer, "port_conflict"));
	json_array_foreach(json_object_get(answer, "runs"), i, run) {
		if (i < runs) {
			put_run(cli, run, phrase_get(answer, "log"), lines);
		}
	}
	if (i == 0) {
		const char *rest = phrase_get(answer, "state");
		bool ran = str_equal(rest, "done") || str_equal(rest, "failed");
		(void)printf(ran ? "  its runs could not be written down (tendd.log says why)\n"
				 : "  it has not run yet\n");
	}
}

/* the last lines of each run are part of the answer for programs too */
static void
add_lines(const json_t *answer, size_t runs, size_t lines)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(answer, "runs"), i, run) {
		char **last = i < runs ? lines_of_run(phrase_get(answer, "log"), run, lines) : NULL;
		json_t *array = json_array();
		for (size_t j = 0; last && last[j]; j++) {
			(void)json_array_append_new(array, wire_string(last[j]));
		}
		(void)json_object_set_new(run, "lines", array);
		(void)strv_free(last);
	}
}

/* of one that is down: had somebody its port? */
static void
add_port(struct cli *cli, const char *name, json_t *answer)
{
	const json_t *run = json_array_get(json_object_get(answer, "runs"), 0);
	const char *state = phrase_get(answer, "state");
	json_t *conflict = json_null();

	if (run && (str_equal(state, "failed") || str_equal(state, "waiting"))) {
		char **last = lines_of_run(phrase_get(answer, "log"), run, WHY_PORT_LINES);
		conflict = why_port(cli, name, last);
		(void)strv_free(last);
	}
	(void)json_object_set_new(answer, "port_conflict", conflict);
}

static int
show(struct cli *cli, char *const *names, size_t runs, size_t lines)
{
	json_auto_t *all = json_array();
	int worst = CLI_DONE;
	bool first = true;

	for (size_t i = 0; names && names[i]; i++) {
		autodone(wire_answer) struct wire_answer answer = { 0 };
		int code = ask_simply(cli, "Why", json_pack("{s:o}", "name", wire_string(names[i])),
				      ASK_AGAIN, &answer);
		if (code == CLI_DONE) {
			add_port(cli, names[i], answer.parameters);
		}
		if (code == CLI_DONE && cli->json) {
			add_lines(answer.parameters, runs, lines);
			(void)json_array_append(all, answer.parameters);
		} else if (code == CLI_DONE) {
			(void)(first || putchar('\n'));
			put(cli, answer.parameters, runs, lines);
			first = false;
		}
		worst = MAX(worst, code);
	}
	if (cli->json) {
		phrase_print(all);
	}
	return worst;
}

int
cmd_why(struct cli *cli)
{
	int64_t runs = WHY_RUNS, lines = WHY_LINES;
	struct err err = { 0 };
	char **names = NULL;
	int code;

	if (!args_number(&cli->args, "runs", 1, 1000000, &runs, &err) ||
	    !args_number(&cli->args, "lines", 0, 1000000, &lines, &err)) {
		return complain_usage(cli, "%s", err.text);
	}
	code = names_are_fine(cli) ? ask_open(cli, ASK_IF_ANY) : CLI_USAGE;
	if (code != CLI_DONE || !cli->wire) {
		return code != CLI_DONE ? code : outcome_nobody(cli);
	}
	code = names_resolve(cli, &names);
	if (code == CLI_DONE) {
		code = show(cli, names, (size_t)runs, (size_t)lines);
	}
	(void)strv_free(names);
	return code;
}
