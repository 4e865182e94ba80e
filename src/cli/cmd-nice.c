/* cmd-nice: how much a process gets of the cpu, the disk and the memory. Now; and with --keep a
 * unit has it at its next start too, by a drop-in that the user can read, change and remove. */
#include "base/check.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/processes.h"
#include "cli/renice.h"
#include "unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

const struct opt cmd_nice_options[] = {
	CHOOSE_OPTIONS,
	{ 'n', "nice", "N", "-20 (gets much) to 19 (little); instead of the last word" },
	{ 'c', "class", "CLASS", "other, batch, idle; fifo, rr (real time: with --priority)" },
	{ 0, "priority", "N", "1 to 99, for fifo and rr" },
	{ 0, "io", "CLASS[:N]", "idle, best-effort:0 (much) to 7 (little), realtime:0 to 7, none" },
	{ 0, "cpus", "LIST", "on these cpus alone: 0-3,5" },
	{ 0, "oom", "N", "-1000 (never killed when memory ends) to 1000 (first)" },
	{ 'w', "whom", "WHOM", "process (the default), or its whole group, session or tree" },
	{ 0, "keep", NULL, "of a unit: also for its next start" },
	OPT_JSON,
	OPT_END,
};
const char cmd_nice_details[] =
	CHOOSE_HELP "\n"
		    "Without a value it shows what is set. All threads are changed. Lower values\n"
		    "of nice and oom, and real time, need root.\n"
		    "  tend nice web 10\n"
		    "  tend nice web 10 --keep\n"
		    "  tend nice -n -5 1234\n"
		    "  tend nice --class idle --io idle -x updatedb\n"
		    "  tend nice --unit web";

static bool
parse_class(const char *text, struct renice *renice, int64_t priority, struct err *err)
{
	static const int classes[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, SCHED_FIFO, SCHED_RR };

	for (size_t i = 0; i < COUNT(classes); i++) {
		bool real = classes[i] == SCHED_FIFO || classes[i] == SCHED_RR;
		if (!str_equal(text, proc_class_word(classes[i]))) {
			continue;
		}
		if (real != (priority > 0)) {
			return err_set(err,
				       real ? "--class %s needs --priority, 1 to 99"
					    : "--priority is for fifo and rr, not for %s",
				       text);
		}
		renice->has_class = true;
		renice->class = classes[i];
		renice->priority = (int)priority;
		return true;
	}
	return err_set(err, "--class: '%s' is none of other, batch, idle, fifo, rr", text);
}

/* the last word is the nice value when nothing else says one and it cannot be meant otherwise */
static bool
take_last_word(struct cli *cli, struct renice *renice, struct err *err)
{
	char **words = cli->args.names;
	size_t n = strv_length(words);
	bool chosen = n > 1 || args_has(&cli->args, "unit") || args_has(&cli->args, "user") ||
		      args_has(&cli->args, "group");
	int64_t number;

	if (!chosen || n == 0 || renice->has_class || renice->has_io || renice->has_cpus ||
	    renice->has_oom || renice->has_nice || str_to_i64(words[n - 1], &number) < 0) {
		return true;
	}
	if (number < -20 || number > 19) {
		return err_set(err, "the last word is the nice value: '%s' is not from -20 to 19",
			       words[n - 1]);
	}
	renice->has_nice = true;
	renice->nice = (int)number;
	words[n - 1] = NULL;
	return true;
}

static bool
parse(struct cli *cli, struct renice *renice, struct err *err)
{
	const struct args *args = &cli->args;
	const char *class = args_value(args, "class"), *io = args_value(args, "io");
	const char *cpus = args_value(args, "cpus");
	int64_t nice = 0, oom = 0, priority = 0;

	*renice = (struct renice){ .has_nice = args_has(args, "nice"),
				   .has_io = io != NULL,
				   .has_cpus = cpus != NULL,
				   .has_oom = args_has(args, "oom") };
	if (!args_number(args, "nice", -20, 19, &nice, err) ||
	    !args_number(args, "oom", -1000, 1000, &oom, err) ||
	    !args_number(args, "priority", 1, 99, &priority, err) ||
	    (io && !renice_parse_io(io, &renice->io, err)) ||
	    (cpus && !renice_parse_cpus(cpus, &renice->cpus, err)) ||
	    (class && !parse_class(class, renice, priority, err))) {
		return false;
	}
	if (priority > 0 && !class) {
		return err_set(err, "--priority is for --class fifo or rr");
	}
	renice->nice = (int)nice;
	renice->oom = (int)oom;
	return take_last_word(cli, renice, err);
}

