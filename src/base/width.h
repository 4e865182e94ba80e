/* width: terminal columns of UTF-8 text, with a table of our own so that it does not depend on a
 * locale. */
#pragma once
#include "base/attr.h"

/* one code point from s (n bytes); length consumed, at least 1; *ret_code is -1 for an invalid byte
 */
size_t width_decode(const char *s, size_t n, int32_t *ret_code);
int width_of(int32_t code);       /* 0, 1 or 2; -1 control characters */
size_t width_text(const char *s); /* columns of the whole text, control counted as 1 */
bool width_is_utf8(const char *s, size_t n);
/* makes text harmless on a terminal: control characters (but \n and \t when `lines`) shown as \x1b
 * etc.; owned */
char *width_harmless(const char *s, size_t n, bool lines);
/* at most `columns` wide, with an ellipsis when cut; owned */
char *width_cut(const char *s, size_t columns);
