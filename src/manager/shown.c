/* shown: the one file that turns live things into JSON. The shapes are those of wire/tend.varlink;
 * programs rely on them. */
#include "manager/core.h"
#include "base/path.h"
#include "base/signals.h"
#include "base/span.h"
#include "base/width.h"
#include <string.h>

static json_t *
shown_seconds(int64_t wall_ns)
{
	return json_real((double)wall_ns / 1e9);
}

static void
shown_set(json_t *object, const char *key, json_t *take_value)
{
	(void)json_object_set_new_nocheck(object, key, take_value ? take_value : json_null());
}

/* a field that a brief answer goes without when it is null */
static void
shown_set_some(json_t *object, const char *key, json_t *take_value, bool brief)
{
	if (!brief || (take_value && !json_is_null(take_value))) {
		shown_set(object, key, take_value);
	}
}

/* bytes that are no UTF-8 (a command line may hold any) become U+FFFD */
json_t *
shown_text(const char *text)
{
	struct buf buf;
	json_t *json;
	size_t n;

	if (!text) {
		return json_null();
	}
	n = strlen(text);
	if (width_is_utf8(text, n)) {
		return json_stringn_nocheck(text, n);
	}
	buf_init(&buf, n * 3 + 1);
	for (size_t i = 0; i < n;) {
		int32_t code;
		size_t used = width_decode(text + i, n - i, &code);
		(void)(code < 0 ? buf_add_str(&buf, "\xef\xbf\xbd")
				: buf_add(&buf, text + i, used));
		i += used;
	}
	json = json_string(buf_str(&buf));
	buf_done(&buf);
	return json;
}

json_t *
shown_exit(const struct outcome *outcome)
{
	json_t *code = json_null(), *signal = json_null();

	if (outcome->known && outcome->signalled) {
		signal = json_string(signals_name(outcome->value));
	} else if (outcome->known) {
		code = json_integer(outcome->value);
	}
	return json_pack("{s:o, s:o, s:b, s:b, s:b}", "code", code, "signal", signal, "core",
			 (int)outcome->core, "known", (int)outcome->known, "oom",
			 (int)outcome->oom);
}

static json_t *
shown_why(const struct service *service)
{
	return service->why == WHY_NONE ? json_null() : json_string(why_name(service->why));
}

static json_t *
shown_pid(const struct member *member)
{
	int64_t pid = member_pid(member);

	return pid > 0 ? json_integer(pid) : json_null();
}

static json_t *
shown_uptime(const struct member *member)
{
	if (!service_is_up(&member->service)) {
		return json_null();
	}
	return shown_seconds(clock_now() - member->service.up_since);
}

static json_t *
shown_next_try(const struct member *member)
{
	int64_t at = member->service.deadline[TIMER_STATE];

	if (member->service.state != SERVICE_WAITING || at == CLOCK_NEVER) {
		return json_null();
	}
	return shown_seconds(clock_wall() + (at - clock_now()));
}

/* the fields that Unit and Status share; brief: those of them that a table shows */
static json_t *
shown_common(struct member *member, bool brief)
{
	const struct service *service = &member->service;
	json_t *unit = json_object();
	bool runs;

	sample_take(member);
	runs = member->sample.at != 0 && !service_is_down(service);
	shown_set(unit, "name", shown_text(member->name));
	shown_set(unit, "state", json_string(shown_name(service_shown(service))));
	shown_set_some(unit, "why", shown_why(service), brief);
	shown_set_some(unit, "pid", shown_pid(member), brief);
	shown_set_some(unit, "uptime", shown_uptime(member), brief);
	shown_set(unit, "restarts", json_integer(service->restarts));
	shown_set_some(unit, "cpu_percent", runs ? json_real(member->sample.share) : NULL, brief);
	shown_set_some(unit, "memory",
		       runs ? json_integer((json_int_t)member->sample.memory) : NULL, brief);
	shown_set_some(unit, "exit", service->main_known ? shown_exit(&service->outcome) : NULL,
		       brief);
	shown_set(unit, "description",
		  shown_text(member->unit->description ? member->unit->description : ""));
	shown_set_some(unit, "next_try", shown_next_try(member), brief);
	if (brief) {
		return unit;
	}
	shown_set(unit, "cpu", runs ? json_real((double)member->sample.cpu_us / 1e6) : NULL);
	shown_set(unit, "tasks", runs ? json_integer(member->sample.tasks) : NULL);
	shown_set(unit, "enabled", json_boolean(member->enabled));
	shown_set(unit, "changed", json_boolean(member->next_unit && !member->next_unit->bad));
	shown_set(unit, "invocation", runs ? shown_text(member->invocation) : NULL);
	return unit;
}

json_t *
shown_unit(struct member *member, bool brief)
{
	return shown_common(member, brief);
}

