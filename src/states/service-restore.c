/* Reads what service-record.c wrote, perhaps of another version, perhaps damaged: a line that
 * cannot be meant is as good as no line, and service_is_sane() says whether what came together can
 * be a service at all. */
#include "states/service-record.h"
#include "states/service.h"
#include "base/clock.h"
#include <limits.h>

static bool
take_choice(const struct field *field, const char *text, int *ret_choice)
{
	for (int choice = 0; choice < field->choices; choice++) {
		if (str_equal(field->name(choice), text)) {
			*ret_choice = choice;
			return true;
		}
	}
	return false;
}

static bool
take_flag(const char *text, bool *ret_flag)
{
	bool yes = str_equal(text, "yes");

	if (!yes && !str_equal(text, "no")) {
		return false;
	}
	*ret_flag = yes;
	return true;
}

static bool
take_number(const char *text, int64_t least, int64_t most, int64_t *ret_number)
{
	int64_t number;

	if (str_to_i64(text, &number) < 0 || number < least || number > most) {
		return false;
	}
	*ret_number = number;
	return true;
}

static bool
take_field(const struct field *field, const char *text, void *ret_value)
{
	int64_t number;

	switch (field->kind) {
	case FIELD_CHOICE: return take_choice(field, text, ret_value);
	case FIELD_FLAG: return take_flag(text, ret_value);
	case FIELD_COUNT:
		if (!take_number(text, 0, UINT_MAX, &number)) {
			return false;
		}
		*(unsigned *)ret_value = (unsigned)number;
		return true;
	case FIELD_VALUE:
		if (!take_number(text, 0, 255, &number)) {
			return false;
		}
		*(int *)ret_value = (int)number;
		return true;
	case FIELD_TIME:
		if (!take_number(text, 0, CLOCK_NEVER, &number)) {
			return false;
		}
		*(int64_t *)ret_value = number;
		return true;
	}
	return false;
}

bool
service_restore(struct service *service, const char *key, const char *value)
{
	for (size_t i = 0; i < service_record_field_count; i++) {
		const struct field *field = &service_record_fields[i];

		if (str_equal(field->key, key)) {
			return take_field(field, value, (char *)service + field->offset);
		}
	}
	return false;
}

/* ---- do the fields make sense together? ---- */
static bool
are_parts_sane(const struct service *s)
{
	unsigned parts = 0;

	for (enum part part = 0; part < PART_COUNT; part++) {
		parts |= s->alive[part] ? 1U << part : 0;
	}
	return (parts & ~service_rows[s->state].parts) == 0;
}

/* What runs is of those commands that this state runs. Whether the unit still has that many does
 * not matter: its file may have changed meanwhile, and what runs must be kept all the same. */
static bool
is_step_sane(const struct service *s)
{
	enum step step = service_rows[s->state].step;

	if (s->state == SERVICE_START && s->alive[PART_MAIN]) {
		step = STEP_START;
	} else if (!s->alive[PART_CONTROL]) {
		return step == STEP_NONE || s->step == STEP_NONE;
	}
	return step == STEP_NONE || s->step == step;
}

/* there is something whose end will lead on */
static bool
is_alive_enough(const struct service *s)
{
	enum service_type type = s->unit->type;
	bool notifies = type == TYPE_NOTIFY || type == TYPE_NOTIFY_RELOAD;

	switch (s->state) {
	case SERVICE_PRE:
	case SERVICE_STOPPING:
	case SERVICE_STOP_POST: return s->alive[PART_CONTROL];
	case SERVICE_START: return s->alive[PART_MAIN] || service_seeks_main(s) || notifies;
	case SERVICE_RUNNING: return s->alive[PART_MAIN] || service_seeks_main(s);
	case SERVICE_TERM:
	case SERVICE_KILL:
	case SERVICE_ABORT:
	case SERVICE_FINAL_TERM:
	case SERVICE_FINAL_KILL: return service_any_alive(s) || service_stop_sweeps(s);
	case SERVICE_FAILED: return s->why != WHY_NONE;
	case SERVICE_DONE: return s->why == WHY_NONE;
	case SERVICE_STOPPED:
	case SERVICE_HELD:
	case SERVICE_CONDITION:
	case SERVICE_POST:
	case SERVICE_EXITED:
	case SERVICE_RELOADING:
	case SERVICE_WAITING: return true;
	case SERVICE_STATE_COUNT: break;
	}
	return false;
}

static bool
are_timers_sane(const struct service *s)
{
	const struct row *row = &service_rows[s->state];
	const bool may[TIMER_COUNT] = { [TIMER_STATE] = row->patience != PATIENCE_NONE,
					[TIMER_RUNTIME] = row->timed,
					[TIMER_WATCHDOG] = row->watched };

	for (enum service_timer timer = 0; timer < TIMER_COUNT; timer++) {
		if (s->deadline[timer] != CLOCK_NEVER && !may[timer]) {
			return false;
		}
	}
	return true;
}

bool
service_is_sane(const struct service *service)
{
	return are_parts_sane(service) && is_step_sane(service) && is_alive_enough(service) &&
	       are_timers_sane(service);
}
