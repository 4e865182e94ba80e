/* Everything of a log is read once: each record is checked by itself and against the one before it
 * and the bytes that it is about, each byte is read, each packed frame unpacked (its checksum is
 * zstd's). What is said is what a reader would meet, and where. A log that is being written is not
 * wrong for that: what its index tells is compared with a size that was taken afterwards. */
#include "base/clock.h"
#include "base/fd.h"
#include "base/span.h"
#include "base/str.h"
#include "store/history.h"
#include "store/index.h"
#include "store/unpack.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERIFY_BLOCK = 1 << 16, VERIFY_WORDS = 240 };

struct check {
	struct store_verify *verify;
	int dirfd;
	char segment[NAME_MAX + 1]; /* its name */
	bool current;
	int64_t latest; /* of any record before */
};
struct tally { /* of one index */
	uint64_t damaged, out_of_order, too_far, gaps, gap_bytes, drop_bytes, uncovered;
	int64_t back; /* the longest step that the clock took back */
	uint64_t offset, farthest;
	bool covered;
};

static void tell(const struct check *check, enum store_verify_kind kind, const char *format, ...)
	PRINTF(3, 4);

static void
tell(const struct check *check, enum store_verify_kind kind, const char *format, ...)
{
	char words[VERIFY_WORDS];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(words, sizeof(words), format, list);
	va_end(list);
	check->verify->tell(check->verify->context, kind, check->segment, words);
}

/* ---- the index ---- */
static void
take_record(struct check *check, const struct store_record *record, uint64_t size,
	    struct tally *tally)
{
	if (record->offset > size) {
		tally->too_far++;
		tally->farthest = MAX(tally->farthest, record->offset);
		return;
	}
	if (!tally->covered) {
		tally->covered = true;
		tally->uncovered = record->offset;
	}
	tally->out_of_order += record->offset < tally->offset;
	tally->offset = MAX(tally->offset, record->offset);
	tally->back = MAX(tally->back, check->latest - record->time);
	check->latest = MAX(check->latest, record->time);
	if (record->kind == STORE_GAP) {
		tally->gaps++;
		tally->gap_bytes += (uint64_t)MAX(record->value, 0);
	} else if (record->kind == STORE_DROP) {
		tally->drop_bytes += (uint64_t)MAX(record->value, 0);
	}
}

static void
tell_tally(const struct check *check, const struct tally *tally, uint64_t count, uint64_t size)
{
	char span[64];

	if (tally->damaged > 0) {
		tell(check, VERIFY_WRONG,
		     "%llu of the %llu records of its index are damaged: times may be wrong",
		     (unsigned long long)tally->damaged, (unsigned long long)count);
	}
	if (tally->too_far > 0) {
		tell(check, VERIFY_WRONG,
		     "its index tells of %llu bytes, it holds %llu: it was cut off, or the index "
		     "is not its own",
		     (unsigned long long)tally->farthest, (unsigned long long)size);
	}
	if (tally->out_of_order > 0) {
		tell(check, VERIFY_WRONG, "%llu records of its index are out of order",
		     (unsigned long long)tally->out_of_order);
	}
	if (tally->uncovered > 0) {
		tell(check, VERIFY_WRONG,
		     "its first %llu bytes are in no record: times may be wrong",
		     (unsigned long long)tally->uncovered);
	}
	if (tally->back > CLOCK_S) { /* marks are timed by another process */
		tell(check, VERIFY_NOTE, "the clock went back by %s",
		     span_show(tally->back / CLOCK_MS * CLOCK_MS, span, sizeof(span)));
	}
	if (tally->gaps > 0) {
		tell(check, VERIFY_NOTE, "its index was rebuilt: of %llu bytes times may be wrong",
		     (unsigned long long)tally->gap_bytes);
	}
	if (tally->drop_bytes > 0) {
		tell(check, VERIFY_NOTE, "%llu bytes were dropped before they were written",
		     (unsigned long long)tally->drop_bytes);
	}
}

static void
check_index(struct check *check, struct index *index, uint64_t size)
{
	struct tally tally = { 0 };
	struct store_record record;
	struct stat st;

	if (!fd_is_open(index->fd)) {
		if (size > 0) {
			tell(check, VERIFY_WRONG, "it has no index: times are not known");
		}
		return;
	}
	if (fstat(index->fd, &st) == 0 && !check->current &&
	    (uint64_t)st.st_size % sizeof(record) != 0) {
		tell(check, VERIFY_WRONG, "its index ends within a record");
	}
	if (fstat(index->fd, &st) == 0 && (st.st_mode & S_IRWXO)) {
		tell(check, VERIFY_WRONG, "its index may be read by everybody (mode %04o)",
		     (unsigned)st.st_mode & 07777);
	}
	for (uint64_t at = 0; at < index->count; at++) {
		if (index_get(index, at, &record)) {
			take_record(check, &record, size, &tally);
		} else if (!check->current || at + 1 < index->count) {
			tally.damaged++; /* the last one may be just being written */
		}
	}
	if (index->count == 0 && size > 0) {
		tell(check, VERIFY_WRONG, "its index is empty: times are not known");
	}
	check->verify->records += index->count;
	tell_tally(check, &tally, index->count, size);
}

