/* parse: one file's lines into a unit. unit_parse() is in unit.h; load.c reads a unit's files
 * one after the other. */
#pragma once
#include "unit/unit.h"

/* `file` as in struct place. What is wrong becomes notices, and unit->bad where it matters. */
void parse_text(struct unit *unit, const char *text, size_t length, unsigned file);
