/* cmd-cat: the files of a unit, each under its path. */
#include "base/str.h"
#include "base/width.h"
#include "cli/cli.h"
#include <string.h>

const struct opt cmd_cat_options[] = { OPT_ALL, OPT_JSON, OPT_END };
const char cmd_cat_details[] = "The unit file and its drop-ins as they are on disk now.";

static void
put(const json_t *answer)
{
	json_t *file;
	size_t i;

	json_array_foreach(json_object_get(answer, "files"), i, file) {
		const char *text = phrase_get(file, "text");
		autofree char *path = phrase_command(phrase_get(file, "path"));
		autofree char *harmless = width_harmless(text, strlen(text), true);
		(void)printf("%s%s# %s%s\n%s%s", i ? "\n" : "", screen_paint(PAINT_DIM), path,
			     screen_plain(), screen_is_terminal() ? harmless : text,
			     text[0] && !str_ends(text, "\n") ? "\n" : "");
	}
}

static json_t *
main_file(const json_t *answer)
{
	return json_array_get(json_object_get(answer, "files"), 0);
}

static int
show(struct cli *cli, char *const *names, json_t *all)
{
	json_auto_t *last = json_null();
	int worst = CLI_DONE;
	bool first = true;

	for (size_t i = 0; names && names[i]; i++) {
		autodone(wire_answer) struct wire_answer answer = { 0 };
		int code = ask_simply(cli, "Cat", json_pack("{s:o}", "name", wire_string(names[i])),
				      ASK_AGAIN, &answer);
		if (code == CLI_DONE && cli->json) {
			(void)json_array_append(all, answer.parameters);
		} else if (code == CLI_DONE && !json_equal(last, main_file(answer.parameters))) {
			/* instances have their template's file in common */
			(void)(first || putchar('\n'));
			put(answer.parameters);
			first = false;
			json_decref(last);
			last = json_incref(main_file(answer.parameters));
		}
		worst = MAX(worst, code);
	}
	return worst;
}

int
cmd_cat(struct cli *cli)
{
	json_auto_t *all = json_array();
	char **names = NULL;
	int code = names_are_fine(cli) ? ask_open(cli, ASK_IF_ANY) : CLI_USAGE;

	if (code != CLI_DONE || !cli->wire) {
		return code != CLI_DONE ? code : outcome_nobody(cli);
	}
	code = names_resolve(cli, &names);
	if (code == CLI_DONE) {
		code = show(cli, names, all);
		if (cli->json) {
			phrase_print(all);
		}
	}
	(void)strv_free(names);
	return code;
}
