/* logger: the real role, in a child; frames in, files out. */
#include "rig.h"

static void
bytes_and_marks_are_in_order(void **state)
{
	int pair[2];
	struct rig rig;
	struct stat st;
	autofree char *directory = NULL, *current = NULL;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "web@1", pair[0], 0, 0);
	for (int i = 1; i <= 50; i++) { /* each mark must come behind what was written before it */
		rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 100, (uint64_t)i);
		assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
		rig_write(pair[1], "a line\nanother\n");
		rig_mark(&rig, rig_key(HELD_LOG), STORE_EXIT, 0, (uint64_t)i);
	}
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	{
		struct reader *reader = rig_read(&rig, "web@1");
		struct reader_item item;

		for (int i = 1; i <= 50; i++) {
			assert_int_equal(reader_next(reader, false, &item), READER_MARK);
			assert_int_equal(item.mark.kind, STORE_START);
			assert_int_equal(item.mark.value, 100);
			assert_int_equal(item.mark.extra, i);
			assert_int_equal(reader_next(reader, false, &item), READER_LINE);
			assert_int_equal(reader_next(reader, false, &item), READER_LINE);
			assert_int_equal(reader_next(reader, false, &item), READER_MARK);
			assert_int_equal(item.mark.kind, STORE_EXIT);
		}
		assert_int_equal(reader_next(reader, false, &item), READER_END);
		reader_free(reader);
	}
	directory = rig_path(&rig, "web@1");
	current = rig_path(&rig, "web@1/current");
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(current, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
streams_have_their_tags(void **state)
{
	int out[2], error[2];
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(out), 0);
	assert_int_equal(fd_pipe(error), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "both", out[0], 0, 0);
	rig_stream(&rig, rig_key(HELD_LOG_ERROR), "both", error[0], 0, 0);
	rig_write(out[1], "out one\nout begins ");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_write(error[1], "error one\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG_ERROR)), 0);
	rig_write(out[1], "out ends\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "both", "out one/!error one/out begins out ends/");
	/* a mark of one waits for both */
	rig_write(error[1], "last words\n");
	rig_mark(&rig, rig_key(HELD_LOG), STORE_EXIT, 0, 1);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "both", "out one/!error one/out begins out ends/!last words/<3>");
	rig_close(&rig);
	(void)fd_close(out[0]);
	(void)fd_close(out[1]);
	(void)fd_close(error[0]);
	(void)fd_close(error[1]);
}

static void
closing_reads_what_is_there(void **state)
{
	int pair[2], fd;
	struct frame frame = { .kind = FRAME_CLOSE, .number = rig_key(HELD_LOG) };
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_write(pair[1], "before\n");
	rig_stream(&rig, rig_key(HELD_LOG), "closing", pair[0], 0, 0);
	rig_send(&rig, &frame, NULL, 0);
	rig_receive(&rig, &frame, &fd);
	assert_int_equal(frame.kind, FRAME_CLOSED);
	assert_int_equal(frame.number, rig_key(HELD_LOG));
	assert_int_equal(frame.error, 0);
	rig_expect(&rig, "closing", "before/");
	/* let go: what comes now stays in the pipe, and the name can be used by another */
	rig_write(pair[1], "after\n");
	rig_stream(&rig, HELD_KEY(8, HELD_LOG), "closing", pair[0], 0, 0);
	assert_int_equal(rig_drain(&rig, HELD_KEY(8, HELD_LOG)), 0);
	rig_expect(&rig, "closing", "before/<7>after/");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
streams_are_given_back(void **state)
{
	int pairs[RIG_PIPES][2], fd;
	struct frame frame = { .kind = FRAME_GIVE };
	bool seen[RIG_PIPES] = { 0 };
	struct rig rig;

	(void)state;
	rig_open(&rig);
	for (int i = 0; i < RIG_PIPES; i++) {
		autofree char *name = str_format("s%d", i);

		assert_int_equal(fd_pipe(pairs[i]), 0);
		rig_stream(&rig, HELD_KEY(i, HELD_LOG), name, pairs[i][0], 0, 0);
	}
	rig_send(&rig, &frame, NULL, 0);
	for (int i = 0; i < RIG_PIPES; i++) {
		struct stat given, ours;
		uint64_t service;

		rig_receive(&rig, &frame, &fd);
		assert_int_equal(frame.kind, FRAME_STREAM_HELD);
		service = HELD_SERVICE(frame.number);
		assert_true(service < RIG_PIPES && !seen[service]);
		seen[service] = true;
		assert_int_equal(fstat(fd, &given), 0);
		assert_int_equal(fstat(pairs[service][0], &ours), 0);
		assert_int_equal(given.st_ino, ours.st_ino);
		(void)fd_close(fd);
	}
	rig_receive(&rig, &frame, &fd);
	assert_int_equal(frame.kind, FRAME_STREAMS_END);
	rig_close(&rig);
	for (int i = 0; i < RIG_PIPES; i++) {
		(void)fd_close(pairs[i][0]);
		(void)fd_close(pairs[i][1]);
	}
}

static void
more_logs_than_may_be_open(void **state)
{
	enum { LOGS = 300 };
	int(*pairs)[2] = calloc(LOGS, sizeof(*pairs));
	struct rig rig;

	(void)state;
	rig_open(&rig);
	for (int i = 0; i < LOGS; i++) {
		autofree char *name = str_format("s%d", i);

		assert_int_equal(fd_pipe(pairs[i]), 0);
		rig_stream(&rig, HELD_KEY(i, HELD_LOG), name, pairs[i][0], 0, 0);
	}
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < LOGS; i++) {
			rig_write(pairs[i][1], "line\n");
		}
	}
	for (int i = 0; i < LOGS; i++) {
		autofree char *name = str_format("s%d", i);

		assert_int_equal(rig_drain(&rig, HELD_KEY(i, HELD_LOG)), 0);
		rig_expect(&rig, name, "line/line/line/");
	}
	rig_close(&rig);
	for (int i = 0; i < LOGS; i++) {
		(void)fd_close(pairs[i][0]);
		(void)fd_close(pairs[i][1]);
	}
	free(pairs);
}

