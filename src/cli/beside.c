/* beside: where the other programs of tend are: where a variable says, beside this one, in the
 * libexec or sbin of its prefix, in PATH. */
#include "base/path.h"
#include "base/str.h"
#include "cli/cli.h"
#include <limits.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static char *
beside(const char *own, const char *name)
{
	static const char *const places[] = { "", "../libexec", "../sbin" };
	autofree char *directory = path_dir(own);

	for (size_t i = 0; i < COUNT(places); i++) {
		autofree char *place =
			places[i][0] ? path_join(directory, places[i]) : str_dup(directory);
		char *path = path_join(place, name);

		if (access(path, X_OK) == 0) {
			return path;
		}
		free(path);
	}
	return NULL;
}

char *
beside_find(const char *name, const char *variable)
{
	const char *told = getenv(variable), *search = getenv("PATH");
	/* a value of the auxiliary vector is a number; of this one it is an address */
	const char *executed = (const char *)getauxval(AT_EXECFN);
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *found = NULL;

	if (told && told[0]) {
		return str_dup(told);
	}
	if (n > 0) {
		own[n] = '\0';
		found = beside(own, name);
	}
	if (!found && executed && strchr(executed, '/')) { /* no /proc */
		found = beside(executed, name);
	}
	if (!found) {
		found = path_find_program(name, search ? search : "/usr/local/bin:/usr/bin:/bin");
	}
	return found;
}
