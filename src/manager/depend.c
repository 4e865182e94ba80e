/* depend: units that name other units. What is needed is started with it, in order; what needs it
 * is stopped with it, in order; an end is passed on to those bound to it.
 *
 * Nothing here is a plan that must survive: a start puts each unit of its closure into the state
 * HELD (the rules do) and lets go those whose predecessors are up, each time something changes. A
 * stop marks members `pending` and sends the real one to each when all that is ordered after it is
 * down. If the manager dies meanwhile, HELD is in the ledger and looked at again; a pending stop is
 * lost and the client, which has no answer yet, asks again.
 *
 * Most units name nothing: only those that do are on manager.depending, so ten thousand instances
 * cost nothing here. */
#include "manager/core.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- who names whom ---- */
static bool
depend_names_any(const struct unit *unit)
{
	return unit->requires || unit->requisite || unit->wants || unit->binds_to ||
	       unit->part_of || unit->conflicts || unit->before || unit->after;
}

void
depend_register(struct member *member)
{
	list_remove(&member->depending);
	if (depend_names_any(member->unit)) {
		list_add(&member->manager->depending, &member->depending);
	}
}

void
depend_unregister(struct member *member)
{
	list_remove(&member->depending);
	list_remove(&member->held_link);
	list_remove(&member->pending_link);
	member->pending = PENDING_NONE;
}

static bool
depend_goes_with(const struct member *member, const char *name) /* is stopped when that one is */
{
	return strv_has(member->unit->requires, name) || strv_has(member->unit->binds_to, name) ||
	       strv_has(member->unit->part_of, name);
}

static bool
depend_is_after(const struct member *member, const struct member *other)
{
	return strv_has(member->unit->after, other->name) ||
	       strv_has(other->unit->before, member->name);
}

/* ---- starting ---- */
struct closure { /* the units of one start, what is needed before what needs it */
	struct member **list;
	size_t count, size;
	struct member **path; /* being visited: for naming a cycle */
	size_t depth, path_size;
};

static void
closure_done(struct closure *closure)
{
	free(closure->list);
	free(closure->path);
}

static void
closure_push(struct member ***list, size_t *count, size_t *size, struct member *member)
{
	if (*count == *size) {
		*size = *size ? *size * 2 : 16;
		*list = realloc(*list, *size * sizeof(**list));
		CHECK(*list);
	}
	(*list)[(*count)++] = member;
}

static bool
closure_has(const struct closure *closure, const struct member *member)
{
	for (size_t i = 0; i < closure->count; i++) {
		if (closure->list[i] == member) {
			return true;
		}
	}
	return false;
}

static bool
closure_cycle(const struct closure *closure, const struct member *member, struct err *err)
{
	struct buf words;
	bool within = false;

	buf_init(&words, ERR_TEXT_MAX);
	for (size_t i = 0; i < closure->depth; i++) {
		within |= closure->path[i] == member;
		if (within) {
			(void)buf_addf(&words, "%s after ", closure->path[i]->name);
		}
	}
	err_set(err, "the order of these units is a circle: %s%s; take one After= or Before= out",
		buf_str(&words), member->name);
	buf_done(&words);
	return false;
}

static bool closure_visit(struct closure *closure, struct member *member, struct err *err);

/* those named in `names` are part of the start; a missing one matters when `needed` */
static bool
closure_visit_names(struct closure *closure, struct member *member, char *const *names, bool needed,
		    struct err *err)
{
	for (size_t i = 0; names && names[i]; i++) {
		struct err why;
		struct member *other = member_get(member->manager, names[i], &why);
		if (!other && needed) {
			return err_set(err, "%s needs %s, which cannot be had: %s", member->name,
				       names[i], why.text);
		}
		if (other && needed && other->unit->bad) {
			return err_set(err, "%s needs %s, which is bad: %s", member->name, names[i],
				       other->unit->bad);
		}
		if (other && !other->unit->bad && !closure_visit(closure, other, err)) {
			return false;
		}
	}
	return true;
}

static bool
closure_on_path(const struct closure *closure, const struct member *member)
{
	for (size_t i = 0; i < closure->depth; i++) {
		if (closure->path[i] == member) {
			return true;
		}
	}
	return false;
}

static bool
closure_visit(struct closure *closure, struct member *member, struct err *err)
{
	if (closure_has(closure, member) || closure_on_path(closure, member)) {
		return true;
	}
	closure_push(&closure->path, &closure->depth, &closure->path_size, member);
	if (!closure_visit_names(closure, member, member->unit->requires, true, err) ||
	    !closure_visit_names(closure, member, member->unit->binds_to, true, err) ||
	    !closure_visit_names(closure, member, member->unit->wants, false, err)) {
		return false;
	}
	closure->depth--;
	closure_push(&closure->list, &closure->count, &closure->size, member);
	return true;
}

