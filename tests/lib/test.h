/* test: what every C test starts with. cmocka wants these before it, in this order.
 * test_dir gives an empty directory of the test's own below TMPDIR; test_dir_done removes it. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/file.h"
#include "base/str.h"
#include <fcntl.h>
#include <unistd.h>

static inline char *
test_dir(void)
{
	const char *below = getenv("TMPDIR");
	char *path = str_format("%s/test.XXXXXX", below ? below : "/tmp");

	assert_non_null(mkdtemp(path));
	return path;
}

static inline void
test_dir_done(char **path)
{
	assert_int_equal(file_remove_tree(AT_FDCWD, *path), 0);
	free(*path);
	*path = NULL;
}
