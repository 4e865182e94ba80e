/* trouble: a full disk and logs that cannot be written. The full disk is a small tmpfs in a mount
 * namespace of the test's own; where that is not permitted these tests say so and are skipped. */
#include "rig.h"
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

enum { KIB = 1024, DISK = 1024 * KIB, FILLER = 512 * KIB };

static bool
own_namespace(void)
{
	static int made; /* 1 yes, -1 no */

	if (made == 0) {
		made = unshare(CLONE_NEWNS) == 0 &&
				       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
			       ? 1
			       : -1;
	}
	if (made < 0) {
		print_message("SKIPPED, a full disk is not tested: no mount namespace of our own "
			      "(%s)\n",
			      strerror(errno));
	}
	return made > 0;
}

/* half of a small disk is taken by a file that can go */
static void
open_small(struct rig *rig)
{
	autofree char *options = str_format("size=%d,mode=0700", DISK);
	autofree char *filler = NULL;
	int fd;

	*rig = (struct rig){ .root = test_dir(), .logger = -1 };
	assert_int_equal(mount("tend-test", rig->root, "tmpfs", 0, options), 0);
	filler = rig_path(rig, ".filler");
	fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fallocate(fd, 0, 0, FILLER), 0);
	(void)fd_close(fd);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, rig->socket), 0);
	rig_start(rig);
}

static void
make_room(struct rig *rig)
{
	autofree char *filler = rig_path(rig, ".filler");

	assert_int_equal(unlink(filler), 0);
}

static void
close_small(struct rig *rig)
{
	rig_stop(rig);
	assert_int_equal(umount(rig->root), 0);
	rig_close(rig);
}

