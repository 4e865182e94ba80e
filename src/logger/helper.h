/* helper: a short-lived process of the logger, for work that would keep the pipes waiting. Used by
 * packing.c and forwarding.c. It runs at the lowest priority, ends when the logger ends, however,
 * and has no descriptor but those it is given.
 *
 * The logger forks these itself: it knows when a segment is closed, it is the one that renames what
 * comes of it, and it must go on when there is no manager. The keeper is asked for nothing.
 * 1. helper_start  2. `ended` is called once, the helper may be started again from there
 * 3. helper_end: kills and reaps it at once (also when it does not run) */
#pragma once
#include "base/loop.h"
#include <sys/types.h>

enum { HELPER_FDS = 4 };

struct helper {
	struct watch watch; /* its pidfd; -1 (or zeroed and not watched): it does not run */
	struct loop *loop;
	pid_t pid;
	void (*ended)(struct helper *helper, bool well);
};

struct helper_job {
	const char *role;     /* of tendd */
	const char *argument; /* NULL: none */
	int executable;       /* -1: it runs here, in the fork */
	int fds[HELPER_FDS];  /* become 3, 4 ...; `count` of them */
	size_t count;
	bool idle;                        /* lowest priority */
	int (*run)(const char *argument); /* where there is no executable: what the role does */
};

int helper_start(struct helper *helper, struct loop *loop, const struct helper_job *job);
bool helper_runs(const struct helper *helper);
void helper_end(struct helper *helper);
