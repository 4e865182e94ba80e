/* cmd-kill: end processes, or signal them, and tell what became of each.
 *
 * Looks twice (hit.c), asks between the two, and waits afterwards. What cannot be done is said with
 * its reason: a zombie is dead and its parent's business, one in uninterruptible sleep hears no
 * signal before the kernel lets go of it. */
#include "base/check.h"
#include "base/clock.h"
#include "base/signals.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/processes.h"
#include <ctype.h>
#include <signal.h>
#include <string.h>

static const int64_t GRACE_NS = 5 * CLOCK_S;
static const int64_t KILL_NS = 2 * CLOCK_S; /* SIGKILL is obeyed at once, or not at all */
static const int64_t PATIENCE_NS = CLOCK_S; /* so long nothing is said */
enum { UNASKED_MAX = 10 };                  /* so many are hit without a question or -y */

const struct opt cmd_kill_options[] = {
	CHOOSE_OPTIONS,
	{ 's', "signal", "SIGNAL", "only this signal: HUP, SIGUSR1, 15; nothing follows" },
	{ '9', "kill", NULL, "SIGKILL at once" },
	{ 0, "grace", "TIME", "after TERM, wait so long for the end before KILL (5s)" },
	{ 'w', "whom", "WHOM", "process (the default), or its whole group, session or tree" },
	{ 0, "no-unit", NULL, "signal the processes of a kept unit, rather than stop the unit" },
	{ 'y', "yes", NULL, "do not ask" },
	{ 'n', "dry-run", NULL, "show whom it would hit, and do nothing" },
	OPT_QUIET,
	OPT_JSON,
	OPT_END,
};
const char cmd_kill_details[] = CHOOSE_HELP
	"\n"
	"Asks with TERM, waits, and kills what is left; then tells what became of each.\n"
	"Where the main process of a kept unit is meant the unit is stopped, for tendd\n"
	"would start it again. tend itself, what it was started from, the first process\n"
	"and tendd are hit only when their pid itself is said, what another tendd keeps\n"
	"also with --no-unit. On a terminal it shows\n"
	"whom it would hit, and asks; elsewhere more than 10 need -y, pids apart.\n"
	"  tend kill nginx\n"
	"  tend kill --tty pts/3 --whom session\n"
	"  tend kill -s HUP --unit web\n"
	"  tend kill -rf 'worker.*old' --older 1d -y";

struct kill {
	struct cli *cli;
	enum targets_whom whom;
	int signal; /* 0: TERM, then KILL */
	int64_t grace;
	bool whole_units;
	char *name; /* of what is hit, for the receipt */
};

/* ---- options ---- */
static bool
parse_signal(const char *text, int *ret_signal, struct err *err)
{
	autofree char *upper = str_dup(text);

	for (char *c = upper; *c; c++) {
		*c = (char)toupper((unsigned char)*c);
	}
	*ret_signal = signals_parse(upper);
	return *ret_signal > 0 ||
	       err_set(err, "'%s' is no signal; HUP, SIGUSR1 or 15 would be", text);
}

/* tendd starts again what has ended, not what got a HUP */
static bool
ends(int signal)
{
	return signal == 0 || signal == SIGTERM || signal == SIGKILL || signal == SIGINT ||
	       signal == SIGQUIT || signal == SIGABRT;
}

static bool
parse(struct cli *cli, struct kill *kill, struct err *err)
{
	const struct args *args = &cli->args;
	const char *signal = args_value(args, "signal"), *grace = args_value(args, "grace");
	const char *whom = args_value(args, "whom");

	*kill = (struct kill){ .cli = cli, .grace = GRACE_NS };
	if (args_has(args, "kill") && (signal || grace)) {
		return err_set(err, "-9 and --%s: one or the other", signal ? "signal" : "grace");
	}
	if (signal && grace) {
		return err_set(err, "--grace is the time between TERM and KILL; with --signal "
				    "there is one signal alone");
	}
	kill->signal = args_has(args, "kill") ? SIGKILL : 0;
	if ((signal && !parse_signal(signal, &kill->signal, err)) ||
	    (whom && !targets_parse(whom, &kill->whom, err))) {
		return false;
	}
	if (grace && span_parse(grace, &kill->grace) < 0) {
		return err_set(err, "--grace: '%s' is no time; 10s would be", grace);
	}
	kill->whole_units = ends(kill->signal) && !args_has(args, "no-unit");
	kill->name = cli->args.names[0] ? strv_join(cli->args.names, " ") : str_dup("processes");
	return true;
}

