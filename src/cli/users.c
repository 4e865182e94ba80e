/* users: names of many users, each looked up once: a list of processes asks ten thousand times for
 * the same three. */
#include "base/accounts.h"
#include "base/check.h"
#include "base/map.h"
#include "base/str.h"
#include "cli/processes.h"

static struct nmap names; /* uid + 1 -> its name, kept until the program ends */

const char *
users_name(uid_t uid)
{
	char *name = nmap_get(&names, (uint64_t)uid + 1);
	struct accounts_user user;

	if (name) {
		return name;
	}
	if (names.size == 0) {
		nmap_init(&names);
	}
	if (accounts_user_by_uid(uid, &user)) {
		name = str_dup(user.name);
		accounts_user_done(&user);
	} else {
		name = str_format("%u", (unsigned)uid);
	}
	nmap_set(&names, (uint64_t)uid + 1, name);
	return name;
}
