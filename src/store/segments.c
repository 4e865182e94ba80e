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
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char SUFFIX[] = ".log";

/* "<ns>.log" -> ns; false: not a closed segment's name */
static bool
parse_name(const char *name, int64_t *ret_first)
{
	size_t length = strlen(name), digits;
	autofree char *number = NULL;

	if (length <= strlen(SUFFIX) || !str_ends(name, SUFFIX)) {
		return false;
	}
	digits = strspn(name, "0123456789");
	if (digits != length - strlen(SUFFIX)) {
		return false;
	}
	number = str_dup_n(name, digits);
	return str_to_i64(number, ret_first) == 0;
}

static void
index_name(const char *name, char *ret_name, size_t size)
{
	int stem = (int)strlen(name) - (str_ends(name, SUFFIX) ? (int)strlen(SUFFIX) : 0);

	(void)snprintf(ret_name, size, "%.*s.idx", stem, name);
}

static void
insert(struct segments *segments, struct segment *segment)
{
	struct list *place = &segments->list;

	/* from the end: readdir often gives them nearly sorted */
	while (place->previous != &segments->list &&
	       CONTAINER(place->previous, struct segment, link)->first > segment->first) {
		place = place->previous;
	}
	list_add(place, &segment->link);
}

static void
take(int dirfd, const char *name, struct segments *segments)
{
	bool current = str_equal(name, "current");
	char idx[NAME_MAX + 1];
	struct segment *segment;
	int64_t first = INT64_MAX;
	struct stat st;

	if (!current && !parse_name(name, &first)) {
		return;
	}
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode)) {
		return;
	}
	segment = calloc(1, sizeof(*segment));
	CHECK(segment != NULL);
	segment->name = str_dup(name);
	segment->first = first;
	segment->size = (uint64_t)st.st_size;
	segments->total += segment->size;
	index_name(name, idx, sizeof(idx));
	if (fstatat(dirfd, idx, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)) {
		segments->total += (uint64_t)st.st_size;
	}
	insert(segments, segment);
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
segments_trim(int dirfd, struct segments *segments, uint64_t max)
{
	uint64_t gone = 0;

	LIST_EACH(segment, &segments->list, struct segment, link) {
		char idx[NAME_MAX + 1];
		struct stat st;
		uint64_t size = segment->size;

		if (segments->total <= max) {
			break;
		}
		if (str_equal(segment->name, "current")) {
			continue;
		}
		index_name(segment->name, idx, sizeof(idx));
		if (fstatat(dirfd, idx, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)) {
			size += (uint64_t)st.st_size;
		}
		/* the index last: one that is alone is never looked for, but harms nobody */
		if (unlinkat(dirfd, segment->name, 0) < 0 && errno != ENOENT) {
			continue;
		}
		(void)unlinkat(dirfd, idx, 0);
		segments->total -= MIN(size, segments->total);
		gone += size;
		forget(segment);
	}
	return gone;
}
