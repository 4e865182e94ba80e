/* detail: everything the kernel tells of one process that a list never reads.
 * Used by cli/ for `inspect`, `ports` and `top`. Owns nothing but what it returns.
 * Each function answers for one file: 0 or -ESRCH (it is gone), -EPERM (not for us), -ENOSYS (no
 * /proc). What one file refuses says nothing about the next: the caller asks each and tells. */
#pragma once
#include "base/str.h"
#include <sys/types.h>

/* ---- whole files (proc-file.c) ---- */
/* "/proc/PID/name", at most `max` bytes, NUL-terminated, owned */
int proc_file(pid_t pid, const char *name, size_t max, char **ret_text, size_t *ret_length);
/* where "/proc/PID/name" points, owned, raw bytes */
int proc_link(pid_t pid, const char *name, char **ret_target);
/* of a file with lines "Key:\tvalue": the value without blanks around it; owned, NULL: no such key
 */
char *proc_field(const char *text, const char *key);
/* its first number in this base; false: no such key, nothing is set */
bool proc_field_number(const char *text, const char *key, int base, uint64_t *ret_number);
/* the numbers of its threads, owned; the same as /proc/PID/task */
int proc_threads(pid_t pid, pid_t **ret_threads, size_t *ret_count);
/* takes a " (deleted)" off that the kernel put behind a path; true: it was there */
bool proc_undelete(char *path);

/* ---- what is mapped (proc-maps.c) ---- */
struct proc_map {
	uint64_t start, end, offset, inode;
	unsigned major, minor; /* of the device */
	char perms[5];         /* "r-xp" */
	bool deleted;
	char *path; /* "" anonymous, "[heap]"; raw bytes, without " (deleted)" */
	uint64_t rss, pss, swap;
};
struct proc_maps {
	struct proc_map *maps;
	size_t count;
};
int proc_maps(pid_t pid, bool sizes, struct proc_maps *ret_maps); /* sizes: slow, rss and so on */
void proc_maps_done(struct proc_maps *maps);

/* ---- descriptors (proc-fds.c) ---- */
struct proc_fd {
	int number;
	int flags;        /* as of open(2); -1 unknown */
	int64_t position; /* -1 unknown */
	char *target;     /* "/a/file", "socket:[123]", "pipe:[5]", "anon_inode:[eventfd]" */
	bool deleted;
	uint64_t inode; /* of sockets and pipes, else 0 */
};
struct proc_fds {
	struct proc_fd *fds; /* ascending */
	size_t count;
};
int proc_fds(pid_t pid, struct proc_fds *ret_fds);
void proc_fds_done(struct proc_fds *fds);
int proc_fds_count(pid_t pid, size_t *ret_count);

/* ---- limits (proc-limits.c) ---- */
struct proc_limit {
	char name[32];       /* "Max open files" without "Max " */
	char unit[16];       /* "files", "bytes" */
	uint64_t soft, hard; /* UINT64_MAX: none */
};
enum { PROC_LIMITS = 24 };
int proc_limits(pid_t pid, struct proc_limit ret_limits[PROC_LIMITS], size_t *ret_count);

/* ---- the program (proc-elf.c) ---- */
struct proc_elf {
	bool is_elf; /* else the rest is empty */
	unsigned bits, machine;
	bool dynamic, pie; /* neither: static at a fixed address */
	uint64_t entry;    /* in the file */
	char *interpreter; /* NULL: none */
};
int proc_elf(pid_t pid, struct proc_elf *ret_elf);
void proc_elf_done(struct proc_elf *elf);
const char *proc_elf_machine(unsigned machine); /* "x86-64"; "machine 99" is static storage */
/* a word of the auxiliary vector (AT_ENTRY ...); false: not to be read, or not in it */
bool proc_auxv(pid_t pid, uint64_t type, uint64_t *ret_value);

/* ---- control groups (cgroup.c) ---- */
/* the directory of a v2 group by its path in /proc/PID/cgroup; owned, NULL: not to be seen from
 * here */
char *cgroup_directory(const char *path);

/* ---- the machine (proc-load.c): counters since boot; rates are differences ---- */
enum { PROC_CPUS = 1024 };
struct proc_cpu { /* ticks */
	uint64_t busy, idle, waiting;
};
struct proc_load {
	double uptime, load[3]; /* s */
	unsigned running;       /* tasks that want a cpu now */
	size_t cpus;            /* in `cpu`; those that are there */
	struct proc_cpu all, cpu[PROC_CPUS];
	uint64_t memory, available, cached, swap, swap_free; /* bytes */
	double pressure[3]; /* cpu, memory, io: % of the last 10 s somebody waited; -1 unknown */
	uint64_t disk_read, disk_written, net_in, net_out; /* bytes */
	bool disks, nets;                                  /* known */
};
/* 0; -ENOSYS without /proc; what a file does not tell is 0, or as said above */
int proc_load(struct proc_load *ret_load);
