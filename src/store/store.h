/* store: log segments and their index: reading, querying, and the few writes that are not the
 * splice itself.
 *
 * Used by logger/ (the one writer) and cli/ (readers; they never disturb the writer and need no
 * tendd). A unit's log is a directory:
 *     current, current.idx            the open segment: bytes as written, and fixed-size records
 *     <wall ns>.log, <wall ns>.idx    closed segments, named by the time of their first byte
 *     <wall ns>.log.zst               the same, packed; its index stays, with the offsets of the
 *                                     bytes as written
 *
 * A packed segment is complete when it has that name: it is written and synced as .log.zst.new,
 * then renamed, then the plain one is removed (so for a moment there are both).
 *
 * Must never: be written by two (the writer holds the log root's lock), trust an index (each record
 * has a check; what is damaged is skipped and said once), tear a line at rotation. */
#pragma once
#include "base/err.h"
#include "base/list.h"

enum store_kind {
	STORE_BATCH = 1, /* bytes from `offset` on were read at `time`; stream */
	STORE_START,     /* a run begins: value = pid, extra = run number */
	STORE_EXIT,    /* a run ended: value = packed outcome (STORE_OUTCOME), extra = run number */
	STORE_DROP,    /* value bytes were dropped from `time` on, extra: STORE_DROP_ERROR (EDQUOT:
			  nothing is to be kept) and STORE_DROP_MS */
	STORE_GAP,     /* value bytes of an index are missing: it was rebuilt */
	STORE_HOLDER,  /* value = pid that still holds the output after the main process ended */
	STORE_RESTART, /* the logger was started again here */
};
enum { STORE_OUTPUT = 0, STORE_ERROR = 1 };
#define STORE_DROP_ERROR(extra) ((int)((extra)&0xffff))
#define STORE_DROP_MS(extra) ((extra) >> 16)
#define STORE_DROP_EXTRA(error, ms) ((int64_t)(ms) * (1 << 16) | ((error)&0xffff))

struct store_record { /* 40 bytes on disk, little endian as the machine is */
	int64_t time; /* wall clock, ns */
	uint64_t offset;
	int64_t value;
	int64_t extra;
	uint16_t kind, stream;
	uint32_t check; /* of the bytes before it */
};
void store_seal(struct store_record *record); /* computes check */
bool store_is_sound(const struct store_record *record);

/* known, signalled, core, value <-> one number */
int64_t store_pack_outcome(bool known, bool signalled, bool core, bool oom, int value);
void store_unpack_outcome(int64_t packed, bool *ret_known, bool *ret_signalled, bool *ret_core,
			  bool *ret_oom, int *ret_value);

/* ---- segments of a directory ---- */
struct segment {
	struct list link; /* segments.list */
	char *name;       /* "current", "<ns>.log" or "<ns>.log.zst" */
	int64_t first;    /* wall time of its first byte */
	uint64_t size;    /* of the file of that name */
	uint64_t disk;    /* of all its files */
	bool packed;      /* zstd; where both are there it is the plain one */
};
struct segments {
	struct list list; /* segment.link, oldest first */
	uint64_t total;   /* bytes of all files of all segments */
};
enum { SEGMENT_NAME_MAX = 64 };
/* "current" -> "current.idx", "7.log" and "7.log.zst" -> "7.idx" */
void segments_index_name(const char *name, char ret_name[SEGMENT_NAME_MAX]);
int segments_read(int dirfd, struct segments *ret_segments);
void segments_done(struct segments *segments);
/* when its last record was written; its beginning where no record is left */
int64_t segments_last(int dirfd, const struct segment *segment);
/* removes a closed one, which is freed; how many bytes went */
uint64_t segments_remove(int dirfd, struct segments *segments, struct segment *segment);
/* removes the oldest closed ones until total <= max; how many bytes went */
uint64_t segments_trim(int dirfd, struct segments *segments, uint64_t max);

/* ---- packed segments: zstd's seekable format ---- */
/* Independent frames, each of STORE_FRAME bytes as written (the last one of fewer), each with its
 * content size and its checksum; then a skippable frame, the seek table, all little endian:
 *     u32 STORE_SEEK_MAGIC, u32 length of what follows
 *     for each frame: u32 compressed size, u32 size as written
 *     footer of STORE_SEEK_FOOTER bytes: u32 number of frames, u8 0, u32 STORE_SEEK_FOOT
 * `zstdcat` reads such a file; the table is found from its end. */
enum { STORE_FRAME = 256 << 10, STORE_SEEK_ENTRY = 8, STORE_SEEK_FOOTER = 9 };
#define STORE_SEEK_MAGIC 0x184D2A5EU
#define STORE_SEEK_FOOT 0x8F92EAB1U

/* The writer's part, in pack.c. 1. pack_segment, in a process of its own, which may be killed: name
 * is that of a plain closed one; what it comes to is complete, but not yet in its place  2.
 * pack_commit puts it there. pack_tidy ends what was begun by somebody who is dead. */
int pack_segment(int dirfd, const char *name);
int pack_commit(int dirfd, const char *name); /* -ENOENT: it was removed meanwhile */
void pack_tidy(int dirfd);

