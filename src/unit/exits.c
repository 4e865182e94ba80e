/* exits: asking a set of codes and signals. */
#include "unit/unit.h"

bool
exits_has_code(const struct exit_set *set, int code)
{
	return set->bits != NULL && code >= 0 && code <= 255 &&
	       (set->bits->codes[code / 64] >> (code % 64) & 1) != 0;
}

bool
exits_has_signal(const struct exit_set *set, int signal)
{
	return set->bits != NULL && signal >= 1 && signal <= 64 &&
	       (set->bits->signals >> (signal - 1) & 1) != 0;
}
