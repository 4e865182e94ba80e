/* quota: what the logs may take on disk. Used by logfile.c, flow.c, care.c and logger.c.
 * Of each log by its size and age, of all of them together by size, and what has to stay free on
 * the file system. Looked at when something is written, rotated or asked for, never by a timer.
 *
 * Must never: remove an open segment. */
#pragma once
#include "base/attr.h"

struct logfiles;
struct log;
struct segments;

struct quota {
	uint64_t total_size; /* UINT64_MAX: no limit */
	uint64_t reserve;    /* to stay free, a twentieth of the file system at most */
	int64_t keep;        /* ns, of logs that no stream writes to; 0: no limit */
	uint64_t total;      /* of all logs, as far as it is known */
	uint64_t look_at;    /* at this total all logs are looked through */
	int64_t looked;      /* for old ones; monotonic */
	struct {
		int64_t at;    /* when it was looked at last; monotonic, 0: never */
		uint64_t left; /* bytes until it is looked at again */
		bool low;
	} room;
};

void quota_init(struct quota *quota);
void quota_limits(struct quota *quota, uint64_t total_size, uint64_t reserve, int64_t keep);
/* n bytes were written, or (negative) removed */
void quota_count(struct quota *quota, int64_t n);
/* so much may be written before it is asked again; 0: the file system would not keep its reserve */
uint64_t quota_room(struct logfiles *files);
/* closed segments go: the oldest until `most` is left, and those that ended before `before` */
uint64_t quota_trim(struct logfiles *files, int dirfd, uint64_t most, int64_t before);
/* the same by the log's own limits */
void quota_log(struct logfiles *files, const struct log *log, int dirfd);
/* and when its open segment has just been closed; as it was before, and room is kept for the next
 */
void quota_rotated(struct logfiles *files, const struct log *log, int dirfd,
		   struct segments *segments);
bool quota_is_due(const struct quota *quota); /* quota_all is to be called, when there is time */
/* all logs together by the limits; how many bytes went */
uint64_t quota_all(struct logfiles *files);
/* the oldest closed segments of all logs go until `most` is left; the same for a time */
uint64_t quota_vacuum(struct logfiles *files, uint64_t most, int64_t before);
