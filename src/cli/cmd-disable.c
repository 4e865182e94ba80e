/* cmd-disable: no longer start units when tendd starts. */
#include "base/str.h"
#include "cli/cli.h"

const struct opt cmd_disable_options[] = {
	{ 'n', "now", NULL, "and stop them now" },
	OPT_QUIET,
	OPT_JSON,
	OPT_END,
};
const char cmd_disable_details[] = "What runs goes on, unless --now is given.";

int
cmd_disable(struct cli *cli)
{
	json_t *parameters = names_parameters(cli);
	int code;

	if (!parameters) {
		return CLI_USAGE;
	}
	(void)json_object_del(parameters, "all");
	(void)json_object_set_new(parameters, "on", json_false());
	code = outcome_verb(cli, "Enable", parameters, ASK_AGAIN, "disabled");
	if (code == CLI_DONE && args_has(&cli->args, "now")) {
		code = outcome_verb(cli, "Stop", names_parameters(cli), ASK_AGAIN, "stopped");
	}
	return code;
}