/* ---- whom ---- */
static void
put_targets(const struct targets *targets)
{
	static const struct column columns[] = {
		{ .title = "PID", .right = true },
		{ .title = "USER", .drop = 2 },
		{ .title = "AGE", .right = true, .drop = 1 },
		{ .title = "COMMAND", .least = 16 },
	};
	struct table *table = table_new(columns, COUNT(columns));

	for (size_t i = 0; i < targets->count; i++) {
		const struct target *target = &targets->list[i];
		char age[32];

		if (target->fate == FATE_CHOSEN) {
			table_add(table, PAINT_NONE, str_format("%d", (int)target->pid));
			table_put(table, PAINT_NONE, users_name(target->uid));
			table_put(table, PAINT_NONE,
				  span_show_short(target->age, age, sizeof(age)));
			table_put(table, PAINT_NONE, target->command);
		}
	}
	if (targets_count(targets, FATE_CHOSEN) > 0) {
		table_print(table, screen_columns());
	}
	table = table_free(table);
	for (size_t i = 0; targets->units && targets->units[i]; i++) {
		(void)printf("unit %s, as a whole\n", targets->units[i]);
	}
}

static char *
deed(const struct kill *kill, const struct targets *targets)
{
	size_t units = strv_length(targets->units);
	size_t processes = targets_count(targets, FATE_CHOSEN);
	struct buf text;

	buf_init(&text, SIZE_MAX / 4);
	if (units > 0) {
		(void)buf_addf(&text, "stop %zu unit%s", units, units == 1 ? "" : "s");
	}
	if (processes > 0) {
		(void)buf_addf(&text, "%s%s %zu process%s", units ? " and " : "",
			       kill->signal ? "send a signal to" : "end", processes,
			       processes == 1 ? "" : "es");
	}
	return buf_take(&text);
}

/* may it be done? CLI_DONE; or what it ends with */
static int
consent(const struct kill *kill, const struct look *look, const struct targets *targets)
{
	const struct args *args = &kill->cli->args;
	autofree char *what = deed(kill, targets);
	size_t unnamed = 0;

	if (args_has(args, "yes")) {
		return CLI_DONE;
	}
	if (consent_can_ask()) {
		autofree char *question = str_format("%s?", what);
		question[0] = (char)toupper((unsigned char)question[0]);
		put_targets(targets);
		if (consent_ask(question)) {
			return CLI_DONE;
		}
		complain("nothing was done");
		return CLI_FAILED;
	}
	for (size_t i = 0; i < targets->count; i++) {
		unnamed += targets->list[i].fate == FATE_CHOSEN &&
			   !choose_is_named(look->choice, targets->list[i].pid);
	}
	if (unnamed > UNASKED_MAX) {
		complain("this would %s; without a terminal to ask on, more than %d need -y. "
			 "Nothing was done",
			 what, UNASKED_MAX);
		return CLI_FAILED;
	}
	return CLI_DONE;
}

/* ---- doing it ---- */
static void
wait_patiently(const struct kill *kill, struct targets *targets)
{
	int64_t first = MIN(kill->grace, PATIENCE_NS);

	if (!hit_wait(targets, FATE_SENT, FATE_ENDED, first) && kill->grace > first) {
		if (!kill->cli->quiet && !kill->cli->json) {
			char span[64];
			complain("waiting up to %s for %zu to end",
				 span_show(kill->grace - first, span, sizeof(span)),
				 targets_count(targets, FATE_SENT));
		}
		(void)hit_wait(targets, FATE_SENT, FATE_ENDED, kill->grace - first);
	}
}

