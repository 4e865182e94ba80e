/* keeper: forks, reaps, holds descriptors, and starts manager and logger again whenever they end.
 * The door of this folder. It knows no unit, no state, no text; it allocates nothing after its
 * start and has no limit that it could crash into: what does not fit is refused.
 *
 * Born with the descriptors of enum role_fd at their numbers: LOCK, LISTEN, EXECUTABLE always (LOCK
 * and LISTEN may be missing), LINK, LOGGER and LOGGER_END when a manager starts it, TABLE and NEXT
 * after an upgrade. */
#pragma once
#include "base/attr.h"

enum keeper_birth {
	KEEPER_FRESH,      /* by tendd's main: starts manager and logger */
	KEEPER_BY_MANAGER, /* net 2: the keeper before it died; HELLO and ADOPT_LOGGER are in the
			      socket already */
	KEEPER_UPGRADED,   /* it was the keeper of another build a moment ago: everything is in its
			      table */
};

struct keeper_start {
	enum keeper_birth birth;
	char *const *arguments; /* handed on to every role it starts, after "--role NAME"; ends in
				   NULL. Borrowed */
};

/* Returns the exit status of the process, after END. Signals need no preparation. */
int keeper_run(const struct keeper_start *start);

/* Run by a keeper that is asked to become another build, in a child of its own that has executed
 * that build with
 * "--role keeper --probe": could this build take over the table at ROLE_FD_TABLE? The exit status.
 */
enum keeper_probe {
	KEEPER_PROBE_SAME = 80,
	KEEPER_PROBE_TABLE_DIFFERS,
	KEEPER_PROBE_FRAMES_DIFFER
};
int keeper_probe(void);
