/* From an event to what follows from it. The order within one event is what makes any death
 * harmless:
 *
 *     runs/NAME       if the run is over: before the ledger, which will say that it is written
 * (twice does not matter) ledger          before anything that cannot be done twice in silence: a
 * launch that is sent, a signal, an answer the orders FORGET          to the keeper: only now may
 * it lose how the child ended
 *
 * Orders that cost nothing to repeat (timers, looks, directories) do not need the ledger first, so
 * the way from an exit to the next exec has one write of it, not one for each state in between. */
#include "manager/keeper-line.h"
#include "store/store.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- runs ---- */
static void
new_invocation(struct member *member)
{
	uint32_t parts[4];

	for (size_t i = 0; i < COUNT(parts); i++) {
		parts[i] = manager_chance(member->manager);
	}
	str_hex((const uint8_t *)parts, sizeof(parts), member->invocation);
}

void
carry_run(struct member *member)
{
	if (member->in_run) {
		return;
	}
	member->in_run = true;
	member->run++;
	member->run_wall = clock_wall();
	member->up_wall = member->ended_wall = 0;
	member->usage = (struct usage){ 0 };
	member->run_pid = 0;
	member->asker = 0;
	member->foreign_kin = false;
	str_replace(&member->failure, NULL);
	str_replace(&member->by, NULL);
	str_replace(&member->status_text, NULL);
	member->said_errno = 0;
	new_invocation(member);
}

/* what is left of a run that is over is not a part of the unit any more */
static void
let_go(struct child *child)
{
	struct manager *manager = child->member->manager;

	watching_end(child);
	launching_forget(child);
	(void)nmap_remove(&manager->children, child->number);
	child->pidfd = fd_close(child->pidfd);
	child->number = 0;
	child->pid = 0;
	child->keeper = 0;
	child->pending_signal = 0;
	child->foreign = child->execed = child->ended_told = child->asked = false;
}

/* told before the parts are let go of: what a stop may not kill (SendSIGKILL=no) survives without a
 * sweep, and what KillMode= spares is left */
static void
note_survivors(struct member *member)
{
	enum kill_mode mode = member->unit->kill_mode;
	bool spares = mode == KILL_PROCESS || mode == KILL_NONE;
	struct kins kins;

	if (!member->receipt || (member->service.why != WHY_SURVIVORS && !spares)) {
		return;
	}
	kin_find(member, &kins);
	for (size_t i = 0; i < kins.count; i++) {
		if (member->service.why == WHY_SURVIVORS) {
			receipt_survivor(member, kins.list[i].pid);
		} else {
			receipt_left(member, kins.list[i].pid);
		}
	}
	kins_done(&kins);
}

static void
end_run(struct member *member)
{
	const struct service *service = &member->service;
	const struct outcome *o = &service->outcome;

	note_survivors(member);
	sweep_forget(member);
	mainpid_stop(member);
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (member->child[part].number && !service->alive[part]) {
			let_go(&member->child[part]);
		}
	}
	if (!member->in_run) {
		return;
	}
	if (!member->failure && member->said_errno) {
		const char *words = strerrordesc_np(member->said_errno);
		member->failure = str_format("it said ERRNO=%d: %s", member->said_errno,
					     words ? words : "no known error");
	}
	member->ended_wall = clock_wall();
	pipes_mark(member, STORE_EXIT,
		   service->main_known
			   ? store_pack_outcome(o->known, o->signalled, o->core, o->oom, o->value)
			   : store_pack_outcome(false, false, false, false, 0),
		   member->run);
	runs_add(member);
	member->in_run = false;
}

/* ---- before and after the rules ---- */
static void
remember_to_forget(struct manager *manager, uint64_t number)
{
	if (manager->forget_count == manager->forget_size) {
		manager->forget_size = MAX(manager->forget_size * 2, 16);
		manager->forget =
			reallocarray(manager->forget, manager->forget_size, sizeof(uint64_t));
		CHECK(manager->forget != NULL);
	}
	manager->forget[manager->forget_count++] = number;
}

static void
send_forgets(struct manager *manager)
{
	for (size_t i = 0; i < manager->forget_count; i++) {
		const struct frame forget = { .kind = FRAME_FORGET, .number = manager->forget[i] };

		keeper_line_send(manager, &forget, NULL, 0);
	}
	manager->forget_count = 0;
}

