/* What a manager that died may have left undone. It wrote the record first, so each order of the
 * last event may or may not have been carried out; those that matter are given again from the state
 * alone. See states.h for the list. */
#include "states/service.h"
#include "base/clock.h"
#include <signal.h>

static void
arm_again(struct service *s, int64_t now, struct orders *out)
{
	for (enum service_timer timer = 0; timer < TIMER_COUNT; timer++) {
		int64_t at = s->deadline[timer];

		if (at == CLOCK_NEVER) {
			continue;
		}
		if (timer == TIMER_WATCHDOG && s->watchdog > 0) {
			at = service_later(now, s->watchdog);
		}
		service_set_timer(s, timer, at, out);
	}
}

static void
look(struct orders *out)
{
	orders_add(out, (struct order){ .kind = ORDER_SWEEP });
}

static void
seek_main(const struct service *s, struct orders *out)
{
	if (s->unit->pid_file || s->unit->guess_main_pid) {
		orders_add(out, (struct order){ .kind = ORDER_FIND_MAIN });
	}
	if (s->unit->pid_file) {
		look(out);
	}
}

static void
term_again(struct service *s, int64_t now, struct orders *out)
{
	if (s->signalled && !s->delivered) {
		service_stop_signal(s, out);
		if (s->deadline[TIMER_STATE] != CLOCK_NEVER) {
			int64_t whole = s->unit->timeout_stop;

			if (s->state == SERVICE_ABORT && s->unit->timeout_abort >= 0) {
				whole = s->unit->timeout_abort;
			}
			service_set_timer(s, TIMER_STATE, service_later(now, whole), out);
		}
	}
	if (service_stop_sweeps(s)) {
		look(out);
	}
}

static void
kill_again(struct service *s, int64_t now, struct orders *out)
{
	struct event nothing = { .kind = EVENT_COUNT, .now = now };

	(void)service_stop_kill_enter(s, &nothing, out);
}

static void
reload_again(const struct service *s, struct orders *out)
{
	if (s->unit->type == TYPE_NOTIFY_RELOAD && s->alive[PART_MAIN] && !s->reloading &&
	    !s->ready_seen) {
		orders_add(out, (struct order){ .kind = ORDER_SIGNAL,
						.whom = WHOM_MAIN,
						.signal = SIGHUP,
						.with_cont = true });
	}
	if (service_lives_by_kin(s)) {
		look(out);
	}
}

static void
clean_again(const struct service *s, struct orders *out)
{
	if (s->started > 0) {
		orders_add(out, (struct order){ .kind = ORDER_CLEAN,
						.restart = s->state == SERVICE_WAITING });
	}
}

void
service_resume(struct service *service, int64_t now, struct orders *ret_orders)
{
	struct service *s = service;

	ret_orders->count = 0;
	arm_again(s, now, ret_orders);
	switch (s->state) {
	case SERVICE_STOPPED:
	case SERVICE_DONE:
	case SERVICE_FAILED:
	case SERVICE_WAITING: clean_again(s, ret_orders); break;
	case SERVICE_CONDITION:
		if (s->step == STEP_NONE) {
			orders_add(ret_orders, (struct order){ .kind = ORDER_PREPARE });
		}
		break;
	case SERVICE_START:
		if (service_seeks_main(s)) {
			seek_main(s, ret_orders);
		} else if (!s->alive[PART_MAIN]) {
			look(ret_orders); /* notify, its main has ended well: who is left to say
					     READY=1? */
		}
		break;
	case SERVICE_POST:
		if (s->step == STEP_NONE && service_seeks_main(s)) {
			seek_main(s, ret_orders);
		}
		break;
	case SERVICE_RUNNING:
		if (service_lives_by_kin(s)) {
			look(ret_orders);
		}
		break;
	case SERVICE_RELOADING: reload_again(s, ret_orders); break;
	case SERVICE_TERM:
	case SERVICE_ABORT:
	case SERVICE_FINAL_TERM: term_again(s, now, ret_orders); break;
	case SERVICE_KILL:
	case SERVICE_FINAL_KILL: kill_again(s, now, ret_orders); break;
	case SERVICE_HELD:
	case SERVICE_PRE:
	case SERVICE_EXITED:
	case SERVICE_STOPPING:
	case SERVICE_STOP_POST:
	case SERVICE_STATE_COUNT: break;
	}
}