/* ---- the bytes ---- */
static uint64_t
check_plain(const struct check *check, int fd)
{
	char block[VERIFY_BLOCK];
	uint64_t at = 0;

	for (;;) {
		ssize_t n = pread(fd, block, sizeof(block), (off_t)at);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			tell(check, VERIFY_WRONG, "it cannot be read from byte %llu on: %s",
			     (unsigned long long)at, strerror(errno));
		}
		if (n <= 0) {
			return at;
		}
		at += (uint64_t)n;
	}
}

static uint64_t
check_packed(const struct check *check, int fd)
{
	struct unpack *unpack = unpack_new(fd);
	uint64_t lost = 0, first = 0, size;
	bool walked = unpack->walked;

	for (uint64_t at = 0; at < unpack->size;) {
		const char *bytes;
		uint64_t start = at;
		size_t length = 0;
		int r = unpack_load(unpack, at, &bytes, &start, &length);

		if (r < 0) {
			first = lost == 0 ? at : first;
			lost += start + length - at;
		}
		at = MAX(start + length, at + 1);
	}
	walked = walked || unpack->walked;
	if (unpack->trouble[0]) {
		tell(check, VERIFY_WRONG, "%s", unpack->trouble);
	}
	if (lost > 0) {
		tell(check, VERIFY_WRONG, "%llu bytes from byte %llu on cannot be unpacked",
		     (unsigned long long)lost, (unsigned long long)first);
	} else if (walked && !unpack->trouble[0]) {
		tell(check, VERIFY_WRONG,
		     "its seek table is damaged; all of it can be read without");
	}
	size = unpack->size;
	(void)unpack_free(unpack);
	return size;
}

/* ---- a segment ---- */
static void
check_name(const struct check *check, const struct history_segment *segment, struct index *index)
{
	int64_t first = index_first_time(index);

	if (!segment->current && first > 0 && segment->first < first) {
		tell(check, VERIFY_NOTE,
		     "its name is not the time of its first record (%lld): it was copied here, or "
		     "renamed",
		     (long long)first);
	}
}

static void
check_segment(struct check *check, const struct history_segment *segment)
{
	char name[SEGMENT_NAME_MAX], idx[SEGMENT_NAME_MAX];
	struct index index;
	autoclose int fd = -1;
	struct stat st;
	uint64_t size;

	history_name(segment, name);
	segments_index_name(name, idx);
	(void)snprintf(check->segment, sizeof(check->segment), "%s", name);
	check->current = segment->current;
	fd = fd_raise(openat(check->dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		if (fd != -ENOENT) { /* removed or packed meanwhile */
			tell(check, VERIFY_WRONG, "it cannot be opened: %s",
			     fd < 0 ? strerror(-fd) : "it is no file");
		}
		return;
	}
	index_open(&index, check->dirfd, idx);
	check->verify->segments++;
	if (st.st_mode & S_IRWXO) {
		tell(check, VERIFY_WRONG, "it may be read by everybody (mode %04o)",
		     (unsigned)st.st_mode & 07777);
	}
	size = segment->packed ? check_packed(check, fd) : check_plain(check, fd);
	check->verify->bytes += size;
	check_index(check, &index, size);
	check_name(check, segment, &index);
	index_close(&index);
}

/* ---- what else is there ---- */
static bool
is_known(const struct history *history, int64_t first, enum history_kind kind)
{
	for (size_t i = 0; i < history->count; i++) {
		if (history->segments[i].first == first) {
			return kind == HISTORY_INDEX ||
			       history->segments[i].packed == (kind == HISTORY_PACKED);
		}
	}
	return false;
}

static void
check_other(struct check *check, const struct history *history, const char *name)
{
	enum history_kind kind;
	int64_t first;

	(void)snprintf(check->segment, sizeof(check->segment), "%s", name);
	if (name[0] == '.' || str_equal(name, "current") || str_equal(name, "current.idx")) {
		return;
	}
	if (str_ends(name, ".log.zst.new")) {
		tell(check, VERIFY_NOTE, "packing goes on, or was interrupted");
	} else if (!history_parse(name, &first, &kind)) {
		tell(check, VERIFY_NOTE, "it is no part of the log");
	} else if (!is_known(history, first, kind)) {
		if (kind == HISTORY_INDEX) {
			tell(check, VERIFY_WRONG, "an index without its log, which is gone");
		} else {
			tell(check, VERIFY_NOTE,
			     "the plain segment is there too: packing goes on, or was interrupted");
		}
	}
}

int
store_verify(const char *directory, struct store_verify *verify)
{
	autoclose int fd = fd_raise(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct check check = { .verify = verify, .dirfd = fd };
	struct history history;
	DIR *names;
	int r;

	if (fd < 0) {
		return fd;
	}
	r = history_read(fd, &history);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < history.count; i++) {
		check_segment(&check, &history.segments[i]);
	}
	names = opendir(directory);
	for (struct dirent *entry; names && (entry = readdir(names));) {
		check_other(&check, &history, entry->d_name);
	}
	if (names) {
		(void)closedir(names);
	}
	history_done(&history);
	return 0;
}
