/* cmd-start: start units. A word that is a file does what users of PM2 or systemd expect of it: a
 * program is run and kept, a unit file is loaded and started. */
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cli.h"
#include "unit/unit.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

const struct opt cmd_start_options[] = {
	OPT_ALL,
	{ 0, "no-wait", NULL, "do not wait until they are up" },
	{ 'n', "name", "NAME", "of a program that is a file: what to call it" },
	{ 'r', "restart", "WHEN",
	  "of a program that is a file: when to start it again (on-failure)" },
	OPT_QUIET,
	OPT_JSON,
	OPT_END,
};
const char cmd_start_details[] =
	"Returns when they are up, with what they require. A word with a slash is a\n"
	"file:\n"
	"  tend start ./server.js -- --port 80   as tend run --restart on-failure does\n"
	"  tend start ./app.service              loads a copy of the unit file and starts it\n"
	"What follows -- are arguments of the program.";

static bool
is_file(const char *word)
{
	struct stat st;

	return strchr(word, '/') && stat(word, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- a program ---- */
static int
start_program(struct cli *cli, const char *path, char *const *arguments)
{
	autodone(transient) struct transient transient = { 0 };
	autodone(wire_answer) struct wire_answer answer = { 0 };
	struct err err = { 0 };
	char **words = program_of_file(path, arguments, &err);
	int code;

	if (!words) {
		return complain_err(&err);
	}
	code = transient_make(cli, words, "on-failure", &transient);
	(void)strv_free(words);
	if (code == CLI_DONE) {
		code = transient_ask(cli, &transient, &answer, NULL);
	}
	if (code != CLI_DONE) {
		return code;
	}
	return outcome_results(cli, json_object_get(answer.parameters, "results"), NULL);
}

/* ---- a unit file ---- */
static int
read_unit(struct cli *cli, const char *path, struct transient *transient)
{
	char name[LIMIT_NAME + 1];
	struct unit *unit;
	struct err err = { 0 };
	size_t length;
	int r;

	if (!names_check(cli, path_base(path), name)) {
		return CLI_USAGE;
	}
	r = file_read(AT_FDCWD, path, LIMIT_UNIT_FILE, &transient->text, &length);
	if (r < 0) {
		(void)err_set_errno(&err, -r, "%s", path);
		return complain_err(&err);
	}
	unit = unit_parse(name, transient->text, length, path);
	if (unit->bad) {
		complain("%s", unit->bad);
		(void)unit_unref(unit);
		return CLI_FAILED;
	}
	(void)unit_unref(unit);
	transient->name = str_dup(name);
	transient->named = true;
	transient->lenient = true;
	return CLI_DONE;
}

/* does tendd have this very text under this name? */
static bool
is_loaded(struct cli *cli, const struct transient *transient)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	int code;
	const json_t *file;

	if (ask(cli, "Cat", json_pack("{s:o}", "name", wire_string(transient->name)), ASK_AGAIN,
		&answer, &code) != WIRE_REPLY) {
		return false;
	}
	file = json_array_get(json_object_get(answer.parameters, "files"), 0);
	return strncmp(phrase_get(file, "text"), transient->text, strlen(transient->text)) == 0;
}

static int
start_name(struct cli *cli, const char *name)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	int code = ask_simply(cli, "Start", json_pack("{s:[o]}", "names", wire_string(name)),
			      ASK_AGAIN, &answer);

	if (code != CLI_DONE) {
		return code;
	}
	return outcome_results(cli, json_object_get(answer.parameters, "results"), NULL);
}

static int
start_unit_file(struct cli *cli, const char *path)
{
	autodone(transient) struct transient transient = { 0 };
	autodone(wire_answer) struct wire_answer answer = { 0 };
	bool taken = false;
	int code = read_unit(cli, path, &transient);

	if (code == CLI_DONE) {
		code = ask_open(cli, ASK_ALWAYS);
	}
	if (code != CLI_DONE) {
		return code;
	}
	code = transient_ask(cli, &transient, &answer, &taken);
	if (taken && is_loaded(cli, &transient)) {
		return start_name(cli, transient.name);
	}
	if (taken) { /* another text of that name: this one takes its place, if it is tend's own */
		transient.replace = true;
		code = transient_ask(cli, &transient, &answer, NULL);
	}
	if (code != CLI_DONE) {
		return code;
	}
	if (!cli->quiet && !cli->json) {
		complain("loaded a copy of %s as %s ('tend delete %s' forgets it)", path,
			 transient.name, transient.name);
	}
	return outcome_results(cli, json_object_get(answer.parameters, "results"), NULL);
}

/* ---- */
static int
start_files(struct cli *cli)
{
	char *none[] = { NULL };
	char **words = cli->args.names;
	size_t count = cli->args.dashed;
	int worst = CLI_DONE;

	for (size_t i = 0; i < count; i++) {
		if (!is_file(words[i])) {
			return complain_usage(cli, "%s: names and files cannot be mixed", words[i]);
		}
	}
	for (size_t i = 0; i < count; i++) {
		int code;
		if (str_ends(words[i], ".service")) {
			code = start_unit_file(cli, words[i]);
		} else {
			code = start_program(cli, words[i], count == 1 ? words + count : none);
		}
		worst = MAX(worst, code);
	}
	return worst;
}

int
cmd_start(struct cli *cli)
{
	char **words = cli->args.names;
	json_t *parameters;

	if (words[0] && is_file(words[0])) {
		return start_files(cli);
	}
	if (words[0] && strchr(words[0], '/')) {
		complain("%s: No such file", words[0]);
		return CLI_NO_UNIT;
	}
	if (args_has(&cli->args, "name") || args_has(&cli->args, "restart")) {
		return complain_usage(cli, "--name and --restart are for programs that are files");
	}
	parameters = names_parameters(cli);
	if (!parameters) {
		return CLI_USAGE;
	}
	if (args_has(&cli->args, "no-wait")) {
		(void)json_object_set_new(parameters, "wait", json_false());
	}
	return outcome_verb(cli, "Start", parameters, ASK_AGAIN, NULL);
}
