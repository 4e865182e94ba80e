/* cmd-stop: stop units, and show the receipt of each. */
#include "cli/cli.h"

const struct opt cmd_stop_options[] = { OPT_ALL, OPT_QUIET, OPT_JSON, OPT_END };
const char cmd_stop_details[] =
	"Everything a unit started is stopped: first it is asked to (KillSignal=),\n"
	"what is left after TimeoutStopSec= is killed. The answer tells which\n"
	"processes were signalled and which had to be killed; if one survives, the\n"
	"exit code is 1. Units that depend on it are stopped before it.";

int
cmd_stop(struct cli *cli)
{
	json_t *parameters = names_parameters(cli);

	return parameters ? outcome_verb(cli, "Stop", parameters, ASK_AGAIN, "stopped") : CLI_USAGE;
}
