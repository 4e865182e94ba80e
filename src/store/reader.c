/* Two orders make reading without locks exact. The writer puts a batch's record into the index
 * before the bytes into the log, so a reader that looks at the log's size first and at the index
 * second has a record for every byte up to that size. And a record is written when the log has all
 * bytes before its offset, so one that lies behind a size taken after the index was read is
 * damaged.
 *
 * A line is put together per stream: standard error may come in the middle of a line of standard
 * output. It is given straight out of the block when it lies there in one piece. */
#include "store/reader.h"
#include "base/check.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* a rotation may come between looking and opening, this often at most */
enum { ROTATION_TRIES = 100 };

enum step { STEP_GIVE, STEP_AGAIN, STEP_WAIT };

struct reader *
reader_open(const char *directory, struct err *err)
{
	int fd = fd_raise(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct reader *reader;

	if (fd < 0) {
		(void)err_set_errno(err, -fd, "cannot read the log in %s", directory);
		return NULL;
	}
	reader = calloc(1, sizeof(*reader));
	CHECK(reader != NULL);
	reader->directory = str_dup(directory);
	reader->dirfd = fd;
	reader->fd = reader->inotify = reader->watched = reader->index.fd = reader->given = -1;
	reader->block = malloc(READER_BLOCK);
	CHECK(reader->block != NULL);
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		buf_init(&reader->partial[i].text, READER_LINE_MAX);
	}
	reader_seek_start(reader);
	return reader;
}

struct reader *
reader_free(struct reader *reader)
{
	if (!reader) {
		return NULL;
	}
	reader_leave(reader);
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		buf_done(&reader->partial[i].text);
	}
	(void)fd_close(reader->dirfd);
	(void)fd_close(reader->inotify);
	free(reader->directory);
	free(reader->block);
	free(reader);
	return NULL;
}

void
reader_leave(struct reader *reader)
{
	reader->fd = fd_close(reader->fd);
	index_close(&reader->index);
}

void
reader_forget_lines(struct reader *reader)
{
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		buf_clear(&reader->partial[i].text);
	}
	reader->given = -1;
	reader->skip = false;
}

static bool
is_current(const struct reader *reader, ino_t inode)
{
	struct stat st;

	return fstatat(reader->dirfd, "current", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_ino == inode;
}

static void
open_index(int dirfd, const char *name, struct index *ret_index)
{
	char idx[NAME_MAX + 1];
	int stem = (int)strlen(name) - (str_ends(name, ".log") ? 4 : 0);

	(void)snprintf(idx, sizeof(idx), "%.*s.idx", stem, name);
	index_open(ret_index, dirfd, idx);
}

int
reader_enter(struct reader *reader, const char *name, int64_t first)
{
	struct index index;
	struct stat st;
	int fd = fd_raise(openat(reader->dirfd, name,
				 O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));

	if (fd < 0) {
		return fd;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)fd_close(fd);
		return -EINVAL;
	}
	open_index(reader->dirfd, name, &index);
	if (str_equal(name, "current") && !is_current(reader, st.st_ino)) {
		(void)fd_close(
			fd); /* it was rotated in between: log and index may not belong together */
		index_close(&index);
		return -EAGAIN;
	}
	reader_leave(reader);
	reader->fd = fd;
	reader->inode = st.st_ino;
	reader->index = index;
	reader->first = first;
	reader->closed = !str_equal(name, "current");
	reader->damaged = false;
	reader->position = reader->record = 0;
	reader->stream = STORE_OUTPUT;
	reader->block_length = 0;
	reader_refresh(reader);
	reader->time = first;
	if (reader->time <= 0) {
		reader->time = index_first_time(&reader->index);
	}
	if (reader->time <= 0) {
		reader->time = st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
	}
	return 0;
}

void
reader_refresh(struct reader *reader)
{
	struct stat st;

	if (!fd_is_open(reader->index.fd) && is_current(reader, reader->inode)) {
		open_index(reader->dirfd, "current", &reader->index); /* it was made again */
	}
	if (fstat(reader->fd, &st) == 0) {
		reader->size = (uint64_t)st.st_size;
	}
	index_refresh(&reader->index);
	if (fstat(reader->fd, &st) == 0) {
		reader->known = (uint64_t)st.st_size;
	}
}

