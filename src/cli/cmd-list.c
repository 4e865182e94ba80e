/* cmd-list: a line for each unit. With --watch it is drawn again when a state changes and,
 * because uptime, cpu and memory move too, once a second for as long as it is looked at. */
#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/cli.h"
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { WATCH_EVERY_MS = 1000 };

const struct opt cmd_list_options[] = {
	{ 'q', "quiet", NULL, "names only" },
	{ 'w', "watch", NULL, "draw it again when something changes, until ^C" },
	{ 0, "no-start", NULL, "do not start tendd" },
	OPT_JSON,
	OPT_END,
};
const char cmd_list_details[] =
	"Names may be globs. What needs attention comes first. cpu is that of the\n"
	"last moments, memory that of all its processes. In a narrow terminal\n"
	"columns are left out; --json has everything.\n"
	"  tend list\n"
	"  tend list 'web@*'\n"
	"  tend list --json | jq '.[] | select(.state == \"failed\") | .name'";

static json_t *
parameters(const struct cli *cli)
{
	json_t *names = json_array();

	for (char **word = cli->args.names; *word; word++) {
		(void)json_array_append_new(names, wire_string(*word));
	}
	return json_pack("{s:o, s:b}", "names", names, "brief", (int)!cli->json);
}

static void
put_hint(const struct cli *cli)
{
	if (cli->args.names[0]) {
		(void)printf("no unit fits\n");
	} else {
		(void)printf(
			"there are no units yet; 'tend run -- COMMAND' keeps a command running\n");
	}
}

static void
put(const struct cli *cli, json_t *units)
{
	json_t *unit;
	size_t i;

	listing_sort(units);
	if (cli->json) {
		phrase_print(units);
	} else if (cli->quiet) {
		json_array_foreach(units, i, unit) {
			autofree char *name = phrase_command(phrase_get(unit, "name"));
			(void)printf("%s\n", name);
		}
	} else if (json_array_size(units) == 0) {
		put_hint(cli);
	} else {
		listing_print(units);
	}
}

/* a name that was given without stars and is not there is an error, as everywhere */
static int
check_names(struct cli *cli, const json_t *units)
{
	int worst = CLI_DONE;

	for (char **word = cli->args.names; *word; word++) {
		bool found = false;
		json_t *unit;
		size_t i, n = strlen(*word) - (str_ends(*word, ".service") ? 8 : 0);
		json_array_foreach(units, i, unit) {
			const char *name = phrase_get(unit, "name");
			found |= strncmp(name, *word, n) == 0 &&
				 (name[n] == '\0' || name[n] == '@' || (*word)[n - 1] == '@');
		}
		if (!found && !names_is_glob(*word)) {
			worst = complain_error(cli, "NoSuchUnit", *word, NULL);
		}
	}
	return worst;
}

static int
list_once(struct cli *cli)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	json_t *units;
	int code = ask_simply(cli, "List", parameters(cli), ASK_AGAIN, &answer);

	if (code != CLI_DONE) {
		return code;
	}
	units = json_object_get(answer.parameters, "units");
	if (cli->args.names[0]) {
		code = check_names(cli, units);
	}
	if (code == CLI_DONE || json_array_size(units) > 0 || cli->json) {
		put(cli, units);
	}
	return code;
}

/* ---- --watch ---- */
/* false: the stream has ended */
static bool
drain(struct wire *watch, bool first)
{
	struct wire_answer answer = { 0 };
	enum wire_result result = first ? wire_call(watch, "Watch", NULL, true, &answer, NULL)
					: wire_call_next(watch, &answer, NULL);

	while (result == WIRE_MORE) {
		wire_answer_done(&answer);
		result = wire_call_next(watch, &answer, NULL);
	}
	wire_answer_done(&answer);
	return result == WIRE_INTERRUPTED;
}

static int
draw(struct cli *cli)
{
	int code;

	if (screen_is_terminal()) {
		(void)fputs("\033[H\033[J", stdout);
	}
	code = list_once(cli);
	if (!screen_is_terminal()) {
		(void)putchar('\n');
	}
	(void)fflush(stdout);
	return ferror(stdout) ? CLI_FAILED : code;
}

static int
watch_loop(struct cli *cli, struct wire *watch, int signals)
{
	/* always readable: reading the stream never waits */
	autoclose int never_wait = fd_raise(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	struct pollfd p[] = { { .fd = wire_fd(watch), .events = POLLIN },
			      { .fd = signals, .events = POLLIN } };
	bool alive;
	int code = CLI_DONE;

	wire_interrupt_fd(watch, never_wait);
	alive = drain(watch, true);
	while (code == CLI_DONE && !(p[1].revents & POLLIN)) {
		code = draw(cli);
		if (!alive) { /* the manager was replaced: the list says the rest */
			p[0].fd = -1;
		}
		(void)poll(p, COUNT(p), WATCH_EVERY_MS);
		alive = alive && drain(watch, false);
	}
	return code;
}

static int
list_watch(struct cli *cli)
{
	struct wire *watch = ask_second(cli);
	autoclose int signals = -1;
	sigset_t set;
	int code;

	if (!watch) {
		return CLI_NO_TENDD;
	}
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	signals = fd_raise(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	if (screen_is_terminal()) {
		(void)fputs("\033[?1049h\033[?25l", stdout);
	}
	code = watch_loop(cli, watch, signals);
	if (screen_is_terminal()) {
		(void)fputs("\033[?25h\033[?1049l", stdout);
	}
	(void)wire_close(watch);
	return code;
}

int
cmd_list(struct cli *cli)
{
	bool watch = args_has(&cli->args, "watch");
	int code;

	if (!names_are_fine(cli)) {
		return CLI_USAGE;
	}
	code = ask_open(cli, args_has(&cli->args, "no-start") ? ASK_NEVER
			     : watch                          ? ASK_ALWAYS
							      : ASK_IF_ANY);
	if (code != CLI_DONE) {
		return code;
	}
	if (!cli->wire) {
		json_auto_t *none = json_array();
		code = check_names(cli, none);
		if (code == CLI_DONE || cli->json) {
			put(cli, none);
		}
		return code;
	}
	return watch ? list_watch(cli) : list_once(cli);
}
