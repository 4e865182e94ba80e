/* care: what is asked of logs by people: everything into the files, a new segment, old ones away.
 * Used by logger.c. It works on logs that are written to and on those of which only the directory
 * is left. */
#pragma once
#include "link/link.h"
#include "logger/logfile.h"

struct care {
	struct logfiles *files;
	int (*drain)(struct log *log);               /* 0, or it is in trouble now */
	void (*trouble)(struct log *log, int error); /* it cannot be written */
};

/* 0 or -errno of the first log with which something is wrong; the others are taken care of all the
 * same */
int care_take(const struct care *care, const struct frame *frame, uint64_t *ret_gone);
