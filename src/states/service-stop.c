/* On the way down: ExecStop=, the stop signal, SIGKILL, ExecStopPost=, and the last two once more
 * for what that left.
 *
 * A phase is over when both parts have ended and, where KillMode= cares for more than main, a look
 * has found nothing else (EMPTY). A look comes before any signal when no part is alive: most
 * services leave nothing behind, and then nothing is signalled. KillMode=mixed spares the others
 * the stop signal, so once main is gone they get SIGKILL at once, as with systemd. */
#include "states/service.h"
#include <signal.h>

bool
service_stop_sweeps(const struct service *s)
{
	return s->unit->kill_mode == KILL_CONTROL_GROUP || s->unit->kill_mode == KILL_MIXED;
}

static bool
is_gone(const struct service *s)
{
	return !service_any_alive(s) && (s->swept || !service_stop_sweeps(s));
}

/* KillMode=none: where no ExecStop= tells main to end there is nothing to wait for */
static bool
is_asked_nothing(const struct service *s)
{
	return s->unit->kill_mode == KILL_NONE &&
	       (s->state != SERVICE_TERM || s->unit->exec_stop.count == 0);
}

static bool
may_kill(const struct service *s)
{
	return s->unit->send_sigkill && s->unit->kill_mode != KILL_NONE;
}

/* ---- STOPPING ---- */
enum service_state
service_stop_command_enter(struct service *s, const struct event *e, struct orders *out)
{
	(void)e;
	return service_launch_first(s, STEP_STOP, out) ? s->state : SERVICE_TERM;
}

static enum service_state
command_ended(struct service *s, const struct event *e, struct orders *out)
{
	enum why why = service_launch_result(s, e);

	service_fail(s, why);
	if (e->part == PART_MAIN) {
		return s->state;
	}
	if (why == WHY_NONE && service_launch_next(s, e, out)) {
		return s->state;
	}
	return SERVICE_TERM;
}

/* asked for something while on the way down already: only what follows changes (DEPENDENCY: HELD
 * will ask) */
static enum service_state
asked_while_down(struct service *s, const struct event *e, struct orders *out)
{
	if (e->kind == EVENT_ASKED_START) {
		s->wish = WISH_START;
	} else if (e->kind == EVENT_ASKED_STOP) {
		service_ask_down(s, e, out);
	} else if (e->kind == EVENT_ASKED_RESTART) {
		s->wish = WISH_START;
		s->restarting = true;
	} else if (e->kind == EVENT_ASKED_RELOAD) {
		service_tell(out, TOLD_NOT_RELOADED);
	} else if (e->kind == EVENT_ASKED_RESET) {
		service_forget(s);
	}
	return s->state;
}

enum service_state
service_stop_command_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED: return command_ended(s, e, out);
	case EVENT_DEADLINE: service_fail(s, WHY_TIMEOUT); return SERVICE_TERM;
	case EVENT_MAIN_FOUND: service_adopt_main(s); return s->state;
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START:
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_ASKED_RELOAD:
	case EVENT_ASKED_RESET:
	case EVENT_DEPENDENCY: return asked_while_down(s, e, out);
	case EVENT_RELEASED:
	case EVENT_PREPARED:
	case EVENT_UNPREPARED:
	case EVENT_EXECED:
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

/* ---- TERM, ABORT, FINAL_TERM ---- */
static enum service_state
next_phase(struct service *s, const struct event *e, struct orders *out)
{
	return service_rows[s->state].final ? service_stop_over(s, e, out) : SERVICE_STOP_POST;
}

/* with force where it may be used; else what is left is left */
static enum service_state
force(struct service *s, const struct event *e, struct orders *out)
{
	if (!may_kill(s)) {
		return next_phase(s, e, out);
	}
	return service_rows[s->state].final ? SERVICE_FINAL_KILL : SERVICE_KILL;
}

/* whom KillMode= names, as far as it is there; parts in a group or mixed are main and control
 * anyway */
