/* Asking the live processes what a ledger should have said, when it is damaged or gone. Each
 * process of a unit carries TEND_UNIT and INVOCATION_ID in its environment, and in TEND_RUN the
 * runtime directory of its tendd, so that two tends on one machine do not take each other's. One
 * that has cleared its environment is found in its unit's group, where there are groups.
 *
 * How a unit came to be running is played to the rules with the answers it must have got; what they
 * order is not carried out. So this file knows no states. */
#include "base/file.h"
#include "manager/adopt.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS_MAX = 64, ENVIRONMENT_MAX = 6 << 20 };

/* ---- environments ---- */
static char **
environment_of(pid_t pid)
{
	char path[48];
	autofree char *text = NULL;
	size_t length = 0;
	char **environment = NULL;

	(void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	if (file_read_proc(AT_FDCWD, path, ENVIRONMENT_MAX, &text, &length) < 0) {
		return NULL;
	}
	for (size_t at = 0; at < length; at += strlen(text + at) + 1) {
		strv_add(&environment, text + at);
	}
	return environment;
}

static bool
is_of_this_tend(const struct manager *manager, char *const *environment)
{
	const char *run = strv_env_get(environment, "TEND_RUN");

	return run ? str_equal(run, manager->places->run)
		   : str_equal(strv_env_get(environment, "TEND_HOME"), manager->places->home);
}

static bool
is_a_part(const struct member *member, pid_t pid)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (member->child[part].pid == pid) {
			return true;
		}
	}
	return false;
}

pid_t
alive_of_invocation(const struct member *member)
{
	autofree pid_t *pids = NULL;
	char assignment[64];
	struct proc_stat oldest = { 0 }, stat;
	size_t count = 0;

	if (member->invocation[0] == '\0' || proc_list(&pids, &count) < 0) {
		return 0;
	}
	(void)snprintf(assignment, sizeof(assignment), "INVOCATION_ID=%s", member->invocation);
	for (size_t i = 0; i < count; i++) {
		if (!is_a_part(member, pids[i]) && proc_environ_has(pids[i], assignment) == 1 &&
		    proc_stat(pids[i], &stat) == 0 && stat.state != 'Z' &&
		    (oldest.pid == 0 || stat.start < oldest.start)) {
			oldest = stat;
		}
	}
	return oldest.pid;
}

/* ---- playing a start ---- */
/* the answer that an order must have got; EVENT_COUNT: it has none */
static enum event_kind
answer_to(const struct order *order, struct event *ret_event)
{
	*ret_event = (struct event){ .kind = EVENT_COUNT, .now = clock_now() };
	switch (order->kind) {
	case ORDER_PREPARE: ret_event->kind = EVENT_PREPARED; break;
	case ORDER_LAUNCH:
		ret_event->part = order->part;
		ret_event->kind = order->part == PART_MAIN ? EVENT_EXECED : EVENT_EXITED;
		ret_event->outcome = (struct outcome){ .known = true };
		break;
	case ORDER_FIND_MAIN: ret_event->kind = EVENT_MAIN_FOUND; break;
	case ORDER_SIGNAL:
	case ORDER_SWEEP:
	case ORDER_ARM:
	case ORDER_DISARM:
	case ORDER_RUN_ENDED:
	case ORDER_CLEAN:
	case ORDER_TELL:
	case ORDER_TRIGGER:
	case ORDER_KIND_COUNT: break;
	}
	return ret_event->kind;
}

static void
play_start(struct service *service)
{
	struct event event = { .kind = EVENT_ASKED_START, .now = clock_now() };

	for (int i = 0; i < EVENTS_MAX && !service_is_up(service); i++) {
		struct orders orders;

		service_take(service, &event, &orders);
		event = (struct event){ .kind = EVENT_COUNT, .now = clock_now() };
		for (size_t k = 0; k < orders.count && event.kind == EVENT_COUNT; k++) {
			(void)answer_to(&orders.list[k], &event);
		}
		if (event.kind == EVENT_COUNT && service->state == SERVICE_HELD) {
			event.kind = EVENT_RELEASED;
		} else if (event.kind == EVENT_COUNT && service->unit->type == TYPE_FORKING &&
			   service->state == SERVICE_START) {
			/* its first process has left long ago */
			event.kind = EVENT_EXITED;
			event.outcome = (struct outcome){ .known = true };
		} else if (event.kind == EVENT_COUNT) {
			event.kind = EVENT_READY;
		}
		if (service->unit->type == TYPE_ONESHOT && service->alive[PART_MAIN]) {
			return; /* it runs, and is up only when it has ended */
		}
	}
}

