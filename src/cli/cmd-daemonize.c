/* cmd-daemonize: a classical daemon, not kept by anybody; for what used to daemonize itself, and
 * for start-up scripts. What makes it better than daemon(3): the caller is told what fails, and
 * comes back when the daemon is ready, not when it was forked.
 *
 * Until then we are a subreaper, so the daemon is our child and its end is seen. Afterwards it is
 * the init's, as a daemon should be. */
#include "base/accounts.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/daemon.h"
#include "cli/pidfile.h"
#include "procfs/procfs.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

const struct opt cmd_daemonize_options[] = {
	{ 'p', "pidfile", "FILE", "its number, locked for as long as it lives" },
	{ 'l', "lock", "FILE", "only one at a time may hold it" },
	{ 'u', "user", "NAME[:GROUP]", "run it as this user" },
	{ 'g', "group", "NAME", "and this group" },
	{ 'c', "chdir", "DIRECTORY", "its directory (else /)" },
	{ 0, "umask", "MODE", "(else 022)" },
	{ 'e', "env", "NAME=VALUE", "add to its environment; NAME alone: as it is here" },
	{ 0, "env-file", "FILE", "add the variables of a file" },
	{ 0, "clean-env", NULL, "nothing of this shell's environment" },
	{ 'o', "stdout", "FILE", "append its output there (else /dev/null)" },
	{ 'E', "stderr", "FILE", "and its errors there (else where output goes)" },
	{ 0, "nice", "N", "-20 (first) to 19 (last)" },
	{ 'w', "wait", "WHAT", "until: exec, notify (sd_notify), pidfile (which it writes)" },
	{ 't', "timeout", "TIME", "that it may take (else 90s)" },
	{ 'v', "verbose", NULL, "print its number" },
	OPT_END,
};
const char cmd_daemonize_details[] =
	"The command gets a session of its own without a terminal, and nothing that\n"
	"is open here. It is ready when this returns 0; what fails is told, and then\n"
	"nothing runs. A second one is refused, and told which one runs, by the lock\n"
	"on the pid file: a file that was left behind does not count. With --wait\n"
	"pidfile the command writes that file itself, as daemons that fork do.\n"
	"It is not kept, listed or started again: 'tend run' does that.\n"
	"  tend daemonize -p /run/app.pid -u app -o /var/log/app.log -- /usr/bin/app\n"
	"  tend daemonize --wait notify -- ./server";

static const int64_t READY_NS = 90 * CLOCK_S;

struct start {
	struct daemon daemon;
	struct daemon_wait wait;
	struct pidfile pidfile, lock;
	char *program; /* owned */
	char **environment;
};

/* ---- what was asked for ---- */
static bool
take_mode(const char *text, mode_t *ret_mode, struct err *err)
{
	char *end = NULL;
	unsigned long mode = strtoul(text, &end, 8);

	if (!text[0] || *end || mode > 0777) {
		return err_set(err, "--umask: '%s' is no mode, as 022 is one", text);
	}
	*ret_mode = (mode_t)mode;
	return true;
}

static bool
take_readiness(const struct args *args, struct start *start, struct err *err)
{
	static const char *const names[] = { [DAEMON_READY_EXEC] = "exec",
					     [DAEMON_READY_NOTIFY] = "notify",
					     [DAEMON_READY_PIDFILE] = "pidfile" };
	const char *told = args_value(args, "wait"), *time = args_value(args, "timeout");
	int64_t span = READY_NS;

	if (time && (span_parse(time, &span) < 0 || span <= 0)) {
		return err_set(err, "--timeout: '%s' is no time, as 30s is one", time);
	}
	start->wait.until = span == INT64_MAX ? CLOCK_NEVER : clock_now() + span;
	for (size_t i = 0; told && i < COUNT(names); i++) {
		if (str_equal(names[i], told)) {
			start->wait.until_what = (enum daemon_ready)i;
			told = NULL;
		}
	}
	if (told) {
		return err_set(err, "--wait: '%s' is none of exec, notify, pidfile", told);
	}
	if (start->wait.until_what == DAEMON_READY_PIDFILE && !args_value(args, "pidfile")) {
		return err_set(err, "--wait pidfile needs --pidfile FILE");
	}
	return true;
}

