/* reader-place: a place is found again after rotation and packing; what is gone is said; runs. */
#include "randomlog.h"

static void
every_place_is_found_again(void **state)
{
	(void)state;
	for (unsigned seed = 200; seed <= 230; seed++) {
		struct randomlog log;
		struct reader *reader;

		randomlog_make(&log, seed, seed % 2 ? 40 : 150);
		reader = reader_open(log.d.path, NULL);
		for (size_t i = 0; i < log.count; i += 1 + log.count / 40) {
			for (int behind = 0; behind < 2; behind++) {
				struct reader_item item;

				assert_true(reader_seek_place(reader, &log.items[i].place, behind));
				for (size_t at = i + (size_t)behind;
				     at < MIN(log.count, i + 5 + (size_t)behind); at++) {
					(void)reader_next(reader, true, &item);
					assert_true(randomlog_is(&log.items[at], &item));
				}
			}
		}
		reader_free(reader);
		randomlog_remove(&log);
	}
}

static void
expect_line(struct reader *reader, const char *line)
{
	struct reader_item item;

	assert_int_equal(reader_next(reader, true, &item), READER_LINE);
	assert_int_equal(item.length, strlen(line));
	assert_memory_equal(item.line, line, item.length);
}

static void
it_survives_rotation_and_packing(void **state)
{
	struct reader *reader, *other;
	struct reader_place place;
	struct reader_item item;
	struct logdir d;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "a\nb\nc\n");
	reader = reader_open(d.path, NULL);
	expect_line(reader, "a");
	assert_int_equal(reader_next(reader, true, &item), READER_LINE);
	place = item.place;
	expect_line(reader, "c");
	for (int round = 0; round < 3; round++) {
		other = reader_open(d.path, NULL);
		assert_true(reader_seek_place(other, &place, false));
		expect_line(other, "b");
		assert_true(reader_seek_place(other, &place, true));
		expect_line(other, "c");
		reader_free(other);
		if (round == 0) {
			logdir_rotate(&d, 101); /* a later name: the clock was set back */
			logdir_write(&d, 50, 0, "d\n");
		} else if (round == 1) {
			logdir_pack(&d, 101, 3, true);
		}
	}
	/* one that was reading meanwhile goes on, too */
	expect_line(reader, "d");
	reader_where(reader, &place);
	assert_true(reader_seek_place(reader, &place, true));
	assert_int_equal(reader_next(reader, true, &item), READER_END);
	reader_free(reader);
	logdir_remove(&d);
}

static void
what_is_gone_is_said(void **state)
{
	struct reader *reader;
	struct reader_place place;
	struct reader_item item;
	struct logdir d;
	int fd;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "a\nb\n");
	reader = reader_open(d.path, NULL);
	assert_int_equal(reader_next(reader, true, &item), READER_LINE);
	place = item.place;
	logdir_rotate(&d, 100);
	logdir_write(&d, 200, 0, "c\nd\n");
	assert_int_equal(unlinkat(d.fd, "100.log", 0), 0);
	assert_int_equal(unlinkat(d.fd, "100.idx", 0), 0);
	assert_false(reader_seek_place(reader, &place, true));
	expect_line(reader, "c");
	assert_int_equal(reader_next(reader, true, &item), READER_LINE);
	place = item.place;
	fd = openat(d.fd, "current", O_WRONLY | O_TRUNC | O_CLOEXEC); /* by somebody */
	assert_true(fd >= 0);
	(void)fd_close(fd);
	assert_false(reader_seek_place(reader, &place, true));
	reader_free(reader);
	logdir_remove(&d);
}

static void
expect_run(struct reader *reader, int64_t wanted, int64_t run, bool cut, bool last,
	   const char *lines)
{
	struct reader_run found;
	struct reader_item item;
	char text[256] = "";
	size_t at = 0;

	assert_true(reader_find_run(reader, wanted, &found));
	assert_int_equal(found.run, run);
	assert_int_equal(found.cut, cut);
	assert_int_equal(found.last, last);
	assert_true(reader_seek_place(reader, &found.start, true));
	while (reader_next(reader, true, &item) != READER_END) {
		if (item.result == READER_LINE) {
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%.*s/",
					       (int)item.length, item.line);
		} else if (item.mark.kind == STORE_START && item.mark.extra != run) {
			assert_false(last);
			break;
		}
	}
	assert_string_equal(text, lines);
	assert_true(reader_seek_place(reader, &found.end, true));
	assert_int_equal(reader_previous(reader, &item), READER_MARK);
	assert_int_equal(item.mark.kind, STORE_EXIT);
	assert_int_equal(item.mark.extra, run);
}

static void
runs_are_found(void **state)
{
	struct reader_run found;
	struct reader *reader;
	struct logdir d;

	(void)state;
	logdir_make(&d);
	for (int run = 3; run <= 6; run++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "of %d\n", run);
		logdir_mark(&d, run * 100, STORE_START, 1, run);
		logdir_write(&d, run * 100 + 1, 0, text);
		logdir_mark(&d, run * 100 + 2, STORE_EXIT, 1, run);
		if (run < 6) {
			logdir_rotate(&d, run * 100);
		}
	}
	logdir_pack(&d, 400, 3, true);
	reader = reader_open(d.path, NULL);
	expect_run(reader, 3, 3, false, false, "of 3/");
	expect_run(reader, 4, 4, false, false, "of 4/");
	expect_run(reader, 6, 6, false, true, "of 6/");
	expect_run(reader, 0, 6, false, true, "of 6/");
	expect_run(reader, -1, 5, false, false, "of 5/");
	expect_run(reader, -3, 3, false, false, "of 3/");
	assert_false(reader_find_run(reader, 2, &found));
	assert_false(reader_find_run(reader, 7, &found));
	assert_false(reader_find_run(reader, -4, &found));
	assert_true(reader_seek_run(reader, 4));
	assert_false(reader_seek_run(reader, 2));
	reader_free(reader);
	logdir_remove(&d);
}

/* its START mark was in a segment that has been removed */
static void
a_run_whose_beginning_is_gone(void **state)
{
	struct reader_run found;
	struct reader *reader;
	struct logdir d;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "of 7\n");
	logdir_mark(&d, 200, STORE_EXIT, 1, 7);
	logdir_mark(&d, 300, STORE_START, 1, 8);
	logdir_write(&d, 400, 0, "of 8\n");
	logdir_mark(&d, 500, STORE_EXIT, 1, 8);
	reader = reader_open(d.path, NULL);
	expect_run(reader, 7, 7, true, false, "of 7/");
	expect_run(reader, -1, 7, true, false, "of 7/");
	expect_run(reader, 8, 8, false, true, "of 8/");
	assert_false(reader_find_run(reader, 6, &found));
	assert_false(reader_find_run(reader, -2, &found));
	reader_free(reader);
	logdir_remove(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_place_is_found_again),
		cmocka_unit_test(it_survives_rotation_and_packing),
		cmocka_unit_test(what_is_gone_is_said),
		cmocka_unit_test(runs_are_found),
		cmocka_unit_test(a_run_whose_beginning_is_gone),
	};

	return cmocka_run_group_tests_name("reader-place", tests, NULL, NULL);
}
