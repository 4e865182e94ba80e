/* Each frame is compressed alone, so a reader needs no more than one of them for any place, and so
 * little memory is needed here. The packed file gets its name only when it is whole and on the
 * disk: whoever is killed, or loses its power, leaves the plain segment as it was and perhaps a
 * file .new, which the next look removes. A .new that is whole while the plain one is gone is taken
 * for what it is: a file system may have kept the removal and lost the renaming. */
#include "store/store.h"
#include "base/check.h"
#include "base/fd.h"
#include "base/str.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { PACK_LEVEL = 3, TABLE_MAX = 1 << 28 };
static const char PACKED[] = ".zst", NEW[] = ".zst.new";

struct packer {
	ZSTD_CCtx *context;
	int from, to;
	char *bytes, *frame; /* of STORE_FRAME, and what it comes to */
	size_t room;
	struct buf table;
	uint32_t count;
};

static void
put_u32(void *at, uint32_t value)
{
	uint8_t *bytes = at;

	for (int i = 0; i < 4; i++) {
		bytes[i] = (uint8_t)(value >> 8 * i);
	}
}

static uint32_t
get_u32(const void *at)
{
	const uint8_t *bytes = at;

	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* 1: there was one, 0: nothing is left, -errno */
static int
pack_frame(struct packer *packer)
{
	ssize_t n = fd_read_all(packer->from, packer->bytes, STORE_FRAME);
	uint8_t entry[STORE_SEEK_ENTRY];
	size_t size;
	int r;

	if (n <= 0) {
		return (int)n;
	}
	size = ZSTD_compress2(packer->context, packer->frame, packer->room, packer->bytes,
			      (size_t)n);
	CHECK(!ZSTD_isError(size));
	r = fd_write_all(packer->to, packer->frame, size);
	if (r < 0) {
		return r;
	}
	put_u32(entry, (uint32_t)size);
	put_u32(entry + 4, (uint32_t)n);
	packer->count++;
	return buf_add(&packer->table, (const char *)entry, sizeof(entry)) ? 1 : -EFBIG;
}

static int
pack_table(struct packer *packer)
{
	uint8_t head[8], foot[STORE_SEEK_FOOTER] = { 0 };
	int r;

	put_u32(head, STORE_SEEK_MAGIC);
	put_u32(head + 4, (uint32_t)packer->table.length + STORE_SEEK_FOOTER);
	put_u32(foot, packer->count);
	put_u32(foot + 5, STORE_SEEK_FOOT);
	r = fd_write_all(packer->to, head, sizeof(head));
	r = r < 0 ? r : fd_write_all(packer->to, packer->table.data, packer->table.length);
	return r < 0 ? r : fd_write_all(packer->to, foot, sizeof(foot));
}

static int
pack_all(struct packer *packer)
{
	int r;

	do {
		r = pack_frame(packer);
	} while (r > 0);
	r = r < 0 ? r : pack_table(packer);
	return r == 0 && fsync(packer->to) < 0 ? -errno : r;
}

/* `from` is as it shall be seen by others, too */
static int
create(int dirfd, const char *name, int from)
{
	struct stat st;
	int fd;

	if (fstat(from, &st) < 0) {
		return -errno;
	}
	(void)unlinkat(dirfd, name, 0); /* another one may still be writing into that */
	fd = fd_raise(openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	if (fd >= 0 && fchown(fd, (uid_t)-1, st.st_gid) == 0) {
		(void)fchmod(fd, st.st_mode & 0640);
	}
	return fd;
}

int
pack_segment(int dirfd, const char *name)
{
	struct packer packer = { .room = ZSTD_compressBound(STORE_FRAME) };
	autofree char *new = str_format("%s%s", name, NEW);
	autoclose int from = -1, to = -1;
	int r;

	from = fd_raise(openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
	if (from < 0) {
		return from;
	}
	(void)posix_fadvise(from, 0, 0, POSIX_FADV_SEQUENTIAL);
	to = create(dirfd, new, from);
	if (to < 0) {
		return to;
	}
	packer.from = from;
	packer.to = to;
	packer.context = ZSTD_createCCtx();
	packer.bytes = malloc(STORE_FRAME);
	packer.frame = malloc(packer.room);
	CHECK(packer.context && packer.bytes && packer.frame);
	(void)ZSTD_CCtx_setParameter(packer.context, ZSTD_c_compressionLevel, PACK_LEVEL);
	(void)ZSTD_CCtx_setParameter(packer.context, ZSTD_c_checksumFlag, 1);
	buf_init(&packer.table, TABLE_MAX);
	r = pack_all(&packer);
	buf_done(&packer.table);
	(void)ZSTD_freeCCtx(packer.context);
	free(packer.bytes);
	free(packer.frame);
	if (r < 0) {
		(void)unlinkat(dirfd, new, 0);
	}
	return r;
}

int
pack_commit(int dirfd, const char *name)
{
	autofree char *new = str_format("%s%s", name, NEW),
		      *packed = str_format("%s%s", name, PACKED);

	if (faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		int r = -errno; /* it was removed meanwhile: so is this */

		(void)unlinkat(dirfd, new, 0);
		return r;
	}
	if (renameat(dirfd, new, dirfd, packed) < 0 || unlinkat(dirfd, name, 0) < 0) {
		return -errno;
	}
	return 0;
}

/* does its table end it, and tell its size? */
static bool
is_whole(int dirfd, const char *name)
{
	autoclose int fd =
		fd_raise(openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
	uint8_t foot[STORE_SEEK_FOOTER], entry[STORE_SEEK_ENTRY];
	uint64_t table, size = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(foot) ||
	    pread(fd, foot, sizeof(foot), st.st_size - (off_t)sizeof(foot)) != sizeof(foot) ||
	    get_u32(foot + 5) != STORE_SEEK_FOOT) {
		return false;
	}
	table = (uint64_t)get_u32(foot) * STORE_SEEK_ENTRY + sizeof(foot) + 8;
	for (uint32_t i = 0; i < get_u32(foot) && table <= (uint64_t)st.st_size; i++) {
		off_t at = st.st_size - (off_t)table + 8 + (off_t)i * STORE_SEEK_ENTRY;

		if (pread(fd, entry, sizeof(entry), at) != sizeof(entry)) {
			return false;
		}
		size += get_u32(entry);
	}
	return size + table == (uint64_t)st.st_size;
}

/* a file NAME.zst.new that nobody writes any more */
static void
tidy_new(int dirfd, const char *name)
{
	autofree char *plain = str_dup_n(name, strlen(name) - strlen(NEW));
	autofree char *packed = str_format("%s%s", plain, PACKED);

	if (faccessat(dirfd, plain, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT &&
	    is_whole(dirfd, name)) {
		(void)renameat(dirfd, name, dirfd, packed);
	} else {
		(void)unlinkat(dirfd, name, 0);
	}
}

void
pack_tidy(int dirfd)
{
	int fd = fd_raise(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)) != NULL) {
		const char *name = entry->d_name;
		size_t digits = strspn(name, "0123456789");
		autofree char *plain = NULL;

		if (digits > 0 && str_equal(name + digits, ".log.zst.new")) {
			tidy_new(dirfd, name);
		} else if (digits > 0 && str_equal(name + digits, ".log.zst")) {
			plain = str_dup_n(name, strlen(name) - strlen(PACKED));
			if (faccessat(dirfd, plain, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
				(void)unlinkat(dirfd, is_whole(dirfd, name) ? plain : name, 0);
			}
		}
	}
	if (directory) {
		(void)closedir(directory);
	}
}
