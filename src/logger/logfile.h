/* logfile: the open segment of a log and its index, as the one writer has them. Used by flow.c,
 * trouble.c and logger.c. At most LOGFILES_OPEN logs are open at one time; the least recently used
 * one is closed for the next, so ten thousand streams cost ten thousand descriptors and few more.
 *
 * Must never: believe that a file is still where it was made (people remove and truncate logs),
 * write a byte of a log itself. */
#pragma once
#include "base/list.h"
#include "base/map.h"
#include "logger/packing.h"
#include "logger/quota.h"
#include "store/store.h"
#include <sys/types.h>

enum { LOGFILES_OPEN = 200 };

struct logfiles {
	const char *root_path;
	int root, lock;   /* -1: not open (yet) */
	struct list open; /* logfile.link, least recently used first */
	size_t count;
	struct map *logs; /* struct log by name: those that are written to */
	struct quota quota;
	struct packing packing;
};

struct stream;
struct trouble;

struct log {                     /* one directory; one or more streams go into it */
	struct stream *streams;  /* chained by stream.next */
	struct logfile *file;    /* NULL: not open */
	struct trouble *trouble; /* NULL: it can be written */
	uint64_t max_size;       /* of all segments; UINT64_MAX: no limit */
	uint64_t segment_size;   /* one is closed at the first line end behind this */
	/* The START of the run that goes on: written when the log is made. A service that writes
	 * nothing costs no file. owed_run 0: none is owed */
	int64_t owed_run, owed_time;
	pid_t owed_pid;
	int64_t keep;  /* ns; segments that ended before go; 0: they stay */
	bool nothing;  /* nothing is kept: what comes is dropped and counted */
	bool block;    /* nothing is dropped while it can't be written */
	bool compress; /* closed segments are packed */
	bool group;    /* `gid` may read */
	uint32_t gid;
	uint64_t closed_inode, closed_size; /* the segment that was rotated last; 0: none was */
	int64_t start_run;                  /* its START is the record at start_at of start_inode */
	uint64_t start_at, start_inode;
	char *forward; /* addresses, NULL: none (forwarding.c) */
	bool met;      /* this process has had it open */
	bool settled;  /* what was there before was looked through by these limits */
	char name[];
};

struct logfile {
	struct list link; /* logfiles.open */
	struct log *log;
	int fd, index;
	uint64_t size, index_size; /* where the next byte and the next record go */
	uint64_t reserved;         /* the log's blocks are reserved up to here; 0: none are */
	uint64_t drop; /* place of the DROP record that still counts; UINT64_MAX: none */
	int64_t drop_value, drop_began;
	int64_t first;  /* wall time of the first record */
	int64_t batch;  /* of the last BATCH */
	int64_t looked; /* when it was last looked whether the files are still there */
	int stream;     /* of the last BATCH; -1: none yet */
};

void logfile_init(struct logfiles *files, const char *root_path);
void logfile_done(struct logfiles *files);
/* opens the root and locks it; -EWOULDBLOCK: another logger has it */
int logfile_lock(struct logfiles *files);
/* log->file is open afterwards, and looked after */
int logfile_open(struct logfiles *files, struct log *log);
/* by the log's limits, and what is closed and plain is packed: what nobody was there to do */
void logfile_settle(struct logfiles *files, struct log *log);
void logfile_close(struct logfiles *files, struct log *log);
/* a BATCH record: bytes of `stream` come next (or have just come, at `offset`); one a millisecond
 * is enough */
bool logfile_batch_is_due(const struct log *log, int stream);
int logfile_batch(struct log *log, int stream, uint64_t offset);
/* has it been made? */
bool logfile_exists(const struct logfiles *files, const struct log *log);
int logfile_mark(struct log *log, const struct store_record *mark); /* offset, check are set here */
uint64_t logfile_inode(const struct log *log);                      /* of the open segment; 0 */
/* the START of this run gets its pid, if it was the last one that was marked */
void logfile_tell_pid(struct logfiles *files, struct log *log, int64_t run, int64_t pid);
/* `bytes` more were dropped here, from `began` (wall) on: one record counts upwards until something
 * else is written */
int logfile_drop(struct log *log, uint64_t bytes, int error, int64_t began);
/* room on the disk for what comes next: fewer, larger extents; free again when the file is closed
 * */
void logfile_reserve(struct log *log, uint64_t bytes);
bool logfile_has_room(struct log *log);      /* would a page more fit on the disk? */
bool logfile_is_full(const struct log *log); /* due for rotation */
/* closes the segment under its final name and removes what is over the quota */
int logfile_rotate(struct logfiles *files, struct log *log);
