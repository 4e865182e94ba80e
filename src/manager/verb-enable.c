/* verb-enable: start at boot, or no longer. As systemd keeps it: a symlink in default.target.wants
 * of our own configuration directory. What is enabled is started once per boot, at tendd's first
 * start on it. */
#include "manager/requests.h"
#include "base/file.h"
#include "base/path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *
enable_directory(const struct manager *manager)
{
	return path_join(manager->places->config, "default.target.wants");
}

static char *
enable_link(const struct manager *manager, const char *name)
{
	autofree char *directory = enable_directory(manager);
	autofree char *base = str_format("%s.service", name);

	return path_join(directory, base);
}

bool
enable_is(const struct manager *manager, const char *name)
{
	autofree char *path = enable_link(manager, name);

	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
enable_change(struct member *member, bool on, struct err *err)
{
	autofree char *directory = enable_directory(member->manager);
	autofree char *path = enable_link(member->manager, member->name);
	int r;

	if (!on) {
		return unlink(path) == 0 || errno == ENOENT ||
		       err_set_errno(err, errno, "%s", path);
	}
	if (!member->unit->file) {
		return err_set(err, "%s has no file", member->name);
	}
	r = file_make_dirs(directory, 0755);
	if (r < 0) {
		return err_set_errno(err, -r, "%s", directory);
	}
	return symlink(member->unit->file, path) == 0 || errno == EEXIST ||
	       err_set_errno(err, errno, "%s", path);
}

void
verb_enable(struct manager *manager, struct call *call)
{
	bool on = json_is_true(json_object_get(call->parameters, "on"));
	struct request *request = requests_begin(manager, call, "results");

	if (!request) {
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		struct request_item *item = &request->items[i];
		struct err err = { 0 };
		bool ok;
		if (!item->member) {
			continue;
		}
		ok = enable_change(item->member, on, &err);
		item->member->enabled = enable_is(manager, item->member->name);
		requests_done(item, shown_result(item->member, ok, NULL, ok ? NULL : err.text));
	}
	requests_settle(request);
}

static void
enable_start(struct manager *manager, const char *file)
{
	char name[LIMIT_NAME + 1];
	struct err err = { 0 };
	struct member *member =
		name_check(file, name, &err) ? member_get(manager, name, &err) : NULL;

	if (!member || !depend_start(member, false, &err)) {
		(void)fprintf(stderr, "tendd: %s is enabled and cannot be started: %s\n", file,
			      err.text);
	}
}

/* true once per boot and runtime directory */
static bool
enable_is_first(const struct manager *manager)
{
	autofree char *marker = path_join(manager->places->run, "started");
	autofree char *text = NULL;
	size_t length = 0;

	if (file_read(AT_FDCWD, marker, 128, &text, &length) == 0 &&
	    str_equal(text, manager->boot_id)) {
		return false;
	}
	(void)file_replace(AT_FDCWD, marker, manager->boot_id, strlen(manager->boot_id), 0600,
			   false);
	return true;
}

void
enable_at_boot(struct manager *manager)
{
	autofree char *directory = enable_directory(manager);
	struct dirent *entry;
	DIR *dir;

	if (!enable_is_first(manager)) {
		return;
	}
	dir = opendir(directory);
	if (!dir) {
		return;
	}
	while ((entry = readdir(dir))) {
		if (str_ends(entry->d_name, ".service")) {
			enable_start(manager, entry->d_name);
		}
	}
	(void)closedir(dir);
}
