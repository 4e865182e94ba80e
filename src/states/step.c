/* A step is one of the unit's lists of commands; its name is the key that sets the list. */
#include "states/states.h"
#include <stddef.h>

static const struct {
	const char *name;
	size_t offset;
} steps[] = {
	[STEP_NONE] = { "none", 0 },
	[STEP_CONDITION] = { "ExecCondition", offsetof(struct unit, exec_condition) },
	[STEP_PRE] = { "ExecStartPre", offsetof(struct unit, exec_start_pre) },
	[STEP_START] = { "ExecStart", offsetof(struct unit, exec_start) },
	[STEP_POST] = { "ExecStartPost", offsetof(struct unit, exec_start_post) },
	[STEP_RELOAD] = { "ExecReload", offsetof(struct unit, exec_reload) },
	[STEP_STOP] = { "ExecStop", offsetof(struct unit, exec_stop) },
	[STEP_STOP_POST] = { "ExecStopPost", offsetof(struct unit, exec_stop_post) },
};
_Static_assert(COUNT(steps) == STEP_COUNT, "a row for each step");

const char *
step_name(enum step step)
{
	return (unsigned)step < COUNT(steps) ? steps[step].name : "?";
}

const struct commands *
step_commands(const struct unit *unit, enum step step)
{
	static const struct commands none;

	if (step == STEP_NONE || (unsigned)step >= COUNT(steps)) {
		return &none;
	}
	return (const struct commands *)(const void *)((const char *)unit + steps[step].offset);
}
