/* cmd-run: start a command in the background and keep it: what nohup and & are used for, and PM2.
 */
#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"

const struct opt cmd_run_options[] = {
	{ 'n', "name", "NAME", "what to call it (else one is made from the command)" },
	{ 'r', "restart", "WHEN", "start it again: no, on-failure, always ..." },
	{ 'C', "cwd", "DIRECTORY", "where it runs (else where you are)" },
	{ 'e', "env", "NAME=VALUE", "add to its environment; NAME alone: as it is here" },
	{ 0, "env-file", "FILE", "add the NAME=value lines of a file" },
	{ 0, "clean-env", NULL, "not the environment of this shell" },
	{ 0, "uid", "USER", "run as this user (root only)" },
	{ 0, "gid", "GROUP", "and with this group (root only)" },
	{ 0, "nice", "N", "-20 (first) to 19 (last)" },
	{ 0, "umask", "MODE", "else that of this shell" },
	{ 'l', "limit", "NAME=N", "nofile=4096, core=infinity, as=2G ... (soft:hard too)" },
	{ 0, "stdin", "FILE", "what it reads (else nothing)" },
	{ 0, "stop-signal", "SIGNAL", "what a stop sends first (TERM)" },
	{ 0, "stop-timeout", "TIME", "how long after that it is killed (90s)" },
	{ 't', "timeout", "TIME", "stop it when it runs longer" },
	{ 'i', "instances", "N", "so many of it: NAME@1 to NAME@N" },
	{ 'w', "wait", NULL, "stay: show its output, forward ^C, pass its exit code on" },
	{ 0, "rm", NULL, "forget it once it has ended well" },
	{ 0, "replace", NULL, "take the place of a unit of this name" },
	{ 0, "after", "NAME", "start it when this unit is up" },
	{ 0, "requires", "NAME", "the same, and start that unit too; stop with it" },
	{ 'p', "property", "KEY=VALUE", "any key of a unit file: see tend-unit(5)" },
	{ 'q', "quiet", NULL, "print its name only" },
	OPT_JSON,
	OPT_END,
};
const char cmd_run_details[] =
	"Returns as soon as the command has been executed. It keeps the directory,\n"
	"the environment, the umask and the limits of this shell. Without --restart\n"
	"a command that ends is `done` or `failed`; its status and its log are kept\n"
	"(tend why, tend logs). With it, the pause before the next start doubles\n"
	"from 100 ms to 30 s and begins anew after 10 s of good life.\n"
	"  tend run --name web --restart always -- node server.js\n"
	"  tend run \"make 2>&1 | tee make.log\"\n"
	"  tend run --wait --rm -- ./migrate";

static int
put(struct cli *cli, const json_t *results)
{
	int worst = CLI_DONE;
	json_t *result;
	size_t i;

	if (cli->json) {
		return outcome_results(cli, results, NULL);
	}
	json_array_foreach(results, i, result) {
		const json_t *pid = json_object_get(result, "pid");
		autofree char *name = phrase_command(phrase_get(result, "name"));

		if (!json_is_true(json_object_get(result, "ok"))) {
			const char *error = phrase_get(result, "error");
			int code = complain_error(cli, error[0] ? error : "Failed",
						  phrase_get(result, "name"),
						  phrase_get(result, "text"));
			worst = MAX(worst, code);
		} else if (cli->quiet) {
			(void)printf("%s\n", name);
		} else {
			(void)printf("%s: %s", name, phrase_get(result, "state"));
			if (json_is_integer(pid)) {
				(void)printf(", pid %lld", (long long)json_integer_value(pid));
			}
			(void)printf("; its log: tend logs -f %s\n", name);
		}
	}
	return worst;
}

static int
stay(struct cli *cli, const json_t *results, int64_t since)
{
	char **names = NULL;
	json_t *result;
	size_t i;
	int code = CLI_DONE;

	json_array_foreach(results, i, result) {
		if (!json_is_true(json_object_get(result, "ok"))) {
			const char *error = phrase_get(result, "error");
			code = complain_error(cli, error[0] ? error : "Failed",
					      phrase_get(result, "name"),
					      phrase_get(result, "text"));
		}
		strv_add(&names, phrase_get(result, "name"));
	}
	if (code == CLI_DONE && names) {
		code = stay_until_end(cli, names, since);
	}
	(void)strv_free(names);
	return code;
}

int
cmd_run(struct cli *cli)
{
	autodone(transient) struct transient transient = { 0 };
	autodone(wire_answer) struct wire_answer answer = { 0 };
	bool wait = args_has(&cli->args, "wait");
	int64_t since = clock_wall();
	const json_t *results;
	int code;

	if (!cli->args.names[0]) {
		return complain_usage(cli, "run what? tend run %s", cli->cmd->arguments);
	}
	if (wait && cli->json) {
		return complain_usage(cli, "--wait shows the output of the command: no --json");
	}
	code = transient_make(cli, cli->args.names, NULL, &transient);
	if (code == CLI_DONE) {
		code = transient_ask(cli, &transient, &answer, NULL);
	}
	if (code != CLI_DONE) {
		return code;
	}
	results = json_object_get(answer.parameters, "results");
	return wait ? stay(cli, results, since) : put(cli, results);
}
