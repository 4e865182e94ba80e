/* Text only, except path_find_program, which looks where a shell would look. */
#include "base/path.h"
#include "base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *
path_join(const char *directory, const char *name)
{
	bool slash = *directory && !str_ends(directory, "/");

	return str_format("%s%s%s", directory, slash ? "/" : "", name);
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *
path_dir(const char *path)
{
	size_t n = (size_t)(path_base(path) - path);

	if (n == 0) {
		return str_dup(".");
	}
	while (n > 1 && path[n - 1] == '/') {
		n--;
	}
	return str_dup_n(path, n);
}

bool
path_is_absolute(const char *path)
{
	return *path == '/';
}

bool
path_is_clean(const char *path)
{
	if (!path_is_absolute(path)) {
		return false;
	}
	if (!path[1]) {
		return true;
	}
	while (*path) {
		size_t n = strcspn(++path, "/");

		if (n == 0 || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.')) {
			return false;
		}
		path += n;
	}
	return true;
}

char *
path_clean(const char *path)
{
	struct buf clean;
	bool absolute = path_is_absolute(path);

	buf_init(&clean, strlen(path) + 2);
	while (*path) {
		size_t n = strcspn(path, "/");

		if (n > 0 && !(n == 1 && *path == '.')) {
			if (clean.length > 0 || absolute) {
				(void)buf_add_char(&clean, '/');
			}
			(void)buf_add(&clean, path, n);
		}
		path += n + (path[n] == '/');
	}
	if (clean.length == 0) {
		(void)buf_add_str(&clean, absolute ? "/" : ".");
	}
	return buf_take(&clean);
}

char *
path_find_program(const char *name, const char *search)
{
	int number = ENOENT;

	if (!*name) {
		errno = ENOENT;
		return NULL;
	}
	if (strchr(name, '/')) {
		return str_dup(name);
	}
	while (search) {
		size_t n = strcspn(search, ":");
		autofree char *directory = n > 0 ? str_dup_n(search, n) : str_dup(".");
		autofree char *path = path_join(directory, name);
		struct stat status;

		if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
			if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0) {
				char *found = path;

				path = NULL;
				return found;
			}
			number = EACCES;
		}
		search = search[n] ? search + n + 1 : NULL;
	}
	errno = number;
	return NULL;
}
