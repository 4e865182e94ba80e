/* The kernel does not say who holds a socket; the descriptors of the processes name its inode. So
 * there is one pass over all of them, whatever is looked for, and what we may not look into is
 * counted. */
#include "base/check.h"
#include "base/fd.h"
#include "procfs/proc.h"
#include "procfs/sockets.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
add(struct socket_owners *owners, size_t *size, const struct socket_owner *owner)
{
	if (owners->count == *size) {
		*size = MAX(*size * 2, 256);
		owners->owners = reallocarray(owners->owners, *size, sizeof(*owners->owners));
		CHECK(owners->owners);
	}
	owners->owners[owners->count++] = *owner;
}

static void
look_into(pid_t pid, struct socket_owners *owners, size_t *size)
{
	int fd = proc_open(pid, "fd", O_RDONLY | O_DIRECTORY);
	DIR *directory;
	struct dirent *entry;

	if (!fd_is_open(fd)) {
		owners->hidden += fd == -EPERM;
		return;
	}
	directory = fdopendir(fd);
	if (!directory) { /* it has ended in this moment */
		(void)fd_close(fd);
		return;
	}
	while ((entry = readdir(directory))) {
		char target[64];
		ssize_t n = entry->d_name[0] == '.' ? 0
						    : readlinkat(dirfd(directory), entry->d_name,
								 target, sizeof(target) - 1);
		target[MAX(n, 0)] = '\0';
		if (str_starts(target, "socket:[")) {
			struct socket_owner owner = { .inode = strtoull(target + 8, NULL, 10),
						      .pid = pid,
						      .fd = (int)strtol(entry->d_name, NULL, 10) };
			add(owners, size, &owner);
		}
	}
	(void)closedir(directory);
}

static int
compare(const void *a, const void *b)
{
	const struct socket_owner *x = a, *y = b;

	if (x->inode != y->inode) {
		return x->inode < y->inode ? -1 : 1;
	}
	if (x->pid != y->pid) {
		return x->pid < y->pid ? -1 : 1;
	}
	return (x->fd > y->fd) - (x->fd < y->fd);
}

int
sockets_owners_read(struct socket_owners *ret_owners)
{
	struct socket_owners owners = { 0 };
	autofree pid_t *pids = NULL;
	size_t count, size = 0;
	int r = proc_list(&pids, &count);

	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < count; i++) {
		look_into(pids[i], &owners, &size);
	}
	if (owners.count > 1) {
		qsort(owners.owners, owners.count, sizeof(*owners.owners), compare);
	}
	*ret_owners = owners;
	return 0;
}

const struct socket_owner *
sockets_owners_find(const struct socket_owners *owners, uint64_t inode, size_t *ret_count)
{
	size_t low = 0, high = owners->count, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (owners->owners[middle].inode < inode) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	while (low + n < owners->count && owners->owners[low + n].inode == inode) {
		n++;
	}
	*ret_count = inode ? n : 0;
	return inode && n > 0 ? &owners->owners[low] : NULL;
}

void
sockets_owners_done(struct socket_owners *owners)
{
	free(owners->owners);
	*owners = (struct socket_owners){ 0 };
}
