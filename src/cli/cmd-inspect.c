/* cmd-inspect: everything about one process, in sections, each of which can be asked for alone. The
 * name of a unit means its main process, or with --each every process of it.
 *
 * A process is held by its start time: what is shown belongs to one process, or it is said that
 * it ended meanwhile. */
#include "base/limits.h"
#include "base/str.h"
#include "cli/inspect.h"
#include "cli/processes.h"
#include <errno.h>
#include <string.h>

enum { STAT_MAX = 4096, STATUS_MAX = 1 << 20, LARGEST = 8 };

static const struct section {
	const char *name;
	json_t *(*make)(struct inspect *inspect);
	void (*put)(const struct inspect *inspect, const json_t *json);
} sections[] = {
#define SECTION(name)                                                                              \
	{                                                                                          \
#name, inspect_##name, inspect_##name##_put                                        \
	}
	SECTION(identity), SECTION(parents),    SECTION(session),      SECTION(state),
	SECTION(signals),  SECTION(limits),     SECTION(memory),       SECTION(cpu),
	SECTION(io),       SECTION(files),      SECTION(sockets),      SECTION(environment),
	SECTION(cgroup),   SECTION(namespaces), SECTION(capabilities), SECTION(seccomp),
#undef SECTION
};

const struct opt cmd_inspect_options[] = {
	{ 0, "each", NULL, "every process of the unit" },
	{ 0, "identity", NULL, "only the program, its user, its libraries" },
	{ 0, "parents", NULL, "only its parents, up to the first process" },
	{ 0, "session", NULL, "only its session, group and terminal" },
	{ 0, "state", NULL, "only what it does or waits for" },
	{ 0, "signals", NULL, "only the signals it blocks, ignores and catches" },
	{ 0, "limits", NULL, "only its limits, and how much of each it uses" },
	{ 0, "memory", NULL, "only its memory" },
	{ 0, "maps", "N", "so many of its largest maps (8)" },
	{ 0, "cpu", NULL, "only cpu, threads and switches" },
	{ 0, "io", NULL, "only what it has read and written" },
	{ 'f', "files", NULL, "only what it has open" },
	{ 0, "sockets", NULL, "only its sockets and who is at the other end" },
	{ 'e', "environment", NULL, "only its environment, secrets hidden" },
	{ 0, "env-diff", NULL, "only how its environment differs from this shell's" },
	{ 0, "secrets", NULL, "show what looks like a secret" },
	{ 0, "cgroup", NULL, "only its control group and pressure" },
	{ 0, "namespaces", NULL, "only its namespaces" },
	{ 0, "capabilities", NULL, "only its capabilities" },
	{ 0, "seccomp", NULL, "only its system call filter" },
	OPT_UTC,
	OPT_JSON,
	OPT_END,
};
const char cmd_inspect_details[] =
	"A number is a process, a name is a unit: its main process, or with --each\n"
	"each of them. What may not be read is said; root may read everything.\n"
	"  tend inspect web\n"
	"  tend inspect 1234 --files --sockets\n"
	"  tend inspect web --env-diff";

/* is this section wanted? all are when none is named */
static bool
is_wanted(const struct cli *cli, const char *name)
{
	bool any = args_has(&cli->args, "env-diff");

	for (size_t i = 0; i < COUNT(sections); i++) {
		any |= args_has(&cli->args, sections[i].name);
	}
	return !any || args_has(&cli->args, name) ||
	       (str_equal(name, "environment") && args_has(&cli->args, "env-diff"));
}

/* ---- one process ---- */
static void
done(struct inspect *inspect)
{
	free(inspect->stat_text);
	free(inspect->status);
	json_decref(inspect->unreadable);
}

static int
open_process(struct inspect *inspect)
{
	int r = proc_stat(inspect->pid, &inspect->stat);

	if (r == 0) {
		r = proc_file(inspect->pid, "stat", STAT_MAX, &inspect->stat_text, NULL);
	}
	if (r == 0) {
		r = proc_file(inspect->pid, "status", STATUS_MAX, &inspect->status, NULL);
	}
	return r;
}

static bool
is_still_it(const struct inspect *inspect)
{
	struct proc_stat now;

	return proc_stat(inspect->pid, &now) == 0 && now.start == inspect->stat.start;
}

static json_t *
make(struct inspect *inspect)
{
	json_t *process = json_object();

	(void)json_object_set_new(process, "pid", json_integer(inspect->pid));
	(void)json_object_set_new(process, "unit", inspect_text(inspect->unit));
	for (size_t i = 0; i < COUNT(sections); i++) {
		if (is_wanted(inspect->cli, sections[i].name)) {
			inspect->section = sections[i].name;
			(void)json_object_set_new(process, sections[i].name,
						  sections[i].make(inspect));
		}
	}
	(void)json_object_set(process, "unreadable", inspect->unreadable);
	inspect->gone = !is_still_it(inspect);
	(void)json_object_set_new(process, "ended_meanwhile", json_boolean(inspect->gone));
	return process;
}

