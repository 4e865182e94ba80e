/* marks: starts and ends of runs, at the byte of the log where they happened. Used by logger.c.
 *
 * Must never: depend on how late the frame is read; let what a run writes stand under another. */
#pragma once
#include "link/link.h"
#include "logger/trouble.h"

struct marks { /* what they are written with */
	struct logfiles *files;
	struct flow *flow;
	struct troubles *troubles;
	int (*drain)(struct log *log); /* all that is in its pipes into the file; 0 or -errno */
};

void marks_take(const struct marks *marks, struct stream *stream, const struct frame *frame);
/* the start of this run is marked when the log is made */
void marks_owe(struct log *log, int64_t run, int64_t time, pid_t pid);
