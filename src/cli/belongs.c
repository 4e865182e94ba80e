/* belongs: which unit a process belongs to, by the same order as tendd itself: the unit's cgroup,
 * its main process, its parents; and, of what has lost all its parents, the session and the
 * INVOCATION_ID in its environment.
 *
 * So little is read for it as can be: the groups are one file for each unit that is up, whatever
 * number of processes there are; environments are only read of children of the keeper (and, where
 * there are no groups, of init) that nothing else accounts for. */
#include "base/check.h"
#include "base/fd.h"
#include "base/map.h"
#include "base/str.h"
#include "cli/processes.h"
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

enum { ANSWER_MS = 2000 };

struct belongs {
	struct wire_answer list, info;
	bool known;
	pid_t roles[3];
	struct map by_name;       /* unit's name -> its entry of List */
	struct map by_invocation; /* INVOCATION_ID -> the same */
	struct nmap by_main;      /* pid -> the same */
};

static const char *const role_names[] = { "keeper", "manager", "logger" };

static void
remember_roles(struct belongs *belongs)
{
	for (size_t i = 0; i < COUNT(role_names); i++) {
		belongs->roles[i] = (pid_t)json_integer_value(
			json_object_get(belongs->info.parameters, role_names[i]));
	}
}

static void
remember_units(struct belongs *belongs)
{
	json_t *units = json_object_get(belongs->list.parameters, "units"), *unit;
	size_t i;

	json_array_foreach(units, i, unit) {
		json_int_t pid = json_integer_value(json_object_get(unit, "pid"));
		const char *invocation = phrase_get(unit, "invocation");

		map_set(&belongs->by_name, phrase_get(unit, "name"), unit);
		if (pid > 0) {
			nmap_set(&belongs->by_main, (uint64_t)pid, unit);
		}
		if (invocation[0]) {
			map_set(&belongs->by_invocation, invocation, unit);
		}
	}
}

/* Who looks at processes wants to see them, above all when tendd itself is what hangs: it is given
 * ANSWER_MS, and then units are not shown. */
static int
answer_timer(void)
{
	const struct itimerspec soon = { .it_value = { .tv_sec = ANSWER_MS / 1000 } };
	int fd = fd_raise(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));

	if (fd_is_open(fd)) {
		(void)timerfd_settime(fd, 0, &soon, NULL);
	}
	return fd;
}

static enum wire_result
ask_soon(struct cli *cli, const char *method, struct wire_answer *ret_answer)
{
	enum wire_result result = wire_call(cli->wire, method, NULL, false, ret_answer, NULL);

	if (result == WIRE_INTERRUPTED) {
		complain("tendd does not answer: which unit a process belongs to is not shown");
	}
	if (result != WIRE_REPLY) {
		cli->wire = wire_close(cli->wire);
		wire_answer_done(ret_answer);
	}
	return result;
}

static enum wire_result
ask_both(struct belongs *belongs, struct cli *cli)
{
	autoclose int timer = answer_timer();
	enum wire_result result;

	wire_interrupt_fd(cli->wire, timer);
	result = ask_soon(cli, "Info", &belongs->info);
	if (result == WIRE_REPLY) {
		result = ask_soon(cli, "List", &belongs->list);
	}
	if (result == WIRE_REPLY) {
		wire_interrupt_fd(cli->wire, -1);
	}
	return result;
}

struct belongs *
belongs_new(struct cli *cli)
{
	struct belongs *belongs = calloc(1, sizeof(*belongs));
	enum wire_result result = WIRE_GONE;

	CHECK(belongs);
	map_init(&belongs->by_name);
	map_init(&belongs->by_invocation);
	nmap_init(&belongs->by_main);
	/* when the manager is replaced meanwhile, the new one is asked */
	for (int tries = 0; tries < 3 && result == WIRE_GONE; tries++) {
		if (ask_open(cli, ASK_NEVER) != CLI_DONE || !cli->wire) {
			break;
		}
		wire_answer_done(&belongs->info);
		result = ask_both(belongs, cli);
	}
	belongs->known = result == WIRE_REPLY;
	if (belongs->known) {
		remember_roles(belongs);
		remember_units(belongs);
	}
	return belongs;
}

struct belongs *
belongs_free(struct belongs *belongs)
{
	if (!belongs) {
		return NULL;
	}
	map_done(&belongs->by_name);
	map_done(&belongs->by_invocation);
	nmap_done(&belongs->by_main);
	wire_answer_done(&belongs->list);
	wire_answer_done(&belongs->info);
	free(belongs);
	return NULL;
}

static const char *
name_of(const json_t *unit)
{
	return unit ? phrase_get(unit, "name") : NULL;
}

bool
belongs_is_known(const struct belongs *belongs)
{
	return belongs->known;
}

const json_t *
belongs_units(const struct belongs *belongs)
{
	return json_object_get(belongs->list.parameters, "units");
}

const json_t *
belongs_unit(const struct belongs *belongs, const char *name)
{
	const json_t *unit = map_get(&belongs->by_name, name);

	if (!unit && str_ends(name, ".service")) {
		autofree char *bare = str_dup_n(name, strlen(name) - strlen(".service"));
		unit = map_get(&belongs->by_name, bare);
	}
	return unit;
}

