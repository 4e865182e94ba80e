/* complain: every line on stderr begins with "tend: ", says what and why, and, where it helps,
 * what to do next. What others wrote (names, reasons with paths in them) is made harmless for
 * the terminal. */
#include "base/str.h"
#include "base/width.h"
#include "cli/cli.h"
#include <stdarg.h>
#include <string.h>

static void
put(const char *format, va_list arguments)
{
	char text[4096];
	autofree char *harmless = NULL;

	(void)vsnprintf(text, sizeof(text), format, arguments);
	harmless = width_harmless(text, strlen(text), false);
	(void)fflush(stdout); /* the order of the two on a terminal */
	(void)fprintf(stderr, "tend: %s\n", harmless);
}

void
complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put(format, arguments);
	va_end(arguments);
}

int
complain_err(const struct err *err)
{
	char text[ERR_TEXT_MAX + ERR_FILE_MAX + 16];

	complain("%s", err_show(err, text, sizeof(text)));
	return CLI_FAILED;
}

int
complain_usage(const struct cli *cli, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put(format, arguments);
	va_end(arguments);
	(void)fprintf(stderr, "See 'tend help%s%s'.\n", cli->cmd ? " " : "",
		      cli->cmd ? cli->cmd->name : "");
	return CLI_USAGE;
}

static const struct {
	const char *error;
	int code;
	const char *words; /* when the other side gave none */
} errors[] = {
	{ "NoSuchUnit", CLI_NO_UNIT, "there is no such unit" },
	{ "NotRunning", CLI_NOT_RUNNING, "it does not run" },
	{ "NotPermitted", CLI_DENIED, "not permitted" },
	{ "BadInput", CLI_USAGE, "tendd does not take this" },
	{ "BadUnit", CLI_FAILED, "its unit file cannot be used" },
	{ "NameTaken", CLI_FAILED, "there is a unit of this name already" },
	{ "Failed", CLI_FAILED, "it failed" },
	{ "Busy", CLI_FAILED, "it is busy; try again" },
	{ "MethodNotFound", CLI_FAILED,
	  "the tendd that runs does not know this; 'tend upgrade' replaces it" },
	{ "InvalidParameter", CLI_FAILED, "the tendd that runs does not understand this" },
};

static size_t
find_error(const char *error)
{
	const char *dot = strrchr(error, '.');
	size_t i = 0;

	while (i < COUNT(errors) && !str_equal(errors[i].error, dot ? dot + 1 : error)) {
		i++;
	}
	return i;
}

int
complain_code(const char *error)
{
	size_t i = find_error(error);

	return i < COUNT(errors) ? errors[i].code : CLI_FAILED;
}

/* the unit that was probably meant; owned or NULL */
static char *
suggest_unit(struct cli *cli, const char *name)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	struct guess guess;
	json_t *unit;
	size_t i;

	guess_begin(&guess, name);
	if (!cli->wire || wire_call(cli->wire, "List", NULL, false, &answer, NULL) != WIRE_REPLY) {
		return NULL;
	}
	json_array_foreach(json_object_get(answer.parameters, "units"), i, unit) {
		guess_try(&guess, phrase_get(unit, "name"));
	}
	return str_dup(guess.best);
}

int
complain_error(struct cli *cli, const char *error, const char *name, const char *text)
{
	size_t i = find_error(error);
	const char *words = text && text[0] ? text : i < COUNT(errors) ? errors[i].words : error;

	if (i < COUNT(errors) && errors[i].code == CLI_NO_UNIT && name) {
		autofree char *suggestion = suggest_unit(cli, name);
		complain("%s: there is no such unit%s%s%s", name,
			 suggestion ? "; did you mean " : "", suggestion ? suggestion : "",
			 suggestion ? "?" : " ('tend list' shows all)");
	} else {
		complain("%s%s%s", name ? name : "", name ? ": " : "", words);
	}
	return i < COUNT(errors) ? errors[i].code : CLI_FAILED;
}
