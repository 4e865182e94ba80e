/* transient: the text of the unit that `tend run` declares, from its options and its
 * surroundings. Each value is tried on a scratch unit first, so that what is wrong is told under
 * the name of the option it came from. */
#include "base/accounts.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/cli.h"
#include "unit/unit.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { DESCRIPTION_COLUMNS = 120 };

/* options whose value is the value of a key */
static const struct {
	const char *option, *key;
} keyed[] = {
	{ "uid", "User" },
	{ "gid", "Group" },
	{ "nice", "Nice" },
	{ "umask", "UMask" },
	{ "restart", "Restart" },
	{ "stop-signal", "KillSignal" },
	{ "stop-timeout", "TimeoutStopSec" },
	{ "timeout", "RuntimeMaxSec" },
	{ "after", "After" },
	{ "requires", "Requires" },
};

void
transient_done(struct transient *transient)
{
	free(transient->name);
	free(transient->text);
	transient->environment = strv_free(transient->environment);
	*transient = (struct transient){ 0 };
}

/* ---- checking ---- */
static bool
check_keyed(const struct args *args, struct unit *scratch, struct err *err)
{
	const char *value;

	for (size_t i = 0; i < COUNT(keyed); i++) {
		size_t at = 0;
		while ((value = args_each(args, keyed[i].option, &at))) {
			struct err why = { 0 };
			if (!unit_set(scratch, keyed[i].key, value, &why)) {
				return err_set(err, "--%s: %s", keyed[i].option, why.text);
			}
		}
	}
	return true;
}

/* "nofile=1024" or "core=0:infinity": the key's name; owned; NULL with words */
static char *
limit_key(const char *told, struct err *err)
{
	size_t n = strcspn(told, "=");
	autofree char *name = str_dup_n(told, n);
	char *key;

	for (char *c = name; *c; c++) {
		*c = (char)toupper((unsigned char)*c);
	}
	key = str_format("Limit%s", str_starts(name, "LIMIT") ? name + 5 : name);
	if (told[n] != '=' || !key_find(SECTION_SERVICE, key)) {
		free(key);
		(void)err_set(err,
			      "--limit: '%s' is not a limit and its value; nofile=4096 or core=0 "
			      "would be",
			      told);
		return NULL;
	}
	return key;
}

static bool
check_limits(const struct args *args, struct unit *scratch, struct err *err)
{
	const char *told;
	size_t at = 0;

	while ((told = args_each(args, "limit", &at))) {
		autofree char *key = limit_key(told, err);
		struct err why = { 0 };
		if (!key) {
			return false;
		}
		if (!unit_set(scratch, key, strchr(told, '=') + 1, &why)) {
			return err_set(err, "--limit: %s", why.text);
		}
	}
	return true;
}

/* "Key=Value" of -p: the row; NULL with words */
static const struct key *
property_key(const char *told, struct err *err)
{
	size_t n = strcspn(told, "=");
	autofree char *name = str_dup_n(told, n);
	const struct key *key = key_by_name(name), *near;

	if (told[n] != '=') {
		(void)err_set(err, "-p: '%s' is not Key=Value", told);
		return NULL;
	}
	if (!key) {
		near = key_suggest(name);
		(void)err_set(err, "-p: there is no key %s%s%s%s", name,
			      near ? "; did you mean " : "", near ? near->name : "",
			      near ? "?" : "");
		return NULL;
	}
	if (key->verdict == VERDICT_UNSUPPORTED) {
		(void)err_set(err, "-p: %s= is not supported: %s", key->name, key->words);
		return NULL;
	}
	return key;
}

static bool
check_properties(const struct args *args, struct unit *scratch, struct err *err)
{
	const char *told;
	size_t at = 0;

	while ((told = args_each(args, "property", &at))) {
		const struct key *key = property_key(told, err);
		struct err why = { 0 };
		if (!key) {
			return false;
		}
		if (!unit_set(scratch, key->name, strchr(told, '=') + 1, &why)) {
			return err_set(err, "-p: %s", why.text);
		}
	}
	return true;
}

