/* Up: with a process, without one (RemainAfterExit=), or reloading. A reload never ends a service:
 * when it fails or takes too long the service is told not to be reloaded and goes on. */
#include "states/service.h"
#include "base/clock.h"
#include <signal.h>

/* ---- RUNNING ---- */
/* it has ended by itself: ExecStop= is only for what did not fail */
static enum service_state
ended(const struct service *s)
{
	if (s->why != WHY_NONE) {
		return SERVICE_TERM;
	}
	return s->unit->remain_after_exit ? SERVICE_EXITED : SERVICE_STOPPING;
}

enum service_state
service_up_running_enter(struct service *s, const struct event *e, struct orders *out)
{
	bool by_kin = service_lives_by_kin(s);
	int64_t longest = s->unit->runtime_max > 0 ? s->unit->runtime_max : CLOCK_NEVER;

	/* with ExecStartPost= a main that failed meanwhile never was up; without, being up is not a
	 * question of which of the two is heard of first */
	if (!s->was_up && (s->why == WHY_NONE || s->unit->exec_start_post.count == 0)) {
		s->was_up = true;
		s->up_since = e->now;
		service_tell(out, TOLD_UP);
	}
	if (!s->alive[PART_MAIN] && !by_kin) {
		return ended(s);
	}
	if (by_kin) {
		orders_add(out, (struct order){ .kind = ORDER_SWEEP });
	}
	if (s->deadline[TIMER_RUNTIME] == CLOCK_NEVER) {
		service_set_timer(s, TIMER_RUNTIME, service_later(s->up_since, longest), out);
	}
	return s->state;
}

static bool
can_reload(const struct service *s)
{
	return s->unit->exec_reload.count > 0 ||
	       (s->unit->type == TYPE_NOTIFY_RELOAD && s->alive[PART_MAIN]);
}

static enum service_state
asked_reload(struct service *s, struct orders *out)
{
	if (can_reload(s)) {
		return SERVICE_RELOADING;
	}
	service_tell(out, TOLD_NOT_RELOADED);
	return s->state;
}

enum service_state
service_up_running_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED: service_fail(s, service_launch_result(s, e)); return ended(s);
	case EVENT_EMPTY:
		if (!service_lives_by_kin(s)) {
			return IGNORE(s);
		}
		s->swept = true;
		return ended(s);
	case EVENT_MAIN_FOUND: service_adopt_main(s); return s->state;
	case EVENT_READY: s->ready_seen = true; return s->state;
	case EVENT_RELOADING: return SERVICE_RELOADING;
	case EVENT_STOPPING: return SERVICE_TERM;
	case EVENT_TRIGGER: service_fail(s, WHY_WATCHDOG); return SERVICE_ABORT;
	case EVENT_OOM: return service_minds_oom(s) ? SERVICE_STOPPING : IGNORE(s);
	case EVENT_DEADLINE:
		if (e->timer == TIMER_WATCHDOG) {
			service_fail(s, WHY_WATCHDOG);
			return SERVICE_ABORT;
		}
		service_fail(s, WHY_RUNTIME);
		return SERVICE_STOPPING;
	case EVENT_ALIVE:
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START: service_tell(out, TOLD_UP); return s->state;
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_DEPENDENCY: service_ask_down(s, e, out); return SERVICE_STOPPING;
	case EVENT_ASKED_RELOAD: return asked_reload(s, out);
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_RELEASED:
	case EVENT_PREPARED:
	case EVENT_UNPREPARED:
	case EVENT_EXECED:
	case EVENT_MAIN_MISSING:
	case EVENT_REMAIN:
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

/* ---- EXITED ---- */
enum service_state
service_up_exited_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_ASKED_START: service_tell(out, TOLD_UP); return s->state;
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_DEPENDENCY: service_ask_down(s, e, out); return SERVICE_STOPPING;
	case EVENT_OOM: return service_minds_oom(s) ? SERVICE_STOPPING : IGNORE(s);
	case EVENT_ASKED_RELOAD: return asked_reload(s, out);
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_RELEASED:
	case EVENT_PREPARED:
	case EVENT_UNPREPARED:
	case EVENT_MAIN_FOUND:
	case EVENT_MAIN_MISSING:
	case EVENT_READY:
	case EVENT_RELOADING:
	case EVENT_STOPPING:
	case EVENT_ALIVE:
	case EVENT_TRIGGER:
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN:
	case EVENT_EMPTY:
	case EVENT_REMAIN:
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_EXECED:
	case EVENT_LAUNCH_FAILED:
	case EVENT_EXITED:
	case EVENT_DEADLINE:
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

