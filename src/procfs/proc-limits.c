/* /proc/PID/limits: columns of fixed width, for the names in the first have blanks. */
#include "procfs/detail.h"
#include "procfs/proc.h"
#include <string.h>

enum { LIMITS_SIZE = 8192, SOFT_AT = 26, HARD_AT = 47, UNIT_AT = 68 };

static void
copy_word(char *to, size_t size, const char *from, size_t n)
{
	while (n > 0 && from[n - 1] == ' ') {
		n--;
	}
	n = MIN(n, size - 1);
	memcpy(to, from, n);
	to[n] = '\0';
}

static uint64_t
value(const char *text)
{
	return str_starts(text, "unlimited") ? UINT64_MAX : strtoull(text, NULL, 10);
}

static bool
parse(const char *line, size_t n, struct proc_limit *ret_limit)
{
	struct proc_limit limit = { 0 };

	if (n <= HARD_AT || !str_starts(line, "Max ")) {
		return false; /* the titles */
	}
	copy_word(limit.name, sizeof(limit.name), line + 4, SOFT_AT - 4);
	limit.soft = value(line + SOFT_AT);
	limit.hard = value(line + HARD_AT);
	if (n > UNIT_AT) {
		copy_word(limit.unit, sizeof(limit.unit), line + UNIT_AT, n - UNIT_AT);
	}
	*ret_limit = limit;
	return true;
}

int
proc_limits(pid_t pid, struct proc_limit ret_limits[PROC_LIMITS], size_t *ret_count)
{
	char text[LIMITS_SIZE];
	ssize_t n = proc_read(pid, "limits", text, sizeof(text));
	size_t count = 0;

	if (n < 0) {
		return (int)n;
	}
	for (const char *line = text; *line && count < PROC_LIMITS;) {
		size_t length = strcspn(line, "\n");

		count += parse(line, length, &ret_limits[count]);
		line += length + (line[length] != '\0');
	}
	*ret_count = count;
	return 0;
}
