/* care: what people ask of logs: flushed, rotated, thinned out. */
#include "rig.h"

static size_t
closed(struct rig *rig, const char *name)
{
	struct segments segments;
	size_t n = 0;

	rig_segments(rig, name, &segments);
	LIST_EACH(segment, &segments.list, struct segment, link) {
		n += !str_equal(segment->name, "current");
	}
	segments_done(&segments);
	return n;
}

static void
set_up(struct rig *rig, int pair[2])
{
	rig_open(rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(rig, rig_key(HELD_LOG), "web", pair[0], 0, 0);
}

static void
tear_down(struct rig *rig, int pair[2])
{
	rig_close(rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
what_is_in_the_pipes_is_in_the_files(void **state)
{
	struct rig rig;
	int pair[2];

	(void)state;
	set_up(&rig, pair);
	for (int i = 0; i < 200; i++) {
		autofree char *path = rig_path(&rig, "web/current");
		autofree char *line = str_format("line %d\n", i), *text = NULL;
		size_t length;

		rig_write(pair[1], line);
		assert_int_equal(rig_care(&rig, i % 2 ? "web" : "", CARE_FLUSH, 0, 0), 0);
		assert_int_equal(file_read(AT_FDCWD, path, 1 << 20, &text, &length), 0);
		assert_true(str_ends(text, line));
	}
	/* a log that is not there is nothing to flush */
	assert_int_equal(rig_care(&rig, "nobody", CARE_FLUSH | CARE_ROTATE, 0, 0), 0);
	tear_down(&rig, pair);
}

static void
rotated_when_asked(void **state)
{
	struct frame frame, close = { .kind = FRAME_CLOSE, .number = rig_key(HELD_LOG) };
	struct rig rig;
	int pair[2], fd;

	(void)state;
	set_up(&rig, pair);
	rig_write(pair[1], "one\n");
	(void)rig_care(&rig, "web", CARE_ROTATE, 0, 0);
	assert_int_equal(closed(&rig, "web"), 1);
	(void)rig_care(&rig, "web", CARE_ROTATE, 0, 0); /* nothing to close */
	assert_int_equal(closed(&rig, "web"), 1);
	rig_write(pair[1], "two\n");
	(void)rig_care(&rig, "", CARE_ROTATE, 0, 0);
	assert_int_equal(closed(&rig, "web"), 2);
	rig_write(pair[1], "three\n");
	rig_send(&rig, &close, NULL, 0);
	rig_receive(&rig, &frame, &fd);
	(void)rig_care(&rig, "web", CARE_ROTATE, 0, 0); /* nobody writes to it */
	assert_int_equal(closed(&rig, "web"), 3);
	rig_expect(&rig, "web", "one/two/three/");
	tear_down(&rig, pair);
}

static void
thinned_out(void **state)
{
	int64_t between = 0;
	struct rig rig;
	int pair[2];

	(void)state;
	set_up(&rig, pair);
	for (int i = 0; i < 6; i++) {
		if (i == 2) {
			between = clock_wall();
		}
		rig_write(pair[1], "line\n");
		(void)rig_care(&rig, "web", CARE_ROTATE, 0, 0);
	}
	assert_int_equal(closed(&rig, "web"), 6);
	/* 5 bytes and a record each */
	assert_int_equal(rig_care(&rig, "web", CARE_VACUUM_TIME, 0, between), 2 * 45);
	assert_int_equal(closed(&rig, "web"), 4);
	assert_int_equal(rig_care(&rig, "web", CARE_VACUUM_SIZE, 2 * 45, 0), 2 * 45);
	assert_int_equal(closed(&rig, "web"), 2);
	rig_write(pair[1], "last\n");
	/* of all logs; what is open is not touched */
	assert_int_equal(rig_care(&rig, "", CARE_FLUSH | CARE_VACUUM_SIZE, 0, 0), 2 * 45);
	rig_expect(&rig, "web", "last/");
	/* unless it is closed first */
	assert_int_equal(rig_care(&rig, "", CARE_ROTATE | CARE_VACUUM_SIZE, 0, 0), 45);
	rig_expect(&rig, "web", "");
	tear_down(&rig, pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_the_pipes_is_in_the_files),
		cmocka_unit_test(rotated_when_asked),
		cmocka_unit_test(thinned_out),
	};

	return cmocka_run_group_tests_name("care", tests, NULL, NULL);
}
