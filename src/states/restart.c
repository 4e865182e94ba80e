/* When a service is started again, after which pause, and how often at most.
 *
 * Two kinds of pause: systemd's (RestartSec=, growing in RestartSteps= steps to
 * RestartMaxDelaySec=) and, where BackoffFirstSec= is set, one that doubles with jitter and begins
 * anew after a good life. Powers are computed here: libm would be the only library of this folder.
 */
#include "states/states.h"
#include "base/clock.h"

/* zero would be a loop as hot as the machine can make it */
static const int64_t SHORTEST_BACKOFF_NS = CLOCK_MS;

static bool
set_has(const struct exit_set *set, const struct outcome *outcome)
{
	if (!outcome->known) {
		return false;
	}
	return outcome->signalled ? exits_has_signal(set, outcome->value)
				  : exits_has_code(set, outcome->value);
}

/* Restart= by the reason of the end: systemd's table. An end that nobody knows counts as a failure
 * that may have been abnormal: better once too often up than down without a reason. */
static bool
is_wanted(enum restart_when when, enum why why)
{
	bool clean = why == WHY_NONE;
	bool plain = why == WHY_EXIT_CODE || why == WHY_EXEC;

	switch (when) {
	case RESTART_NO: return false;
	case RESTART_ON_SUCCESS: return clean;
	case RESTART_ON_FAILURE: return !clean;
	case RESTART_ON_ABNORMAL: return !clean && !plain;
	case RESTART_ON_WATCHDOG: return why == WHY_WATCHDOG;
	case RESTART_ON_ABORT: return why == WHY_SIGNAL || why == WHY_CORE;
	case RESTART_ALWAYS: return true;
	case RESTART_COUNT: break;
	}
	return false;
}

bool
restart_is_due(const struct service *service)
{
	const struct unit *unit = service->unit;

	switch (service->why) {
	case WHY_ASKED:
	case WHY_DEPENDENCY:
	case WHY_START_LIMIT:
	case WHY_CONDITION:
	case WHY_SURVIVORS: return false; /* a second one beside what would not die */
	case WHY_NONE:
	case WHY_EXIT_CODE:
	case WHY_SIGNAL:
	case WHY_CORE:
	case WHY_OOM:
	case WHY_TIMEOUT:
	case WHY_RUNTIME:
	case WHY_WATCHDOG:
	case WHY_EXEC:
	case WHY_PROTOCOL:
	case WHY_UNKNOWN:
	case WHY_COUNT: break;
	}
	if (service->main_known && set_has(&unit->restart_prevent, &service->outcome)) {
		return false;
	}
	if (service->main_known && set_has(&unit->restart_force, &service->outcome)) {
		/* a oneshot that did its work is not done over and over */
		return unit->type != TYPE_ONESHOT || service->why != WHY_NONE;
	}
	return is_wanted(unit->restart, service->why);
}

bool
restart_is_allowed(struct service *service, int64_t now)
{
	const struct unit *unit = service->unit;

	if (unit->start_limit_interval <= 0 || unit->start_limit_burst <= 0) {
		return true;
	}
	if (service->limit_starts == 0 || now - service->limit_from > unit->start_limit_interval) {
		service->limit_from = now;
		service->limit_starts = 0;
	}
	if (service->limit_starts >= unit->start_limit_burst) {
		return false;
	}
	service->limit_starts++;
	return true;
}

static double
power(double base, uint64_t exponent)
{
	double result = 1;

	for (; exponent > 0; exponent >>= 1) {
		if (exponent & 1) {
			result *= base;
		}
		base *= base;
	}
	return result;
}

/* the n-th root of something from 1 up, by halving: as exact as a double after this many steps */
static double
root(double of, uint64_t n)
{
	double low = 1, high = of;

	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;

		if (power(middle, n) > of) {
			high = middle;
		} else {
			low = middle;
		}
	}
	return low;
}

static int64_t
stepped(const struct unit *unit, uint64_t restarts)
{
	int64_t first = unit->restart_sec, most = unit->restart_max_delay;
	uint64_t steps = (uint64_t)MAX(unit->restart_steps, 0);

	if (restarts == 0 || steps == 0 || first <= 0 || most == CLOCK_NEVER || most <= first) {
		return MAX(first, 0);
	}
	if (restarts >= steps) {
		return most;
	}
	return MIN(most, (int64_t)((double)first *
				   power(root((double)most / (double)first, steps), restarts)));
}

/* with a fifth of jitter to both sides, so that what died together does not come back together */
static int64_t
doubled(const struct unit *unit, unsigned pauses, uint32_t chance)
{
	int64_t most = MAX(unit->backoff_max, SHORTEST_BACKOFF_NS);
	int64_t pause = MIN(MAX(unit->backoff_first, SHORTEST_BACKOFF_NS), most);
	int64_t fifth;

	for (; pauses > 0 && pause < most; pauses--) {
		pause = pause > most / 2 ? most : pause * 2;
	}
	if (pause > CLOCK_NEVER / 2) {
		return most;
	}
	fifth = pause / 5;
	pause += (int64_t)((double)(2 * fifth) * ((double)chance / 4294967296.0)) - fifth;
	return MIN(pause, most);
}

int64_t
restart_pause(const struct service *service, uint32_t chance)
{
	const struct unit *unit = service->unit;

	if (unit->backoff_first >= 0) {
		return doubled(unit, service->pauses, chance);
	}
	return stepped(unit, service->restarts);
}
