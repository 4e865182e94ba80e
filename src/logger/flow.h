/* flow: from one pipe into its log. Used by logger.c and trouble.c.
 * A stream owns its read end and belongs to a log, which it may share with others (standard error
 * with a pipe of its own).
 *
 * Must never: hold a byte; move more than asked for by much (streams take turns). */
#pragma once
#include "base/loop.h"
#include "logger/logfile.h"
#include <sys/types.h>

enum {
	FLOW_PIECE = 1 << 16, /* of one splice; a longer one holds the pipe's lock too long */
	/* Pieces of one stream, then the others' turn. Each piece wakes its writer, often on our
	 * own processor: staying with one stream leaves the others' writers waiting. */
	FLOW_ROUNDS = 2,
};

struct stream {
	struct watch watch; /* its descriptor is ours to close; -1: none */
	uint64_t key;
	struct log *log;
	struct stream *next; /* of the same log */
	uint8_t tag;         /* STORE_OUTPUT, STORE_ERROR */
	uint8_t busy;        /* full pieces in a row, up to FLOW_BUSY */
};

struct flow {
	struct logfiles *files;
	int scratch[2]; /* for looking at what is in a pipe */
	int null;
};

int flow_init(struct flow *flow, struct logfiles *files);
void flow_done(struct flow *flow);
/* a piece, at most `limit`, rotating where it is due; 0: the pipe is empty; -errno of the log */
ssize_t flow_move(struct flow *flow, struct stream *stream, size_t limit);
/* what is in the pipe at this moment, but not more than `most`; 0 or -errno of the log */
int flow_drain(struct flow *flow, struct stream *stream, size_t most);
size_t flow_waiting(const struct stream *stream); /* bytes in the pipe */
bool flow_is_full(const struct stream *stream);   /* its writer waits */
/* at most `most` bytes; those that went */
uint64_t flow_discard(struct flow *flow, struct stream *stream, uint64_t most);