/* order within the closure: a depth-first walk along "after" */
static bool
closure_sort_visit(const struct closure *from, struct closure *to, struct member *member,
		   struct err *err)
{
	if (closure_has(to, member)) {
		return true;
	}
	if (closure_on_path(to, member)) {
		return closure_cycle(to, member, err);
	}
	closure_push(&to->path, &to->depth, &to->path_size, member);
	for (size_t i = 0; i < from->count; i++) {
		if (from->list[i] != member && depend_is_after(member, from->list[i]) &&
		    !closure_sort_visit(from, to, from->list[i], err)) {
			return false;
		}
	}
	to->depth--;
	closure_push(&to->list, &to->count, &to->size, member);
	return true;
}

static bool
closure_sort(struct closure *closure, struct err *err)
{
	struct closure sorted = { 0 };
	bool ok = true;

	for (size_t i = 0; i < closure->count && ok; i++) {
		ok = closure_sort_visit(closure, &sorted, closure->list[i], err);
	}
	if (!ok) {
		closure_done(&sorted);
		return false;
	}
	closure_done(closure);
	*closure = sorted;
	return true;
}

static bool
depend_is_starting(const struct member *member)
{
	return service_shown(&member->service) == SHOWN_STARTING ||
	       !list_is_empty((struct list *)&member->events);
}

static void
depend_stop_conflicts(struct member *member)
{
	struct manager *manager = member->manager;

	for (size_t i = 0; member->unit->conflicts && member->unit->conflicts[i]; i++) {
		struct member *other = member_find(manager, member->unit->conflicts[i]);
		if (other && !service_is_down(&other->service)) {
			autofree char *by = str_format("conflicts with %s", member->name);
			depend_stop(other, by);
		}
	}
	LIST_EACH(other, &manager->depending, struct member, depending) {
		if (other != member && strv_has(other->unit->conflicts, member->name) &&
		    !service_is_down(&other->service)) {
			autofree char *by = str_format("conflicts with %s", member->name);
			depend_stop(other, by);
		}
	}
}

static void depend_restart(struct member *member);

bool
depend_start(struct member *member, bool restart, struct err *err)
{
	struct closure closure = { 0 };
	bool ok = closure_visit(&closure, member, err) && closure_sort(&closure, err);

	for (size_t i = 0; ok && i < closure.count; i++) {
		struct member *one = closure.list[i];
		if (one == member && restart) {
			depend_restart(member);
		} else if (one == member ||
			   (!service_is_up(&one->service) && !depend_is_starting(one))) {
			depend_stop_conflicts(one);
			member_event_simple(one, EVENT_ASKED_START);
		}
	}
	closure_done(&closure);
	return ok;
}

static bool
depend_is_on_its_way(const struct member *member)
{
	/* a pause before another try is a failure for those who wait: they would wait for ever */
	return depend_is_starting(member);
}

static bool
depend_still_stopping(const struct member *member)
{
	return !service_is_down(&member->service) && member->service.state != SERVICE_WAITING;
}

static bool
depend_waits_for(const struct member *member, const struct member *other)
{
	if (other == member) {
		return false;
	}
	if (depend_is_after(member, other) && depend_is_on_its_way(other)) {
		return true;
	}
	return (strv_has(member->unit->conflicts, other->name) ||
		strv_has(other->unit->conflicts, member->name)) &&
	       depend_still_stopping(other) && other->service.state != SERVICE_HELD;
}

bool
depend_is_released(struct member *member)
{
	struct manager *manager = member->manager;
	char *const *lists[] = { member->unit->after, member->unit->conflicts };

	for (size_t k = 0; k < COUNT(lists); k++) {
		for (size_t i = 0; lists[k] && lists[k][i]; i++) {
			struct member *other = member_find(manager, lists[k][i]);
			if (other && depend_waits_for(member, other)) {
				return false;
			}
		}
	}
	LIST_EACH(other, &manager->depending, struct member, depending) {
		if (depend_waits_for(member, other)) {
			return false;
		}
	}
	return true;
}

/* something it needs is not there and will not come? */
static bool
depend_has_failed(struct member *member)
{
	char *const *lists[] = { member->unit->requires, member->unit->binds_to,
				 member->unit->requisite };

	for (size_t k = 0; k < COUNT(lists); k++) {
		for (size_t i = 0; lists[k] && lists[k][i]; i++) {
			struct member *other = member_find(member->manager, lists[k][i]);
			bool ended_well;
			if (!other) {
				return true;
			}
			ended_well = other->service.state == SERVICE_DONE ||
				     service_is_up(&other->service);
			if (!ended_well && !depend_is_on_its_way(other) &&
			    (depend_is_after(member, other) ||
			     lists[k] == member->unit->requisite)) {
				str_replace(&member->failure, NULL);
				member->failure =
					str_format("%s, which it needs, is %s", other->name,
						   shown_name(service_shown(&other->service)));
				return true;
			}
		}
	}
	return false;
}