static bool
takes_new_unit(const struct member *member, const struct event *event)
{
	enum service_state state = member->service.state;

	if (!member->next_unit || member->next_unit->bad) {
		return false;
	}
	if (!service_is_down(&member->service) && state != SERVICE_WAITING &&
	    state != SERVICE_HELD) {
		return false;
	}
	return event->kind == EVENT_ASKED_START || event->kind == EVENT_ASKED_RESTART ||
	       event->kind == EVENT_RELEASED || event->kind == EVENT_DEADLINE;
}

/* a start that a helper command of it has failed is told in its words: main has none */
static void
note_failure(struct member *member, const struct event *event)
{
	const struct service *service = &member->service;
	char words[128];

	if (event->kind == EVENT_EXITED && event->part == PART_CONTROL &&
	    (service->step == STEP_PRE || service->step == STEP_POST) &&
	    !(event->outcome.known && !event->outcome.signalled && event->outcome.value == 0)) {
		free(member->failure);
		member->failure = str_format("%s: %s", step_name(service->step),
					     outcome_show(&event->outcome, words, sizeof(words)));
	}
}

static void
before(struct member *member, const struct event *event)
{
	note_failure(member, event);
	if (event->kind == EVENT_EXITED || event->kind == EVENT_LAUNCH_FAILED) {
		struct child *child = &member->child[event->part];

		if (child->number) {
			if (!child->foreign) {
				remember_to_forget(member->manager, child->number);
			}
			let_go(child);
		}
	}
	if (takes_new_unit(member, event)) {
		member_take_next_unit(member);
	}
}

static void
number_child(struct member *member, enum part part)
{
	struct manager *manager = member->manager;
	struct child *child = &member->child[part];

	if (child->number) {
		return;
	}
	child->number = launching_number(manager);
	nmap_set(&manager->children, child->number, child);
}

/* what the ledger has to say before the orders are carried out */
static void
note_orders(struct member *member, const struct orders *orders)
{
	for (size_t i = 0; i < orders->count; i++) {
		switch (orders->list[i].kind) {
		case ORDER_PREPARE: carry_run(member); break;
		case ORDER_RUN_ENDED: end_run(member); break;
		case ORDER_LAUNCH: number_child(member, orders->list[i].part); break;
		case ORDER_SIGNAL:
		case ORDER_SWEEP:
		case ORDER_ARM:
		case ORDER_DISARM:
		case ORDER_FIND_MAIN:
		case ORDER_CLEAN:
		case ORDER_TELL:
		case ORDER_TRIGGER:
		case ORDER_KIND_COUNT: break;
		}
	}
}

/* ---- orders ---- */
static bool
needs_ledger(const struct order *order)
{
	switch (order->kind) {
	case ORDER_SIGNAL:
	case ORDER_TELL:
	case ORDER_TRIGGER: return true;
	case ORDER_SWEEP: return order->signal != 0;
	case ORDER_LAUNCH: /* launching.c writes it when the turn has come */
	case ORDER_PREPARE:
	case ORDER_ARM:
	case ORDER_DISARM:
	case ORDER_FIND_MAIN:
	case ORDER_RUN_ENDED:
	case ORDER_CLEAN:
	case ORDER_KIND_COUNT: break;
	}
	return false;
}

/* A pause of nothing needs no turn of the loop, so that a restart is quick; but only one at a time:
 * a service that cannot be launched and has no pause at all must not keep us from everything else.
 */
static void
arm(struct member *member, const struct order *order)
{
	struct manager *manager = member->manager;
	struct timer *timer = &member->timers[order->timer];

	if (order->at <= clock_now() && !manager->hurried && manager->carrying) {
		manager->hurried = true;
		loop_disarm(manager->loop, timer);
		timer->on(timer);
	} else {
		loop_arm(manager->loop, timer, order->at);
	}
}

