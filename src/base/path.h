/* path: names of files, without touching the disk. */
#pragma once
#include "base/attr.h"

char *path_join(const char *directory, const char *name); /* owned */
const char *path_base(const char *path);                  /* after the last slash; borrowed */
char *path_dir(const char *path);                         /* "." if none; owned */
bool path_is_absolute(const char *path);
/* absolute, no "//", "/./" nor trailing slash; ".." is refused */
bool path_is_clean(const char *path);
char *path_clean(const char *path); /* simplified copy, ".." kept */
/* executable named as a shell would find it: absolute or with a slash as it is, else looked up in
 * the colon-separated `search`; owned, or NULL with errno ENOENT / EACCES */
char *path_find_program(const char *name, const char *search);
