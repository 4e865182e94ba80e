/* logger: the role of tendd that moves what children write from pipes to files, and nothing else.
 *
 * Started by the keeper with the fixed descriptors of link/link.h (its end of the manager's socket
 * is ROLE_FD_LOGGER). Owns the read ends it is given and the log root while it holds the lock
 * there.
 *
 * Must never: keep a byte of a log in its memory (peeked-at copies aside), so that SIGKILL loses
 * none and doubles none; let the trouble of one log touch another; wake up when nothing is written.
 * */
#pragma once

struct logger_start {
	const char *log_root; /* absolute; made when it is missing */
	int executable; /* of tendd, for its helpers; -1: they are forks that execute nothing */
};

/* until SIGTERM or until keeper and manager have closed the socket; what is in the pipes then is
 * written first. The exit status */
int logger_run(const struct logger_start *start);
/* the role of its helper: packs this closed segment; its directory is descriptor 3. Exit status */
int logger_pack(const char *segment);
/* the same of the forwarder (forwarder.c): what it does is in descriptor 3; until it is killed */
int logger_forward(const char *argument);
