/* /proc/PID/stat. The name in it is whatever the program called itself, with blanks, brackets and
 * newlines; it ends at the last closing bracket of the text, for nothing behind it can hold one.
 * Scanned by hand: sscanf takes longer for it than the kernel for making it. */
#include "base/fd.h"
#include "procfs/proc.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STAT_SIZE = 2048 };

static void
skip(const char **at, unsigned fields)
{
	while (fields-- > 0) {
		(void)proc_number(at);
	}
}

static void
copy_name(struct proc_stat *stat, const char *start, const char *end)
{
	size_t n = MIN((size_t)(end - start), sizeof(stat->comm) - 1);

	memcpy(stat->comm, start, n);
	stat->comm[n] = '\0';
}

/* `at` is behind the name's bracket and a blank; the numbers are those of proc(5) */
static void
scan(struct proc_stat *stat, const char *at)
{
	static uint64_t page;

	if (!page) {
		page = (uint64_t)sysconf(_SC_PAGESIZE);
	}
	stat->state = *at;
	at += 2;
	stat->ppid = (pid_t)proc_number(&at); /* 4 */
	stat->pgid = (pid_t)proc_number(&at);
	stat->sid = (pid_t)proc_number(&at);
	stat->tty = (int)proc_number(&at);
	stat->tpgid = (pid_t)proc_number(&at);
	stat->flags = (uint32_t)proc_number(&at);
	skip(&at, 4);
	stat->utime = (uint64_t)proc_number(&at); /* 14 */
	stat->stime = (uint64_t)proc_number(&at);
	skip(&at, 2);
	stat->priority = proc_number(&at); /* 18 */
	stat->nice = proc_number(&at);
	stat->threads = proc_number(&at);
	skip(&at, 1);
	stat->start = (uint64_t)proc_number(&at); /* 22 */
	stat->size = (uint64_t)proc_number(&at);
	stat->rss = (uint64_t)proc_number(&at) * page;
	skip(&at, 14);
	stat->processor = (int)proc_number(&at); /* 39 */
	stat->rt_priority = (int)proc_number(&at);
	stat->policy = (int)proc_number(&at);
	skip(&at, 10);
	stat->exit_status = (int)proc_number(&at); /* 52 */
}

int
proc_stat_scan(pid_t pid, const char *text, size_t n, struct proc_stat *ret_stat)
{
	struct proc_stat stat = { .pid = pid };
	const char *open, *close;

	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (!open || !close || close < open || close + 3 > text + n) {
		return -ESRCH;
	}
	copy_name(&stat, open + 1, close);
	scan(&stat, close + 2);
	*ret_stat = stat;
	return 0;
}

int
proc_stat(pid_t pid, struct proc_stat *ret_stat)
{
	char text[STAT_SIZE];
	ssize_t n = proc_read(pid, "stat", text, sizeof(text));

	return n < 0 ? (int)n : proc_stat_scan(pid, text, (size_t)n, ret_stat);
}

/* The kernel writes 0 as the exit status for who may not look at the process. Its user namespace
 * is told under the same condition, also of a zombie, and fails where the status only lies. */
static bool
may_look(pid_t pid)
{
	char path[PROC_PATH], name[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return readlink(path, name, sizeof(name)) > 0 || (errno != EACCES && errno != EPERM);
}

int
proc_stat_of_zombie(pid_t pid, uint64_t start, int *ret_wait_status)
{
	struct proc_stat stat, again;
	bool looked;
	int r = proc_stat(pid, &stat);

	if (r < 0) {
		return r;
	}
	if (stat.start != start) {
		return -ESRCH;
	}
	if (stat.state != 'Z' ||
	    stat.threads > 1) { /* the first thread may end before the others */
		return -EAGAIN;
	}
	looked = may_look(pid);
	r = proc_stat(pid, &again);
	if (r < 0 || again.start != start) {
		return r < 0 ? r : -ESRCH;
	}
	if (!looked) {
		return -EPERM;
	}
	*ret_wait_status = stat.exit_status;
	return 0;
}

const char *
proc_state_word(char state)
{
	switch (state) {
	case 'R': return "running";
	case 'S': return "sleeping";
	case 'D': return "disk";
	case 'Z': return "zombie";
	case 'T': return "stopped";
	case 't': return "traced";
	case 'I': return "idle";
	case 'X':
	case 'x': return "dead";
	case 'P': return "parked";
	default: return "unknown";
	}
}

const char *
proc_class_word(int policy)
{
	static const char *const words[] = { "other", "fifo", "rr",       "batch",
					     "iso",   "idle", "deadline", "ext" };

	return policy >= 0 && (size_t)policy < COUNT(words) ? words[policy] : "unknown";
}
