/* Where nothing of a service is alive: down, held until what it is ordered after is there, or in
 * the pause before the next try. A start always goes through HELD, an automatic one too: what it
 * needs may have gone meanwhile. */
#include "states/service.h"
#include "base/clock.h"

enum service_state
service_rest_in(struct service *s, enum service_state state, bool started, struct orders *out)
{
	bool failed = state == SERVICE_FAILED;

	s->wish = WISH_NONE;
	orders_add(out, (struct order){ .kind = ORDER_CLEAN });
	if (!started) {
		service_tell(out, state == SERVICE_DONE ? TOLD_UP : TOLD_NOT_UP);
	}
	service_tell(out, TOLD_DOWN);
	/* a start that was skipped or called off is neither; an asked stop of what was up is a good
	 * end, as with systemd */
	if (failed || state == SERVICE_DONE || (started && s->why == WHY_ASKED)) {
		orders_add(out, (struct order){ .kind = ORDER_TRIGGER, .success = !failed });
	}
	return state;
}

/* a person's start begins the counting anew, an automatic one goes on with it */
static enum service_state
asked_start(struct service *s)
{
	s->restarts = 0;
	s->pauses = 0;
	return SERVICE_HELD;
}

enum service_state
service_rest_down_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_ASKED_START:
	case EVENT_ASKED_RESTART: return asked_start(s);
	case EVENT_ASKED_STOP: service_tell(out, TOLD_DOWN); return s->state;
	case EVENT_ASKED_RELOAD: service_tell(out, TOLD_NOT_RELOADED); return s->state;
	case EVENT_ASKED_RESET:
		service_forget(s);
		if (s->state == SERVICE_FAILED) {
			s->why = WHY_NONE;
			return SERVICE_STOPPED;
		}
		return s->state;
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
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_EXECED:
	case EVENT_LAUNCH_FAILED:
	case EVENT_EXITED:
	case EVENT_DEADLINE:
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

static enum service_state
released(struct service *s, const struct event *e, struct orders *out)
{
	if (restart_is_allowed(s, e->now)) {
		return SERVICE_CONDITION;
	}
	s->why = WHY_START_LIMIT;
	return service_rest_in(s, SERVICE_FAILED, false, out);
}

enum service_state
service_rest_held_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_RELEASED: return released(s, e, out);
	case EVENT_DEPENDENCY:
		s->why = WHY_DEPENDENCY;
		return service_rest_in(s, SERVICE_FAILED, false, out);
	case EVENT_ASKED_STOP:
		s->why = WHY_ASKED;
		return service_rest_in(s, SERVICE_STOPPED, false, out);
	case EVENT_ASKED_RELOAD: service_tell(out, TOLD_NOT_RELOADED); return s->state;
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_ASKED_START:
	case EVENT_ASKED_RESTART:
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
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_EXECED:
	case EVENT_LAUNCH_FAILED:
	case EVENT_EXITED:
	case EVENT_DEADLINE:
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}

enum service_state
service_rest_waiting_on(struct service *s, const struct event *e, struct orders *out)
{
	switch (e->kind) {
	case EVENT_DEADLINE:
		s->restarts++;
		s->pauses++;
		return SERVICE_HELD;
	case EVENT_ASKED_START:
	case EVENT_ASKED_RESTART: return asked_start(s);
	case EVENT_ASKED_STOP:
		s->why = WHY_ASKED;
		return service_rest_in(s, SERVICE_STOPPED, false, out);
	case EVENT_ASKED_RELOAD: service_tell(out, TOLD_NOT_RELOADED); return s->state;
	case EVENT_ASKED_RESET: service_forget(s); return s->state;
	case EVENT_RELEASED:
	case EVENT_DEPENDENCY: /* HELD will ask */
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
	case EVENT_SURVIVED: return IGNORE(s);
	case EVENT_EXECED:
	case EVENT_LAUNCH_FAILED:
	case EVENT_EXITED:
	case EVENT_COUNT: return IMPOSSIBLE(s, e);
	}
	return s->state;
}