static json_t *
shown_processes(struct member *member)
{
	json_t *array = json_array();
	struct kins kins;

	kin_find(member, &kins);
	for (size_t i = 0; i < kins.count; i++) {
		autofree char *command = proc_command(kins.list[i].pid);
		struct proc_stat stat;
		if (proc_stat(kins.list[i].pid, &stat) < 0) {
			continue;
		}
		(void)json_array_append_new(
			array,
			json_pack("{s:i, s:i, s:s, s:o, s:I, s:b}", "pid", (int)stat.pid, "ppid",
				  (int)stat.ppid, "state", proc_state_word(stat.state), "command",
				  shown_text(command ? command : ""), "memory",
				  (json_int_t)stat.rss, "main",
				  (int)(stat.pid == member->child[PART_MAIN].pid)));
	}
	kins_done(&kins);
	return array;
}

static json_t *
shown_strings(char *const *strings)
{
	json_t *array = json_array();

	for (size_t i = 0; strings && strings[i]; i++) {
		(void)json_array_append_new(array, shown_text(strings[i]));
	}
	return array;
}

static void
shown_notice(json_t *array, const struct notice *notice)
{
	autofree char *line =
		str_format("%s%s%u: %s%s%s", notice->file ? notice->file : "",
			   notice->file ? ":" : "line ", notice->line,
			   notice->key ? notice->key : "", notice->key ? "=: " : "", notice->text);

	(void)json_array_append_new(array, shown_text(line));
}

/* what is wrong with the file, and each key that is not simply honoured here */
json_t *
shown_notices(const struct manager *manager, const struct unit *unit)
{
	struct verdict_host host;
	json_t *array = json_array();
	struct list verdicts; /* notice.link */

	list_init(&verdicts);
	verdict_host_here(&host, manager->oom != NULL);
	(void)verdict_list(unit, &host, &verdicts);
	LIST_EACH(notice, &unit->notices, struct notice, link) {
		shown_notice(array, notice);
	}
	LIST_EACH(verdict, &verdicts, struct notice, link) {
		shown_notice(array, verdict);
		list_remove(&verdict->link);
		(void)notice_free(verdict);
	}
	return array;
}

static json_t *
shown_value(const struct unit *unit, const char *key)
{
	const struct key *row = key_find(SECTION_SERVICE, key);
	autofree char *value = row ? unit_value(unit, row) : NULL;

	return json_string(value ? value : "");
}

static json_t *
shown_command(const struct unit *unit)
{
	const struct key *row = key_find(SECTION_SERVICE, "ExecStart");
	autofree char *value = row ? unit_value(unit, row) : NULL;

	return shown_text(value);
}

static const char stale_words[] =
	"its file has changed since it was read; 'tend reload-units' takes it";

/* what is to be known about the file, and about its log */
static json_t *
status_notices(struct member *member)
{
	const struct unit *next = member->next_unit ? member->next_unit : member->unit;
	autofree char *trouble = logging_words(member);
	json_t *notices = shown_notices(member->manager, member->unit);

	if (unit_is_stale(next)) {
		(void)json_array_append_new(notices, json_string(stale_words));
	}
	if (member->next_unit && next->bad) {
		autofree char *words = str_format("what runs goes on as it was, but its file has "
						  "become wrong: %s",
						  next->bad);
		(void)json_array_append_new(notices, shown_text(words));
	}
	if (trouble) {
		(void)json_array_append_new(notices, shown_text(trouble));
	}
	return notices;
}

json_t *
shown_status(struct member *member)
{
	const struct unit *unit = member->unit;
	autofree char *log = path_join(member->manager->places->log, member->name);
	int64_t entered = clock_wall() - (clock_now() - member->service.entered);
	json_t *status;

	member->sample.at = member->sample.at ? MIN(member->sample.at, clock_now() - CLOCK_S) : 0;
	status = shown_common(member, false);
	shown_set(status, "detail", json_string(service_state_name(member->service.state)));
	shown_set(status, "file", shown_text(unit->file));
	shown_set(status, "drop_ins", shown_strings(unit->drop_ins));
	shown_set(status, "transient", json_boolean(unit->transient));
	shown_set(status, "type", shown_value(unit, "Type"));
	shown_set(status, "restart", shown_value(unit, "Restart"));
	shown_set(status, "command", shown_command(unit));
	shown_set(status, "status_text", shown_text(member->status_text));
	shown_set(status, "errno", member->said_errno ? json_integer(member->said_errno) : NULL);
	shown_set(status, "processes", shown_processes(member));
	shown_set(status, "log", shown_text(log));
	shown_set(status, "kin", json_string(kin_way(member->manager)));
	shown_set(status, "text", shown_text(unit->bad ? unit->bad : member->failure));
	shown_set(status, "notices", status_notices(member));
	shown_set(status, "run", member->run ? json_integer(member->run) : NULL);
	shown_set(status, "since", member->service.entered ? shown_seconds(entered) : NULL);
	return status;
}

