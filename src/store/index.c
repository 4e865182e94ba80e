/* A window of records is read at a time, forwards or backwards from where one is asked for;
 * searching is binary over single records, with a step aside where one is damaged. Each record of a
 * window is checked once at most: checking costs more than everything else that is done with it. */
#include "store/index.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

enum { INDEX_UNCHECKED, INDEX_SOUND, INDEX_DAMAGED };

void
index_open(struct index *index, int dirfd, const char *name)
{
	index->fd = fd_raise(
		openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
	index_refresh(index);
}

void
index_close(struct index *index)
{
	index->fd = fd_close(index->fd);
	index->count = 0;
	index->held = 0;
}

void
index_refresh(struct index *index)
{
	struct stat st;

	index->count = 0;
	index->held = 0;
	if (fd_is_open(index->fd) && fstat(index->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		index->count = (uint64_t)st.st_size / sizeof(struct store_record);
	}
}

static bool
load(struct index *index, uint64_t at)
{
	/* one that is before the window is asked for by somebody who goes backwards */
	bool backwards = index->held > 0 && at < index->first;
	uint64_t first = backwards && at >= INDEX_WINDOW ? at - INDEX_WINDOW + 1 : at;
	ssize_t got;

	if (backwards && at < INDEX_WINDOW) {
		first = 0;
	}
	do {
		got = pread(index->fd, index->window, sizeof(index->window),
			    (off_t)(first * sizeof(struct store_record)));
	} while (got < 0 && errno == EINTR);
	index->first = first;
	index->held = got > 0 ? (size_t)got / sizeof(struct store_record) : 0;
	memset(index->checked, INDEX_UNCHECKED, index->held);
	return at - first < index->held;
}

const struct store_record *
index_peek(struct index *index, uint64_t at)
{
	if (at >= index->count) {
		return NULL;
	}
	if ((at < index->first || at - index->first >= index->held) && !load(index, at)) {
		return NULL;
	}
	return &index->window[at - index->first];
}

bool
index_get(struct index *index, uint64_t at, struct store_record *ret_record)
{
	const struct store_record *record = index_peek(index, at);
	uint8_t *checked;

	if (!record) {
		return false;
	}
	checked = &index->checked[at - index->first];
	if (*checked == INDEX_UNCHECKED) {
		*checked = store_is_sound(record) ? INDEX_SOUND : INDEX_DAMAGED;
	}
	/* it may have been written anew while it was read */
	if (*checked == INDEX_DAMAGED && load(index, at)) {
		record = &index->window[at - index->first];
		checked = &index->checked[at - index->first];
		*checked = store_is_sound(record) ? INDEX_SOUND : INDEX_DAMAGED;
	}
	if (*checked == INDEX_DAMAGED) {
		return false;
	}
	*ret_record = *record;
	return true;
}

uint64_t
index_find_time(struct index *index, int64_t wall)
{
	uint64_t low = 0, high = index->count;
	struct store_record record;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2, at = middle;

		while (at < high && !index_get(index, at, &record)) {
			at++;
		}
		if (at < high && record.time < wall) {
			low = at + 1;
		} else {
			high = middle;
		}
	}
	while (low < index->count && !index_get(index, low, &record)) {
		low++;
	}
	return low;
}

uint64_t
index_find_offset(struct index *index, uint64_t before, uint64_t offset)
{
	uint64_t low = 0, high = MIN(before, index->count);
	struct store_record record;

	while (low < high) { /* low: the first that is behind the offset */
		uint64_t middle = low + (high - low) / 2, at = middle;

		while (at < high && !index_get(index, at, &record)) {
			at++;
		}
		if (at < high && record.offset <= offset) {
			low = at + 1;
		} else {
			high = middle;
		}
	}
	while (low > 0) {
		if (index_get(index, --low, &record) && record.offset <= offset) {
			return low;
		}
	}
	return before;
}

int64_t
index_first_time(struct index *index)
{
	struct store_record record;

	for (uint64_t at = 0; at < index->count; at++) {
		if (index_get(index, at, &record)) {
			return record.time;
		}
	}
	return 0;
}

int64_t
index_last_time(struct index *index)
{
	struct store_record record;

	for (uint64_t at = index->count; at-- > 0;) {
		if (index_get(index, at, &record)) {
			return record.time;
		}
	}
	return 0;
}

uint64_t
index_scan_time(struct index *index, uint64_t from, int64_t least, int64_t most)
{
	const struct store_record *peek;
	struct store_record record;

	for (; (peek = index_peek(index, from)); from++) {
		if (peek->time >= least && peek->time <= most && index_get(index, from, &record)) {
			break;
		}
	}
	return MIN(from, index->count);
}

bool
index_cuts_line(const struct store_record *record)
{
	return record->kind == STORE_START || record->kind == STORE_EXIT ||
	       record->kind == STORE_DROP;
}
