/* cmd-reload: let units read their own configuration again. */
#include "cli/cli.h"

const struct opt cmd_reload_options[] = { OPT_ALL, OPT_QUIET, OPT_JSON, OPT_END };
const char cmd_reload_details[] =
	"Runs ExecReload=, or signals a Type=notify-reload service, and returns\n"
	"when that has ended.";

int
cmd_reload(struct cli *cli)
{
	json_t *parameters = names_parameters(cli);

	return parameters ? outcome_verb(cli, "Reload", parameters, ASK_AGAIN, "reloaded")
			  : CLI_USAGE;
}