json_t *
shown_run(const struct run *run)
{
	json_t *object = json_object();

	shown_set(object, "run", json_integer(run->number));
	shown_set(object, "started", shown_seconds(run->started));
	shown_set(object, "ended", run->ended ? shown_seconds(run->ended) : NULL);
	shown_set(object, "pid", run->pid ? json_integer(run->pid) : NULL);
	shown_set(object, "exit", run->has_outcome ? shown_exit(&run->outcome) : NULL);
	shown_set(object, "why", run->why == WHY_NONE ? NULL : json_string(why_name(run->why)));
	shown_set(object, "by", shown_text(run->by));
	shown_set(object, "text", shown_text(run->text));
	shown_set(object, "cpu", run->ended ? json_real((double)run->cpu_us / 1e6) : NULL);
	shown_set(object, "peak_memory",
		  run->peak_kib > 0 ? json_integer(run->peak_kib * 1024) : NULL);
	shown_set(object, "up", json_boolean(run->up));
	return object;
}

/* why it is not up, in a sentence */
static char *
shown_reason(const struct member *member)
{
	const struct service *service = &member->service;
	char outcome[64];

	if (member->failure) {
		return str_dup(member->failure);
	}
	if (member->unit->bad) {
		return str_dup(member->unit->bad);
	}
	switch (service->why) {
	case WHY_EXIT_CODE:
	case WHY_SIGNAL:
	case WHY_CORE:
	case WHY_OOM:
	case WHY_UNKNOWN:
		return str_format("it ended: %s",
				  outcome_show(&service->outcome, outcome, sizeof(outcome)));
	case WHY_TIMEOUT: return str_dup("it took too long");
	case WHY_RUNTIME: return str_dup("it ran as long as it may");
	case WHY_WATCHDOG: return str_dup("its watchdog was not served");
	case WHY_DEPENDENCY: return str_dup("something it needs is not there");
	case WHY_START_LIMIT:
		return str_dup("it was started too often in a short time; tend reset it first");
	case WHY_PROTOCOL: return str_dup("it ended without saying that it is ready");
	case WHY_CONDITION: return str_dup("its ExecCondition= says no");
	case WHY_SURVIVORS: return str_dup("something of it would not die");
	case WHY_ASKED: return str_dup("it was stopped");
	case WHY_EXEC: return str_dup("it could not be started");
	case WHY_NONE:
	case WHY_COUNT: break;
	}
	return NULL;
}

/* what a start came to; one from a file that was edited meanwhile is not what its user thinks */
json_t *
shown_started(struct member *member, bool ok, const char *text)
{
	const struct unit *unit = member->next_unit ? member->next_unit : member->unit;

	return shown_result(member, ok, NULL,
			    ok && !text && unit_is_stale(unit) ? stale_words : text);
}

json_t *
shown_result(struct member *member, bool ok, const char *error, const char *text)
{
	autofree char *reason = ok || text ? NULL : shown_reason(member);
	json_t *result = json_object();

	shown_set(result, "name", shown_text(member->name));
	shown_set(result, "ok", json_boolean(ok));
	shown_set(result, "state", json_string(shown_name(service_shown(&member->service))));
	shown_set(result, "why", shown_why(&member->service));
	shown_set(result, "pid", shown_pid(member));
	shown_set(result, "error", error ? json_string(error) : ok ? NULL : json_string("Failed"));
	shown_set(result, "text", shown_text(text ? text : reason));
	return result;
}

/* what tend will do next, and when */
char *
shown_next(struct member *member)
{
	const struct service *service = &member->service;
	char span[64];
	int64_t left;

	switch (service_shown(service)) {
	case SHOWN_RUNNING:
	case SHOWN_RELOADING:
		if (restart_is_due(service) || member->unit->restart == RESTART_ALWAYS) {
			return str_dup("it runs; it will be started again when it ends");
		}
		return member->unit->restart == RESTART_NO
			       ? str_dup("it runs; when it ends it stays down")
			       : str_format("it runs; when it ends, Restart= decides");
	case SHOWN_STARTING: return str_dup("it is being started");
	case SHOWN_STOPPING:
		return str_dup(service->wish == WISH_START || service->restarting
				       ? "it is being stopped and will be started again"
				       : "it is being stopped");
	case SHOWN_WAITING:
		left = MAX(service->deadline[TIMER_STATE] - clock_now(), 0);
		left -= left % (left > CLOCK_S ? CLOCK_S : CLOCK_MS);
		return str_format("it will be started again in %s",
				  span_show(left, span, sizeof(span)));
	case SHOWN_STOPPED: return str_dup("it stays down until it is started");
	case SHOWN_FAILED:
		if (service->why == WHY_START_LIMIT) {
			return str_format(
				"it stays down: it was started too often; 'tend reset %s' and "
				"start it",
				member->name);
		}
		return str_dup("it stays down until it is started");
	case SHOWN_DONE: return str_dup("it has done its work and stays down");
	case SHOWN_COUNT: break;
	}
	return str_dup("");
}
