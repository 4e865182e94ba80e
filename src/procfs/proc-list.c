/* Who is there, and whose children they are. The kernel's `children` files answer the second
 * question without looking at everybody; it may be built without them, and it may leave out one
 * when a brother ends in the same moment, so who must not miss any looks again until nothing
 * changes. */
#include "base/fd.h"
#include "base/file.h"
#include "procfs/detail.h"
#include "procfs/proc.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { CHILDREN_MAX = 16 << 20 };

static pid_t
as_pid(const char *name) /* 0: it is none */
{
	const char *at = name;
	int64_t number = proc_number(&at);

	return *name >= '1' && *name <= '9' && !*at && number <= INT32_MAX ? (pid_t)number : 0;
}

static int
list_numbers(const char *path, struct proc_pids *pids)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory) {
		return proc_error(errno);
	}
	while ((entry = readdir(directory))) {
		pid_t pid = as_pid(entry->d_name);

		if (pid > 0) {
			proc_pids_add(pids, pid);
		}
	}
	(void)closedir(directory);
	return 0;
}

int
proc_list(pid_t **ret_pids, size_t *ret_count)
{
	struct proc_pids pids = { 0 };
	int r = proc_is_there() ? list_numbers("/proc", &pids) : -ENOSYS;

	if (r < 0) {
		proc_pids_done(&pids);
		return r;
	}
	proc_pids_take(&pids, ret_pids, ret_count);
	return 0;
}

int
proc_threads(pid_t pid, pid_t **ret_threads, size_t *ret_count)
{
	struct proc_pids threads = { 0 };
	char path[PROC_PATH];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	r = list_numbers(path, &threads);
	if (r < 0) {
		proc_pids_done(&threads);
		return r;
	}
	proc_pids_take(&threads, ret_threads, ret_count);
	return 0;
}

static int
children_of_thread(pid_t pid, pid_t thread, struct proc_pids *children)
{
	char path[PROC_PATH];
	autofree char *text = NULL;
	const char *at;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)thread);
	r = file_read_proc(AT_FDCWD, path, CHILDREN_MAX, &text, NULL);
	if (r < 0) {
		return r;
	}
	for (at = text; *at;) {
		pid_t child = (pid_t)proc_number(&at);

		if (child > 0) {
			proc_pids_add(children, child);
		}
	}
	return 0;
}

static int
children_by_scanning(pid_t pid, struct proc_pids *children)
{
	autofree pid_t *all = NULL;
	size_t count;
	int r = proc_list(&all, &count);

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct proc_stat stat;

		if (proc_stat(all[i], &stat) == 0 && stat.ppid == pid) {
			proc_pids_add(children, all[i]);
		}
	}
	return r;
}

int
proc_children(pid_t pid, pid_t **ret_pids, size_t *ret_count)
{
	struct proc_pids threads = { 0 }, children = { 0 };
	char path[PROC_PATH];
	bool missing = false;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	r = list_numbers(path, &threads);
	for (size_t i = 0; r == 0 && i < threads.count; i++) {
		int read = children_of_thread(pid, threads.pids[i], &children);

		/* a thread may be gone by now; when the first is there the files are not */
		missing |= read == -ENOENT && threads.pids[i] == pid;
	}
	if (r == 0 && missing) {
		children.count = 0;
		r = children_by_scanning(pid, &children);
	}
	proc_pids_done(&threads);
	if (r < 0) {
		proc_pids_done(&children);
		return r;
	}
	proc_pids_take(&children, ret_pids, ret_count);
	return 0;
}
