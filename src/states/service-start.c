/* On the way up: ExecCondition=, ExecStartPre=, the main command until it counts as started,
 * ExecStartPost=. Whatever goes wrong here goes straight to TERM: ExecStop= is for what was
 * started. */
#include "states/service.h"
#include "base/clock.h"

static enum service_state
failed(struct service *s, enum why why)
{
	service_fail(s, why);
	return SERVICE_TERM;
}

/* ---- CONDITION: a new run begins ---- */
enum service_state
service_start_condition_enter(struct service *s, const struct event *e, struct orders *out)
{
	s->why = WHY_NONE;
	s->wish = WISH_NONE;
	s->step = STEP_NONE;
	s->index = 0;
	s->main_known = s->asked = s->restarting = s->was_up = false;
	s->skipped = s->ready_seen = s->reloading = s->signalled = s->delivered = false;
	s->swept = true; /* nothing was launched yet */
	s->outcome = (struct outcome){ 0 };
	s->started = e->now;
	s->up_since = 0;
	s->watchdog = s->unit->watchdog;
	orders_add(out, (struct order){ .kind = ORDER_PREPARE });
	return s->state;
}

static enum service_state
condition_ended(struct service *s, const struct event *e, struct orders *out)
{
	enum why why = service_launch_result(s, e);

	if (why == WHY_NONE) {
		return service_launch_next(s, e, out) ? s->state : SERVICE_PRE;
	}
	if (why == WHY_EXIT_CODE && e->outcome.value < 255) {
		s->skipped = true;
		why = WHY_CONDITION;
	}
	return failed(s, why);
}

/* before PREPARED there is nothing to signal, nor a place to run ExecStopPost= in */
static enum service_state
condition_left(struct service *s, const struct event *e, struct orders *out)
{
	return s->step == STEP_NONE ? service_stop_over(s, e, out) : SERVICE_TERM;
}

