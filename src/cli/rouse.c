/* rouse: tendd is started by whoever needs it first. The race of two is tendd's to decide (its
 * lock); here it is enough that one who lost it waits for the winner's socket. tendd says with
 * its exit status that it listens; what it has to say when it cannot goes to a memory file, so
 * that a daemon that lives on holds nothing of our terminal. */
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/signals.h"
#include "base/str.h"
#include "cli/cli.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t ROUSE_NS = 30 * CLOCK_S; /* a loaded machine that adopts thousands */
enum { ROUSE_LOOK_MS = 100, ROUSE_WORDS = 2048 };
enum { TENDD_RUNS_ALREADY = 7 }; /* its exit status: somebody else won the race; see tendd(8) */

enum run_result { RUN_FAILED, RUN_STARTED, RUN_BY_ANOTHER };

extern char **environ;

static bool
has_entries(const char *directory)
{
	DIR *dir = opendir(directory);
	bool found = false;

	for (struct dirent *entry; dir && !found && (entry = readdir(dir));) {
		found = entry->d_name[0] != '.';
	}
	if (dir) {
		(void)closedir(dir);
	}
	return found;
}

bool
rouse_is_any(const struct places *places)
{
	bool found = has_entries(places->ledger);

	for (size_t i = 0; !found && places->units[i]; i++) {
		found = has_entries(places->units[i]);
	}
	return found;
}

/* 0 or errno; what it wrote to stderr is in `words_fd` afterwards */
static int
spawn(const struct cli *cli, const char *path, int words_fd, pid_t *ret_pid)
{
	const char *whose = cli->whose == PLACES_USER     ? "--user"
			    : cli->whose == PLACES_SYSTEM ? "--system"
							  : NULL;
	char *argv[] = { (char *)path, (char *)whose, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int r;

	(void)sigemptyset(&none);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, words_fd, 2);
	(void)posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
	r = posix_spawn(ret_pid, path, &actions, &attributes, argv, environ);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return r;
}

static void
tell_failure(const char *path, int status, int words_fd)
{
	char words[ROUSE_WORDS];
	ssize_t n = pread(words_fd, words, sizeof(words) - 1, 0);
	const char *start = words;

	words[MAX(n, 0)] = '\0';
	while (n > 0 && words[n - 1] == '\n') {
		words[--n] = '\0';
	}
	start += str_starts(words, "tendd: ") ? strlen("tendd: ") : 0;
	if (*start) {
		complain("tendd could not be started: %s", start);
	} else if (WIFSIGNALED(status)) {
		complain("tendd could not be started: %s was ended by %s", path,
			 signals_name(WTERMSIG(status)));
	} else {
		complain("tendd could not be started: %s ended with exit code %d", path,
			 WEXITSTATUS(status));
	}
}

static enum run_result
run_tendd(const struct cli *cli, const char *path)
{
	autoclose int words = fd_memfd("words");
	pid_t pid;
	int status, r;

	if (!fd_is_open(words)) {
		complain("tendd could not be started: %s", strerror(-words));
		return RUN_FAILED;
	}
	r = spawn(cli, path, words, &pid);
	if (r != 0) {
		complain("tendd could not be started: %s: %s", path, strerror(r));
		return RUN_FAILED;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		return RUN_STARTED;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == TENDD_RUNS_ALREADY) {
		return RUN_BY_ANOTHER;
	}
	tell_failure(path, status, words);
	return RUN_FAILED;
}

/* until something changes in the runtime directory, or a little later: listen(2) is no change of a
 * directory */
static void
wait_for_change(int inotify)
{
	struct pollfd p = { .fd = inotify, .events = POLLIN };
	char events[4096];

	(void)poll(&p, 1, ROUSE_LOOK_MS);
	while (fd_is_open(inotify) && read(inotify, events, sizeof(events)) > 0) {
	}
}

static void
tell_started(const struct cli *cli)
{
	autofree char *above = path_dir(cli->places.log);

	if (cli->places.home || !cli->places.system) {
		complain("started tendd (log and units below %s)", above);
	} else {
		complain("started tendd (logs in %s, units in %s)", cli->places.log,
			 cli->places.config);
	}
}

int
rouse_tendd(struct cli *cli)
{
	autofree char *path = beside_find("tendd", "TENDD");
	autoclose int inotify = -1;
	int64_t until = clock_now() + ROUSE_NS;
	struct err err = { 0 };
	bool started = false;

	if (!path) {
		complain("tendd does not run and cannot be started: it is neither beside tend nor "
			 "in PATH");
		return CLI_NO_TENDD;
	}
	do {
		enum run_result result = run_tendd(cli, path);
		if (result == RUN_FAILED) {
			return CLI_NO_TENDD;
		}
		started = started || result == RUN_STARTED;
		cli->wire = wire_connect(cli->places.socket, &err);
		if (cli->wire) {
			if (started) {
				tell_started(cli);
			}
			return CLI_DONE;
		}
		if (!fd_is_open(inotify)) {
			inotify = fd_raise(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
			(void)inotify_add_watch(inotify, cli->places.run, IN_CREATE | IN_MOVED_TO);
		}
		wait_for_change(inotify);
	} while (clock_now() < until);
	complain("tendd was started but does not listen: %s (see %s)", err.text, cli->places.trace);
	return CLI_NO_TENDD;
}
