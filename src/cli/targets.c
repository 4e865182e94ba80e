/* targets: from those that fit to those that are meant: their groups, sessions or trees, without
 * what must never be hit by accident, and with a unit in the place of its processes where its main
 * process is among them: tendd would start it again at once, so what is wanted is that it stops. */
#include "base/check.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/processes.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
is_of(const struct process *process, const struct process *chosen, enum targets_whom whom)
{
	switch (whom) {
	case WHOM_GROUP: return process->stat.pgid == chosen->stat.pgid;
	case WHOM_SESSION: return process->stat.sid == chosen->stat.sid;
	case WHOM_TREE: return census_is_below(process, chosen);
	case WHOM_PROCESS: break;
	}
	return process == chosen;
}

/* process->mark tells who is meant */
static void
mark_meant(struct look *look, enum targets_whom whom)
{
	for (size_t i = 0; i < look->census.count; i++) {
		look->census.list[i].mark = 0;
	}
	for (size_t k = 0; k < look->count; k++) {
		if (whom == WHOM_PROCESS) {
			look->list[k]->mark = 1;
			continue;
		}
		for (size_t i = 0; i < look->census.count; i++) {
			struct process *process = &look->census.list[i];
			process->mark |= is_of(process, look->list[k], whom);
		}
	}
}

/* tend itself, what it was started from, the first process, the kernel's and tendd's own */
static bool
is_spared(const struct look *look, const struct process *process)
{
	const struct process *self = census_find(&look->census, look->census.self);

	if (process == self || (process->stat.flags & PROC_KERNEL_THREAD)) {
		return true;
	}
	return !choose_is_named(look->choice, process->stat.pid) &&
	       ((self && census_is_below(self, process)) || process->stat.pid == getppid() ||
		process->stat.pid == 1 || belongs_role(look->belongs, process));
}

/* the child of a keeper that is not of the tendd we asked: that one would start it again */
static pid_t
keeper_of(const struct look *look, const struct process *process)
{
	const struct process *parent = process->parent;

	return parent && str_starts(parent->stat.comm, "tendd: keeper") &&
			       !belongs_role(look->belongs, parent) &&
			       !str_starts(process->stat.comm, "tendd: ")
		       ? parent->stat.pid
		       : 0;
}

static bool
is_zombie(const struct process *process)
{
	return process->stat.state == 'Z' && process->stat.threads <= 1;
}

/* ---- units ---- */
static bool
is_wholly_meant(const struct look *look, const char *unit)
{
	size_t count = 0;

	for (size_t i = 0; i < look->census.count; i++) {
		const struct process *process = &look->census.list[i];
		if (str_equal(process->unit, unit)) {
			if (!process->mark) {
				return false;
			}
			count++;
		}
	}
	return count > 0;
}

static void
add_units(const struct look *look, struct targets *targets)
{
	const char *unit;
	size_t at = 0;

	targets->units = choose_units(look->choice, look->belongs);
	for (size_t i = 0; targets->units && targets->units[i];) {
		if (belongs_is_up(look->belongs, targets->units[i])) {
			i++;
			continue;
		}
		free(targets->units[i]); /* it is down: what is left of it are processes */
		memmove(&targets->units[i], &targets->units[i + 1],
			(strv_length(&targets->units[i + 1]) + 1) * sizeof(char *));
	}
	while ((unit = belongs_each(look->belongs, &at))) {
		const struct process *main =
			census_find(&look->census, belongs_main(look->belongs, unit));
		if (!strv_has(targets->units, unit) && belongs_is_up(look->belongs, unit) &&
		    ((main && main->mark) || is_wholly_meant(look, unit))) {
			strv_add(&targets->units, unit);
		}
	}
}

/* ---- the list ---- */
static void
fill(const struct look *look, const struct process *process, bool whole_units,
     struct target *target)
{
	pid_t keeper = whole_units && !choose_is_named(look->choice, process->stat.pid)
			       ? keeper_of(look, process)
			       : 0;
	struct buf command;

	buf_init(&command, SIZE_MAX / 4);
	columns_command(&command, process);
	*target = (struct target){ .pid = process->stat.pid,
				   .ppid = process->stat.ppid,
				   .start = process->stat.start,
				   .uid = process->uid,
				   .age = census_age(&look->census, process),
				   .state = process->stat.state,
				   .command = buf_take(&command),
				   .pidfd = -1,
				   .keeper = keeper,
				   .fate = keeper || is_spared(look, process) ? FATE_SPARED
					   : is_zombie(process)               ? FATE_DEAD
									      : FATE_CHOSEN };
	(void)snprintf(target->comm, sizeof(target->comm), "%s", process->stat.comm);
	if (process->parent) {
		(void)snprintf(target->parent, sizeof(target->parent), "%s",
			       process->parent->stat.comm);
	}
}

void
targets_find(struct look *look, enum targets_whom whom, bool whole_units,
	     struct targets *ret_targets)
{
	struct targets targets = { 0 };

	mark_meant(look, whom);
	if (whole_units) {
		add_units(look, &targets);
	}
	targets.list = calloc(look->census.count + 1, sizeof(*targets.list));
	CHECK(targets.list);
	for (size_t i = 0; i < look->census.count; i++) {
		const struct process *process = &look->census.list[i];
		if (process->mark && !(process->unit && strv_has(targets.units, process->unit))) {
			fill(look, process, whole_units, &targets.list[targets.count++]);
		}
	}
	*ret_targets = targets;
}

void
targets_done(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		free(targets->list[i].command);
		free(targets->list[i].wchan);
		(void)fd_close(targets->list[i].pidfd);
	}
	free(targets->list);
	targets->units = strv_free(targets->units);
	*targets = (struct targets){ 0 };
}

size_t
targets_count(const struct targets *targets, enum fate fate)
{
	size_t count = 0;

	for (size_t i = 0; i < targets->count; i++) {
		count += targets->list[i].fate == fate;
	}
	return count;
}

const struct target *
targets_get(const struct targets *targets, pid_t pid)
{
	for (size_t i = 0; i < targets->count; i++) {
		if (targets->list[i].pid == pid) {
			return &targets->list[i];
		}
	}
	return NULL;
}

bool
targets_parse(const char *text, enum targets_whom *ret_whom, struct err *err)
{
	static const char *const words[] = { "process", "group", "session", "tree" };

	for (size_t i = 0; i < COUNT(words); i++) {
		if (str_equal(text, words[i])) {
			*ret_whom = (enum targets_whom)i;
			return true;
		}
	}
	return err_set(err, "--whom: '%s' is none of process, group, session, tree", text);
}

void
targets_unspare(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		if (targets->list[i].fate == FATE_SPARED) {
			targets->list[i].fate = FATE_CHOSEN;
		}
	}
}