static bool
check_options(const struct args *args, struct err *err)
{
	struct unit *scratch = unit_new("scratch", NULL);
	bool ok = check_keyed(args, scratch, err) && check_limits(args, scratch, err) &&
		  check_properties(args, scratch, err);

	(void)unit_unref(scratch);
	return ok;
}

/* what is right and yet cannot be: exit code, complained */
static int
check_rights(const struct args *args)
{
	const char *user = args_value(args, "uid"), *group = args_value(args, "gid");
	autodone(accounts_user) struct accounts_user found = { 0 };
	struct err err = { 0 };
	gid_t gid;

	if ((user || group) && geteuid() != 0) {
		complain("--%s: only root can run something as somebody else",
			 user ? "uid" : "gid");
		return CLI_DENIED;
	}
	if (user && !accounts_user(user, &found, &err)) {
		(void)err_prefix(&err, "--uid");
		return complain_err(&err);
	}
	if (group && !accounts_group(group, &gid, &err)) {
		(void)err_prefix(&err, "--gid");
		return complain_err(&err);
	}
	return CLI_DONE;
}

/* ---- composing ---- */
static void
put_literal(struct compose *compose, const char *key, const char *format, const char *literal)
{
	autofree char *value = str_format(format, literal);
	autofree char *quoted = compose_string(value);

	compose_line(compose, SECTION_SERVICE, key, quoted);
}

/* what it is, for `list`: the command as it was typed */
static char *
describe(char *const *words)
{
	autofree char *line = strv_join(words, " ");
	autofree char *harmless = width_harmless(line, strlen(line), false);
	autofree char *cut = width_cut(harmless, DESCRIPTION_COLUMNS);

	return compose_string(cut);
}

static void
put_unit(const struct args *args, char *const *words, struct compose *compose)
{
	autofree char *description = describe(words);
	const char *value;
	size_t at = 0;

	compose_line(compose, SECTION_UNIT, "Description", description);
	while ((value = args_each(args, "after", &at))) {
		compose_line(compose, SECTION_UNIT, "After", value);
	}
	for (at = 0; (value = args_each(args, "requires", &at));) {
		compose_line(compose, SECTION_UNIT, "Requires", value);
		compose_line(compose, SECTION_UNIT, "After", value);
	}
}

static void
put_keyed(const struct args *args, struct compose *compose)
{
	for (size_t i = 0; i < COUNT(keyed); i++) {
		const char *value = args_value(args, keyed[i].option);
		const struct key *key = key_by_name(keyed[i].key);
		if (value && key && key->section == SECTION_SERVICE &&
		    !str_equal(keyed[i].option, "restart") &&
		    !str_equal(keyed[i].option, "umask")) {
			compose_line(compose, SECTION_SERVICE, key->name, value);
		}
	}
}

/* a growing pause instead of a limit: a crash loop is neither hot nor silently final */
static void
put_restart(const char *restart, struct compose *compose)
{
	if (restart && !str_equal(restart, "no")) {
		compose_line(compose, SECTION_SERVICE, "Restart", restart);
		compose_line(compose, SECTION_TEND, "BackoffFirstSec", "100ms");
		compose_line(compose, SECTION_TEND, "BackoffMaxSec", "30s");
		compose_line(compose, SECTION_TEND, "BackoffResetSec", "10s");
	}
}

static void
put_limits(struct cli *cli, struct compose *compose)
{
	const char *told;
	size_t at = 0;

	surroundings_limits(cli, compose);
	while ((told = args_each(&cli->args, "limit", &at))) {
		autofree char *key = limit_key(told, NULL);
		CHECK(key); /* check_limits has seen it */
		compose_line(compose, SECTION_SERVICE, key_find(SECTION_SERVICE, key)->name,
			     strchr(told, '=') + 1);
	}
}

