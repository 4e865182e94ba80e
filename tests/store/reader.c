/* reader: going forward, across marks, streams, rotation and damage. */
#include "logdir.h"

static struct reader *
open_reader(struct logdir *d)
{
	struct err err;
	struct reader *reader = reader_open(d->path, &err);

	assert_non_null(reader);
	return reader;
}

static void
expect_line(struct reader *reader, const char *line, int64_t time, int stream, bool whole)
{
	struct reader_item item;

	assert_int_equal(reader_next(reader, false, &item), READER_LINE);
	assert_int_equal(item.length, strlen(line));
	assert_memory_equal(item.line, line, item.length);
	assert_int_equal(item.whole, whole);
	assert_int_equal(item.stream, stream);
	if (time > 0) {
		assert_int_equal(item.time, time);
	}
}

static void
expect_mark(struct reader *reader, enum store_kind kind, int64_t value)
{
	struct reader_item item;

	assert_int_equal(reader_next(reader, false, &item), READER_MARK);
	assert_int_equal(item.mark.kind, kind);
	assert_int_equal(item.mark.value, value);
}

static void
expect(struct reader *reader, enum reader_result result, bool flush)
{
	struct reader_item item;

	assert_int_equal(reader_next(reader, flush, &item), result);
}

static void
lines_have_the_time_of_their_beginning(void **state)
{
	struct logdir d;
	struct reader *reader;
	struct reader_item item;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "one\n\ntw");
	logdir_write(&d, 200, 0, "o\nthr");
	reader = open_reader(&d);
	expect_line(reader, "one", 100, 0, true);
	expect_line(reader, "", 100, 0, true);
	expect_line(reader, "two", 100, 0, true);
	expect(reader, READER_END, false);
	logdir_write(&d, 300, 0, "ee\nlast");
	expect_line(reader, "three", 200, 0, true);
	expect(reader, READER_END, false);
	assert_int_equal(reader_next(reader, true, &item), READER_LINE);
	assert_false(item.whole);
	assert_int_equal(item.length, 4);
	expect(reader, READER_END, true);
	reader_free(reader);
	logdir_remove(&d);
}

static void
marks_stand_where_they_were_made(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	logdir_mark(&d, 90, STORE_START, 7, 1);
	logdir_write(&d, 100, 0, "one\nno newline");
	logdir_mark(&d, 110, STORE_EXIT, 5, 1);
	logdir_mark(&d, 120, STORE_START, 8, 2);
	logdir_write(&d, 130, 0, "hal");
	logdir_mark(&d, 140, STORE_RESTART, 0, 0); /* does not end a line */
	logdir_write(&d, 150, 0, "f\n");
	reader = open_reader(&d);
	expect_mark(reader, STORE_START, 7);
	expect_line(reader, "one", 100, 0, true);
	expect_line(reader, "no newline", 100, 0, false);
	expect_mark(reader, STORE_EXIT, 5);
	expect_mark(reader, STORE_START, 8);
	expect_mark(reader, STORE_RESTART, 0);
	expect_line(reader, "half", 130, 0, true);
	expect(reader, READER_END, true);
	reader_free(reader);
	logdir_remove(&d);
}

static void
a_drop_that_still_counts_is_held_back(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "one\n");
	logdir_mark(&d, 110, STORE_DROP, 5, ENOSPC);
	reader = open_reader(&d);
	expect_line(reader, "one", 100, 0, true);
	expect(reader, READER_END, false);
	logdir_write(&d, 120, 0, "two\n");
	expect_mark(reader, STORE_DROP, 5);
	expect_line(reader, "two", 120, 0, true);
	reader_free(reader);
	reader = open_reader(&d);
	logdir_mark(&d, 130, STORE_DROP, 6, ENOSPC);
	expect_line(reader, "one", 100, 0, true);
	expect(reader, READER_MARK, true);
	expect_line(reader, "two", 120, 0, true);
	expect(reader, READER_MARK, true);
	reader_free(reader);
	logdir_remove(&d);
}

static void
streams_do_not_tear_each_other(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, STORE_OUTPUT, "out begins ");
	logdir_write(&d, 110, STORE_ERROR, "error\nerr");
	logdir_write(&d, 120, STORE_OUTPUT, "and ends\n");
	logdir_write(&d, 130, STORE_ERROR, "or 2\n");
	reader = open_reader(&d);
	expect_line(reader, "error", 110, STORE_ERROR, true);
	expect_line(reader, "out begins and ends", 100, STORE_OUTPUT, true);
	expect_line(reader, "error 2", 110, STORE_ERROR, true);
	reader_free(reader);
	logdir_remove(&d);
}

static void
rotation_is_followed(void **state)
{
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "one\n");
	reader = open_reader(&d);
	expect_line(reader, "one", 100, 0, true);
	expect(reader, READER_END, false);
	logdir_write(&d, 110, 0, "two\ncut in the mid");
	logdir_rotate(&d, 100);
	expect_line(reader, "two", 110, 0, true);
	expect(reader, READER_END, false); /* there is no new one yet */
	logdir_write(&d, 120, 0, "dle\n");
	logdir_rotate(&d, 120);
	logdir_write(&d, 130, 0, "three\n");
	logdir_rotate(&d, 130);
	logdir_write(&d, 140, 0, "four\n");
	expect_line(reader, "cut in the middle", 110, 0, true);
	expect_line(reader, "three", 130, 0, true);
	expect_line(reader, "four", 140, 0, true);
	expect(reader, READER_END, false);
	reader_free(reader);
	logdir_remove(&d);
}