static void
signal_whom(struct service *s, struct order order, struct orders *out)
{
	bool mixed = s->unit->kill_mode == KILL_MIXED;

	switch (s->unit->kill_mode) {
	case KILL_CONTROL_GROUP:
		order.whom = WHOM_ALL;
		orders_add(out, order);
		break;
	case KILL_MIXED:
	case KILL_PROCESS:
		if (s->alive[PART_MAIN]) {
			order.whom = mixed ? WHOM_MIXED : WHOM_MAIN;
			orders_add(out, order);
		}
		if (s->alive[PART_CONTROL]) {
			order.whom = WHOM_CONTROL;
			orders_add(out, order);
		}
		break;
	case KILL_NONE:
	case KILL_COUNT: break;
	}
}

void
service_stop_signal(struct service *s, struct orders *out)
{
	const struct unit *unit = s->unit;
	bool aborts = s->state == SERVICE_ABORT;
	struct order order = { .kind = ORDER_SIGNAL,
			       .signal = unit->kill_signal,
			       .with_cont = true };

	if (aborts) {
		order.signal = unit->watchdog_signal;
	} else if (s->restarting && unit->restart_kill_signal > 0) {
		order.signal = unit->restart_kill_signal;
	}
	order.with_hup = unit->send_sighup && !aborts;
	signal_whom(s, order, out);
	s->signalled = true;
	s->delivered = false;
}

enum service_state
service_stop_term_enter(struct service *s, const struct event *e, struct orders *out)
{
	/* after STOPPING=1 main ends by itself: a signal would only disturb it */
	bool by_itself = e->kind == EVENT_STOPPING && !s->alive[PART_CONTROL];

	s->signalled = s->delivered = false;
	if (service_any_alive(s)) {
		s->swept = false;
	}
	if (is_gone(s) || is_asked_nothing(s)) {
		return next_phase(s, e, out);
	}
	if (service_any_alive(s) && !by_itself) {
		service_stop_signal(s, out);
	}
	if (service_stop_sweeps(s)) {
		orders_add(out, (struct order){ .kind = ORDER_SWEEP });
	}
	return s->state;
}

/* no part is alive any more, something else may be */
static enum service_state
stop_kin(struct service *s, const struct event *e, struct orders *out)
{
	if (s->unit->kill_mode == KILL_MIXED) {
		return force(s, e, out);
	}
	service_stop_signal(s, out);
	orders_add(out, (struct order){ .kind = ORDER_SWEEP });
	return s->state;
}

static enum service_state
term_part_ended(struct service *s, const struct event *e, struct orders *out)
{
	service_fail(s, service_launch_result(s, e));
	if (is_gone(s)) {
		return next_phase(s, e, out);
	}
	if (service_any_alive(s)) {
		return s->state;
	}
	if (!s->signalled) {
		orders_add(out,
			   (struct order){
				   .kind = ORDER_SWEEP }); /* after STOPPING=1: is there more? */
		return s->state;
	}
	return s->unit->kill_mode == KILL_MIXED ? force(s, e, out) : s->state;
}

static enum service_state
term_remain(struct service *s, const struct event *e, struct orders *out)
{
	if (s->signalled) {
		s->delivered = true; /* orders are carried out in order: the signal came before this
					look */
		return s->state;
	}
	return service_any_alive(s) ? s->state : stop_kin(s, e, out);
}

enum service_state
service_stop_term_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED: return term_part_ended(s, e, out);
	case EVENT_EMPTY: s->swept = true; return is_gone(s) ? next_phase(s, e, out) : s->state;
	case EVENT_REMAIN: return term_remain(s, e, out);
	case EVENT_DEADLINE: service_fail(s, WHY_TIMEOUT); return force(s, e, out);
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START:
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_ASKED_RELOAD:
	case EVENT_ASKED_RESET:
	case EVENT_DEPENDENCY: return asked_while_down(s, e, out);
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
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

