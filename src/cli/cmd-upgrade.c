/* cmd-upgrade: replace tendd by another build. The one that answers is replaced by it, so the
 * connection may break just because it worked: then the new one is asked who it is. */
#include "base/str.h"
#include "cli/cli.h"
#include <errno.h>
#include <stdlib.h>

const struct opt cmd_upgrade_options[] = { OPT_QUIET, OPT_JSON, OPT_END };
const char cmd_upgrade_details[] =
	"Without a path the executable that tendd was started from is taken, as it\n"
	"is on disk now: that is what a package's upgrade needs. Everything that is\n"
	"kept goes on.";

static json_t *
parameters(const struct cli *cli)
{
	const char *path = cli->args.names[0];
	char *whole;
	json_t *object;

	if (!path) {
		return json_object();
	}
	whole = realpath(path, NULL);
	if (!whole) {
		struct err err = { 0 };
		(void)err_set_errno(&err, errno, "%s", path);
		(void)complain_err(&err);
		return NULL;
	}
	object = json_pack("{s:o}", "executable", wire_string(whole));
	free(whole);
	return object;
}

int
cmd_upgrade(struct cli *cli)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	json_t *asked;
	int code;

	if (cli->args.names[0] && cli->args.names[1]) {
		return complain_usage(cli, "one path at most: tend upgrade [TENDD]");
	}
	asked = parameters(cli);
	if (!asked) {
		return CLI_FAILED;
	}
	code = ask_open(cli, ASK_NEVER);
	if (code != CLI_DONE || !cli->wire) {
		json_decref(asked);
		if (code == CLI_DONE && !cli->quiet) {
			(void)printf("tendd does not run: there is nothing to replace\n");
		}
		return code;
	}
	code = ask_simply(cli, "Upgrade", asked, ASK_AGAIN, &answer);
	if (code == CLI_DONE && cli->json) {
		phrase_print(answer.parameters);
	} else if (code == CLI_DONE && !cli->quiet) {
		autofree char *text = phrase_command(phrase_get(answer.parameters, "text"));
		(void)printf("tendd %s: %s\n", phrase_get(answer.parameters, "version"), text);
	}
	return code;
}
