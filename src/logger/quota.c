/* What all logs take is a number that is counted along and made exact when it passes the limit:
 * then all directories are looked through and the oldest closed segments go, a twentieth of the
 * limit more than is needed, so that this is seldom done. The oldest are found with a short list
 * that is filled again and again: memory does not grow with the number of segments.
 *
 * Where the open segments alone are too much, they are closed, so that they can go. */
#include "logger/quota.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/map.h"
#include "base/str.h"
#include "logger/logfile-rotate.h"
#include "logger/logfile.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	OLDEST = 128,
	SHARE = 20,     /* one part of so many */
	ROOM_STEP = 16, /* of the reserve may be used up between two looks */
	ROOM_LEAST = 1 << 12,
	CLOSED_LEAST = 1 << 12,  /* an open segment that is smaller is not worth closing */
	UNKNOWN_TOTAL = 64 << 20 /* written before the logs are looked through for the first time */
};
static const int64_t ROOM_NS = CLOCK_S;       /* others write to this file system, too */
static const int64_t AGE_NS = 3600 * CLOCK_S; /* old ones of all logs are looked for so often */

struct victim {
	int64_t first;
	uint64_t disk;
	char *log, *name;
};

struct survey {
	struct logfiles *files;
	int64_t before; /* segments that ended before this go at once */
	bool streams;   /* also of logs that are written to */
	bool close;     /* open segments are closed */
	uint64_t total, gone;
	size_t count;
	struct victim oldest[OLDEST]; /* by time */
};

void
quota_init(struct quota *quota)
{
	*quota = (struct quota){ .total_size = UINT64_MAX, .look_at = UNKNOWN_TOTAL };
}

void
quota_limits(struct quota *quota, uint64_t total_size, uint64_t reserve, int64_t keep)
{
	if (total_size != quota->total_size || keep != quota->keep) {
		/* what was there before is not known yet, or was known to be within other limits */
		quota->look_at = MIN(quota->look_at, MIN(total_size / SHARE, UNKNOWN_TOTAL));
		quota->looked = 0;
	}
	quota->total_size = total_size;
	quota->keep = keep;
	quota->reserve = reserve;
	quota->room.at = 0;
}

void
quota_count(struct quota *quota, int64_t n)
{
	uint64_t less = n < 0 ? (uint64_t)-n : 0;

	quota->total += n > 0 ? (uint64_t)n : 0;
	quota->total -= MIN(less, quota->total);
	quota->room.left -= MIN(quota->room.left, n > 0 ? (uint64_t)n : 0);
}

/* ---- the reserve ---- */
uint64_t
quota_room(struct logfiles *files)
{
	struct quota *quota = &files->quota;
	uint64_t reserve, available, step;
	struct statvfs vfs;
	int64_t now;

	if (quota->reserve == 0) {
		return UINT64_MAX;
	}
	now = clock_now();
	if (quota->room.at > 0 && quota->room.left > 0 && now - quota->room.at < ROOM_NS) {
		return quota->room.left;
	}
	if (!fd_is_open(files->root) || fstatvfs(files->root, &vfs) < 0) {
		return UINT64_MAX; /* what is wrong there is seen when it is written to */
	}
	reserve = MIN(quota->reserve, vfs.f_blocks * vfs.f_frsize / SHARE);
	available = vfs.f_bavail * vfs.f_frsize;
	step = MAX(reserve / ROOM_STEP, ROOM_LEAST);
	/* once it was low it has to be more, or each freed page would be written at once */
	quota->room.low = available < reserve + (quota->room.low ? 2 * step : step);
	quota->room.at = now;
	quota->room.left = quota->room.low ? 0 : MAX(MIN(step, available - reserve), ROOM_LEAST);
	return quota->room.left;
}

/* ---- one log ---- */
static uint64_t
trim(struct logfiles *files, int dirfd, struct segments *segments, uint64_t most, int64_t before)
{
	uint64_t gone = segments_trim(dirfd, segments, most);

	LIST_EACH(segment, &segments->list, struct segment, link) {
		if (before > 0 && !str_equal(segment->name, "current") &&
		    segments_last(dirfd, segment) < before) {
			gone += segments_remove(dirfd, segments, segment);
		}
	}
	quota_count(&files->quota, -(int64_t)gone);
	return gone;
}

uint64_t
quota_trim(struct logfiles *files, int dirfd, uint64_t most, int64_t before)
{
	struct segments segments;
	uint64_t gone;

	if ((most == UINT64_MAX && before <= 0) || segments_read(dirfd, &segments) < 0) {
		return 0;
	}
	gone = trim(files, dirfd, &segments, most, before);
	segments_done(&segments);
	return gone;
}

static int64_t
before_of(const struct log *log)
{
	return log->keep > 0 ? clock_wall() - log->keep : 0;
}

void
quota_log(struct logfiles *files, const struct log *log, int dirfd)
{
	(void)quota_trim(files, dirfd, log->max_size, before_of(log));
}

void
quota_rotated(struct logfiles *files, const struct log *log, int dirfd, struct segments *segments)
{
	uint64_t most = log->max_size;

	most -= most == UINT64_MAX ? 0 : MIN(most, log->segment_size);
	(void)trim(files, dirfd, segments, most, before_of(log));
}

/* ---- all logs ---- */
static void
victim_done(struct victim *victim)
{
	free(victim->log);
	free(victim->name);
}

