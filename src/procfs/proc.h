/* proc: how the files of procfs/ read one file of /proc. Included by them alone. */
#pragma once
#include "procfs/procfs.h"

enum { PROC_PATH = 64 };

/* "/proc/PID/name"; an open descriptor or -ESRCH, -EPERM, -ENOSYS ... */
int proc_open(pid_t pid, const char *name, int flags);
/* what an errno of /proc means: ENOENT is -ESRCH, or -ENOSYS when there is no /proc */
int proc_error(int number);
/* one file's beginning in one read, NUL-terminated; bytes read or as proc_open */
ssize_t proc_read(pid_t pid, const char *name, char *text, size_t size);
/* a stat file's text of n bytes, NUL-terminated; -ESRCH when it is none */
int proc_stat_scan(pid_t pid, const char *text, size_t n, struct proc_stat *ret_stat);
/* numbers are collected and then put in order */
struct proc_pids {
	pid_t *pids;
	size_t count, size;
};
void proc_pids_add(struct proc_pids *pids, pid_t pid);
void proc_pids_take(struct proc_pids *pids, pid_t **ret_pids, size_t *ret_count); /* ascending */
void proc_pids_done(struct proc_pids *pids);
/* the next decimal number at *at, which moves behind it and one byte more; 0 when there is none */
int64_t proc_number(const char **at);
