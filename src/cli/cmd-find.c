/* cmd-find: the pids of what is looked for, for people and for scripts that knew pgrep: the exit
 * codes are pgrep's, and so is what counts as a match. */
#include "base/str.h"
#include "cli/processes.h"
#include <string.h>

enum { FIND_NONE = 1, FIND_BROKEN = 3 }; /* pgrep's */

const struct opt cmd_find_options[] = {
	CHOOSE_OPTIONS,
	{ 'v', "invert", NULL, "those that do not fit" },
	{ 'l', "list", NULL, "the name behind each pid" },
	{ 'a', "list-full", NULL, "the command line behind each pid" },
	{ 'c', "count", NULL, "how many, instead of which" },
	{ 'd', "delimiter", "TEXT", "between two pids, instead of a new line" },
	{ 'q', "quiet", NULL, "say nothing: the exit code tells" },
	OPT_JSON,
	OPT_END,
};
const char cmd_find_details[] =
	CHOOSE_HELP "\n"
		    "Never finds itself. Exit codes are those of pgrep: 0 found, 1 nobody fits,\n"
		    "2 wrong usage, 3 /proc cannot be read.\n"
		    "  tend find nginx\n"
		    "  tend find -rf 'python.*worker' --older 2h\n"
		    "  tend find --file /var/lib/x.db -l\n"
		    "  tend find --state zombie -l";

static void
put_text(const char *bytes, size_t n)
{
	autofree char *copy = str_dup_n(bytes, n);
	autofree char *harmless = phrase_command(copy);

	(void)fputs(harmless, stdout);
}

static void
put_process(const struct cli *cli, const struct process *process)
{
	(void)printf("%d", (int)process->stat.pid);
	if (args_has(&cli->args, "list-full")) {
		struct buf command;

		buf_init(&command, SIZE_MAX / 4);
		columns_command(&command, process);
		(void)putchar(' ');
		put_text(buf_str(&command), command.length);
		buf_done(&command);
	} else if (args_has(&cli->args, "list")) {
		(void)putchar(' ');
		put_text(process->stat.comm, strlen(process->stat.comm));
	}
}

static void
put(const struct cli *cli, const struct look *look)
{
	const char *between = args_value(&cli->args, "delimiter");

	if (cli->json) {
		json_auto_t *all = json_array();
		for (size_t i = 0; i < look->count; i++) {
			(void)json_array_append_new(all, columns_json(look, look->list[i]));
		}
		phrase_print(all);
	} else if (args_has(&cli->args, "count")) {
		(void)printf("%zu\n", look->count);
	} else if (!cli->quiet) {
		for (size_t i = 0; i < look->count; i++) {
			(void)fputs(i > 0 ? between ? between : "\n" : "", stdout);
			put_process(cli, look->list[i]);
		}
		(void)fputs(look->count > 0 ? "\n" : "", stdout);
	}
}

int
cmd_find(struct cli *cli)
{
	unsigned want = cli->json                           ? (unsigned)COLUMNS_JSON_WANT
			: args_has(&cli->args, "list-full") ? (unsigned)CENSUS_COMMAND
							    : 0U;
	struct look look;
	int code = look_open(
		cli, want,
		LOOK_NOT_SELF | LOOK_CHOOSING | (cli->json ? LOOK_UNITS | LOOK_LINKED : 0), &look);

	if (code != CLI_DONE) {
		return code == CLI_USAGE     ? CLI_USAGE
		       : code == CLI_NO_UNIT ? FIND_NONE
					     : FIND_BROKEN;
	}
	put(cli, &look);
	code = look.count > 0 ? CLI_DONE : FIND_NONE;
	look_done(&look);
	return code;
}