static void
put(const struct inspect *inspect, const json_t *process)
{
	autofree char *name = phrase_command(inspect->stat.comm);

	(void)printf("%s%d %s%s%s%s\n", screen_paint(PAINT_BOLD), (int)inspect->pid, name,
		     screen_plain(), inspect->unit ? " of the unit " : "",
		     inspect->unit ? inspect->unit : "");
	for (size_t i = 0; i < COUNT(sections); i++) {
		const json_t *section = json_object_get(process, sections[i].name);
		if (section) {
			(void)printf("\n%s%s%s\n", screen_paint(PAINT_BOLD), sections[i].name,
				     screen_plain());
			sections[i].put(inspect, section);
			inspect_missing(inspect, sections[i].name);
		}
	}
	if (inspect->gone) {
		(void)fflush(stdout);
		complain("process %d ended while it was looked at: what is missing above could not "
			 "be read any more",
			 (int)inspect->pid);
	}
}

static int
no_process(pid_t pid, int error)
{
	if (error == -ENOSYS) {
		complain("/proc is not mounted here: nothing can be told of processes");
		return CLI_FAILED;
	}
	if (error == -EPERM) {
		complain("process %d may not be looked at by you (hidepid?)", (int)pid);
		return CLI_DENIED;
	}
	complain("there is no process %d%s", (int)pid,
		 geteuid() == 0 ? "" : " (or it is hidden from you)");
	return CLI_NOT_RUNNING;
}

static int
inspect_one(struct cli *cli, pid_t pid, const char *unit, struct inspect_world *world, json_t *all)
{
	struct inspect inspect = { .cli = cli,
				   .pid = pid,
				   .unit = unit,
				   .world = world,
				   .largest = LARGEST,
				   .unreadable = json_array(),
				   .secrets = args_has(&cli->args, "secrets"),
				   .differ = args_has(&cli->args, "env-diff") };
	struct err err = { 0 };
	int code = CLI_DONE, r;

	if (!args_number(&cli->args, "maps", 0, 1000000, &inspect.largest, &err)) {
		code = complain_usage(cli, "%s", err.text);
	} else if ((r = open_process(&inspect)) < 0) {
		code = no_process(pid, r);
	} else {
		json_t *process = make(&inspect);
		if (!cli->json) {
			(void)(json_array_size(all) > 0 && putchar('\n'));
			put(&inspect, process);
		}
		(void)json_array_append_new(all, process);
		code = inspect.gone ? CLI_NOT_RUNNING : CLI_DONE;
	}
	done(&inspect);
	return code;
}

/* ---- the words ---- */
static int
inspect_unit(struct cli *cli, const char *word, struct inspect_world *world, json_t *all)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	bool every = args_has(&cli->args, "each");
	json_t *processes, *process;
	size_t i, shown = 0;
	int code = ask_open(cli, ASK_IF_ANY), worst = CLI_DONE;

	if (code != CLI_DONE || !cli->wire) {
		return code != CLI_DONE ? code : outcome_nobody(cli);
	}
	code = ask_simply(cli, "Status", json_pack("{s:o}", "name", wire_string(word)), ASK_AGAIN,
			  &answer);
	if (code != CLI_DONE) {
		return code;
	}
	processes = json_object_get(json_object_get(answer.parameters, "status"), "processes");
	json_array_foreach(processes, i, process) {
		if (every || json_is_true(json_object_get(process, "main"))) {
			pid_t pid = (pid_t)json_integer_value(json_object_get(process, "pid"));
			int r = inspect_one(cli, pid, word, world, all);
			worst = MAX(worst, r);
			shown++;
		}
	}
	if (shown == 0) {
		complain("%s: %s", word,
			 i > 0 ? "it has no main process now; --each shows what is left of it"
			       : "it does not run");
		return CLI_NOT_RUNNING;
	}
	if (!every && i > 1 && !cli->json) {
		(void)printf("\n%s has %zu processes; --each shows each\n", word, i);
	}
	return worst;
}

/* owned; NULL: of none, or there is no tendd to ask */
static char *
unit_of_pid(struct cli *cli, pid_t pid)
{
	struct belongs *belongs = belongs_new(cli);
	struct census census = { 0 };
	const struct process *process;
	char *unit = NULL;

	if (belongs_is_known(belongs) && census_open(&census) == 0) {
		(void)census_take(&census, CENSUS_STAT);
		census_link(&census);
		belongs_mark(belongs, &census);
		process = census_find(&census, pid);
		unit = process ? str_dup(process->unit) : NULL;
		census_done(&census);
	}
	(void)belongs_free(belongs);
	return unit;
}

int
cmd_inspect(struct cli *cli)
{
	json_auto_t *all = json_array();
	struct inspect_world world = { 0 };
	int worst = CLI_DONE;

	for (char **word = cli->args.names; *word; word++) {
		char name[LIMIT_NAME + 1];
		uint64_t number;
		int code;

		if (str_to_u64(*word, &number) == 0 && number > 0 && number <= INT32_MAX) {
			autofree char *unit = unit_of_pid(cli, (pid_t)number);
			code = inspect_one(cli, (pid_t)number, unit, &world, all);
		} else if (names_check(cli, *word, name)) {
			code = inspect_unit(cli, name, &world, all);
		} else {
			code = CLI_USAGE;
		}
		worst = MAX(worst, code);
	}
	if (cli->json && (worst != CLI_USAGE || json_array_size(all) > 0)) {
		phrase_print(all);
	}
	sockets_owners_done(&world.owners);
	return worst;
}