/* ---- taking over ---- */
static const struct stray *
find_stray(const struct adoption *adoption, pid_t pid)
{
	for (size_t i = 0; i < adoption->stray_count; i++) {
		if (adoption->strays[i].pid == pid) {
			return &adoption->strays[i];
		}
	}
	return NULL;
}

/* as if there had been none */
static void
forget_ledger(struct member *member)
{
	LIST_EACH(queued, &member->events, struct queued, link) {
		list_remove(&queued->link);
		free(queued);
	}
	for (enum part part = 0; part < PART_COUNT; part++) {
		struct child *child = &member->child[part];

		watching_end(child);
		launching_forget(child);
		if (child->number) {
			(void)nmap_remove(&member->manager->children, child->number);
		}
		child->pidfd = fd_close(child->pidfd);
		child->number = 0;
		child->pid = 0;
		child->start = 0;
		child->ended_told = child->listed = child->asked = false;
	}
	member->in_run = false;
	service_init(&member->service, member->unit);
}

static void
take_main(struct member *member, pid_t pid, char *const *environment)
{
	struct manager *manager = member->manager;
	struct child *child = &member->child[PART_MAIN];
	const struct stray *stray = find_stray(manager->adoption, pid);
	const char *invocation = strv_env_get(environment, "INVOCATION_ID");
	struct run last[1] = { 0 };
	size_t runs = runs_read(manager, member->name, last, 1);
	autoclose int group = groups_look(member);

	if (!member->fresh && !strv_has(manager->adoption->damaged, member->name)) {
		forget_ledger(member);
	}
	play_start(&member->service);
	if (!member->service.alive[PART_MAIN]) {
		service_init(&member->service, member->unit);
		runs_done(last, runs);
		return;
	}
	member->run = runs ? last[0].number : 0;
	runs_done(last, runs);
	carry_run(member);
	if (invocation && strlen(invocation) == 32) {
		memcpy(member->invocation, invocation, 33);
	}
	member->marked_run = member->run;
	child->number = stray ? stray->number : launching_number(manager);
	child->execed = true;
	nmap_set(&manager->children, child->number, child);
	if (!adopt_process(child, pid, 0)) {
		const struct outcome unknown = { 0 };

		watching_ended(child, &unknown);
	} else if (stray) { /* the keeper's own after all: it will say how it ended */
		watching_end(child);
		child->foreign = false;
		child->keeper = manager->keeper_pid;
	}
	member->has_group = fd_is_open(group);
	member->fresh = false;
}

/* the first process of it: the one that is the keeper's child, else the oldest */
static pid_t
better(const struct adoption *adoption, const struct proc_stat *a, const struct proc_stat *b)
{
	bool a_is = find_stray(adoption, a->pid), b_is = find_stray(adoption, b->pid);

	if (a_is != b_is) {
		return a_is ? a->pid : b->pid;
	}
	return a->start <= b->start ? a->pid : b->pid;
}

struct found { /* for one unit */
	struct member *member;
	struct proc_stat main;
};

/* The ledger could not be written any more when this process was launched: it tells of another
 * main, which is gone, and the keeper has a child that it does not tell of. */
static bool
is_stale(const struct member *member)
{
	const struct child *main = &member->child[PART_MAIN];
	struct proc_stat stat;

	return !member->fresh && !service_is_down(&member->service) &&
	       (main->pid == 0 || proc_stat(main->pid, &stat) < 0 || stat.start != main->start ||
		stat.state == 'Z');
}