bool
belongs_name_fits(const char *pattern, const char *unit)
{
	size_t n = strlen(pattern) - (str_ends(pattern, ".service") ? strlen(".service") : 0);

	/* "web" is all of web@1, web@2 too, as everywhere */
	return (strncmp(unit, pattern, n) == 0 && (unit[n] == '\0' || unit[n] == '@')) ||
	       (names_is_glob(pattern) && fnmatch(pattern, unit, 0) == 0);
}

bool
belongs_fits(const struct belongs *belongs, const char *pattern)
{
	const json_t *unit = belongs_unit(belongs, pattern);
	size_t at = 0;

	while (!unit && (unit = map_each(&belongs->by_name, &at))) {
		unit = belongs_name_fits(pattern, name_of(unit)) ? unit : NULL;
	}
	return unit != NULL;
}

const char *
belongs_each(const struct belongs *belongs, size_t *at)
{
	return name_of(map_each(&belongs->by_name, at));
}

bool
belongs_is_up(const struct belongs *belongs, const char *unit)
{
	const char *state = phrase_get(belongs_unit(belongs, unit), "state");

	return !str_equal(state, "stopped") && !str_equal(state, "failed") &&
	       !str_equal(state, "done");
}

pid_t
belongs_main(const struct belongs *belongs, const char *unit)
{
	return (pid_t)json_integer_value(json_object_get(belongs_unit(belongs, unit), "pid"));
}

const char *
belongs_role(const struct belongs *belongs, const struct process *process)
{
	for (size_t i = 0; belongs->known && i < COUNT(role_names); i++) {
		if (belongs->roles[i] == process->stat.pid) {
			return role_names[i];
		}
	}
	return NULL;
}

/* ---- marking ---- */
/* the group of each unit; a template's instances have one each. -1: there are no groups */
static int
open_groups(const struct belongs *belongs)
{
	const char *path = phrase_get(belongs->info.parameters, "group");

	return path[0] ? fd_raise(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) : -1;
}

static void
mark_group(struct census *census, int groups, const char *name)
{
	autofree char *directory = str_format("%s.service", name);
	autoclose int fd = fd_raise(openat(groups, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	autofree pid_t *pids = NULL;
	size_t count = 0;

	if (!fd_is_open(fd) || cgroup_pids(fd, &pids, &count) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct process *process = census_find(census, pids[i]);
		if (process) {
			process->unit = name;
		}
	}
}

static void
mark_groups(const struct belongs *belongs, struct census *census, int groups)
{
	const json_t *units = json_object_get(belongs->list.parameters, "units");
	json_t *unit;
	size_t i;

	json_array_foreach(units, i, unit) {
		if (json_is_integer(json_object_get(unit, "tasks"))) { /* it is up, in some way */
			mark_group(census, groups, phrase_get(unit, "name"));
		}
	}
}

/* the process gets the unit of its nearest parent that has one; tendd's own processes end the way
 * up, and the path is not climbed twice */
static void
mark_below(const struct belongs *belongs, struct process *process)
{
	struct process *at = process;
	const char *unit = NULL;

	while (at && !at->unit && !belongs_role(belongs, at)) {
		at = at->parent;
	}
	unit = at ? at->unit : NULL;
	for (struct process *to = process; unit && to != at; to = to->parent) {
		to->unit = unit;
	}
}

/* the session, the group or the environment of one that has lost its parents */
static const char *
unit_of_stray(const struct belongs *belongs, const struct process *process)
{
	const struct proc_stat *stat = &process->stat;
	autofree char *invocation = NULL;
	const json_t *unit = nmap_get(&belongs->by_main, (uint64_t)stat->sid);

	unit = unit ? unit : nmap_get(&belongs->by_main, (uint64_t)stat->pgid);
	if (!unit && proc_environ_value(stat->pid, "INVOCATION_ID", &invocation) == 0) {
		unit = map_get(&belongs->by_invocation, invocation);
	}
	return name_of(unit);
}

static void
mark_strays(const struct belongs *belongs, struct census *census, bool of_init)
{
	for (size_t i = 0; i < census->count; i++) {
		struct process *process = &census->list[i];
		pid_t parent = process->stat.ppid;

		if (!process->unit && !belongs_role(belongs, process) &&
		    !(process->stat.flags & PROC_KERNEL_THREAD) &&
		    (parent == belongs->roles[0] || (of_init && parent == 1))) {
			process->unit = unit_of_stray(belongs, process);
		}
	}
}

void
belongs_mark(const struct belongs *belongs, struct census *census)
{
	autoclose int groups = -1;

	if (!belongs->known || belongs->by_name.count == 0 || census->foreign) {
		return;
	}
	groups = open_groups(belongs);
	if (fd_is_open(groups)) {
		mark_groups(belongs, census, groups);
	}
	for (size_t i = 0; i < census->count; i++) {
		struct process *process = &census->list[i];
		if (!process->unit) {
			process->unit =
				name_of(nmap_get(&belongs->by_main, (uint64_t)process->stat.pid));
		}
	}
	mark_strays(belongs, census, !fd_is_open(groups));
	for (size_t i = 0; i < census->count; i++) {
		mark_below(belongs, &census->list[i]);
	}
}
