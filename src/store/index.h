/* index: the records of one segment, for readers. Used by the reader's files and verify.c only. 1.
 * index_open (a missing file is an empty index)  2. index_refresh whenever the log has grown  3.
 * index_get ...
 * 4. index_close Must never: be mapped (a truncated file would be SIGBUS), believe a record whose
 * check does not fit. */
#pragma once
#include "store/store.h"

enum { INDEX_WINDOW = 512 };

struct index {
	int fd; /* -1: there is none */
	uint64_t count;
	uint64_t first; /* of the window */
	size_t held;    /* records in the window */
	struct store_record window[INDEX_WINDOW];
	uint8_t checked[INDEX_WINDOW]; /* INDEX_UNCHECKED, ... of each in the window */
};

void index_open(struct index *index, int dirfd, const char *name);
void index_close(struct index *index);
void index_refresh(struct index *index); /* count anew, forgets what was read */
/* false: damaged, or not there */
bool index_get(struct index *index, uint64_t at, struct store_record *ret_record);
/* as it lies there, perhaps damaged; NULL: not there. Valid until the next call */
const struct store_record *index_peek(struct index *index, uint64_t at);
/* the first sound record at or behind `wall`, count if none */
uint64_t index_find_time(struct index *index, int64_t wall);
/* the last sound record before `before` whose offset is at most `offset`; before if none */
uint64_t index_find_offset(struct index *index, uint64_t before, uint64_t offset);
/* time of the first sound record, 0 if none */
int64_t index_first_time(struct index *index);
/* the first sound record from `from` on whose time is in the range; count if none; reads all of
 * them */
uint64_t index_scan_time(struct index *index, uint64_t from, int64_t least, int64_t most);
/* time of the last sound record, 0 if none */
int64_t index_last_time(struct index *index);
/* does this mark end a line that has no newline? */
bool index_cuts_line(const struct store_record *record);
