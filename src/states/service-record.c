/* What is as in a fresh service is not written: the record of a service that was never started is
 * empty, and most of a thousand records are a dozen short lines. */
#include "states/service-record.h"
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static const char *
state_word(int choice)
{
	return service_state_name((enum service_state)choice);
}

static const char *
why_word(int choice)
{
	return why_name((enum why)choice);
}

static const char *
step_word(int choice)
{
	return step_name((enum step)choice);
}

static const char *
wish_word(int choice)
{
	static const char *const words[] = {
		[WISH_NONE] = "none", [WISH_START] = "start", [WISH_STOP] = "stop"
	};

	return words[choice];
}

#define FIELD(member) .offset = offsetof(struct service, member)
#define CHOICE(word, count) .kind = FIELD_CHOICE, .name = (word), .choices = (count)

_Static_assert(sizeof(enum service_state) == sizeof(int) && sizeof(enum why) == sizeof(int) &&
		       sizeof(enum step) == sizeof(int) && sizeof(enum wish) == sizeof(int),
	       "enums are read and written as int");

/* clang-format off */
const struct field service_record_fields[] = {
	{ .key = "state", FIELD(state), CHOICE(state_word, SERVICE_STATE_COUNT) },
	{ .key = "why", FIELD(why), CHOICE(why_word, WHY_COUNT) },
	{ .key = "wish", FIELD(wish), CHOICE(wish_word, WISH_STOP + 1) },
	{ .key = "step", FIELD(step), CHOICE(step_word, STEP_COUNT) },
	{ .key = "index", FIELD(index), .kind = FIELD_COUNT },
	{ .key = "main", FIELD(alive[PART_MAIN]), .kind = FIELD_FLAG },
	{ .key = "control", FIELD(alive[PART_CONTROL]), .kind = FIELD_FLAG },
	{ .key = "asked", FIELD(asked), .kind = FIELD_FLAG },
	{ .key = "restarting", FIELD(restarting), .kind = FIELD_FLAG },
	{ .key = "was-up", FIELD(was_up), .kind = FIELD_FLAG },
	{ .key = "skipped", FIELD(skipped), .kind = FIELD_FLAG },
	{ .key = "ready-seen", FIELD(ready_seen), .kind = FIELD_FLAG },
	{ .key = "reloading", FIELD(reloading), .kind = FIELD_FLAG },
	{ .key = "signalled", FIELD(signalled), .kind = FIELD_FLAG },
	{ .key = "delivered", FIELD(delivered), .kind = FIELD_FLAG },
	{ .key = "swept", FIELD(swept), .kind = FIELD_FLAG },
	{ .key = "main-known", FIELD(main_known), .kind = FIELD_FLAG },
	{ .key = "outcome-known", FIELD(outcome.known), .kind = FIELD_FLAG },
	{ .key = "outcome-signalled", FIELD(outcome.signalled), .kind = FIELD_FLAG },
	{ .key = "outcome-core", FIELD(outcome.core), .kind = FIELD_FLAG },
	{ .key = "outcome-oom", FIELD(outcome.oom), .kind = FIELD_FLAG },
	{ .key = "outcome-value", FIELD(outcome.value), .kind = FIELD_VALUE },
	{ .key = "entered", FIELD(entered), .kind = FIELD_TIME },
	{ .key = "started", FIELD(started), .kind = FIELD_TIME },
	{ .key = "up-since", FIELD(up_since), .kind = FIELD_TIME },
	{ .key = "deadline-state", FIELD(deadline[TIMER_STATE]), .kind = FIELD_TIME },
	{ .key = "deadline-runtime", FIELD(deadline[TIMER_RUNTIME]), .kind = FIELD_TIME },
	{ .key = "deadline-watchdog", FIELD(deadline[TIMER_WATCHDOG]), .kind = FIELD_TIME },
	{ .key = "watchdog", FIELD(watchdog), .kind = FIELD_TIME },
	{ .key = "limit-from", FIELD(limit_from), .kind = FIELD_TIME },
	{ .key = "limit-starts", FIELD(limit_starts), .kind = FIELD_COUNT },
	{ .key = "restarts", FIELD(restarts), .kind = FIELD_COUNT },
	{ .key = "pauses", FIELD(pauses), .kind = FIELD_COUNT },
};
/* clang-format on */
const size_t service_record_field_count = COUNT(service_record_fields);

static void
add_field(const struct field *field, const void *value, struct buf *text)
{
	switch (field->kind) {
	case FIELD_CHOICE:
		(void)buf_addf(text, "%s %s\n", field->key, field->name(*(const int *)value));
		break;
	case FIELD_FLAG:
		(void)buf_addf(text, "%s %s\n", field->key, *(const bool *)value ? "yes" : "no");
		break;
	case FIELD_COUNT:
		(void)buf_addf(text, "%s %u\n", field->key, *(const unsigned *)value);
		break;
	case FIELD_VALUE: (void)buf_addf(text, "%s %d\n", field->key, *(const int *)value); break;
	case FIELD_TIME:
		(void)buf_addf(text, "%s %" PRId64 "\n", field->key, *(const int64_t *)value);
		break;
	}
}

static size_t
size_of(enum field_kind kind)
{
	switch (kind) {
	case FIELD_CHOICE:
	case FIELD_VALUE: return sizeof(int);
	case FIELD_FLAG: return sizeof(bool);
	case FIELD_COUNT: return sizeof(unsigned);
	case FIELD_TIME: return sizeof(int64_t);
	}
	return 0;
}

void
service_record(const struct service *service, struct buf *ret_text)
{
	struct service fresh;

	service_init(&fresh, service->unit);
	for (size_t i = 0; i < COUNT(service_record_fields); i++) {
		const struct field *field = &service_record_fields[i];
		const char *value = (const char *)service + field->offset;
		const char *usual = (const char *)&fresh + field->offset;

		if (memcmp(value, usual, size_of(field->kind)) != 0) {
			add_field(field, value, ret_text);
		}
	}
}
