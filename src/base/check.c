/* Says it with one write and without the heap, which may be what is broken; abort leaves a core. */
#include "base/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void
check_failed(const char *condition, const char *file, int line)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s:%d: CHECK failed: %s\n", file, line, condition);

	if (n > 0) {
		size_t length = MIN((size_t)n, sizeof(text) - 1);
		ssize_t written = write(STDERR_FILENO, text, length);

		(void)written; /* nobody left to tell */
	}
	abort();
}
