/* cmd-enable: start units whenever tendd starts; enabling is kept in tend's own configuration
 * directory. */
#include "base/str.h"
#include "cli/cli.h"

const struct opt cmd_enable_options[] = {
	{ 'n', "now", NULL, "and start them now" },
	OPT_QUIET,
	OPT_JSON,
	OPT_END,
};
const char cmd_enable_details[] =
	"An enabled unit is started when tendd is started at boot. See [Install] in\n"
	"tend-unit(5).";

int
cmd_enable(struct cli *cli)
{
	json_t *parameters = names_parameters(cli);
	int code;

	if (!parameters) {
		return CLI_USAGE;
	}
	(void)json_object_del(parameters, "all");
	(void)json_object_set_new(parameters, "on", json_true());
	code = outcome_verb(cli, "Enable", parameters, ASK_AGAIN, "enabled");
	if (code == CLI_DONE && args_has(&cli->args, "now")) {
		code = outcome_verb(cli, "Start", names_parameters(cli), ASK_AGAIN, NULL);
	}
	return code;
}
