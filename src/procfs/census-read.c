/* What is read of one process.
 *
 * The owner is that of its directory: the kernel gives it the effective ids, also of who may not be
 * looked at otherwise, and a directory's status costs a third of a file.
 *
 * The cpu clock is asked with clock_gettime: a process's clock can be read by anybody who knows its
 * pid, in nanoseconds and for a tenth of what its stat file costs, which counts in hundredths of a
 * second. It is a matter of the pid namespace that we are in, so it is not asked when /proc is of
 * another. */
#include "procfs/census-read.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { COMMAND_MAX = 8 << 20 };

/* "PID" and, when it is not empty, "/name"; the end */
static char *
put_path(char path[static PROC_PATH], pid_t pid, const char *name)
{
	char digits[16], *to = path;
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + pid % 10);
		pid /= 10;
	} while (pid > 0);
	while (n > 0) {
		*to++ = digits[--n];
	}
	if (*name) {
		*to++ = '/';
	}
	while (*name) {
		*to++ = *name++;
	}
	*to = '\0';
	return to;
}

static int
open_file(const struct census *census, pid_t pid, const char *name, int flags)
{
	char path[PROC_PATH];
	int fd;

	(void)put_path(path, pid, name);
	fd = openat(census->proc, path, flags | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		return errno == ENOENT ? -ESRCH : errno == EACCES ? -EPERM : -errno;
	}
	return fd > STDERR_FILENO ? fd : fd_raise(fd);
}

/* `text` has room for CENSUS_BUFFER; as much as one read gives */
ssize_t
census_read_file(struct census *census, pid_t pid, const char *name)
{
	int fd = open_file(census, pid, name, O_RDONLY);
	ssize_t n;

	if (fd < 0) {
		return fd;
	}
	n = read(fd, census->buffer, CENSUS_BUFFER - 1);
	n = n < 0 ? -errno : n;
	(void)close(fd);
	if (n >= 0) {
		census->buffer[n] = '\0';
	}
	return n == -EACCES ? -EPERM : n;
}

int
census_read_stat(struct census *census, pid_t pid, struct proc_stat *ret_stat)
{
	ssize_t n = census_read_file(census, pid, "stat");

	if (n < 0) {
		return (int)n;
	}
	return proc_stat_scan(pid, census->buffer, (size_t)n, ret_stat);
}

static void
read_owner(const struct census *census, struct process *process)
{
	char path[PROC_PATH];
	struct stat status;

	(void)put_path(path, process->stat.pid, "");
	if (fstatat(census->proc, path, &status, 0) == 0) {
		process->uid = status.st_uid;
		process->gid = status.st_gid;
		process->has |= CENSUS_OWNER;
	}
}

/* the rest of one that is longer than the buffer */
static size_t
read_on(int fd, char **text, size_t length)
{
	size_t size = length + 1;

	for (;;) {
		ssize_t n;

		if (length + 1 == size) {
			size = MIN(size * 2, (size_t)COMMAND_MAX + 1);
			if (length + 1 >= size) {
				return length;
			}
			*text = realloc(*text, size);
			CHECK(*text);
		}
		n = read(fd, *text + length, size - 1 - length);
		if (n <= 0) {
			return length;
		}
		length += (size_t)n;
	}
}

static void
read_command(struct census *census, struct process *process)
{
	int fd = open_file(census, process->stat.pid, "cmdline", O_RDONLY);
	char *text = census->buffer;
	ssize_t n;
	size_t length;

	if (fd < 0) {
		return;
	}
	n = read(fd, text, CENSUS_BUFFER - 1);
	length = n > 0 ? (size_t)n : 0;
	if (length == CENSUS_BUFFER - 1) {
		text = malloc(CENSUS_BUFFER);
		CHECK(text);
		memcpy(text, census->buffer, length);
		length = read_on(fd, &text, length);
	}
	(void)close(fd);
	while (length > 0 && text[length - 1] == '\0') {
		length--;
	}
	for (char *nul = text; (nul = memchr(nul, '\0', length - (size_t)(nul - text)));) {
		*nul = ' ';
	}
	if (n > 0) { /* also when there is nothing but an empty name */
		process->command = malloc(length + 1);
		CHECK(process->command);
		memcpy(process->command, text, length);
		process->command[length] = '\0';
		process->command_length = length;
	}
	if (text != census->buffer) {
		free(text);
	}
	process->has |= CENSUS_COMMAND;
}

