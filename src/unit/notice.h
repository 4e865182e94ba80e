/* notice: what a person should know about a unit file. notice_free() is in unit.h. */
#pragma once
#include "unit/unit.h"

/* `file` and `key` may be NULL; copies everything */
void notice_add(struct list *notices, enum notice_kind kind, const char *file, unsigned line,
		const char *key, const char *format, ...) PRINTF(6, 7);
