/* names: the units that the words of a command line mean. Whatever cannot be a name is refused
 * here, before anybody is asked. */
#include "base/limits.h"
#include "base/str.h"
#include "cli/cli.h"
#include "unit/unit.h"
#include <string.h>

bool
names_is_glob(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

bool
names_check(struct cli *cli, const char *text, char *ret_name)
{
	char name[LIMIT_NAME + 1];
	struct err err = { 0 };

	if (!name_check(text, name, &err)) {
		(void)complain_usage(cli, "%s", err.text);
		return false;
	}
	memcpy(ret_name, name, sizeof(name));
	return true;
}

bool
names_are_fine(struct cli *cli)
{
	char name[LIMIT_NAME + 1];

	for (char **word = cli->args.names; *word; word++) {
		if (!names_is_glob(*word) && !names_check(cli, *word, name)) {
			return false;
		}
	}
	return true;
}

json_t *
names_parameters(struct cli *cli)
{
	json_t *names = json_array();
	char name[LIMIT_NAME + 1];

	for (char **word = cli->args.names; *word; word++) {
		if (names_is_glob(*word)) {
			(void)json_array_append_new(names, wire_string(*word));
		} else if (names_check(cli, *word, name)) {
			(void)json_array_append_new(names, wire_string(name));
		} else {
			json_decref(names);
			return NULL;
		}
	}
	return json_pack("{s:o, s:b}", "names", names, "all", (int)args_has(&cli->args, "all"));
}

static int
add_fitting(struct cli *cli, const char *pattern, char ***names)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	json_t *parameters = pattern ? json_pack("{s:[o]}", "names", wire_string(pattern)) : NULL;
	int code = ask_simply(cli, "List", parameters, ASK_AGAIN, &answer);
	size_t before = strv_length(*names), i;
	json_t *units, *unit;

	if (code != CLI_DONE) {
		return code;
	}
	units = json_object_get(answer.parameters, "units");
	listing_sort(units);
	json_array_foreach(units, i, unit) {
		strv_add(names, phrase_get(unit, "name"));
	}
	if (pattern && strv_length(*names) == before) {
		complain("no unit fits %s", pattern);
		return CLI_NO_UNIT;
	}
	return CLI_DONE;
}

/* a plain name: the unit, or all its instances where it is that of a template */
static int
add_named(struct cli *cli, const char *name, char ***names)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	char **instances = NULL;
	bool exact = strchr(name, '@') != NULL;
	json_t *units, *unit;
	size_t i;
	int code;

	if (!exact) {
		code = ask_simply(cli, "List",
				  json_pack("{s:[o], s:b}", "names", wire_string(name), "brief", 1),
				  ASK_AGAIN, &answer);
		if (code != CLI_DONE) {
			return code;
		}
		units = json_object_get(answer.parameters, "units");
		listing_sort(units);
		json_array_foreach(units, i, unit) {
			const char *found = phrase_get(unit, "name");
			exact |= str_equal(found, name);
			if (str_starts(found, name) && found[strlen(name)] == '@') {
				strv_add(&instances, found);
			}
		}
	}
	if (exact || !instances) {
		strv_add(names, name);
	}
	for (i = 0; !exact && instances && instances[i]; i++) {
		strv_add(names, instances[i]);
	}
	(void)strv_free(instances);
	return CLI_DONE;
}

int
names_resolve(struct cli *cli, char ***ret_names)
{
	char **names = NULL, name[LIMIT_NAME + 1];
	int code = CLI_DONE;

	if (args_has(&cli->args, "all")) {
		code = add_fitting(cli, NULL, &names);
	}
	for (char **word = cli->args.names; *word && code == CLI_DONE; word++) {
		if (names_is_glob(*word)) {
			code = add_fitting(cli, *word, &names);
		} else if (names_check(cli, *word, name)) {
			code = add_named(cli, name, &names);
		} else {
			code = CLI_USAGE;
		}
	}
	if (code != CLI_DONE) {
		(void)strv_free(names);
		return code;
	}
	*ret_names = names;
	return CLI_DONE;
}
