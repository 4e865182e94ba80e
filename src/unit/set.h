/* set: one key of one unit from text. Used by parse.c; unit_set() is in unit.h. */
#pragma once
#include "unit/value.h"

enum { SET_BY_HAND = UINT16_MAX }; /* place.file of what no file says */

/* Aliases set each of their targets. An empty value takes back what was given before. `file` and
 * `line` as in struct place. Keys without a value are only remembered. */
enum value_result set_key(struct unit *unit, const struct key *key, const char *value,
			  unsigned file, unsigned line, struct err *err);
/* back to the fallback, not given */
void set_reset(struct unit *unit, const struct key *key);
