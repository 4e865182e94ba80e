/* A temporary stands beside what it will replace, under a random name that starts with TEMPORARY,
 * so that two writers do not write into each other's and a reader of the directory knows what to
 * skip. Only SIGKILL between its creation and the rename leaves one; file_sweep removes those. */
#include "base/file.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TEMPORARY ".new-"

enum { READ_FIRST = 4096, DEPTH_MAX = 64 };

static int
read_text(int fd, size_t max, char **ret_text, size_t *ret_length)
{
	size_t size = MIN(READ_FIRST, max + 1);
	struct buf text;
	int result = 0;

	buf_init(&text, max);
	for (;;) {
		autofree char *piece = malloc(size);
		ssize_t got = piece ? fd_read_all(fd, piece, size) : -ENOMEM;

		if (got < 0 || !buf_add(&text, piece, (size_t)got)) {
			result = got < 0 ? (int)got : -EFBIG;
			break;
		}
		if ((size_t)got < size) {
			break;
		}
		size = MIN(size * 2, max + 1);
	}
	if (result == 0) {
		if (ret_length) {
			*ret_length = text.length;
		}
		*ret_text = buf_take(&text);
	}
	buf_done(&text);
	return result;
}

int
file_read(int dirfd, const char *path, size_t max, char **ret_text, size_t *ret_length)
{
	autoclose int fd =
		fd_raise(openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
	struct stat status;

	if (!fd_is_open(fd)) {
		return fd;
	}
	if (fstat(fd, &status) < 0) {
		return -errno;
	}
	if (!S_ISREG(status.st_mode)) {
		return -EINVAL;
	}
	if (status.st_size > 0 && (uintmax_t)status.st_size > max) {
		return -EFBIG;
	}
	return read_text(fd, max, ret_text, ret_length);
}

int
file_read_proc(int dirfd, const char *path, size_t max, char **ret_text, size_t *ret_length)
{
	autoclose int fd = fd_raise(openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY));

	if (!fd_is_open(fd)) {
		return fd;
	}
	return read_text(fd, max, ret_text, ret_length);
}

/* a new file beside `path`; its name is put into `name` */
static int
open_temporary(int dirfd, const char *directory, char *name, size_t size)
{
	for (int tries = 0; tries < 100; tries++) {
		uint8_t random[8];
		char hex[2 * sizeof(random) + 1];
		int fd;

		if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
			return -errno;
		}
		str_hex(random, sizeof(random), hex);
		if ((size_t)snprintf(name, size, "%s/" TEMPORARY "%s", directory, hex) >= size) {
			return -ENAMETOOLONG;
		}
		fd = fd_raise(openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
		if (fd != -EEXIST) {
			return fd;
		}
	}
	return -EEXIST;
}

static int
fill(int fd, const void *bytes, size_t n, mode_t mode, bool sync)
{
	int r = fd_write_all(fd, bytes, n);

	if (r < 0) {
		return r;
	}
	if (fchmod(fd, mode) < 0 || (sync && fsync(fd) < 0)) {
		return -errno;
	}
	return 0;
}

