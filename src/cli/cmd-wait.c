/* cmd-wait: return when units have ended for good, or are up. Each is told as soon as it is
 * known. */
#include "base/str.h"
#include "cli/cli.h"

const struct opt cmd_wait_options[] = {
	OPT_ALL,
	{ 'u', "until", "STATE", "down (the default; no restart is pending), up or ready" },
	OPT_QUIET,
	OPT_JSON,
	OPT_END,
};
const char cmd_wait_details[] =
	"The exit code is 0 when all ended well (or are up), 1 when one failed. A\n"
	"unit that does not run is down already.";

static bool
ended_well(const json_t *result, bool down)
{
	const char *state = phrase_get(result, "state");

	return down ? !str_equal(state, "failed")
		    : str_equal(state, "running") || str_equal(state, "reloading") ||
			       str_equal(state, "done");
}

static int
put(struct cli *cli, const json_t *results, bool down)
{
	int worst = CLI_DONE;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const char *error = phrase_get(result, "error"), *text = phrase_get(result, "text");
		autofree char *exit = phrase_exit(json_object_get(result, "exit"));

		if (error[0]) {
			int code = complain_error(cli, error, phrase_get(result, "name"), text);
			worst = MAX(worst, code);
			continue;
		}
		worst = MAX(worst, ended_well(result, down) ? CLI_DONE : CLI_FAILED);
		if (!cli->json && !cli->quiet) {
			autofree char *name = phrase_command(phrase_get(result, "name"));
			autofree char *harmless = phrase_command(text);
			(void)printf("%s: %s%s%s%s%s\n", name, phrase_get(result, "state"),
				     exit[0] ? ", " : "", exit, text[0] ? ", " : "", harmless);
		}
	}
	return worst;
}

int
cmd_wait(struct cli *cli)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	const char *until = args_value(&cli->args, "until");
	bool down = !until || str_equal(until, "down");
	json_t *parameters;
	int code;

	if (!down && !str_equal(until, "up") && !str_equal(until, "ready")) {
		return complain_usage(cli, "--until: '%s' is none of down, up, ready", until);
	}
	parameters = names_parameters(cli);
	if (!parameters) {
		return CLI_USAGE;
	}
	(void)json_object_set_new(parameters, "until", json_string(until ? until : "down"));
	code = ask_open(cli, ASK_IF_ANY);
	if (code != CLI_DONE || !cli->wire) {
		json_decref(parameters);
		return code != CLI_DONE ? code : outcome_nobody(cli);
	}
	code = ask_simply(cli, "Wait", parameters, ASK_AGAIN, &answer);
	if (code != CLI_DONE) {
		return code;
	}
	if (cli->json) {
		phrase_print(json_object_get(answer.parameters, "results"));
	}
	return put(cli, json_object_get(answer.parameters, "results"), down);
}
