/* cmd-version: this program's version, and that of the tendd that runs: they may differ after an
 * update. */
#include "base/str.h"
#include "base/version.h"
#include "cli/cli.h"

const struct opt cmd_version_options[] = { OPT_JSON, OPT_END };
const char cmd_version_details[] = "";

int
cmd_version(struct cli *cli)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	const char *running;
	int code = ask_open(cli, ASK_NEVER);

	if (cli->wire) {
		code = ask_simply(cli, "Info", NULL, ASK_AGAIN, &answer);
	}
	running = phrase_get(answer.parameters, "version");
	if (cli->json) {
		json_auto_t *versions = json_pack("{s:s, s:o}", "tend", VERSION, "tendd",
						  running[0] ? json_string(running) : json_null());
		phrase_print(versions);
		return code;
	}
	(void)printf("tend %s\n", VERSION);
	if (running[0]) {
		(void)printf("tendd %s%s\n", running,
			     str_equal(running, VERSION)
				     ? ""
				     : " (another one than this; 'tend upgrade' replaces it)");
	}
	return code;
}