static bool
take_user(const struct args *args, struct start *start, char **ret_user, struct err *err)
{
	const char *told = args_value(args, "user"), *group = args_value(args, "group");
	const char *colon = told ? strchr(told, ':') : NULL;
	struct daemon *daemon = &start->daemon;
	struct accounts_user user = { .uid = geteuid(), .gid = getegid() };

	daemon->changes_user = told || group;
	if (told) {
		*ret_user = str_dup_n(told, colon ? (size_t)(colon - told) : strlen(told));
		group = colon ? colon + 1 : group;
		if (!accounts_user(*ret_user, &user, err)) {
			return err_prefix(err, "--user");
		}
	}
	daemon->uid = user.uid;
	daemon->gid = user.gid;
	if (group && !accounts_group(group, &daemon->gid, err)) {
		accounts_user_done(&user);
		return err_prefix(err, "--group");
	}
	daemon->group_count = accounts_groups(user.name, daemon->gid, &daemon->groups);
	accounts_user_done(&user);
	return true;
}

static bool
take_options(struct cli *cli, struct start *start, struct err *err)
{
	const struct args *args = &cli->args;
	const char *mode = args_value(args, "umask");
	const char *directory = args_value(args, "chdir");
	autofree char *user = NULL;
	int64_t nice = DAEMON_SAME;

	start->daemon.umask = 022;
	start->daemon.directory = directory ? directory : "/";
	if ((mode && !take_mode(mode, &start->daemon.umask, err)) ||
	    !args_number(args, "nice", -20, 19, &nice, err) || !take_readiness(args, start, err) ||
	    !take_user(args, start, &user, err) ||
	    !surroundings_environment(cli, args_has(args, "clean-env"), user, &start->environment,
				      err)) {
		return false;
	}
	start->daemon.nice = (int)nice;
	return true;
}

/* ---- what it is given ---- */
static bool
open_place(const char *path, int flags, int *ret_fd, struct err *err)
{
	int fd = fd_raise(open(path, flags | O_CLOEXEC | O_NOCTTY, 0640));

	if (fd < 0) {
		return err_set_errno(err, -fd, "%s", path);
	}
	*ret_fd = fd;
	return true;
}

static bool
open_places(const struct args *args, struct daemon *daemon, struct err *err)
{
	enum { ADD = O_WRONLY | O_CREAT | O_APPEND };
	const char *output = args_value(args, "stdout"), *errors = args_value(args, "stderr");

	if (!open_place("/dev/null", O_RDONLY, &daemon->places[0], err) ||
	    !open_place(output ? output : "/dev/null", output ? ADD : O_WRONLY, &daemon->places[1],
			err)) {
		return false;
	}
	if (errors) {
		return open_place(errors, ADD, &daemon->places[2], err);
	}
	daemon->places[2] = fd_dup(daemon->places[1]);
	return fd_is_open(daemon->places[2]) ||
	       err_set_errno(err, -daemon->places[2], "standard error");
}

/* an abstract name: nothing is left on the disk, whoever dies */
static bool
open_notify(struct start *start, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autofree char *variable = NULL;
	int n;

	if (start->wait.until_what != DAEMON_READY_NOTIFY) {
		return true;
	}
	n = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "tend-daemonize-%d-%llx",
		     (int)getpid(), (unsigned long long)clock_wall());
	start->wait.notify =
		fd_raise(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (!fd_is_open(start->wait.notify) ||
	    bind(start->wait.notify, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) < 0) {
		return err_set_errno(err, errno, "the socket for its notification");
	}
	variable = str_format("NOTIFY_SOCKET=@%s", address.sun_path + 1);
	strv_env_set(&start->environment, variable);
	return true;
}

