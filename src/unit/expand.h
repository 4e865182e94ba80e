/* expand: specifiers. unit_expand() and unit_expand_command() are in unit.h. */
#pragma once
#include "base/err.h"

/* does the text hold only specifiers that exist? */
bool expand_check(const char *text, struct err *err);
