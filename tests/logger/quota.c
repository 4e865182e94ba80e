/* quota: by size, by age and in total the oldest closed segments go; a log of which nothing is kept
 * counts what it drops. (The reserve of the disk is in trouble.c.) */
#include "rig.h"

enum { SEGMENT = 10000 };

static void
write_bytes(struct rig *rig, uint64_t key, int fd, size_t bytes)
{
	char line[101];

	(void)snprintf(line, sizeof(line), "%099d\n", 7);
	for (size_t i = 0; i < bytes / 100; i++) {
		assert_int_equal(fd_write_all(fd, line, 100), 0);
	}
	assert_int_equal(rig_drain(rig, key), 0);
}

static uint64_t
disk_of(struct rig *rig, const char *name, size_t *ret_closed)
{
	struct segments segments;
	uint64_t total;

	*ret_closed = 0;
	rig_segments(rig, name, &segments);
	LIST_EACH(segment, &segments.list, struct segment, link) {
		*ret_closed += !str_equal(segment->name, "current");
	}
	total = segments.total;
	segments_done(&segments);
	return total;
}

static void
all_logs_together(void **state)
{
	static const char *const names[] = { "one", "two", "three" };
	int pairs[COUNT(names)][2];
	uint64_t total = 0;
	size_t closed;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig_limits(&rig, 20 * SEGMENT, 0, 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(fd_pipe(pairs[i]), 0);
		rig_stream(&rig, HELD_KEY(i + 1, HELD_LOG), names[i], pairs[i][0], 0, SEGMENT);
	}
	/* the first one's are the oldest */
	for (size_t i = 0; i < COUNT(names); i++) {
		write_bytes(&rig, HELD_KEY(i + 1, HELD_LOG), pairs[i][1], 10 * SEGMENT);
	}
	(void)rig_care(&rig, "", CARE_FLUSH, 0, 0);
	rig_until(disk_of(&rig, "one", &closed) < 3 * SEGMENT);
	for (size_t i = 0; i < COUNT(names); i++) {
		total += disk_of(&rig, names[i], &closed);
	}
	assert_true(total <= 20 * SEGMENT);
	assert_true(total >= 15 * SEGMENT);
	assert_true(disk_of(&rig, "three", &closed) > 9 * SEGMENT);
	rig_close(&rig);
	for (size_t i = 0; i < COUNT(names); i++) {
		(void)fd_close(pairs[i][0]);
		(void)fd_close(pairs[i][1]);
	}
}

/* where closed ones do not suffice, open ones are closed; so do those of logs nobody writes to */
static void
open_ones_are_closed_for_it(void **state)
{
	enum { LOGS = 12 };
	int pair[2];
	uint64_t total = 0;
	size_t closed;
	struct rig rig;

	(void)state;
	rig_open(&rig);
	rig_limits(&rig, 10 * SEGMENT, 0, 0);
	for (uint64_t i = 0; i < LOGS; i++) {
		autofree char *name = str_format("s%d", (int)i);

		assert_int_equal(fd_pipe(pair), 0);
		rig_stream(&rig, HELD_KEY(i + 1, HELD_LOG), name, pair[0], 0, 1 << 20);
		write_bytes(&rig, HELD_KEY(i + 1, HELD_LOG), pair[1], SEGMENT);
		if (i < LOGS / 2) {
			struct frame frame, close = { .kind = FRAME_CLOSE,
						      .number = HELD_KEY(i + 1, HELD_LOG) };
			int fd;

			rig_send(&rig, &close, NULL, 0);
			rig_receive(&rig, &frame, &fd);
			assert_int_equal(frame.kind, FRAME_CLOSED);
		}
		(void)fd_close(pair[0]);
		(void)fd_close(pair[1]);
	}
	(void)rig_care(&rig, "", CARE_FLUSH, 0, 0);
	for (uint64_t i = 0; i < LOGS; i++) {
		autofree char *name = str_format("s%d", (int)i);

		total += disk_of(&rig, name, &closed);
	}
	assert_true(total <= 10 * SEGMENT);
	rig_close(&rig);
}

