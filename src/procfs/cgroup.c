/* Control groups of version 2, wherever that hierarchy is mounted: alone at /sys/fs/cgroup, or
 * beside version 1 at /sys/fs/cgroup/unified, or at a place of somebody's own with only a part of
 * the tree. Nothing of version 1 is used. */
#include "base/fd.h"
#include "base/file.h"
#include "procfs/detail.h"
#include "procfs/proc.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MOUNTS_MAX = 16 << 20,
	PROCS_MAX = 16 << 20,
	FLAT_MAX = 16 << 10,
	OWN_MAX = 1 << 20,
	DEPTH_MAX = 64
};

/* "0::/path" of /proc/self/cgroup; NULL: there is no version 2, or it lies outside of our
 * namespace */
static char *
own_path(void)
{
	autofree char *text = NULL;
	char *line;

	if (file_read_proc(AT_FDCWD, "/proc/self/cgroup", OWN_MAX, &text, NULL) < 0) {
		return NULL;
	}
	line = str_starts(text, "0::/") ? text : strstr(text, "\n0::/");
	if (!line) {
		return NULL;
	}
	line = strchr(line, '/');
	line[strcspn(line, "\n")] = '\0';
	return str_starts(line, "/..") ? NULL : str_dup(line);
}

static void
unescape(char *text) /* mountinfo writes blanks and the like as \040 */
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static bool
is_below(const char *path, const char *root)
{
	size_t n = strlen(root);

	return strcmp(root, "/") == 0 ||
	       (strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

/* a line of mountinfo: "id parent maj:min ROOT POINT options fields... - TYPE source options" */
static char *
group_in_mount(char *line, const char *path)
{
	char *type = strstr(line, " - "), *field[5], *rest = line;
	const char *below;

	if (!type || !str_starts(type, " - cgroup2 ")) {
		return NULL;
	}
	for (size_t i = 0; i < COUNT(field); i++) {
		field[i] = strsep(&rest, " ");
		if (!rest) {
			return NULL;
		}
	}
	unescape(field[3]);
	unescape(field[4]);
	if (!is_below(path, field[3])) {
		return NULL;
	}
	below = path + (strcmp(field[3], "/") == 0 ? 0 : strlen(field[3]));
	return str_format("%s%s", field[4], strcmp(below, "/") == 0 ? "" : below);
}

/* where this group can be looked into, preferring where it can be changed */
static char *
mounted(const char *path)
{
	autofree char *mounts = NULL;
	char *readable = NULL, *rest;

	if (file_read_proc(AT_FDCWD, "/proc/self/mountinfo", MOUNTS_MAX, &mounts, NULL) < 0) {
		return NULL;
	}
	rest = mounts;
	while (rest) {
		char *group = group_in_mount(strsep(&rest, "\n"), path);

		if (group && access(group, W_OK) == 0) {
			free(readable);
			return group;
		}
		if (group && !readable && access(group, R_OK) == 0) {
			readable = group;
		} else {
			free(group);
		}
	}
	return readable;
}

char *
cgroup_own(void)
{
	autofree char *path = own_path();

	return path ? mounted(path) : NULL;
}

char *
cgroup_directory(const char *path)
{
	return path[0] == '/' && !str_starts(path, "/..") ? mounted(path) : NULL;
}

static int
add_pids(int group, struct proc_pids *pids)
{
	autofree char *text = NULL;
	int r = file_read_proc(group, "cgroup.procs", PROCS_MAX, &text, NULL);

	if (r < 0) {
		return r == -EOPNOTSUPP
			       ? 0
			       : r; /* a threaded group: its processes are in the one above */
	}
	for (const char *at = text; *at;) {
		pid_t pid = (pid_t)proc_number(&at);

		if (pid > 0) { /* 0: of another pid namespace */
			proc_pids_add(pids, pid);
		}
	}
	return 0;
}

/* Looking through a group's directory costs more than all else about it, and most have none
 * below: then the link count is that of "." and the name alone. */
static bool
is_leaf(int group)
{
	struct stat status;

	return fstat(group, &status) == 0 && status.st_nlink == 2;
}

static int
walk(int group, struct proc_pids *pids, unsigned depth)
{
	int r = add_pids(group, pids), fd;
	struct dirent *entry;
	DIR *directory;

	if (r < 0 || depth == DEPTH_MAX || is_leaf(group)) {
		return r;
	}
	fd = fd_raise(openat(group, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!fd_is_open(fd)) {
		return fd;
	}
	directory = fdopendir(fd);
	if (!directory) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	while (r == 0 && (entry = readdir(directory))) {
		autoclose int below = -1;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.') {
			continue;
		}
		below = fd_raise(openat(group, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		r = fd_is_open(below) ? walk(below, pids, depth + 1) : below;
		r = r == -ENOENT || r == -ENODEV ? 0 : r; /* it was removed: nobody is in it */
	}
	(void)closedir(directory);
	return r;
}

int
cgroup_pids(int group_dirfd, pid_t **ret_pids, size_t *ret_count)
{
	struct proc_pids pids = { 0 };
	int r = walk(group_dirfd, &pids, 0);

	if (r < 0) {
		proc_pids_done(&pids);
		return r;
	}
	proc_pids_take(&pids, ret_pids, ret_count);
	return 0;
}

/* behind "key " at the beginning of a line, or NULL */
static const char *
value_of(const char *text, const char *key)
{
	size_t n = strlen(key);

	while (text) {
		if (strncmp(text, key, n) == 0 && text[n] == ' ') {
			return text + n + 1;
		}
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return NULL;
}

static int64_t
read_number(int group, const char *file, const char *key)
{
	autoclose int fd = fd_raise(openat(group, file, O_RDONLY | O_CLOEXEC | O_NOCTTY));
	char text[FLAT_MAX];
	const char *at;
	ssize_t n;

	if (!fd_is_open(fd)) {
		return fd;
	}
	n = read(fd, text, sizeof(text) - 1); /* these files come in one piece */
	if (n < 0) {
		return -errno;
	}
	text[n] = '\0';
	at = key ? value_of(text, key) : text;
	return at && *at >= '0' && *at <= '9' ? proc_number(&at) : -ENODATA;
}

int
cgroup_is_populated(int group_dirfd)
{
	int64_t number = read_number(group_dirfd, "cgroup.events", "populated");

	return number < 0 ? (int)number : number > 0;
}

int64_t
cgroup_number(int group_dirfd, const char *file, const char *key)
{
	int64_t number = read_number(group_dirfd, file, key);

	return number < 0 ? -1 : number;
}