/* ---- reading ---- */
/* Lines of one unit across segments, packed ones too, oldest first or newest first; follows
 * rotation and packing.
 * 1. reader_open  2. reader_seek_...  3. reader_next until READER_END, or reader_previous until it
 * 4. on inotify (reader_watch_fd): reader_woken, then go on with 3  5. reader_free */
struct reader;
enum reader_result { READER_LINE, READER_MARK, READER_END, READER_TROUBLE };
enum { STORE_ROTATED = 100 }; /* a mark that only readers make, never on disk: extra = 0 */
/* where an item is. It stays right when its segment is rotated and packed */
struct reader_place {
	int64_t segment;           /* time of its first record */
	uint64_t position, record; /* the next byte and the next record behind the item */
	int64_t time;              /* of the item */
	unsigned unfinished;       /* so many lines without a newline were given at this place */
	char kind;                 /* 'l'ine, 'u'nfinished or cut line, 'm'ark, 'e'nd: no item */
};
struct reader_item {
	enum reader_result result;
	int64_t time; /* wall; of the batch the line began in */
	int stream;
	const char *line; /* without its newline; may contain anything; valid until the next call */
	size_t length;
	bool whole; /* false: no newline yet (end of the log, of a run) or cut at READER_LINE_MAX */
	bool more;  /* it was cut, the next item of this stream is the rest of it */
	struct store_record mark;  /* READER_MARK */
	struct reader_place place; /* READER_LINE, READER_MARK */
	char trouble[200]; /* READER_TROUBLE: what is not readable; reading goes on behind it */
};
enum { READER_LINE_MAX = 1 << 20 };
/* err->number ENOENT: there is no log (yet) */
struct reader *reader_open(const char *directory, struct err *err);
struct reader *reader_free(struct reader *reader);
/* STORE_ROTATED marks are wanted */
void reader_show_rotation(struct reader *reader);
/* Only lines in which `find` finds something are wanted. It gets whole lines with their newlines,
 * many at a time (one at a time when `each`), and says where the first place is that may be in a
 * line that is wanted; for one line without a newline its answer counts. */
struct reader_search {
	bool (*find)(void *context, const char *bytes, size_t n, size_t *ret_from);
	void *context;
	bool each;
};
void reader_search(struct reader *reader, const struct reader_search *search /* copied */);

void reader_seek_start(struct reader *reader);
void reader_seek_end(struct reader *reader);
/* so that `lines` lines follow, marks not counted */
void reader_seek_tail(struct reader *reader, size_t lines);
void reader_seek_time(struct reader *reader, int64_t wall); /* lines begun at it or later follow */
/* behind everything that began at `wall` or before, for reader_previous */
void reader_seek_until(struct reader *reader, int64_t wall);
/* an item was later than `wall`: on to the next that is not, as there can be where the clock was
 * set back; false: there is none */
bool reader_seek_more(struct reader *reader, int64_t wall);
/* the run of that number; 0 and below count from the last one. false: nothing of it is there */
struct reader_run {
	int64_t run;
	struct reader_place start, end; /* its START mark; the next one, or the log's end */
	struct reader_place exit;       /* behind its EXIT mark; its end, where there is none */
	bool cut;                       /* its beginning is gone: `start` is that of the log */
	bool last;                      /* no other run has begun since */
};
bool reader_find_run(struct reader *reader, int64_t run, struct reader_run *ret_run);
bool reader_seek_run(struct reader *reader, int64_t run); /* to its START mark; false: not there */
/* behind the item, or so that it comes next. false: what was there is gone; the reader stands at
 * the oldest that is behind it */
bool reader_seek_place(struct reader *reader, const struct reader_place *place, bool behind);
void reader_where(struct reader *reader, struct reader_place *ret_place); /* kind 'e' */

/* `flush`: at the end give an unfinished last line too (whole = false) */
enum reader_result reader_next(struct reader *reader, bool flush, struct reader_item *ret_item);
/* what is before this place, newest first; after a seek only, never mixed with reader_next. Items
 * are valid until the next call */
enum reader_result reader_previous(struct reader *reader, struct reader_item *ret_item);
int reader_watch_fd(struct reader *reader); /* inotify, for poll; reader_woken() empties it */
void reader_woken(struct reader *reader);

/* the last `lines` lines of a log, harmless for a terminal, owned; NULL when there is none */
char **store_tail(const char *directory, size_t lines);

/* the same of one run, before its EXIT mark */
char **store_run_tail(const char *directory, int64_t run, size_t lines);

/* ---- verifying ---- */
enum store_verify_kind {
	VERIFY_NOTE,  /* worth knowing, nothing is lost */
	VERIFY_WRONG, /* something cannot be read, or not trusted */
};
struct store_verify {
	void (*tell)(void *context, enum store_verify_kind kind, const char *segment,
		     const char *words);
	void *context;
	uint64_t segments, bytes, records; /* sums, of what was looked through; as written */
};
/* every byte and record of a log; 0 or -errno when the directory cannot be read */
int store_verify(const char *directory, struct store_verify *verify);
