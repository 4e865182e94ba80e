/* renice: what decides how much a process gets: nice value, scheduling class, io priority, cpus,
 * and who goes first when memory ends. All but the last belong to threads, so they are set for
 * each; a thread that begins meanwhile inherits them from one that has them already or is seen in
 * the next round.
 *
 * These calls know pids only. The caller holds a pidfd: as long as that process lives its pid is
 * nobody else's, and it looks once more afterwards. */
#include "base/fd.h"
#include "base/str.h"
#include "cli/renice.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROUNDS = 3 };

static const char *const io_words[] = { "none", "realtime", "best-effort", "idle" };

bool
renice_parse_io(const char *text, int *ret_io, struct err *err)
{
	size_t n = strcspn(text, ":");
	uint64_t level = 4;

	for (int i = 0; i < (int)COUNT(io_words); i++) {
		if (strlen(io_words[i]) == n && strncmp(io_words[i], text, n) == 0) {
			bool levels = i == IOPRIO_CLASS_RT || i == IOPRIO_CLASS_BE;
			if (text[n] &&
			    (!levels || str_to_u64(text + n + 1, &level) < 0 || level > 7)) {
				break;
			}
			*ret_io = IOPRIO_PRIO_VALUE(i, levels ? (int)level : 0);
			return true;
		}
	}
	return err_set(err,
		       "--io: '%s' is none of idle, best-effort:0 to best-effort:7, realtime:0 to "
		       "realtime:7, none",
		       text);
}

bool
renice_parse_cpus(const char *text, cpu_set_t *ret_cpus, struct err *err)
{
	autofree char *copy = str_dup(text);
	char *rest = copy;

	CPU_ZERO(ret_cpus);
	while (rest) {
		char *part = strsep(&rest, ","), *dash = strchr(part, '-');
		uint64_t first, last;
		if (dash) {
			*dash = '\0';
		}
		if (str_to_u64(part, &first) < 0 || str_to_u64(dash ? dash + 1 : part, &last) < 0 ||
		    first > last || last >= CPU_SETSIZE) {
			return err_set(err, "--cpus: '%s' is no list of cpus; 0-3,5 would be",
				       text);
		}
		for (; first <= last; first++) {
			CPU_SET(first, ret_cpus);
		}
	}
	return true;
}

/* ---- setting ---- */
static int
set_thread(const struct renice *renice, pid_t tid)
{
	struct sched_param param = { .sched_priority = renice->priority };

	if (renice->has_class && sched_setscheduler(tid, renice->class, &param) < 0) {
		return -errno;
	}
	if (renice->has_nice && setpriority(PRIO_PROCESS, (id_t)tid, renice->nice) < 0) {
		return -errno;
	}
	if (renice->has_io &&
	    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, (int)tid, renice->io) < 0) {
		return -errno;
	}
	if (renice->has_cpus && sched_setaffinity(tid, sizeof(renice->cpus), &renice->cpus) < 0) {
		return -errno;
	}
	return 0;
}

static int
set_threads(const struct renice *renice, pid_t pid, size_t *ret_count)
{
	autofree char *path = str_format("/proc/%d/task", (int)pid);
	DIR *directory = opendir(path);
	struct dirent *entry;
	size_t count = 0;
	int r = directory ? 0 : -errno;

	while (r == 0 && directory && (entry = readdir(directory))) {
		uint64_t tid;
		if (str_to_u64(entry->d_name, &tid) == 0) {
			r = set_thread(renice, (pid_t)tid);
			r = r == -ESRCH && tid != (uint64_t)pid ? 0 : r; /* that thread has ended */
			count++;
		}
	}
	if (directory) {
		(void)closedir(directory);
	}
	*ret_count = count;
	return r;
}

static int
set_oom(pid_t pid, int oom)
{
	autofree char *path = str_format("/proc/%d/oom_score_adj", (int)pid);
	autofree char *text = str_format("%d", oom);
	autoclose int fd = fd_raise(open(path, O_WRONLY | O_CLOEXEC));

	return fd_is_open(fd) ? fd_write_all(fd, text, strlen(text)) : fd;
}

int
renice_set(const struct renice *renice, pid_t pid)
{
	size_t before = 0, count = 0;
	int r = 0;

	for (int round = 0; r == 0 && round < ROUNDS && (round == 0 || count != before); round++) {
		before = count;
		r = set_threads(renice, pid, &count);
	}
	return r == 0 && renice->has_oom ? set_oom(pid, renice->oom) : r;
}

/* ---- showing ---- */
char *
renice_io(pid_t pid)
{
	long value = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, (int)pid);
	int class = value < 0 ? -1 : (int)IOPRIO_PRIO_CLASS(value);

	if (class < 0 || class >= (int)COUNT(io_words)) {
		return str_dup("-");
	}
	if (class == IOPRIO_CLASS_RT || class == IOPRIO_CLASS_BE) {
		return str_format("%s:%d", io_words[class], (int)IOPRIO_PRIO_DATA(value));
	}
	return str_dup(io_words[class]);
}

char *
renice_cpus(pid_t pid)
{
	cpu_set_t cpus;
	struct buf text;

	if (sched_getaffinity(pid, sizeof(cpus), &cpus) < 0) {
		return str_dup("-");
	}
	buf_init(&text, SIZE_MAX / 4);
	for (int first = 0; first < CPU_SETSIZE; first++) {
		int last = first;
		if (!CPU_ISSET(first, &cpus)) {
			continue;
		}
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, &cpus)) {
			last++;
		}
		(void)buf_addf(&text, "%s%d", text.length ? "," : "", first);
		if (last > first) {
			(void)buf_addf(&text, "-%d", last);
		}
		first = last;
	}
	return buf_take(&text);
}

char *
renice_oom(pid_t pid)
{
	autofree char *path = str_format("/proc/%d/oom_score_adj", (int)pid);
	autoclose int fd = fd_raise(open(path, O_RDONLY | O_CLOEXEC));
	char text[16];
	ssize_t n = fd_is_open(fd) ? read(fd, text, sizeof(text) - 1) : -1;

	if (n <= 0) {
		return str_dup("-");
	}
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return str_dup(text);
}