enum service_state
service_start_condition_on(struct service *s, const struct event *e, struct orders *out)
{
	bool prepared = s->step != STEP_NONE;

	switch (e->kind) {
	case EVENT_PREPARED:
		if (prepared || service_launch_first(s, STEP_CONDITION, out)) {
			return s->state;
		}
		return SERVICE_PRE;
	case EVENT_UNPREPARED:
		if (prepared) {
			return IGNORE(s);
		}
		service_fail(s, WHY_EXEC);
		return condition_left(s, e, out);
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED: return condition_ended(s, e, out);
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_DEPENDENCY: service_ask_down(s, e, out); return condition_left(s, e, out);
	case EVENT_DEADLINE: service_fail(s, WHY_TIMEOUT); return condition_left(s, e, out);
	case EVENT_ASKED_RELOAD: service_tell(out, TOLD_NOT_RELOADED); return s->state;
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START:
	case EVENT_RELEASED:
	case EVENT_EXECED:
	case EVENT_MAIN_FOUND:
	case EVENT_MAIN_MISSING:
	case EVENT_READY:
	case EVENT_RELOADING:
	case EVENT_STOPPING:
	case EVENT_ALIVE:
	case EVENT_TRIGGER:
	case EVENT_OOM:
	case EVENT_EMPTY:
	case EVENT_REMAIN:
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

/* ---- PRE ---- */
enum service_state
service_start_pre_enter(struct service *s, const struct event *e, struct orders *out)
{
	(void)e;
	return service_launch_first(s, STEP_PRE, out) ? s->state : SERVICE_START;
}

enum service_state
service_start_pre_on(struct service *s, const struct event *e, struct orders *out)
{
	enum why why;

	switch (e->kind) {
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED:
		why = service_launch_result(s, e);
		if (why != WHY_NONE) {
			return failed(s, why);
		}
		return service_launch_next(s, e, out) ? s->state : SERVICE_START;
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_DEPENDENCY: service_ask_down(s, e, out); return SERVICE_TERM;
	case EVENT_DEADLINE: return failed(s, WHY_TIMEOUT);
	case EVENT_ASKED_RELOAD: service_tell(out, TOLD_NOT_RELOADED); return s->state;
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START:
	case EVENT_RELEASED:
	case EVENT_PREPARED:
	case EVENT_UNPREPARED:
	case EVENT_EXECED:
	case EVENT_MAIN_FOUND:
	case EVENT_MAIN_MISSING:
	case EVENT_READY:
	case EVENT_RELOADING:
	case EVENT_STOPPING:
	case EVENT_ALIVE:
	case EVENT_TRIGGER:
	case EVENT_OOM:
	case EVENT_EMPTY:
	case EVENT_REMAIN:
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

/* ---- START ---- */
enum service_state
service_start_main_enter(struct service *s, const struct event *e, struct orders *out)
{
	(void)e;
	/* a oneshot may have nothing but ExecStop= */
	return service_launch_first(s, STEP_START, out) ? s->state : SERVICE_POST;
}

/* the command of Type=forking ended well: which of those it left behind is the service? */
static enum service_state
forked(struct service *s, struct orders *out)
{
	s->main_known = false; /* how the starter ended says nothing about the service */
	s->outcome = (struct outcome){ 0 };
	s->step = STEP_NONE;
	if (!s->unit->pid_file && !s->unit->guess_main_pid) {
		return SERVICE_POST;
	}
	orders_add(out, (struct order){ .kind = ORDER_FIND_MAIN });
	return s->state;
}

/* no pid file yet: ExecStartPost= may write it; else it is waited for while there is anybody who
 * could */
static enum service_state
main_missing(struct service *s, struct orders *out)
{
	if (!service_seeks_main(s)) {
		return IGNORE(s);
	}
	if (!s->unit->pid_file || s->unit->exec_start_post.count > 0) {
		return SERVICE_POST;
	}
	orders_add(out, (struct order){ .kind = ORDER_SWEEP });
	return s->state;
}

static enum service_state
main_ended(struct service *s, const struct event *e, struct orders *out)
{
	enum why why = service_launch_result(s, e);

	switch (s->unit->type) {
	case TYPE_SIMPLE:
	case TYPE_EXEC:
	case TYPE_DBUS:
	case TYPE_IDLE:
		/* An end without a failed launch is an exec that is not told yet: it was up, for a
		 * moment. One that nobody saw may have been the end of a process that never got so
		 * far: nobody may say that it was up. */
		service_fail(s, why);
		return (e->kind == EVENT_LAUNCH_FAILED && why != WHY_NONE) ||
				       (e->kind == EVENT_EXITED && !e->outcome.known)
			       ? SERVICE_TERM
			       : SERVICE_POST;
	case TYPE_ONESHOT:
		if (why != WHY_NONE) {
			return failed(s, why);
		}
		return service_launch_next(s, e, out) ? s->state : SERVICE_POST;
	case TYPE_FORKING: return why == WHY_NONE ? forked(s, out) : failed(s, why);
	case TYPE_NOTIFY:
	case TYPE_NOTIFY_RELOAD:
		if (why == WHY_NONE && s->unit->remain_after_exit &&
		    s->unit->notify_access != NOTIFY_MAIN) {
			orders_add(out, (struct order){ .kind = ORDER_SWEEP });
			return s->state; /* another of its processes may still say READY=1 */
		}
		return failed(s, why == WHY_NONE ? WHY_PROTOCOL : why);
	case TYPE_COUNT: break;
	}
	return IMPOSSIBLE(s, e);
}

static enum service_state
started_by(struct service *s, bool is_simple, bool is_notify)
{
	switch (s->unit->type) {
	case TYPE_SIMPLE:
	case TYPE_EXEC:
	case TYPE_DBUS:
	case TYPE_IDLE: return is_simple ? SERVICE_POST : s->state;
	case TYPE_NOTIFY:
	case TYPE_NOTIFY_RELOAD: return is_notify ? SERVICE_POST : s->state;
	case TYPE_ONESHOT:
	case TYPE_FORKING:
	case TYPE_COUNT: break;
	}
	return s->state;
}

enum service_state
service_start_main_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_EXECED: return started_by(s, true, false);
	case EVENT_READY: s->ready_seen = true; return started_by(s, false, true);
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED: return main_ended(s, e, out);
	case EVENT_MAIN_FOUND:
		if (!service_seeks_main(s)) {
			return IGNORE(s);
		}
		service_adopt_main(s);
		return SERVICE_POST;
	case EVENT_MAIN_MISSING: return main_missing(s, out);
	case EVENT_EMPTY:
		if (s->alive[PART_MAIN]) {
			return IGNORE(s);
		}
		s->swept = true; /* nobody is left who could say READY=1 or write the pid file */
		return failed(s, WHY_PROTOCOL);
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_DEPENDENCY: service_ask_down(s, e, out); return SERVICE_TERM;
	case EVENT_OOM: return service_minds_oom(s) ? failed(s, WHY_OOM) : IGNORE(s);
	case EVENT_DEADLINE: return failed(s, WHY_TIMEOUT);
	case EVENT_ASKED_RELOAD: service_tell(out, TOLD_NOT_RELOADED); return s->state;
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START:
	case EVENT_RELEASED:
	case EVENT_PREPARED:
	case EVENT_UNPREPARED:
	case EVENT_RELOADING:
	case EVENT_STOPPING:
	case EVENT_ALIVE:
	case EVENT_TRIGGER:
	case EVENT_REMAIN:
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

/* ---- POST: it counts as started ---- */
/* the commands are through; a forking daemon's pid file must be there by now, or soon */
static enum service_state
post_done(struct service *s, struct orders *out)
{
	s->step = STEP_NONE;
	if (!s->unit->pid_file || !service_seeks_main(s)) {
		return SERVICE_RUNNING;
	}
	orders_add(out, (struct order){ .kind = ORDER_FIND_MAIN });
	return s->state;
}

enum service_state
service_start_post_enter(struct service *s, const struct event *e, struct orders *out)
{
	if (s->watchdog > 0) {
		service_set_timer(s, TIMER_WATCHDOG, service_later(e->now, s->watchdog), out);
	}
	return service_launch_first(s, STEP_POST, out) ? s->state : post_done(s, out);
}

static enum service_state
post_part_ended(struct service *s, const struct event *e, struct orders *out)
{
	enum why why = service_launch_result(s, e);

	if (e->part == PART_MAIN) {
		service_fail(s, why);
		/* the commands may know what they do with a main that is gone: they are let finish
		 */
		return s->alive[PART_CONTROL] ? s->state : SERVICE_RUNNING;
	}
	if (why != WHY_NONE) {
		return failed(s, why);
	}
	return service_launch_next(s, e, out) ? s->state : post_done(s, out);
}

enum service_state
service_start_post_on(struct service *s, const struct event *e, struct orders *out)
{
	bool seeking = s->step == STEP_NONE;

	switch (e->kind) {
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED: return post_part_ended(s, e, out);
	case EVENT_MAIN_FOUND: service_adopt_main(s); return seeking ? SERVICE_RUNNING : s->state;
	case EVENT_MAIN_MISSING:
		if (seeking) {
			orders_add(out, (struct order){ .kind = ORDER_SWEEP });
		}
		return s->state;
	case EVENT_EMPTY:
		if (!seeking || service_any_alive(s)) {
			return IGNORE(s);
		}
		s->swept = true;
		return failed(s, WHY_PROTOCOL);
	case EVENT_TRIGGER: service_fail(s, WHY_WATCHDOG); return SERVICE_ABORT;
	case EVENT_OOM: return service_minds_oom(s) ? failed(s, WHY_OOM) : IGNORE(s);
	case EVENT_DEADLINE:
		if (e->timer == TIMER_WATCHDOG) {
			service_fail(s, WHY_WATCHDOG);
			return SERVICE_ABORT;
		}
		return failed(s, WHY_TIMEOUT);
	case EVENT_READY: s->ready_seen = true; return s->state;
	case EVENT_ALIVE:
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_DEPENDENCY: service_ask_down(s, e, out); return SERVICE_TERM;
	case EVENT_ASKED_RELOAD: service_tell(out, TOLD_NOT_RELOADED); return s->state;
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_ASKED_START:
	case EVENT_RELEASED:
	case EVENT_PREPARED:
	case EVENT_UNPREPARED:
	case EVENT_EXECED:
	case EVENT_RELOADING:
	case EVENT_STOPPING:
	case EVENT_REMAIN:
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}
