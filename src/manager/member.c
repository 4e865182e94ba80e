/* The table of members. A member is made when its unit file is first looked at and stays until it
 * is deleted or its file is gone and it is down; instances share the struct unit of their template,
 * which the table of templates keeps.
 *
 * A list asks for all unit files at each call, so the directories are read again only when one of
 * them has changed; a change in the last moments before a look cannot be told from one after it,
 * hence SETTLED_NS. */
#include "manager/keeper-line.h"
#include "base/file.h"
#include "base/path.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t SETTLED_NS = 2 * CLOCK_S;
#define NUMBER_MASK ((1ULL << 48) - 1) /* what a held descriptor's key has room for */

struct member *
member_find(struct manager *manager, const char *name)
{
	return map_get(&manager->members, name);
}

char **
member_directories(const struct manager *manager)
{
	return manager->places->units;
}

int64_t
member_pid(const struct member *member)
{
	return member->service.alive[PART_MAIN] ? member->child[PART_MAIN].pid : 0;
}

/* ---- events ---- */
void
member_event(struct member *member, struct event event)
{
	struct queued *queued = malloc(sizeof(*queued));

	CHECK(queued != NULL);
	event.now = clock_now();
	event.chance = manager_chance(member->manager);
	queued->event = event;
	list_init(&queued->link);
	list_add(&member->events, &queued->link);
	if (list_is_empty(&member->busy)) {
		list_add(&member->manager->busy, &member->busy);
	}
}

void
member_event_simple(struct member *member, enum event_kind kind)
{
	member_event(member, (struct event){ .kind = kind });
}

static void
deadline_came(struct member *member, enum service_timer timer)
{
	member_event(member, (struct event){ .kind = EVENT_DEADLINE, .timer = timer });
}

static void
state_deadline(struct timer *timer)
{
	deadline_came(CONTAINER(timer, struct member, timers[TIMER_STATE]), TIMER_STATE);
}

static void
runtime_deadline(struct timer *timer)
{
	deadline_came(CONTAINER(timer, struct member, timers[TIMER_RUNTIME]), TIMER_RUNTIME);
}

static void
watchdog_deadline(struct timer *timer)
{
	deadline_came(CONTAINER(timer, struct member, timers[TIMER_WATCHDOG]), TIMER_WATCHDOG);
}

/* ---- making and freeing ---- */
static void
init_parts(struct member *member)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		member->child[part].member = member;
		member->child[part].part = part;
		member->child[part].pidfd = -1;
	}
	member->timers[TIMER_STATE].on = state_deadline;
	member->timers[TIMER_RUNTIME].on = runtime_deadline;
	member->timers[TIMER_WATCHDOG].on = watchdog_deadline;
	list_init(&member->waits);
	list_init(&member->events);
	list_init(&member->busy);
	list_init(&member->pending_link);
	list_init(&member->held_link);
	list_init(&member->depending);
}

struct member *
member_new(struct manager *manager, const char *name, struct unit *take_unit)
{
	struct member *member = calloc(1, sizeof(*member));
	uint64_t now = (uint64_t)(clock_wall() / CLOCK_MS) & NUMBER_MASK;

	CHECK(member != NULL && !map_get(&manager->members, name));
	member->manager = manager;
	member->unit = take_unit;
	member->name = str_dup(name);
	member->fresh = true;
	member->pipes[HELD_LOG].fd = member->pipes[HELD_LOG_ERROR].fd = -1;
	init_parts(member);
	service_init(&member->service, take_unit);
	manager->last_member = MAX(manager->last_member + 1, now);
	member->number = manager->last_member;
	member->enabled = !take_unit->transient && enable_is(manager, name);
	map_set(&manager->members, member->name, member);
	nmap_set(&manager->by_number, member->number, member);
	depend_register(member);
	return member;
}

static void
free_children(struct member *member)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		struct child *child = &member->child[part];

		watching_end(child);
		launching_forget(child);
		if (child->number) {
			(void)nmap_remove(&member->manager->children, child->number);
		}
		child->pidfd = fd_close(child->pidfd);
	}
}

/* the last instance takes its template out of the table: its file may be another's tomorrow */
static void
free_unit(struct member *member)
{
	struct map *templates = &member->manager->templates;
	struct unit *unit = member->unit;

	if (unit->references == 2 && map_get(templates, unit->name) == unit) {
		(void)map_remove(templates, unit->name);
		(void)unit_unref(unit);
	}
	member->unit = unit_unref(unit);
}

void
member_free(struct member *member)
{
	struct manager *manager = member->manager;

	requests_member_gone(member);
	sweep_forget(member);
	mainpid_stop(member);
	notify_close(member);
	notify_drop_store(member);
	receipt_forget(member);
	pipes_close(member);
	pipes_forget(member, HELD_LOG);
	pipes_forget(member, HELD_LOG_ERROR);
	oom_forget(member);
	groups_remove(member);
	free_children(member);
	for (size_t i = 0; i < TIMER_COUNT; i++) {
		loop_disarm(manager->loop, &member->timers[i]);
	}
	LIST_EACH(queued, &member->events, struct queued, link) {
		list_remove(&queued->link);
		free(queued);
	}
	list_remove(&member->busy);
	depend_unregister(member);
	ledger_remove(member);
	manager->kept -= service_is_down(&member->service) ? 0 : 1;
	(void)map_remove(&manager->members, member->name);
	(void)nmap_remove(&manager->by_number, member->number);
	free_unit(member);
	(void)unit_unref(member->next_unit);
	free(member->failure);
	free(member->by);
	free(member->status_text);
	free(member->notify_address);
	free(member->name);
	free(member);
}

