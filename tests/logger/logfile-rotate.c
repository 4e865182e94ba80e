/* logfile-rotate: names, the quota, and a rotation that was cut in half. */
#include "test.h"
#include "base/check.h"
#include "base/fd.h"
#include "logger/logfile-rotate.h"
#include "logger/logfile.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct world {
	char *root;
	int dirfd; /* of the log */
	struct logfiles files;
	struct log *log;
};

static void
set_up(struct world *w)
{
	autofree char *directory = NULL;

	w->root = test_dir();
	directory = str_format("%s/web", w->root);
	assert_int_equal(mkdir(directory, 0700), 0);
	w->dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(w->dirfd >= 0);
	logfile_init(&w->files, w->root);
	assert_int_equal(logfile_lock(&w->files), 0);
	w->log = calloc(1, sizeof(*w->log) + 4);
	assert_non_null(w->log);
	memcpy(w->log->name, "web", 4);
	w->log->max_size = w->log->segment_size = UINT64_MAX;
}

static void
tear_down(struct world *w)
{
	logfile_done(&w->files);
	free(w->log);
	(void)fd_close(w->dirfd);
	test_dir_done(&w->root);
}

static void
put(struct world *w, const char *name, const char *text)
{
	int fd = openat(w->dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	(void)fd_close(fd);
}

static bool
is_there(struct world *w, const char *name)
{
	return faccessat(w->dirfd, name, F_OK, 0) == 0;
}

static void
write_some(struct world *w, int64_t first)
{
	assert_int_equal(logfile_open(&w->files, w->log), 0);
	assert_int_equal(logfile_batch(w->log, 0, w->log->file->size), 0);
	assert_int_equal(pwrite(w->log->file->fd, "line\n", 5, 0), 5);
	w->log->file->size = 5;
	w->log->file->first = first;
}

static void
names_go_upwards(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	write_some(&w, 500);
	assert_int_equal(logfile_rotate(&w.files, w.log), 0);
	assert_null(w.log->file);
	assert_true(is_there(&w, "500.log") && is_there(&w, "500.idx"));
	assert_false(is_there(&w, "current"));
	write_some(&w, 300); /* the clock was set back */
	assert_int_equal(logfile_rotate(&w.files, w.log), 0);
	assert_true(is_there(&w, "501.log") && is_there(&w, "501.idx"));
	write_some(&w, 501);
	assert_int_equal(logfile_rotate(&w.files, w.log), 0);
	assert_true(is_there(&w, "502.log"));
	tear_down(&w);
}

static void
the_quota_is_kept(void **state)
{
	enum { SEGMENT = sizeof(struct store_record) + 5 };
	struct segments segments;
	struct world w;

	(void)state;
	set_up(&w);
	w.log->segment_size = SEGMENT;
	w.log->max_size = 4 * SEGMENT;
	for (int64_t i = 1; i <= 20; i++) {
		write_some(&w, i);
		assert_int_equal(segments_read(w.dirfd, &segments), 0);
		assert_true(segments.total <= w.log->max_size);
		segments_done(&segments);
		w.log->met = true;
		assert_int_equal(logfile_rotate(&w.files, w.log), 0);
	}
	assert_true(is_there(&w, "20.log") && is_there(&w, "18.log"));
	assert_false(is_there(&w, "17.log") || is_there(&w, "17.idx"));
	tear_down(&w);
}

static void
half_a_rotation_is_finished(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	put(&w, "100.log", "a");
	put(&w, "100.idx", "index of 100");
	put(&w, "200.log", "b");
	put(&w, "current.idx", "index of 200");
	assert_int_equal(logfile_rotate_recover(w.dirfd), 0);
	assert_true(is_there(&w, "200.idx"));
	assert_false(is_there(&w, "current.idx"));
	assert_int_equal(logfile_rotate_recover(w.dirfd), 0); /* nothing to do */

	/* all have theirs: the log of this one was removed */
	put(&w, "current.idx", "index of nothing");
	assert_int_equal(logfile_rotate_recover(w.dirfd), 0);
	assert_false(is_there(&w, "current.idx"));

	/* an ordinary state is left alone */
	put(&w, "current", "x");
	put(&w, "current.idx", "index of current");
	assert_int_equal(logfile_rotate_recover(w.dirfd), 0);
	assert_true(is_there(&w, "current") && is_there(&w, "current.idx"));
	tear_down(&w);
}

static void
a_removed_directory_is_no_trouble(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	write_some(&w, 1);
	assert_int_equal(file_remove_tree(w.files.root, "web"), 0);
	assert_int_equal(logfile_rotate(&w.files, w.log), 0);
	write_some(&w, 2);
	tear_down(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_upwards),
		cmocka_unit_test(the_quota_is_kept),
		cmocka_unit_test(half_a_rotation_is_finished),
		cmocka_unit_test(a_removed_directory_is_no_trouble),
	};

	return cmocka_run_group_tests_name("logfile-rotate", tests, NULL, NULL);
}
