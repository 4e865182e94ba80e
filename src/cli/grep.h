/* grep: the pattern of `tend logs --grep`, Perl's syntax, compiled. Used by the files of logs.
 * 1. grep_new  2. grep_find, grep_span ...  3. grep_free
 * Must never: find something that spans two lines, take longer than a pattern is worth (what it
 * gave up is counted). */
#pragma once
#include "base/err.h"

struct grep;
enum grep_case { GREP_SMART, GREP_IGNORE, GREP_EXACT }; /* smart: exact if it has a capital */
struct grep *grep_new(const char *pattern, enum grep_case how, bool invert, struct err *err);
struct grep *grep_free(struct grep *grep);
/* as struct reader_search wants it */
bool grep_find(void *grep, const char *bytes, size_t n, size_t *ret_from);
bool grep_by_line(const struct grep *grep); /* only one line at a time is searched rightly */
/* the next place from `at` on in a line that is to be shown bright; false: there is none */
bool grep_span(struct grep *grep, const char *line, size_t n, size_t at, size_t *ret_from,
	       size_t *ret_to);
size_t grep_gave_up(const struct grep *grep); /* lines on which matching took too long */