static void
offer(struct survey *survey, const char *log, const struct segment *segment)
{
	size_t at = survey->count;

	while (at > 0 && survey->oldest[at - 1].first > segment->first) {
		at--;
	}
	if (at == OLDEST) {
		return;
	}
	if (survey->count == OLDEST) {
		victim_done(&survey->oldest[--survey->count]);
	}
	memmove(&survey->oldest[at + 1], &survey->oldest[at],
		(survey->count++ - at) * sizeof(survey->oldest[0]));
	survey->oldest[at] = (struct victim){ .first = segment->first,
					      .disk = segment->disk,
					      .log = str_dup(log),
					      .name = str_dup(segment->name) };
}

static void
close_segment(struct survey *survey, const char *name, int dirfd, uint64_t size)
{
	struct log *log = map_get(survey->files->logs, name);

	if (size < CLOSED_LEAST) {
		return;
	}
	if (!log) {
		(void)logfile_rotate_idle(dirfd);
	} else if (!log->trouble && logfile_open(survey->files, log) == 0) {
		(void)logfile_rotate(survey->files, log);
	}
}

static void
survey_directory(struct survey *survey, int root, const char *name)
{
	autoclose int dirfd =
		fd_raise(openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	const struct segment *open = NULL;
	struct segments segments;

	if (dirfd < 0) {
		return;
	}
	if (survey->before > 0 && (survey->streams || !map_get(survey->files->logs, name))) {
		survey->gone += quota_trim(survey->files, dirfd, UINT64_MAX, survey->before);
	}
	if (segments_read(dirfd, &segments) < 0) {
		return;
	}
	survey->total += segments.total;
	LIST_EACH(segment, &segments.list, struct segment, link) {
		if (str_equal(segment->name, "current")) {
			open = segment;
		} else {
			offer(survey, name, segment);
		}
	}
	if (survey->close && open) {
		close_segment(survey, name, dirfd, open->size);
	}
	segments_done(&segments);
}

static void
survey_all(struct survey *survey)
{
	int fd = fd_raise(openat(survey->files->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *root = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	survey->total = 0;
	survey->count = 0;
	while (root && (entry = readdir(root)) != NULL) {
		if (entry->d_name[0] != '.') {
			survey_directory(survey, dirfd(root), entry->d_name);
		}
	}
	if (root) {
		(void)closedir(root);
	}
}

static uint64_t
remove_victim(struct logfiles *files, const struct victim *victim)
{
	autoclose int dirfd = fd_raise(
		openat(files->root, victim->log, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	struct segments segments;
	uint64_t gone = 0;

	if (dirfd < 0 || segments_read(dirfd, &segments) < 0) {
		return 0;
	}
	LIST_EACH(segment, &segments.list, struct segment, link) {
		if (segment->first == victim->first && !str_equal(segment->name, "current")) {
			gone += segments_remove(dirfd, &segments, segment);
		}
	}
	segments_done(&segments);
	return gone;
}

/* the oldest of the list go, until at most `most` is left; how many bytes went */
static uint64_t
remove_oldest(struct survey *survey, uint64_t most)
{
	uint64_t gone = 0;

	for (size_t i = 0; i < survey->count; i++) {
		if (survey->total > most) {
			uint64_t size = remove_victim(survey->files, &survey->oldest[i]);

			survey->total -= MIN(size, survey->total);
			gone += size;
		}
		victim_done(&survey->oldest[i]);
	}
	survey->count = 0;
	survey->gone += gone;
	return gone;
}

/* when more than `most` is there: down to `goal`; `closed`: open segments stay */
static uint64_t
reduce(struct logfiles *files, uint64_t most, uint64_t goal, int64_t before, bool closed)
{
	struct survey *survey = calloc(1, sizeof(*survey));
	uint64_t gone;

	CHECK(survey != NULL);
	survey->files = files;
	survey->before = before;
	survey->streams = closed; /* asked for by a person: whatever the limits of each */
	survey_all(survey);
	most = survey->total > most ? goal : UINT64_MAX;
	while (survey->total > most) {
		survey->before = 0;
		if (remove_oldest(survey, most) == 0) {
			if (closed) {
				break;
			}
			closed = survey->close = true;
			survey_all(survey);
			survey->close = false;
		}
		if (survey->total > most) {
			(void)remove_oldest(survey, UINT64_MAX);
			survey_all(survey);
		}
	}
	files->quota.total = survey->total;
	(void)remove_oldest(survey, UINT64_MAX);
	gone = survey->gone;
	free(survey);
	return gone;
}

bool
quota_is_due(const struct quota *quota)
{
	return quota->total >= quota->look_at ||
	       (quota->keep > 0 && (quota->looked == 0 || clock_now() - quota->looked >= AGE_NS));
}

uint64_t
quota_all(struct logfiles *files)
{
	struct quota *quota = &files->quota;
	uint64_t most = quota->total_size;
	uint64_t gone = reduce(files, most, most == UINT64_MAX ? most : most - most / SHARE,
			       quota->keep > 0 ? clock_wall() - quota->keep : 0, false);

	quota->looked = clock_now();
	/* what cannot be removed is not looked for again and again */
	quota->look_at = quota->total <= most ? most : quota->total + most / SHARE;
	quota->look_at += quota->look_at < UINT64_MAX;
	return gone;
}

uint64_t
quota_vacuum(struct logfiles *files, uint64_t most, int64_t before)
{
	return reduce(files, most, most, before, true);
}