/* a unit whose ledger could not be used, or of which there is none; NULL: it is known */
static struct member *
lost_unit(struct manager *manager, const char *name)
{
	struct member *member = member_find(manager, name);

	if (strv_has(manager->adoption->damaged, name)) {
		return member;
	}
	member = member ? member : member_get(manager, name, NULL);
	return member && member->fresh ? member : NULL;
}

static struct member *
asked_for(struct manager *manager, char *const *environment, pid_t pid)
{
	const struct adoption *adoption = manager->adoption;
	const char *name = strv_env_get(environment, "TEND_UNIT");

	if (!name || !is_of_this_tend(manager, environment)) {
		return NULL;
	}
	if (!strv_has(adoption->damaged, name) && !find_stray(adoption, pid) &&
	    !(adoption->look && strv_env_get(environment, "TEND_RUN"))) {
		return NULL;
	}
	if (find_stray(adoption, pid) && member_find(manager, name) &&
	    is_stale(member_find(manager, name))) {
		return member_find(manager, name);
	}
	return lost_unit(manager, name);
}

static void
note(struct manager *manager, struct member *member, pid_t pid, struct map *found)
{
	struct found *one = map_get(found, member->name);
	struct proc_stat stat;

	if (proc_stat(pid, &stat) < 0 || stat.state == 'Z') {
		return;
	}
	if (!one) {
		one = calloc(1, sizeof(*one));
		CHECK(one != NULL);
		*one = (struct found){ .member = member, .main = stat };
		map_set(found, member->name, one);
	} else if (better(manager->adoption, &stat, &one->main) == pid) {
		one->main = stat;
	}
}

static void
look_at(struct manager *manager, pid_t pid, struct map *found)
{
	char **environment = environment_of(pid);
	struct member *member = environment ? asked_for(manager, environment, pid) : NULL;

	strv_free(environment);
	if (member) {
		note(manager, member, pid, found);
	}
}

/* all processes but those that a ledger has named */
static void
look_through(struct manager *manager, struct map *found)
{
	autofree pid_t *pids = NULL;
	size_t count = 0, at = 0;
	const struct child *child;
	struct nmap known;

	nmap_init(&known);
	while ((child = nmap_each(&manager->children, &at))) {
		if (child->pid > 0) {
			nmap_set(&known, (uint64_t)child->pid, (void *)(uintptr_t)child);
		}
	}
	(void)proc_list(&pids, &count); /* without /proc nobody can be asked */
	for (size_t i = 0; i < count; i++) {
		if (!nmap_get(&known, (uint64_t)pids[i])) {
			look_at(manager, pids[i], found);
		}
	}
	nmap_done(&known);
}

static void
look_in_groups(struct manager *manager, struct map *found)
{
	char **names = groups_populated(manager);

	for (char **name = names; name && *name; name++) {
		struct member *member = lost_unit(manager, *name);
		autoclose int group = member ? groups_look(member) : -1;
		autofree pid_t *pids = NULL;
		size_t count = 0;

		if (member && fd_is_open(group) && cgroup_pids(group, &pids, &count) == 0) {
			for (size_t i = 0; i < count; i++) {
				note(manager, member, pids[i], found);
			}
		}
	}
	strv_free(names);
}

void
alive_take_over(struct manager *manager)
{
	struct adoption *adoption = manager->adoption;
	struct map found;
	struct found *one;
	size_t at = 0;

	map_init(&found);
	if (adoption->damaged || adoption->look) {
		look_through(manager, &found);
		look_in_groups(manager, &found);
	}
	for (size_t i = 0; i < adoption->stray_count; i++) {
		look_at(manager, adoption->strays[i].pid, &found);
	}
	while ((one = map_each(&found, &at))) {
		char **environment = environment_of(one->main.pid);

		take_main(one->member, one->main.pid, environment);
		if (!strv_has(adoption->damaged, one->member->name)) {
			(void)fprintf(
				stderr,
				"tendd: the ledger of %s was gone: its processes tell that it "
				"runs\n",
				one->member->name);
		}
		strv_free(environment);
		free(one);
	}
	map_done(&found);
}