/* ---- loading ---- */
static bool
has_own_file(const struct manager *manager, const char *name)
{
	char path[4096];

	for (char **d = member_directories(manager); d && *d; d++) {
		if (snprintf(path, sizeof(path), "%s/%s.service", *d, name) < (int)sizeof(path) &&
		    access(path, F_OK) == 0) {
			return true;
		}
	}
	return false;
}

static bool
is_transient(const struct manager *manager, const struct unit *unit)
{
	const char *directory = manager->places->transient;

	return unit->file && str_starts(unit->file, directory) &&
	       unit->file[strlen(directory)] == '/';
}

/* owned */
static struct unit *
load_unit(struct manager *manager, const char *name, struct err *err)
{
	autofree char *template = name_is_instance(name) ? name_template(name) : NULL;
	struct unit *unit = template ? map_get(&manager->templates, template) : NULL;

	if (unit && !has_own_file(manager, name)) {
		return unit_ref(unit);
	}
	unit = unit_load(name, member_directories(manager), err);
	if (unit) {
		unit->transient = is_transient(manager, unit);
	}
	if (unit && name_is_template(unit->name)) {
		map_set(&manager->templates, unit->name, unit_ref(unit));
	}
	return unit;
}

void
member_template_changed(struct manager *manager, const char *name, struct unit *unit)
{
	struct unit *old = map_get(&manager->templates, name);

	if (!name_is_template(name) || old == unit) {
		return;
	}
	(void)map_remove(&manager->templates, name);
	unit->transient = is_transient(manager, unit);
	map_set(&manager->templates, unit->name, unit_ref(unit));
	manager->directories_seen = 0; /* its Instances= may say something new */
	(void)unit_unref(old);
}

bool
member_is_unused(const struct member *member)
{
	return member->run == 0 && !member->enabled && service_is_down(&member->service) &&
	       member->unit->file && strstr(member->unit->file, "/systemd/system/");
}

const char *
member_bad(const struct member *member)
{
	return member->next_unit ? member->next_unit->bad : member->unit->bad;
}

void
member_take_next_unit(struct member *member)
{
	free_unit(member);
	member->unit = member->next_unit;
	member->next_unit = NULL;
	member->unit->transient = is_transient(member->manager, member->unit);
	member->service.unit = member->unit;
	depend_register(member);
	pipes_limits(member);
}

struct member *
member_get(struct manager *manager, const char *name, struct err *err)
{
	struct member *member = member_find(manager, name);
	struct unit *unit;

	if (member) {
		return member;
	}
	if (name_is_template(name)) {
		(void)err_set(err, "%s is a template: give it an instance, as in %s1", name, name);
		return NULL;
	}
	if (manager->members.count >= LIMIT_UNITS) {
		(void)err_set(err, "there are %d units already, more are not kept", LIMIT_UNITS);
		return NULL;
	}
	unit = load_unit(manager, name, err);
	return unit ? member_new(manager, name, unit) : NULL;
}

static void
load_instances(struct manager *manager, const char *template)
{
	struct unit *unit = map_get(&manager->templates, template);
	int64_t count;

	if (!unit) {
		unit = unit_load(template, member_directories(manager), NULL);
		if (!unit) {
			return;
		}
		unit->transient = is_transient(manager, unit);
		map_set(&manager->templates, unit->name, unit);
	}
	count = MIN(unit->instances, LIMIT_INSTANCES);
	for (int64_t i = 1; i <= count; i++) {
		autofree char *name = str_format("%s%lld", template, (long long)i);

		(void)member_get(manager, name, NULL);
	}
}

/* something that changes with each change in the directories; 0: they may be changing just now */
static uint64_t
directories_stamp(const struct manager *manager)
{
	int64_t now = clock_wall();
	uint64_t stamp = 1;

	for (char **d = member_directories(manager); d && *d; d++) {
		struct stat st = { 0 };
		int64_t changed;

		(void)stat(*d, &st); /* missing: zeroes */
		changed = (int64_t)st.st_mtim.tv_sec * CLOCK_S + st.st_mtim.tv_nsec;
		if (changed > now - SETTLED_NS) {
			return 0;
		}
		stamp = (stamp ^ (uint64_t)changed ^ st.st_ino) * 0x100000001b3ULL;
	}
	return stamp ? stamp : 1;
}

void
member_load_all(struct manager *manager)
{
	uint64_t stamp = directories_stamp(manager);
	char **names;

	if (stamp && stamp == manager->directories_seen) {
		return;
	}
	manager->directories_seen = stamp;
	names = unit_names(member_directories(manager));
	for (size_t i = 0; names && names[i]; i++) {
		if (name_is_template(names[i])) {
			load_instances(manager, names[i]);
		} else {
			(void)member_get(manager, names[i], NULL);
		}
	}
	names = strv_free(names);
}
