/* exits: asking a set of codes and signals. */
#include "unit/unit.h"

bool
exits_has_code(const struct exit_set *set, int code)
{
	return code >= 0 && code <= 255 && (set->codes[code / 64] >> (code % 64) & 1) != 0;
}

bool
exits_has_signal(const struct exit_set *set, int signal)
{
	return signal >= 1 && signal <= 64 && (set->signals >> (signal - 1) & 1) != 0;
}
