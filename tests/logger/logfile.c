/* logfile: opening what others have left, damaged or removed. */
#include "test.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "logger/logfile.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct world {
	char *root, *directory;
	struct logfiles files;
	struct log *log;
};

static void
set_up(struct world *w)
{
	w->root = test_dir();
	w->directory = str_format("%s/web", w->root);
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
	assert_null(w->log->file);
	free(w->log);
	free(w->directory);
	test_dir_done(&w->root);
}

/* as a logger does, but with bytes of ours */
static void
write_batch(struct world *w, const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(logfile_open(&w->files, w->log), 0);
	assert_int_equal(logfile_batch(w->log, 0, w->log->file->size), 0);
	assert_int_equal(pwrite(w->log->file->fd, text, n, (off_t)w->log->file->size), n);
	w->log->file->size += n;
}

static void
put(struct world *w, const char *name, const void *bytes, size_t n, int flags)
{
	autofree char *path = str_format("%s/%s", w->directory, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, n), 0);
	(void)fd_close(fd);
}

static bool
is_there(struct world *w, const char *name)
{
	autofree char *path = str_format("%s/%s", w->directory, name);

	return access(path, F_OK) == 0;
}

/* the marks and lines, as rig_expect has them */
static void
expect(struct world *w, const char *what)
{
	struct reader *reader = reader_open(w->directory, NULL);
	struct reader_item item;
	struct buf text;

	assert_non_null(reader);
	buf_init(&text, 1 << 20);
	while (reader_next(reader, true, &item) != READER_END) {
		if (item.result == READER_LINE) {
			assert_true(buf_addf(&text, "%.*s/", (int)item.length, item.line));
		} else if (item.result == READER_MARK) {
			assert_true(buf_addf(&text, "<%u:%lld>", item.mark.kind,
					     (long long)item.mark.value));
		} else {
			assert_true(buf_addf(&text, "{}"));
		}
	}
	assert_string_equal(buf_str(&text), what);
	buf_done(&text);
	reader_free(reader);
}

static void
it_goes_on_where_it_stopped(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	write_batch(&w, "one\n");
	logfile_close(&w.files, w.log);
	write_batch(&w, "two\n"); /* the same logger: no RESTART */
	logfile_close(&w.files, w.log);
	w.log->met = false;
	write_batch(&w, "three\n");
	assert_int_equal(w.log->file->size, 14);
	expect(&w, "one/two/<7:0>three/");
	tear_down(&w);
}

static void
gaps_are_marked(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	w.log->met = true;
	write_batch(&w, "one\n");
	logfile_close(&w.files, w.log);
	put(&w, "current.idx", "torn", 4, O_APPEND);
	write_batch(&w, "two\n");
	assert_int_equal(w.log->file->index_size % sizeof(struct store_record), 0);
	expect(&w, "one/<5:4>two/");

	/* no index at all */
	logfile_close(&w.files, w.log);
	put(&w, "current.idx", "", 0, O_TRUNC);
	write_batch(&w, "three\n");
	expect(&w, "one/two/<5:8>three/");

	/* the last record is rubbish */
	logfile_close(&w.files, w.log);
	put(&w, "current.idx", "0123456789012345678901234567890123456789", 40, O_APPEND);
	write_batch(&w, "four\n");
	expect(&w, "one/two/<5:8>{}three/<5:14>four/");

	/* the log was cut off */
	logfile_close(&w.files, w.log);
	put(&w, "current", "", 0, O_TRUNC);
	write_batch(&w, "five\n");
	{
		struct reader *reader = reader_open(w.directory, NULL);
		struct reader_item item;
		int lines = 0, marks = 0;

		while (reader_next(reader, true, &item) != READER_END) {
			lines += item.result == READER_LINE;
			marks += item.result == READER_MARK;
			assert_true(item.result != READER_LINE ||
				    (item.length == 4 && memcmp(item.line, "five", 4) == 0));
		}
		assert_int_equal(lines, 1);
		assert_true(marks >= 1);
		reader_free(reader);
	}
	tear_down(&w);
}

static void
what_was_removed_is_made_again(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	write_batch(&w, "lost with its directory\n");
	assert_int_equal(file_remove_tree(AT_FDCWD, w.directory), 0);
	w.log->file->looked = 0; /* as after a second */
	write_batch(&w, "one\n");
	expect(&w, "one/");
	/* only the log */
	{
		autofree char *path = str_format("%s/current", w.directory);

		assert_int_equal(unlink(path), 0);
	}
	w.log->file->looked = 0;
	write_batch(&w, "two\n");
	expect(&w, "two/");
	/* the root too */
	assert_int_equal(file_remove_tree(AT_FDCWD, w.root), 0);
	w.log->file->looked = 0;
	write_batch(&w, "three\n");
	expect(&w, "three/");
	/* cut off while it is open */
	put(&w, "current", "", 0, O_TRUNC);
	w.log->file->looked = 0;
	write_batch(&w, "four\n");
	assert_int_equal(w.log->file->size, 5);
	tear_down(&w);
}

static void
one_logger_has_the_lock(void **state)
{
	struct logfiles other;
	struct world w;

	(void)state;
	set_up(&w);
	logfile_init(&other, w.root);
	assert_int_equal(logfile_lock(&other), -EWOULDBLOCK);
	logfile_done(&w.files);
	assert_int_equal(logfile_lock(&other), 0);
	logfile_done(&other);
	tear_down(&w);
}

static void
drops_count_in_one_record(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	write_batch(&w, "one\n");
	assert_int_equal(logfile_drop(w.log, 100, ENOSPC, clock_wall()), 0);
	assert_int_equal(logfile_drop(w.log, 50, ENOSPC, clock_wall()), 0);
	write_batch(&w, "two\n");
	assert_int_equal(logfile_drop(w.log, 7, ENOSPC, clock_wall()), 0);
	expect(&w, "one/<4:150>two/<4:7>");
	tear_down(&w);
}

static void
odd_files_are_refused(void **state)
{
	struct world w;

	(void)state;
	set_up(&w);
	assert_int_equal(symlink("/tmp", w.directory), 0);
	assert_true(logfile_open(&w.files, w.log) < 0);
	assert_int_equal(unlink(w.directory), 0);
	assert_int_equal(mkdir(w.directory, 0700), 0);
	{
		autofree char *path = str_format("%s/current", w.directory);

		assert_int_equal(mkfifo(path, 0600), 0);
		assert_int_equal(logfile_open(&w.files, w.log), -EINVAL);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(symlink("/etc/passwd", path), 0);
		assert_int_equal(logfile_open(&w.files, w.log), -ELOOP);
		assert_int_equal(unlink(path), 0);
	}
	write_batch(&w, "one\n");
	assert_true(is_there(&w, "current"));
	tear_down(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_on_where_it_stopped),
		cmocka_unit_test(gaps_are_marked),
		cmocka_unit_test(what_was_removed_is_made_again),
		cmocka_unit_test(one_logger_has_the_lock),
		cmocka_unit_test(drops_count_in_one_record),
		cmocka_unit_test(odd_files_are_refused),
	};

	return cmocka_run_group_tests_name("logfile", tests, NULL, NULL);
}
