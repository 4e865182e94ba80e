/* personality: main() of the client. Called by another tool's name (a link to tend of that name) it
 * is that tool, for the part of it that concerns us; the rows are names and the verbs behind them.
 * The name is the last part of argv[0], as every shell gives it. */
#include "base/str.h"
#include "cli/cli.h"
#include <string.h>

static const struct {
	const char *name, *verb;
} personalities[] = {
	{ "nohup", "nohup" },
	{ "tini", "init" },
	{ "dumb-init", "init" },
	{ "catatonit", "init" },
};

int
main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";

	for (size_t i = 0; i < COUNT(personalities); i++) {
		if (str_equal(personalities[i].name, name)) {
			return tend_as(personalities[i].verb, argv + 1);
		}
	}
	return tend_main(argc, argv);
}
