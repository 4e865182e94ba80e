/* check: what only a bug (or the end of memory) can break. Says where and aborts; whoever kept this
 * process alive starts it again. Never for input. */
#pragma once
#include "base/attr.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			check_failed(#condition, __FILE__, __LINE__);                              \
		}                                                                                  \
	} while (0)

void check_failed(const char *condition, const char *file, int line) NORETURN;