static void
ending_writes_what_is_there(void **state)
{
	int pair[2];
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "ending", pair[0], 0, 0);
	rig_write(pair[1], "last\n");
	rig_mark(&rig, rig_key(HELD_LOG), STORE_EXIT, 0, 0);
	rig_stop(&rig);
	rig_expect(&rig, "ending", "last/<3>");
	/* keeper and manager are gone: the same */
	rig_start(&rig);
	rig_stream(&rig, rig_key(HELD_LOG), "ending", pair[0], 0, 0);
	rig_write(pair[1], "very last\n");
	rig.socket[0] = fd_close(rig.socket[0]);
	rig.socket[1] = fd_close(rig.socket[1]);
	assert_int_equal(rig_wait(&rig), 0);
	rig_expect(&rig, "ending", "last/<3><7>very last/");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
a_second_logger_waits_for_the_first(void **state)
{
	int pair[2];
	pid_t first;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "one", pair[0], 0, 0);
	rig_write(pair[1], "first\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	/* its socket is taken from it: the second has a new one */
	first = rig.logger;
	assert_int_equal(kill(first, SIGSTOP), 0);
	(void)fd_close(rig.socket[0]);
	(void)fd_close(rig.socket[1]);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, rig.socket), 0);
	rig_start(&rig);
	rig_stream(&rig, rig_key(HELD_LOG), "one", pair[0], 0, 0);
	rig_write(pair[1], "second\n");
	assert_int_equal(kill(first, SIGKILL), 0);
	assert_int_equal(waitpid(first, NULL, 0), first);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "one", "first/<7>second/");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
mark_at(struct rig *rig, enum store_kind kind, uint64_t run, uint64_t file, uint64_t end)
{
	struct frame frame = { .kind = FRAME_MARK,
			       .number = rig_key(HELD_LOG),
			       .time = clock_wall() };

	frame.mark.kind = kind;
	frame.mark.extra = run;
	frame.mark.where = MARK_AT;
	frame.mark.file = file;
	frame.mark.end = end;
	rig_send(rig, &frame, NULL, 0);
}