static void
depend_look_at_held(struct member *member)
{
	if (member->service.state != SERVICE_HELD || !list_is_empty(&member->events) ||
	    !depend_is_released(member)) {
		return;
	}
	member_event_simple(member, depend_has_failed(member) ? EVENT_DEPENDENCY : EVENT_RELEASED);
}

/* ---- stopping ---- */
/* the ones that are stopped with it, and with those */
static void
depend_mark(struct member *member, int pending, const char *by)
{
	struct manager *manager = member->manager;

	if (member->pending != PENDING_NONE) {
		return;
	}
	member->pending = pending;
	list_remove(&member->pending_link);
	list_add(&manager->pending, &member->pending_link);
	if (by) {
		str_replace(&member->by, by);
	}
	LIST_EACH(other, &manager->depending, struct member, depending) {
		if (other != member && depend_goes_with(other, member->name) &&
		    !service_is_down(&other->service)) {
			autofree char *words = str_format("goes with %s", member->name);
			depend_mark(other, pending, words);
		}
	}
}

static bool
depend_may_stop(const struct member *member)
{
	LIST_EACH(other, &member->manager->depending, struct member, depending) {
		if (other != member && depend_is_after(other, member) &&
		    (other->pending != PENDING_NONE ||
		     service_shown(&other->service) == SHOWN_STOPPING ||
		     !list_is_empty(&other->events))) {
			return false;
		}
	}
	/* its own After= may be the only thing that names the other */
	LIST_EACH(other, &member->manager->pending, struct member, pending_link) {
		if (other != member && depend_is_after(other, member)) {
			return false;
		}
	}
	return true;
}

static void
depend_release_stop(struct member *member)
{
	bool restart = member->pending == PENDING_RESTART;

	member->pending = PENDING_NONE;
	list_remove(&member->pending_link);
	receipt_open(member);
	member_event_simple(member, restart ? EVENT_ASKED_RESTART : EVENT_ASKED_STOP);
}

static bool
depend_any_stopping(const struct manager *manager)
{
	LIST_EACH(other, &manager->depending, struct member, depending) {
		if (service_shown(&other->service) == SHOWN_STOPPING ||
		    !list_is_empty(&other->events)) {
			return true;
		}
	}
	return false;
}

/* sends the real stop to each pending one whose turn it is; a circle of After= is cut at its first
 */
static void
depend_release_stops(struct manager *manager)
{
	bool again = true;

	while (again) {
		again = false;
		LIST_EACH(member, &manager->pending, struct member, pending_link) {
			if (depend_may_stop(member)) {
				depend_release_stop(member);
				again = true;
			}
		}
	}
	if (!list_is_empty(&manager->pending) && !depend_any_stopping(manager)) {
		depend_release_stop(LIST_FIRST(&manager->pending, struct member, pending_link));
	}
}

void
depend_mark_stop(struct member *member, const char *by)
{
	depend_mark(member, PENDING_STOP, by);
}

void
depend_begin_stops(struct manager *manager)
{
	depend_release_stops(manager);
}

void
depend_stop(struct member *member, const char *by)
{
	depend_mark_stop(member, by);
	depend_begin_stops(member->manager);
}

static void
depend_restart(struct member *member)
{
	depend_mark(member, PENDING_RESTART, NULL);
	depend_release_stops(member->manager);
}

/* ---- what a change means to others ---- */
static void
depend_pass_on_end(struct member *member)
{
	struct manager *manager = member->manager;

	LIST_EACH(other, &manager->depending, struct member, depending) {
		if (other != member && strv_has(other->unit->binds_to, member->name) &&
		    service_is_up(&other->service)) {
			str_replace(&other->by, NULL);
			other->by = str_format("%s, to which it is bound, is gone", member->name);
			member_event_simple(other, EVENT_DEPENDENCY);
		}
	}
}

void
depend_changed(struct member *member, enum service_state old)
{
	struct manager *manager = member->manager;

	if (member->service.state != old) {
		list_remove(&member->held_link);
		if (member->service.state == SERVICE_HELD) {
			list_add(&manager->held, &member->held_link);
		}
		if (service_is_down(&member->service)) {
			depend_pass_on_end(member);
		}
	}
	LIST_EACH(held, &manager->held, struct member, held_link) {
		if (held == member || !list_is_empty(&held->depending)) {
			depend_look_at_held(held);
		}
	}
	if (!list_is_empty(&manager->pending)) {
		depend_release_stops(manager);
	}
}

void
depend_trigger(struct member *member, bool success)
{
	char *const *names = success ? member->unit->on_success : member->unit->on_failure;

	for (size_t i = 0; names && names[i]; i++) {
		struct err err;
		struct member *other = member_get(member->manager, names[i], &err);
		if (!other || !depend_start(other, false, &err)) {
			(void)fprintf(stderr, "tendd: %s names %s, which cannot be started: %s\n",
				      member->name, names[i], err.text);
		}
	}
}
