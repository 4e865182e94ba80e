/* What a process has open. Nothing here stats the files: one of them may lie on a server that no
 * longer answers, and who looks for the reason must not be caught by it, too. */
#include "base/check.h"
#include "base/fd.h"
#include "base/file.h"
#include "procfs/detail.h"
#include "procfs/proc.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FDINFO_MAX = 1 << 20 };

static void
read_info(pid_t pid, struct proc_fd *fd)
{
	char name[PROC_PATH];
	autofree char *text = NULL;
	uint64_t number;

	(void)snprintf(name, sizeof(name), "fdinfo/%d", fd->number);
	if (proc_file(pid, name, FDINFO_MAX, &text, NULL) < 0) {
		return;
	}
	if (proc_field_number(text, "flags", 8, &number)) {
		fd->flags = (int)number;
	}
	if (proc_field_number(text, "pos", 10, &number)) {
		fd->position = (int64_t)number;
	}
}

static uint64_t
inode_of(const char *target)
{
	const char *open = strchr(target, '[');

	return open && (str_starts(target, "socket:[") || str_starts(target, "pipe:["))
		       ? strtoull(open + 1, NULL, 10)
		       : 0;
}

static bool
read_one(pid_t pid, int directory, const char *name, struct proc_fd *ret_fd)
{
	char target[PATH_MAX + 64];
	ssize_t n = readlinkat(directory, name, target, sizeof(target));
	struct proc_fd fd = { .flags = -1, .position = -1 };

	if (n < 0) {
		return false; /* closed by now */
	}
	fd.number = (int)strtol(name, NULL, 10);
	fd.target = str_dup_n(target, (size_t)n);
	fd.deleted = proc_undelete(fd.target);
	fd.inode = inode_of(fd.target);
	read_info(pid, &fd);
	*ret_fd = fd;
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct proc_fd *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static DIR *
open_directory(pid_t pid, int *ret_error) /* NULL: *ret_error tells why */
{
	int fd = proc_open(pid, "fd", O_RDONLY | O_DIRECTORY);
	DIR *directory;

	if (!fd_is_open(fd)) {
		*ret_error = fd;
		return NULL;
	}
	directory = fdopendir(fd);
	if (!directory) { /* it has ended in this moment */
		*ret_error = proc_error(errno);
		(void)fd_close(fd);
	}
	return directory;
}

int
proc_fds(pid_t pid, struct proc_fds *ret_fds)
{
	struct proc_fds fds = { 0 };
	size_t size = 0;
	int r;
	DIR *directory = open_directory(pid, &r);
	struct dirent *entry;

	if (!directory) {
		return r;
	}
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		if (fds.count == size) {
			size = MAX(size * 2, 64);
			fds.fds = reallocarray(fds.fds, size, sizeof(*fds.fds));
			CHECK(fds.fds);
		}
		fds.count += read_one(pid, dirfd(directory), entry->d_name, &fds.fds[fds.count]);
	}
	(void)closedir(directory);
	if (fds.count > 1) {
		qsort(fds.fds, fds.count, sizeof(*fds.fds), compare);
	}
	*ret_fds = fds;
	return 0;
}

void
proc_fds_done(struct proc_fds *fds)
{
	for (size_t i = 0; i < fds->count; i++) {
		free(fds->fds[i].target);
	}
	free(fds->fds);
	*fds = (struct proc_fds){ 0 };
}

int
proc_fds_count(pid_t pid, size_t *ret_count)
{
	int r;
	DIR *directory = open_directory(pid, &r);
	struct dirent *entry;
	size_t count = 0;

	if (!directory) {
		return r;
	}
	while ((entry = readdir(directory))) {
		count += entry->d_name[0] != '.';
	}
	(void)closedir(directory);
	*ret_count = count;
	return 0;
}
