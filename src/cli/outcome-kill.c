/* What became of those that `kill` meant: the receipt for programs, and sentences for people. A
 * process that cannot be killed gets the reason, and who can do something about it. */
#include "base/signals.h"
#include "base/str.h"
#include "cli/processes.h"
#include <signal.h>
#include <string.h>

enum { LISTED = 5 }; /* so many are named one by one */

static void
append(json_t *array, const struct target *target, const char *reason)
{
	json_t *entry = json_pack("{s:i, s:o}", "pid", (int)target->pid, "command",
				  phrase_json(target->command, strlen(target->command)));

	if (target->signal) {
		(void)json_object_set_new(entry, "signal",
					  json_string(signals_name(target->signal)));
	}
	if (reason) {
		(void)json_object_set_new(entry, "text", json_string(reason));
	}
	(void)json_array_append_new(array, entry);
}

/* why it is still there, or why it was not hit; owned */
static char *
reason_of(const struct target *target)
{
	switch (target->fate) {
	case FATE_DEAD:
		return str_format("it is dead already; its parent %d%s%s%s must reap it, or end",
				  (int)target->ppid, target->parent[0] ? " (" : "", target->parent,
				  target->parent[0] ? ")" : "");
	case FATE_ALIVE:
		if (target->wchan && strstr(target->wchan, "refrigerator")) {
			return str_dup("its control group is frozen: no signal will help until it "
				       "is thawed");
		}
		if (target->state == 'D') {
			return str_format("it is in uninterruptible sleep (state D%s%s): no signal "
					  "will help until the kernel lets go of it",
					  target->wchan ? ", in " : "",
					  target->wchan ? target->wchan : "");
		}
		return str_format("it is still there, %s", proc_state_word(target->state));
	case FATE_SPARED:
		if (target->keeper) {
			return str_format(
				"spared: it is kept by another tendd (pid %d), which would start "
				"it again; stop it there, or say its pid, or --no-unit",
				(int)target->keeper);
		}
		return str_dup("spared: tend itself, what it was started from, the first process, "
			       "tendd or the kernel; say its pid to hit it too");
	case FATE_DENIED: return str_dup("not permitted: it is another user's");
	case FATE_OTHER: return str_dup("it does not fit any more, or has become another one");
	case FATE_GONE: return str_dup("it ended by itself");
	case FATE_CHOSEN:
	case FATE_SENT:
	case FATE_ENDED:
	case FATE_KILLED: break;
	}
	return NULL;
}

json_t *
outcome_kill_receipt(const char *name, const struct targets *targets, int64_t ms)
{
	json_t *signalled = json_array(), *killed = json_array(), *survivors = json_array();
	json_t *dead = json_array(), *left = json_array();
	bool whole = true;

	for (size_t i = 0; i < targets->count; i++) {
		const struct target *target = &targets->list[i];
		autofree char *reason = reason_of(target);

		switch (target->fate) {
		case FATE_SENT:
		case FATE_ENDED: append(signalled, target, NULL); break;
		case FATE_KILLED: append(killed, target, NULL); break;
		case FATE_ALIVE:
		case FATE_DENIED: append(survivors, target, reason); break;
		case FATE_DEAD: append(dead, target, reason); break;
		case FATE_SPARED:
		case FATE_GONE:
		case FATE_OTHER:
		case FATE_CHOSEN: append(left, target, reason); break;
		}
		whole &= target->fate == FATE_ENDED || target->fate == FATE_KILLED ||
			 target->fate == FATE_GONE;
	}
	return json_pack("{s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:I}", "name",
			 phrase_json(name, strlen(name)), "ok", json_array_size(survivors) == 0,
			 "stopped", (int)whole, "signalled", signalled, "killed", killed,
			 "survivors", survivors, "zombies", dead, "skipped", left, "ms",
			 (json_int_t)ms);
}

/* ---- for people ---- */
/* of those with this fate each of the first few */
static void
complain_each(const struct targets *targets, enum fate fate)
{
	size_t count = 0;

	for (size_t i = 0; i < targets->count; i++) {
		const struct target *target = &targets->list[i];
		autofree char *reason = NULL;

		if (target->fate != fate || ++count > LISTED) {
			continue;
		}
		reason = reason_of(target);
		complain("pid %d, %s: %s", (int)target->pid, target->command, reason);
	}
	if (count > LISTED) {
		complain("and %zu more like this", count - LISTED);
	}
}

void
outcome_kill_notes(const struct targets *targets)
{
	complain_each(targets, FATE_DEAD);
	complain_each(targets, FATE_SPARED);
	complain_each(targets, FATE_OTHER);
}

static void
put_ended(const struct targets *targets, const json_t *receipt, const char *name)
{
	size_t ended = targets_count(targets, FATE_ENDED);
	size_t killed = targets_count(targets, FATE_KILLED);
	size_t gone = targets_count(targets, FATE_GONE), sent = targets_count(targets, FATE_SENT);
	autofree char *harmless = phrase_command(name);
	long long ms = (long long)json_integer_value(json_object_get(receipt, "ms"));

	for (size_t i = 0; sent > 0 && i < targets->count; i++) {
		if (targets->list[i].fate == FATE_SENT) {
			(void)printf("%s: %s sent to %zu process%s\n", harmless,
				     signals_name(targets->list[i].signal), sent,
				     sent == 1 ? "" : "es");
			return;
		}
	}
	if (ended + killed + gone == 0) {
		return;
	}
	(void)printf("%s: %zu process%s ended in %lld ms", harmless, ended + killed + gone,
		     ended + killed + gone == 1 ? "" : "es", ms);
	if (killed > 0) {
		(void)printf(", %zu of them by SIGKILL", killed);
	}
	if (gone > 0) {
		(void)printf(", %zu by %s before any signal", gone,
			     gone == 1 ? "itself" : "themselves");
	}
	(void)putchar('\n');
}

int
outcome_kill_show(struct cli *cli, const struct targets *targets, const json_t *receipts,
		  const char *name)
{
	json_auto_t *units = json_array();
	const json_t *own = targets->count > 0 ? json_array_get(receipts, 0) : NULL;
	json_t *receipt;
	size_t i;
	int code = CLI_DONE;
	bool json = cli->json;

	json_array_foreach(receipts, i, receipt) {
		(void)(receipt != own && json_array_append(units, receipt));
	}
	if (json) {
		phrase_print(receipts);
	} else if (own && !cli->quiet) {
		put_ended(targets, own, name);
	}
	if (json_array_size(units) > 0) {
		cli->json = false;
		cli->quiet |= json;
		code = outcome_receipts(cli, units, "stopped");
	}
	outcome_kill_notes(targets);
	complain_each(targets, FATE_ALIVE);
	complain_each(targets, FATE_DENIED);
	if (targets_count(targets, FATE_DENIED) > 0) {
		return CLI_DENIED;
	}
	if (targets_count(targets, FATE_ALIVE) > 0 ||
	    (json_array_size(units) == 0 && targets_count(targets, FATE_SENT) +
							    targets_count(targets, FATE_ENDED) +
							    targets_count(targets, FATE_KILLED) +
							    targets_count(targets, FATE_GONE) ==
						    0)) {
		return MAX(code, CLI_FAILED);
	}
	return code;
}
