/* adopt: what adopt.c, alive.c and revive.c share. */
#pragma once
#include "manager/core.h"

struct stray { /* a child of the keeper that no ledger knows */
	uint64_t number;
	pid_t pid;
	int pidfd;
};

struct adoption {
	struct stray *strays;
	size_t stray_count, stray_size;
	char **damaged; /* names of units whose ledger could not be used */
	bool look; /* tendd did not end by itself: units may live of which there is no ledger */
};

/* alive.c: asking the live processes */
/* the oldest process of this run that is no part of it yet, 0 if there is none */
pid_t alive_of_invocation(const struct member *member);
/* finds out from the processes' environments which units of `damaged` live, and puts those into the
 * state in which they would be: started, with the main process that is there */
void alive_take_over(struct manager *manager);

/* this process is the part from now on: not the keeper's, so watched by pidfd. False: it has gone
 * meanwhile */
bool adopt_process(struct child *child, pid_t pid, uint64_t start);
