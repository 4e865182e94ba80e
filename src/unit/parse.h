/* parse: one file's lines into a unit. unit_parse() is in unit.h; load.c reads a unit's files
 * one after the other. */
#pragma once
#include "unit/unit.h"

/* config.c: a key that only tend.conf has; NULL */
const struct key *config_find(const char *name);

/* `file` as in struct place. What is wrong becomes notices, and unit->bad where it matters. */
void parse_text(struct unit *unit, const char *text, size_t length, unsigned file);
/* the same of tend.conf */
void parse_config(struct unit *unit, const char *text, size_t length);
