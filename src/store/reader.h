/* reader: the inside of a reader, shared by reader.c (going forward), reader-seek.c and
 * reader-watch.c. It stands in one segment, which it holds open: a rotation or a removal takes
 * nothing away from it. */
#pragma once
#include "base/str.h"
#include "store/index.h"
#include <sys/types.h>

enum { READER_BLOCK = 1 << 16 };

struct reader_partial { /* a line that has begun, of one stream */
	struct buf text;
	int64_t time;
};

struct reader {
	char *directory;
	int dirfd;
	int inotify, watched; /* -1: none; the watch of the directory, -1: it is not there */

	/* the segment */
	int fd; /* -1: in none (yet) */
	struct index index;
	ino_t inode;
	int64_t first;
	uint64_t size;  /* bytes up to here have their records in the index */
	uint64_t known; /* no record that was read can lie behind this */
	bool closed;    /* it will not grow any more */
	bool damaged;   /* and that has been said */

	/* the place in it */
	uint64_t position, record; /* next byte, next record */
	int stream;
	int64_t time; /* of the batch at position */
	bool skip;    /* the line at position began before what was asked for */

	struct reader_partial partial[2]; /* by stream */
	int given;                        /* the partial that the last call gave away, -1: none */
	char *block;
	uint64_t block_at;
	size_t block_length;
};

/* opens a segment, at its start; -EAGAIN: it is just being rotated */
int reader_enter(struct reader *reader, const char *name, int64_t first);
void reader_leave(struct reader *reader);
void reader_refresh(struct reader *reader);
void reader_forget_lines(struct reader *reader);
/* bytes at `at` in the block, at least one; 0: none there; -errno */
ssize_t reader_load(struct reader *reader, uint64_t at);
