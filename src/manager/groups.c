/* groups: a cgroup for each unit, where one can be made: also without any controller, a v2 group
 * tells exactly what belongs to a unit, whatever it does to its session, its parents or its
 * environment.
 *
 * All groups of one tendd lie in one directory below our own group, named by a hash of the runtime
 * directory, so a tendd that is started anew from another session finds the same one: its path is
 * kept in run/cgroup. */
#include "manager/core.h"
#include "base/file.h"
#include "base/path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct groups {
	int dirfd;
	char *path;
};

static uint64_t
groups_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *text; text++) {
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	}
	return hash;
}

/* a directory in which we can make a group */
static int
groups_try(const char *path)
{
	autoclose int fd = -1;
	char probe[] = "probe.service";

	if (mkdir(path, 0755) < 0 && errno != EEXIST) {
		return -errno;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return -errno;
	}
	if (mkdirat(fd, probe, 0755) < 0 && errno != EEXIST) {
		return -errno;
	}
	(void)unlinkat(fd, probe, AT_REMOVEDIR);
	return fd_take(&fd);
}

static char *
groups_remembered(const struct manager *manager)
{
	autofree char *file = path_join(manager->places->run, "cgroup");
	char *path = NULL;
	size_t length = 0;

	if (file_read(AT_FDCWD, file, 4096, &path, &length) < 0) {
		return NULL;
	}
	path[strcspn(path, "\n")] = '\0';
	return path;
}

static void
groups_remember(const struct manager *manager, const char *path)
{
	autofree char *file = path_join(manager->places->run, "cgroup");

	/* without it the next tendd, should it start in another group, looks for kin the other way
	 */
	(void)file_replace(AT_FDCWD, file, path, strlen(path), 0600, false);
}

void
groups_start(struct manager *manager)
{
	autofree char *path = groups_remembered(manager);
	int fd = path ? groups_try(path) : -ENOENT;

	if (fd < 0) {
		autofree char *own = cgroup_own();
		free(path);
		path = NULL;
		if (!own) {
			return;
		}
		path = str_format("%s/tend-%016llx", own,
				  (unsigned long long)groups_hash(manager->places->run));
		fd = groups_try(path);
		if (fd < 0) {
			return;
		}
		groups_remember(manager, path);
	}
	manager->groups = calloc(1, sizeof(*manager->groups));
	CHECK(manager->groups);
	manager->groups->dirfd = fd;
	manager->groups->path = str_dup(path);
	oom_start(manager, fd);
}

const char *
groups_path(const struct manager *manager)
{
	return manager->groups ? manager->groups->path : NULL;
}

static const char *
groups_name(const struct member *member, char *buffer, size_t size)
{
	(void)snprintf(buffer, size, "%s.service", member->name);
	return buffer;
}

char *
groups_file(const struct member *member, const char *file)
{
	const struct groups *groups = member->manager->groups;
	char name[LIMIT_NAME + 16];

	if (!groups || !member->has_group) {
		return NULL;
	}
	return str_format("%s/%s/%s", groups->path, groups_name(member, name, sizeof(name)), file);
}

int
groups_look(struct member *member)
{
	char name[LIMIT_NAME + 16];
	int fd;

	if (!member->manager->groups) {
		return -ENOENT;
	}
	fd = openat(member->manager->groups->dirfd, groups_name(member, name, sizeof(name)),
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd_raise(fd);
}

int
groups_open(struct member *member)
{
	char name[LIMIT_NAME + 16];
	int fd;

	if (!member->manager->groups) {
		return -ENOENT;
	}
	if (!member->has_group) {
		if (mkdirat(member->manager->groups->dirfd, groups_name(member, name, sizeof(name)),
			    0755) < 0 &&
		    errno != EEXIST) {
			return -errno;
		}
		member->has_group = true;
	}
	fd = groups_look(member);
	if (fd == -ENOENT) { /* removed by hand */
		member->has_group = false;
	}
	return fd;
}

char **
groups_populated(struct manager *manager)
{
	struct dirent *entry;
	char **names = NULL;
	DIR *entries;
	int copy;

	if (!manager->groups) {
		return NULL;
	}
	copy = fd_dup(manager->groups->dirfd);
	entries = fd_is_open(copy) ? fdopendir(copy) : NULL;
	if (!entries) {
		(void)fd_close(copy);
		return NULL;
	}
	rewinddir(entries); /* the copy shares its place with others before it */
	while ((entry = readdir(entries))) {
		const char *end = strrchr(entry->d_name, '.');
		autoclose int fd = -1;

		if (!end || !str_equal(end, ".service")) {
			continue;
		}
		fd = openat(manager->groups->dirfd, entry->d_name,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd_is_open(fd) && cgroup_is_populated(fd) == 1) {
			strv_take_add(&names,
				      str_dup_n(entry->d_name, (size_t)(end - entry->d_name)));
		}
	}
	(void)closedir(entries);
	return names;
}

/* the groups that a unit made below its own go first */
static void
groups_remove_below(int dirfd, int depth)
{
	DIR *dir;
	struct dirent *entry;
	int copy = depth < 16 ? fd_dup(dirfd) : -1;

	if (copy < 0) {
		return;
	}
	dir = fdopendir(copy);
	if (!dir) {
		(void)fd_close(copy);
		return;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
			int below =
				openat(dirfd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			if (below >= 0) {
				groups_remove_below(below, depth + 1);
				(void)fd_close(below);
			}
			(void)unlinkat(dirfd, entry->d_name, AT_REMOVEDIR);
		}
	}
	(void)closedir(dir);
}

void
groups_remove(struct member *member)
{
	char name[LIMIT_NAME + 16];

	if (!member->manager->groups || !member->has_group) {
		return;
	}
	oom_forget(member);
	(void)groups_name(member, name, sizeof(name));
	if (unlinkat(member->manager->groups->dirfd, name, AT_REMOVEDIR) < 0 && errno == EBUSY) {
		autoclose int fd = groups_look(member);
		if (fd >= 0) {
			groups_remove_below(fd, 0);
		}
		(void)unlinkat(member->manager->groups->dirfd, name, AT_REMOVEDIR);
	}
	member->has_group = false;
}

void
groups_end(struct manager *manager)
{
	autofree char *file = path_join(manager->places->run, "cgroup");

	if (!manager->groups) {
		return;
	}
	oom_end(manager);
	if (rmdir(manager->groups->path) == 0) {
		(void)unlink(file);
	}
	(void)fd_close(manager->groups->dirfd);
	free(manager->groups->path);
	free(manager->groups);
	manager->groups = NULL;
}
