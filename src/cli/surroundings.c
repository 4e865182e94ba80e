/* surroundings: what a transient unit keeps of the shell it was asked from, because that is what
 * users of nohup rely on: the directory, the umask, the limits and the environment. Of the limits
 * only those are written down in which the shell differs from tendd, as its keeper has them now:
 * the others come by themselves. */
#include "base/accounts.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cli.h"
#include "unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

extern char **environ;

/* said to this shell alone, or about the user it runs as */
static const char *const of_a_service[] = { "INVOCATION_ID",  "NOTIFY_SOCKET",    "WATCHDOG_PID",
					    "WATCHDOG_USEC",  "LISTEN_PID",       "LISTEN_FDS",
					    "LISTEN_FDNAMES", "MAINPID",          "JOURNAL_STREAM",
					    "MANAGERPID",     "SYSTEMD_EXEC_PID", "TEND_UNIT",
					    "TEND_INSTANCE",  "TEND_RUN",         "TENDD" };
static const char *const of_a_user[] = { "HOME",  "USER", "LOGNAME",
					 "SHELL", "MAIL", "XDG_RUNTIME_DIR" };

mode_t
surroundings_umask(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	return mask;
}

char *
surroundings_directory(struct err *err)
{
	char path[PATH_MAX];

	if (!getcwd(path, sizeof(path)) || path[0] != '/') {
		(void)err_set_errno(err, errno ? errno : ENOENT,
				    "the directory you are in; --cwd names another one");
		return NULL;
	}
	return str_dup(path);
}

/* ---- limits ---- */
static void
show_limit(char *text, size_t size, rlim_t value)
{
	if (value == RLIM_INFINITY) {
		(void)snprintf(text, size, "infinity");
	} else {
		(void)snprintf(text, size, "%llu", (unsigned long long)value);
	}
}

static void
keep_limit(const struct key *key, pid_t keeper, struct compose *compose)
{
	char soft[32], hard[32];
	autofree char *both = NULL;
	struct rlimit here, there;

	if (getrlimit(key->resource, &here) < 0) {
		return;
	}
	if (prlimit(keeper, key->resource, NULL, &there) == 0) {
		if (here.rlim_cur == there.rlim_cur && here.rlim_max == there.rlim_max &&
		    key->resource != RLIMIT_NOFILE) { /* of which tendd takes more for itself */
			return;
		}
		if (geteuid() != 0) { /* nobody else can go above what tendd has */
			here.rlim_max = MIN(here.rlim_max, there.rlim_max);
			here.rlim_cur = MIN(here.rlim_cur, here.rlim_max);
		}
	}
	show_limit(soft, sizeof(soft), here.rlim_cur);
	show_limit(hard, sizeof(hard), here.rlim_max);
	both = str_equal(soft, hard) ? str_dup(soft) : str_format("%s:%s", soft, hard);
	compose_line(compose, SECTION_SERVICE, key->name, both);
}

void
surroundings_limits(struct cli *cli, struct compose *compose)
{
	autodone(wire_answer) struct wire_answer info = { 0 };
	json_int_t keeper = 0;
	int code;

	if (ask(cli, "Info", NULL, ASK_AGAIN, &info, &code) == WIRE_REPLY) {
		keeper = json_integer_value(json_object_get(info.parameters, "keeper"));
	}
	for (size_t i = 0; keeper > 0 && i < key_count; i++) {
		if (str_equal(key_table[i].type, "LIMIT")) {
			keep_limit(&key_table[i], (pid_t)keeper, compose);
		}
	}
}

/* ---- environment ---- */
static bool
is_one_of(const char *assignment, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(names[i]);
		if (strncmp(assignment, names[i], n) == 0 && assignment[n] == '=') {
			return true;
		}
	}
	return false;
}

static void
set(char ***environment, const char *name, const char *value)
{
	autofree char *assignment = value ? str_format("%s=%s", name, value) : NULL;

	if (assignment) {
		strv_env_set(environment, assignment);
	}
}

/* as another user: what login(1) would say of him */
static bool
add_user(const char *name, char ***environment, struct err *err)
{
	autodone(accounts_user) struct accounts_user user = { 0 };

	if (!accounts_user(name, &user, err)) {
		return err_prefix(err, "the user %s", name);
	}
	set(environment, "HOME", user.home);
	set(environment, "USER", user.name);
	set(environment, "LOGNAME", user.name);
	set(environment, "SHELL", user.shell);
	return true;
}

static bool
add_shell(const char *user, char ***environment, struct err *err)
{
	for (char **one = environ; *one; one++) {
		if (strchr(*one, '=') && !is_one_of(*one, of_a_service, COUNT(of_a_service)) &&
		    !(user && is_one_of(*one, of_a_user, COUNT(of_a_user)))) {
			strv_add(environment, *one);
		}
	}
	return !user || add_user(user, environment, err);
}

static bool
add_file(const char *path, char ***environment, struct err *err)
{
	autofree char *text = NULL;
	char **assignments = NULL;
	size_t length;
	int r = file_read(AT_FDCWD, path, LIMIT_ENVIRONMENT, &text, &length);
	struct err odd = { 0 };
	bool ok;

	if (r < 0) {
		return err_set_errno(err, -r, "--env-file %s", path);
	}
	ok = strlen(text) == length && unit_environment_file(text, &assignments, &odd);
	if (!ok) {
		(void)err_set(err, "--env-file %s: it is no file of NAME=value lines", path);
	} else if (odd.text[0]) {
		complain("--env-file %s: %s", path, odd.text);
	}
	for (size_t i = 0; ok && assignments && assignments[i]; i++) {
		strv_env_set(environment, assignments[i]);
	}
	(void)strv_free(assignments);
	return ok;
}

/* "NAME=value", or "NAME": as it is here */
static bool
add_option(const char *told, char ***environment, struct err *err)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	size_t n = strspn(told, letters);

	if (n == 0 || (told[n] != '=' && told[n] != '\0') || (told[0] >= '0' && told[0] <= '9')) {
		return err_set(err, "--env: '%s' is not NAME=value", told);
	}
	if (told[n] == '=') {
		strv_env_set(environment, told);
	} else {
		set(environment, told, getenv(told));
	}
	return true;
}

bool
surroundings_environment(const struct cli *cli, bool clean, const char *user,
			 char ***ret_environment, struct err *err)
{
	char **environment = calloc(1, sizeof(char *));
	const char *told;
	size_t at = 0;
	bool ok = clean || add_shell(user, &environment, err);

	while (ok && (told = args_each(&cli->args, "env-file", &at))) {
		ok = add_file(told, &environment, err);
	}
	for (at = 0; ok && (told = args_each(&cli->args, "env", &at));) {
		ok = add_option(told, &environment, err);
	}
	if (!ok) {
		(void)strv_free(environment);
		return false;
	}
	*ret_environment = environment;
	return true;
}
