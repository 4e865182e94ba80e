/* pidfile: the file that holds a daemon's number. Used by cmd-daemonize.c.
 *
 * Life: 1. pidfile_claim, before anything is started  2. pidfile_write, by the daemon, which keeps
 * the descriptor open  3. pidfile_give_up when nothing came of it. */
#pragma once
#include "base/err.h"
#include <sys/types.h>

struct pidfile {
	const char *path; /* NULL: there is none */
	int claim;        /* the lock on the file that was there; -1: none */
	bool made;        /* there was no file before */
	pid_t running;    /* what the file said, 0: nothing */
};
enum pidfile_claim { PIDFILE_FREE, PIDFILE_TAKEN, PIDFILE_FAILED };

/* `program`: a process of the file that runs it counts although the file is not locked; NULL: none
 * does. PIDFILE_TAKEN: pidfile->running has it; PIDFILE_FAILED: words in err */
enum pidfile_claim pidfile_claim(struct pidfile *pidfile, const char *path, const char *program,
				 struct err *err);
/* a descriptor that must stay open as long as it runs, or -errno */
int pidfile_write(struct pidfile *pidfile, pid_t pid);
void pidfile_give_up(struct pidfile *pidfile, pid_t pid); /* pid: of the one that failed */
pid_t pidfile_read(const char *path);                     /* 0: there is no number in it */
bool pidfile_runs(pid_t pid);                             /* it is alive: no zombie */
