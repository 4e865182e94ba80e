/* The second word of a state: why a unit is down. Users read it, records keep it: words never
 * change their meaning. */
#include "states/states.h"

static const char *const names[] = {
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
_Static_assert(COUNT(names) == WHY_COUNT, "a word for each reason");

const char *
why_name(enum why why)
{
	return (unsigned)why < COUNT(names) ? names[why] : "?";
}