static int
sync_directory(int dirfd, const char *directory)
{
	autoclose int fd = fd_raise(openat(dirfd, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	if (!fd_is_open(fd)) {
		return fd;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int
file_replace(int dirfd, const char *path, const void *bytes, size_t n, mode_t mode, bool sync)
{
	autofree char *directory = path_dir(path);
	char temporary[PATH_MAX];
	autoclose int fd = open_temporary(dirfd, directory, temporary, sizeof(temporary));
	int r;

	if (!fd_is_open(fd)) {
		return fd;
	}
	r = fill(fd, bytes, n, mode, sync);
	if (r == 0 && renameat(dirfd, temporary, dirfd, path) < 0) {
		r = -errno;
	}
	if (r < 0) {
		(void)unlinkat(dirfd, temporary, 0);
		return r;
	}
	return sync ? sync_directory(dirfd, directory) : 0;
}

static DIR *
open_entries(int dirfd, const char *name)
{
	int fd = fd_raise(openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	DIR *entries;

	if (!fd_is_open(fd)) {
		errno = -fd;
		return NULL;
	}
	entries = fdopendir(fd);
	if (!entries) {
		(void)fd_close(fd);
	}
	return entries;
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int
file_sweep(int dirfd)
{
	DIR *entries = open_entries(dirfd, ".");
	struct dirent *entry;

	if (!entries) {
		return -errno;
	}
	while ((entry = readdir(entries))) {
		if (str_starts(entry->d_name, TEMPORARY)) {
			(void)unlinkat(dirfd, entry->d_name, 0);
		}
	}
	(void)closedir(entries);
	return 0;
}

static int
make_dir(const char *path, mode_t mode)
{
	struct stat status;

	if (mkdir(path, mode) == 0) {
		return 0;
	}
	if (errno != EEXIST) {
		int number = errno; /* EROFS and EACCES also stand for one that is there */

		return stat(path, &status) == 0 && S_ISDIR(status.st_mode) ? 0 : -number;
	}
	if (stat(path, &status) < 0) {
		return -errno;
	}
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

int
file_make_dirs(const char *path, mode_t mode)
{
	autofree char *clean = path_clean(path);

	for (char *at = strchr(clean + 1, '/'); at; at = strchr(at + 1, '/')) {
		int r;

		*at = '\0';
		r = make_dir(clean, mode);
		*at = '/';
		if (r < 0) {
			return r;
		}
	}
	return make_dir(clean, mode);
}

int
file_open_private_dir(const char *path, uid_t uid)
{
	bool made = mkdir(path, 0700) == 0;
	struct stat status;
	autoclose int fd = -1;

	if (!made && errno != EEXIST) {
		return -errno;
	}
	fd = fd_raise(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (!fd_is_open(fd)) {
		return fd;
	}
	if (made && uid != geteuid() && fchown(fd, uid, (gid_t)-1) < 0) {
		return -errno;
	}
	if (fstat(fd, &status) < 0) {
		return -errno;
	}
	if (status.st_uid != uid) {
		return -EPERM;
	}
	if (status.st_mode & 077) {
		return -EACCES;
	}
	return fd_take(&fd);
}

/* Where it becomes too deep for our descriptors and our stack, the rest is moved up to the top and
 * the top is gone through again. */
struct removal {
	int top;
	dev_t device;
	unsigned long moved;
	bool again;
};

static int remove_below(struct removal *removal, DIR *entries, unsigned depth);

static int
move_up(struct removal *removal, int dirfd, const char *name)
{
	char moved[32];

	for (;;) {
		(void)snprintf(moved, sizeof(moved), TEMPORARY "%lu", removal->moved++);
		if (renameat2(dirfd, name, removal->top, moved, RENAME_NOREPLACE) == 0) {
			removal->again = true;
			return 0;
		}
		if (errno != EEXIST) {
			return -errno;
		}
	}
}

static int
remove_entry(struct removal *removal, int parent, const char *name, unsigned depth)
{
	DIR *entries;
	struct stat status;
	int r;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) {
		return 0;
	}
	if (errno != EISDIR && errno != EPERM) {
		return -errno;
	}
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0) {
		return 0;
	}
	if (depth > DEPTH_MAX) {
		return move_up(removal, parent, name);
	}
	entries = open_entries(parent, name);
	if (!entries) {
		return errno == ENOTDIR ? -EPERM : -errno; /* a file that may not go */
	}
	if (fstat(dirfd(entries), &status) < 0) {
		r = -errno;
	} else if (status.st_dev != removal->device) {
		r = -EBUSY; /* something is mounted here: not ours to empty */
	} else {
		r = remove_below(removal, entries, depth + 1);
	}
	(void)closedir(entries);
	if (r == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0) {
		r = -errno;
	}
	return r;
}

/* goes on after a failure; the first one is returned */
static int
remove_below(struct removal *removal, DIR *entries, unsigned depth)
{
	struct dirent *entry;
	int result = 0;

	while ((entry = readdir(entries))) {
		int r;

		if (is_dots(entry->d_name)) {
			continue;
		}
		r = remove_entry(removal, dirfd(entries), entry->d_name, depth);
		if (r < 0 && result == 0) {
			result = r;
		}
	}
	return result;
}

int
file_remove_tree(int parent, const char *name)
{
	struct removal removal = { 0 };
	struct stat status;
	DIR *entries;
	int r = 0;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) {
		return 0;
	}
	entries = open_entries(parent, name);
	if (!entries) {
		return -errno;
	}
	removal.top = dirfd(entries);
	if (fstat(removal.top, &status) < 0) {
		r = -errno;
	}
	removal.device = status.st_dev;
	for (removal.again = true; r == 0 && removal.again;) {
		removal.again = false;
		rewinddir(entries);
		r = remove_below(&removal, entries, 1);
	}
	(void)closedir(entries);
	if (r == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0) {
		r = -errno;
	}
	return r;
}

int
file_socket_address(const char *path, struct sockaddr_un *ret_address, socklen_t *ret_length,
		    int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autofree char *directory = path_dir(path);
	autoclose int fd = -1;
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);

	if (n == 0) {
		return -EINVAL;
	}
	if ((size_t)n >= sizeof(address.sun_path)) {
		fd = fd_raise(open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC));
		if (!fd_is_open(fd)) {
			return fd;
		}
		n = snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", fd,
			     path_base(path));
		if ((size_t)n >= sizeof(address.sun_path)) {
			return -ENAMETOOLONG;
		}
	}
	*ret_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n + 1);
	*ret_address = address;
	*ret_fd = fd_take(&fd);
	return 0;
}
