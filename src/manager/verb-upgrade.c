/* verb-upgrade: replace tendd's programs by another build. The keeper executes the new file in
 * place, keeping its children and descriptors; then manager and logger are started anew from it.
 *
 * The answer may be lost, for the manager that was asked is replaced, or killed over it, and then
 * it is asked again: what runs already is not replaced a second time. */
#include "manager/core.h"
#include "base/path.h"
#include "base/version.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
upgrade_gone(struct call *call)
{
	list_remove(&call->link);
}

/* the file this program was started from, also when another has taken its place */
static char *
upgrade_own_path(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *gone = " (deleted)";

	if (n < 0) {
		return NULL;
	}
	path[n] = '\0';
	if (str_ends(path, gone)) {
		path[n - (ssize_t)strlen(gone)] = '\0';
	}
	return str_dup(path);
}

void
upgrade_told(struct manager *manager, int error)
{
	const char *text = error == 0 ? "keeper, manager and logger are replaced"
			   : error == EPROTO
				   ? "manager and logger are replaced; the keeper stays the old "
				     "one until nothing is kept, its table differs"
				   : NULL;

	while (!list_is_empty(&manager->upgrades)) {
		struct call *call = LIST_FIRST(&manager->upgrades, struct call, link);
		list_remove(&call->link);
		call->gone = NULL;
		if (text) {
			call_reply(call, json_pack("{s:s, s:s}", "version", VERSION, "text", text));
		} else {
			call_fail_text(call, "Failed",
				       "the new tendd does not run: %s; nothing was changed",
				       strerror(error));
		}
	}
	wire_server_flush(manager->server, clock_now() + CLOCK_S);
	if (text) {
		loop_stop(manager->loop, 0); /* the keeper starts the other one */
	}
}

static bool
upgrade_is_file(const char *executable, const struct stat *asked)
{
	struct stat st;

	return stat(executable, &st) == 0 && st.st_dev == asked->st_dev &&
	       st.st_ino == asked->st_ino && st.st_size == asked->st_size &&
	       st.st_mtim.tv_sec == asked->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == asked->st_mtim.tv_nsec;
}

/* what to say when this very file is what runs; NULL: it is another one */
static const char *
upgrade_runs_already(const struct manager *manager, int fd)
{
	struct stat asked;
	char keeper[48];

	if (fstat(fd, &asked) < 0 || !upgrade_is_file("/proc/self/exe", &asked)) {
		return NULL;
	}
	(void)snprintf(keeper, sizeof(keeper), "/proc/%d/exe", (int)manager->keeper_pid);
	return upgrade_is_file(keeper, &asked)
		       ? "it runs already, nothing was replaced"
		       : "manager and logger run it already; the keeper stays the old one until "
			 "nothing is kept, its table differs";
}

void
verb_upgrade(struct manager *manager, struct call *call)
{
	const char *asked = json_string_value(json_object_get(call->parameters, "executable"));
	autofree char *path = asked ? str_dup(asked) : upgrade_own_path();
	const struct frame frame = { .kind = FRAME_UPGRADE };
	const char *already;
	autoclose int fd = -1;

	if (!path || !path_is_absolute(path)) {
		call_fail_text(call, "BadInput", "the executable must be an absolute path");
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || access(path, X_OK) < 0) {
		call_fail_text(call, "Failed", "%s: %s", path, strerror(errno));
		return;
	}
	already = upgrade_runs_already(manager, fd);
	if (already) {
		call_reply(call, json_pack("{s:s, s:s}", "version", VERSION, "text", already));
		return;
	}
	call->gone = upgrade_gone;
	list_add(&manager->upgrades, &call->link);
	keeper_line_send(manager, &frame, &fd, 1);
}
