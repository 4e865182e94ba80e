/* cmd-events: state changes as they happen, one line each, until ^C. A manager that is replaced
 * meanwhile is connected to again, and that is an event too: in between something may have been
 * missed. */
#include "base/str.h"
#include "cli/cli.h"

const struct opt cmd_events_options[] = { OPT_UTC, OPT_JSON, OPT_END };
const char cmd_events_details[] =
	"Names may be globs. With --json each line is an object {name, state,\n"
	"detail, why, pid, time}; the first has an empty name and says that from\n"
	"here on nothing is missed. When the manager was replaced meanwhile such a\n"
	"line comes again.";

static json_t *
parameters(const struct cli *cli)
{
	json_t *names = json_array();

	for (char **word = cli->args.names; *word; word++) {
		(void)json_array_append_new(names, wire_string(*word));
	}
	return json_pack("{s:o}", "names", names);
}

static void
put(const struct cli *cli, const json_t *event)
{
	const json_t *pid = json_object_get(event, "pid");
	const char *state = phrase_get(event, "state"), *detail = phrase_get(event, "detail");
	const char *why = phrase_get(event, "why");
	autofree char *name = phrase_command(phrase_get(event, "name"));
	autofree char *time = phrase_clock(
		(int64_t)(json_number_value(json_object_get(event, "time")) * 1e9), cli->utc);

	if (cli->json) {
		phrase_print_line(event);
	} else if (name[0]) {
		(void)printf("%s%s%s  %s: %s%s%s", screen_paint(PAINT_DIM), time, screen_plain(),
			     name, screen_paint(screen_paint_of(state)), state, screen_plain());
		if (!str_equal(state, detail)) {
			(void)printf(" (%s)", detail);
		}
		(void)printf("%s%s", why[0] ? ", " : "", why);
		if (json_is_integer(pid)) {
			(void)printf(", pid %lld", (long long)json_integer_value(pid));
		}
		(void)putchar('\n');
	}
	(void)fflush(stdout);
}

/* one connection's worth; CLI_DONE: it broke, connect again */
static int
stream(struct cli *cli)
{
	struct err err = { 0 };
	struct wire_answer answer = { 0 };
	enum wire_result result =
		wire_call(cli->wire, "Watch", parameters(cli), true, &answer, &err);
	int code = CLI_FAILED;

	while (result == WIRE_MORE && !ferror(stdout)) {
		put(cli, answer.parameters);
		wire_answer_done(&answer);
		result = wire_call_next(cli->wire, &answer, &err);
	}
	if (result == WIRE_GONE) {
		code = CLI_DONE;
	} else if (result == WIRE_ERROR) {
		code = complain_error(cli, answer.error, NULL,
				      phrase_get(answer.parameters, "text"));
	} else if (result == WIRE_BAD) {
		complain("%s", err.text);
	}
	wire_answer_done(&answer);
	cli->wire = wire_close(cli->wire);
	return code;
}

int
cmd_events(struct cli *cli)
{
	int code = ask_open(cli, ASK_ALWAYS);

	while (code == CLI_DONE) {
		code = stream(cli);
		if (code == CLI_DONE) {
			code = ask_open(cli, ASK_NEVER);
		}
		if (code == CLI_DONE && !cli->wire) {
			complain("tendd has ended");
			return CLI_NO_TENDD;
		}
	}
	return code;
}
