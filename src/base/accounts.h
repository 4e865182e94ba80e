/* accounts: users and groups of this machine, read from /etc/passwd and /etc/group themselves: the
 * programs are static, and NSS is not.
 *
 * Used by manager/ for User=, Group= and the environment that goes with a user. Owns what it
 * returns. A number that no file knows is a valid user without a name, a home or a shell (as in a
 * container). */
#pragma once
#include "base/err.h"
#include <sys/types.h>

struct accounts_user {
	uid_t uid;
	gid_t gid;
	char *name, *home, *shell; /* NULL: not known */
};

/* by name or by number; false with words and err->number ESRCH when there is none */
bool accounts_user(const char *name, struct accounts_user *ret_user, struct err *err);
bool accounts_user_by_uid(uid_t uid, struct accounts_user *ret_user); /* false: not in the file */
void accounts_user_done(struct accounts_user *user);
bool accounts_group(const char *name, gid_t *ret_gid, struct err *err);
/* every group that lists the user, and `primary` first; owned array */
size_t accounts_groups(const char *user, gid_t primary, gid_t **ret_groups);
