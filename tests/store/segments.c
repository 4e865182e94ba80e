/* segments: what a directory holds, and the quota. */
#include "logdir.h"
#include "base/str.h"

static void
segments_are_sorted(void **state)
{
	static const char *const names[] = { "9.log", "10.log", "1000.log", "current" };
	struct segments segments;
	struct logdir d;
	size_t n = 0;

	(void)state;
	logdir_make(&d);
	for (size_t i = COUNT(names); i-- > 0;) {
		logdir_append(&d, names[i], "12345", 5);
	}
	logdir_append(&d, "9.idx", "1234567890", 10);
	/* none of these is one */
	logdir_append(&d, "x.log", "x", 1);
	logdir_append(&d, ".log", "x", 1);
	logdir_append(&d, "12.log.zst.new", "x", 1);
	logdir_append(&d, "12.zst", "x", 1);
	logdir_append(&d, "-5.log", "x", 1);
	logdir_append(&d, "99999999999999999999.log", "x", 1);
	assert_int_equal(mkdirat(d.fd, "11.log", 0700), 0);
	assert_int_equal(symlinkat("9.log", d.fd, "12.log"), 0);
	assert_int_equal(segments_read(d.fd, &segments), 0);
	LIST_EACH(segment, &segments.list, struct segment, link) {
		assert_string_equal(segment->name, names[n++]);
		assert_int_equal(segment->size, 5);
	}
	assert_int_equal(n, COUNT(names));
	assert_int_equal(segments.total, 30);
	segments_done(&segments);
	logdir_remove(&d);
}

static void
the_oldest_go_first(void **state)
{
	struct segments segments;
	struct logdir d;

	(void)state;
	logdir_make(&d);
	for (int i = 1; i <= 4; i++) {
		logdir_write(&d, i, 0, "0123456789");
		if (i < 4) {
			logdir_rotate(&d, i);
		}
	}
	assert_int_equal(segments_read(d.fd, &segments), 0);
	assert_int_equal(segments.total, 200);
	assert_int_equal(segments_trim(d.fd, &segments, 200), 0);
	assert_int_equal(segments_trim(d.fd, &segments, 149), 100);
	assert_int_equal(segments.total, 100);
	assert_int_equal(faccessat(d.fd, "1.log", F_OK, 0), -1);
	assert_int_equal(faccessat(d.fd, "2.idx", F_OK, 0), -1);
	assert_int_equal(faccessat(d.fd, "3.log", F_OK, 0), 0);
	/* current is never removed */
	assert_int_equal(segments_trim(d.fd, &segments, 0), 50);
	assert_int_equal(segments.total, 50);
	assert_int_equal(faccessat(d.fd, "current", F_OK, 0), 0);
	assert_int_equal(LIST_FIRST(&segments.list, struct segment, link)->first, 4);
	segments_done(&segments);
	logdir_remove(&d);
}

/* plain and packed at one time are one segment, and go together */
static void
packed_ones(void **state)
{
	struct segments segments;
	struct segment *segment;
	char name[SEGMENT_NAME_MAX];
	struct logdir d;

	(void)state;
	logdir_make(&d);
	logdir_append(&d, "5.log.zst", "zst", 3);
	logdir_append(&d, "5.idx", "12345", 5);
	logdir_append(&d, "7.log", "1234567", 7);
	logdir_append(&d, "7.log.zst", "z", 1);
	logdir_append(&d, "7.idx", "12", 2);
	logdir_append(&d, "current", "", 0);
	assert_int_equal(segments_read(d.fd, &segments), 0);
	assert_int_equal(segments.total, 18);
	segment = LIST_FIRST(&segments.list, struct segment, link);
	assert_string_equal(segment->name, "5.log.zst");
	assert_true(segment->packed);
	assert_int_equal(segment->size, 3);
	assert_int_equal(segment->disk, 8);
	segments_index_name(segment->name, name);
	assert_string_equal(name, "5.idx");
	segment = CONTAINER(segment->link.next, struct segment, link);
	assert_string_equal(segment->name, "7.log");
	assert_false(segment->packed);
	assert_int_equal(segment->size, 7);
	assert_int_equal(segment->disk, 10);
	assert_int_equal(segments_remove(d.fd, &segments, segment), 10);
	assert_int_equal(faccessat(d.fd, "7.log", F_OK, 0), -1);
	assert_int_equal(faccessat(d.fd, "7.log.zst", F_OK, 0), -1);
	assert_int_equal(faccessat(d.fd, "7.idx", F_OK, 0), -1);
	assert_int_equal(segments_trim(d.fd, &segments, 0), 8);
	assert_int_equal(segments.total, 0);
	assert_int_equal(faccessat(d.fd, "5.log.zst", F_OK, 0), -1);
	assert_int_equal(faccessat(d.fd, "5.idx", F_OK, 0), -1);
	segments_done(&segments);
	logdir_remove(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_sorted),
		cmocka_unit_test(the_oldest_go_first),
		cmocka_unit_test(packed_ones),
	};

	return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
