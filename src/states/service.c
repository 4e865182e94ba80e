/* The table of states, the only entrance and the only setter. What a state does is in the file of
 * its phase: service-rest.c, service-start.c, service-up.c, service-stop.c; this file knows none of
 * them apart except by their rows.
 *
 * An end is noted before the state hears of it, so that no state has to remember to; and what
 * concerns nobody (the end of a part that is not alive, a timer that is not armed) is dropped here,
 * so that a replay does no harm. */
#include "states/service.h"
#include "base/check.h"
#include "base/clock.h"

/* SIGKILL ends a process at once, unless it waits in the kernel for a disk that is gone. This long
 * on a machine that is very busy; TimeoutStopSec= may be milliseconds and would call healthy
 * processes survivors. */
static const int64_t KILL_PATIENCE_NS = 30 * CLOCK_S;

bool service_strict;
void (*service_trace)(const struct service *service, enum service_state old,
		      const struct event *event);

/* clang-format off */
const struct row service_rows[] = {
	[SERVICE_STOPPED] = { .name = "stopped", .shown = SHOWN_STOPPED, .down = true,
		.on = service_rest_down_on },
	[SERVICE_HELD] = { .name = "held", .shown = SHOWN_STARTING,
		.on = service_rest_held_on },
	[SERVICE_CONDITION] = { .name = "condition", .shown = SHOWN_STARTING,
		.patience = PATIENCE_START,
		.parts = PARTS_CONTROL, .step = STEP_CONDITION,
		.enter = service_start_condition_enter, .on = service_start_condition_on },
	[SERVICE_PRE] = { .name = "start-pre", .shown = SHOWN_STARTING,
		.patience = PATIENCE_START,
		.parts = PARTS_CONTROL, .step = STEP_PRE,
		.enter = service_start_pre_enter, .on = service_start_pre_on },
	[SERVICE_START] = { .name = "start", .shown = SHOWN_STARTING, .patience = PATIENCE_START,
		.parts = PARTS_MAIN,
		.enter = service_start_main_enter, .on = service_start_main_on },
	[SERVICE_POST] = { .name = "start-post", .shown = SHOWN_STARTING,
		.patience = PATIENCE_START,
		.parts = PARTS_ALL, .step = STEP_POST, .watched = true,
		.enter = service_start_post_enter, .on = service_start_post_on },
	[SERVICE_RUNNING] = { .name = "running", .shown = SHOWN_RUNNING, .parts = PARTS_MAIN,
		.up = true, .timed = true, .watched = true,
		.enter = service_up_running_enter, .on = service_up_running_on },
	[SERVICE_EXITED] = { .name = "exited", .shown = SHOWN_RUNNING, .up = true,
		.on = service_up_exited_on },
	[SERVICE_RELOADING] = { .name = "reloading", .shown = SHOWN_RELOADING,
		.patience = PATIENCE_START,
		.parts = PARTS_ALL, .step = STEP_RELOAD,
		.up = true, .timed = true, .watched = true,
		.enter = service_up_reloading_enter, .on = service_up_reloading_on },
	[SERVICE_STOPPING] = { .name = "stopping", .shown = SHOWN_STOPPING,
		.patience = PATIENCE_STOP,
		.parts = PARTS_ALL, .step = STEP_STOP,
		.enter = service_stop_command_enter, .on = service_stop_command_on },
	[SERVICE_TERM] = { .name = "term", .shown = SHOWN_STOPPING, .patience = PATIENCE_STOP,
		.parts = PARTS_ALL,
		.enter = service_stop_term_enter, .on = service_stop_term_on },
	[SERVICE_KILL] = { .name = "kill", .shown = SHOWN_STOPPING, .patience = PATIENCE_KILL,
		.parts = PARTS_ALL,
		.enter = service_stop_kill_enter, .on = service_stop_kill_on },
	[SERVICE_ABORT] = { .name = "abort", .shown = SHOWN_STOPPING, .patience = PATIENCE_ABORT,
		.parts = PARTS_ALL,
		.enter = service_stop_term_enter, .on = service_stop_term_on },
	[SERVICE_STOP_POST] = { .name = "stop-post", .shown = SHOWN_STOPPING,
		.patience = PATIENCE_STOP,
		.parts = PARTS_ALL, .step = STEP_STOP_POST,
		.enter = service_stop_post_enter, .on = service_stop_post_on },
	[SERVICE_FINAL_TERM] = { .name = "final-term", .shown = SHOWN_STOPPING,
		.patience = PATIENCE_STOP,
		.parts = PARTS_ALL, .final = true,
		.enter = service_stop_term_enter, .on = service_stop_term_on },
	[SERVICE_FINAL_KILL] = { .name = "final-kill", .shown = SHOWN_STOPPING,
		.patience = PATIENCE_KILL,
		.parts = PARTS_ALL, .final = true,
		.enter = service_stop_kill_enter, .on = service_stop_kill_on },
	[SERVICE_WAITING] = { .name = "waiting", .shown = SHOWN_WAITING,
		.patience = PATIENCE_PAUSE,
		.on = service_rest_waiting_on },
	[SERVICE_DONE] = { .name = "done", .shown = SHOWN_DONE, .down = true,
		.on = service_rest_down_on },
	[SERVICE_FAILED] = { .name = "failed", .shown = SHOWN_FAILED, .down = true,
		.on = service_rest_down_on },
};
/* clang-format on */
_Static_assert(COUNT(service_rows) == SERVICE_STATE_COUNT, "a row for each state");

