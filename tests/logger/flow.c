/* flow: bytes through rotation and through the logger's death, each exactly once and in order. */
#include "rig.h"
#include <fcntl.h>
#include <sys/ioctl.h>

enum { KIB = 1024, MIB = 1024 * KIB };

/* writes numbered lines of different lengths into `fd`; a process of its own */
static pid_t
write_lines(int fd, int lines)
{
	pid_t writer = fork();

	assert_true(writer >= 0);
	if (writer == 0) {
		char *chunk = malloc(256 * KIB);
		size_t length = 0;

		CHECK(chunk != NULL);
		for (int i = 0; i < lines; i++) {
			length += (size_t)snprintf(chunk + length, 256, "%d %.*s\n", i, i % 97,
						   "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"
						   "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"
						   "abcdefghijklmnopqrstuvwxyz");
			/* pieces of many sizes, from one line to many pages */
			if (length > (size_t)(i * 37 % (128 * KIB)) || i == lines - 1) {
				CHECK(fd_write_all(fd, chunk, length) == 0);
				length = 0;
			}
		}
		_exit(0);
	}
	return writer;
}

static void
expect_lines(struct rig *rig, const char *name, int lines)
{
	struct reader *reader = rig_read(rig, name);
	struct reader_item item;
	int next = 0;

	while (reader_next(reader, true, &item) != READER_END) {
		char begin[32];

		if (item.result == READER_MARK) {
			assert_int_equal(item.mark.kind, STORE_RESTART);
			continue;
		}
		assert_int_equal(item.result, READER_LINE);
		assert_true(item.whole);
		(void)snprintf(begin, sizeof(begin), "%d ", next);
		assert_true(item.length >= strlen(begin));
		assert_memory_equal(item.line, begin, strlen(begin));
		assert_int_equal(item.length, strlen(begin) + (size_t)(next % 97));
		next++;
	}
	assert_int_equal(next, lines);
	reader_free(reader);
}

/* no closed segment ends within a line */
static void
expect_whole_segments(struct rig *rig, const char *name, size_t least)
{
	autofree char *path = rig_path(rig, name);
	int dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct segments segments;
	size_t count = 0;

	assert_true(dirfd >= 0);
	assert_int_equal(segments_read(dirfd, &segments), 0);
	LIST_EACH(segment, &segments.list, struct segment, link) {
		int fd = openat(dirfd, segment->name, O_RDONLY | O_CLOEXEC);
		char last = '\n';

		assert_true(fd >= 0);
		assert_true(segment->size == 0 ||
			    pread(fd, &last, 1, (off_t)segment->size - 1) == 1);
		assert_int_equal(last, '\n');
		(void)fd_close(fd);
		count++;
	}
	assert_true(count >= least);
	segments_done(&segments);
	(void)fd_close(dirfd);
}

static void
rotation_loses_nothing(void **state)
{
	enum { LINES = 100000 };
	int pair[2];
	pid_t writer;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "log", pair[0], 0, 256 * KIB);
	writer = write_lines(pair[1], LINES);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	expect_lines(&rig, "log", LINES);
	expect_whole_segments(&rig, "log", 10);
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

/* killed at whatever it is doing, again and again, while two services write as fast as they can */
static void
killing_it_loses_nothing(void **state)
{
	enum { LINES = 400000, ROUNDS = 300 };
	static const char *const names[] = { "one", "two" };
	int pairs[2][2];
	pid_t writers[2];
	int running = 2;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fd_pipe(pairs[i]), 0);
		writers[i] = write_lines(pairs[i][1], LINES);
	}
	for (int round = 0; running > 0 && round < ROUNDS; round++) {
		struct pollfd wait = { .fd = rig.socket[0], .events = POLLIN };

		for (int i = 0; i < 2; i++) {
			rig_stream(&rig, HELD_KEY(i, HELD_LOG), names[i], pairs[i][0], 0,
				   256 * KIB);
		}
		/* it lives for 0 to 6 ms after it has answered; nothing depends on how far it comes
		 */
		assert_int_equal(rig_drain(&rig, HELD_KEY(0, HELD_LOG)), 0);
		(void)poll(&wait, 1, round % 7);
		rig_kill(&rig);
		rig_start(&rig);
		for (int i = 0; i < 2; i++) {
			if (writers[i] > 0 && waitpid(writers[i], NULL, WNOHANG) == writers[i]) {
				writers[i] = -1;
				running--;
			}
		}
	}
	for (int i = 0; i < 2; i++) {
		rig_stream(&rig, HELD_KEY(i, HELD_LOG), names[i], pairs[i][0], 0, 256 * KIB);
	}
	for (int i = 0; i < 2; i++) {
		assert_true(writers[i] < 0 || waitpid(writers[i], NULL, 0) == writers[i]);
		assert_int_equal(rig_drain(&rig, HELD_KEY(i, HELD_LOG)), 0);
		expect_lines(&rig, names[i], LINES);
		expect_whole_segments(&rig, names[i], 10);
		(void)fd_close(pairs[i][0]);
		(void)fd_close(pairs[i][1]);
	}
	rig_close(&rig);
}

static void
an_endless_line_is_cut(void **state)
{
	char *text = malloc(8 * MIB);
	struct reader_item item;
	struct reader *reader;
	size_t length = 0;
	int pair[2];
	struct rig rig;
	pid_t writer;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "endless", pair[0], 0, 256 * KIB);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		memset(text, 'x', 8 * MIB);
		_exit(fd_write_all(pair[1], text, 8 * MIB) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	reader = rig_read(&rig, "endless");
	while (reader_next(reader, true, &item) != READER_END) {
		assert_int_equal(item.result, READER_LINE);
		length += item.length;
	}
	assert_int_equal(length, 8 * MIB);
	reader_free(reader);
	{
		autofree char *path = rig_path(&rig, "endless");
		int dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct segments segments;

		assert_int_equal(segments_read(dirfd, &segments), 0);
		LIST_EACH(segment, &segments.list, struct segment, link) {
			assert_true(segment->size <= 2 * MIB);
		}
		segments_done(&segments);
		(void)fd_close(dirfd);
	}
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
	free(text);
}

static void
the_same_pipe_may_come_again(void **state)
{
	int pair[2], other[2];
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	assert_int_equal(fd_pipe(other), 0);
	for (int i = 0; i < 3; i++) {
		rig_stream(&rig, rig_key(HELD_LOG), "again", pair[0], 0, 0);
		rig_write(pair[1], "line\n");
	}
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_write(pair[1], "rest of the old\n");
	rig_stream(&rig, rig_key(HELD_LOG), "again", other[0], 0, 0);
	rig_write(other[1], "new\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "again", "line/line/line/rest of the old/new/");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
	(void)fd_close(other[0]);
	(void)fd_close(other[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rotation_loses_nothing),
		cmocka_unit_test(killing_it_loses_nothing),
		cmocka_unit_test(an_endless_line_is_cut),
		cmocka_unit_test(the_same_pipe_may_come_again),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
