/* How a process ended, judged as systemd judges it: HUP, INT, TERM and PIPE are ways to ask a
 * daemon to end and count as a clean end, but not of a oneshot, whose work they interrupt. */
#include "states/states.h"
#include "base/signals.h"
#include <signal.h>
#include <stdio.h>

static bool
is_clean_signal(const struct unit *unit, int signal)
{
	bool asks = signal == SIGHUP || signal == SIGINT || signal == SIGTERM || signal == SIGPIPE;

	return asks && unit->type != TYPE_ONESHOT;
}

bool
outcome_is_success(const struct unit *unit, const struct outcome *outcome)
{
	if (!outcome->known) {
		return false;
	}
	if (outcome->signalled) {
		return is_clean_signal(unit, outcome->value) ||
		       exits_has_signal(&unit->success_exits, outcome->value);
	}
	return outcome->value == 0 || exits_has_code(&unit->success_exits, outcome->value);
}

enum why
outcome_why(const struct unit *unit, const struct outcome *outcome)
{
	if (!outcome->known) {
		return WHY_UNKNOWN;
	}
	if (outcome_is_success(unit, outcome)) {
		return WHY_NONE;
	}
	if (!outcome->signalled) {
		return WHY_EXIT_CODE;
	}
	if (outcome->oom) {
		return WHY_OOM;
	}
	return outcome->core ? WHY_CORE : WHY_SIGNAL;
}

const char *
outcome_show(const struct outcome *outcome, char *buffer, size_t size)
{
	const char *after = outcome->oom    ? " (out of memory)"
			    : outcome->core ? " (core dumped)"
					    : "";

	if (!outcome->known) {
		(void)snprintf(buffer, size, "unknown");
	} else if (outcome->signalled) {
		(void)snprintf(buffer, size, "%s%s", signals_name(outcome->value), after);
	} else {
		(void)snprintf(buffer, size, "exit code %d", outcome->value);
	}
	return buffer;
}
