/* The environment of a command. A unit from a file gets a clean one, as systemd gives it; a
 * transient unit gets the one of the shell it was asked from, without what that shell was told for
 * itself alone (it may be a service too). What is ours comes last and cannot be overridden: a
 * process is found again by it. */
#include "base/file.h"
#include "base/path.h"
#include "base/signals.h"
#include "manager/planning.h"
#include "manager/prepare.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* said to one process, meaning nothing to its descendants */
static const char *const not_inherited[] = {
	"INVOCATION_ID",  "NOTIFY_SOCKET",    "WATCHDOG_PID",  "WATCHDOG_USEC", "LISTEN_PID",
	"LISTEN_FDS",     "LISTEN_FDNAMES",   "MAINPID",       "TEND_UNIT",     "TEND_INSTANCE",
	"JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "TEND_IDLE_SEC", "TEND_TRACE",    "TEND_RUN",
};

/* ---- variables ---- */
static void
set(char ***environment, const char *name, const char *value)
{
	autofree char *assignment = str_format("%s=%s", name, value);

	strv_env_set(environment, assignment);
}

/* by name, or exactly when it is an assignment */
static void
unset(char **environment, const char *what)
{
	size_t length = strcspn(what, "="), to = 0;

	for (size_t i = 0; environment && environment[i]; i++) {
		bool same = strncmp(environment[i], what, length) == 0 &&
			    environment[i][length] == '=' &&
			    (what[length] == '\0' || str_equal(environment[i], what));

		if (same) {
			free(environment[i]);
		} else {
			environment[to++] = environment[i];
		}
	}
	if (environment) {
		environment[to] = NULL;
	}
}

static bool
add_from(struct member *member, char ***environment, struct err *err)
{
	struct expand with;
	autofree char *path = NULL, *text = NULL;
	size_t length = 0;
	int r;

	planning_expand(member, &with);
	path = unit_expand(&with, member->unit->environment_from, err);
	if (!path) {
		return false;
	}
	r = file_read(AT_FDCWD, path, LIMIT_ENVIRONMENT, &text, &length);
	if (r < 0) {
		return err_set_errno(err, -r, "EnvironmentFrom=%s", path);
	}
	for (size_t at = 0; at < length; at += strlen(text + at) + 1) {
		if (strchr(text + at, '=')) {
			strv_add(environment, text + at);
		}
	}
	for (size_t i = 0; i < COUNT(not_inherited); i++) {
		unset(*environment, not_inherited[i]);
	}
	return true;
}

static bool
add_clean(struct member *member, char ***environment, struct err *err)
{
	struct manager *manager = member->manager;
	struct planning_user user;
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	set(environment, "PATH", PLANNING_PATH);
	if (manager->places->system && !member->unit->user) {
		return true;
	}
	if (!planning_find_user(member, &user, err)) {
		return false;
	}
	if (user.account.name) {
		set(environment, "USER", user.account.name);
		set(environment, "LOGNAME", user.account.name);
	}
	if (user.account.home) {
		set(environment, "HOME", user.account.home);
	}
	if (user.account.shell) {
		set(environment, "SHELL", user.account.shell);
	}
	if (!manager->places->system && runtime) {
		set(environment, "XDG_RUNTIME_DIR", runtime);
	}
	planning_user_done(&user);
	return true;
}

static bool
add_assignments(struct member *member, char ***environment, struct err *err)
{
	struct expand with;

	planning_expand(member, &with);
	for (char **name = member->unit->pass_environment; name && *name; name++) {
		const char *value = getenv(*name);

		if (value) {
			set(environment, *name, value);
		}
	}
	for (char **one = member->unit->environment; one && *one; one++) {
		autofree char *assignment = unit_expand(&with, *one, err);

		if (!assignment) {
			return false;
		}
		strv_env_set(environment, assignment);
	}
	return true;
}

static bool
add_file(const char *path, bool may_be_missing, char ***environment, struct err *err)
{
	autofree char *text = NULL;
	char **assignments = NULL;
	size_t length = 0;
	int r = file_read(AT_FDCWD, path, LIMIT_ENVIRONMENT, &text, &length);
	bool ok;

	if (r < 0) {
		return (may_be_missing && r == -ENOENT) ||
		       err_set_errno(err, -r, "EnvironmentFile=%s", path);
	}
	if (strlen(text) != length) {
		return err_set(err, "EnvironmentFile=%s: it holds NUL bytes", path);
	}
	ok = unit_environment_file(text, &assignments, err);
	for (char **one = assignments; ok && one && *one; one++) {
		strv_env_set(environment, *one);
	}
	strv_free(assignments);
	return ok || err_prefix(err, "EnvironmentFile=%s", path);
}

static bool
add_files(struct member *member, char ***environment, struct err *err)
{
	struct expand with;
	bool ok = true;

	planning_expand(member, &with);
	for (char **one = member->unit->environment_files; ok && one && *one; one++) {
		bool may_be_missing = (*one)[0] == '-';
		autofree char *path = unit_expand(&with, *one + may_be_missing, err);

		ok = path && add_file(path, may_be_missing, environment, err);
	}
	return ok;
}

