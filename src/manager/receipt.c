/* receipt: what a stop signalled, whom it had to kill and what survived, with the command lines
 * read before the signal (afterwards there is nothing to read). Bounded: a fork bomb's stop names
 * the first thousand. */
#include "manager/core.h"
#include "base/signals.h"
#include <signal.h>

enum { RECEIPT_MAX = 1000 };

/* in the place of a signal */
enum { RECEIPT_SURVIVED = 0, RECEIPT_LEFT = -1 };

struct noted {
	pid_t pid;
	int signal; /* or one of the above */
	char *command;
};

struct receipt {
	int64_t begun;
	struct noted *list;
	size_t count, size;
	char **with; /* names of units that were stopped because this one was */
};

void
receipt_forget(struct member *member)
{
	struct receipt *receipt = member->receipt;

	if (!receipt) {
		return;
	}
	for (size_t i = 0; i < receipt->count; i++) {
		free(receipt->list[i].command);
	}
	free(receipt->list);
	(void)strv_free(receipt->with);
	free(receipt);
	member->receipt = NULL;
}

void
receipt_open(struct member *member)
{
	bool under_way = member->pending != PENDING_NONE || !list_is_empty(&member->events) ||
			 service_shown(&member->service) == SHOWN_STOPPING;

	if (member->receipt && under_way) {
		return; /* two who ask for one stop get the same, whole receipt */
	}
	receipt_forget(member);
	member->receipt = calloc(1, sizeof(*member->receipt));
	CHECK(member->receipt);
	member->receipt->begun = clock_now();
}

static void
receipt_add(struct receipt *receipt, pid_t pid, int signal)
{
	const char *command = NULL;

	for (size_t i = 0; i < receipt->count; i++) {
		if (receipt->list[i].pid == pid) {
			command = receipt->list[i].command;
			if (receipt->list[i].signal == signal) {
				return;
			}
		}
	}
	if (receipt->count == RECEIPT_MAX) {
		return;
	}
	if (receipt->count == receipt->size) {
		receipt->size = receipt->size ? receipt->size * 2 : 4;
		receipt->list = realloc(receipt->list, receipt->size * sizeof(*receipt->list));
		CHECK(receipt->list);
	}
	receipt->list[receipt->count++] = (struct noted){
		.pid = pid,
		.signal = signal,
		.command = command ? str_dup(command) : proc_command(pid),
	};
}

void
receipt_note(struct member *member, pid_t pid, int signal)
{
	/* SIGCONT only lets a stopped process hear the other one */
	if (member->receipt && signal != SIGCONT) {
		receipt_add(member->receipt, pid, signal);
	}
}

void
receipt_survivor(struct member *member, pid_t pid)
{
	if (member->receipt) {
		receipt_add(member->receipt, pid, RECEIPT_SURVIVED);
	}
}

void
receipt_left(struct member *member, pid_t pid)
{
	if (member->receipt) {
		receipt_add(member->receipt, pid, RECEIPT_LEFT);
	}
}

void
receipt_with(struct member *member, const char *name)
{
	if (member->receipt && !strv_has(member->receipt->with, name)) {
		strv_add(&member->receipt->with, name);
	}
}

static void
receipt_append(json_t *array, const struct noted *noted)
{
	(void)json_array_append_new(
		array, json_pack("{s:i, s:o, s:s}", "pid", (int)noted->pid, "command",
				 shown_text(noted->command ? noted->command : ""), "signal",
				 noted->signal > 0 ? signals_name(noted->signal) : "SIGKILL"));
}

/* what KillMode= spares goes on by the unit's own wish: it is told, and is no failure */
static void
receipt_add_left(const struct member *member, json_t *receipt, json_t *take_left)
{
	const struct receipt *own = member->receipt;
	json_t *with = json_array();

	if (json_array_size(take_left) > 0) {
		(void)json_object_set_new(receipt, "text",
					  json_string(member->unit->kill_mode == KILL_NONE
							      ? "KillMode=none"
							      : "KillMode=process"));
	}
	(void)json_object_set_new(receipt, "left", take_left);
	for (size_t i = 0; own && own->with && own->with[i]; i++) {
		(void)json_array_append_new(with, json_string(own->with[i]));
	}
	(void)json_object_set_new(receipt, "with", with);
}

json_t *
receipt_json(struct member *member)
{
	const struct receipt *receipt = member->receipt;
	json_t *signalled = json_array(), *killed = json_array(), *survivors = json_array();
	json_t *left = json_array(), *json;
	int64_t ms = receipt ? (clock_now() - receipt->begun) / CLOCK_MS : 0;
	bool survived;

	for (size_t i = 0; receipt && i < receipt->count; i++) {
		const struct noted *noted = &receipt->list[i];
		receipt_append(noted->signal == RECEIPT_SURVIVED ? survivors
			       : noted->signal == RECEIPT_LEFT   ? left
			       : noted->signal == SIGKILL        ? killed
								 : signalled,
			       noted);
	}
	survived = json_array_size(survivors) > 0;
	json = json_pack("{s:s, s:b, s:b, s:o, s:o, s:o, s:I, s:s}", "name", member->name, "ok",
			 !survived && service_is_down(&member->service), "stopped",
			 service_is_down(&member->service) && !survived, "signalled", signalled,
			 "killed", killed, "survivors", survivors, "ms", (json_int_t)ms, "state",
			 shown_name(service_shown(&member->service)));
	CHECK(json);
	receipt_add_left(member, json, left);
	return json;
}
