/* logdir: a log directory as the logger would have written it, for the tests of its readers. */
#pragma once
#include "test.h"
#include "base/fd.h"
#include "store/store.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

struct logdir {
	char path[PATH_MAX];
	int fd;
	uint64_t size; /* of current */
};

static inline void
logdir_make(struct logdir *d)
{
	autofree char *path = test_dir();

	(void)snprintf(d->path, sizeof(d->path), "%s", path);
	d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(d->fd >= 0);
	d->size = 0;
}

static inline void
logdir_remove(struct logdir *d)
{
	d->fd = fd_close(d->fd);
	assert_int_equal(file_remove_tree(AT_FDCWD, d->path), 0);
}

static inline void
logdir_append(struct logdir *d, const char *file, const void *bytes, size_t n)
{
	int fd = openat(d->fd, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, n), 0);
	(void)fd_close(fd);
}

static inline void
logdir_record(struct logdir *d, struct store_record record)
{
	store_seal(&record);
	logdir_append(d, "current.idx", &record, sizeof(record));
}

static inline void
logdir_bytes(struct logdir *d, const char *text)
{
	logdir_append(d, "current", text, strlen(text));
	d->size += strlen(text);
}

static inline void
logdir_write(struct logdir *d, int64_t time, int stream, const char *text)
{
	logdir_record(d, (struct store_record){ .time = time,
						.offset = d->size,
						.kind = STORE_BATCH,
						.stream = (uint16_t)stream });
	logdir_bytes(d, text);
}

static inline void
logdir_mark(struct logdir *d, int64_t time, enum store_kind kind, int64_t value, int64_t extra)
{
	logdir_record(d, (struct store_record){ .time = time,
						.offset = d->size,
						.kind = (uint16_t)kind,
						.value = value,
						.extra = extra });
}

static inline void
logdir_rotate(struct logdir *d, int64_t first)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%lld.log", (long long)first);
	assert_int_equal(renameat(d->fd, "current", d->fd, name), 0);
	(void)snprintf(name, sizeof(name), "%lld.idx", (long long)first);
	(void)renameat(d->fd, "current.idx", d->fd, name);
	d->size = 0;
}

/* packs <first>.log as the logger does, in frames of `frame` bytes; without a seek table if not
 * `table`. The plain one is removed */
static inline void
logdir_pack(struct logdir *d, int64_t first, size_t frame, bool table)
{
	size_t room = ZSTD_compressBound(frame), count = 0;
	char name[64], packed[72], *bytes = malloc(frame), *out = malloc(room);
	uint32_t *entries = calloc(1 << 16, 8), head[2], number;
	ssize_t n;
	int fd;

	(void)snprintf(name, sizeof(name), "%lld.log", (long long)first);
	(void)snprintf(packed, sizeof(packed), "%s.zst", name);
	fd = openat(d->fd, name, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	while ((n = fd_read_all(fd, bytes, frame)) > 0) {
		size_t done = ZSTD_compress(out, room, bytes, (size_t)n, 1);

		assert_false(ZSTD_isError(done));
		logdir_append(d, packed, out, done);
		assert_true(count < 1 << 16);
		entries[2 * count] = (uint32_t)done;
		entries[2 * count++ + 1] = (uint32_t)n;
	}
	(void)fd_close(fd);
	if (table) {
		head[0] = STORE_SEEK_MAGIC;
		head[1] = (uint32_t)(count * STORE_SEEK_ENTRY + STORE_SEEK_FOOTER);
		logdir_append(d, packed, head, sizeof(head));
		logdir_append(d, packed, entries, count * STORE_SEEK_ENTRY);
		number = (uint32_t)count;
		logdir_append(d, packed, &number, 4);
		logdir_append(d, packed, "", 1);
		number = STORE_SEEK_FOOT;
		logdir_append(d, packed, &number, 4);
	}
	assert_int_equal(unlinkat(d->fd, name, 0), 0);
	free(bytes);
	free(out);
	free(entries);
}