ssize_t
reader_load(struct reader *reader, uint64_t at)
{
	ssize_t got;

	if (at >= reader->block_at && at - reader->block_at < reader->block_length) {
		return (ssize_t)(reader->block_length - (at - reader->block_at));
	}
	do {
		got = pread(reader->fd, reader->block, READER_BLOCK, (off_t)at);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return -errno;
	}
	reader->block_at = at;
	reader->block_length = (size_t)got;
	return got;
}

static enum step
trouble(struct reader *reader, struct reader_item *item, const char *what)
{
	if (reader->damaged) {
		return STEP_AGAIN;
	}
	reader->damaged = true;
	item->result = READER_TROUBLE;
	item->time = reader->time;
	(void)snprintf(item->trouble, sizeof(item->trouble), "%s: %s", reader->directory, what);
	return STEP_GIVE;
}

static enum step
give(struct reader *reader, struct reader_item *item, const char *line, size_t length, bool whole)
{
	if (reader->skip) {
		reader->skip = false;
		return STEP_AGAIN;
	}
	item->result = READER_LINE;
	item->line = line;
	item->length = length;
	item->whole = whole;
	item->stream = reader->stream;
	item->time = reader->time;
	return STEP_GIVE;
}

/* what there is of a line; it is cleared by the next call */
static enum step
give_partial(struct reader *reader, struct reader_item *item, int stream, bool whole)
{
	struct reader_partial *partial = &reader->partial[stream];
	enum step step = give(reader, item, buf_str(&partial->text), partial->text.length, whole);

	if (step == STEP_AGAIN) {
		buf_clear(&partial->text);
		return step;
	}
	item->stream = stream;
	item->time = partial->time;
	reader->given = stream;
	return step;
}

static int
unfinished(const struct reader *reader)
{
	for (int i = 0; i < (int)COUNT(reader->partial); i++) {
		if (reader->partial[i].text.length > 0) {
			return i;
		}
	}
	return -1;
}

/* the record at reader->record, when its turn has come; STEP_WAIT: the bytes before it are next */
static enum step
take_record(struct reader *reader, bool flush, struct reader_item *item)
{
	bool last = !reader->closed && reader->record + 1 == reader->index.count;
	struct store_record record;

	if (reader->record >= reader->index.count) {
		return STEP_WAIT;
	}
	if (!index_get(&reader->index, reader->record, &record)) {
		if (last) {
			return STEP_WAIT; /* it may be half written */
		}
		reader->record++;
		return trouble(reader, item, "the index is damaged: times may be wrong");
	}
	if (record.offset > reader->known) {
		reader->record++;
		return trouble(reader, item, "the index tells of more than the log holds");
	}
	/* the last DROP of an open log still counts upwards */
	if (record.offset > reader->position || (record.kind == STORE_DROP && last && !flush)) {
		return STEP_WAIT;
	}
	if (record.kind == STORE_BATCH) {
		reader->stream = record.stream;
		reader->time = record.time;
		reader->record++;
		return STEP_AGAIN;
	}
	if (index_cuts_line(&record) && unfinished(reader) >= 0) {
		return give_partial(reader, item, unfinished(reader), false);
	}
	reader->record++;
	reader->skip = reader->skip && !index_cuts_line(&record);
	item->result = READER_MARK;
	item->time = record.time;
	item->stream = record.stream;
	item->mark = record;
	return STEP_GIVE;
}

static enum step
take_bytes(struct reader *reader, const char *bytes, size_t n, struct reader_item *item)
{
	struct reader_partial *partial = &reader->partial[reader->stream];
	const char *end = memchr(bytes, '\n', n);
	size_t length = end ? (size_t)(end - bytes) : n;

	if (end && partial->text.length == 0) {
		reader->position += length + 1;
		return give(reader, item, bytes, length, true);
	}
	if (partial->text.length == 0) {
		partial->time = reader->time;
	}
	if (partial->text.length + length > READER_LINE_MAX) {
		size_t room = READER_LINE_MAX - partial->text.length;

		CHECK(buf_add(&partial->text, bytes, room));
		reader->position += room;
		return give_partial(reader, item, reader->stream, false);
	}
	CHECK(length == 0 || buf_add(&partial->text, bytes, length));
	reader->position += length + (end ? 1 : 0);
	return end ? give_partial(reader, item, reader->stream, true) : STEP_AGAIN;
}

