/* finish: what a service type implies for the keys that were not given, and what contradicts
 * itself, in systemd's words where it has some (service_verify() there). Everything implied is
 * computed anew each time. */
#include "base/clock.h"
#include "unit/set.h"
#include <string.h>

static const struct place *
given(const struct unit *unit, const char *name)
{
	const struct key *key = key_find(SECTION_SERVICE, name);

	return key != NULL ? unit_given(unit, key) : NULL;
}

static void
imply(struct unit *unit)
{
	if (given(unit, "Type") == NULL) {
		unit->type = unit->exec_start.count > 0 ? TYPE_SIMPLE : TYPE_ONESHOT;
	}
	if (given(unit, "TimeoutStartSec") == NULL) {
		unit->timeout_start =
			unit->type == TYPE_ONESHOT ? CLOCK_NEVER : unit_fallbacks()->timeout_start;
	}
	if (unit->watchdog == CLOCK_NEVER) {
		unit->watchdog = 0;
	}
	if (given(unit, "NotifyAccess") == NULL) {
		bool listens = unit->type == TYPE_NOTIFY || unit->type == TYPE_NOTIFY_RELOAD ||
			       unit->watchdog > 0 || unit->fd_store_max > 0;

		unit->notify_access = listens ? NOTIFY_MAIN : NOTIFY_NONE;
	}
	/* who asks for a growing pause wants no end of the tries */
	if (unit->backoff_first >= 0) {
		const struct key *limit = key_find(SECTION_UNIT, "StartLimitIntervalSec");

		if (unit_given(unit, limit) == NULL) {
			unit->start_limit_interval = 0;
		}
	}
	if (given(unit, "StandardInput") == NULL) {
		unit->standard_input.kind =
			unit->standard_input_text != NULL ? STDIO_DATA : STDIO_DEFAULT;
	}
}

/* the first contradiction; *ret_key is the key at fault */
static const char *
contradiction(const struct unit *unit, const char **ret_key)
{
	bool starts = unit->exec_start.count > 0;
	bool oneshot = unit->type == TYPE_ONESHOT;

	*ret_key = "ExecStart";
	if (!starts && unit->exec_stop.count == 0) {
		return "there is no ExecStart= and no ExecStop=: nothing to run";
	}
	if (!starts && !oneshot) {
		return "there is no ExecStart=; only Type=oneshot can do without";
	}
	if (!starts && !unit->remain_after_exit) {
		return "there is no ExecStart=, so RemainAfterExit=yes is needed";
	}
	if (unit->exec_start.count > 1 && !oneshot) {
		return "there is more than one ExecStart=; only Type=oneshot can have several";
	}
	*ret_key = "Restart";
	if (oneshot && (unit->restart == RESTART_ALWAYS || unit->restart == RESTART_ON_SUCCESS)) {
		return "Type=oneshot cannot be restarted after success: it would never end";
	}
	*ret_key = "RestartForceExitStatus";
	if (oneshot && given(unit, "RestartForceExitStatus") != NULL) {
		return "Type=oneshot cannot be restarted by force";
	}
	*ret_key = "BusName";
	if (unit->type == TYPE_DBUS && given(unit, "BusName") == NULL) {
		return "Type=dbus needs a BusName=";
	}
	*ret_key = "Instances";
	if (unit->instances > LIMIT_INSTANCES) {
		return "that is more instances than tend keeps";
	}
	return NULL;
}

static char *
bad_words(const struct unit *unit, const char *key_name, const char *words)
{
	const struct key *key = key_by_name(key_name);
	const struct place *place = key != NULL ? unit_given(unit, key) : NULL;
	const char *file = place != NULL ? unit_place_file(unit, place) : unit->file;

	if (place != NULL && place->line > 0) {
		return str_format("%s:%u: %s", file != NULL ? file : unit->name, place->line,
				  words);
	}
	return str_format("%s: %s", file != NULL ? file : unit->name, words);
}

void
unit_finish(struct unit *unit)
{
	const char *key, *words;

	imply(unit);
	if (unit->bad_text) {
		return;
	}
	str_replace(&unit->bad, NULL);
	words = contradiction(unit, &key);
	if (words != NULL) {
		unit->bad = bad_words(unit, key, words);
	}
}
