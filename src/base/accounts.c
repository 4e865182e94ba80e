/* fgetpwent and fgetgrent parse a file and ask nobody, unlike getpwnam: they work in a static
 * program and in an empty root. Their storage is static, so everything is copied at once. */
#include "base/accounts.h"
#include "base/check.h"
#include "base/str.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

static const char *const passwd_file = "/etc/passwd";
static const char *const group_file = "/etc/group";

static bool
parse_number(const char *text, uint32_t *ret_number)
{
	uint64_t number;

	/* (uid_t) -1 means "leave it" to the kernel */
	if (str_to_u64(text, &number) < 0 || number >= UINT32_MAX) {
		return false;
	}
	*ret_number = (uint32_t)number;
	return true;
}

static bool
find(const char *name, uid_t uid, struct accounts_user *ret_user)
{
	FILE *file = fopen(passwd_file, "re");
	bool found = false;

	for (struct passwd *p; file && !found && (p = fgetpwent(file));) {
		found = name ? str_equal(p->pw_name, name) : p->pw_uid == uid;
		if (found) {
			*ret_user = (struct accounts_user){ .uid = p->pw_uid,
							    .gid = p->pw_gid,
							    .name = str_dup(p->pw_name),
							    .home = str_dup(p->pw_dir),
							    .shell = str_dup(p->pw_shell) };
		}
	}
	if (file) {
		(void)fclose(file);
	}
	return found;
}

bool
accounts_user_by_uid(uid_t uid, struct accounts_user *ret_user)
{
	return find(NULL, uid, ret_user);
}

bool
accounts_user(const char *name, struct accounts_user *ret_user, struct err *err)
{
	uint32_t number;

	if (find(name, 0, ret_user)) {
		return true;
	}
	if (!parse_number(name, &number)) {
		(void)err_set(err, "user %s: there is no such user", name);
		if (err) {
			err->number = ESRCH;
		}
		return false;
	}
	if (!find(NULL, number, ret_user)) {
		*ret_user = (struct accounts_user){ .uid = number, .gid = number };
	}
	return true;
}

void
accounts_user_done(struct accounts_user *user)
{
	free(user->name);
	free(user->home);
	free(user->shell);
	*user = (struct accounts_user){ 0 };
}

bool
accounts_group(const char *name, gid_t *ret_gid, struct err *err)
{
	FILE *file = fopen(group_file, "re");
	bool found = false;
	uint32_t number;

	for (struct group *g; file && !found && (g = fgetgrent(file));) {
		found = str_equal(g->gr_name, name);
		if (found) {
			*ret_gid = g->gr_gid;
		}
	}
	if (file) {
		(void)fclose(file);
	}
	if (found) {
		return true;
	}
	if (parse_number(name, &number)) {
		*ret_gid = number;
		return true;
	}
	(void)err_set(err, "group %s: there is no such group", name);
	if (err) {
		err->number = ESRCH;
	}
	return false;
}

static bool
lists(const struct group *group, const char *user)
{
	for (char **member = group->gr_mem; *member; member++) {
		if (str_equal(*member, user)) {
			return true;
		}
	}
	return false;
}

size_t
accounts_groups(const char *user, gid_t primary, gid_t **ret_groups)
{
	FILE *file = fopen(group_file, "re");
	size_t count = 1, size = 16;
	gid_t *groups = calloc(size, sizeof(gid_t));

	CHECK(groups != NULL);
	groups[0] = primary;
	for (struct group *g; file && user && (g = fgetgrent(file));) {
		if (g->gr_gid == primary || !lists(g, user)) {
			continue;
		}
		if (count == size) {
			size *= 2;
			groups = reallocarray(groups, size, sizeof(gid_t));
			CHECK(groups != NULL);
		}
		groups[count++] = g->gr_gid;
	}
	if (file) {
		(void)fclose(file);
	}
	*ret_groups = groups;
	return count;
}
