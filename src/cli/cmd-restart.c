/* cmd-restart: stop if running, then start. */
#include "cli/cli.h"

const struct opt cmd_restart_options[] = { OPT_ALL, OPT_QUIET, OPT_JSON, OPT_END };
const char cmd_restart_details[] =
	"Stops what runs and starts it, with its unit file as it is now. Returns\n"
	"when it is up again.";

int
cmd_restart(struct cli *cli)
{
	json_t *parameters = names_parameters(cli);

	return parameters ? outcome_verb(cli, "Restart", parameters, ASK_AGAIN, "restarted")
			  : CLI_USAGE;
}