/* ---- status ---- */
/* behind "Name:" at the beginning of a line, at or after *at, which moves there: the kernel keeps
 * their order */
static const char *
field(const char **at, const char *name)
{
	const char *found = strstr(*at, name);

	if (found) {
		*at = found + strlen(name);
		return *at;
	}
	return NULL;
}

static uint64_t
kilobytes(const char **at, const char *name)
{
	const char *value = field(at, name);

	return value ? (uint64_t)proc_number(&value) * 1024 : 0;
}

static uint64_t
hexadecimal(const char **at, const char *name)
{
	const char *value = field(at, name);

	return value ? strtoull(value, NULL, 16) : 0;
}

static void
four(const char **at, const char *name, uint32_t *first, uint32_t *second, uint32_t *third,
     uint32_t *fourth)
{
	const char *value = field(at, name);

	if (value) {
		*first = (uint32_t)proc_number(&value);
		*second = (uint32_t)proc_number(&value);
		*third = (uint32_t)proc_number(&value);
		*fourth = (uint32_t)proc_number(&value);
	}
}

static void
read_status(struct census *census, struct process *process)
{
	struct process_status *status;
	const char *at = census->buffer;

	if (census_read_file(census, process->stat.pid, "status") <= 0) {
		return;
	}
	status = calloc(1, sizeof(*status));
	CHECK(status);
	four(&at, "\nUid:", &status->ruid, &status->euid, &status->suid, &status->fuid);
	four(&at, "\nGid:", &status->rgid, &status->egid, &status->sgid, &status->fgid);
	status->peak = kilobytes(&at, "\nVmPeak:");
	status->size = kilobytes(&at, "\nVmSize:");
	status->locked = kilobytes(&at, "\nVmLck:");
	status->rss = kilobytes(&at, "\nVmRSS:");
	status->swap = kilobytes(&at, "\nVmSwap:");
	status->pending = hexadecimal(&at, "\nSigPnd:");
	status->blocked = hexadecimal(&at, "\nSigBlk:");
	status->ignored = hexadecimal(&at, "\nSigIgn:");
	status->caught = hexadecimal(&at, "\nSigCgt:");
	process->status = status;
	process->has |= CENSUS_STATUS;
}

static void
read_wchan(struct census *census, struct process *process)
{
	ssize_t n = census_read_file(census, process->stat.pid, "wchan");

	process->has |= CENSUS_WCHAN;
	if (n > 0 && !str_equal(census->buffer, "0")) {
		process->wchan = str_dup_n(census->buffer, (size_t)n);
	}
}

bool
census_read_clock(const struct census *census, pid_t pid, uint64_t *ret_ns)
{
	/* include/linux/posix-timers.h: a clock's number is the pid, and 2 for what the scheduler
	 * counted */
	clockid_t clock = (clockid_t)((~(unsigned)pid << 3) | 2);
	struct timespec used;

	if (census->foreign || clock_gettime(clock, &used) < 0) {
		return false;
	}
	*ret_ns = (uint64_t)used.tv_sec * CLOCK_S + (uint64_t)used.tv_nsec;
	return true;
}

void
census_read_more(struct census *census, struct process *process, unsigned want)
{
	bool empty = process->stat.state == 'Z' || process->stat.state == 'X' ||
		     (process->stat.flags & PROC_KERNEL_THREAD);

	if ((want & CENSUS_CLOCK) &&
	    census_read_clock(census, process->stat.pid, &process->cpu_ns)) {
		process->clock_at = clock_now();
		process->has |= CENSUS_CLOCK;
	}
	if (want & CENSUS_OWNER) {
		read_owner(census, process);
	}
	if (want & CENSUS_COMMAND) {
		if (empty) { /* it has no memory to hold one */
			process->has |= CENSUS_COMMAND;
		} else {
			read_command(census, process);
		}
	}
	if (want & CENSUS_STATUS) {
		read_status(census, process);
	}
	if (want & CENSUS_WCHAN) {
		read_wchan(census, process);
	}
}
