/* The words for an end; how it is judged is told by the stories. */
#include "test.h"
#include "states/states.h"
#include <signal.h>

static void
words_for_every_kind_of_end(void **state)
{
	static const struct {
		struct outcome outcome;
		const char *words;
	} ends[] = {
		{ { .known = false, .value = 3 }, "unknown" },
		{ { .known = true }, "exit code 0" },
		{ { .known = true, .value = 255 }, "exit code 255" },
		{ { .known = true, .signalled = true, .value = SIGKILL }, "SIGKILL" },
		{ { .known = true, .signalled = true, .core = true, .value = SIGSEGV },
		  "SIGSEGV (core dumped)" },
		{ { .known = true, .signalled = true, .oom = true, .value = SIGKILL },
		  "SIGKILL (out of memory)" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		assert_string_equal(outcome_show(&ends[i].outcome, text, sizeof(text)),
				    ends[i].words);
	}
}

static void
an_unknown_end_is_no_success(void **state)
{
	struct unit *unit = unit_new("web", NULL);
	struct outcome outcome = { .known = false };

	(void)state;
	assert_false(outcome_is_success(unit, &outcome));
	assert_int_equal(outcome_why(unit, &outcome), WHY_UNKNOWN);
	outcome.known = true;
	assert_true(outcome_is_success(unit, &outcome));
	unit_unref(unit);
}

static void
every_word_is_its_own(void **state)
{
	(void)state;
	for (enum why a = 0; a < WHY_COUNT; a++) {
		for (enum why b = 0; b < a; b++) {
			assert_string_not_equal(why_name(a), why_name(b));
		}
	}
	for (enum event_kind a = 0; a < EVENT_COUNT; a++) {
		for (enum event_kind b = 0; b < a; b++) {
			assert_string_not_equal(event_name(a), event_name(b));
		}
	}
	for (enum service_state a = 0; a < SERVICE_STATE_COUNT; a++) {
		for (enum service_state b = 0; b < a; b++) {
			assert_string_not_equal(service_state_name(a), service_state_name(b));
		}
	}
	assert_string_equal(why_name(WHY_COUNT), "?");
	assert_string_equal(event_name(EVENT_COUNT), "?");
	assert_string_equal(order_name(ORDER_KIND_COUNT), "?");
	assert_string_equal(step_name(STEP_COUNT), "?");
	assert_string_equal(service_state_name(SERVICE_STATE_COUNT), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_for_every_kind_of_end),
		cmocka_unit_test(an_unknown_end_is_no_success),
		cmocka_unit_test(every_word_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
