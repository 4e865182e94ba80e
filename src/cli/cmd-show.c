/* cmd-show: every setting of a unit as KEY=VALUE, for people who look and for scripts that cut. */
#include "base/str.h"
#include "cli/cli.h"
#include <string.h>

const struct opt cmd_show_options[] = {
	OPT_ALL,
	{ 'p', "property", "KEY", "only this one; may be given several times" },
	{ 0, "value", NULL, "only the values" },
	OPT_JSON,
	OPT_END,
};
const char cmd_show_details[] = "  tend show web\n"
				"  tend show -p MainPID --value web";

static bool
is_wanted(const struct cli *cli, const char *key)
{
	const char *wanted;
	size_t at = 0;

	if (!args_has(&cli->args, "property")) {
		return true;
	}
	while ((wanted = args_each(&cli->args, "property", &at))) {
		if (strcasecmp(wanted, key) == 0) {
			return true;
		}
	}
	return false;
}

/* each line of a value is a KEY=VALUE of its own */
static void
put_property(const struct cli *cli, const char *key, const char *value)
{
	bool bare = args_has(&cli->args, "value");

	do {
		size_t n = strcspn(value, "\n");
		autofree char *line = str_dup_n(value, n);
		autofree char *harmless = phrase_command(line);
		(void)printf("%s%s%s\n", bare ? "" : key, bare ? "" : "=", harmless);
		value += n + (value[n] == '\n');
	} while (*value);
}

static json_t *
put(const struct cli *cli, const json_t *answer)
{
	json_t *object = json_object(), *property;
	size_t i;

	json_array_foreach(json_object_get(answer, "properties"), i, property) {
		const char *key = phrase_get(property, "key"),
			   *value = phrase_get(property, "value");
		if (is_wanted(cli, key)) {
			(void)json_object_set(object, key, json_object_get(property, "value"));
			if (!cli->json) {
				put_property(cli, key, value);
			}
		}
	}
	return object;
}

static int
show(struct cli *cli, char *const *names, json_t *all)
{
	int worst = CLI_DONE;
	bool first = true;

	for (size_t i = 0; names[i]; i++) {
		autodone(wire_answer) struct wire_answer answer = { 0 };
		int code =
			ask_simply(cli, "Show", json_pack("{s:o}", "name", wire_string(names[i])),
				   ASK_AGAIN, &answer);
		if (code == CLI_DONE) {
			(void)(cli->json || first || putchar('\n'));
			(void)json_array_append_new(all, put(cli, answer.parameters));
			first = false;
		}
		worst = MAX(worst, code);
	}
	return worst;
}

int
cmd_show(struct cli *cli)
{
	json_auto_t *all = json_array();
	char **names = NULL;
	int code = names_are_fine(cli) ? ask_open(cli, ASK_IF_ANY) : CLI_USAGE;

	if (code != CLI_DONE || !cli->wire) {
		return code != CLI_DONE ? code : outcome_nobody(cli);
	}
	code = names_resolve(cli, &names);
	if (code == CLI_DONE) {
		code = names ? show(cli, names, all) : code;
		if (cli->json) {
			phrase_print(all);
		}
	}
	(void)strv_free(names);
	return code;
}
