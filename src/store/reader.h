/* reader: the inside of a reader, shared by reader.c (its segment), reader-forward.c,
 * reader-back.c, reader-seek.c and reader-watch.c. It stands in one segment, which it holds open: a
 * rotation, packing or a removal takes nothing away from it. */
#pragma once
#include "base/str.h"
#include "store/history.h"
#include "store/index.h"
#include "store/unpack.h"
#include <sys/types.h>

enum { READER_BLOCK = 1 << 16 };

struct reader_partial { /* a line that has begun, of one stream */
	struct buf text;
	int64_t time;
	bool piece; /* what was before it has been given: the line is longer than READER_LINE_MAX */
	bool skip;  /* it began before what was asked for */
};
struct reader_back; /* reader-back.c */

struct reader {
	char *directory;
	int dirfd;
	int inotify, watched; /* -1: none; the watch of the directory, -1: it is not there */
	bool show_rotation;
	struct reader_search search; /* find NULL: none */

	/* the segment */
	int fd;                /* -1: in none (yet) */
	struct unpack *unpack; /* NULL: it is plain */
	struct index index;
	char name[SEGMENT_NAME_MAX];
	ino_t inode, index_inode;
	int64_t first;    /* its name's number, or of its first record if it is current */
	int64_t identity; /* time of its first record: rotation and packing do not change it */
	uint64_t size;    /* bytes up to here have their records in the index */
	uint64_t known;   /* no record that was read can lie behind this */
	bool closed;      /* it will not grow any more */
	bool damaged;     /* and that has been said */
	char say[160];    /* what is wrong with it, to be said before anything else of it */
	bool rotated;     /* a mark for that is due */

	/* the place in it */
	uint64_t position, record; /* next byte, next record */
	int stream;
	int64_t time; /* of the batch at position */
	unsigned unfinished;

	struct reader_partial partial[2]; /* by stream */
	int given;                        /* the partial that the last call gave away, -1: none */
	char *own;                        /* READER_BLOCK bytes */
	const char *block;                /* own, or unpack's */
	uint64_t block_at;
	size_t block_length;
	struct reader_back *back; /* NULL: never gone backwards */
};

enum reader_step { STEP_GIVE, STEP_AGAIN, STEP_WAIT };

/* ---- reader.c ---- */
/* opens a segment, at its start; -EAGAIN: it is being rotated, time and again */
int reader_enter(struct reader *reader, const struct history_segment *segment);
void reader_leave(struct reader *reader);
void reader_refresh(struct reader *reader);
void reader_forget(struct reader *reader); /* lines that have begun, and the way back */
bool reader_is_current(const struct reader *reader);
/* the place of our segment in the history; count if it is not there */
size_t reader_ours(const struct reader *reader, const struct history *history);
/* bytes at `at` in the block, at least one; 0: none there; -errno, and how far nothing is */
ssize_t reader_load(struct reader *reader, uint64_t at, uint64_t *ret_hole_end);

/* ---- reader-forward.c ---- */
/* the next item of this segment up to its size and its index's count; STEP_WAIT: there is none */
enum reader_step reader_step(struct reader *reader, bool flush, struct reader_item *item);
void reader_release(struct reader *reader);         /* what the last item pointed to */
int reader_unfinished(const struct reader *reader); /* a stream with such a line; -1: none */
enum reader_step reader_give_unfinished(struct reader *reader, struct reader_item *item);
enum reader_step reader_trouble(struct reader *reader, struct reader_item *item, const char *what);

/* ---- reader-seek.c ---- */
/* at `position` before `record`, with the lines that have begun before it */
void reader_stand(struct reader *reader, uint64_t position, uint64_t record);
/* the first record that is not before `position` */
uint64_t reader_record_at(struct reader *reader, uint64_t position);

/* ---- reader-back.c ---- */
void reader_back_forget(struct reader *reader);
void reader_back_free(struct reader *reader);
