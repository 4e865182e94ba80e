/* decode: JSON text made a tree of jansson's values. Used by both ends for every message.
 * Strict as jansson is, and in the same words of the standard: UTF-8 is checked, NUL inside a
 * string (also as \u0000), lone surrogates, numbers out of range and anything after the value are
 * refused. */
#pragma once
#include "base/err.h"
#include <jansson.h>

enum { DECODE_DEPTH = 64 };

/* text[n] must be NUL. At most `values` values, so that a small text cannot become a huge tree;
 * 0: any number. NULL with words in err */
json_t *decode_json(const char *text, size_t n, size_t values, struct err *err);
/* the length of the UTF-8 sequence of two bytes and more at `s`; 0: it is none (overlong, a
 * surrogate, cut) */
size_t decode_sequence(const char *s);
