/* when: a moment in words, as systemd reads them and people type them, to wall-clock nanoseconds.
 *     now  today  yesterday 14:00  tomorrow  14:00  14:00:05.250  2026-11-29  2026-11-29 03:00:05
 *     Sun 2026-11-29 03:00  2026-11-29T03:00:05+01:00  2026-11-29 03:00 UTC  @1795921205.5
 *     10 min ago  -1h  +2h30min  1 day ago
 * Used by cli/. Must never read the clock: the caller says when now is. The zone is the local one
 * (TZ) or UTC; a day is what the calendar says, also where clocks are changed. */
#pragma once
#include "base/attr.h"

/* 0, -EINVAL, or -ERANGE (before 1970, after 2250) */
int when_parse(const char *text, int64_t now, bool utc, int64_t *ret_wall);