static bool
is_set(const struct renice *renice)
{
	return renice->has_nice || renice->has_class || renice->has_io || renice->has_cpus ||
	       renice->has_oom;
}

/* ---- showing ---- */
static const struct column columns[] = {
	{ .title = "PID", .right = true },
	{ .title = "NICE", .right = true },
	{ .title = "CLASS" },
	{ .title = "IO" },
	{ .title = "CPUS" },
	{ .title = "OOM", .right = true },
	{ .title = "COMMAND", .least = 16 },
};

static void
put(const struct cli *cli, const struct targets *targets)
{
	json_auto_t *all = json_array();
	struct table *table = table_new(columns, COUNT(columns));

	for (size_t i = 0; i < targets->count; i++) {
		const struct target *target = &targets->list[i];
		autofree char *io = renice_io(target->pid);
		autofree char *cpus = renice_cpus(target->pid);
		autofree char *oom = renice_oom(target->pid);
		struct proc_stat stat;
		const char *class;

		if (target->fate != FATE_CHOSEN || proc_stat(target->pid, &stat) < 0 ||
		    stat.start != target->start) {
			continue;
		}
		class = proc_class_word(stat.policy);
		(void)json_array_append_new(
			all, json_pack("{s:i, s:o, s:i, s:s, s:i, s:s, s:s, s:s}", "pid",
				       (int)target->pid, "command",
				       phrase_json(target->command, strlen(target->command)),
				       "nice", (int)stat.nice, "class", class, "priority",
				       stat.rt_priority, "io", io, "cpus", cpus, "oom", oom));
		table_add(table, PAINT_NONE, str_format("%d", (int)target->pid));
		table_add(table, PAINT_NONE, str_format("%d", (int)stat.nice));
		table_add(table, PAINT_NONE,
			  stat.rt_priority ? str_format("%s:%d", class, stat.rt_priority)
					   : str_dup(class));
		table_put(table, PAINT_NONE, io);
		table_put(table, PAINT_NONE, cpus);
		table_put(table, PAINT_NONE, oom);
		table_put(table, PAINT_NONE, target->command);
	}
	if (cli->json) {
		phrase_print(all);
	} else {
		table_print(table, screen_columns());
	}
	table = table_free(table);
}

/* ---- for the next start ---- */
static bool
add_key(struct buf *text, const char *key, const char *value)
{
	const struct key *row = key_find(SECTION_SERVICE, key);

	if (!row || !row->value || row->verdict == VERDICT_UNSUPPORTED) {
		complain("%s= is not kept: this tend does not apply it at a start", key);
		return false;
	}
	(void)buf_addf(text, "%s=%s\n", key, value);
	return true;
}

static bool
dropin_text(const struct renice *renice, const struct cli *cli, struct buf *text)
{
	autofree char *nice = str_format("%d", renice->nice);
	autofree char *oom = str_format("%d", renice->oom);
	bool all = true;

	(void)buf_add_str(text, "# made by tend nice --keep\n[Service]\n");
	all &= !renice->has_nice || add_key(text, "Nice", nice);
	all &= !renice->has_oom || add_key(text, "OOMScoreAdjust", oom);
	if (renice->has_class) {
		autofree char *priority = str_format("%d", renice->priority);
		all &= add_key(text, "CPUSchedulingPolicy", proc_class_word(renice->class)) &&
		       add_key(text, "CPUSchedulingPriority", priority);
	}
	all &= !renice->has_cpus || add_key(text, "CPUAffinity", args_value(&cli->args, "cpus"));
	if (renice->has_io) {
		const char *told = args_value(&cli->args, "io"), *colon = strchr(told, ':');
		autofree char *class =
			str_dup_n(told, colon ? (size_t)(colon - told) : strlen(told));
		all &= add_key(text, "IOSchedulingClass", class) &&
		       (!colon || add_key(text, "IOSchedulingPriority", colon + 1));
	}
	return all;
}

