/* reader-back: what comes backwards is what comes forwards, whatever the log is like. */
#include "randomlog.h"

static void
backwards_is_forwards_reversed(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 24; seed++) {
		struct randomlog log;
		struct reader *reader;
		struct reader_item item;
		size_t i;

		randomlog_make(&log, seed, seed % 2 ? 30 : 300);
		reader = reader_open(log.d.path, NULL);
		i = log.count;
		while (reader_previous(reader, &item) != READER_END) {
			assert_true(i > 0);
			assert_true(randomlog_is(&log.items[--i], &item));
		}
		assert_int_equal(i, 0);
		reader_free(reader);
		randomlog_remove(&log);
	}
}

static bool
find_g(void *context, const char *bytes, size_t n, size_t *ret_from)
{
	const char *found = memchr(bytes, 'g', n);

	(void)context;
	*ret_from = found ? (size_t)(found - bytes) : 0;
	return found != NULL;
}

/* searching gives what is found and nothing else, in both directions */
static void
searching_gives_the_same_lines(void **state)
{
	(void)state;
	for (unsigned seed = 100; seed <= 112; seed++) {
		struct randomlog log;

		randomlog_make(&log, seed, seed % 2 ? 30 : 300);
		for (int way = 0; way < 4; way++) {
			struct reader *reader = reader_open(log.d.path, NULL);
			struct reader_search search = { .find = find_g, .each = way & 1 };
			size_t i = way & 2 ? log.count : 0, from;
			struct reader_item item;

			reader_search(reader, &search);
			while ((way & 2 ? reader_previous(reader, &item)
					: reader_next(reader, true, &item)) != READER_END) {
				const struct reader_item *same;

				do {
					assert_true(way & 2 ? i > 0 : i < log.count);
					same = &log.items[way & 2 ? --i : i++];
				} while (same->result == READER_LINE &&
					 !find_g(NULL, same->line, same->length, &from));
				assert_true(randomlog_is(same, &item));
			}
			reader_free(reader);
		}
		randomlog_remove(&log);
	}
}

static void
expect_back(struct reader *reader, const char *items)
{
	struct reader_item item;
	char text[512] = "";
	size_t at = 0;

	while (reader_previous(reader, &item) != READER_END) {
		if (item.result == READER_LINE) {
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%.*s/",
					       (int)item.length, item.line);
		} else {
			at += (size_t)snprintf(text + at, sizeof(text) - at, "<%u>",
					       item.mark.kind);
		}
	}
	assert_string_equal(text, items);
}

static void
from_a_time_and_over_rotations(void **state)
{
	struct reader *reader;
	struct logdir d;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 100, 0, "a\nb\ntor");
	logdir_rotate(&d, 100);
	logdir_write(&d, 200, 0, "n\nc\n");
	logdir_write(&d, 300, 0, "d\ne");
	logdir_pack(&d, 100, 4, true);
	reader = reader_open(d.path, NULL);
	expect_back(reader, "e/d/c/n/tor/b/a/");
	reader_seek_until(reader, 299);
	expect_back(reader, "c/n/tor/b/a/");
	reader_seek_until(reader, 100);
	expect_back(reader, "tor/b/a/");
	reader_seek_until(reader, 99);
	expect_back(reader, "");
	reader_seek_until(reader, INT64_MAX);
	expect_back(reader, "e/d/c/n/tor/b/a/");
	reader_show_rotation(reader);
	reader_seek_end(reader);
	expect_back(reader, "e/d/c/n/<100>tor/b/a/");
	reader_free(reader);
	logdir_remove(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backwards_is_forwards_reversed),
		cmocka_unit_test(searching_gives_the_same_lines),
		cmocka_unit_test(from_a_time_and_over_rotations),
	};

	return cmocka_run_group_tests_name("reader-back", tests, NULL, NULL);
}
