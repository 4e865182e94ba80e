/* What a log consists of is told by the directory alone; nothing else remembers it, so nothing can
 * disagree. */
#include "store/store.h"
#include "base/check.h"
#include "base/fd.h"
#include "base/str.h"
#include "store/index.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char PLAIN[] = ".log", PACKED[] = ".log.zst";

/* "<ns>.log", "<ns>.log.zst" -> ns; false: not a closed segment's name */
static bool
parse_name(const char *name, int64_t *ret_first, bool *ret_packed)
{
	size_t digits = strspn(name, "0123456789");
	bool packed = str_equal(name + digits, PACKED);
	autofree char *number = NULL;
	int64_t first;

	if (digits == 0 || (!packed && !str_equal(name + digits, PLAIN))) {
		return false;
	}
	number = str_dup_n(name, digits);
	if (str_to_i64(number, &first) < 0 || first == INT64_MAX) {
		return false;
	}
	*ret_first = first;
	*ret_packed = packed;
	return true;
}

void
segments_index_name(const char *name, char ret_name[SEGMENT_NAME_MAX])
{
	(void)snprintf(ret_name, SEGMENT_NAME_MAX, "%.*s.idx", (int)strcspn(name, "."), name);
}

static uint64_t
size_of(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)
		       ? (uint64_t)st.st_size
		       : 0;
}

/* the one that is there already: a plain segment and its packed one are the same */
static struct segment *
insert(struct segments *segments, struct segment *segment)
{
	struct list *place = &segments->list;

	/* from the end: readdir often gives them nearly sorted */
	while (place->previous != &segments->list &&
	       CONTAINER(place->previous, struct segment, link)->first > segment->first) {
		place = place->previous;
	}
	if (place->previous != &segments->list &&
	    CONTAINER(place->previous, struct segment, link)->first == segment->first) {
		return CONTAINER(place->previous, struct segment, link);
	}
	list_add(place, &segment->link);
	return segment;
}

static void
take(int dirfd, const char *name, struct segments *segments)
{
	bool current = str_equal(name, "current"), packed = false;
	struct segment *segment, *same;
	int64_t first = INT64_MAX;
	char idx[SEGMENT_NAME_MAX];
	struct stat st;

	if (!current && !parse_name(name, &first, &packed)) {
		return;
	}
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode)) {
		return;
	}
	segment = calloc(1, sizeof(*segment));
	CHECK(segment != NULL);
	segment->name = str_dup(name);
	segment->first = first;
	segment->size = segment->disk = (uint64_t)st.st_size;
	segment->packed = packed;
	segments->total += segment->disk;
	same = insert(segments, segment);
	if (same == segment) {
		segments_index_name(name, idx);
		segment->disk += size_of(dirfd, idx);
		segments->total += segment->disk - segment->size;
		return;
	}
	same->disk += segment->size;
	if (same->packed) {
		free(same->name);
		same->name = str_dup(name);
		same->size = segment->size;
		same->packed = packed;
	}
	free(segment->name);
	free(segment);
}

/* `current` is sorted behind all others, then gets its real time */
static void
date_current(int dirfd, struct segments *segments)
{
	struct segment *last;
	struct index index;

	if (list_is_empty(&segments->list)) {
		return;
	}
	last = CONTAINER(segments->list.previous, struct segment, link);
	if (str_equal(last->name, "current")) {
		index_open(&index, dirfd, "current.idx");
		last->first = index_first_time(&index);
		index_close(&index);
	}
}

int
segments_read(int dirfd, struct segments *ret_segments)
{
	int fd = fd_raise(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *entry;
	DIR *directory;

	if (fd < 0) {
		return fd;
	}
	directory = fdopendir(fd);
	CHECK(directory != NULL);
	ret_segments->total = 0;
	list_init(&ret_segments->list);
	while ((entry = readdir(directory)) != NULL) {
		take(dirfd, entry->d_name, ret_segments);
	}
	(void)closedir(directory);
	date_current(dirfd, ret_segments);
	return 0;
}

int64_t
segments_last(int dirfd, const struct segment *segment)
{
	char name[SEGMENT_NAME_MAX];
	struct store_record record;
	struct index index;
	int64_t last = 0;

	segments_index_name(segment->name, name);
	index_open(&index, dirfd, name);
	for (uint64_t at = index.count; at-- > 0 && last == 0;) {
		last = index_get(&index, at, &record) ? record.time : 0;
	}
	index_close(&index);
	return last > 0 ? last : segment->first;
}

static void
forget(struct segment *segment)
{
	list_remove(&segment->link);
	free(segment->name);
	free(segment);
}

void
segments_done(struct segments *segments)
{
	LIST_EACH(segment, &segments->list, struct segment, link) {
		forget(segment);
	}
}

uint64_t
segments_remove(int dirfd, struct segments *segments, struct segment *segment)
{
	uint64_t size = segment->disk;
	char name[SEGMENT_NAME_MAX];

	/* the index last: one that is alone is never looked for, but harms nobody */
	(void)snprintf(name, sizeof(name), "%lld%s", (long long)segment->first, PACKED);
	if ((unlinkat(dirfd, segment->name, 0) < 0 && errno != ENOENT) ||
	    (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)) {
		return 0;
	}
	segments_index_name(segment->name, name);
	(void)unlinkat(dirfd, name, 0);
	segments->total -= MIN(size, segments->total);
	forget(segment);
	return size;
}

uint64_t
segments_trim(int dirfd, struct segments *segments, uint64_t max)
{
	uint64_t gone = 0;

	LIST_EACH(segment, &segments->list, struct segment, link) {
		if (segments->total <= max) {
			break;
		}
		if (!str_equal(segment->name, "current")) {
			gone += segments_remove(dirfd, segments, segment);
		}
	}
	return gone;
}
