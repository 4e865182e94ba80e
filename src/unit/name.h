/* name: what a unit may be called. The rest is in unit.h. */
#pragma once
#include "base/err.h"

/* only letters that a unit's name may have, not too many and not none; any suffix */
bool name_check_letters(const char *text, struct err *err);
