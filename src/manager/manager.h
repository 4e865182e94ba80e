/* manager: decides. The door of this folder.
 * It never forks (one exception: a new keeper, when the keeper died) and is nobody's parent, so it
 * may crash, be killed or be replaced at any moment: everything it must know again is in the
 * ledger, the keeper's table and /proc. */
#pragma once
#include "wire/places.h"
#include <sys/resource.h>

struct manager_start {
	struct places places;
	rlim_t nofile_soft; /* the soft limit that tendd was started with: what children get */
};

/* with the descriptors of enum role_fd; returns the exit status of the process */
int manager_run(const struct manager_start *start);