static void
hit(const struct kill *kill, struct targets *targets)
{
	hit_send(targets, FATE_CHOSEN, kill->signal ? kill->signal : SIGTERM, FATE_SENT);
	if (kill->signal && kill->signal != SIGKILL) {
		return;
	}
	if (!kill->signal) {
		wait_patiently(kill, targets);
		hit_send(targets, FATE_SENT, SIGKILL, FATE_SENT);
	}
	(void)hit_wait(targets, FATE_SENT, FATE_KILLED, KILL_NS);
	hit_survived(targets, FATE_SENT);
}

static int
stop_units(const struct kill *kill, const struct targets *targets, json_t *receipts)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	json_t *names = json_array(), *receipt;
	size_t i;
	int code;

	for (i = 0; i < strv_length(targets->units); i++) {
		(void)json_array_append_new(names, wire_string(targets->units[i]));
	}
	code = ask_simply(kill->cli, "Stop", json_pack("{s:o}", "names", names), ASK_AGAIN,
			  &answer);
	json_array_foreach(json_object_get(answer.parameters, "receipts"), i, receipt) {
		(void)json_array_append(receipts, receipt);
	}
	return code;
}

/* the second look, by the same command line */
static int
look_again(const struct kill *kill, struct targets *targets)
{
	struct targets again;
	struct look look;
	int code = look_open(kill->cli, CENSUS_OWNER | CENSUS_COMMAND,
			     LOOK_LINKED | LOOK_UNITS | LOOK_NOT_SELF, &look);

	if (code != CLI_DONE) {
		return code;
	}
	targets_find(&look, kill->whom, kill->whole_units, &again);
	hit_confirm(targets, &again);
	targets_done(&again);
	look_done(&look);
	return CLI_DONE;
}

static int
act(const struct kill *kill, struct targets *targets)
{
	json_auto_t *receipts = json_array();
	int code = CLI_DONE, worst;
	int64_t begun = clock_now();

	if (targets_count(targets, FATE_CHOSEN) > 0) {
		code = look_again(kill, targets);
		if (code != CLI_DONE) {
			return code;
		}
		hit(kill, targets);
	}
	if (targets->count > 0) {
		(void)json_array_append_new(receipts,
					    outcome_kill_receipt(kill->name, targets,
								 (clock_now() - begun) / CLOCK_MS));
	}
	if (strv_length(targets->units) > 0) {
		code = stop_units(kill, targets, receipts);
	}
	worst = outcome_kill_show(kill->cli, targets, receipts, kill->name);
	return MAX(code, worst);
}

static int
decide(const struct kill *kill, struct look *look)
{
	struct targets targets;
	struct err err = { 0 };
	int code;

	targets_find(look, kill->whom, kill->whole_units, &targets);
	if (targets.count == 0 && strv_length(targets.units) == 0) {
		complain("no process fits");
		code = CLI_FAILED;
	} else if (args_has(&kill->cli->args, "dry-run")) {
		put_targets(&targets);
		outcome_kill_notes(&targets);
		code = CLI_DONE;
	} else if (!hit_hold(&targets, &err)) {
		code = complain_err(&err);
	} else {
		bool any = targets_count(&targets, FATE_CHOSEN) + strv_length(targets.units) > 0;
		code = any ? consent(kill, look, &targets) : CLI_DONE;
		code = code == CLI_DONE ? act(kill, &targets) : code;
	}
	targets_done(&targets);
	return code;
}

int
cmd_kill(struct cli *cli)
{
	struct err err = { 0 };
	struct kill kill;
	struct look look;
	int code;

	if (!parse(cli, &kill, &err)) {
		return complain_usage(cli, "%s", err.text);
	}
	code = look_open(cli, CENSUS_OWNER | CENSUS_COMMAND,
			 LOOK_LINKED | LOOK_UNITS | LOOK_NOT_SELF | LOOK_CHOOSING, &look);
	if (code == CLI_DONE && look.census.foreign) {
		complain("this /proc is that of another PID namespace: its numbers are other "
			 "processes here. Nothing was done");
		code = CLI_FAILED;
		look_done(&look);
	} else if (code == CLI_DONE) {
		code = decide(&kill, &look);
		look_done(&look);
	}
	free(kill.name);
	return code;
}