static uint64_t
inode_of(struct rig *rig, const char *name)
{
	autofree char *path = rig_path(rig, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* What lay in the pipe at the end of a run is before its mark, what the next run wrote meanwhile is
 * behind it, however late the logger is: here it is stopped, then killed. */
static void
marks_stand_where_they_belong(void **state)
{
	struct frame drain = { .kind = FRAME_DRAIN, .number = rig_key(HELD_LOG), .value = 99 };
	struct frame frame;
	int pair[2], fd;
	struct rig rig;
	uint64_t file;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "runs", pair[0], 0, 0);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 1, 1);
	rig_write(pair[1], "one\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	file = inode_of(&rig, "runs/current");
	assert_int_equal(kill(rig.logger, SIGSTOP), 0);
	rig_write(pair[1], "last word\n");
	mark_at(&rig, STORE_EXIT, 1, file, 4 + 10);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 0, 2);
	rig_write(pair[1], "of the second\n");
	assert_int_equal(kill(rig.logger, SIGCONT), 0);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "runs", "<2>one/last word/<3><2>of the second/");
	/* the same, read by the next logger, which is told of the stream only later */
	rig_kill(&rig);
	rig_write(pair[1], "its last\n");
	mark_at(&rig, STORE_EXIT, 2, file, 28 + 9);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 0, 3);
	rig_write(pair[1], "of the third\n");
	rig_send(&rig, &drain, NULL, 0); /* nobody can answer that before the stream is there */
	rig_start(&rig);
	rig_stream(&rig, rig_key(HELD_LOG), "runs", pair[0], 0, 0);
	rig_given(&rig);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "runs",
		   "<2>one/last word/<3><2>of the second/<7>its last/<3><2>of the third/");
	/* of a log that was not there yet */
	frame = (struct frame){ .kind = FRAME_CLOSE, .number = rig_key(HELD_LOG), .value = 5 };
	rig_send(&rig, &frame, NULL, 0);
	rig_receive(&rig, &frame, &fd);
	assert_int_equal(frame.kind, FRAME_CLOSED);
	assert_int_equal(frame.value, 5);
	rig_stream(&rig, rig_key(HELD_LOG), "fresh", pair[0], 0, 0);
	assert_int_equal(kill(rig.logger, SIGSTOP), 0);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 0, 1);
	rig_write(pair[1], "a\n");
	mark_at(&rig, STORE_EXIT, 1, 0, 2);
	rig_write(pair[1], "b\n");
	assert_int_equal(kill(rig.logger, SIGCONT), 0);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "fresh", "<2>a/<3>b/");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

/* the end lies in a segment that was closed meanwhile */
static void
marks_find_their_place_across_segments(void **state)
{
	char line[1024];
	int pair[2];
	struct rig rig;
	uint64_t file;

	(void)state;
	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "long", pair[0], 1 << 20, 4096);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 1, 1);
	rig_write(pair[1], line);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	file = inode_of(&rig, "long/current");
	assert_int_equal(kill(rig.logger, SIGSTOP), 0);
	for (int i = 0; i < 6; i++) { /* over the end of the segment */
		rig_write(pair[1], line);
	}
	mark_at(&rig, STORE_EXIT, 1, file, 7 * 1023);
	rig_write(pair[1], "next\n");
	assert_int_equal(kill(rig.logger, SIGCONT), 0);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	{
		struct reader *reader = rig_read(&rig, "long");
		struct reader_item item;
		int lines = 0, before = -1;

		while (reader_next(reader, true, &item) != READER_END) {
			lines += item.result == READER_LINE;
			if (item.result == READER_MARK && item.mark.kind == STORE_EXIT) {
				before = lines;
			}
		}
		assert_int_equal(lines, 8);
		assert_int_equal(before, 7);
		reader_free(reader);
	}
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static int64_t
pid_of_start(struct rig *rig, const char *name, int64_t run)
{
	struct reader *reader = rig_read(rig, name);
	struct reader_item item;
	int64_t pid = -1;

	while (reader_next(reader, true, &item) != READER_END) {
		if (item.result == READER_MARK && item.mark.kind == STORE_START &&
		    item.mark.extra == run) {
			pid = item.mark.value;
		}
	}
	reader_free(reader);
	return pid;
}

