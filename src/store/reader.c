/* Two orders make reading without locks exact. The writer puts a batch's record into the index
 * before the bytes into the log, so a reader that looks at the log's size first and at the index
 * second has a record for every byte up to that size. And a record is written when the log has all
 * bytes before its offset, so one that lies behind a size taken after the index was read is
 * damaged.
 *
 * A segment is known by more than its name: it is renamed when it is closed and is another file
 * when it is packed, but its index stays the same file. */
#include "store/reader.h"
#include "base/check.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* a rotation may come between looking and opening, this often at most */
enum { ROTATION_TRIES = 100, ENTER_TRIES = 3 };

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
	reader->own = malloc(READER_BLOCK);
	CHECK(reader->own != NULL);
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		buf_init(&reader->partial[i].text, READER_LINE_MAX);
	}
	return reader;
}

struct reader *
reader_free(struct reader *reader)
{
	if (!reader) {
		return NULL;
	}
	reader_leave(reader);
	reader_back_free(reader);
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		buf_done(&reader->partial[i].text);
	}
	(void)fd_close(reader->dirfd);
	(void)fd_close(reader->inotify);
	free(reader->directory);
	free(reader->own);
	free(reader);
	return NULL;
}

void
reader_show_rotation(struct reader *reader)
{
	reader->show_rotation = true;
}

void
reader_search(struct reader *reader, const struct reader_search *search)
{
	reader->search = *search;
}

void
reader_leave(struct reader *reader)
{
	reader->unpack = unpack_free(reader->unpack);
	reader->fd = fd_close(reader->fd);
	reader->block_length = 0;
	reader->rotated = false;
	reader->say[0] = '\0';
	index_close(&reader->index);
}

void
reader_forget(struct reader *reader)
{
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		buf_clear(&reader->partial[i].text);
		reader->partial[i].skip = reader->partial[i].piece = false;
	}
	reader->given = -1;
	reader->unfinished = 0;
	reader->rotated = false;
	reader_back_forget(reader);
}