/* ---- what is ours ---- */
static bool
add_directories(struct member *member, char ***environment, struct err *err)
{
	for (enum directory_kind kind = 0; kind < DIRECTORY_COUNT; kind++) {
		struct err why = { 0 };
		char **paths = prepare_paths(member, kind, &why);
		autofree char *joined = paths ? strv_join(paths, ":") : NULL;

		if (joined) {
			set(environment, prepare_variable(kind), joined);
		} else if (why.text[0]) {
			*err = why;
			return false;
		}
		strv_free(paths);
	}
	return true;
}

static const char *
result_name(enum why why) /* SERVICE_RESULT, in systemd's words */
{
	switch (why) {
	case WHY_EXIT_CODE: return "exit-code";
	case WHY_SIGNAL: return "signal";
	case WHY_CORE: return "core-dump";
	case WHY_OOM: return "oom-kill";
	case WHY_TIMEOUT:
	case WHY_RUNTIME: return "timeout";
	case WHY_WATCHDOG: return "watchdog";
	case WHY_START_LIMIT: return "start-limit-hit";
	case WHY_EXEC:
	case WHY_DEPENDENCY:
	case WHY_UNKNOWN:
	case WHY_SURVIVORS: return "resources";
	case WHY_PROTOCOL: return "protocol";
	case WHY_CONDITION: return "exec-condition";
	case WHY_NONE:
	case WHY_ASKED:
	case WHY_COUNT: break;
	}
	return "success";
}

static void
add_result(const struct member *member, char ***environment)
{
	const struct service *service = &member->service;
	const struct outcome *outcome = &service->outcome;
	char number[16];

	set(environment, "SERVICE_RESULT", result_name(service->why));
	if (!service->main_known || !outcome->known) {
		return;
	}
	if (outcome->signalled) {
		const char *name = signals_name(outcome->value);

		set(environment, "EXIT_CODE", outcome->core ? "dumped" : "killed");
		set(environment, "EXIT_STATUS", str_starts(name, "SIG") ? name + 3 : name);
	} else {
		(void)snprintf(number, sizeof(number), "%d", outcome->value);
		set(environment, "EXIT_CODE", "exited");
		set(environment, "EXIT_STATUS", number);
	}
}

static bool
add_notification(struct member *member, enum part part, char ***environment, struct err *err)
{
	enum notify_access access = member->unit->notify_access;
	const char *address;
	char number[32];

	if (!notify_wanted(member->unit) ||
	    (part == PART_CONTROL && access != NOTIFY_EXEC && access != NOTIFY_ALL)) {
		return true;
	}
	address = notify_open(member, err);
	if (!address) {
		return false;
	}
	set(environment, "NOTIFY_SOCKET", address);
	if (part == PART_MAIN && member->unit->watchdog > 0 &&
	    member->unit->watchdog != CLOCK_NEVER) {
		(void)snprintf(number, sizeof(number), "%" PRId64,
			       (int64_t)(member->unit->watchdog / CLOCK_US));
		set(environment, "WATCHDOG_USEC", number);
	}
	return true;
}

static void
add_stored(const struct member *member, char ***environment)
{
	struct buf names;
	char number[16];

	buf_init(&names, LIMIT_ENVIRONMENT);
	(void)snprintf(number, sizeof(number), "%zu", notify_store_names(member, &names));
	set(environment, "LISTEN_FDS", number);
	set(environment, "LISTEN_FDNAMES", buf_str(&names));
	buf_done(&names);
}

static bool
add_own(struct member *member, enum part part, enum step step, char ***environment, struct err *err)
{
	const char *instance = name_instance(member->name);
	char number[16];

	set(environment, "INVOCATION_ID", member->invocation);
	set(environment, "TEND_UNIT", member->name);
	set(environment, "TEND_RUN", member->manager->places->run); /* alive.c: whose unit it is */
	if (instance[0] != '\0') {
		set(environment, "TEND_INSTANCE", instance);
	}
	if (member->manager->places->home) {
		/* tend, called by it, means the tend that keeps it */
		set(environment, "TEND_HOME", member->manager->places->home);
	}
	if (part == PART_CONTROL && member_pid(member) > 0) {
		(void)snprintf(number, sizeof(number), "%d", (int)member_pid(member));
		set(environment, "MAINPID", number);
	}
	if (step == STEP_STOP || step == STEP_STOP_POST) {
		add_result(member, environment);
	}
	if (part == PART_MAIN && step == STEP_START && member->stored_count > 0) {
		add_stored(member, environment);
	}
	return add_notification(member, part, environment, err) &&
	       add_directories(member, environment, err);
}

char **
planning_environment(struct member *member, enum part part, enum step step, struct err *err)
{
	char **environment = NULL;
	bool ok = member->unit->environment_from ? add_from(member, &environment, err)
						 : add_clean(member, &environment, err);

	ok = ok && add_assignments(member, &environment, err) &&
	     add_files(member, &environment, err) && add_own(member, part, step, &environment, err);
	for (char **one = member->unit->unset_environment; ok && one && *one; one++) {
		unset(environment, *one);
	}
	return ok ? environment : strv_free(environment);
}
