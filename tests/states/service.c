/* A walk through the rules with the same random bytes each time, and the promises of states.h that
 * are not told as stories. */
#include "test.h"
#include "service-walk.h"

enum { WALKS = 400, STEPS_MAX = 400 };

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

static void
no_sequence_of_events_breaks_a_promise(void **state)
{
	uint64_t seed = 20;
	uint8_t bytes[2 * STEPS_MAX];

	(void)state;
	for (int i = 0; i < WALKS; i++) {
		size_t length = 4 + next_random(&seed) % (sizeof(bytes) - 4);

		for (size_t k = 0; k < length; k++) {
			bytes[k] = (uint8_t)next_random(&seed);
		}
		walk(bytes, length);
	}
}

/* every state, seen from a unit that has a command for everything, with orders of each kind it can
 * give */
static void
every_state_and_order_is_met(void **state)
{
	bool states[SERVICE_STATE_COUNT] = { false }, orders[ORDER_KIND_COUNT] = { false };
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < WALKS; i++) {
		uint8_t bytes[STEPS_MAX];
		struct walk w = { .bytes = bytes,
				  .length = sizeof(bytes),
				  .e = { .now = CLOCK_S } };

		for (size_t k = 0; k < sizeof(bytes); k++) {
			bytes[k] = (uint8_t)next_random(&seed);
		}
		w.unit = walk_unit(&w);
		service_init(&w.service, w.unit);
		while (w.at < w.length) {
			struct event e = { .kind = next_random(&seed) % EVENT_COUNT,
					   .now = w.e.now,
					   .part = next_random(&seed) % PART_COUNT };
			struct orders out;

			if (next_random(&seed) % 3) {
				(void)world_next(&w.service, &e);
			}
			w.e.now = e.now + CLOCK_MS;
			world_take(&w.service, &e, &out);
			w.at++;
			states[w.service.state] = true;
			for (size_t k = 0; k < out.count; k++) {
				orders[out.list[k].kind] = true;
			}
		}
		unit_unref(w.unit);
	}
	for (enum service_state s = 0; s < SERVICE_STATE_COUNT; s++) {
		if (!states[s]) {
			fail_msg("%s was never reached", service_state_name(s));
		}
	}
	for (enum order_kind kind = 0; kind < ORDER_KIND_COUNT; kind++) {
		if (!orders[kind]) {
			fail_msg("%s was never given", order_name(kind));
		}
	}
}

static unsigned traced;

static void
count_trace(const struct service *service, enum service_state old, const struct event *event)
{
	assert_int_not_equal(service->state, old);
	assert_int_equal(event->kind, EVENT_ASKED_START);
	traced++;
}

static void
changes_are_traced(void **state)
{
	struct unit *unit = unit_new("web", NULL);
	struct event e = { .kind = EVENT_ASKED_START, .now = 1 };
	struct service s;
	struct orders out;

	(void)state;
	service_init(&s, unit);
	service_trace = count_trace;
	service_take(&s, &e, &out);
	service_take(&s, &e, &out);
	service_trace = NULL;
	assert_int_equal(traced, 1);
	assert_int_equal(s.state, SERVICE_HELD);
	unit_unref(unit);
}

static void
shown_is_one_of_eight_words(void **state)
{
	struct unit *unit = unit_new("web", NULL);
	struct service s;

	(void)state;
	service_init(&s, unit);
	for (enum service_state at = 0; at < SERVICE_STATE_COUNT; at++) {
		s.state = at;
		assert_string_not_equal(shown_name(service_shown(&s)), "?");
		assert_false(service_is_up(&s) && service_is_down(&s));
	}
	assert_string_equal(shown_name(SHOWN_COUNT), "?");
	unit_unref(unit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_sequence_of_events_breaks_a_promise),
		cmocka_unit_test(every_state_and_order_is_met),
		cmocka_unit_test(changes_are_traced),
		cmocka_unit_test(shown_is_one_of_eight_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