bool
reader_is_current(const struct reader *reader)
{
	struct stat st;

	return fstatat(reader->dirfd, "current", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_ino == reader->inode;
}

static void
open_index(struct reader *reader, const char *name)
{
	char idx[SEGMENT_NAME_MAX];
	struct stat st;

	segments_index_name(name, idx);
	index_open(&reader->index, reader->dirfd, idx);
	reader->index_inode =
		fd_is_open(reader->index.fd) && fstat(reader->index.fd, &st) == 0 ? st.st_ino : 0;
}

/* the log's file, opened under the name that it has now */
static int
open_log(const struct reader *reader, const struct history_segment *segment,
	 struct history_segment *ret_opened, struct stat *ret_st)
{
	char name[SEGMENT_NAME_MAX];
	int fd;

	*ret_opened = *segment;
	history_name(ret_opened, name);
	fd = fd_raise(openat(reader->dirfd, name,
			     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
	if (fd == -ENOENT && !segment->current && !segment->packed) { /* packed in between */
		ret_opened->packed = true;
		return open_log(reader, ret_opened, ret_opened, ret_st);
	}
	if (fd >= 0 && (fstat(fd, ret_st) < 0 || !S_ISREG(ret_st->st_mode))) {
		(void)fd_close(fd);
		return -EINVAL;
	}
	return fd;
}

/* what it says of itself, for the first time */
static void
look_at(struct reader *reader, const struct stat *st)
{
	if (reader->unpack && reader->unpack->trouble[0]) {
		(void)snprintf(reader->say, sizeof(reader->say), "%s", reader->unpack->trouble);
	}
	reader_refresh(reader);
	reader->identity = index_first_time(&reader->index);
	reader->first = reader->closed ? reader->first : reader->identity;
	if (reader->identity <= 0) {
		reader->identity = reader->closed ? reader->first : 0;
	}
	if (reader->index.count == 0 && reader->size > 0 && !reader->say[0]) {
		(void)snprintf(reader->say, sizeof(reader->say),
			       "it has no index: times may be wrong");
	}
	reader->time = reader->first > 0 ? reader->first
					 : st->st_mtim.tv_sec * 1000000000LL + st->st_mtim.tv_nsec;
}

static int
enter(struct reader *reader, const struct history_segment *segment)
{
	struct history_segment opened;
	struct stat st;
	int fd = open_log(reader, segment, &opened, &st);

	if (fd < 0) {
		return fd;
	}
	reader_leave(reader);
	history_name(&opened, reader->name);
	reader->inode = st.st_ino;
	open_index(reader, reader->name);
	if (opened.current && !reader_is_current(reader)) {
		(void)fd_close(
			fd); /* it was rotated in between: log and index may not belong together */
		index_close(&reader->index);
		return -EAGAIN;
	}
	reader->fd = fd;
	reader->unpack = opened.packed ? unpack_new(fd) : NULL;
	reader->first = opened.current ? 0 : opened.first;
	reader->closed = !opened.current;
	reader->damaged = false;
	reader->position = reader->record = 0;
	reader->stream = STORE_OUTPUT;
	look_at(reader, &st);
	return 0;
}

int
reader_enter(struct reader *reader, const struct history_segment *segment)
{
	int r = -EAGAIN;

	for (int tries = 0; tries < ENTER_TRIES && r == -EAGAIN; tries++) {
		r = enter(reader, segment);
	}
	return r;
}

static uint64_t
size_now(const struct reader *reader, uint64_t otherwise)
{
	struct stat st;

	if (reader->unpack) {
		return reader->unpack->size;
	}
	return fstat(reader->fd, &st) == 0 ? (uint64_t)st.st_size : otherwise;
}

void
reader_refresh(struct reader *reader)
{
	if (!fd_is_open(reader->index.fd) && !reader->closed && reader_is_current(reader)) {
		open_index(reader, "current"); /* it was made again */
	}
	reader->size = size_now(reader, reader->size);
	index_refresh(&reader->index);
	reader->known = size_now(reader, reader->known);
	if (reader->identity <= 0 && reader->index.count > 0) {
		reader->identity = index_first_time(&reader->index);
		reader->first = reader->closed ? reader->first : reader->identity;
	}
}

static ssize_t
load_frame(struct reader *reader, uint64_t at, uint64_t *ret_hole_end)
{
	size_t length;
	uint64_t start;
	int r = at < reader->unpack->size
			? unpack_load(reader->unpack, at, &reader->block, &start, &length)
			: -ENODATA;

	if (r == -ENODATA) {
		return 0;
	}
	if (r < 0) {
		reader->block_length = 0;
		*ret_hole_end = start + length;
		return r;
	}
	reader->block_at = start;
	reader->block_length = length;
	return (ssize_t)(length - (at - start));
}

ssize_t
reader_load(struct reader *reader, uint64_t at, uint64_t *ret_hole_end)
{
	ssize_t got;

	if (at >= reader->block_at && at - reader->block_at < reader->block_length) {
		return (ssize_t)(reader->block_length - (at - reader->block_at));
	}
	if (reader->unpack) {
		return load_frame(reader, at, ret_hole_end);
	}
	do {
		got = pread(reader->fd, reader->own, READER_BLOCK, (off_t)at);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		reader->block_length = 0;
		*ret_hole_end = at + READER_BLOCK;
		return -errno;
	}
	reader->block = reader->own;
	reader->block_at = at;
	reader->block_length = (size_t)got;
	return got;
}

/* ---- from one segment to the next ---- */
static bool
is_ours(const struct reader *reader, const struct history_segment *segment)
{
	char name[SEGMENT_NAME_MAX], idx[SEGMENT_NAME_MAX];
	struct stat st;

	history_name(segment, name);
	if (fstatat(reader->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == reader->inode) {
		return true;
	}
	segments_index_name(name, idx);
	return reader->index_inode != 0 &&
	       fstatat(reader->dirfd, idx, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_ino == reader->index_inode;
}

size_t
reader_ours(const struct reader *reader, const struct history *history)
{
	size_t low = 0, high = history->count;

	if (str_equal(reader->name, "current")) { /* it has got another name */
		for (size_t i = history->count; i-- > 0;) {
			if (is_ours(reader, &history->segments[i])) {
				return i;
			}
		}
		return history->count;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (history->segments[middle].first < reader->first) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < history->count && history->segments[low].first == reader->first
		       ? low
		       : history->count;
}

/* the one behind ours; when ours was removed the oldest that is younger, which `current` always is
 * */
static const struct history_segment *
find_next(const struct reader *reader, const struct history *history, bool *ret_lost)
{
	size_t ours = reader_ours(reader, history);

	*ret_lost = ours == history->count;
	if (!*ret_lost) {
		return ours + 1 < history->count ? &history->segments[ours + 1] : NULL;
	}
	for (size_t i = 0; i < history->count; i++) {
		if (history->segments[i].first > reader->first) {
			return &history->segments[i];
		}
	}
	return NULL;
}

/* the segment behind this one; false: there is none yet */
static bool
next_segment(struct reader *reader, bool *ret_lost)
{
	int r = -EAGAIN;

	for (int tries = 0; tries < ROTATION_TRIES && r == -EAGAIN; tries++) {
		const struct history_segment *next;
		struct history history;

		if (history_read(reader->dirfd, &history) < 0) {
			return false;
		}
		next = find_next(reader, &history, ret_lost);
		r = next ? reader_enter(reader, next) : -ENOENT;
		r = r == -ENOENT && next ? -EAGAIN : r;
		history_done(&history);
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

static enum reader_step
enter_next(struct reader *reader, struct reader_item *item)
{
	bool lost = false;

	/* of a segment that was cut off the last line does not go on in the next one */
	if (reader->damaged && reader_unfinished(reader) >= 0) {
		return reader_give_unfinished(reader, item);
	}
	if (!next_segment(reader, &lost)) {
		return reopen_directory(reader) ? STEP_AGAIN : STEP_WAIT;
	}
	if (lost) {
		item->result = READER_TROUBLE;
		item->time = reader->time;
		(void)snprintf(item->trouble, sizeof(item->trouble),
			       "%s: segments were removed unread", reader->directory);
		return STEP_GIVE;
	}
	reader->rotated = reader->show_rotation;
	return STEP_AGAIN;
}

/* at the end of what was known */
static enum reader_step
go_on(struct reader *reader, struct reader_item *item)
{
	uint64_t size = reader->size, count = reader->index.count;

	if (!fd_is_open(reader->fd)) {
		(void)reopen_directory(reader);
		reader_seek_start(reader);
		return fd_is_open(reader->fd) ? STEP_AGAIN : STEP_WAIT;
	}
	if (reader->closed && reader->unpack) {
		return enter_next(reader, item);
	}
	if (!reader->closed && !reader_is_current(reader)) {
		/* nothing comes any more, but what came before is still to be read */
		reader->closed = true;
		reader_refresh(reader);
		return STEP_AGAIN;
	}
	reader_refresh(reader);
	if (reader->size < reader->position) {
		reader->position = reader->record = 0;
		reader->block_length = 0;
		return reader_trouble(reader, item, "it was cut off by somebody");
	}
	if (reader->size != size || reader->index.count != count) {
		return STEP_AGAIN;
	}
	return reader->closed ? enter_next(reader, item) : STEP_WAIT;
}

enum reader_result
reader_next(struct reader *reader, bool flush, struct reader_item *ret_item)
{
	enum reader_step step = STEP_AGAIN;
	struct reader_item item = { 0 };

	reader_release(reader);
	while (step == STEP_AGAIN) {
		step = fd_is_open(reader->fd) ? reader_step(reader, flush, &item) : STEP_WAIT;
		if (step == STEP_WAIT) {
			step = go_on(reader, &item);
		}
		if (step == STEP_WAIT && flush && reader_unfinished(reader) >= 0) {
			step = reader_give_unfinished(reader, &item);
		}
	}
	if (step == STEP_WAIT) {
		item.result = READER_END;
	}
	*ret_item = item;
	return item.result;
}

void
reader_where(struct reader *reader, struct reader_place *ret_place)
{
	if (!fd_is_open(reader->fd)) {
		reader_seek_start(reader);
	}
	*ret_place = (struct reader_place){ .segment = reader->identity,
					    .position = reader->position,
					    .record = reader->record,
					    .time = reader->time,
					    .kind = 'e' };
}
