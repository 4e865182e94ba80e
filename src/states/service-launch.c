/* The commands of a step run one after the other: the main ones of a oneshot in START, all others
 * as the control part. A part is alive from the order to launch it on, not from the answer: whoever
 * takes over in between finds a record that says what should be there. */
#include "states/service.h"
#include "base/check.h"

static enum part
part_of(enum step step)
{
	return step == STEP_START ? PART_MAIN : PART_CONTROL;
}

static bool
launch(struct service *s, enum step step, unsigned index, struct orders *out)
{
	enum part part = part_of(step);

	if (index >= step_commands(s->unit, step)->count) {
		return false;
	}
	CHECK(!s->alive[part]);
	s->step = step;
	s->index = index;
	s->alive[part] = true;
	s->swept = false;
	orders_add(out, (struct order){
				.kind = ORDER_LAUNCH, .part = part, .step = step, .index = index });
	return true;
}

bool
service_launch_first(struct service *s, enum step step, struct orders *out)
{
	return launch(s, step, 0, out);
}

bool
service_launch_next(struct service *s, const struct event *e, struct orders *out)
{
	const struct unit *unit = s->unit;
	bool stops = s->step == STEP_STOP || s->step == STEP_STOP_POST;
	int64_t patience = stops ? unit->timeout_stop : unit->timeout_start;

	if (!launch(s, s->step, s->index + 1, out)) {
		s->step = STEP_NONE;
		s->index = 0;
		return false;
	}
	service_set_timer(s, TIMER_STATE, service_later(e->now, patience), out);
	return true;
}

/* the command that this part is running; NULL: not one of the unit's */
static const struct command *
command_of(const struct service *s, enum part part)
{
	bool sequence = part == PART_CONTROL || s->step == STEP_START;
	const struct commands *commands =
		step_commands(s->unit, part == PART_MAIN ? STEP_START : s->step);
	unsigned index = sequence ? s->index : 0;

	return index < commands->count ? &commands->list[index] : NULL;
}

enum why
service_launch_result(const struct service *s, const struct event *e)
{
	const struct command *command = command_of(s, e->part);

	if (command && command->flags & COMMAND_IGNORE) {
		return WHY_NONE;
	}
	return e->kind == EVENT_LAUNCH_FAILED ? WHY_EXEC : outcome_why(s->unit, &e->outcome);
}
