/* trouble: a log that cannot be written now (the disk is full, an I/O error, no permission). Its
 * services are not stopped for longer than their pipes last: what is in a full pipe is dropped,
 * counted, and marked. Used by logger.c. Exists only as long as it lasts; log->trouble owns it.
 *
 * 1. trouble_begin  2. trouble_try at every event of a stream; it tries by itself, too, and ends
 * itself */
#pragma once
#include "logger/answers.h"
#include "logger/flow.h"

struct troubles { /* what all troubles share */
	struct loop *loop;
	struct flow *flow;
	void (*tell)(struct answer answer);
};

void trouble_begin(struct troubles *troubles, struct log *log, int error);
/* writes what can be written, drops what must be dropped; `arrived`: called for bytes that have
 * just come. 0: it is over, else -errno */
int trouble_try(struct log *log, bool arrived);
/* a mark that cannot be written now; the oldest is lost when there are too many */
void trouble_mark(struct log *log, const struct store_record *mark);
/* the stream goes, and its log cannot be written: what is in its pipe is dropped, and marked */
void trouble_give_up(struct stream *stream);
/* the log goes: no tries any more */
void trouble_end(struct log *log);
