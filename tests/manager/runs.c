/* runs: the history of a unit, newest first, bounded, and readable whatever is in the file. */
#include "staged.h"
#include <inttypes.h>
#include <stdio.h>

static const char web[] = "[Service]\nExecStart=/bin/true\n";

static void
add(struct member *m, int64_t number)
{
	m->run = number;
	m->run_pid = (pid_t)(1000 + number);
	m->run_wall = 1000 * number;
	m->ended_wall = 1000 * number + 500;
	runs_add(m);
}

static void
what_was_added_comes_back(void **state)
{
	struct staged *s = staged_new();
	struct member *m = staged_member(s, "web", web);
	struct run runs[LIMIT_RUNS];

	(void)state;
	assert_int_equal(runs_read(s->manager, "web", runs, LIMIT_RUNS), 0);
	add(m, 1);
	m->by = str_dup("uid 0, tend stop web (pid 7) 100%\n\xed\x95\x9c\x7f");
	m->failure = str_dup("a = b");
	m->service.main_known = m->service.was_up = true;
	m->service.outcome =
		(struct outcome){ .known = true, .signalled = true, .core = true, .value = 11 };
	m->service.why = WHY_CORE;
	m->usage = (struct usage){ 12345, 678 };
	add(m, 2);
	assert_int_equal(runs_read(s->manager, "web", runs, LIMIT_RUNS), 2);
	assert_int_equal(runs[0].number, 2);
	assert_int_equal(runs[0].pid, 1002);
	assert_int_equal(runs[0].started, 2000);
	assert_int_equal(runs[0].ended, 2500);
	assert_true(runs[0].up);
	assert_true(runs[0].has_outcome && runs[0].outcome.known && runs[0].outcome.signalled &&
		    runs[0].outcome.core);
	assert_int_equal(runs[0].outcome.value, 11);
	assert_int_equal(runs[0].why, WHY_CORE);
	assert_int_equal(runs[0].cpu_us, 12345);
	assert_int_equal(runs[0].peak_kib, 678);
	assert_string_equal(runs[0].by, m->by);
	assert_string_equal(runs[0].text, "a = b");
	assert_int_equal(runs[1].number, 1);
	assert_false(runs[1].has_outcome || runs[1].up);
	assert_null(runs[1].by);
	runs_done(runs, 2);
	assert_int_equal(runs_read(s->manager, "web", runs, 1), 1);
	assert_int_equal(runs[0].number, 2);
	runs_done(runs, 1);
	runs_remove(s->manager, "web");
	assert_int_equal(runs_read(s->manager, "web", runs, LIMIT_RUNS), 0);
	staged_done(s);
}

static void
a_run_that_is_written_twice_is_one(void **state)
{
	struct staged *s = staged_new();
	struct member *m = staged_member(s, "web", web);
	struct run runs[LIMIT_RUNS];

	(void)state;
	add(m, 1);
	m->service.why = WHY_ASKED;
	add(m, 1);
	add(m, 2);
	assert_int_equal(runs_read(s->manager, "web", runs, LIMIT_RUNS), 2);
	assert_int_equal(runs[1].why, WHY_ASKED);
	runs_done(runs, 2);
	staged_done(s);
}

static void
it_does_not_grow_for_ever(void **state)
{
	struct staged *s = staged_new();
	struct member *m = staged_member(s, "web", web);
	autofree char *path = str_format("%s/web", s->start.places.runs), *text = NULL;
	struct run runs[LIMIT_RUNS];
	size_t length;

	(void)state;
	for (int64_t i = 1; i <= 50 * LIMIT_RUNS; i++) {
		add(m, i);
	}
	assert_int_equal(file_read(AT_FDCWD, path, 1 << 20, &text, &length), 0);
	assert_true(length < (size_t)10 * LIMIT_RUNS * 120);
	assert_int_equal(runs_read(s->manager, "web", runs, LIMIT_RUNS), LIMIT_RUNS);
	for (int i = 0; i < LIMIT_RUNS; i++) {
		assert_int_equal(runs[i].number, 50 * LIMIT_RUNS - i);
	}
	runs_done(runs, LIMIT_RUNS);
	staged_done(s);
}

static void
what_is_no_run_is_skipped(void **state)
{
	static const char text[] =
		"garbage\nrun=1\nrun=x started=y\n=\n\nrun=3 started=1 why=nothing pid=-5 "
		"outcome=zz by=%4 future=1\nrun=4 star";
	struct staged *s = staged_new();
	autofree char *path = str_format("%s/web", s->start.places.runs);
	struct run runs[LIMIT_RUNS];

	(void)state;
	assert_int_equal(file_replace(AT_FDCWD, path, text, sizeof(text) - 1, 0600, false), 0);
	assert_int_equal(runs_read(s->manager, "web", runs, LIMIT_RUNS), 1);
	assert_int_equal(runs[0].number, 3);
	assert_int_equal(runs[0].pid, 0);
	assert_int_equal(runs[0].why, WHY_NONE);
	assert_false(runs[0].has_outcome);
	assert_string_equal(runs[0].by, "%4");
	runs_done(runs, 1);
	staged_done(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_comes_back),
		cmocka_unit_test(a_run_that_is_written_twice_is_one),
		cmocka_unit_test(it_does_not_grow_for_ever),
		cmocka_unit_test(what_is_no_run_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
