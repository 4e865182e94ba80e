/* procfs: reading /proc and cgroups; changes nothing.
 * Used by manager/ (adoption, receipts, status) and cli/. Owns nothing but what it returns.
 * Everything can vanish while it is read: -ESRCH says so and is normal. Without /proc: -ENOSYS, once, in words by the caller. */
#pragma once
#include "base/str.h"
#include <sys/types.h>

struct proc_stat {
	pid_t pid, ppid, pgid, sid, tpgid;
	int tty;          /* device number, 0: none */
	char state;       /* R S D Z T t I X */
	uint32_t flags;   /* PF_...: PROC_NOT_EXECED */
	uint64_t start;   /* clock ticks after boot: with the pid and the boot id, who it is */
	uint64_t utime, stime; /* ticks */
	int64_t nice, threads;
	uint64_t rss;     /* bytes */
	int exit_status;  /* as of wait(2); valid for a zombie that we may look at */
	char comm[64];
};
enum { PROC_NOT_EXECED = 0x40 /* PF_FORKNOEXEC */, PROC_KERNEL_THREAD = 0x200000 };

bool proc_is_there(void); /* /proc is mounted and is a procfs */
int proc_stat(pid_t pid, struct proc_stat *ret_stat);
int proc_stat_of_zombie(pid_t pid, uint64_t start, int *ret_wait_status); /* exit status while it is a zombie; -ESRCH, -EAGAIN not a zombie, -EPERM */
int proc_uid(pid_t pid, uid_t *ret_uid);
/* all pids, ascending, owned array */
int proc_list(pid_t **ret_pids, size_t *ret_count);
int proc_children(pid_t pid, pid_t **ret_pids, size_t *ret_count); /* the children files of its tasks, else by scanning */
/* NUL-separated strings made one line for showing: "node server.js"; "[comm]" when empty; owned or NULL */
char *proc_command(pid_t pid);
char **proc_argv(pid_t pid);    /* owned vector or NULL */
/* does the environment hold exactly this "NAME=value"? -EPERM, -ESRCH; reads at most the size it was given at exec */
int proc_environ_has(pid_t pid, const char *assignment);
char *proc_cwd(pid_t pid);      /* owned or NULL */
uint64_t proc_pss(pid_t pid);   /* bytes from smaps_rollup, 0 unknown */
const char *proc_boot_id(void); /* 32 hex digits + dashes as the kernel writes it; "" without /proc */
uint64_t proc_ticks(void);      /* per second */
int64_t proc_started_wall(const struct proc_stat *stat); /* wall ns */
const char *proc_state_word(char state);
uint64_t proc_memory_total(void);
int proc_pidns_is_init(void);   /* 1: we are in the initial pid namespace or cannot tell */

/* PIDFD_GET_INFO with PIDFD_INFO_EXIT: the wait status of a reaped process, child or not.
 * 0; -EAGAIN: not reaped yet (wait for POLLHUP); -EOPNOTSUPP: this kernel cannot tell (before 6.15) */
int pidfd_exit_status(int pidfd, int *ret_wait_status);
pid_t pidfd_pid(int pidfd);     /* from fdinfo; -1: gone */

/* ---- cgroups ---- */
/* where we may make groups: an absolute directory of a cgroup v2 hierarchy below which this process's own group lies
 * and where we can mkdir and move ourselves; owned or NULL with the reason (static words) */
char *cgroup_own(void);                       /* our own v2 group's directory ("/sys/fs/cgroup/unified/x"); NULL: no v2 */
int cgroup_pids(int group_dirfd, pid_t **ret_pids, size_t *ret_count); /* of the group and all below */
int cgroup_is_populated(int group_dirfd);     /* 1, 0, -errno: cgroup.events */
int64_t cgroup_number(int group_dirfd, const char *file, const char *key); /* "memory.current" or key of a flat-keyed file; -1 unknown */
