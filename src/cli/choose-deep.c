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
#include "procfs/sockets.h"
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
	bool by_port;
	pid_t *holders; /* of the wanted ports */
	size_t holder_count;
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

/* ---- ports ---- */
static bool
parse_port(const char *text, uint16_t *ret_port, unsigned *ret_kinds, struct err *err)
{
	size_t n = strcspn(text, "/");
	autofree char *digits = str_dup_n(text, n);
	uint64_t port;

	*ret_kinds = str_equal(text + n, "/tcp")   ? SOCKETS_TCP
		     : str_equal(text + n, "/udp") ? SOCKETS_UDP
						   : SOCKETS_TCP | SOCKETS_UDP;
	if (str_to_u64(digits, &port) < 0 || port == 0 || port > UINT16_MAX ||
	    (text[n] && *ret_kinds == (SOCKETS_TCP | SOCKETS_UDP))) {
		return err_set(err, "--port: '%s' is no port; 8080 or 53/udp would be", text);
	}
	*ret_port = (uint16_t)port;
	return true;
}

/* who holds a socket with this port on our side, listening or connected */
static bool
add_port(struct deep *deep, const char *text, struct err *err)
{
	struct sockets sockets;
	struct socket_owners owners;
	unsigned kinds = 0;
	uint16_t port = 0;
	int r;

	if (!parse_port(text, &port, &kinds, err)) {
		return false;
	}
	r = sockets_read(0, kinds, &sockets);
	if (r < 0) {
		return err_set_errno(err, -r, "--port: sockets cannot be read");
	}
	r = sockets_owners_read(&owners);
	for (size_t i = 0; r == 0 && i < sockets.count; i++) {
		size_t count = 0;
		const struct socket_owner *owner =
			sockets.sockets[i].local_port == port && sockets.sockets[i].inode
				? sockets_owners_find(&owners, sockets.sockets[i].inode, &count)
				: NULL;
		for (size_t k = 0; owner && k < count; k++) {
			deep->holders = reallocarray(deep->holders, deep->holder_count + 1,
						     sizeof(*deep->holders));
			CHECK(deep->holders);
			deep->holders[deep->holder_count++] = owner[k].pid;
		}
	}
	if (r == 0) {
		sockets_owners_done(&owners);
	}
	sockets_done(&sockets);
	deep->by_port = true;
	return r == 0 || err_set_errno(err, -r, "--port: who holds the sockets cannot be read");
}

static bool
holds_port(const struct deep *deep, pid_t pid)
{
	for (size_t i = 0; i < deep->holder_count; i++) {
		if (deep->holders[i] == pid) {
			return true;
		}
	}
	return false;
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
	for (size_t at = 0; ok && (value = args_each(args, "port", &at));) {
		ok = add_port(deep, value, err);
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
	free(deep->holders);
	(void)strv_free(deep->variables);
	(void)strv_free(deep->directories);
	free(deep);
	return NULL;
}

bool
deep_is_any(const struct deep *deep)
{
	return deep->variables || deep->directories || deep->file_count || deep->by_port;
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
	return (!deep->by_port || holds_port(deep, process->stat.pid)) &&
	       (!deep->variables || has_variable(deep, process->stat.pid)) &&
	       (!deep->directories || is_in_directory(deep, process->stat.pid)) &&
	       (!deep->file_count || has_file(deep, process->stat.pid));
}
