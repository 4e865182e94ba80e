/* closure: what is started together with a unit, each after what it is ordered after.
 * Used by depend.c, and by the verbs that start several units. Owns its lists, not the members.
 *
 * 1. closure_make  2. read list[0 .. count)  3. closure_done, also after a failure */
#pragma once
#include "manager/core.h"

struct closure {
	struct member **list;
	size_t count, size;
	struct member **path; /* being visited: for naming a cycle */
	size_t depth, path_size;
};

/* the unit with all it requires and wants; false with words: a missing one, a circle */
bool closure_make(struct closure *ret_closure, struct member *member, struct err *err);
void closure_done(struct closure *closure);
/* for each of these, which are started at the same time: NULL, or the circle of After= that it is
 * in, in words; the array and its strings are owned by the caller, it has count + 1 places */
char **closure_circles(struct member *const *members, size_t count);