static bool
watch_pidfile(struct start *start, const char *path, struct err *err)
{
	autofree char *directory = path_dir(path);

	start->wait.inotify = fd_raise(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	if (!fd_is_open(start->wait.inotify) ||
	    inotify_add_watch(start->wait.inotify, directory,
			      IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE) < 0) {
		return err_set_errno(err, errno, "%s", directory);
	}
	return true;
}

/* what a daemon started has its lock, too */
static int
taken(const struct pidfile *pidfile, const char *path)
{
	autofree char *command = pidfile->running ? proc_command(pidfile->running) : NULL;

	if (pidfile->running == 0) {
		complain("one is being started, or holds %s without its number in it", path);
	} else if (!pidfile_runs(pidfile->running)) {
		complain("process %d has ended, but what it started holds %s (fuser -v %s)",
			 (int)pidfile->running, path, path);
	} else {
		complain("it runs already: process %d%s%s (%s)", (int)pidfile->running,
			 command ? ", " : "", command ? command : "", path);
	}
	return CLI_FAILED;
}

static int
claim(struct start *start, const struct args *args)
{
	const struct {
		const char *option;
		struct pidfile *file;
	} files[] = { { "pidfile", &start->pidfile }, { "lock", &start->lock } };
	struct err err = { 0 };

	for (size_t i = 0; i < COUNT(files); i++) {
		const char *path = args_value(args, files[i].option);
		bool is_lock = files[i].file == &start->lock;

		if (!path) {
			continue;
		}
		switch (pidfile_claim(files[i].file, path, is_lock ? NULL : start->program, &err)) {
		case PIDFILE_TAKEN: return taken(files[i].file, path);
		case PIDFILE_FAILED: return complain_err(&err);
		case PIDFILE_FREE: break;
		}
	}
	start->daemon.files[0] =
		start->wait.until_what == DAEMON_READY_PIDFILE ? NULL : &start->pidfile;
	start->daemon.files[1] = &start->lock;
	if (start->wait.until_what == DAEMON_READY_PIDFILE &&
	    !watch_pidfile(start, start->pidfile.path, &err)) {
		return complain_err(&err);
	}
	return CLI_DONE;
}

static bool
find_program(struct start *start, char **command, struct err *err)
{
	const char *search = strv_env_get(start->environment, "PATH");

	start->program = path_find_program(command[0], search ? search : "/usr/bin:/bin");
	if (!start->program) {
		return err_set_errno(err, errno, "exec %s", command[0]);
	}
	start->daemon.program = start->program;
	start->daemon.command = command;
	start->daemon.environment = start->environment;
	start->wait.daemon = &start->daemon;
	start->wait.pidfile = &start->pidfile;
	return true;
}

/* ---- starting it ---- */
static bool
fork_it(struct start *start, struct err *err)
{
	int pair[2], r = fd_pipe(pair);
	pid_t pid;

	if (r < 0) {
		return err_set_errno(err, -r, "a pipe");
	}
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	start->wait.report = pair[0];
	start->daemon.report = pair[1];
	pid = fork();
	if (pid == 0) {
		daemon_become(&start->daemon);
	}
	(void)fd_close(pair[1]);
	if (pid < 0) {
		return err_set_errno(err, errno, "fork");
	}
	(void)waitpid(pid, NULL, 0);
	(void)fd_set_blocking(start->wait.report, false);
	return true;
}

static int
start_it(struct cli *cli, struct start *start)
{
	struct err err = { 0 };
	int code;

	if (!find_program(start, cli->args.names, &err) ||
	    !open_places(&cli->args, &start->daemon, &err) || !open_notify(start, &err)) {
		return complain_err(&err);
	}
	code = claim(start, &cli->args);
	if (code != CLI_DONE) {
		return code;
	}
	start->wait.ends = daemon_watch_ends();
	if (!fork_it(start, &err) || !daemon_await(&start->wait, &err)) {
		pidfile_give_up(&start->pidfile, start->wait.first);
		pidfile_give_up(&start->lock, start->wait.first);
		return complain_err(&err);
	}
	if (args_has(&cli->args, "verbose")) {
		(void)printf("%d\n", (int)start->wait.pid);
	}
	return CLI_DONE;
}

static void
start_done(struct start *start)
{
	for (size_t i = 0; i < COUNT(start->daemon.places); i++) {
		(void)fd_close(start->daemon.places[i]);
	}
	(void)fd_close(start->pidfile.claim);
	(void)fd_close(start->lock.claim);
	(void)fd_close(start->wait.report);
	(void)fd_close(start->wait.notify);
	(void)fd_close(start->wait.inotify);
	(void)fd_close(start->wait.ends);
	(void)strv_free(start->environment);
	free(start->daemon.groups);
	free(start->program);
}

int
cmd_daemonize(struct cli *cli)
{
	struct start start = { .daemon = { .places = { -1, -1, -1 } },
			       .pidfile = { .claim = -1 },
			       .lock = { .claim = -1 },
			       .wait = { .report = -1, .notify = -1, .inotify = -1, .ends = -1 } };
	struct err err = { 0 };
	int code;

	if (!cli->args.names[0] || !cli->args.names[0][0]) {
		return complain_usage(cli, "which command?");
	}
	if (!take_options(cli, &start, &err)) {
		code = err.number ? complain_err(&err) : complain_usage(cli, "%s", err.text);
	} else {
		code = start_it(cli, &start);
	}
	start_done(&start);
	return code;
}
