/* ask: one call and its answer, whatever happens to tendd meanwhile.
 *
 * A manager that is killed is back within milliseconds, and the keeper holds the socket on which
 * we are queued. So a connection that breaks is made again and the same thing is asked again,
 * which is harmless for nearly all verbs: `run` carries the number of its request, the others
 * say what shall be, not what shall be done. For those where it is not (a signal) the answer is
 * that nobody knows. Either way it is said. */
#include "cli/cli.h"
#include <errno.h>

enum { ASK_TRIES = 50 }; /* each is one death of the manager: more than anybody's bad luck */

enum connected { CONNECTED, NOBODY, REFUSED };

static enum connected
try_connect(struct cli *cli, struct err *err)
{
	if (!places_check(&cli->places, err)) {
		return err->number == ENOENT ? NOBODY : REFUSED;
	}
	cli->wire = wire_connect(cli->places.socket, err);
	if (cli->wire) {
		return CONNECTED;
	}
	return err->number == ENOENT || err->number == ECONNREFUSED ? NOBODY : REFUSED;
}

static int
refused(const struct cli *cli, const struct err *err)
{
	if ((err->number == EACCES || err->number == EPERM) && cli->places.system &&
	    !cli->places.home && geteuid() != 0) {
		complain("the system's tendd answers to root alone; 'tend --user %s' asks your own",
			 cli->cmd->name);
		return CLI_DENIED;
	}
	(void)complain_err(err);
	return CLI_NO_TENDD;
}

int
ask_open(struct cli *cli, enum ask_start start)
{
	struct err err = { 0 };

	if (cli->wire) {
		return CLI_DONE;
	}
	if (!cli_places(cli)) {
		return CLI_NO_TENDD;
	}
	switch (try_connect(cli, &err)) {
	case CONNECTED: return CLI_DONE;
	case REFUSED: return refused(cli, &err);
	case NOBODY: break;
	}
	if (start == ASK_NEVER || (start == ASK_IF_ANY && !rouse_is_any(&cli->places))) {
		return CLI_DONE;
	}
	if (cli->places.system && !cli->places.home && geteuid() != 0) {
		complain("only root can start the system's tendd; 'tend --user %s' asks your own",
			 cli->cmd->name);
		return CLI_DENIED;
	}
	return rouse_tendd(cli);
}

struct wire *
ask_second(struct cli *cli)
{
	struct wire *first = cli->wire, *second;
	int code;

	cli->wire = NULL;
	code = ask_open(cli, ASK_ALWAYS);
	second = cli->wire;
	cli->wire = first;
	return code == CLI_DONE ? second : NULL;
}

static void
tell_again(struct cli *cli)
{
	if (!cli->told_again) {
		complain("the manager was replaced meanwhile; asked again");
	}
	cli->told_again = true;
}

/* true: once more */
static bool
gone(struct cli *cli, enum ask_again again, int tries, int *ret_code)
{
	cli->wire = wire_close(cli->wire);
	if (again == ASK_ONCE) {
		complain(
			"the manager was replaced before it answered: whether this was done is not "
			"known, and it was not asked again");
		*ret_code = CLI_FAILED;
		return false;
	}
	if (tries >= ASK_TRIES) {
		complain("the manager of tendd goes away again and again; what became of this is "
			 "not known (see %s)",
			 cli->places.trace);
		*ret_code = CLI_FAILED;
		return false;
	}
	tell_again(cli);
	return true;
}

enum wire_result
ask(struct cli *cli, const char *method, json_t *take_parameters, enum ask_again again,
    struct wire_answer *ret_answer, int *ret_code)
{
	json_auto_t *parameters = take_parameters;

	for (int tries = 0;; tries++) {
		struct err err = { 0 };
		enum wire_result result;

		*ret_code = ask_open(cli, ASK_ALWAYS);
		if (*ret_code != CLI_DONE) {
			return WIRE_BAD;
		}
		result = wire_call(cli->wire, method, json_incref(parameters), false, ret_answer,
				   &err);
		switch (result) {
		case WIRE_REPLY: return result;
		case WIRE_ERROR: *ret_code = complain_code(ret_answer->error); return result;
		case WIRE_GONE:
			if (gone(cli, again, tries, ret_code)) {
				continue;
			}
			return WIRE_BAD;
		case WIRE_MORE: wire_answer_done(ret_answer); break;
		case WIRE_BAD:
		case WIRE_INTERRUPTED: break;
		}
		complain("%s",
			 err.text[0] ? err.text : "the answer of tendd is not to be understood");
		*ret_code = CLI_FAILED;
		return WIRE_BAD;
	}
}

int
ask_simply(struct cli *cli, const char *method, json_t *take_parameters, enum ask_again again,
	   struct wire_answer *ret_answer)
{
	struct wire_answer answer = { 0 };
	int code;
	enum wire_result result = ask(cli, method, take_parameters, again, &answer, &code);

	if (result == WIRE_REPLY) {
		*ret_answer = answer;
		return CLI_DONE;
	}
	if (result == WIRE_ERROR) {
		const char *name = phrase_get(answer.parameters, "name");
		code = complain_error(cli, answer.error, name[0] ? name : NULL,
				      phrase_get(answer.parameters, "text"));
		wire_answer_done(&answer);
	}
	return code;
}
