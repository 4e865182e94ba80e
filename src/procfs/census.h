/* census: all processes at one moment, in one pass over /proc, with the files that are wanted and
 * no others.
 *
 * Used by the client's verbs that look at processes (ps, tree, find, kill, nice, top). Owns all it
 * points to.
 *
 * 1. census_open  2. census_take with a mask of CENSUS_...; the list is ascending by pid
 * 3. whatever is needed of census_link (parents, children, orphans), census_find, census_read (more
 * files of one process), census_clock (a second sample of the cpu clocks: share), census_threads;
 * programs that look again and again take another one and call census_since  4. census_done
 *
 * Processes come and go while it is taken: who is gone before its stat file was read is not in the
 * list; who is gone after that has empty fields. A pid may even be two processes in one look; so
 * parents are believed only when they are not younger than their child. */
#pragma once
#include "procfs/procfs.h"

enum census_want {
	CENSUS_STAT = 0,    /* always: one open, read and close */
	CENSUS_OWNER = 1,   /* uid, gid: one system call, no file */
	CENSUS_COMMAND = 2, /* the command line: one file */
	CENSUS_STATUS = 4,  /* struct process_status: one file, the dearest of all */
	CENSUS_CLOCK = 8,   /* cpu_ns: one system call, exact where stat counts ticks */
	CENSUS_KERNEL = 16, /* threads of the kernel too; else they are left out */
	CENSUS_WCHAN = 32,  /* what it waits for in the kernel: one file */
};

struct process_status { /* of /proc/PID/status; bytes */
	uid_t ruid, euid, suid, fuid;
	gid_t rgid, egid, sgid, fgid;
	uint64_t size, rss, locked, swap, peak;
	uint64_t pending, blocked, ignored, caught; /* signals, bit 0 is signal 1 */
};

struct process_thread {
	pid_t tid;
	char state;
	char comm[64];
};

struct process {
	struct proc_stat stat;
	unsigned has; /* enum census_want: what was read */
	uid_t uid;    /* effective */
	gid_t gid;
	char *command; /* the arguments with blanks between, as they are: any bytes but NUL;
			  NULL when there are none (or when they were not asked for), ""
			  when there is nothing but empty ones */
	size_t command_length;
	struct process_status *status; /* NULL when not read */
	char *wchan;                   /* "do_wait"; NULL when it runs or may not be told */
	int64_t clock_at;              /* monotonic ns of the sample */
	uint64_t cpu_ns; /* user and system, all threads, also those that have ended */
	double share;    /* of one cpu between two samples: 1.0 is all of it; -1: not known */
	/* census_link */
	struct process *parent, *child, *next; /* the first child; the next child of the parent */
	bool orphan; /* its parent has ended and another one has it now, and it is no daemon */
	/* census_threads */
	struct process_thread *threads;
	size_t thread_count;
	/* of the caller, borrowed: the name of the unit (cli/belongs.c), or NULL */
	const char *unit;
	unsigned mark; /* of the caller */
};

struct census {
	int proc; /* /proc, held open */
	struct process *list;
	size_t count, size;
	size_t hidden; /* may not be looked at (hidepid) */
	bool foreign;  /* this /proc belongs to another pid namespace: its numbers are not ours */
	int64_t boot;  /* CLOCK_BOOTTIME when it was taken: ages */
	pid_t self;    /* our own number in this /proc; 0: we are not in it */
	char *buffer, *entries;
};

/* 0; -ENOSYS: /proc is not mounted, or is something else */
int census_open(struct census *ret_census);
void census_done(struct census *census);
int census_take(struct census *census, unsigned want);
/* the same of these alone */
void census_take_some(struct census *census, const pid_t *pids, size_t count, unsigned want);
/* one process alone, for who knows the pid: NULL when there is none. Pointers into the list are
 * void afterwards, links too */
struct process *census_add(struct census *census, pid_t pid, unsigned want);
struct process *census_find(const struct census *census, pid_t pid);
/* more of one process; false: it is gone, or a successor has its pid */
bool census_read(struct census *census, struct process *process, unsigned want);
/* only names: comm of every process, half the price of its stat; calls `on` for each, which says
 * whether it goes on */
int census_names(struct census *census, bool (*on)(pid_t pid, const char *comm, void *context),
		 void *context);
/* samples the clock of each that has CENSUS_CLOCK once more, and so knows `share` */
void census_clock(struct census *census);
/* share since an earlier census, by pid and start; what is dear and does not change (the command
 * of the same program) is moved from there when it has not been read anew */
void census_since(struct census *census, struct census *before);
void census_link(struct census *census);
void census_threads(struct census *census, struct process *process);
int64_t census_age(const struct census *census, const struct process *process); /* ns */
/* is `above` the process itself or one of its parents? After census_link */
bool census_is_below(const struct process *process, const struct process *above);
