/* planning: what planning.c and planning-environment.c share. */
#pragma once
#include "base/accounts.h"
#include "manager/core.h"

#define PLANNING_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct planning_user { /* as whom it runs */
	struct accounts_user account;
	gid_t gid;
	bool changes; /* not as we are: User= or Group= asks for it */
};

bool planning_find_user(const struct member *member, struct planning_user *ret_user,
			struct err *err);
void planning_user_done(struct planning_user *user);
