/* cmd-reload-units: read unit files again. What runs goes on as it is. */
#include "base/str.h"
#include "cli/cli.h"

const struct opt cmd_reload_units_options[] = { OPT_QUIET, OPT_JSON, OPT_END };
const char cmd_reload_units_details[] =
	"What runs goes on as it is; a unit whose file has changed is shown as\n"
	"changed until it is restarted. Files that cannot be used are named, and\n"
	"the exit code is 1.";

static const char *const kinds[] = { "added", "changed", "removed" };

static void
put_kind(const char *kind, const json_t *names)
{
	json_t *name;
	size_t i;

	if (json_array_size(names) > 0) {
		(void)printf("%s:", kind);
		json_array_foreach(names, i, name) {
			autofree char *text = phrase_command(json_string_value(name));
			(void)printf(" %s", text);
		}
		(void)putchar('\n');
	}
}

int
cmd_reload_units(struct cli *cli)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	int code = ask_open(cli, ASK_NEVER);
	size_t i, sum = 0;
	json_t *bad;

	if (code != CLI_DONE || !cli->wire) { /* it will read them when it starts */
		return code;
	}
	code = ask_simply(cli, "ReloadUnits", NULL, ASK_AGAIN, &answer);
	if (code != CLI_DONE) {
		return code;
	}
	if (cli->json) {
		phrase_print(answer.parameters);
	}
	for (i = 0; i < COUNT(kinds) && !cli->json && !cli->quiet; i++) {
		const json_t *names = json_object_get(answer.parameters, kinds[i]);
		put_kind(kinds[i], names);
		sum += json_array_size(names);
	}
	json_array_foreach(json_object_get(answer.parameters, "bad"), i, bad) {
		complain("%s", json_string_value(bad));
		code = CLI_FAILED;
	}
	if (sum == 0 && code == CLI_DONE && !cli->json && !cli->quiet) {
		(void)printf("nothing has changed\n");
	}
	return code;
}
