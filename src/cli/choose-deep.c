/* choose-deep: what is not in the table of processes and is asked of each that fits otherwise:
 * directory, files, environment. Who may not be looked at does not fit.
 *
 * A file is known by device and inode, so that it is found by whatever name it was opened; where it
 * is only mapped (a library) the map tells nothing but its name. */
#include "base/check.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/processes.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MAPS_MAX = 64 << 20 };

struct wanted_file {
	dev_t device;
	ino_t inode;
	char *path;
};

struct deep {
	char **variables, **directories;
	struct wanted_file *files;
	size_t file_count;
};

static bool
add_file(struct deep *deep, const char *path, struct err *err)
{
	struct stat status;

	if (stat(path, &status) < 0) {
		return err_set_errno(err, errno, "--file %s", path);
	}
	deep->files = reallocarray(deep->files, deep->file_count + 1, sizeof(*deep->files));
	CHECK(deep->files);
	deep->files[deep->file_count++] =
		(struct wanted_file){ status.st_dev, status.st_ino, realpath(path, NULL) };
	return true;
}

static bool
add_directory(struct deep *deep, const char *path, struct err *err)
{
	char *whole = realpath(path, NULL);

	if (!whole) {
		return err_set_errno(err, errno, "--cwd %s", path);
	}
	strv_take_add(&deep->directories, whole);
	return true;
}

static bool
add_variable(struct deep *deep, const char *text, struct err *err)
{
	if (!*text || *text == '=') {
		return err_set(err, "--env: '%s' is no variable; NAME or NAME=VALUE would be",
			       text);
	}
	strv_add(&deep->variables, text);
	return true;
}

struct deep *
deep_new(const struct args *args, struct err *err)
{
	struct deep *deep = calloc(1, sizeof(*deep));
	const char *value;
	bool ok = true;

	CHECK(deep);
	for (size_t at = 0; ok && (value = args_each(args, "file", &at));) {
		ok = add_file(deep, value, err);
	}
	for (size_t at = 0; ok && (value = args_each(args, "cwd", &at));) {
		ok = add_directory(deep, value, err);
	}
	for (size_t at = 0; ok && (value = args_each(args, "env", &at));) {
		ok = add_variable(deep, value, err);
	}
	return ok ? deep : deep_free(deep);
}

struct deep *
deep_free(struct deep *deep)
{
	if (!deep) {
		return NULL;
	}
	for (size_t i = 0; i < deep->file_count; i++) {
		free(deep->files[i].path);
	}
	free(deep->files);
	(void)strv_free(deep->variables);
	(void)strv_free(deep->directories);
	free(deep);
	return NULL;
}

bool
deep_is_any(const struct deep *deep)
{
	return deep->variables || deep->directories || deep->file_count;
}

static bool
has_variable(const struct deep *deep, pid_t pid)
{
	for (size_t i = 0; deep->variables[i]; i++) {
		autofree char *value = NULL;

		if (strchr(deep->variables[i], '=')
			    ? proc_environ_has(pid, deep->variables[i]) == 1
			    : proc_environ_value(pid, deep->variables[i], &value) == 0) {
			return true;
		}
	}
	return false;
}

static bool
is_in_directory(const struct deep *deep, pid_t pid)
{
	autofree char *cwd = proc_cwd(pid);

	for (size_t i = 0; cwd && deep->directories[i]; i++) {
		size_t n = strlen(deep->directories[i]);
		if (strncmp(cwd, deep->directories[i], n) == 0 &&
		    (n == 1 || cwd[n] == '/' || cwd[n] == '\0')) {
			return true;
		}
	}
	return false;
}

/* ---- files ---- */
static bool
is_file(const struct deep *deep, int directory, const char *name)
{
	struct stat status;

	if (fstatat(directory, name, &status, 0) < 0) {
		return false;
	}
	for (size_t i = 0; i < deep->file_count; i++) {
		if (deep->files[i].device == status.st_dev &&
		    deep->files[i].inode == status.st_ino) {
			return true;
		}
	}
	return false;
}

static bool
has_descriptor(const struct deep *deep, int process)
{
	int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	while (!found && directory && (entry = readdir(directory))) {
		found = entry->d_name[0] != '.' && is_file(deep, fd, entry->d_name);
	}
	if (directory) {
		(void)closedir(directory);
	}
	return found;
}

static bool
has_map(const struct deep *deep, int process)
{
	autofree char *maps = NULL;

	if (file_read_proc(process, "maps", MAPS_MAX, &maps, NULL) < 0) {
		return false;
	}
	for (size_t i = 0; i < deep->file_count; i++) {
		const char *path = deep->files[i].path;
		size_t n = path ? strlen(path) : 0;
		for (const char *at = maps; n && (at = strstr(at, path)); at += n) {
			if (at[-1] == ' ' && at[n] == '\n') { /* behind the numbers, whole */
				return true;
			}
		}
	}
	return false;
}

static bool
has_file(const struct deep *deep, pid_t pid)
{
	char path[64];
	autoclose int process = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	process = fd_raise(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	return fd_is_open(process) &&
	       (is_file(deep, process, "exe") || is_file(deep, process, "cwd") ||
		is_file(deep, process, "root") || has_descriptor(deep, process) ||
		has_map(deep, process));
}

bool
deep_fits(const struct deep *deep, const struct process *process)
{
	return (!deep->variables || has_variable(deep, process->stat.pid)) &&
	       (!deep->directories || is_in_directory(deep, process->stat.pid)) &&
	       (!deep->file_count || has_file(deep, process->stat.pid));
}
