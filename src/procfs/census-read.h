/* census-read: the files of one process, for a census. Included by census*.c alone. */
#pragma once
#include "procfs/census.h"
#include "procfs/proc.h"

enum { CENSUS_BUFFER = 64 << 10 };

/* the file's beginning, NUL-terminated, in census->buffer; bytes or -ESRCH, -EPERM ... */
ssize_t census_read_file(struct census *census, pid_t pid, const char *name);
int census_read_stat(struct census *census, pid_t pid, struct proc_stat *ret_stat);
/* each of the wanted files; those that cannot be read stay empty */
void census_read_more(struct census *census, struct process *process, unsigned want);
/* the cpu clock of any process, all its threads, in nanoseconds; false: gone, or not ours to ask */
bool census_read_clock(const struct census *census, pid_t pid, uint64_t *ret_ns);
