/* reader-watch: whoever follows is woken by bytes, by rotation and by a directory made again. */
#include "logdir.h"
#include <poll.h>

/* everything that is there; the number of lines */
static int
read_all(struct reader *reader)
{
	struct reader_item item;
	int lines = 0;

	while (reader_next(reader, false, &item) != READER_END) {
		lines += item.result == READER_LINE;
	}
	return lines;
}

static void
following_wakes_up(void **state)
{
	struct logdir d;
	struct reader *reader;
	struct pollfd wait = { .events = POLLIN };

	(void)state;
	logdir_make(&d);
	reader = reader_open(d.path, NULL); /* still empty */
	assert_non_null(reader);
	wait.fd = reader_watch_fd(reader);
	assert_true(wait.fd >= 0);
	assert_int_equal(read_all(reader), 0);
	logdir_write(&d, 100, 0, "one\n");
	assert_int_equal(poll(&wait, 1, 60000), 1);
	reader_woken(reader);
	assert_int_equal(poll(&wait, 1, 0), 0);
	assert_int_equal(read_all(reader), 1);
	logdir_rotate(&d, 100);
	logdir_write(&d, 110, 0, "two\n");
	assert_int_equal(poll(&wait, 1, 60000), 1);
	reader_woken(reader);
	assert_int_equal(read_all(reader), 1);
	/* removed by hand and made again */
	logdir_remove(&d);
	assert_int_equal(poll(&wait, 1, 60000), 1);
	reader_woken(reader);
	assert_int_equal(read_all(reader), 0);
	assert_int_equal(poll(&wait, 1, 0), 0);
	assert_int_equal(mkdir(d.path, 0700), 0);
	d.fd = open(d.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d.size = 0;
	assert_int_equal(poll(&wait, 1, 60000), 1);
	reader_woken(reader);
	logdir_write(&d, 120, 0, "three\n");
	for (int lines = 0; lines == 0;) {
		lines = read_all(reader);
		if (lines == 0) {
			assert_int_equal(poll(&wait, 1, 60000), 1);
			reader_woken(reader);
		}
	}
	reader_free(reader);
	logdir_remove(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(following_wakes_up),
	};

	return cmocka_run_group_tests_name("reader-watch", tests, NULL, NULL);
}