static int
keep_unit(struct cli *cli, const struct renice *renice, const char *unit)
{
	autofree char *name = str_format("%s.service.d", unit);
	autofree char *directory = path_join(cli->places.config, name);
	autofree char *path = path_join(directory, "50-nice.conf");
	autodone(buf) struct buf text = { .max = SIZE_MAX / 4 };
	bool all = dropin_text(renice, cli, &text);
	int r = file_make_dirs(directory, 0755);

	r = r < 0 ? r : file_replace(AT_FDCWD, path, buf_str(&text), text.length, 0644, true);
	if (r < 0) {
		complain("%s: not kept: %s: %s", unit, path, strerror(-r));
		return CLI_FAILED;
	}
	if (!cli->json) {
		(void)printf("%s: kept in %s\n", unit, path);
	}
	return all ? CLI_DONE : CLI_FAILED;
}

static int
keep(struct cli *cli, const struct look *look, const struct renice *renice)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	autodone(strv) char **units = NULL;
	int code = CLI_DONE;

	for (size_t i = 0; i < look->count; i++) {
		const char *unit = look->list[i]->unit;
		if (unit && !strv_has(units, unit)) {
			int one = keep_unit(cli, renice, unit);
			code = MAX(code, one);
			strv_add(&units, unit);
		}
	}
	if (!units) {
		complain("nothing to keep: none of these is of a unit");
		return CLI_FAILED;
	}
	return MAX(code, ask_simply(cli, "ReloadUnits", NULL, ASK_AGAIN, &answer));
}

/* ---- doing it ---- */
static int
set(const struct renice *renice, struct targets *targets)
{
	int code = CLI_DONE;

	for (size_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->list[i];
		int r;
		if (target->fate != FATE_CHOSEN) {
			continue;
		}
		r = renice_set(renice, target->pid);
		if (fd_pidfd_dead(target->pidfd)) {
			target->fate = FATE_GONE;
		} else if (r < 0) {
			bool denied = r == -EPERM || r == -EACCES;
			complain("pid %d, %s: %s%s", (int)target->pid, target->command,
				 strerror(-r), denied ? "; this needs root" : "");
			code = MAX(code, denied ? CLI_DENIED : CLI_FAILED);
		}
	}
	return code;
}

static int
look_and_set(struct cli *cli, const struct renice *renice, enum targets_whom whom,
	     struct look *look)
{
	struct targets targets, again;
	struct look second;
	struct err err = { 0 };
	int code = CLI_DONE;

	targets_find(look, whom, false, &targets);
	targets_unspare(&targets);
	if (targets_count(&targets, FATE_CHOSEN) == 0) {
		complain("no process fits");
		code = CLI_FAILED;
	} else if (is_set(renice)) {
		code = hit_hold(&targets, &err) ? CLI_DONE : complain_err(&err);
		if (code == CLI_DONE) {
			code = look_open(cli, CENSUS_OWNER | CENSUS_COMMAND,
					 LOOK_LINKED | LOOK_UNITS | LOOK_NOT_SELF, &second);
		}
		if (code == CLI_DONE) {
			targets_find(&second, whom, false, &again);
			targets_unspare(&again);
			hit_confirm(&targets, &again);
			targets_done(&again);
			look_done(&second);
			code = set(renice, &targets);
		}
	}
	if (targets_count(&targets, FATE_CHOSEN) > 0 && code != CLI_USAGE) {
		put(cli, &targets);
	}
	targets_done(&targets);
	return code;
}

int
cmd_nice(struct cli *cli)
{
	const char *whom_word = args_value(&cli->args, "whom");
	enum targets_whom whom = WHOM_PROCESS;
	struct err err = { 0 };
	struct renice renice;
	struct look look;
	int code;

	if (!parse(cli, &renice, &err) || (whom_word && !targets_parse(whom_word, &whom, &err))) {
		return complain_usage(cli, "%s", err.text);
	}
	if (args_has(&cli->args, "keep") && !is_set(&renice)) {
		return complain_usage(cli, "--keep: keep what? tend nice UNIT 10 --keep");
	}
	code = look_open(cli, CENSUS_OWNER | CENSUS_COMMAND,
			 LOOK_LINKED | LOOK_UNITS | LOOK_NOT_SELF | LOOK_CHOOSING, &look);
	if (code != CLI_DONE) {
		return code;
	}
	if (look.census.foreign) {
		complain("this /proc is that of another PID namespace: its numbers are other "
			 "processes here. Nothing was done");
		code = CLI_FAILED;
	} else {
		code = look_and_set(cli, &renice, whom, &look);
		if (args_has(&cli->args, "keep") && code == CLI_DONE) {
			code = keep(cli, &look, &renice);
		}
	}
	look_done(&look);
	return code;
}
