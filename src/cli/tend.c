/* tend: what main() calls. What stands before the verb is looked at here, the rest belongs to the
 * verb.
 *
 * Nothing is read, opened or asked that the verb does not need: `tend list` is one connection,
 * one call, one write. */
#include "base/str.h"
#include "base/version.h"
#include "cli/cli.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

bool
cli_places(struct cli *cli)
{
	struct err err = { 0 };

	if (!cli->placed && !places_find(cli->whose, &cli->places, &err)) {
		(void)complain_err(&err);
		return false;
	}
	cli->placed = true;
	return true;
}

static int
unknown_verb(const struct cli *cli, const char *word)
{
	const char *near = verbs_suggest(word);

	if (near) {
		return complain_usage(cli, "there is no verb '%s'; did you mean '%s'?", word, near);
	}
	return complain_usage(cli, "there is no verb '%s'", word);
}

/* options before the verb; the place of the verb, or NULL with the exit code */
static char **
before_verb(struct cli *cli, char **argv, int *ret_code)
{
	for (; *argv && (*argv)[0] == '-'; argv++) {
		if (str_equal(*argv, "--user")) {
			cli->whose = PLACES_USER;
		} else if (str_equal(*argv, "--system")) {
			cli->whose = PLACES_SYSTEM;
		} else if (str_equal(*argv, "--help") || str_equal(*argv, "-h")) {
			usage_all(stdout);
			*ret_code = CLI_DONE;
			return NULL;
		} else if (str_equal(*argv, "--version") || str_equal(*argv, "-V")) {
			(void)printf("tend %s\n", VERSION);
			*ret_code = CLI_DONE;
			return NULL;
		} else {
			*ret_code =
				complain_usage(cli, "there is no option %s before the verb", *argv);
			return NULL;
		}
	}
	if (!*argv) {
		usage_all(stderr);
		*ret_code = CLI_USAGE;
		return NULL;
	}
	return argv;
}

static int
run_verb(struct cli *cli, char **argv)
{
	struct err err = { 0 };
	int code;

	cli->cmd = verbs_find(argv[0]);
	if (!cli->cmd) {
		return unknown_verb(cli, argv[0]);
	}
	if (cli->cmd->flags & CMD_RAW) {
		cli->args.names = argv + 1;
		code = cli->cmd->run(cli);
		cli->args.names = NULL; /* not ours to free */
		return code;
	}
	if (!args_parse(cli->cmd, argv + 1, &cli->args, &err)) {
		return complain_usage(cli, "%s", err.text);
	}
	if (args_has(&cli->args, "help")) {
		usage_verb(stdout, cli->cmd);
		return CLI_DONE;
	}
	cli->json = args_has(&cli->args, "json");
	cli->utc = args_has(&cli->args, "utc");
	cli->quiet = args_has(&cli->args, "quiet");
	return cli->cmd->run(cli);
}

/* what was printed has arrived, or the exit code says that it has not */
static int
finish(int code)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("cannot write the answer: %s", strerror(errno));
		return code ? code : CLI_FAILED;
	}
	return code;
}

int
tend_as(const char *verb, char **words)
{
	struct cli cli = { .cmd = verbs_find(verb), .args = { .names = words } };

	return finish(cli.cmd->run(&cli));
}

int
tend_main(int argc, char **argv)
{
	struct cli cli = { 0 };
	char **verb;
	int code;

	/* of jansson's tables; what tendd answers is no attack, and opening urandom costs time */
	json_object_seed((size_t)(uintptr_t)&cli | 1);
	verb = before_verb(&cli, argv + (argc > 0), &code);
	if (verb) {
		code = run_verb(&cli, verb);
	}
	code = finish(code);
	cli.wire = cli.wire ? wire_close(cli.wire) : NULL;
	args_done(&cli.args);
	if (cli.placed) {
		places_done(&cli.places);
	}
	return code;
}
