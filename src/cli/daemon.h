/* daemon: how a process becomes one, by the book: a session of its own that it does not lead (so it
 * never gets a terminal), nothing open that it was not given, its own directory, umask and user.
 * Used by cmd-daemonize.c, which waits for what is reported. */
#pragma once
#include "base/attr.h"
#include <sys/types.h>

struct err;
struct pidfile;

struct daemon {
	char **command;
	const char *program; /* found already */
	char **environment;
	const char *directory;
	mode_t umask;
	int nice; /* DAEMON_SAME: as it is */
	bool changes_user;
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* owned */
	size_t group_count;
	int places[3];            /* its standard input, output, error */
	struct pidfile *files[2]; /* written by it; NULL: none */
	int report;               /* the way back; closed by the exec */
};
enum { DAEMON_SAME = 1000 };

enum daemon_step {
	DAEMON_RUNS, /* no failure: its pid */
	DAEMON_FORK,
	DAEMON_PIDFILE,
	DAEMON_PLACES,
	DAEMON_NICE,
	DAEMON_GROUPS,
	DAEMON_GID,
	DAEMON_UID,
	DAEMON_DIRECTORY,
	DAEMON_EXEC,
	DAEMON_STEPS
};
struct daemon_report {
	enum daemon_step step;
	int value; /* pid or errno */
};

/* in a child; its exit status is of no interest */
void daemon_become(const struct daemon *daemon) NORETURN;
const char *daemon_step_words(enum daemon_step step);

/* ---- daemon-await.c ---- */
enum daemon_ready { DAEMON_READY_EXEC, DAEMON_READY_NOTIFY, DAEMON_READY_PIDFILE };

struct daemon_wait {
	const struct daemon *daemon;
	const struct pidfile *pidfile;
	enum daemon_ready until_what;
	int64_t until;                     /* the time it has */
	int report, notify, inotify, ends; /* -1: none */
	pid_t first;                       /* the process that was started */
	pid_t pid;                         /* of the daemon, which may be one that it has forked */
	bool execed, ready;
};

int daemon_watch_ends(void); /* readable when a child has ended; before the fork */
/* false: nothing runs (any more), words in err */
bool daemon_await(struct daemon_wait *wait, struct err *err);
