/* service-world: what holds at every step of a service, and helpers to drive one. Used by the
 * stories, the random walk and the fuzzer of states/. Everything that is wrong is a failed CHECK.
 */
#pragma once
#include "base/check.h"
#include "base/clock.h"
#include "states/states.h"
#include <stdio.h>
#include <string.h>

enum { WORLD_RECORD_MAX = 1 << 16 };

/* written down and read again it is the same service; what follows goes on with the one that was
 * read */
static inline void
world_record(struct service *s)
{
	struct service again;
	struct buf first, second;
	char *copy, *rest, *line;

	buf_init(&first, WORLD_RECORD_MAX);
	buf_init(&second, WORLD_RECORD_MAX);
	service_record(s, &first);
	CHECK(!first.full);
	service_init(&again, s->unit);
	copy = rest = str_dup(buf_str(&first));
	while ((line = strsep(&rest, "\n")) && *line) {
		char *value = strchr(line, ' ');

		CHECK(value != NULL);
		*value = '\0';
		CHECK(service_restore(&again, line, value + 1));
	}
	free(copy);
	service_record(&again, &second);
	CHECK(strcmp(buf_str(&first), buf_str(&second)) == 0);
	CHECK(service_is_sane(&again));
	*s = again;
	buf_done(&first);
	buf_done(&second);
}

static inline void
world_check_orders(const struct orders *out, bool *alive)
{
	CHECK(out->count <= ORDERS_MAX);
	for (size_t i = 0; i < out->count; i++) {
		const struct order *order = &out->list[i];

		if (order->kind == ORDER_LAUNCH) {
			CHECK(order->part ==
			      (order->step == STEP_START ? PART_MAIN : PART_CONTROL));
			CHECK(!alive[order->part]);
			alive[order->part] = true;
		} else if (order->kind == ORDER_RUN_ENDED) {
			alive[PART_MAIN] = alive[PART_CONTROL] = false;
		}
	}
}

static inline void
world_check_state(const struct service *s)
{
	bool pending = s->state == SERVICE_HELD || s->state == SERVICE_WAITING;

	CHECK(service_is_sane(s));
	if (service_is_down(s) || pending || s->state == SERVICE_EXITED) {
		CHECK(!s->alive[PART_MAIN] && !s->alive[PART_CONTROL]);
	}
	CHECK(!service_is_down(s) || s->wish == WISH_NONE);
	CHECK(s->state != SERVICE_DONE || s->why == WHY_NONE);
	CHECK(s->state != SERVICE_FAILED || (s->why != WHY_NONE && s->why != WHY_ASKED));
	CHECK(strcmp(service_state_name(s->state), "?") != 0);
	for (enum service_timer timer = 0; timer < TIMER_COUNT; timer++) {
		CHECK(!service_is_down(s) || s->deadline[timer] == CLOCK_NEVER);
	}
}

/* takes an event and checks what always holds */
static inline void
world_take(struct service *s, const struct event *e, struct orders *ret_orders)
{
	bool alive[PART_COUNT] = { s->alive[PART_MAIN], s->alive[PART_CONTROL] };
	bool ends = e->kind == EVENT_EXITED || e->kind == EVENT_LAUNCH_FAILED;

	if (ends) {
		alive[e->part] = false;
	}
	service_take(s, e, ret_orders);
	world_check_orders(ret_orders, alive);
	if (e->kind == EVENT_MAIN_FOUND) {
		alive[PART_MAIN] = s->alive[PART_MAIN];
	}
	CHECK(alive[PART_MAIN] == s->alive[PART_MAIN]);
	CHECK(alive[PART_CONTROL] == s->alive[PART_CONTROL]);
	world_check_state(s);
	world_record(s);
}

static inline void
world_resume(struct service *s, int64_t now, struct orders *ret_orders)
{
	world_record(s);
	service_resume(s, now, ret_orders);
	for (size_t i = 0; i < ret_orders->count; i++) {
		CHECK(ret_orders->list[i].kind != ORDER_LAUNCH);
		CHECK(ret_orders->list[i].kind != ORDER_TELL);
		CHECK(ret_orders->list[i].kind != ORDER_TRIGGER);
	}
	world_check_state(s);
	world_record(s);
}

/* the answer that a willing world gives in this state; false: nothing is waited for */
static inline bool
world_next(const struct service *s, struct event *ret_event)
{
	struct event e = { .now = ret_event->now, .chance = ret_event->chance };
	enum service_type type = s->unit->type;

	e.outcome = (struct outcome){ .known = true };
	switch (s->state) {
	case SERVICE_STOPPED:
	case SERVICE_DONE:
	case SERVICE_FAILED:
	case SERVICE_EXITED:
	case SERVICE_RUNNING:
	case SERVICE_STATE_COUNT: return false;
	case SERVICE_HELD: e.kind = EVENT_RELEASED; break;
	case SERVICE_CONDITION:
		e.kind = s->alive[PART_CONTROL] ? EVENT_EXITED : EVENT_PREPARED;
		e.part = PART_CONTROL;
		break;
	case SERVICE_PRE:
		e.kind = EVENT_EXITED;
		e.part = PART_CONTROL;
		break;
	case SERVICE_START:
		if (type == TYPE_NOTIFY || type == TYPE_NOTIFY_RELOAD) {
			e.kind = EVENT_READY;
		} else if (type == TYPE_ONESHOT || type == TYPE_FORKING) {
			e.kind = s->alive[PART_MAIN] ? EVENT_EXITED : EVENT_MAIN_FOUND;
		} else {
			e.kind = EVENT_EXECED;
		}
		break;
	case SERVICE_POST:
		e.kind = s->alive[PART_CONTROL] ? EVENT_EXITED : EVENT_MAIN_FOUND;
		e.part = PART_CONTROL;
		break;
	case SERVICE_RELOADING:
		e.kind = s->alive[PART_CONTROL] ? EVENT_EXITED
			 : s->reloading         ? EVENT_READY
						: EVENT_RELOADING;
		e.part = PART_CONTROL;
		break;
	case SERVICE_STOPPING:
	case SERVICE_STOP_POST:
		e.kind = EVENT_EXITED;
		e.part = PART_CONTROL;
		break;
	case SERVICE_TERM:
	case SERVICE_KILL:
	case SERVICE_ABORT:
	case SERVICE_FINAL_TERM:
	case SERVICE_FINAL_KILL:
		e.part = s->alive[PART_CONTROL] ? PART_CONTROL : PART_MAIN;
		e.kind = s->alive[e.part] ? EVENT_EXITED : EVENT_EMPTY;
		break;
	case SERVICE_WAITING:
		if (s->deadline[TIMER_STATE] == CLOCK_NEVER) {
			return false;
		}
		e.kind = EVENT_DEADLINE;
		e.timer = TIMER_STATE;
		e.now = MAX(e.now, s->deadline[TIMER_STATE]);
		break;
	}
	*ret_event = e;
	return true;
}
