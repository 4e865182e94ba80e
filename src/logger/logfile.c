/* The position in a log is the size of its file, so a new logger goes on exactly where a killed one
 * stopped: splice(2) moves the file's end and empties the pipe in one call that SIGKILL does not
 * interrupt half-way.
 *
 * The index runs ahead: a record is written before the bytes it is about. What is found wrong with
 * an index (it was damaged, or the log was cut off by somebody) is marked as a GAP and left behind.
 *
 * A block of the index is kept reserved, so that a full disk can still be written down. */
#include "logger/logfile.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "logger/logfile-rotate.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	RECORD = sizeof(struct store_record),
	INDEX_ROOM = 4096,
	KEEP_SHARE = 8 /* a segment is of one part in so many of the time that is kept */
};

static const int64_t BATCH_NS = CLOCK_MS; /* one record in this time at most */
static const int64_t LOOK_NS = CLOCK_S;   /* a removed file is noticed in this time */
static const uint64_t NO_DROP = UINT64_MAX;

void
logfile_init(struct logfiles *files, const char *root_path)
{
	*files = (struct logfiles){ .root_path = root_path, .root = -1, .lock = -1 };
	list_init(&files->open);
	quota_init(&files->quota);
}

void
logfile_done(struct logfiles *files)
{
	LIST_EACH(file, &files->open, struct logfile, link) {
		logfile_close(files, file->log);
	}
	files->lock = fd_close(files->lock);
	files->root = fd_close(files->root);
}