/* bytes up to the next record or the end */
static enum step
take_line(struct reader *reader, struct reader_item *item)
{
	uint64_t bound = reader->size;
	struct store_record record;
	ssize_t n;

	if (index_get(&reader->index, reader->record, &record) &&
	    record.offset > reader->position) {
		bound = MIN(bound, record.offset);
	}
	if (reader->position >= bound) {
		return STEP_WAIT;
	}
	n = reader_load(reader, reader->position);
	if (n <= 0) {
		reader->position = MIN(bound, reader->position + READER_BLOCK);
		return trouble(reader, item, n < 0 ? strerror((int)-n) : "the log was cut off");
	}
	return take_bytes(reader, reader->block + (reader->position - reader->block_at),
			  MIN((uint64_t)n, bound - reader->position), item);
}

/* the one behind ours; when ours was removed the oldest that is younger, which `current` always is
 * */
static const struct segment *
find_next(const struct reader *reader, const struct segments *segments, bool *ret_lost)
{
	const struct segment *younger = NULL;
	bool found = false;

	LIST_EACH(segment, &segments->list, struct segment, link) {
		struct stat st;

		if (found) {
			*ret_lost = false;
			return segment;
		}
		found = fstatat(reader->dirfd, segment->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			st.st_ino == reader->inode;
		if (!younger && !found &&
		    (segment->first > reader->first || str_equal(segment->name, "current"))) {
			younger = segment;
		}
	}
	*ret_lost = true;
	return found ? NULL : younger;
}

/* the segment behind this one; false: there is none yet */
static bool
next_segment(struct reader *reader, bool *ret_lost)
{
	int r = -EAGAIN;

	for (int tries = 0; tries < ROTATION_TRIES && r == -EAGAIN; tries++) {
		const struct segment *next;
		struct segments segments;

		if (segments_read(reader->dirfd, &segments) < 0) {
			return false;
		}
		next = find_next(reader, &segments, ret_lost);
		r = next ? reader_enter(reader, next->name, next->first) : -ENOENT;
		r = r == -ENOENT && next ? -EAGAIN : r;
		segments_done(&segments);
	}
	return r == 0;
}

/* the directory itself was removed; is there a new one? */
static bool
reopen_directory(struct reader *reader)
{
	struct stat st;
	int fd;

	if (fstat(reader->dirfd, &st) < 0 || st.st_nlink > 0) {
		return false;
	}
	fd = fd_raise(open(reader->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (fd < 0) {
		return false;
	}
	(void)fd_close(reader->dirfd);
	reader->dirfd = fd;
	reader_leave(reader);
	return true;
}

/* at the end of what was known */
static enum step
go_on(struct reader *reader, struct reader_item *item)
{
	uint64_t size = reader->size, count = reader->index.count;
	bool lost = false;

	if (!fd_is_open(reader->fd)) {
		(void)reopen_directory(reader);
		reader_seek_start(reader);
		return fd_is_open(reader->fd) ? STEP_AGAIN : STEP_WAIT;
	}
	if (!reader->closed && !is_current(reader, reader->inode)) {
		reader->closed =
			true; /* nothing comes any more, but what came before is still to be read */
		reader_refresh(reader);
		return STEP_AGAIN;
	}
	reader_refresh(reader);
	if (reader->size < reader->position) {
		reader->position = reader->record = 0;
		reader->block_length = 0;
		return trouble(reader, item, "the log was cut off by somebody");
	}
	if (reader->size != size || reader->index.count != count) {
		return STEP_AGAIN;
	}
	if (reader->closed) {
		if (next_segment(reader, &lost)) {
			return lost ? trouble(reader, item, "segments were removed unread")
				    : STEP_AGAIN;
		}
		return reopen_directory(reader) ? STEP_AGAIN : STEP_WAIT;
	}
	return STEP_WAIT;
}

enum reader_result
reader_next(struct reader *reader, bool flush, struct reader_item *ret_item)
{
	enum step step = STEP_AGAIN;
	struct reader_item item = { 0 };

	if (reader->given >= 0) {
		buf_clear(&reader->partial[reader->given].text);
		reader->given = -1;
	}
	while (step == STEP_AGAIN) {
		step = fd_is_open(reader->fd) ? take_record(reader, flush, &item) : STEP_WAIT;
		if (step == STEP_WAIT && fd_is_open(reader->fd)) {
			step = take_line(reader, &item);
		}
		if (step == STEP_WAIT) {
			step = go_on(reader, &item);
		}
		if (step == STEP_WAIT && flush && unfinished(reader) >= 0) {
			step = give_partial(reader, &item, unfinished(reader), false);
		}
	}
	if (step == STEP_WAIT) {
		item.result = READER_END;
	}
	*ret_item = item;
	return item.result;
}
