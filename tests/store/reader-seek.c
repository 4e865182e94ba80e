/* reader-seek: beginning at the end, at a time, at a run. */
#include "logdir.h"
#include <sys/wait.h>

/* the lines from here on, with a slash between; marks by their kind's number */
static void
expect_rest(struct reader *reader, const char *rest)
{
	char text[4096] = "";
	size_t at = 0;
	struct reader_item item;

	while (reader_next(reader, true, &item) != READER_END) {
		if (item.result == READER_LINE) {
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%.*s/",
					       (int)item.length, item.line);
		} else if (item.result == READER_MARK) {
			at += (size_t)snprintf(text + at, sizeof(text) - at, "<%u>",
					       item.mark.kind);
		}
		assert_true(at < sizeof(text));
	}
	assert_string_equal(text, rest);
}

static struct reader *
open_reader(struct logdir *d)
{
	struct reader *reader = reader_open(d->path, NULL);

	assert_non_null(reader);
	return reader;
}

static void
fill(struct logdir *d)
{
	logdir_make(d);
	logdir_mark(d, 90, STORE_START, 1, 11);
	logdir_write(d, 100, 0, "a\nb\n");
	logdir_write(d, 200, 0, "c\n");
	logdir_rotate(d, 90);
	logdir_write(d, 300, 0, "d\ne");
	logdir_mark(d, 400, STORE_EXIT, 1, 11);
	logdir_mark(d, 410, STORE_START, 2, 22);
	logdir_write(d, 500, 0, "f\ng");
	logdir_rotate(d, 300);
	logdir_write(d, 600, 0, "h\ni\nj");
}

static void
tail_counts_lines(void **state)
{
	static const char *const rests[] = {
		"", "j/", "i/j/", "gh/i/j/", "f/gh/i/j/",
	};
	struct logdir d;
	struct reader *reader;

	(void)state;
	fill(&d);
	reader = open_reader(&d);
	for (size_t n = 0; n < COUNT(rests); n++) {
		if (n == 3) {
			/* `g` was cut by rotation: the segment's beginning is taken for a line's */
			reader_seek_tail(reader, n);
			expect_rest(reader, "h/i/j/");
			continue;
		}
		if (n == 4) {
			reader_seek_tail(reader, n);
			expect_rest(reader, "gh/i/j/");
			continue;
		}
		reader_seek_tail(reader, n);
		expect_rest(reader, rests[n]);
	}
	reader_seek_tail(reader, 6); /* `e` was ended by a mark */
	expect_rest(reader, "e/<3><2>f/gh/i/j/");
	reader_seek_tail(reader, 1000);
	expect_rest(reader, "<2>a/b/c/d/e/<3><2>f/gh/i/j/");
	reader_seek_start(reader);
	expect_rest(reader, "<2>a/b/c/d/e/<3><2>f/gh/i/j/");
	reader_seek_end(reader);
	expect_rest(reader, "");
	reader_free(reader);
	logdir_remove(&d);
}

static void
tail_is_exact_over_blocks(void **state)
{
	char line[128], *text = calloc(1, 4 << 20);
	struct reader_item item;
	struct reader *reader;
	size_t at = 0;
	struct logdir d;

	(void)state;
	logdir_make(&d);
	for (int i = 0; i < 20000; i++) {
		at += (size_t)sprintf(text + at, "line %d %.*s\n", i, i % 90,
				      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	}
	logdir_write(&d, 100, 0, text);
	reader = open_reader(&d);
	for (int n = 1; n < 20000; n = n * 3 + 1) {
		reader_seek_tail(reader, (size_t)n);
		for (int i = 20000 - n; i < 20000; i++) {
			assert_int_equal(reader_next(reader, false, &item), READER_LINE);
			(void)snprintf(line, sizeof(line), "line %d ", i);
			assert_memory_equal(item.line, line, strlen(line));
		}
		assert_int_equal(reader_next(reader, false, &item), READER_END);
	}
	reader_free(reader);
	free(text);
	logdir_remove(&d);
}

static void
a_crash_loop_without_newlines_has_lines(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	for (int i = 0; i < 1000; i++) {
		logdir_mark(&d, 100 + i, STORE_START, 1, i);
		logdir_write(&d, 100 + i, 0, "boom");
		logdir_mark(&d, 100 + i, STORE_EXIT, 1, i);
	}
	reader = open_reader(&d);
	reader_seek_tail(reader, 2);
	expect_rest(reader, "<3><2>boom/<3><2>boom/<3>");
	reader_free(reader);
	logdir_remove(&d);
}

static void
times_are_found(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	fill(&d);
	reader = open_reader(&d);
	reader_seek_time(reader, 0);
	expect_rest(reader, "<2>a/b/c/d/e/<3><2>f/gh/i/j/");
	reader_seek_time(reader, 150);
	expect_rest(reader, "c/d/e/<3><2>f/gh/i/j/");
	reader_seek_time(reader, 200);
	expect_rest(reader, "c/d/e/<3><2>f/gh/i/j/");
	reader_seek_time(reader, 250);
	expect_rest(reader, "d/e/<3><2>f/gh/i/j/");
	reader_seek_time(reader, 405);
	expect_rest(reader, "<2>f/gh/i/j/");
	reader_seek_time(reader, 700);
	expect_rest(reader, "");
	reader_free(reader);
	logdir_remove(&d);
}

static void
a_line_from_before_is_left_out(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "begins ");
	logdir_write(&d, 200, 0, "earlier\nfirst\n");
	reader = open_reader(&d);
	reader_seek_time(reader, 150);
	expect_rest(reader, "first/");
	reader_free(reader);
	logdir_remove(&d);
}