/* ---- RELOADING ---- */
enum service_state
service_up_reloading_enter(struct service *s, const struct event *e, struct orders *out)
{
	s->reloading = e->kind == EVENT_RELOADING;
	s->ready_seen = false;
	s->step = STEP_NONE;
	if (s->reloading) {
		return s->state; /* it does so by itself: READY=1 will say that it is done */
	}
	if (s->unit->type == TYPE_NOTIFY_RELOAD && s->alive[PART_MAIN]) {
		orders_add(out, (struct order){ .kind = ORDER_SIGNAL,
						.whom = WHOM_MAIN,
						.signal = SIGHUP,
						.with_cont = true });
	}
	(void)service_launch_first(s, STEP_RELOAD, out);
	return s->state;
}

static enum service_state
leave_reload(struct service *s, bool reloaded, enum service_state to, struct orders *out)
{
	if (!s->alive[PART_CONTROL]) {
		s->step = STEP_NONE;
	}
	s->reloading = false;
	service_tell(out, reloaded ? TOLD_RELOADED : TOLD_NOT_RELOADED);
	return to;
}

/* the commands are through (or there were none): is there still something that it has to say? */
static enum service_state
reload_commands_done(struct service *s, struct orders *out)
{
	bool must_say = s->unit->type == TYPE_NOTIFY_RELOAD && !s->ready_seen;

	s->step = STEP_NONE;
	if (s->unit->type == TYPE_FORKING && s->unit->pid_file) {
		orders_add(out, (struct order){ .kind = ORDER_FIND_MAIN });
	}
	if (s->alive[PART_MAIN] && (must_say || s->reloading)) {
		return s->state;
	}
	return leave_reload(s, s->why == WHY_NONE, SERVICE_RUNNING, out);
}

static enum service_state
reload_part_ended(struct service *s, const struct event *e, struct orders *out)
{
	enum why why = service_launch_result(s, e);

	if (e->part == PART_MAIN) {
		service_fail(s, why);
		return s->alive[PART_CONTROL] ? s->state
					      : leave_reload(s, false, SERVICE_RUNNING, out);
	}
	if (why != WHY_NONE) {
		return leave_reload(s, false, SERVICE_RUNNING, out);
	}
	return service_launch_next(s, e, out) ? s->state : reload_commands_done(s, out);
}

static enum service_state
reload_deadline(struct service *s, const struct event *e, struct orders *out)
{
	if (e->timer == TIMER_WATCHDOG) {
		service_fail(s, WHY_WATCHDOG);
		return leave_reload(s, false, SERVICE_ABORT, out);
	}
	if (e->timer == TIMER_RUNTIME) {
		service_fail(s, WHY_RUNTIME);
		return leave_reload(s, false,
				    s->alive[PART_CONTROL] ? SERVICE_TERM : SERVICE_STOPPING, out);
	}
	if (!s->alive[PART_CONTROL]) {
		return leave_reload(s, false, SERVICE_RUNNING, out);
	}
	/* its end is what ends the reload: no second command beside one that is still there */
	orders_add(out,
		   (struct order){ .kind = ORDER_SIGNAL, .whom = WHOM_CONTROL, .signal = SIGKILL });
	return s->state;
}

static enum service_state
reload_ready(struct service *s, struct orders *out)
{
	if (!s->reloading) {
		return IGNORE(s); /* an old one, on its way since before the reload */
	}
	s->reloading = false;
	s->ready_seen = true;
	return s->alive[PART_CONTROL] ? s->state : leave_reload(s, true, SERVICE_RUNNING, out);
}

enum service_state
service_up_reloading_on(struct service *s, const struct event *e, struct orders *out)
{
	enum service_state down = s->alive[PART_CONTROL] ? SERVICE_TERM : SERVICE_STOPPING;

	switch (e->kind) {
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED: return reload_part_ended(s, e, out);
	case EVENT_READY: return reload_ready(s, out);
	case EVENT_RELOADING: s->reloading = true; return s->state;
	case EVENT_DEADLINE: return reload_deadline(s, e, out);
	case EVENT_STOPPING: return leave_reload(s, false, SERVICE_TERM, out);
	case EVENT_TRIGGER:
		service_fail(s, WHY_WATCHDOG);
		return leave_reload(s, false, SERVICE_ABORT, out);
	case EVENT_OOM: return service_minds_oom(s) ? leave_reload(s, false, down, out) : IGNORE(s);
	case EVENT_EMPTY:
		if (!service_lives_by_kin(s) || s->alive[PART_CONTROL]) {
			return IGNORE(s);
		}
		s->swept = true;
		return leave_reload(s, false, SERVICE_RUNNING, out);
	case EVENT_MAIN_FOUND: service_adopt_main(s); return s->state;
	case EVENT_ALIVE:
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START: service_tell(out, TOLD_UP); return s->state;
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_DEPENDENCY:
		service_ask_down(s, e, out);
		return leave_reload(s, false, down, out);
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_ASKED_RELOAD: /* answered together with the one that goes on */
	case EVENT_RELEASED:
	case EVENT_PREPARED:
	case EVENT_UNPREPARED:
	case EVENT_EXECED:
	case EVENT_MAIN_MISSING:
	case EVENT_REMAIN:
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}
