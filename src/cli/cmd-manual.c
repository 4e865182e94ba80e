/* cmd-manual: a filter for the sources of the manual pages: a line @VERBS@ becomes all verbs with
 * their options, @KEYS@ all keys of unit files, from the very tables that tend itself goes by. So a
 * verb or a key without its line in the manual cannot be. What comes out is scdoc's format. */
#include "base/str.h"
#include "cli/cli.h"
#include "unit/unit.h"
#include <ctype.h>
#include <string.h>

const struct opt cmd_manual_options[] = { OPT_END };
const char cmd_manual_details[] = "  tend manual <docs/tend.1.scd | scdoc >tend.1";

static void
put_escaped(const char *text)
{
	for (; *text; text++) {
		(void)printf("%s%c", strchr("\\*_#[]|<>~`.-", *text) ? "\\" : "", *text);
	}
}

static void
put_escaped_n(const char *text, size_t n)
{
	autofree char *part = str_dup_n(text, n);

	put_escaped(part);
}

/* ---- verbs ---- */
static void
put_option(const struct opt *opt)
{
	if (opt->letter) {
		(void)printf("*-%c*, ", opt->letter);
	}
	(void)printf("*--");
	put_escaped(opt->name);
	(void)printf("*");
	if (opt->argument) {
		(void)printf(" _");
		put_escaped(opt->argument);
		(void)printf("_");
	}
	(void)printf("\n\t");
	put_escaped(opt->words);
	(void)printf("\n\n");
}

/* lines that begin with two spaces are examples */
static void
put_details(const char *text)
{
	bool example = false;

	while (*text) {
		size_t n = strcspn(text, "\n");
		bool is_example = strncmp(text, "  ", 2) == 0;
		if (is_example != example) {
			(void)printf("%s```\n", is_example ? "\n" : "");
			example = is_example;
		}
		if (example) {
			(void)printf("%.*s", (int)n, text);
		} else {
			put_escaped_n(text, n);
		}
		(void)putchar('\n');
		text += n + (text[n] == '\n');
	}
	(void)printf("%s\n", example ? "```\n" : "");
}

static void
put_verb(const struct cmd *cmd)
{
	const char *verb, *name;

	/* nothing is escaped in a heading */
	(void)printf("## tend %s%s%s%s\n\n%c", cmd->name,
		     cmd->options[0].name ? " [OPTION...]" : "", cmd->arguments[0] ? " " : "",
		     cmd->arguments, toupper((unsigned char)cmd->words[0]));
	put_escaped(cmd->words + 1);
	(void)printf(".\n");
	for (size_t i = 0; (name = verbs_alias(i, &verb)); i++) {
		if (str_equal(verb, cmd->name)) {
			(void)printf("Also called ");
			put_escaped(name);
			(void)printf(".\n");
		}
	}
	(void)putchar('\n');
	put_details(cmd->details);
	for (const struct opt *opt = cmd->options; opt->name; opt++) {
		put_option(opt);
	}
}

static void
put_verbs(void)
{
	for (size_t i = 0; i < verbs_count; i++) {
		if (!(verbs_table[i].flags & CMD_HIDDEN)) {
			put_verb(&verbs_table[i]);
		}
	}
}

/* ---- keys ---- */
static const struct {
	const char *type, *words;
} types[] = {
	{ "BOOL", "yes or no" },
	{ "TRISTATE", "yes or no" },
	{ "SPAN", "a time" },
	{ "TIMEOUT", "a time" },
	{ "NUMBER", "a number" },
	{ "SIZE", "a size" },
	{ "MODE", "an octal mode" },
	{ "SIGNAL", "a signal" },
	{ "PATH", "a path" },
	{ "RUNPATH", "a path" },
	{ "PATHS", "paths, may be given several times" },
	{ "WORDS", "words" },
	{ "UNITS", "names of units" },
	{ "COMMANDS", "commands, may be given several times" },
	{ "EXITS", "exit codes and signals" },
	{ "LIMIT", "a number, or soft:hard" },
};

static void
put_type(const struct key *key)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		if (str_equal(types[i].type, key->type)) {
			(void)printf(" (%s)", types[i].words);
		}
	}
}

static void
put_key(const struct key *key)
{
	(void)printf("*");
	put_escaped(key->name);
	(void)printf("=*");
	put_type(key);
	(void)printf("\n\t");
	put_escaped(key->words);
	if (key->fallback[0] && key_value(key)) {
		(void)printf(" (default: ");
		put_escaped(key->fallback);
		(void)printf(")");
	}
	if (key->verdict == VERDICT_APPROXIMATED) {
		(void)printf(" (approximated)");
	} else if (key->verdict == VERDICT_NEEDS_ROOT) {
		(void)printf(" (root only)");
	}
	(void)printf("\n\n");
}

/* those that are honoured one way or another, then the ones that are known and do nothing */
static void
put_section(enum unit_section section, bool honoured)
{
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];
		if (key->section == section && (key_value(key) != NULL) == honoured) {
			put_key(key);
		}
	}
}

static void
put_keys(void)
{
	for (enum unit_section section = 0; section < SECTION_COUNT; section++) {
		(void)printf("## [%s]\n\n", section_name(section));
		put_section(section, true);
	}
	(void)printf(
		"## [Log] of tend.conf\n\nThe *Log...=* keys of [X-Tend], as defaults of units "
		"that do not give them, and\n\n");
	for (size_t i = 0; i < config_count; i++) {
		put_key(&config_table[i]);
	}
	(void)printf("# OTHER NAMES, AND KEYS OF SYSTEMD THAT DO NOTHING HERE\n\n"
		     "*tend check* says so of each that is used.\n\n");
	for (enum unit_section section = 0; section < SECTION_COUNT; section++) {
		put_section(section, false);
	}
}

int
cmd_manual(struct cli *cli)
{
	char *line = NULL;
	size_t size = 0;

	(void)cli;
	while (getline(&line, &size, stdin) > 0) {
		if (str_equal(line, "@VERBS@\n")) {
			put_verbs();
		} else if (str_equal(line, "@KEYS@\n")) {
			put_keys();
		} else {
			(void)fputs(line, stdout);
		}
	}
	free(line);
	return CLI_DONE;
}
