/* The second word of a state: why a unit is down. Users read it, records keep it: words never
 * change their meaning. */
#include "states/states.h"

static const char *const whys[] = {
	[WHY_NONE] = "none",
	[WHY_ASKED] = "asked",
	[WHY_EXIT_CODE] = "exit-code",
	[WHY_SIGNAL] = "signal",
	[WHY_CORE] = "core",
	[WHY_OOM] = "oom",
	[WHY_TIMEOUT] = "timeout",
	[WHY_RUNTIME] = "runtime",
	[WHY_WATCHDOG] = "watchdog",
	[WHY_DEPENDENCY] = "dependency",
	[WHY_START_LIMIT] = "start-limit",
	[WHY_EXEC] = "exec",
	[WHY_PROTOCOL] = "protocol",
	[WHY_CONDITION] = "condition",
	[WHY_UNKNOWN] = "unknown",
	[WHY_SURVIVORS] = "survivors",
};
_Static_assert(COUNT(whys) == WHY_COUNT, "a word for each reason");

static const char *const showns[] = {
	[SHOWN_STARTING] = "starting", [SHOWN_RUNNING] = "running", [SHOWN_RELOADING] = "reloading",
	[SHOWN_STOPPING] = "stopping", [SHOWN_STOPPED] = "stopped", [SHOWN_WAITING] = "waiting",
	[SHOWN_FAILED] = "failed",     [SHOWN_DONE] = "done",
};
_Static_assert(COUNT(showns) == SHOWN_COUNT, "a word for each");

const char *
shown_name(enum shown shown)
{
	return (unsigned)shown < COUNT(showns) ? showns[shown] : "?";
}

const char *
why_name(enum why why)
{
	return (unsigned)why < COUNT(whys) ? whys[why] : "?";
}
