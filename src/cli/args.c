/* args: the options of a verb, by its table. They may stand before, between and after the names,
 * up to "--"; where the words are a command (CMD_COMMAND) its own options begin with its first
 * word. Every verb knows -h and --help. */
#include "base/check.h"
#include "base/str.h"
#include "cli/cli.h"
#include <string.h>

static const struct opt help = { 'h', "help", NULL, "all about this verb" };

static const struct opt *
by_letter(const struct cmd *cmd, char letter)
{
	for (const struct opt *opt = cmd->options; opt->name; opt++) {
		if (opt->letter == letter) {
			return opt;
		}
	}
	return letter == help.letter ? &help : NULL;
}

static const struct opt *
by_name(const struct cmd *cmd, const char *name, size_t n)
{
	for (const struct opt *opt = cmd->options; opt->name; opt++) {
		if (strlen(opt->name) == n && memcmp(opt->name, name, n) == 0) {
			return opt;
		}
	}
	return n == 4 && memcmp(name, help.name, n) == 0 ? &help : NULL;
}

static bool
unknown_long(const struct cmd *cmd, const char *name, struct err *err)
{
	struct guess guess;

	for (const struct opt *opt = verbs_common; opt->name; opt++) {
		if (str_equal(opt->name, name)) {
			return err_set(err, "--%s stands before the verb: tend --%s %s", name, name,
				       cmd->name);
		}
	}
	guess_begin(&guess, name);
	for (const struct opt *opt = cmd->options; opt->name; opt++) {
		guess_try(&guess, opt->name);
	}
	return guess.best ? err_set(err, "there is no option --%s; did you mean --%s?", name,
				    guess.best)
			  : err_set(err, "there is no option --%s", name);
}

static void
add(struct args *args, const struct opt *opt, const char *value)
{
	args->given = realloc(args->given, (args->count + 1) * sizeof(*args->given));
	CHECK(args->given);
	args->given[args->count++] = (struct given){ opt, value };
}

/* "--name", "--name=value", "--name value" */
static bool
take_long(const struct cmd *cmd, char **argv, size_t *at, struct args *args, struct err *err)
{
	const char *name = argv[*at] + 2, *equals = strchr(name, '=');
	size_t n = equals ? (size_t)(equals - name) : strlen(name);
	const struct opt *opt = by_name(cmd, name, n);
	const char *value = equals ? equals + 1 : NULL;

	if (!opt) {
		autofree char *word = str_dup_n(name, n);
		return unknown_long(cmd, word, err);
	}
	if (!opt->argument && value) {
		return err_set(err, "--%s takes no value", opt->name);
	}
	if (opt->argument && !value) {
		value = argv[*at + 1];
		if (!value) {
			return err_set(err, "--%s needs a value: --%s %s", opt->name, opt->name,
				       opt->argument);
		}
		++*at;
	}
	add(args, opt, value);
	return true;
}

/* "-f", "-fn 10", "-n10" */
static bool
take_short(const struct cmd *cmd, char **argv, size_t *at, struct args *args, struct err *err)
{
	for (const char *letter = argv[*at] + 1; *letter; letter++) {
		const struct opt *opt = by_letter(cmd, *letter);

		if (!opt) {
			return err_set(err, "there is no option -%c", *letter);
		}
		if (!opt->argument) {
			add(args, opt, NULL);
		} else if (letter[1]) {
			add(args, opt, letter + 1);
			return true;
		} else if (argv[*at + 1]) {
			add(args, opt, argv[++*at]);
			return true;
		} else {
			return err_set(err, "-%c needs a value: -%c %s", *letter, *letter,
				       opt->argument);
		}
	}
	return true;
}

static bool
check_words(const struct cmd *cmd, const struct args *args, struct err *err)
{
	size_t n = strv_length(args->names);

	if (args_has(args, "help")) {
		return true;
	}
	if ((cmd->flags & CMD_NONE) && n > 0) {
		return err_set(err, "'%s': tend %s takes no names", args->names[0], cmd->name);
	}
	if ((cmd->flags & CMD_SOME) && n == 0 && !args_has(args, "all")) {
		return err_set(err, "which one? tend %s %s", cmd->name, cmd->arguments);
	}
	if ((cmd->flags & CMD_ONE) && n != 1) {
		return err_set(err, "one name, please: tend %s %s", cmd->name, cmd->arguments);
	}
	if ((cmd->flags & CMD_SOME) && n > 0 && args_has(args, "all")) {
		return err_set(err, "--all or names, not both");
	}
	return true;
}

static bool
parse(const struct cmd *cmd, char **argv, struct args *args, struct err *err)
{
	bool words_only = false;
	size_t count = 0;

	for (size_t i = 0; argv[i]; i++) {
		const char *word = argv[i];

		if (words_only || word[0] != '-' || word[1] == '\0') {
			words_only = words_only || (cmd->flags & CMD_COMMAND);
			args->names[count++] = argv[i];
			args->dashed += !words_only || (cmd->flags & CMD_COMMAND);
		} else if (str_equal(word, "--")) {
			words_only = true;
		} else if (!(word[1] == '-' ? take_long(cmd, argv, &i, args, err)
					    : take_short(cmd, argv, &i, args, err))) {
			return false;
		}
	}
	return check_words(cmd, args, err);
}

bool
args_parse(const struct cmd *cmd, char **argv, struct args *ret_args, struct err *err)
{
	struct args args = { .names = calloc(strv_length(argv) + 1, sizeof(char *)) };

	CHECK(args.names);
	if (!parse(cmd, argv, &args, err)) {
		args_done(&args);
		return false;
	}
	*ret_args = args;
	return true;
}

void
args_done(struct args *args)
{
	free(args->given);
	free(args->names);
	*args = (struct args){ 0 };
}

const char *
args_each(const struct args *args, const char *option, size_t *at)
{
	while (*at < args->count) {
		const struct given *given = &args->given[(*at)++];

		if (str_equal(given->opt->name, option)) {
			return given->value ? given->value : "";
		}
	}
	return NULL;
}

const char *
args_value(const struct args *args, const char *option)
{
	const char *value, *last = NULL;
	size_t at = 0;

	while ((value = args_each(args, option, &at))) {
		last = value;
	}
	return last;
}

bool
args_has(const struct args *args, const char *option)
{
	return args_value(args, option) != NULL;
}

bool
args_number(const struct args *args, const char *option, int64_t least, int64_t most,
	    int64_t *ret_number, struct err *err)
{
	const char *text = args_value(args, option);
	int64_t number;

	if (!text) {
		return true;
	}
	if (str_to_i64(text, &number) < 0 || number < least || number > most) {
		return err_set(err, "--%s: '%s' is not a number from %lld to %lld", option, text,
			       (long long)least, (long long)most);
	}
	*ret_number = number;
	return true;
}