/* ---- questions ---- */
const char *
service_state_name(enum service_state state)
{
	return (unsigned)state < COUNT(service_rows) ? service_rows[state].name : "?";
}

enum shown
service_shown(const struct service *service)
{
	return service_rows[service->state].shown;
}

bool
service_is_up(const struct service *service)
{
	return service_rows[service->state].up;
}

bool
service_is_down(const struct service *service)
{
	return service_rows[service->state].down;
}

bool
service_any_alive(const struct service *s)
{
	return s->alive[PART_MAIN] || s->alive[PART_CONTROL];
}

bool
service_seeks_main(const struct service *s)
{
	return s->unit->type == TYPE_FORKING && !s->alive[PART_MAIN] && !s->main_known;
}

bool
service_lives_by_kin(const struct service *s)
{
	return service_seeks_main(s) && !s->swept;
}

/* ---- small steps ---- */
void
service_adopt_main(struct service *s)
{
	s->alive[PART_MAIN] = true;
	s->main_known = false; /* the outcome so far was another's */
	s->swept = false;
}

void
service_tell(struct orders *out, enum told told)
{
	orders_add(out, (struct order){ .kind = ORDER_TELL, .told = told });
}

void
service_fail(struct service *s, enum why why)
{
	if (s->why == WHY_NONE) {
		s->why = why;
	}
}

bool
service_minds_oom(struct service *s)
{
	if (s->unit->oom_policy == OOM_STOP) {
		service_fail(s, WHY_OOM);
	}
	return s->unit->oom_policy == OOM_STOP;
}

void
service_ask_down(struct service *s, const struct event *e, struct orders *out)
{
	bool again = e->kind == EVENT_ASKED_RESTART;

	if (s->wish == WISH_START && !again) {
		service_tell(out, TOLD_NOT_UP); /* who asked for the start that was to follow */
	}
	s->why = e->kind == EVENT_DEPENDENCY ? WHY_DEPENDENCY : WHY_ASKED;
	s->asked = true;
	s->restarting = again;
	s->wish = again ? WISH_START : WISH_STOP;
}

void
service_forget(struct service *s)
{
	s->limit_starts = 0;
	s->limit_from = 0;
	s->restarts = 0;
	s->pauses = 0;
}

int64_t
service_later(int64_t now, int64_t span)
{
	return span < 0 || span >= CLOCK_NEVER - now ? CLOCK_NEVER : now + span;
}

void
service_set_timer(struct service *s, enum service_timer timer, int64_t at, struct orders *out)
{
	struct order order = { .kind = ORDER_ARM, .timer = timer, .at = at };

	if (at == CLOCK_NEVER) {
		if (s->deadline[timer] == CLOCK_NEVER) {
			return;
		}
		order = (struct order){ .kind = ORDER_DISARM, .timer = timer };
	}
	s->deadline[timer] = at;
	orders_add(out, order);
}

enum service_state
service_keep(struct service *s, const struct event *e, struct orders *out)
{
	bool watched = service_rows[s->state].watched;

	if (e->kind == EVENT_EXTEND) {
		int64_t at = service_later(e->now, e->span);

		for (enum service_timer timer = 0; timer < TIMER_COUNT; timer++) {
			if (s->deadline[timer] < at) {
				service_set_timer(s, timer, at, out);
			}
		}
		return s->state;
	}
	if (e->kind == EVENT_WATCHDOG_SPAN) {
		s->watchdog = e->span;
	}
	if (watched) {
		service_set_timer(
			s, TIMER_WATCHDOG,
			s->watchdog > 0 ? service_later(e->now, s->watchdog) : CLOCK_NEVER, out);
	}
	return s->state;
}