static void
put_environment(char *const *environment, bool clean, struct compose *compose)
{
	for (size_t i = 0; environment[i]; i++) {
		autofree char *quoted = words_quote(environment[i]);
		struct buf doubled;

		if (!clean && transient_is_sent(environment[i])) {
			continue;
		}

		buf_init(&doubled, SIZE_MAX / 4);
		for (const char *c = quoted; *c; c++) {
			(void)buf_add_str(&doubled, *c == '%' ? "%" : "");
			(void)buf_add_char(&doubled, *c);
		}
		compose_line(compose, SECTION_SERVICE, "Environment", buf_str(&doubled));
		buf_done(&doubled);
	}
}

static void
put_properties(const struct args *args, struct compose *compose)
{
	const char *told;
	size_t at = 0;

	while ((told = args_each(args, "property", &at))) {
		const struct key *key = property_key(told, NULL);
		CHECK(key); /* check_properties has seen it */
		compose_line(compose, key->section, key->name, strchr(told, '=') + 1);
	}
}

struct plan { /* what the options come to, before tendd is asked */
	char **command;
	char *cwd, *stdin_file;
	const char *restart;
};

static void
plan_done(struct plan *plan)
{
	plan->command = strv_free(plan->command);
	free(plan->cwd);
	free(plan->stdin_file);
}

static char *
compose_text(struct cli *cli, const struct plan *plan, char *const *words, char *const *environment)
{
	const struct args *args = &cli->args;
	autofree char *command = compose_command(plan->command);
	const char *umask_told = args_value(args, "umask");
	char mask[16];
	struct compose compose;

	(void)snprintf(mask, sizeof(mask), "%04o", (unsigned)surroundings_umask());
	compose_init(&compose);
	put_unit(args, words, &compose);
	/* nobody who restarts a command by hand has asked for a limit */
	compose_line(&compose, SECTION_UNIT, "StartLimitIntervalSec", "0");
	compose_line(&compose, SECTION_SERVICE, "Type", "exec");
	compose_line(&compose, SECTION_SERVICE, "ExecStart", command);
	put_literal(&compose, "WorkingDirectory", "%s", plan->cwd);
	compose_line(&compose, SECTION_SERVICE, "UMask", umask_told ? umask_told : mask);
	put_keyed(args, &compose);
	if (plan->stdin_file) {
		put_literal(&compose, "StandardInput", "file:%s", plan->stdin_file);
	}
	put_limits(cli, &compose);
	put_environment(environment, args_has(args, "clean-env"), &compose);
	put_restart(plan->restart, &compose);
	if (args_has(args, "rm")) {
		compose_line(&compose, SECTION_TEND, "RemoveWhenDone", "yes");
	}
	put_properties(args, &compose);
	return buf_take(&compose.text);
}

/* ---- making ---- */
static char *
absolute(const char *path, struct err *err)
{
	autofree char *here = path_is_absolute(path) ? str_dup("/") : surroundings_directory(err);
	autofree char *joined = here ? path_join(here, path) : NULL;

	return path_is_absolute(path) ? path_clean(path) : joined ? path_clean(joined) : NULL;
}

static bool
plan_directory(const struct args *args, struct plan *plan, struct err *err)
{
	const char *told = args_value(args, "cwd");
	struct stat st;

	plan->cwd = told ? absolute(told, err) : surroundings_directory(err);
	if (!plan->cwd) {
		return false;
	}
	if (stat(plan->cwd, &st) < 0) {
		return err_set_errno(err, errno, "chdir to %s", plan->cwd);
	}
	return S_ISDIR(st.st_mode) || err_set_errno(err, ENOTDIR, "chdir to %s", plan->cwd);
}

static bool
plan_input(const struct args *args, struct plan *plan, struct err *err)
{
	const char *told = args_value(args, "stdin");

	if (!told) {
		return true;
	}
	plan->stdin_file = absolute(told, err);
	if (!plan->stdin_file) {
		return false;
	}
	return faccessat(AT_FDCWD, plan->stdin_file, R_OK, AT_EACCESS) == 0 ||
	       err_set_errno(err, errno, "--stdin %s", plan->stdin_file);
}

