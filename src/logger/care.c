/* Flush before rotate before vacuum, so that one request may ask for all of them. */
#include "logger/care.h"
#include "base/fd.h"
#include "logger/logfile-rotate.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

static int
rotate(const struct care *care, struct log *log)
{
	int r = logfile_open(care->files, log);

	if (r == 0 && log->file->size > 0) {
		r = logfile_rotate(care->files, log);
	}
	if (r < 0) {
		care->trouble(log, -r);
	}
	return r;
}

/* one that is written to */
static int
care_live(const struct care *care, struct log *log, unsigned flags)
{
	int r = 0;

	if (flags & (CARE_FLUSH | CARE_ROTATE)) {
		r = care->drain(log);
	}
	if (flags & CARE_ROTATE) { /* also when the disk is full: then it can be made free */
		int rotated = rotate(care, log);

		r = flags & CARE_FLUSH && r < 0 ? r : rotated;
	}
	return r;
}

/* one that nobody writes to */
static int
care_idle(const struct care *care, int dirfd, const char *name, unsigned flags)
{
	int r = flags & CARE_ROTATE ? logfile_rotate_idle(dirfd) : -ENOENT;

	if (r == 0 && (flags & CARE_COMPRESS)) {
		packing_want(&care->files->packing, name);
	}
	return r == -ENOENT ? 0 : r;
}

static int
open_log(const struct care *care, const char *name)
{
	return fd_raise(
		openat(care->files->root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

static int
care_all_idle(const struct care *care, unsigned flags)
{
	int fd = open_log(care, "."), r = fd < 0 ? fd : 0;
	DIR *root = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (root && (entry = readdir(root)) != NULL) {
		if (entry->d_name[0] != '.' && !map_get(care->files->logs, entry->d_name)) {
			autoclose int dirfd = open_log(care, entry->d_name);
			int of_log = dirfd < 0 ? 0 : care_idle(care, dirfd, entry->d_name, flags);

			r = r == 0 ? of_log : r;
		}
	}
	if (root) {
		(void)closedir(root);
	}
	return r;
}

static uint64_t
most_of(const struct frame *frame)
{
	return frame->care.flags & CARE_VACUUM_SIZE ? frame->care.max_size : UINT64_MAX;
}

static int64_t
before_of(const struct frame *frame)
{
	return frame->care.flags & CARE_VACUUM_TIME ? frame->care.before : 0;
}

static int
care_one(const struct care *care, const struct frame *frame, uint64_t *ret_gone)
{
	struct log *log = map_get(care->files->logs, frame->care.name);
	int r = log ? care_live(care, log, frame->care.flags) : 0;
	autoclose int dirfd = open_log(care, frame->care.name);

	if (dirfd < 0) { /* nothing was ever written */
		return r < 0 || dirfd == -ENOENT ? r : dirfd;
	}
	if (!log) {
		r = care_idle(care, dirfd, frame->care.name, frame->care.flags);
	}
	*ret_gone = quota_trim(care->files, dirfd, most_of(frame), before_of(frame));
	return r;
}

int
care_take(const struct care *care, const struct frame *frame, uint64_t *ret_gone)
{
	struct log *log;
	size_t at = 0;
	int r = 0;

	*ret_gone = 0;
	if (!fd_is_open(care->files->root)) {
		return -EAGAIN;
	}
	if (frame->care.name[0] != '\0') {
		return care_one(care, frame, ret_gone);
	}
	while ((log = map_each(care->files->logs, &at)) != NULL) {
		int of_log = care_live(care, log, frame->care.flags);

		r = r == 0 ? of_log : r;
	}
	if (frame->care.flags & CARE_ROTATE) {
		int of_idle = care_all_idle(care, frame->care.flags);

		r = r == 0 ? of_idle : r;
	}
	if (frame->care.flags & (CARE_VACUUM_SIZE | CARE_VACUUM_TIME)) {
		*ret_gone = quota_vacuum(care->files, most_of(frame), before_of(frame));
	}
	return r;
}