enum service_state
service_impossible(struct service *s, const struct event *e)
{
	CHECK(!service_strict);
	if (service_trace) {
		service_trace(s, s->state, e);
	}
	return s->state;
}

/* ---- the setter ---- */
static int64_t
deadline_of(const struct service *s, const struct event *e)
{
	const struct unit *unit = s->unit;

	switch (service_rows[s->state].patience) {
	case PATIENCE_NONE: break;
	case PATIENCE_START: return service_later(e->now, unit->timeout_start);
	case PATIENCE_STOP: return service_later(e->now, unit->timeout_stop);
	case PATIENCE_ABORT:
		return service_later(e->now, unit->timeout_abort < 0 ? unit->timeout_stop
								     : unit->timeout_abort);
	case PATIENCE_KILL: return service_later(e->now, KILL_PATIENCE_NS);
	case PATIENCE_PAUSE: return service_later(e->now, restart_pause(s, e->chance));
	}
	return CLOCK_NEVER;
}

static void
settle_timers(struct service *s, const struct event *e, struct orders *out)
{
	const struct row *row = &service_rows[s->state];

	service_set_timer(s, TIMER_STATE, deadline_of(s, e), out);
	if (!row->timed) {
		service_set_timer(s, TIMER_RUNTIME, CLOCK_NEVER, out);
	}
	if (!row->watched) {
		service_set_timer(s, TIMER_WATCHDOG, CLOCK_NEVER, out);
	}
}

/* a good life makes the pauses short again; it is over with the first step down, not with the last
 */
static void
note_life(struct service *s, enum service_state to, const struct event *e)
{
	if (s->was_up && service_rows[s->state].up && !service_rows[to].up &&
	    e->now - s->up_since >= s->unit->backoff_reset) {
		s->pauses = 0;
	}
}

static void
service_enter(struct service *s, enum service_state to, const struct event *e, struct orders *out)
{
	while (to != s->state) {
		enum service_state old = s->state;

		note_life(s, to, e);
		s->state = to;
		s->entered = e->now;
		if (service_trace) {
			service_trace(s, old, e);
		}
		if (service_rows[to].enter) {
			to = service_rows[to].enter(s, e, out);
		}
	}
	settle_timers(s, e, out);
}

/* ---- the entrance ---- */
void
service_init(struct service *service, const struct unit *unit)
{
	*service = (struct service){ .unit = unit, .state = SERVICE_STOPPED };
	for (enum service_timer timer = 0; timer < TIMER_COUNT; timer++) {
		service->deadline[timer] = CLOCK_NEVER;
	}
}

/* is there something in the service that this event speaks of? */
static bool
concerns(const struct service *s, const struct event *e)
{
	switch (e->kind) {
	case EVENT_EXECED:
	case EVENT_LAUNCH_FAILED:
	case EVENT_EXITED: return s->alive[e->part];
	case EVENT_DEADLINE:
		return s->deadline[e->timer] != CLOCK_NEVER && e->now >= s->deadline[e->timer];
	case EVENT_ASKED_START:
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_ASKED_RELOAD:
	case EVENT_ASKED_RESET:
	case EVENT_RELEASED:
	case EVENT_DEPENDENCY:
	case EVENT_PREPARED:
	case EVENT_UNPREPARED:
	case EVENT_MAIN_FOUND:
	case EVENT_MAIN_MISSING:
	case EVENT_READY:
	case EVENT_RELOADING:
	case EVENT_STOPPING:
	case EVENT_ALIVE:
	case EVENT_TRIGGER:
	case EVENT_OOM:
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN:
	case EVENT_EMPTY:
	case EVENT_REMAIN:
	case EVENT_SURVIVED:
	case EVENT_COUNT: break;
	}
	return e->kind < EVENT_COUNT;
}

static void
note(struct service *s, const struct event *e)
{
	if (e->kind == EVENT_DEADLINE) {
		s->deadline[e->timer] = CLOCK_NEVER; /* it came: nothing is armed any more */
	}
	if (e->kind == EVENT_EXITED || e->kind == EVENT_LAUNCH_FAILED) {
		s->alive[e->part] = false;
	}
	if (e->kind == EVENT_EXITED && e->part == PART_MAIN) {
		s->main_known = true;
		s->outcome = e->outcome;
	}
}

void
service_take(struct service *service, const struct event *event, struct orders *ret_orders)
{
	enum service_state next;

	ret_orders->count = 0;
	if (!concerns(service, event)) {
		return;
	}
	note(service, event);
	next = service_rows[service->state].on(service, event, ret_orders);
	if (next != service->state) {
		service_enter(service, next, event, ret_orders);
	}
}
