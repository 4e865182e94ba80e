/* packing: closed segments are compressed by a helper, whoever is killed in between, and nothing
 * stays of it. */
#include "rig.h"
#include <dirent.h>
#include <zstd.h>

enum { SEGMENT = 100000, LINE = 50, LINES = 20000, TEXT = LINE * LINES };

static const struct frame packed = { .stream = { .segment_size = SEGMENT,
						 .flags = STREAM_COMPRESS } };

static void
write_lines(int fd, int from, int to)
{
	char line[LINE + 1];

	for (int i = from; i < to; i++) {
		(void)snprintf(line, sizeof(line), "%049d\n", i);
		assert_int_equal(fd_write_all(fd, line, LINE), 0);
	}
}

static size_t
unpack(const char *bytes, size_t length, char *to, size_t room)
{
	size_t at = 0, n = 0;

	while (at < length) {
		size_t size = ZSTD_findFrameCompressedSize(bytes + at, length - at);
		size_t got = ZSTD_decompress(to + n, room - n, bytes + at, size);

		assert_false(ZSTD_isError(size));
		assert_false(ZSTD_isError(got));
		at += size;
		n += got;
	}
	return n;
}

/* all bytes of a log in order, whatever they are in */
static size_t
read_all(struct rig *rig, const char *name, char *to, size_t room)
{
	autofree char *path = rig_path(rig, name);
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct segments segments;
	size_t n = 0;

	rig_segments(rig, name, &segments);
	LIST_EACH(segment, &segments.list, struct segment, link) {
		autofree char *bytes = NULL;
		size_t length;

		assert_int_equal(file_read(fd, segment->name, 1 << 24, &bytes, &length), 0);
		if (segment->packed) {
			n += unpack(bytes, length, to + n, room - n);
		} else {
			assert_true(length <= room - n);
			memcpy(to + n, bytes, length);
			n += length;
		}
	}
	segments_done(&segments);
	return n;
}

/* closed segments that are plain, or files that are in the making */
static size_t
unpacked(struct rig *rig, const char *name)
{
	autofree char *path = rig_path(rig, name);
	DIR *directory = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL) {
		n += str_ends(entry->d_name, ".log") || str_ends(entry->d_name, ".new");
	}
	(void)closedir(directory);
	return n;
}

static void
expect_text(struct rig *rig, const char *name, int lines)
{
	size_t room = (size_t)lines * LINE + 1;
	autofree char *text = malloc(room);

	assert_non_null(text);
	assert_int_equal(read_all(rig, name, text, room), lines * LINE);
	for (int i = 0; i < lines; i++) {
		char line[LINE + 1];

		(void)snprintf(line, sizeof(line), "%049d\n", i);
		assert_memory_equal(text + (size_t)i * LINE, line, LINE);
	}
}

/* the processes whose parent is `parent`; 0: none */
static pid_t
child_of(pid_t parent)
{
	autofree char *path = str_format("/proc/%d/task/%d/children", parent, parent);
	char text[64] = "";
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && fd_read_all(fd, text, sizeof(text) - 1) > 0 ? atoi(text) : 0;
}

static void
closed_segments_are_packed(void **state)
{
	struct segments segments;
	struct rig rig;
	int pair[2];

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], packed);
	write_lines(pair[1], 0, LINES);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	rig_until(unpacked(&rig, "web") == 0);
	rig_segments(&rig, "web", &segments);
	assert_true(segments.total < TEXT / 2);
	segments_done(&segments);
	expect_text(&rig, "web", LINES);
	rig_until(child_of(rig.logger) == 0); /* no zombie either */
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
whoever_is_killed(void **state)
{
	struct rig rig;
	int pair[2], killed = 0;

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], packed);
	for (int i = 0; i < LINES; i += LINES / 20) {
		pid_t packer;

		write_lines(pair[1], i, i + LINES / 20);
		packer = child_of(rig.logger);
		if (packer > 0 && i < LINES / 2) {
			killed += kill(packer, SIGKILL) == 0;
		} else if (i % (LINES / 10) == 0) {
			rig_kill(&rig);
			rig_start(&rig);
			rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], packed);
		}
		assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	}
	print_message("%d packers were killed\n", killed);
	/* a new one begins with what it finds */
	rig_kill(&rig);
	rig_start(&rig);
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], packed);
	write_lines(pair[1], LINES, LINES + 1);
	rig_until(unpacked(&rig, "web") == 0);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	expect_text(&rig, "web", LINES + 1);
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
what_nobody_wants_packed_stays(void **state)
{
	struct frame plain = packed;
	struct rig rig;
	int pair[2];

	(void)state;
	rig_open(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	plain.stream.flags = 0;
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], plain);
	write_lines(pair[1], 0, LINES);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	assert_true(unpacked(&rig, "web") > 5);
	assert_int_equal(child_of(rig.logger), 0);
	/* until its limits change */
	rig_stream_with(&rig, rig_key(HELD_LOG), "web", pair[0], packed);
	rig_until(unpacked(&rig, "web") == 0);
	expect_text(&rig, "web", LINES);
	rig_close(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_segments_are_packed),
		cmocka_unit_test(whoever_is_killed),
		cmocka_unit_test(what_nobody_wants_packed_stays),
	};

	return cmocka_run_group_tests_name("packing", tests, NULL, NULL);
}