/* a start is marked before the launch, and told its pid afterwards */
static void
starts_are_told_their_pid(void **state)
{
	int pair[2];
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "pids", pair[0], 0, 0);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 0, 1); /* owed until something is written */
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 321, 1);
	rig_write(pair[1], "one\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_int_equal(pid_of_start(&rig, "pids", 1), 321);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_EXIT, 0, 1);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 0, 2);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_write(pair[1], "two\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_int_equal(pid_of_start(&rig, "pids", 2), 0);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 322, 2);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_int_equal(pid_of_start(&rig, "pids", 2), 322);
	rig_expect(&rig, "pids", "<2>one/<3><2>two/");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
bad_frames_harm_nobody(void **state)
{
	static const char *const names[] = { "", ".", "..", "../up", "/etc", ".lock", "a/b" };
	int pair[2];
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		rig_stream(&rig, HELD_KEY(50 + i, HELD_LOG), names[i], pair[0], 0, 0);
	}
	assert_int_equal(fd_send(rig.socket[0], "rubbish", 7, NULL, 0), 0);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 1, 1);             /* not there yet */
	rig_send(&rig, &(struct frame){ .kind = FRAME_FORGET }, NULL, 0); /* not for us */
	rig_stream(&rig, rig_key(HELD_LOG), "good", pair[0], 0, 0);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_BATCH, 1, 1); /* not a mark */
	rig_mark(&rig, rig_key(HELD_LOG), 99, 1, 1);
	rig_write(pair[1], "works\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "good", "works/");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
stream_of_run(struct rig *rig, int fd, int64_t run)
{
	struct frame frame = { .kind = FRAME_STREAM,
			       .number = rig_key(HELD_LOG),
			       .value = run,
			       .time = clock_wall(),
			       .pid = 321 };

	(void)snprintf(frame.stream.name, sizeof(frame.stream.name), "quiet");
	rig_send(rig, &frame, &fd, 1);
	assert_int_equal(rig_drain(rig, rig_key(HELD_LOG)), 0);
}

static void
what_writes_nothing_has_no_files(void **state)
{
	int pair[2];
	struct rig rig;
	autofree char *directory = NULL;

	(void)state;
	rig_open(&rig);
	directory = rig_path(&rig, "quiet");
	assert_int_equal(fd_pipe(pair), 0);
	stream_of_run(&rig, pair[0], 0);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 321, 1);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_int_equal(access(directory, F_OK), -1);
	rig_kill(&rig); /* the manager tells the next one of the run */
	rig_start(&rig);
	stream_of_run(&rig, pair[0], 1);
	assert_int_equal(access(directory, F_OK), -1);
	rig_write(pair[1], "a word\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "quiet", "<2>a word/");
	rig_mark(&rig, rig_key(HELD_LOG), STORE_EXIT, 0, 1);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 322, 2); /* and now it is marked at once */
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "quiet", "<2>a word/<3><2>");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
a_run_begins_once_across_segments(void **state)
{
	int pair[2];
	struct rig rig;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	stream_of_run(&rig, pair[0], 1);
	rig_write(pair[1], "a word\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	(void)rig_care(&rig, "quiet", CARE_ROTATE, 0, 0);
	rig_kill(&rig);
	rig_start(&rig);
	stream_of_run(&rig, pair[0], 1);
	rig_write(pair[1], "another\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_expect(&rig, "quiet", "<2>a word/another/");
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_and_marks_are_in_order),
		cmocka_unit_test(what_writes_nothing_has_no_files),
		cmocka_unit_test(a_run_begins_once_across_segments),
		cmocka_unit_test(streams_have_their_tags),
		cmocka_unit_test(closing_reads_what_is_there),
		cmocka_unit_test(streams_are_given_back),
		cmocka_unit_test(more_logs_than_may_be_open),
		cmocka_unit_test(ending_writes_what_is_there),
		cmocka_unit_test(a_second_logger_waits_for_the_first),
		cmocka_unit_test(marks_stand_where_they_belong),
		cmocka_unit_test(marks_find_their_place_across_segments),
		cmocka_unit_test(starts_are_told_their_pid),
		cmocka_unit_test(bad_frames_harm_nobody),
	};

	return cmocka_run_group_tests_name("logger", tests, NULL, NULL);
}
