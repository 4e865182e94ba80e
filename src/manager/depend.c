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
#include "manager/closure.h"
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

bool
depend_is_after(const struct member *member, const struct member *other)
{
	return strv_has(member->unit->after, other->name) ||
	       strv_has(other->unit->before, member->name);
}

/* ---- starting ---- */
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
			autofree char *by = str_format("it conflicts with %s", member->name);
			depend_stop(other, by);
		}
	}
	LIST_EACH(other, &manager->depending, struct member, depending) {
		if (other != member && strv_has(other->unit->conflicts, member->name) &&
		    !service_is_down(&other->service)) {
			autofree char *by = str_format("it conflicts with %s", member->name);
			depend_stop(other, by);
		}
	}
}

static void depend_mark(struct member *member, int pending, const char *by);

bool
depend_start(struct member *member, bool restart, struct err *err)
{
	struct closure closure;
	bool ok = closure_make(&closure, member, err);

	for (size_t i = 0; ok && i < closure.count; i++) {
		struct member *one = closure.list[i];
		if (one == member && restart) {
			depend_mark(member, PENDING_RESTART, NULL);
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

/* is it to be stopped, and then started? */
static bool
depend_comes_again(const struct member *member)
{
	return member->pending == PENDING_RESTART ||
	       (member->service.wish == WISH_START && depend_still_stopping(member));
}

static bool
depend_waits_for(const struct member *member, const struct member *other)
{
	if (other == member) {
		return false;
	}
	if (depend_is_after(member, other) &&
	    (depend_is_on_its_way(other) || depend_comes_again(other))) {
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

/* a held one that it waits for, or NULL */
static struct member *
depend_held_before(struct member *member)
{
	LIST_EACH(other, &member->manager->held, struct member, held_link) {
		if (other->service.state == SERVICE_HELD && depend_waits_for(member, other)) {
			return other;
		}
	}
	return NULL;
}

/* is anything on its way that names others? Then it will be looked at again */
static bool
depend_anything_moves(const struct manager *manager)
{
	LIST_EACH(other, &manager->depending, struct member, depending) {
		if (!list_is_empty(&other->events) || other->pending != PENDING_NONE ||
		    (other->service.state != SERVICE_HELD &&
		     (depend_is_on_its_way(other) || depend_comes_again(other)))) {
			return true;
		}
	}
	return false;
}

/* Several starts together may have made a circle of held ones, which would wait for each other for
 * ever. It is cut at one of them. */
static void
depend_cut_circle(struct manager *manager)
{
	size_t count = list_count(&manager->held);

	if (count == 0 || depend_anything_moves(manager)) {
		return;
	}
	LIST_EACH(held, &manager->held, struct member, held_link) {
		struct member *at = list_is_empty(&held->events) ? held : NULL;
		for (size_t i = 0; at && i < count; i++) {
			at = depend_held_before(at);
		}
		if (at) { /* as many steps as there are: it is within the circle */
			(void)fprintf(stderr,
				      "tendd: %s and others are ordered after each other in a "
				      "circle; it does not wait\n",
				      at->name);
			member_event_simple(at, depend_has_failed(at) ? EVENT_DEPENDENCY
								      : EVENT_RELEASED);
			return;
		}
	}
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
			autofree char *words = str_format("it goes with %s", member->name);
			receipt_with(member, other->name);
			depend_mark(other, pending, words);
		}
	}
}

static bool
depend_goes_first(const struct member *member, const struct member *other)
{
	return other != member && depend_is_after(other, member) &&
	       (other->pending != PENDING_NONE ||
		service_shown(&other->service) == SHOWN_STOPPING ||
		!list_is_empty((struct list *)&other->events));
}

/* one that is ordered after it and not yet down, or NULL: its turn has come */
static struct member *
depend_stop_blocker(const struct member *member)
{
	char *const *before = member->unit->before;

	LIST_EACH(other, &member->manager->depending, struct member, depending) {
		if (depend_goes_first(member, other)) {
			return other;
		}
	}
	/* its own Before= may be the only thing that names the other */
	for (size_t i = 0; before && before[i]; i++) {
		struct member *other = member_find(member->manager, before[i]);
		if (other && depend_goes_first(member, other)) {
			return other;
		}
	}
	return NULL;
}

static void
depend_release_stop(struct member *member)
{
	bool restart = member->pending == PENDING_RESTART;

	receipt_open(member);
	member->pending = PENDING_NONE;
	list_remove(&member->pending_link);
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

/* several that wait for each other's stop: one of them goes first */
static void
depend_cut_stops(struct manager *manager)
{
	size_t count = list_count(&manager->pending);

	if (count == 0 || depend_any_stopping(manager)) {
		return;
	}
	LIST_EACH(member, &manager->pending, struct member, pending_link) {
		struct member *at = member;
		for (size_t i = 0; at && i < count; i++) {
			at = depend_stop_blocker(at);
			at = at && at->pending != PENDING_NONE ? at : NULL;
		}
		if (at) {
			depend_release_stop(at);
			return;
		}
	}
}

/* sends the real stop to each pending one whose turn it is; a circle of After= is cut */
static void
depend_release_stops(struct manager *manager)
{
	bool again = true;

	while (again) {
		again = false;
		LIST_EACH(member, &manager->pending, struct member, pending_link) {
			if (!depend_stop_blocker(member)) {
				depend_release_stop(member);
				again = true;
			}
		}
	}
	depend_cut_stops(manager);
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
	/* two that name nobody cannot wait for each other: ten thousand instances cost nothing */
	LIST_EACH(held, &manager->held, struct member, held_link) {
		if (held == member || !list_is_empty(&held->depending) ||
		    !list_is_empty(&member->depending)) {
			depend_look_at_held(held);
		}
	}
	depend_cut_circle(manager);
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