static void
a_clock_that_jumped_back_harms_nobody(void **state)
{
	struct reader_item item;
	struct logdir d;
	struct reader *reader;
	int lines = 0;

	(void)state;
	logdir_make(&d);
	for (int i = 0; i < 50; i++) {
		logdir_write(&d, i < 25 ? 1000 + i : i, 0, "line\n");
	}
	reader = open_reader(&d);
	for (int64_t wall = 0; wall < 1100; wall++) {
		reader_seek_time(reader, wall);
		while (reader_next(reader, true, &item) != READER_END) {
			assert_int_equal(item.result, READER_LINE);
			lines++;
		}
	}
	assert_true(lines > 0);
	reader_free(reader);
	logdir_remove(&d);
}

/* the clock was set back between two segments: all that is late enough is still there */
static void
a_clock_set_back_between_segments(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "a\n");
	logdir_write(&d, 900, 0, "b\n");
	logdir_rotate(&d, 100);
	logdir_write(&d, 300, 0, "c\n");
	logdir_write(&d, 400, 0, "d\n");
	logdir_rotate(&d, 901); /* names never go back */
	logdir_write(&d, 500, 0, "e\n");
	for (int round = 0; round < 2; round++) {
		reader = open_reader(&d);
		reader_seek_time(reader, 350);
		expect_rest(reader, "b/c/d/e/"); /* who wants no more leaves `c` out */
		reader_seek_time(reader, 50);
		expect_rest(reader, "a/b/c/d/e/");
		reader_seek_time(reader, 950);
		expect_rest(reader, "");
		reader_seek_start(reader);
		assert_true(reader_seek_more(reader, 350));
		expect_rest(reader, "a/b/c/d/e/");
		reader_seek_start(reader);
		(void)reader_seek_more(reader, 1000);
		reader_seek_time(reader, 800);
		assert_true(reader_seek_more(reader, 350));
		expect_rest(reader, "c/d/e/");
		assert_false(reader_seek_more(reader, 350));
		reader_free(reader);
		logdir_pack(&d, round == 0 ? 100 : 901, 3, true);
	}
	logdir_remove(&d);
}

static void
runs_are_found(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	fill(&d);
	reader = open_reader(&d);
	assert_true(reader_seek_run(reader, 22));
	expect_rest(reader, "<2>f/gh/i/j/");
	assert_true(reader_seek_run(reader, 11));
	expect_rest(reader, "<2>a/b/c/d/e/<3><2>f/gh/i/j/");
	assert_false(reader_seek_run(reader, 33));
	reader_free(reader);
	logdir_remove(&d);
}

static void
empty_logs_are_found_empty(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	for (int round = 0; round < 2; round++) {
		reader = open_reader(&d);
		expect_rest(reader, "");
		reader_seek_tail(reader, 5);
		expect_rest(reader, "");
		reader_seek_end(reader);
		expect_rest(reader, "");
		reader_seek_time(reader, 5);
		expect_rest(reader, "");
		assert_false(reader_seek_run(reader, 1));
		expect_rest(reader, "");
		reader_free(reader);
		logdir_append(&d, "current", "", 0);
		logdir_append(&d, "current.idx", "", 0);
	}
	logdir_remove(&d);
}

/* a log that is being made while somebody asks for what it says from a time on: nothing is missed
 */
static void
what_begins_meanwhile_is_later(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		struct reader_item item;
		struct reader *reader;
		struct logdir d;
		int status;
		pid_t pid;

		logdir_make(&d);
		reader = reader_open(d.path, NULL);
		assert_non_null(reader);
		pid = fork();
		if (pid == 0) {
			for (volatile int wait = 0; wait < i * 20; wait++) {
			}
			logdir_mark(&d, 100, STORE_START, 1, 1);
			logdir_write(&d, 101, 0, "up\n");
			_exit(0);
		}
		reader_seek_time(reader, 50);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		do {
			assert_int_not_equal(reader_next(reader, false, &item), READER_END);
		} while (item.result != READER_LINE);
		assert_int_equal(item.length, 2);
		assert_null(reader_free(reader));
		logdir_remove(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_begins_meanwhile_is_later),
		cmocka_unit_test(tail_counts_lines),
		cmocka_unit_test(tail_is_exact_over_blocks),
		cmocka_unit_test(a_crash_loop_without_newlines_has_lines),
		cmocka_unit_test(times_are_found),
		cmocka_unit_test(a_line_from_before_is_left_out),
		cmocka_unit_test(a_clock_that_jumped_back_harms_nobody),
		cmocka_unit_test(a_clock_set_back_between_segments),
		cmocka_unit_test(runs_are_found),
		cmocka_unit_test(empty_logs_are_found_empty),
	};

	return cmocka_run_group_tests_name("reader-seek", tests, NULL, NULL);
}
