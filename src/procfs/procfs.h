/* procfs: reading /proc and cgroups; changes nothing.
 * Used by manager/ (adoption, receipts, status) and cli/. Owns nothing but what it returns.
 * Here are questions about one process; all processes at once are census.h's.
 * Everything can vanish while it is read: -ESRCH says so and is normal. Without /proc: -ENOSYS,
 * once, in words by the caller. */
#pragma once
#include "base/str.h"
#include <sys/types.h>

struct proc_stat {
	pid_t pid, ppid, pgid, sid, tpgid;
	int tty;               /* device number, 0: none */
	char state;            /* R S D Z T t I X */
	uint32_t flags;        /* PF_...: PROC_NOT_EXECED */
	uint64_t start;        /* clock ticks after boot: with the pid and the boot id, who it is */
	uint64_t utime, stime; /* ticks */
	int64_t priority, nice, threads;
	uint64_t size, rss;                 /* bytes */
	int processor, rt_priority, policy; /* SCHED_... */
	int exit_status; /* as of wait(2); valid for a zombie that we may look at */
	char comm[64];
};
enum { PROC_NOT_EXECED = 0x40 /* PF_FORKNOEXEC */, PROC_KERNEL_THREAD = 0x200000 };

bool proc_is_there(void); /* /proc is mounted and is a procfs */
int proc_stat(pid_t pid, struct proc_stat *ret_stat);
/* exit status while it is a zombie; -ESRCH: gone, or the pid is another's by now, -EAGAIN: not a
 * zombie, -EPERM: the kernel does not show it to us (it would look like exit 0) */
int proc_stat_of_zombie(pid_t pid, uint64_t start, int *ret_wait_status);
int proc_uid(pid_t pid, uid_t *ret_uid); /* the effective one */
/* all pids, ascending, owned array */
int proc_list(pid_t **ret_pids, size_t *ret_count);
/* the children files of its tasks, else by scanning; ascending */
int proc_children(pid_t pid, pid_t **ret_pids, size_t *ret_count);
/* NUL-separated strings made one line for showing: "node server.js"; "[comm]" when empty; bytes
 * below blank are shown as '?'; owned or NULL */
char *proc_command(pid_t pid);
char **proc_argv(pid_t pid); /* owned vector or NULL */
/* does the environment hold exactly this "NAME=value"? 1, 0, -EPERM, -ESRCH; reads at most the
 * size it was given at exec */
int proc_environ_has(pid_t pid, const char *assignment);
/* the value of one variable, owned; -ENOENT: it is not set; -EPERM, -ESRCH */
int proc_environ_value(pid_t pid, const char *name, char **ret_value);
char *proc_cwd(pid_t pid);    /* owned or NULL */
uint64_t proc_pss(pid_t pid); /* bytes from smaps_rollup, 0 unknown */
const char *
proc_boot_id(void);        /* hex digits and dashes as the kernel writes it; "" without /proc */
uint64_t proc_ticks(void); /* per second */
int64_t proc_started_wall(const struct proc_stat *stat); /* wall ns */
const char *proc_state_word(char state);
const char *proc_class_word(int policy); /* "other", "fifo" ... of SCHED_... */
/* "pts/3", "tty1", "ttyS0" by the number of struct proc_stat; "204:64" when no driver is known for
 * it; NULL: none. Returns buffer */
const char *proc_tty_name(int tty, char *buffer, size_t size);
uint64_t proc_memory_total(void); /* bytes, 0 unknown */
int proc_pidns_is_init(void);     /* 1: we are in the initial pid namespace or cannot tell */

/* PIDFD_GET_INFO with PIDFD_INFO_EXIT: the wait status of a reaped process, child or not.
 * 0; -EAGAIN: not reaped yet (wait for POLLHUP); -EOPNOTSUPP: this kernel cannot tell (before
 * 6.15) */
int pidfd_exit_status(int pidfd, int *ret_wait_status);
pid_t pidfd_pid(int pidfd); /* from fdinfo; -1: gone */

/* ---- cgroups ---- */
/* our own v2 group's directory ("/sys/fs/cgroup/unified/x"), which may be mounted anywhere; whether
 * groups can be made there is for the caller to try; NULL: no v2. Owned */
char *cgroup_own(void);
/* of the group and all below; ascending, owned array */
int cgroup_pids(int group_dirfd, pid_t **ret_pids, size_t *ret_count);
int cgroup_is_populated(int group_dirfd); /* 1, 0, -errno: cgroup.events */
/* "memory.current" (key NULL), or `key` of a flat-keyed file; -1 unknown (also "max") */
int64_t cgroup_number(int group_dirfd, const char *file, const char *key);
