/* places: where everything of one tend is on disk. The client, tendd and its manager find the same
 * places from the same environment; nothing else decides about paths.
 *
 * TEND_HOME=/dir (environment) moves all of it below one directory. Without it: DESIGN 4, the
 * user's by XDG, the system's by the file hierarchy standard.
 *
 * 1. places_find  2. tendd: places_make; others: places_check before they connect  3. places_done
 * Must never: follow a symlink into, or accept, a runtime directory that somebody else could have
 * made. */
#pragma once
#include "base/err.h"

enum places_whose {
	PLACES_DEFAULT, /* root: the system's, others: their own */
	PLACES_USER,
	PLACES_SYSTEM
};

struct places {
	bool system;
	char *home;   /* TEND_HOME made absolute, or NULL */
	char **units; /* directories of unit files, the first wins; the transient one is among them
		       */
	char *transient; /* where `tend run` writes its units and their environments */
	char *config;    /* the first directory of units by hand: `enable` and `edit` write there */
	char *log;       /* log/NAME/ */
	char *runs;      /* records of ended runs */
	char *run;       /* the runtime directory, 0700; all below is in it: */
	char *socket;    /* run/socket */
	char *lock;      /* run/lock */
	char *ledger;    /* run/ledger/ */
	char *notify;    /* run/notify/ */
	char *trace;     /* run/tendd.log */
};

bool places_find(enum places_whose whose, struct places *ret_places, struct err *err);
void places_done(struct places *places);
/* makes run (checked, 0700), ledger, notify, transient, log and runs */
bool places_make(const struct places *places, struct err *err);
/* the runtime directory is there, is the right user's alone and no symlink; false with err->number
 * ENOENT: not there */
bool places_check(const struct places *places, struct err *err);
