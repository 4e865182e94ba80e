/* prepare: where the directories of a unit are. Used by prepare.c and planning.c. */
#pragma once
#include "manager/core.h"

/* the absolute paths of RuntimeDirectory= and its like; owned vector, NULL: none (or words in err)
 */
char **prepare_paths(const struct member *member, enum directory_kind kind, struct err *err);
const char *prepare_variable(enum directory_kind kind); /* "RUNTIME_DIRECTORY" */
