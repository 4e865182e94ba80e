/* cmd-help: what there is, or all about one verb. */
#include "cli/cli.h"

const struct opt cmd_help_options[] = { OPT_END };
const char cmd_help_details[] = "";

int
cmd_help(struct cli *cli)
{
	char **words = cli->args.names;
	int code = CLI_DONE;

	if (!words[0]) {
		usage_all(stdout);
	}
	for (size_t i = 0; words[i]; i++) {
		const struct cmd *cmd = verbs_find(words[i]);
		const char *near = cmd ? NULL : verbs_suggest(words[i]);
		if (cmd) {
			(void)(i && putchar('\n'));
			usage_verb(stdout, cmd);
		} else {
			complain("there is no verb '%s'%s%s%s", words[i],
				 near ? "; did you mean '" : "", near ? near : "",
				 near ? "'?" : "");
			code = CLI_USAGE;
		}
	}
	return code;
}
