/* What must be there before the first command of a run, and what goes after the last: the
 * directories that a unit asks for, owned by its user. The log's pipe is opened at the launch,
 * where the number of open descriptors is bounded. */
#include "manager/prepare.h"
#include "base/accounts.h"
#include "base/file.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct asked { /* what a unit asks for, of one kind */
	char *const *words;
	unsigned mode;
	const char *base;
};

static struct asked
asked(const struct member *member, enum directory_kind kind)
{
	const struct unit *unit = member->unit;
	const struct expand *with = &member->manager->expand;

	switch (kind) {
	case DIRECTORY_RUNTIME:
		return (struct asked){ unit->runtime_directory, unit->runtime_directory_mode,
				       with->runtime };
	case DIRECTORY_STATE:
		return (struct asked){ unit->state_directory, unit->state_directory_mode,
				       with->state };
	case DIRECTORY_CACHE:
		return (struct asked){ unit->cache_directory, unit->cache_directory_mode,
				       with->cache };
	case DIRECTORY_LOGS:
		return (struct asked){ unit->logs_directory, unit->logs_directory_mode,
				       with->logs };
	case DIRECTORY_CONFIGURATION:
		return (struct asked){ unit->configuration_directory,
				       unit->configuration_directory_mode, with->config };
	case DIRECTORY_COUNT: break;
	}
	return (struct asked){ 0 };
}

const char *
prepare_variable(enum directory_kind kind)
{
	static const char *const names[DIRECTORY_COUNT] = {
		[DIRECTORY_RUNTIME] = "RUNTIME_DIRECTORY",
		[DIRECTORY_STATE] = "STATE_DIRECTORY",
		[DIRECTORY_CACHE] = "CACHE_DIRECTORY",
		[DIRECTORY_LOGS] = "LOGS_DIRECTORY",
		[DIRECTORY_CONFIGURATION] = "CONFIGURATION_DIRECTORY",
	};

	return names[kind];
}

char **
prepare_paths(const struct member *member, enum directory_kind kind, struct err *err)
{
	struct asked of = asked(member, kind);
	struct expand with;
	char **paths = NULL;

	planning_expand(member, &with);
	for (size_t i = 0; of.words && of.words[i]; i++) {
		autofree char *name = unit_expand(&with, of.words[i], err);
		autofree char *path = name ? path_join(of.base, name) : NULL;

		/* it must stay below its base: nothing in a unit file may name a way out */
		if (!name || path_is_absolute(name) || !path_is_clean(path)) {
			if (name) {
				(void)err_set(err, "the directory %s is not a name below %s", name,
					      of.base);
			}
			return strv_free(paths);
		}
		strv_take_add(&paths, path);
		path = NULL;
	}
	return paths;
}

static bool
find_owner(const struct member *member, uid_t *ret_uid, gid_t *ret_gid, struct err *err)
{
	struct accounts_user user = { 0 };
	struct expand with;
	autofree char *name = NULL, *group = NULL;
	bool ok = true;

	planning_expand(member, &with);
	*ret_uid = (uid_t)-1;
	*ret_gid = (gid_t)-1;
	if (member->unit->user) {
		name = unit_expand(&with, member->unit->user, err);
		ok = name && accounts_user(name, &user, err);
		if (ok) {
			*ret_uid = user.uid;
			*ret_gid = user.gid;
			accounts_user_done(&user);
		}
	}
	if (ok && member->unit->group) {
		group = unit_expand(&with, member->unit->group, err);
		ok = group && accounts_group(group, ret_gid, err);
	}
	return ok;
}

static bool
make(const char *path, unsigned mode, uid_t uid, gid_t gid, struct err *err)
{
	int r = file_make_dirs(path, 0755);
	autoclose int fd = -1;

	if (r < 0) {
		return err_set_errno(err, -r, "directory %s", path);
	}
	fd = fd_raise(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (!fd_is_open(fd)) {
		return err_set_errno(err, -fd, "directory %s", path);
	}
	if (fchown(fd, uid, gid) < 0 || fchmod(fd, mode) < 0) {
		return err_set_errno(err, errno, "directory %s: its owner and mode", path);
	}
	return true;
}

static bool
make_all(const struct member *member, enum directory_kind kind, struct err *err)
{
	struct err why = { 0 };
	char **paths = prepare_paths(member, kind, &why);
	struct asked of = asked(member, kind);
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	bool ok = true;

	if (!paths) {
		if (why.text[0] != '\0' && err) {
			*err = why;
		}
		return why.text[0] == '\0';
	}
	if (kind != DIRECTORY_CONFIGURATION) {
		ok = find_owner(member, &uid, &gid, err);
	}
	for (size_t i = 0; ok && paths[i]; i++) {
		ok = make(paths[i], of.mode, uid, gid, err);
	}
	strv_free(paths);
	return ok;
}

void
prepare_run(struct member *member)
{
	struct err err = { 0 };
	bool ok = true;

	for (enum directory_kind kind = 0; ok && kind < DIRECTORY_COUNT; kind++) {
		ok = make_all(member, kind, &err);
	}
	if (!ok) {
		str_replace(&member->failure, err.text);
	}
	member_event_simple(member, ok ? EVENT_PREPARED : EVENT_UNPREPARED);
}

static bool
keeps_runtime(const struct unit *unit, bool restart)
{
	const char *how = unit->runtime_directory_preserve;

	return str_equal(how, "yes") || (restart && str_equal(how, "restart"));
}

static void
remove_runtime(struct member *member)
{
	char **paths = prepare_paths(member, DIRECTORY_RUNTIME, NULL);

	for (size_t i = 0; paths && paths[i]; i++) {
		(void)file_remove_tree(AT_FDCWD, paths[i]);
	}
	strv_free(paths);
}

/* what is left of it may go on writing: KillMode=none and process mean just that */
static bool
may_still_write(const struct member *member)
{
	return member->unit->kill_mode == KILL_PROCESS || member->unit->kill_mode == KILL_NONE ||
	       member->service.why == WHY_SURVIVORS;
}

void
prepare_clean(struct member *member, bool restart)
{
	if (member->unit->runtime_directory && !keeps_runtime(member->unit, restart)) {
		remove_runtime(member);
	}
	if (restart) {
		return;
	}
	notify_close(member);
	notify_drop_store(member);
	groups_remove(member);
	if (!may_still_write(member)) {
		pipes_close(member);
	}
}
