/* A file of /proc is read with one open, one read and one close wherever it fits, because a list
 * of processes is nothing but these three calls, ten thousand times. */
#include "procfs/proc.h"
#include "base/check.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PIDS_FIRST = 64 };

bool
proc_is_there(void)
{
	struct statfs status;

	return statfs("/proc", &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

int
proc_error(int number)
{
	switch (number) {
	case ENOENT:
	case ESRCH: return proc_is_there() ? -ESRCH : -ENOSYS;
	case EACCES: return -EPERM;
	default: return -number;
	}
}

int
proc_open(pid_t pid, const char *name, int flags)
{
	char path[PROC_PATH];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = fd_raise(open(path, flags | O_CLOEXEC | O_NOCTTY));
	return fd < 0 ? proc_error(-fd) : fd;
}

ssize_t
proc_read(pid_t pid, const char *name, char *text, size_t size)
{
	autoclose int fd = proc_open(pid, name, O_RDONLY);
	ssize_t n;

	if (!fd_is_open(fd)) {
		return fd;
	}
	n = read(fd, text, size - 1);
	if (n < 0) {
		return proc_error(errno);
	}
	text[n] = '\0';
	return n;
}

void
proc_pids_add(struct proc_pids *pids, pid_t pid)
{
	if (pids->count == pids->size) {
		pids->size = MAX(pids->size * 2, PIDS_FIRST);
		pids->pids = reallocarray(pids->pids, pids->size, sizeof(*pids->pids));
		CHECK(pids->pids != NULL);
	}
	pids->pids[pids->count++] = pid;
}

static int
compare(const void *a, const void *b)
{
	pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;

	return (left > right) - (left < right);
}

void
proc_pids_take(struct proc_pids *pids, pid_t **ret_pids, size_t *ret_count)
{
	if (pids->count > 1) {
		qsort(pids->pids, pids->count, sizeof(*pids->pids), compare);
	}
	*ret_pids = pids->pids;
	*ret_count = pids->count;
	*pids = (struct proc_pids){ 0 };
}

void
proc_pids_done(struct proc_pids *pids)
{
	free(pids->pids);
	*pids = (struct proc_pids){ 0 };
}

int64_t
proc_number(const char **at)
{
	const char *c = *at;
	bool negative;
	uint64_t number = 0;

	while (*c == ' ' || *c == '\t') {
		c++;
	}
	negative = *c == '-';
	c += negative;
	while (*c >= '0' && *c <= '9') {
		number = number * 10 + (uint64_t)(*c++ - '0');
	}
	*at = *c ? c + 1 : c;
	return (int64_t)(negative ? 0 - number : number);
}
