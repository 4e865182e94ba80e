/* kin: everything a unit started that is alive now.
 *
 * With a cgroup: its members, and nothing else is asked. Without one: the processes below the
 * keeper (it is the subreaper: what loses its parent comes to it) that no other unit accounts for,
 * by this order: descends from a process of the unit, is in a session or group that a process of
 * the unit began, or carries the unit's INVOCATION_ID. When processes may live outside our keeper
 * (adopted after all of tendd was killed) all of /proc is looked through.
 *
 * A restart is the hot path, and there is nearly always nothing left: kin_any() answers from the
 * keeper's own list of children without reading anything of theirs when each of them is known.
 *
 * Weakness: without a cgroup, a process that cleared its environment, left session and group and
 * lost all its parents is nobody's. There is no better way without ptrace. */
#include "manager/core.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct looked { /* one process of a look through /proc */
	struct proc_stat stat;
	bool ours;    /* of this unit */
	bool foreign; /* of another one, or of tendd */
};

struct look {
	struct looked *list; /* ascending pids */
	size_t count;
};

static bool
kin_is_alive(const struct proc_stat *stat)
{
	/* a leader that has ended while other threads go on shows Z too */
	return stat->state != 'X' && (stat->state != 'Z' || stat->threads > 1);
}

static bool
kin_is_asker(const struct member *member, const struct proc_stat *stat)
{
	return member->asker == stat->pid && member->asker_start == stat->start;
}

static void
kins_add(struct kins *kins, const struct proc_stat *stat)
{
	struct proc_stat again;
	autoclose int pidfd = fd_pidfd(stat->pid);

	if (pidfd < 0) {
		kins->incomplete |= pidfd != -ESRCH;
		if (pidfd == -ESRCH) {
			return;
		}
	} else if (proc_stat(stat->pid, &again) < 0 || again.start != stat->start) {
		return;
	}
	if (kins->count == kins->size) {
		kins->size = kins->size ? kins->size * 2 : 8;
		kins->list = realloc(kins->list, kins->size * sizeof(*kins->list));
		CHECK(kins->list);
	}
	kins->list[kins->count++] = (struct kin){ stat->pid, stat->start, fd_take(&pidfd) };
}

void
kins_done(struct kins *kins)
{
	for (size_t i = 0; i < kins->count; i++) {
		(void)fd_close(kins->list[i].pidfd);
	}
	free(kins->list);
	*kins = (struct kins){ 0 };
}

/* ---- by group ---- */
static bool
kin_find_in_group(struct member *member, struct kins *kins)
{
	autoclose int fd = groups_look(member);
	autofree pid_t *pids = NULL;
	size_t count = 0;

	if (fd < 0 || cgroup_pids(fd, &pids, &count) < 0) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct proc_stat stat;
		if (proc_stat(pids[i], &stat) == 0 && kin_is_alive(&stat) &&
		    !kin_is_asker(member, &stat)) {
			kins_add(kins, &stat);
		}
	}
	return true;
}

/* the parts that are known may live outside the group: a main that a forking daemon moved, one
 * adopted */
static void
kin_add_parts(struct member *member, struct kins *kins)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		const struct child *child = &member->child[part];
		struct proc_stat stat;
		bool known = child->pid == 0;
		for (size_t i = 0; i < kins->count && !known; i++) {
			known = kins->list[i].pid == child->pid;
		}
		if (!known && proc_stat(child->pid, &stat) == 0 && stat.start == child->start &&
		    kin_is_alive(&stat) && !kin_is_asker(member, &stat)) {
			kins_add(kins, &stat);
		}
	}
}

/* ---- without a group ---- */
static struct looked *
look_find(const struct look *look, pid_t pid)
{
	size_t low = 0, high = look->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (look->list[middle].stat.pid == pid) {
			return &look->list[middle];
		}
		if (look->list[middle].stat.pid < pid) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return NULL;
}

static bool
look_take(struct look *look)
{
	autofree pid_t *pids = NULL;
	size_t count = 0;

	*look = (struct look){ 0 };
	if (proc_list(&pids, &count) < 0) {
		return false;
	}
	look->list = calloc(count ? count : 1, sizeof(*look->list));
	CHECK(look->list);
	for (size_t i = 0; i < count; i++) {
		if (proc_stat(pids[i], &look->list[look->count].stat) == 0) {
			look->count++;
		}
	}
	return true;
}

/* main and control of every unit, and tendd itself, are decided beforehand */
static void
look_mark_known(struct look *look, const struct member *member)
{
	const struct manager *manager = member->manager;
	struct child *child;
	struct looked *found;
	size_t at = 0;
	const pid_t own[] = { manager->keeper_pid, manager->logger_pid, getpid() };

	while ((child = nmap_each(&manager->children, &at))) {
		found = child->pid ? look_find(look, child->pid) : NULL;
		if (found && found->stat.start == child->start) {
			found->ours = child->member == member;
			found->foreign = !found->ours;
		}
	}
	for (size_t i = 0; i < COUNT(own); i++) {
		found = look_find(look, own[i]);
		if (found) {
			found->foreign = true;
		}
	}
}

/* A session or group is the unit's when a process of the unit began it and its number has not been
 * given to somebody else since (then that process would be its leader). */
static bool
look_led_by_ours(const struct look *look, const struct member *member, pid_t leader)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (member->child[part].pid && member->child[part].pid == leader) {
			const struct looked *found = look_find(look, leader);
			return !found || found->ours;
		}
	}
	if (member->in_run && member->run_pid && member->run_pid == leader) { /* main has ended */
		const struct looked *found = look_find(look, leader);
		return !found || found->ours || !kin_is_alive(&found->stat);
	}
	return false;
}

