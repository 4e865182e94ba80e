/* A directory is not read at one instant: a segment that is packed meanwhile can be missed under
 * both of its names. Its index is never renamed again, so an index without a log is a reason to
 * look for its log by name. */
#include "store/history.h"
#include "base/check.h"
#include "base/fd.h"
#include "base/str.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const suffixes[] = {
	[HISTORY_PLAIN] = ".log",
	[HISTORY_PACKED] = ".log.zst",
	[HISTORY_INDEX] = ".idx",
};

struct found {
	int64_t first;
	enum history_kind kind;
};
struct finds {
	struct found *found;
	size_t count, size;
	bool current;
};

bool
history_parse(const char *name, int64_t *ret_first, enum history_kind *ret_kind)
{
	size_t digits = strspn(name, "0123456789");
	char number[24];
	int64_t first;

	if (digits == 0 || digits >= sizeof(number) || (name[0] == '0' && digits > 1)) {
		return false;
	}
	memcpy(number, name, digits);
	number[digits] = '\0';
	if (str_to_i64(number, &first) < 0 || first == INT64_MAX) {
		return false;
	}
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		if (str_equal(name + digits, suffixes[i])) {
			*ret_first = first;
			*ret_kind = (enum history_kind)i;
			return true;
		}
	}
	return false;
}

void
history_name(const struct history_segment *segment, char ret_name[SEGMENT_NAME_MAX])
{
	if (segment->current) {
		(void)snprintf(ret_name, SEGMENT_NAME_MAX, "current");
		return;
	}
	(void)snprintf(ret_name, SEGMENT_NAME_MAX, "%lld%s", (long long)segment->first,
		       suffixes[segment->packed ? HISTORY_PACKED : HISTORY_PLAIN]);
}

static void
take(struct finds *finds, const struct dirent *entry)
{
	struct found found;

	if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN) {
		return;
	}
	if (str_equal(entry->d_name, "current")) {
		finds->current = true;
	} else if (history_parse(entry->d_name, &found.first, &found.kind)) {
		if (finds->count == finds->size) {
			finds->size = MAX(64, finds->size * 2);
			finds->found = realloc(finds->found, finds->size * sizeof(*finds->found));
			CHECK(finds->found != NULL);
		}
		finds->found[finds->count++] = found;
	}
}

static int
compare(const void *a, const void *b)
{
	const struct found *one = a, *other = b;

	if (one->first != other->first) {
		return one->first < other->first ? -1 : 1;
	}
	return (int)one->kind - (int)other->kind;
}

/* an index alone: was its log packed while the directory was read? */
static bool
is_packed_now(int dirfd, int64_t first)
{
	struct history_segment segment = { .first = first, .packed = true };
	char name[SEGMENT_NAME_MAX];

	history_name(&segment, name);
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
settle(int dirfd, const struct finds *finds, struct history *history)
{
	history->segments = calloc(finds->count + 1, sizeof(*history->segments));
	CHECK(history->segments != NULL);
	history->count = 0;
	for (size_t i = 0; i < finds->count; i++) {
		const struct found *found = &finds->found[i];
		bool packed = found->kind != HISTORY_PLAIN;

		if (i > 0 && found->first == finds->found[i - 1].first) {
			continue; /* the plain one, then the packed one, stand before the index */
		}
		if (found->kind == HISTORY_INDEX && !is_packed_now(dirfd, found->first)) {
			continue;
		}
		history->segments[history->count++] =
			(struct history_segment){ .first = found->first, .packed = packed };
	}
	if (finds->current) {
		history->segments[history->count++] =
			(struct history_segment){ .first = INT64_MAX, .current = true };
	}
}

int
history_read(int dirfd, struct history *ret_history)
{
	int fd = fd_raise(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct finds finds = { 0 };
	struct dirent *entry;
	DIR *directory;

	if (fd < 0) {
		return fd;
	}
	directory = fdopendir(fd);
	CHECK(directory != NULL);
	while ((entry = readdir(directory)) != NULL) {
		take(&finds, entry);
	}
	(void)closedir(directory);
	if (finds.count > 0) {
		qsort(finds.found, finds.count, sizeof(*finds.found), compare);
	}
	settle(dirfd, &finds, ret_history);
	free(finds.found);
	return 0;
}

void
history_done(struct history *history)
{
	free(history->segments);
	*history = (struct history){ 0 };
}