/* a writer of `lines` lines of 100 bytes, which must not be stopped by the disk */
static void
write_much(int fd, int from, int lines)
{
	pid_t writer = fork();
	int status;

	assert_true(writer >= 0);
	if (writer == 0) {
		char line[101];

		for (int i = from; i < from + lines; i++) {
			(void)snprintf(line, sizeof(line), "%099d\n", i);
			CHECK(fd_write_all(fd, line, 100) == 0);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
}

static void
wait_for_trouble(struct rig *rig, int error)
{
	while (rig->trouble_frames == 0 || rig->trouble != error) {
		struct pollfd wait = { .fd = rig->socket[0], .events = POLLIN };
		struct frame frame;
		int fds[FD_PASS_MAX];
		size_t count;
		bool cut;

		assert_true(poll(&wait, 1, RIG_WAIT_MS) > 0);
		assert_int_equal(link_receive(rig->socket[0], &frame, fds, &count, &cut), 1);
		if (frame.kind == FRAME_LOG_TROUBLE) {
			rig->trouble_frames++;
			rig->trouble = frame.error;
			rig->trouble_value = (uint64_t)frame.value;
		}
	}
}

struct sums {
	uint64_t bytes, dropped;
	int marks[STORE_RESTART + 1];
};

static struct sums
add_up(struct rig *rig, const char *name)
{
	struct reader *reader = rig_read(rig, name);
	struct sums sums = { 0 };
	struct reader_item item;

	while (reader_next(reader, true, &item) != READER_END) {
		if (item.result == READER_LINE) {
			sums.bytes += item.length + (item.whole ? 1 : 0);
		} else if (item.result == READER_MARK) {
			sums.marks[item.mark.kind]++;
			if (item.mark.kind == STORE_DROP) {
				assert_int_equal(STORE_DROP_ERROR(item.mark.extra), ENOSPC);
				sums.dropped += (uint64_t)item.mark.value;
			}
		}
	}
	reader_free(reader);
	return sums;
}

static void
a_full_disk_stops_nobody(void **state)
{
	enum { LINES = 40000 };
	int pair[2];
	struct sums sums;
	struct rig rig;

	(void)state;
	if (!own_namespace()) {
		skip();
	}
	open_small(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "full", pair[0], 0, 0);
	write_much(pair[1], 0, LINES);
	wait_for_trouble(&rig, ENOSPC);
	rig_mark(&rig, rig_key(HELD_LOG), STORE_EXIT, 5, 1);
	/* a drain cannot be done and says so; it does not wait */
	write_much(pair[1], LINES, 10);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), ENOSPC);
	make_room(&rig);
	wait_for_trouble(&rig, 0);
	assert_true(rig.trouble_value > 0);
	write_much(pair[1], LINES + 10, 10);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	sums = add_up(&rig, "full");
	assert_int_equal(sums.bytes + sums.dropped, (LINES + 20) * 100);
	assert_int_equal(sums.dropped, rig.trouble_value);
	assert_int_equal(sums.marks[STORE_EXIT], 1);
	close_small(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
the_count_outlives_the_logger(void **state)
{
	enum { LINES = 20000 };
	int pair[2], waiting = 0;
	struct sums sums;
	struct rig rig;

	(void)state;
	if (!own_namespace()) {
		skip();
	}
	open_small(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "full", pair[0], 0, 0);
	write_much(pair[1], 0, LINES);
	/* answered behind all that was dropped up to now */
	(void)rig_drain(&rig, rig_key(HELD_LOG));
	(void)rig_drain(&rig, rig_key(HELD_LOG));
	assert_true(rig.trouble_frames > 0);
	rig_kill(&rig);
	assert_int_equal(ioctl(pair[0], FIONREAD, &waiting), 0);
	sums = add_up(&rig, "full");
	assert_true(sums.dropped > 0);
	assert_int_equal(sums.bytes + sums.dropped + (uint64_t)waiting, LINES * 100);
	make_room(&rig);
	rig_start(&rig);
	rig_stream(&rig, rig_key(HELD_LOG), "full", pair[0], 0, 0);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	sums = add_up(&rig, "full");
	assert_int_equal(sums.bytes + sums.dropped, LINES * 100);
	close_small(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
one_log_does_not_harm_another(void **state)
{
	int bad[2], good[2];
	autofree char *path = NULL;
	struct rig rig;
	int fd;

	(void)state;
	rig_open(&rig);
	path = rig_path(&rig, "bad");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* where a directory should be */
	assert_true(fd >= 0);
	(void)fd_close(fd);
	assert_int_equal(fd_pipe(bad), 0);
	assert_int_equal(fd_pipe(good), 0);
	rig_stream(&rig, HELD_KEY(1, HELD_LOG), "bad", bad[0], 0, 0);
	rig_stream(&rig, HELD_KEY(2, HELD_LOG), "good", good[0], 0, 0);
	rig_write(good[1], "one\n");
	rig_write(bad[1], "kept in its pipe\n");
	wait_for_trouble(&rig, ENOTDIR);
	rig_mark(&rig, HELD_KEY(1, HELD_LOG), STORE_EXIT, 0, 0);
	rig_write(good[1], "two\n");
	assert_int_equal(rig_drain(&rig, HELD_KEY(1, HELD_LOG)), ENOTDIR);
	assert_int_equal(rig_drain(&rig, HELD_KEY(2, HELD_LOG)), 0);
	rig_expect(&rig, "good", "one/two/");
	write_much(bad[1], 0, 5000); /* many times what a pipe holds */
	assert_int_equal(unlink(path), 0);
	wait_for_trouble(&rig, 0);
	rig_write(bad[1], "works\n");
	assert_int_equal(rig_drain(&rig, HELD_KEY(1, HELD_LOG)), 0);
	{
		struct reader *reader = rig_read(&rig, "bad");
		struct reader_item item;
		uint64_t bytes = 0, dropped = 0;
		bool exit_seen = false;

		while (reader_next(reader, true, &item) != READER_END) {
			if (item.result == READER_LINE) {
				bytes += item.length + 1;
			} else if (item.mark.kind == STORE_DROP) {
				dropped += (uint64_t)item.mark.value;
			} else {
				exit_seen = exit_seen || item.mark.kind == STORE_EXIT;
			}
		}
		assert_true(exit_seen);
		assert_true(dropped > 0);
		assert_int_equal(bytes + dropped,
				 strlen("kept in its pipe\n") + 500000 + strlen("works\n"));
		reader_free(reader);
	}
	rig_close(&rig);
	(void)fd_close(bad[0]);
	(void)fd_close(bad[1]);
	(void)fd_close(good[0]);
	(void)fd_close(good[1]);
}

/* the reserve of a small disk is a twentieth of it */
static void
the_disk_is_not_filled(void **state)
{
	enum { LINES = 40000 };
	struct statvfs vfs;
	struct sums sums;
	struct rig rig;
	int pair[2];

	(void)state;
	if (!own_namespace()) {
		skip();
	}
	open_small(&rig);
	rig_limits(&rig, UINT64_MAX, 256 << 20, 0);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "full", pair[0], 0, 0);
	write_much(pair[1], 0, LINES);
	wait_for_trouble(&rig, ENOSPC);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), ENOSPC);
	assert_int_equal(statvfs(rig.root, &vfs), 0);
	/* the index goes on, for it says what was dropped */
	assert_in_range(vfs.f_bavail * vfs.f_frsize, DISK / 20 - 8 * KIB, DISK / 10);
	make_room(&rig);
	wait_for_trouble(&rig, 0);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	sums = add_up(&rig, "full");
	assert_int_equal(sums.bytes + sums.dropped, LINES * 100);
	close_small(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
who_would_rather_wait_waits(void **state)
{
	enum { LINES = 9000 }; /* more than the half that is free, less than all */
	struct frame waits = { .stream = { .flags = STREAM_BLOCK } };
	struct sums sums;
	struct rig rig;
	pid_t writer;
	int pair[2], status;

	(void)state;
	if (!own_namespace()) {
		skip();
	}
	open_small(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream_with(&rig, rig_key(HELD_LOG), "full", pair[0], waits);
	writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		write_much(pair[1], 0, LINES);
		_exit(0);
	}
	wait_for_trouble(&rig, ENOSPC);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), ENOSPC);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), ENOSPC);
	assert_int_equal(rig.trouble_value, 0);
	assert_int_equal(waitpid(writer, &status, WNOHANG), 0);
	make_room(&rig);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	wait_for_trouble(&rig, 0);
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	sums = add_up(&rig, "full");
	assert_int_equal(sums.dropped, 0);
	assert_int_equal(sums.bytes, LINES * 100);
	close_small(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

/* its writer has ended, nobody will read its pipe again */
static void
what_waits_when_it_goes_is_marked(void **state)
{
	struct frame waits = { .stream = { .flags = STREAM_BLOCK, .max_size = 0 } };
	struct frame frame, close = { .kind = FRAME_CLOSE, .number = rig_key(HELD_LOG) };
	struct sums sums;
	struct rig rig;
	int pair[2], fd, lines = 0;

	(void)state;
	if (!own_namespace()) {
		skip();
	}
	open_small(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream_with(&rig, rig_key(HELD_LOG), "full", pair[0], waits);
	while (rig.trouble_frames == 0) { /* less at a time than a pipe holds */
		write_much(pair[1], lines, 500);
		lines += 500;
		(void)rig_drain(&rig, rig_key(HELD_LOG));
	}
	write_much(pair[1], lines, 10);
	lines += 10;
	rig_send(&rig, &close, NULL, 0);
	rig_receive(&rig, &frame, &fd);
	assert_int_equal(frame.kind, FRAME_CLOSED);
	assert_int_equal(frame.error, ENOSPC);
	sums = add_up(&rig, "full");
	assert_true(sums.dropped >= 1000);
	assert_int_equal(sums.bytes + sums.dropped, lines * 100);
	close_small(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
room_is_made_by_hand(void **state)
{
	struct rig rig;
	int pair[2];

	(void)state;
	if (!own_namespace()) {
		skip();
	}
	open_small(&rig);
	assert_int_equal(fd_pipe(pair), 0);
	rig_stream(&rig, rig_key(HELD_LOG), "full", pair[0], 0, 0);
	write_much(pair[1], 0, 20000);
	wait_for_trouble(&rig, ENOSPC);
	assert_true(rig_care(&rig, "full", CARE_ROTATE | CARE_VACUUM_SIZE, 0, 0) > FILLER / 2);
	wait_for_trouble(&rig, 0);
	rig_write(pair[1], "again\n");
	assert_int_equal(rig_drain(&rig, rig_key(HELD_LOG)), 0);
	close_small(&rig);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_log_does_not_harm_another),
		cmocka_unit_test(a_full_disk_stops_nobody),
		cmocka_unit_test(the_count_outlives_the_logger),
		cmocka_unit_test(the_disk_is_not_filled),
		cmocka_unit_test(who_would_rather_wait_waits),
		cmocka_unit_test(what_waits_when_it_goes_is_marked),
		cmocka_unit_test(room_is_made_by_hand),
	};

	return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}
