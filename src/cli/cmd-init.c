/* cmd-init: the first process of a container is a program of its own (src/init), for it stays there
 * as long as the container does; this one becomes it. */
#include "base/str.h"
#include "cli/cli.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

const struct opt cmd_init_options[] = { OPT_END };
const char cmd_init_details[] =
	"It starts the command, passes every signal on to it, reaps what is\n"
	"orphaned, and ends with the command's exit code (128 and the signal that\n"
	"ended it). Not as process 1 it is a subreaper and does the same. The\n"
	"options are those of tini, dumb-init and catatonit: tend init --help.\n"
	"  ENTRYPOINT [\"tend\", \"init\", \"--\", \"nginx\", \"-g\", \"daemon off;\"]";

int
cmd_init(struct cli *cli)
{
	autofree char *program = beside_find("tend-init", "TEND_INIT");
	char **words = cli->args.names;

	if (!program) {
		complain("tend-init is not beside tend, nor in PATH: %s", strerror(errno));
		return CLI_FAILED;
	}
	/* the word before is the name by which we were called */
	(void)execv(program, words - 1);
	complain("%s: %s", program, strerror(errno));
	return CLI_FAILED;
}