static bool
look_decide(struct look *look, struct member *member, struct looked *process,
	    const char *assignment)
{
	const struct looked *parent = look_find(look, process->stat.ppid);
	const struct looked *session = look_find(look, process->stat.sid);
	const struct looked *group = look_find(look, process->stat.pgid);

	if (parent && parent->ours) {
		return true;
	}
	if ((session && session->ours) || (group && group->ours)) {
		return true;
	}
	if (look_led_by_ours(look, member, process->stat.sid)) {
		return true;
	}
	return assignment && proc_environ_has(process->stat.pid, assignment) == 1;
}

/* does it descend from the keeper, through nothing that another unit accounts for? */
static bool
look_is_candidate(const struct look *look, const struct looked *process, pid_t keeper)
{
	const struct looked *at = process;

	for (int depth = 0; at && depth < 1024; depth++) {
		if (at->foreign) {
			return false;
		}
		if (at->stat.ppid == keeper) {
			return true;
		}
		at = look_find(look, at->stat.ppid);
	}
	return false;
}

static void
kin_find_by_look(struct member *member, struct kins *kins)
{
	struct look look;
	char assignment[64];
	const char *tag = NULL;
	bool again = true;

	if (!look_take(&look)) {
		kins->incomplete = true;
		return;
	}
	if (member->invocation[0]) {
		(void)snprintf(assignment, sizeof(assignment), "INVOCATION_ID=%s",
			       member->invocation);
		tag = assignment;
	}
	look_mark_known(&look, member);
	for (int round = 0; again && round < 64; round++) {
		again = false;
		for (size_t i = 0; i < look.count; i++) {
			struct looked *process = &look.list[i];
			if (process->ours || process->foreign ||
			    (process->stat.flags & PROC_KERNEL_THREAD) ||
			    (!member->foreign_kin &&
			     !look_is_candidate(&look, process, member->manager->keeper_pid))) {
				continue;
			}
			if (look_decide(&look, member, process, round == 0 ? tag : NULL)) {
				process->ours = true;
				again = true;
			}
		}
	}
	for (size_t i = 0; i < look.count; i++) {
		const struct proc_stat *stat = &look.list[i].stat;
		if (look.list[i].ours && kin_is_alive(stat) && !kin_is_asker(member, stat)) {
			kins_add(kins, stat);
		}
	}
	free(look.list);
}

/* Is each child of the keeper accounted for? Then nothing of this unit is left but its parts. */
static bool
kin_keeper_has_strays(struct member *member)
{
	struct manager *manager = member->manager;
	struct nmap known;
	struct child *child;
	autofree pid_t *pids = NULL;
	size_t count = 0, at = 0;
	bool strays = false;

	if (proc_children(manager->keeper_pid, &pids, &count) < 0) {
		return true;
	}
	nmap_init(&known);
	while ((child = nmap_each(&manager->children, &at))) {
		if (child->pid) {
			nmap_set(&known, (uint64_t)child->pid, child);
		}
	}
	for (size_t i = 0; i < count && !strays; i++) {
		struct proc_stat stat;
		child = nmap_get(&known, (uint64_t)pids[i]);
		strays = pids[i] != manager->logger_pid && pids[i] != getpid() && !child &&
			 proc_stat(pids[i], &stat) == 0 && kin_is_alive(&stat);
	}
	nmap_done(&known);
	return strays;
}

static bool
kin_part_lives(const struct member *member)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		const struct child *child = &member->child[part];
		struct proc_stat stat;
		if (child->pid && proc_stat(child->pid, &stat) == 0 && stat.start == child->start &&
		    kin_is_alive(&stat)) {
			return true;
		}
	}
	return false;
}

/* Nothing that lost its parent is with the keeper but what is known: then the unit is its parts and
 * their descendants, and only those are read, however many processes the machine has. */
static void
kin_walk_parts(struct member *member, struct kins *kins)
{
	kin_add_parts(member, kins);
	for (size_t i = 0; i < kins->count; i++) {
		autofree pid_t *pids = NULL;
		size_t count = 0;
		struct proc_stat stat;

		(void)proc_children(kins->list[i].pid, &pids, &count);
		for (size_t k = 0; k < count; k++) {
			if (proc_stat(pids[k], &stat) == 0 && kin_is_alive(&stat) &&
			    !kin_is_asker(member, &stat)) {
				kins_add(kins, &stat);
			}
		}
	}
}

void
kin_find(struct member *member, struct kins *ret_kins)
{
	*ret_kins = (struct kins){ 0 };
	if (!member->foreign_kin && member->has_group && kin_find_in_group(member, ret_kins)) {
		kin_add_parts(member, ret_kins);
		return;
	}
	if (!member->foreign_kin && !kin_keeper_has_strays(member)) {
		kin_walk_parts(member, ret_kins);
		return;
	}
	if (member->has_group) {
		(void)kin_find_in_group(member, ret_kins);
		if (ret_kins->count > 0) {
			kin_add_parts(member, ret_kins);
			return;
		}
	}
	kin_find_by_look(member, ret_kins);
}

bool
kin_any(struct member *member)
{
	struct kins kins;
	bool any;

	if (!member->foreign_kin && member->has_group) {
		autoclose int fd = groups_look(member);
		int populated = fd < 0 ? fd : cgroup_is_populated(fd);
		if (populated == 0) {
			return kin_part_lives(member);
		}
	}
	kin_find(member, &kins);
	any = kins.count > 0 || kins.incomplete;
	kins_done(&kins);
	return any;
}

const char *
kin_way(const struct manager *manager)
{
	return manager->groups ? "cgroup" : "sessions, parents and INVOCATION_ID";
}
