/* init: the first process of a container, for one command: it passes signals on, reaps what is
 * orphaned and ends with the command's exit code. A program of its own (tend-init), because it
 * lives as long as the container does: libc and a little of base, no allocation, nothing of tendd.
 * `tend init` executes it.
 *
 * Life: 1. init_options reads the command line  2. init.c starts the command and sleeps in
 * sigwaitinfo() for all there is to do  3. init_end gives what outlived the command its time. */
#pragma once
#include "base/attr.h"
#include <signal.h>
#include <sys/types.h>

enum init_exit { /* of its own; else it is the command's */
		 INIT_FAILED = 1,
		 INIT_USAGE = 2,
		 INIT_NOT_RUN = 126,
		 INIT_NOT_FOUND = 127,
		 INIT_SIGNALLED = 128, /* and the signal */
};

enum { INIT_CODES = 256, INIT_SAME = 0xff, INIT_SWALLOWED = 0 };

struct init {
	bool group; /* signals go to the command's process group */
	bool warn;  /* each orphan that is reaped is told */
	bool pause; /* there is no command: it sits there until it is told to end */
	unsigned verbose;
	int parent_death;          /* the signal to get when our parent ends; 0: none */
	int64_t grace;             /* ns for what is left when the command has ended */
	uint8_t rewrite[NSIG];     /* a signal becomes this one; INIT_SAME, INIT_SWALLOWED */
	bool forgiven[INIT_CODES]; /* exit codes that become 0 */
	char **command;
	pid_t child;   /* 0: has ended (or there is none) */
	bool terminal; /* the command has the terminal's foreground that we had */
};

/* false: all is said and *ret_code is the exit code */
bool init_options(struct init *init, const char *name, char **words, int *ret_code);
void init_say(const char *format, ...) PRINTF(1, 2); /* a line to standard error */
/* SIGTERM to all that is left, SIGKILL to what is left after the grace */
void init_end(const struct init *init, const sigset_t *waited);
