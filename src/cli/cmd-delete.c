/* cmd-delete: stop units and forget them. */
#include "cli/cli.h"

const struct opt cmd_delete_options[] = {
	OPT_ALL,   { 'l', "logs", NULL, "remove its log and the records of its runs too" },
	OPT_QUIET, OPT_JSON,
	OPT_END,
};
const char cmd_delete_details[] =
	"What `tend run` declared is removed. A unit file that somebody wrote stays\n"
	"where it is; that is said. Logs stay until their unit's name is used\n"
	"again, unless --logs is given.";

int
cmd_delete(struct cli *cli)
{
	json_t *parameters = names_parameters(cli);

	if (!parameters) {
		return CLI_USAGE;
	}
	(void)json_object_set_new(parameters, "logs", json_boolean(args_has(&cli->args, "logs")));
	return outcome_verb(cli, "Delete", parameters, ASK_AGAIN, "deleted");
}
