/* consent: a question on the terminal. Only y or yes is a yes; whoever cannot be asked has not
 * agreed. */
#include "base/str.h"
#include "cli/cli.h"
#include <string.h>
#include <strings.h>
#include <unistd.h>

bool
consent_can_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool
consent_ask(const char *question)
{
	char answer[64] = "";

	(void)fflush(stdout);
	(void)fprintf(stderr, "%s [y/N] ", question);
	if (!fgets(answer, sizeof(answer), stdin)) {
		(void)fputc('\n', stderr);
		return false;
	}
	answer[strcspn(answer, "\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
