/* The few words for a state that people see. */
#include "states/states.h"

static const char *const names[] = {
	[SHOWN_STARTING] = "starting", [SHOWN_RUNNING] = "running", [SHOWN_RELOADING] = "reloading",
	[SHOWN_STOPPING] = "stopping", [SHOWN_STOPPED] = "stopped", [SHOWN_WAITING] = "waiting",
	[SHOWN_FAILED] = "failed",     [SHOWN_DONE] = "done",
};
_Static_assert(COUNT(names) == SHOWN_COUNT, "a word for each");

const char *
shown_name(enum shown shown)
{
	return (unsigned)shown < COUNT(names) ? names[shown] : "?";
}