/* a closed segment whose last record is so old */
static void
make_segment(struct rig *rig, const char *name, int64_t first, int64_t last)
{
	struct store_record records[2] = {
		{ .time = first, .kind = STORE_BATCH },
		{ .time = last, .kind = STORE_BATCH, .offset = 4 },
	};
	autofree char *log = str_format("%s/%s/%lld.log", rig->root, name, (long long)first);
	autofree char *idx = str_format("%s/%s/%lld.idx", rig->root, name, (long long)first);

	store_seal(&records[0]);
	store_seal(&records[1]);
	assert_int_equal(file_replace(AT_FDCWD, log, "old\nnew\n", 8, 0600, false), 0);
	assert_int_equal(file_replace(AT_FDCWD, idx, records, sizeof(records), 0600, false), 0);
}

static void
old_ones_go(void **state)
{
	const int64_t now = clock_wall(), hour = 3600 * CLOCK_S;
	struct frame keeps = { .stream = { .keep = 24 * hour } };
	size_t closed;
	struct rig rig;
	int pair[2];

	(void)state;
	rig_open(&rig);
	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? "web" : "left";
		autofree char *path = rig_path(&rig, name);

		assert_int_equal(mkdir(path, 0700), 0);
		make_segment(&rig, name, now - 50 * hour, now - 30 * hour);
		make_segment(&rig, name, now - 30 * hour, now - 20 * hour);
		make_segment(&rig, name, now - 20 * hour, now - 10 * hour);
	}
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], keeps);
	rig_write(pair[1], "line\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	(void)disk_of(&rig, "web", &closed);
	assert_int_equal(closed, 2);
	(void)disk_of(&rig, "left", &closed);
	assert_int_equal(closed, 3);
	/* less is kept from now on */
	keeps.stream.keep = 15 * hour;
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], keeps);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	(void)disk_of(&rig, "web", &closed);
	assert_int_equal(closed, 1);
	/* what no stream writes to has the default */
	rig_limits(&rig, UINT64_MAX, 0, 25 * hour);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	(void)disk_of(&rig, "left", &closed);
	assert_int_equal(closed, 2);
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
nothing_is_kept(void **state)
{
	struct frame nothing = { .stream = { .flags = STREAM_NOTHING } };
	struct reader *reader;
	struct reader_item item;
	uint64_t dropped = 0;
	struct rig rig;
	int pair[2];

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], nothing);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_START, 1, 1);
	for (int i = 0; i < 1000; i++) {
		rig_write(pair[1], "a line that nobody wants\n");
	}
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_EXIT, 0, 1);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	reader = rig_read(&rig, "web");
	while (reader_next(reader, true, &item) != READER_END) {
		assert_int_equal(item.result, READER_MARK);
		if (item.mark.kind == STORE_DROP) {
			assert_int_equal(STORE_DROP_ERROR(item.mark.extra), EDQUOT);
			dropped += (uint64_t)item.mark.value;
		}
	}
	reader_free(reader);
	assert_int_equal(dropped, 25 * 1000);
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
who_may_read(void **state)
{
	struct frame group = { .stream = { .group = true, .gid = getgid() } };
	autofree char *directory = NULL, *file = NULL, *idx = NULL;
	struct rig rig;
	struct stat st;
	int pair[2];

	(void)state;
	rig_open(&rig);
	directory = rig_path(&rig, "web");
	file = rig_path(&rig, "web/current");
	idx = rig_path(&rig, "web/current.idx");
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "web", pair[0], 0, 0);
	rig_write(pair[1], "secret\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* a group, asked for */
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], group);
	rig_write(pair[1], "told\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(stat(idx, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* and no longer; what somebody opened to all is closed again */
	assert_int_equal(chmod(file, 0644), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "web", pair[0], 0, 0);
	rig_write(pair[1], "secret\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(directory, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_logs_together), cmocka_unit_test(open_ones_are_closed_for_it),
		cmocka_unit_test(old_ones_go),       cmocka_unit_test(nothing_is_kept),
		cmocka_unit_test(who_may_read),
	};

	return cmocka_run_group_tests_name("quota", tests, NULL, NULL);
}
