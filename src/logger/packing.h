/* packing: closed segments are compressed by a helper process, one at a time. Used by logger.c and
 * logfile-rotate.c. Where there is nothing to pack there is no process, no timer and nothing to
 * remember; what is to be packed is told by the directories alone.
 *
 * Must never: remove a plain segment whose packed one is not complete and on the disk. */
#pragma once
#include "base/map.h"
#include "logger/helper.h"

struct logfiles;

struct packing {
	struct loop *loop;
	struct logfiles *files;
	int executable;    /* of tendd; -1: the fork itself packs */
	struct map wanted; /* names of logs that may have closed segments that are plain */
	struct helper helper;
	struct timer timer;
	char *log, *segment; /* what is being packed */
	unsigned failures;   /* in a row */
};

void packing_init(struct packing *packing, struct loop *loop, struct logfiles *files,
		  int executable);
void packing_done(struct packing *packing); /* a helper is killed: the next logger begins anew */
/* this log may have something to pack */
void packing_want(struct packing *packing, const char *log);