int
logfile_lock(struct logfiles *files)
{
	autoclose int root = -1, lock = -1;
	int r = file_make_dirs(files->root_path, 0700);

	if (r < 0) {
		return r;
	}
	root = fd_raise(open(files->root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (root < 0) {
		return root;
	}
	lock = fd_raise(openat(root, ".lock",
			       O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
	if (lock < 0) {
		return lock;
	}
	if (flock(lock, LOCK_EX | LOCK_NB) < 0) {
		return -errno;
	}
	(void)fd_close(files->root);
	(void)fd_close(files->lock);
	files->root = fd_take(&root);
	files->lock = fd_take(&lock);
	return 0;
}

void
logfile_close(struct logfiles *files, struct log *log)
{
	struct logfile *file = log->file;

	if (!file) {
		return;
	}
	if (file->reserved > file->size) {
		(void)!ftruncate(file->fd, (off_t)file->size); /* gives reserved blocks back */
	}
	(void)fd_close(file->fd);
	(void)fd_close(file->index);
	list_remove(&file->link);
	files->count--;
	free(file);
	log->file = NULL;
}

static int
write_record(struct logfile *file, struct store_record *record, uint64_t at)
{
	ssize_t n;

	store_seal(record);
	do {
		n = pwrite(file->index, record, RECORD, (off_t)at);
	} while (n < 0 && errno == EINTR);
	if (n == RECORD) {
		return 0;
	}
	if (n > 0) {
		(void)!ftruncate(file->index, (off_t)at);
	}
	return n < 0 ? -errno : -ENOSPC;
}

static int
append(struct logfile *file, struct store_record *record)
{
	int r = write_record(file, record, file->index_size);

	if (r < 0) {
		return r;
	}
	file->index_size += RECORD;
	file->drop = NO_DROP;
	if (file->first == 0) {
		file->first = record->time;
	}
	if (file->index_size % INDEX_ROOM < RECORD) {
		(void)fallocate(file->index, FALLOC_FL_KEEP_SIZE, (off_t)file->index_size,
				INDEX_ROOM);
	}
	return 0;
}

static bool
read_record(const struct logfile *file, uint64_t at, struct store_record *ret_record)
{
	struct store_record record;

	if (pread(file->index, &record, RECORD, (off_t)at) != RECORD || !store_is_sound(&record)) {
		return false;
	}
	*ret_record = record;
	return true;
}

static int
mark_gap(struct logfile *file, uint64_t missing)
{
	struct store_record gap = { .time = clock_wall(),
				    .offset = file->size,
				    .value = (int64_t)missing,
				    .kind = STORE_GAP };

	return append(file, &gap);
}

/* does the index fit the log? If not, that is marked and it goes on from here */
static int
adopt_index(struct logfile *file)
{
	uint64_t rest = file->index_size % RECORD, covered = 0;
	bool sound = rest == 0;
	struct store_record record;

	file->index_size -= rest;
	if (rest > 0 && ftruncate(file->index, (off_t)file->index_size) < 0) {
		return -errno;
	}
	if (file->index_size > 0) {
		if (read_record(file, 0, &record)) {
			file->first = record.time;
		}
		if (read_record(file, file->index_size - RECORD, &record)) {
			covered = record.offset;
		} else {
			sound = false;
		}
	} else if (file->size > 0) {
		sound = false;
	}
	if (sound && covered <= file->size) {
		return 0;
	}
	return mark_gap(file, covered < file->size ? file->size - covered : 0);
}

/* Who may read it: its owner, and a group where that was asked for. A group that cannot be given
 * (only root and its members can) leaves it to the owner. */
static void
set_readers(const struct log *log, int fd, const struct stat *st, bool directory)
{
	mode_t mode = directory ? 0700 : 0600;

	if (log->group && (st->st_gid == log->gid || fchown(fd, (uid_t)-1, (gid_t)log->gid) == 0)) {
		mode = directory ? 0750 : 0640;
	}
	if ((st->st_mode & 07777) != mode) {
		(void)fchmod(fd, mode);
	}
}

static int
open_regular(const struct log *log, int dirfd, const char *name, struct stat *ret_st)
{
	int fd = fd_raise(openat(dirfd, name,
				 O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
				 0600));

	if (fd < 0) {
		return fd;
	}
	if (fstat(fd, ret_st) < 0 || !S_ISREG(ret_st->st_mode)) {
		(void)fd_close(fd);
		return -EINVAL;
	}
	set_readers(log, fd, ret_st, false);
	return fd;
}

/* the index first: a reader that finds the log finds its index too */
static int
open_files(int dirfd, struct logfile *file)
{
	struct stat log_st, index_st;

	file->index = open_regular(file->log, dirfd, "current.idx", &index_st);
	if (file->index < 0) {
		return file->index;
	}
	file->fd = open_regular(file->log, dirfd, "current", &log_st);
	if (file->fd < 0) {
		return file->fd;
	}
	file->size = (uint64_t)log_st.st_size;
	file->index_size = (uint64_t)index_st.st_size;
	if ((uint64_t)log_st.st_blocks * 512 > file->size + (1 << 16)) {
		file->reserved = file->size + 1; /* by one before us */
	}
	if (index_st.st_blocks == 0) {
		(void)fallocate(file->index, FALLOC_FL_KEEP_SIZE, 0, INDEX_ROOM);
	}
	return 0;
}

/* the log's directory; it is made when it is missing, and so is the root */
static int
open_directory(struct logfiles *files, const struct log *log)
{
	int fd = -ENOENT;
	struct stat st;

	for (int tries = 0; tries < 2 && fd == -ENOENT; tries++) {
		if (!fd_is_open(files->root) ||
		    (fstat(files->root, &st) == 0 && st.st_nlink == 0)) {
			int r = logfile_lock(files);

			if (r < 0) {
				return r;
			}
		}
		fd = fd_raise(openat(files->root, log->name,
				     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
		if (fd == -ENOENT && mkdirat(files->root, log->name, 0700) < 0 && errno != EEXIST) {
			return -errno;
		}
	}
	if (fd >= 0 && fstat(fd, &st) == 0) {
		set_readers(log, fd, &st, true);
	}
	if (fd >= 0 && log->group && fstat(files->root, &st) == 0 && (st.st_mode & 0111) != 0111) {
		(void)fchmod(files->root, st.st_mode | 0111); /* to pass through, not to read */
	}
	return fd;
}

bool
logfile_exists(const struct logfiles *files, const struct log *log)
{
	return log->file ||
	       (fd_is_open(files->root) && faccessat(files->root, log->name, F_OK, 0) == 0);
}

static bool
has_closed_segments(int dirfd)
{
	struct segments segments;
	bool found = segments_read(dirfd, &segments) < 0;

	if (!found) {
		LIST_EACH(segment, &segments.list, struct segment, link) {
			found |= !str_equal(segment->name, "current");
		}
		segments_done(&segments);
	}
	return found;
}

/* what comes before the first record of a log that has just been made */
static int
pay(struct log *log, int dirfd)
{
	struct store_record start = { .kind = STORE_START,
				      .time = log->owed_time,
				      .value = log->owed_pid,
				      .extra = log->owed_run };
	bool owes = log->owed_run != 0 && log->file->index_size == 0 && !has_closed_segments(dirfd);

	log->owed_run = 0;
	return owes ? logfile_mark(log, &start) : 0;
}

static int
open_new(struct logfiles *files, struct log *log)
{
	autoclose int dirfd = open_directory(files, log);
	struct logfile *file;
	int r;

	if (dirfd < 0) {
		return dirfd;
	}
	r = logfile_rotate_recover(dirfd);
	if (r < 0) {
		return r;
	}
	file = calloc(1, sizeof(*file));
	CHECK(file != NULL);
	file->log = log;
	file->fd = file->index = file->stream = -1;
	file->drop = NO_DROP;
	file->looked = clock_wall();
	r = open_files(dirfd, file);
	if (r < 0) {
		(void)fd_close(file->fd);
		(void)fd_close(file->index);
		free(file);
		return r;
	}
	list_add(&files->open, &file->link);
	files->count++;
	log->file = file;
	r = adopt_index(file);
	if (r == 0 && !log->met && file->index_size > 0) {
		struct store_record restart = { .kind = STORE_RESTART, .time = clock_wall() };

		r = logfile_mark(log, &restart);
	}
	if (r == 0) {
		r = pay(log, dirfd);
	}
	log->met = log->met || r == 0;
	/* an index that cannot be written now is trouble when a record is due, not here */
	return 0;
}

/* once a second at most, and only while bytes come: people remove and truncate logs */
static int
look(struct logfiles *files, struct log *log, int64_t now)
{
	struct logfile *file = log->file;
	struct stat log_st, index_st;

	if (now >= file->looked && now - file->looked < LOOK_NS) {
		return 0;
	}
	file->looked = now;
	if (fstat(file->fd, &log_st) < 0 || fstat(file->index, &index_st) < 0 ||
	    log_st.st_nlink == 0 || index_st.st_nlink == 0) {
		logfile_close(files, log);
		return open_new(files, log);
	}
	if ((uint64_t)log_st.st_size == file->size &&
	    (uint64_t)index_st.st_size == file->index_size) {
		return 0;
	}
	file->size = (uint64_t)log_st.st_size;
	file->index_size = (uint64_t)index_st.st_size;
	file->stream = -1;
	return adopt_index(file);
}

void
logfile_settle(struct logfiles *files, struct log *log)
{
	autoclose int dirfd =
		fd_is_open(files->root)
			? fd_raise(openat(files->root, log->name,
					  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
			: -1;

	log->settled = true;
	if (dirfd >= 0) {
		quota_log(files, log, dirfd);
		if (log->compress) {
			packing_want(&files->packing, log->name);
		}
	}
}

int
logfile_open(struct logfiles *files, struct log *log)
{
	int r;

	if (!log->settled) {
		logfile_settle(files, log);
	}
	if (log->file) {
		list_remove(&log->file->link);
		list_add(&files->open, &log->file->link);
		return look(files, log, clock_wall());
	}
	if (files->count >= LOGFILES_OPEN) {
		logfile_close(files, LIST_FIRST(&files->open, struct logfile, link)->log);
	}
	for (;;) {
		r = open_new(files, log);
		if ((r != -EMFILE && r != -ENFILE) || list_is_empty(&files->open)) {
			return r;
		}
		logfile_close(files, LIST_FIRST(&files->open, struct logfile, link)->log);
	}
}

bool
logfile_batch_is_due(const struct log *log, int stream)
{
	const struct logfile *file = log->file;
	int64_t now = clock_wall();

	return file->stream != stream || now < file->batch || now - file->batch >= BATCH_NS;
}

int
logfile_batch(struct log *log, int stream, uint64_t offset)
{
	struct logfile *file = log->file;
	struct store_record batch = { .time = clock_wall(),
				      .offset = offset,
				      .kind = STORE_BATCH,
				      .stream = (uint16_t)stream };
	int r = append(file, &batch);

	if (r == 0) {
		file->batch = batch.time;
		file->stream = stream;
	}
	return r;
}

uint64_t
logfile_inode(const struct log *log)
{
	struct stat st;

	return fstat(log->file->fd, &st) == 0 ? st.st_ino : 0;
}

int
logfile_mark(struct log *log, const struct store_record *mark)
{
	struct store_record record = *mark;
	uint64_t at = log->file->index_size;
	int r;

	record.offset = log->file->size;
	r = append(log->file, &record);
	if (r == 0 && mark->kind == STORE_START) {
		log->start_run = mark->extra;
		log->start_at = at;
		log->start_inode = logfile_inode(log);
	}
	return r;
}

void
logfile_tell_pid(struct logfiles *files, struct log *log, int64_t run, int64_t pid)
{
	struct store_record record;

	if (log->owed_run == run) {
		log->owed_pid = (pid_t)pid;
	}
	if (log->start_run != run || logfile_open(files, log) < 0 ||
	    logfile_inode(log) != log->start_inode ||
	    !read_record(log->file, log->start_at, &record) || record.kind != STORE_START ||
	    record.extra != run) {
		return;
	}
	record.value = pid;
	(void)write_record(log->file, &record, log->start_at);
}

int
logfile_drop(struct log *log, uint64_t bytes, int error, int64_t began)
{
	struct logfile *file = log->file;
	bool again = file->drop != NO_DROP;
	int64_t since = again ? MIN(began, file->drop_began) : began;
	struct store_record record = {
		.time = since,
		.offset = file->size,
		.kind = STORE_DROP,
		.value = (int64_t)bytes + (again ? file->drop_value : 0),
		.extra = STORE_DROP_EXTRA(error, MAX(clock_wall() - since, 0) / CLOCK_MS),
	};
	uint64_t at = again ? file->drop : file->index_size;
	int r = again ? write_record(file, &record, at) : append(file, &record);

	if (r == 0) {
		file->drop = at;
		file->drop_value = record.value;
		file->drop_began = since;
		file->stream = -1; /* the next bytes need a record of their own */
	}
	return r;
}

void
logfile_reserve(struct log *log, uint64_t bytes)
{
	struct logfile *file = log->file;

	if (file->reserved > file->size) {
		return;
	}
	if (fallocate(file->fd, FALLOC_FL_KEEP_SIZE, (off_t)file->size, (off_t)bytes) < 0) {
		file->reserved =
			UINT64_MAX; /* not possible here, or no room: it was only for speed */
	} else {
		file->reserved = file->size + bytes;
	}
}

bool
logfile_has_room(struct log *log)
{
	struct logfile *file = log->file;

	if (fallocate(file->fd, FALLOC_FL_KEEP_SIZE, (off_t)file->size, INDEX_ROOM) < 0) {
		return errno == EOPNOTSUPP;
	}
	file->reserved = MAX(file->reserved, file->size + INDEX_ROOM);
	return true;
}

bool
logfile_is_full(const struct log *log)
{
	const struct logfile *file = log->file;

	return MAX(file->size, file->index_size) >= log->segment_size ||
	       /* so that old lines go soon after their time */
	       (log->keep > 0 && file->first > 0 && file->size > 0 &&
		clock_wall() - file->first > log->keep / KEEP_SHARE);
}
