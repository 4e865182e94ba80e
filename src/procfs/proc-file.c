/* Whole files of one process, and the lines "Key: value" that many of them are made of. A name in
 * them cannot fake a line: the kernel writes its newlines as \n. */
#include "base/file.h"
#include "procfs/detail.h"
#include "procfs/proc.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
proc_file(pid_t pid, const char *name, size_t max, char **ret_text, size_t *ret_length)
{
	char path[PROC_PATH];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	r = file_read_proc(AT_FDCWD, path, max, ret_text, ret_length);
	return r < 0 ? proc_error(-r) : 0;
}

int
proc_link(pid_t pid, const char *name, char **ret_target)
{
	char path[PROC_PATH], target[PATH_MAX + 64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	n = readlink(path, target, sizeof(target));
	if (n < 0) {
		return proc_error(errno);
	}
	*ret_target = str_dup_n(target, (size_t)n);
	return 0;
}

/* where the value of `key` begins, or NULL */
static const char *
find(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ':') {
			return line + n + 1;
		}
	}
	return NULL;
}

char *
proc_field(const char *text, const char *key)
{
	const char *value = find(text, key);
	size_t n;

	if (!value) {
		return NULL;
	}
	value += strspn(value, " \t");
	n = strcspn(value, "\n");
	while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t')) {
		n--;
	}
	return str_dup_n(value, n);
}

bool
proc_field_number(const char *text, const char *key, int base, uint64_t *ret_number)
{
	const char *value = find(text, key);

	if (!value || !isxdigit((unsigned char)value[strspn(value, " \t")])) {
		return false;
	}
	*ret_number = strtoull(value, NULL, base);
	return true;
}

bool
proc_undelete(char *path)
{
	static const char mark[] = " (deleted)";

	if (!str_ends(path, mark)) {
		return false;
	}
	path[strlen(path) - (sizeof(mark) - 1)] = '\0';
	return true;
}
