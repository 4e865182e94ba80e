/* store: records and outcomes, and the tail that others show. */
#include "logdir.h"
#include "base/str.h"

static void
records_are_checked(void **state)
{
	struct store_record record = { .time = 5, .offset = 7, .kind = STORE_BATCH };

	(void)state;
	store_seal(&record);
	assert_true(store_is_sound(&record));
	record.offset++;
	assert_false(store_is_sound(&record));
	record = (struct store_record){ 0 };
	assert_false(store_is_sound(&record)); /* a hole in the file */
	store_seal(&record);
	assert_false(store_is_sound(&record)); /* no such kind */
	record = (struct store_record){ .kind = STORE_BATCH, .stream = 2 };
	store_seal(&record);
	assert_false(store_is_sound(&record));
}

static void
outcomes_come_back(void **state)
{
	static const int values[] = { 0, 1, 9, 255, 64 };

	(void)state;
	for (int flags = 0; flags < 16; flags++) {
		for (size_t i = 0; i < COUNT(values); i++) {
			bool known, signalled, core, oom;
			int value;

			store_unpack_outcome(store_pack_outcome(flags & 1, flags & 2, flags & 4,
								flags & 8, values[i]),
					     &known, &signalled, &core, &oom, &value);
			assert_int_equal(known, !!(flags & 1));
			assert_int_equal(signalled, !!(flags & 2));
			assert_int_equal(core, !!(flags & 4));
			assert_int_equal(oom, !!(flags & 8));
			assert_int_equal(value, values[i]);
		}
	}
}

static void
tail_gives_the_last_lines(void **state)
{
	struct logdir d;
	char **tail;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 10, 0, "one\ntwo\n");
	logdir_rotate(&d, 10);
	logdir_write(&d, 20, 0, "three\n\033[31mred\nend");
	tail = store_tail(d.path, 4);
	assert_int_equal(strv_length(tail), 4);
	assert_string_equal(tail[0], "two");
	assert_string_equal(tail[1], "three");
	assert_null(strchr(tail[2], '\033'));
	assert_non_null(strstr(tail[2], "[31mred"));
	assert_string_equal(tail[3], "end");
	strv_free(tail);
	logdir_pack(&d, 10, 3, true);
	tail = store_tail(d.path, 100);
	assert_int_equal(strv_length(tail), 5);
	assert_string_equal(tail[0], "one");
	strv_free(tail);
	assert_null(store_tail(d.path, 0));
	logdir_remove(&d);
	assert_null(store_tail(d.path, 3));
}

static void
expect_run(const struct logdir *d, int64_t run, size_t lines, const char *expected)
{
	char **tail = store_run_tail(d->path, run, lines);
	autofree char *text = strv_join(tail, "/");

	assert_string_equal(text, expected);
	strv_free(tail);
}

static void
tail_of_a_run(void **state)
{
	struct logdir d;

	(void)state;
	logdir_make(&d);
	logdir_write(&d, 5, 0, "of 4\n");
	logdir_mark(&d, 6, STORE_EXIT, 1, 4);
	logdir_mark(&d, 10, STORE_START, 1, 5);
	logdir_write(&d, 10, 0, "one\ntwo\n");
	logdir_rotate(&d, 5);
	logdir_write(&d, 20, 0, "three\nlast words");
	logdir_mark(&d, 21, STORE_EXIT, 1, 5);
	logdir_write(&d, 22, 0, "late\n");
	logdir_rotate(&d, 20);
	logdir_mark(&d, 30, STORE_START, 1, 6);
	logdir_write(&d, 31, 0, "running\nhal");
	for (int round = 0; round < 3; round++) {
		expect_run(&d, 5, 10, "one/two/three/last words");
		expect_run(&d, 5, 2, "three/last words");
		expect_run(&d, 6, 10, "running/hal");
		expect_run(&d, 4, 10, "of 4"); /* its beginning is gone */
		expect_run(&d, 3, 10, "");
		expect_run(&d, 7, 10, "");
		if (round < 2) {
			logdir_pack(&d, round == 0 ? 5 : 20, 7, true);
		}
	}
	logdir_remove(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_checked),
		cmocka_unit_test(outcomes_come_back),
		cmocka_unit_test(tail_gives_the_last_lines),
		cmocka_unit_test(tail_of_a_run),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
