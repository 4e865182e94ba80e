/* cmd-signal: send a signal. It is the last word, so that `tend signal web HUP` reads as it is
 * said; one that was sent twice is not the same as once, so it is never asked again. */
#include "base/signals.h"
#include "base/str.h"
#include "cli/cli.h"
#include <ctype.h>

const struct opt cmd_signal_options[] = {
	OPT_ALL,   { 'w', "whom", "WHOM", "main (the default), control, or all of its processes" },
	OPT_QUIET, OPT_JSON,
	OPT_END,
};
const char cmd_signal_details[] = "SIGNAL is a name or a number: HUP, SIGUSR1, 15.\n"
				  "  tend signal web HUP\n"
				  "  tend signal --whom all 'worker@*' TERM";

static const char *const whoms[] = { "main", "control", "all" };

static bool
whom_is_known(const char *whom)
{
	for (size_t i = 0; i < COUNT(whoms); i++) {
		if (str_equal(whoms[i], whom)) {
			return true;
		}
	}
	return false;
}

int
cmd_signal(struct cli *cli)
{
	char **words = cli->args.names;
	const char *whom = args_value(&cli->args, "whom");
	bool all = args_has(&cli->args, "all");
	size_t n = strv_length(words);
	autofree char *past = NULL;
	json_t *parameters;
	int signal;

	if (all ? n != 1 : n < 2) {
		return complain_usage(cli, "which one, and which signal? tend signal %s SIGNAL",
				      all ? "--all" : "NAME...");
	}
	for (char *c = words[n - 1]; *c; c++) {
		*c = (char)toupper((unsigned char)*c);
	}
	signal = signals_parse(words[n - 1]);
	if (signal <= 0) {
		return complain_usage(cli, "'%s' is no signal; HUP, SIGUSR1 or 15 would be",
				      words[n - 1]);
	}
	if (whom && !whom_is_known(whom)) {
		return complain_usage(cli, "--whom: '%s' is none of main, control, all", whom);
	}
	words[n - 1] = NULL;
	parameters = names_parameters(cli);
	if (!parameters) {
		return CLI_USAGE;
	}
	past = str_format("%s sent", signals_name(signal));
	(void)json_object_set_new(parameters, "signal", json_string(signals_name(signal)));
	if (whom) {
		(void)json_object_set_new(parameters, "whom", json_string(whom));
	}
	return outcome_verb(cli, "Signal", parameters, ASK_ONCE, past);
}
