/* renice: what `tend nice` sets of a process, and how. Owns nothing.
 * The caller holds a pidfd of the process and looks after renice_set whether it still lives: then
 * it was that process which was changed. */
#pragma once
#include "base/err.h"
#include <sched.h>
#include <sys/types.h>

struct renice {
	bool has_nice, has_class, has_io, has_cpus, has_oom;
	int nice, class, priority, io, oom;
	cpu_set_t cpus;
};
bool renice_parse_io(const char *text, int *ret_io, struct err *err);
bool renice_parse_cpus(const char *text, cpu_set_t *ret_cpus, struct err *err);
int renice_set(const struct renice *renice, pid_t pid); /* all its threads; -errno */
/* as they are set now; owned, "-" when it is not to be told */
char *renice_io(pid_t pid);
char *renice_cpus(pid_t pid);
char *renice_oom(pid_t pid);