static void
what_was_removed_is_said(void **state)
{
	struct logdir d;
	struct reader *reader;
	struct reader_item item;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "one\n");
	reader = open_reader(&d);
	expect_line(reader, "one", 100, 0, true);
	logdir_write(&d, 110, 0, "two\n");
	logdir_rotate(&d, 100);
	logdir_write(&d, 120, 0, "never seen\n");
	logdir_rotate(&d, 120);
	logdir_write(&d, 130, 0, "three\n");
	assert_int_equal(unlinkat(d.fd, "100.log", 0), 0);
	assert_int_equal(unlinkat(d.fd, "120.log", 0), 0);
	expect_line(reader, "two", 110, 0, true); /* it is still held open */
	assert_int_equal(reader_next(reader, false, &item), READER_TROUBLE);
	assert_non_null(strstr(item.trouble, "removed"));
	expect_line(reader, "three", 130, 0, true);
	reader_free(reader);
	logdir_remove(&d);
}

static void
a_damaged_index_costs_times_only(void **state)
{
	static const char rubbish[2 * sizeof(struct store_record)] = "rubbish";
	struct logdir d;
	struct reader *reader;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "one\n");
	logdir_append(&d, "current.idx", rubbish, sizeof(rubbish));
	logdir_record(&d,
		      (struct store_record){ .time = 150, .kind = STORE_BATCH, .offset = 1 << 20 });
	logdir_write(&d, 200, 0, "two\n");
	reader = open_reader(&d);
	expect(reader, READER_TROUBLE, false); /* once */
	expect_line(reader, "one", 100, 0, true);
	expect_line(reader, "two", 200, 0, true);
	expect(reader, READER_END, true);
	reader_free(reader);

	assert_int_equal(unlinkat(d.fd, "current.idx", 0), 0);
	reader = open_reader(&d);
	expect(reader, READER_TROUBLE, false); /* there is none */
	expect_line(reader, "one", 0, 0, true);
	expect_line(reader, "two", 0, 0, true);
	expect(reader, READER_END, true);
	reader_free(reader);
	logdir_append(&d, "current.idx", "", 0);
	reader = open_reader(&d);
	expect(reader, READER_TROUBLE, false);
	expect_line(reader, "one", 0, 0, true);
	reader_free(reader);
	logdir_remove(&d);
}

static void
a_log_cut_off_is_read_again(void **state)
{
	struct logdir d;
	struct reader *reader;
	int fd;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "one\ntwo\nthree\n");
	reader = open_reader(&d);
	for (int i = 0; i < 3; i++) {
		expect(reader, READER_LINE, false);
	}
	fd = openat(d.fd, "current", O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_true(fd >= 0);
	(void)fd_close(fd);
	d.size = 0;
	expect(reader, READER_TROUBLE, false);
	logdir_mark(&d, 110, STORE_GAP, 14, 0);
	logdir_write(&d, 110, 0, "four\n");
	expect_mark(reader, STORE_GAP, 14);
	expect_line(reader, "four", 110, 0, true);
	reader_free(reader);
	logdir_remove(&d);
}

static void
long_lines_are_cut(void **state)
{
	size_t length = 3 * READER_LINE_MAX + 17;
	char *text = malloc(length + 2);
	struct reader_item item;
	struct reader *reader;
	struct logdir d;

	(void)state;
	logdir_make(&d);
	memset(text, 'x', length);
	memcpy(text + length, "\n", 2);
	logdir_write(&d, 100, 0, text);
	logdir_write(&d, 110, 0, "next\n");
	reader = open_reader(&d);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(reader_next(reader, false, &item), READER_LINE);
		assert_int_equal(item.length, READER_LINE_MAX);
		assert_false(item.whole);
	}
	assert_int_equal(reader_next(reader, false, &item), READER_LINE);
	assert_int_equal(item.length, 17);
	assert_true(item.whole);
	expect_line(reader, "next", 110, 0, true);
	reader_free(reader);
	free(text);
	logdir_remove(&d);
}

static void
no_log_is_an_error(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(reader_open("/nonexistent/log", &err));
	assert_int_equal(err.number, ENOENT);
	assert_null(reader_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_the_time_of_their_beginning),
		cmocka_unit_test(marks_stand_where_they_were_made),
		cmocka_unit_test(a_drop_that_still_counts_is_held_back),
		cmocka_unit_test(streams_do_not_tear_each_other),
		cmocka_unit_test(rotation_is_followed),
		cmocka_unit_test(what_was_removed_is_said),
		cmocka_unit_test(a_damaged_index_costs_times_only),
		cmocka_unit_test(a_log_cut_off_is_read_again),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(no_log_is_an_error),
	};

	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
