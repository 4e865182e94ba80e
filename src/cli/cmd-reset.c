/* cmd-reset: forget failures and counters. */
#include "cli/cli.h"

const struct opt cmd_reset_options[] = { OPT_ALL, OPT_QUIET, OPT_JSON, OPT_END };
const char cmd_reset_details[] =
	"A failed unit is shown as stopped, and the counters of restarts and of\n"
	"StartLimitBurst= begin anew.";

int
cmd_reset(struct cli *cli)
{
	json_t *parameters = names_parameters(cli);

	return parameters ? outcome_verb(cli, "Reset", parameters, ASK_AGAIN, "reset") : CLI_USAGE;
}
