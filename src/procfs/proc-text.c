/* What a process was started with and where it is: the files that hold strings. They are as long
 * as the process likes, so what is shown is cut, and what is looked for is looked for while
 * reading. */
#include "base/check.h"
#include "base/fd.h"
#include "base/file.h"
#include "procfs/proc.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_MAX = 4096, ARGV_MAX = 8 << 20, ENVIRON_MAX = 8 << 20, PIECE = 16 << 10 };

int
proc_uid(pid_t pid, uid_t *ret_uid)
{
	char text[2048];
	ssize_t n = proc_read(pid, "status", text, sizeof(text));
	const char *at;

	if (n < 0) {
		return (int)n;
	}
	at = strstr(text, "\nUid:\t");
	if (!at) {
		return -ESRCH;
	}
	at += 6;
	(void)proc_number(&at); /* the real one */
	*ret_uid = (uid_t)proc_number(&at);
	return 0;
}

static void
make_showable(char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\0') {
			text[i] = ' ';
		} else if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
			text[i] = '?';
		}
	}
}

char *
proc_command(pid_t pid)
{
	char text[COMMAND_MAX];
	struct proc_stat stat;
	ssize_t n = proc_read(pid, "cmdline", text, sizeof(text));

	while (n > 0 && (text[n - 1] == '\0' || text[n - 1] == ' ')) {
		n--;
	}
	if (n > 0) {
		make_showable(text, (size_t)n);
		return str_dup_n(text, (size_t)n);
	}
	if (n < 0 || proc_stat(pid, &stat) < 0) {
		return NULL;
	}
	make_showable(stat.comm, strlen(stat.comm));
	return str_format("[%s]", stat.comm);
}

char **
proc_argv(pid_t pid)
{
	autofree char *text = NULL;
	char path[PROC_PATH];
	char **argv = NULL;
	size_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	if (file_read_proc(AT_FDCWD, path, ARGV_MAX, &text, &n) < 0) {
		return NULL;
	}
	for (size_t at = 0; at < n; at += strlen(text + at) + 1) {
		strv_add(&argv, text + at);
	}
	return argv;
}

struct search {
	const char *wanted;
	size_t at;  /* of wanted */
	bool equal; /* so far, since the last NUL */
};

static bool
search_piece(struct search *search, const char *piece, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (search->equal && piece[i] == search->wanted[search->at]) {
			if (piece[i] == '\0') {
				return true;
			}
			search->at++;
		} else {
			search->equal = piece[i] == '\0';
			search->at = 0;
		}
	}
	return false;
}

int
proc_environ_has(pid_t pid, const char *assignment)
{
	autoclose int fd = proc_open(pid, "environ", O_RDONLY);
	struct search search = { .wanted = assignment, .equal = true };
	char piece[PIECE];

	if (!fd_is_open(fd)) {
		return fd;
	}
	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));

		if (n < 0) {
			return proc_error(errno);
		}
		if (n == 0) { /* the last may lack its NUL */
			return search_piece(&search, "", 1) && *assignment;
		}
		if (search_piece(&search, piece, (size_t)n)) {
			return 1;
		}
	}
}

int
proc_environ_value(pid_t pid, const char *name, char **ret_value)
{
	autofree char *text = NULL;
	char path[PROC_PATH];
	size_t n, length = strlen(name);
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	r = file_read_proc(AT_FDCWD, path, ENVIRON_MAX, &text, &n);
	if (r < 0) {
		return proc_error(-r);
	}
	for (size_t at = 0; at < n; at += strlen(text + at) + 1) {
		if (strncmp(text + at, name, length) == 0 && text[at + length] == '=') {
			*ret_value = str_dup(text + at + length + 1);
			return 0;
		}
	}
	return -ENOENT;
}

char *
proc_cwd(pid_t pid)
{
	char link[PROC_PATH], path[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
	n = readlink(link, path, sizeof(path));
	return n > 0 && (size_t)n < sizeof(path) ? str_dup_n(path, (size_t)n) : NULL;
}

uint64_t
proc_pss(pid_t pid)
{
	char text[2048];
	const char *at;

	if (proc_read(pid, "smaps_rollup", text, sizeof(text)) < 0) {
		return 0;
	}
	at = strstr(text, "\nPss:");
	if (!at) {
		return 0;
	}
	at += 5;
	return (uint64_t)proc_number(&at) * 1024;
}
