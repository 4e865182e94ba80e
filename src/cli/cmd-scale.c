/* cmd-scale: keep so many instances of a template. */
#include "base/limits.h"
#include "base/str.h"
#include "cli/cli.h"
#include "unit/unit.h"

const struct opt cmd_scale_options[] = { OPT_QUIET, OPT_JSON, OPT_END };
const char cmd_scale_details[] =
	"tend scale web 4 keeps web@1 to web@4: missing ones are started, further\n"
	"ones stopped. Each finds its number in the environment (TEND_INSTANCE) and\n"
	"in its unit file as %i.";

int
cmd_scale(struct cli *cli)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	char name[LIMIT_NAME + 1];
	int64_t count;
	int code;

	if (strv_length(cli->args.names) != 2) {
		return complain_usage(cli, "which one, and how many? tend scale NAME COUNT");
	}
	if (!names_check(cli, cli->args.names[0], name)) {
		return CLI_USAGE;
	}
	if (str_to_i64(cli->args.names[1], &count) < 0 || count < 0 || count > LIMIT_INSTANCES) {
		return complain_usage(cli, "'%s' is not a number from 0 to %d", cli->args.names[1],
				      LIMIT_INSTANCES);
	}
	code = ask_open(cli, ASK_IF_ANY);
	if (code != CLI_DONE || !cli->wire) {
		return code != CLI_DONE ? code : complain_error(cli, "NoSuchUnit", name, NULL);
	}
	code = ask_simply(
		cli, "Scale",
		json_pack("{s:o, s:I}", "name", wire_string(name), "count", (json_int_t)count),
		ASK_AGAIN, &answer);
	if (code != CLI_DONE) {
		return code;
	}
	return outcome_results(cli, json_object_get(answer.parameters, "results"), NULL);
}
