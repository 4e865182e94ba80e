/* A record that is damaged or of another version: lines that cannot be meant are refused and change
 * nothing, and fields that do not fit together are no service. */
#include "test.h"
#include "base/clock.h"
#include "states/states.h"

static void
fresh(struct service *s)
{
	static struct unit *unit;
	struct err err;

	if (!unit) {
		unit = unit_new("web", NULL);
		assert_true(unit_set(unit, "ExecStart", "/main", &err));
		assert_true(unit_set(unit, "ExecStop", "/stop", &err));
		unit_finish(unit);
	}
	service_init(s, unit);
}

static void
what_cannot_be_meant_is_refused(void **state)
{
	static const char *const lines[][2] = {
		{ "state", "sleeping" },
		{ "state", "" },
		{ "state", "?" },
		{ "why", "weather" },
		{ "main", "maybe" },
		{ "index", "-1" },
		{ "index", "4294967296" },
		{ "entered", "-5" },
		{ "outcome-value", "256" },
		{ "entered", "9223372036854775808" },
		{ "entered", "12x" },
		{ "pid", "12" },
		{ "", "" },
		{ "states", "running" },
	};
	struct service s, before;

	(void)state;
	fresh(&s);
	fresh(&before);
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_false(service_restore(&s, lines[i][0], lines[i][1]));
	}
	assert_int_equal(s.state, before.state);
	assert_int_equal(s.why, before.why);
	assert_int_equal(s.entered, before.entered);
	assert_int_equal(s.index, before.index);
	assert_true(service_is_sane(&s));
}

static bool
is_sane_with(const char *const lines[][2], size_t count)
{
	struct service s;

	fresh(&s);
	for (size_t i = 0; i < count; i++) {
		assert_true(service_restore(&s, lines[i][0], lines[i][1]));
	}
	return service_is_sane(&s);
}
#define SANE(...)                                                                                  \
	is_sane_with((const char *const[][2]){ __VA_ARGS__ },                                      \
		     COUNT(((const char *const[][2]){ __VA_ARGS__ })))

static void
fields_fit_together_or_not(void **state)
{
	(void)state;
	assert_true(SANE({ "state", "running" }, { "main", "yes" }));
	assert_false(SANE({ "state", "running" }));
	assert_false(SANE({ "state", "running" }, { "main", "yes" }, { "control", "yes" }));
	assert_false(SANE({ "state", "stopped" }, { "main", "yes" }));
	assert_false(SANE({ "state", "stopped" }, { "deadline-state", "5" }));
	assert_true(SANE({ "state", "waiting" }, { "deadline-state", "5" }));
	assert_false(SANE({ "state", "failed" }));
	assert_true(SANE({ "state", "failed" }, { "why", "signal" }));
	assert_false(SANE({ "state", "done" }, { "why", "signal" }));
	assert_true(SANE({ "state", "stopping" }, { "control", "yes" }, { "step", "ExecStop" }));
	/* the file may have fewer commands by now */
	assert_true(SANE({ "state", "stopping" }, { "control", "yes" }, { "step", "ExecStop" },
			 { "index", "1" }));
	assert_false(SANE({ "state", "stopping" }, { "step", "ExecStop" }));
	assert_false(SANE({ "state", "stopping" }, { "control", "yes" }, { "step", "ExecReload" }));
	assert_true(SANE({ "state", "start" }, { "main", "yes" }, { "step", "ExecStart" }));
	assert_false(SANE({ "state", "start" }, { "main", "yes" }, { "step", "ExecStop" }));
	assert_true(SANE({ "state", "term" }));
	assert_false(SANE({ "state", "running" }, { "main", "yes" }, { "deadline-state", "1" }));
	assert_true(SANE({ "state", "running" }, { "main", "yes" }, { "deadline-runtime", "1" }));
}

static void
a_service_that_never_ran_has_no_record(void **state)
{
	struct service s;
	struct buf text;

	(void)state;
	fresh(&s);
	buf_init(&text, LIMIT_LEDGER);
	service_record(&s, &text);
	assert_int_equal(text.length, 0);
	s.state = SERVICE_WAITING;
	s.why = WHY_EXIT_CODE;
	s.deadline[TIMER_STATE] = 7 * CLOCK_S;
	service_record(&s, &text);
	assert_string_equal(buf_str(&text),
			    "state waiting\nwhy exit-code\ndeadline-state 7000000000\n");
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_meant_is_refused),
		cmocka_unit_test(fields_fit_together_or_not),
		cmocka_unit_test(a_service_that_never_ran_has_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