/* ---- KILL, FINAL_KILL ---- */
enum service_state
service_stop_kill_enter(struct service *s, const struct event *e, struct orders *out)
{
	int signal = s->unit->final_kill_signal;

	if (is_gone(s)) {
		return next_phase(s, e, out);
	}
	if (!service_stop_sweeps(s)) {
		signal_whom(s, (struct order){ .kind = ORDER_SIGNAL, .signal = signal }, out);
		return s->state;
	}
	if (signal != SIGKILL) {
		/* only SIGKILL can be repeated until nothing is left; another one is sent, and its
		 * effect waited for */
		orders_add(out, (struct order){
					.kind = ORDER_SIGNAL, .whom = WHOM_ALL, .signal = signal });
		signal = 0;
	}
	orders_add(out, (struct order){ .kind = ORDER_SWEEP, .signal = signal });
	return s->state;
}

enum service_state
service_stop_kill_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED:
		service_fail(s, service_launch_result(s, e));
		return is_gone(s) ? next_phase(s, e, out) : s->state;
	case EVENT_EMPTY: s->swept = true; return is_gone(s) ? next_phase(s, e, out) : s->state;
	case EVENT_SURVIVED:
	case EVENT_DEADLINE: return next_phase(s, e, out);
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START:
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_ASKED_RELOAD:
	case EVENT_ASKED_RESET:
	case EVENT_DEPENDENCY: return asked_while_down(s, e, out);
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
	case EVENT_REMAIN: return IGNORE(s);
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

/* ---- STOP_POST ---- */
enum service_state
service_stop_post_enter(struct service *s, const struct event *e, struct orders *out)
{
	/* a helper that would not die keeps its place: none can be launched beside it */
	if (!s->alive[PART_CONTROL] && service_launch_first(s, STEP_STOP_POST, out)) {
		return s->state;
	}
	return service_stop_over(s, e, out);
}

static enum service_state
post_ended(struct service *s, const struct event *e, struct orders *out)
{
	enum why why = service_launch_result(s, e);

	service_fail(s, why);
	if (e->part == PART_MAIN) {
		return s->state;
	}
	if (why == WHY_NONE && service_launch_next(s, e, out)) {
		return s->state;
	}
	return SERVICE_FINAL_TERM;
}

enum service_state
service_stop_post_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_EXITED:
	case EVENT_LAUNCH_FAILED: return post_ended(s, e, out);
	case EVENT_DEADLINE: service_fail(s, WHY_TIMEOUT); return SERVICE_FINAL_TERM;
	case EVENT_EXTEND:
	case EVENT_WATCHDOG_SPAN: return service_keep(s, e, out);
	case EVENT_ASKED_START:
	case EVENT_ASKED_STOP:
	case EVENT_ASKED_RESTART:
	case EVENT_ASKED_RELOAD:
	case EVENT_ASKED_RESET:
	case EVENT_DEPENDENCY: return asked_while_down(s, e, out);
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

/* ---- over ---- */
static enum service_state
rest_of(const struct service *s)
{
	if (s->why == WHY_SURVIVORS) {
		return SERVICE_FAILED;
	}
	if (s->asked || s->skipped) {
		return SERVICE_STOPPED;
	}
	return s->why == WHY_NONE ? SERVICE_DONE : SERVICE_FAILED;
}

enum service_state
service_stop_over(struct service *s, const struct event *e, struct orders *out)
{
	bool left = !is_gone(s);

	(void)e;
	if (left) {
		s->why = WHY_SURVIVORS; /* said whatever was asked for: a stop that left something
					   is none */
	}
	for (enum part part = 0; part < PART_COUNT; part++) {
		s->alive[part] = false;
	}
	s->step = STEP_NONE;
	s->index = 0;
	s->reloading = false;
	orders_add(out, (struct order){ .kind = ORDER_RUN_ENDED });
	if (s->wish == WISH_START && !left) {
		s->wish = WISH_NONE;
		s->restarts = 0;
		s->pauses = 0;
		orders_add(out, (struct order){ .kind = ORDER_CLEAN, .restart = true });
		service_tell(out, TOLD_DOWN);
		return SERVICE_HELD;
	}
	if (!s->asked && restart_is_due(s)) {
		orders_add(out, (struct order){ .kind = ORDER_CLEAN, .restart = true });
		service_tell(out, TOLD_WAITING);
		return SERVICE_WAITING;
	}
	return service_rest_in(s, rest_of(s), s->was_up, out);
}
