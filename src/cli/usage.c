/* usage: the help, made of the tables. */
#include "base/str.h"
#include "base/width.h"
#include "cli/cli.h"
#include <string.h>

enum { USAGE_LEFT = 14, USAGE_OPTION = 26 };

static char *
option_left(const struct opt *opt)
{
	char letter[] = { '-', opt->letter, ',', ' ', '\0' };

	return str_format("  %s--%s%s%s", opt->letter ? letter : "    ", opt->name,
			  opt->argument ? " " : "", opt->argument ? opt->argument : "");
}

static void
put_options(FILE *file, const struct opt *options)
{
	for (const struct opt *opt = options; opt->name; opt++) {
		autofree char *left = option_left(opt);
		if (width_text(left) > USAGE_OPTION) {
			(void)fprintf(file, "%s\n%*s%s\n", left, USAGE_OPTION + 2, "", opt->words);
		} else {
			(void)fprintf(file, "%-*s%s\n", USAGE_OPTION + 2, left, opt->words);
		}
	}
}

void
usage_all(FILE *file)
{
	(void)fprintf(file, "tend keeps processes running.\n\n"
			    "usage: tend [--user|--system] VERB [OPTION...] [NAME...]\n");
	for (enum cmd_group group = 0; group < CMD_GROUPS; group++) {
		(void)fprintf(file, "\n%s\n", verbs_groups[group]);
		for (size_t i = 0; i < verbs_count; i++) {
			const struct cmd *cmd = &verbs_table[i];
			if (cmd->group == group && !(cmd->flags & CMD_HIDDEN)) {
				(void)fprintf(file, "  %-*s%s\n", USAGE_LEFT, cmd->name,
					      cmd->words);
			}
		}
	}
	(void)fprintf(file, "\nbefore the verb\n");
	put_options(file, verbs_common);
	(void)fprintf(file, "\nNames may be globs ('web@*', quoted); --all means every unit.\n"
			    "'tend help VERB' tells all about one. First steps:\n"
			    "  tend run --name web -- node server.js\n"
			    "  tend list\n"
			    "  tend logs -f web\n"
			    "  tend stop web\n");
}

static void
put_aliases(FILE *file, const struct cmd *cmd)
{
	const char *verb, *name;
	bool first = true;

	for (size_t i = 0; (name = verbs_alias(i, &verb)); i++) {
		if (str_equal(verb, cmd->name)) {
			(void)fprintf(file, "%s%s", first ? "also: " : ", ", name);
			first = false;
		}
	}
	(void)fprintf(file, "%s", first ? "" : "\n");
}

void
usage_verb(FILE *file, const struct cmd *cmd)
{
	bool options = cmd->options[0].name != NULL;

	(void)fprintf(file, "tend %s: %s\n\nusage: tend %s%s%s%s\n", cmd->name, cmd->words,
		      cmd->name, options ? " [OPTION...]" : "", cmd->arguments[0] ? " " : "",
		      cmd->arguments);
	put_aliases(file, cmd);
	if (options) {
		(void)fprintf(file, "\n");
		put_options(file, cmd->options);
	}
	if (cmd->details[0]) {
		(void)fprintf(file, "\n%s\n", cmd->details);
	}
}