static bool
plan_make(const struct cli *cli, char *const *words, const char *fallback_restart,
	  char *const *environment, struct plan *plan, struct err *err)
{
	const char *search = strv_env_get(environment, "PATH");

	plan->restart = args_value(&cli->args, "restart");
	plan->restart = plan->restart ? plan->restart : fallback_restart;
	if (!plan_directory(&cli->args, plan, err) || !plan_input(&cli->args, plan, err)) {
		return false;
	}
	plan->command = program_command(words, plan->cwd,
					search ? search : "/usr/local/bin:/usr/bin:/bin", err);
	return plan->command != NULL;
}

static bool
name_it(const struct args *args, char *const *words, char *const *command,
	struct transient *transient, struct err *err)
{
	const char *told = args_value(args, "name");
	char name[LIMIT_NAME + 1];

	transient->named = told != NULL;
	if (!told) {
		transient->name = name_from_command(words[1] ? words : command);
		return true;
	}
	if (!name_check(told, name, err)) {
		return err_prefix(err, "--name");
	}
	transient->name = str_dup(name);
	return true;
}

/* the whole text as tendd will read it; true: it can be started. What it takes differently is said
 */
static bool
check_text(const struct transient *transient, struct err *err)
{
	struct verdict_host host;
	struct unit *unit =
		unit_parse(transient->name, transient->text, strlen(transient->text), NULL);
	struct list notices; /* notice.link */
	bool ok = !unit->bad || err_set(err, "%s", unit->bad);

	list_init(&notices);
	verdict_host_here(&host, true);
	(void)verdict_list(unit, &host, &notices);
	LIST_EACH(notice, &notices, struct notice, link) {
		if (ok) {
			complain("%s=: %s", notice->key ? notice->key : "", notice->text);
		}
		list_remove(&notice->link);
		(void)notice_free(notice);
	}
	(void)unit_unref(unit);
	return ok;
}

static int
usage(struct cli *cli, const struct err *err)
{
	return complain_usage(cli, "%s", err->text);
}

static int
fill(struct cli *cli, char *const *words, const char *fallback_restart, struct plan *plan,
     struct transient *transient)
{
	bool clean = args_has(&cli->args, "clean-env");
	struct err err = { 0 };
	int code;

	if (!check_options(&cli->args, &err) ||
	    !args_number(&cli->args, "instances", 1, LIMIT_INSTANCES, &transient->instances,
			 &err)) {
		return usage(cli, &err);
	}
	code = check_rights(&cli->args);
	if (code != CLI_DONE) {
		return code;
	}
	if (!surroundings_environment(cli, clean, args_value(&cli->args, "uid"),
				      &transient->environment, &err)) {
		return err.number ? complain_err(&err) : usage(cli, &err);
	}
	if (!plan_make(cli, words, fallback_restart, transient->environment, plan, &err)) {
		return str_equal(err.text, "the command is empty") ? usage(cli, &err)
								   : complain_err(&err);
	}
	if (!name_it(&cli->args, words, plan->command, transient, &err)) {
		return usage(cli, &err);
	}
	code = ask_open(cli, ASK_ALWAYS);
	if (code != CLI_DONE) {
		return code;
	}
	transient->text = compose_text(cli, plan, words, transient->environment);
	if (clean) {
		transient->environment = strv_free(transient->environment);
	}
	return check_text(transient, &err) ? CLI_DONE : usage(cli, &err);
}

int
transient_make(struct cli *cli, char *const *words, const char *fallback_restart,
	       struct transient *ret_transient)
{
	autodone(plan) struct plan plan = { 0 };
	struct transient transient = { .replace = args_has(&cli->args, "replace") };
	int code = fill(cli, words, fallback_restart, &plan, &transient);

	if (code != CLI_DONE) {
		transient_done(&transient);
		return code;
	}
	*ret_transient = transient;
	return CLI_DONE;
}
