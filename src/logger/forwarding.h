/* forwarding: lines of logs that are to go to syslog receivers as well. Used by logger.c. One
 * helper process, the forwarder, reads them from the files, as any reader does: the logger stays
 * one that moves bytes, and a receiver that is away costs nothing but the forwarder's patience. It
 * is there only while some log has somewhere to be forwarded to. */
#pragma once
#include "base/map.h"
#include "logger/helper.h"

struct log;

struct forwarding {
	struct loop *loop;
	const struct map *logs; /* struct log by name */
	const char *root_path;
	int executable;
	struct helper helper;
	struct timer timer;
	int64_t delay;
};

void forwarding_init(struct forwarding *forwarding, struct loop *loop, const struct map *logs,
		     const char *root_path, int executable);
void forwarding_done(struct forwarding *forwarding);
/* `addresses`: "" for none; the forwarder is told soon */
void forwarding_set(struct forwarding *forwarding, struct log *log, const char *addresses);
void forwarding_drop(struct forwarding *forwarding, struct log *log); /* the log goes */
