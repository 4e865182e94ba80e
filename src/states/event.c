/* Words for events, as stories and traces show them. */
#include "states/states.h"

static const char *const names[] = {
	[EVENT_ASKED_START] = "asked-start",
	[EVENT_ASKED_STOP] = "asked-stop",
	[EVENT_ASKED_RESTART] = "asked-restart",
	[EVENT_ASKED_RELOAD] = "asked-reload",
	[EVENT_ASKED_RESET] = "asked-reset",
	[EVENT_RELEASED] = "released",
	[EVENT_DEPENDENCY] = "dependency",
	[EVENT_PREPARED] = "prepared",
	[EVENT_UNPREPARED] = "unprepared",
	[EVENT_EXECED] = "execed",
	[EVENT_LAUNCH_FAILED] = "launch-failed",
	[EVENT_EXITED] = "exited",
	[EVENT_MAIN_FOUND] = "main-found",
	[EVENT_MAIN_MISSING] = "main-missing",
	[EVENT_READY] = "ready",
	[EVENT_RELOADING] = "reloading",
	[EVENT_STOPPING] = "stopping",
	[EVENT_ALIVE] = "alive",
	[EVENT_TRIGGER] = "trigger",
	[EVENT_OOM] = "oom",
	[EVENT_EXTEND] = "extend",
	[EVENT_WATCHDOG_SPAN] = "watchdog-span",
	[EVENT_EMPTY] = "empty",
	[EVENT_REMAIN] = "remain",
	[EVENT_SURVIVED] = "survived",
	[EVENT_DEADLINE] = "deadline",
};
_Static_assert(COUNT(names) == EVENT_COUNT, "a name for each event");

const char *
event_name(enum event_kind kind)
{
	return (unsigned)kind < COUNT(names) ? names[kind] : "?";
}