static void
carry_one(struct member *member, const struct order *order)
{
	struct manager *manager = member->manager;

	switch (order->kind) {
	case ORDER_PREPARE: prepare_run(member); break;
	case ORDER_LAUNCH: launching_begin(member, order->part, order->step, order->index); break;
	case ORDER_SIGNAL: sweep_signal(member, order); break;
	case ORDER_SWEEP: sweep_begin(member, order->signal); break;
	case ORDER_ARM: arm(member, order); break;
	case ORDER_DISARM: loop_disarm(manager->loop, &member->timers[order->timer]); break;
	case ORDER_FIND_MAIN: mainpid_find(member); break;
	case ORDER_CLEAN: prepare_clean(member, order->restart); break;
	case ORDER_TELL: requests_told(member, order->told); break;
	case ORDER_TRIGGER: depend_trigger(member, order->success); break;
	case ORDER_RUN_ENDED: /* done before the ledger was written */
	case ORDER_KIND_COUNT: break;
	}
}

static void
carry_orders(struct member *member, const struct orders *orders)
{
	bool written = false;

	for (size_t i = 0; i < orders->count; i++) {
		const struct order *order = &orders->list[i];

		if (!written && needs_ledger(order)) {
			ledger_write(member);
			written = true;
		}
		if (order->kind != ORDER_ARM && order->kind != ORDER_DISARM) {
			manager_trace("%s: order %s", member->name, order_name(order->kind));
		}
		carry_one(member, order);
	}
}

static void
take(struct member *member, const struct event *event)
{
	enum service_state old = member->service.state;
	bool was_down = service_is_down(&member->service), was_up = service_is_up(&member->service);
	struct orders orders = { 0 };

	manager_trace("%s: event %s", member->name, event_name(event->kind));
	before(member, event);
	service_take(&member->service, event, &orders);
	member->fresh &= orders.count == 0 && member->service.state == old;
	if (was_down != service_is_down(&member->service)) {
		member->manager->kept += was_down ? 1 : (size_t)-1;
	}
	if (!was_up && service_is_up(&member->service)) {
		member->up_wall = clock_wall();
	}
	note_orders(member, &orders);
	carry_orders(member, &orders);
	if (member->service.state != old) {
		watch_tell(member);
	}
	depend_changed(member,
		       old); /* also when nothing did: an event less may be what others wait for */
	if (event->kind == EVENT_EXITED || event->kind == EVENT_LAUNCH_FAILED) {
		sweep_child_ended(member);
	}
}

void
carry_resume(struct member *member)
{
	struct orders orders = { 0 };

	service_resume(&member->service, clock_now(), &orders);
	note_orders(member, &orders);
	carry_orders(member, &orders);
	oom_resume(member);
}

/* ---- RemoveWhenDone= ---- */
struct done { /* a member that ended well; it may have been started again, or deleted, meanwhile */
	struct manager *manager;
	uint64_t number;
	int64_t run;
};

static void
done_drained(void *context)
{
	struct done *done = context;
	struct member *member = nmap_get(&done->manager->by_number, done->number);

	if (member && member->run == done->run && list_is_empty(&member->events) &&
	    member->service.state == SERVICE_DONE) {
		delete_finish(member);
	}
	free(done);
}

/* what it wrote is in its log when it is gone: who waits for its end reads that then */
static void
forget_when_drained(struct member *member)
{
	struct done *done = malloc(sizeof(*done));

	CHECK(done != NULL);
	*done = (struct done){ member->manager, member->number, member->run };
	pipes_drained(member, done_drained, done);
}

static void
take_all(struct member *member)
{
	struct manager *manager = member->manager;

	manager->hurried = false;
	while (!list_is_empty(&member->events)) {
		struct queued *queued = LIST_FIRST(&member->events, struct queued, link);
		struct event event = queued->event;

		list_remove(&queued->link);
		free(queued);
		take(member, &event);
	}
	list_remove(&member->busy);
	/* of a launch that waits for its turn nothing has been done yet that is not done again from
	 * what is written; it is written when its turn comes */
	if (!launching_waits(member) || manager->forget_count > 0) {
		ledger_write(member);
		send_forgets(manager);
	}
	if (member->leaving && service_is_down(&member->service)) {
		delete_finish(member);
	} else if (member->service.state == SERVICE_DONE && member->unit->transient &&
		   member->unit->remove_when_done) {
		forget_when_drained(member);
	}
}

void
carry_events(struct manager *manager)
{
	if (manager->adopting || manager->carrying) {
		return;
	}
	manager->carrying = true;
	while (!list_is_empty(&manager->busy)) {
		take_all(LIST_FIRST(&manager->busy, struct member, busy));
	}
	manager->carrying = false;
	launching_pump(manager);
	manager_think_of_leaving(manager);
}
