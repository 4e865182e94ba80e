/* verb-care-logs: what people ask of logs is done by the logger, the one writer; here it is asked
 * for, one log after the other, and waited for. */
#include "base/limits.h"
#include "manager/core.h"
#include "manager/keeper-line.h"
#include <stdio.h>
#include <string.h>

struct care {
	struct manager *manager;
	struct call *call;  /* NULL: the caller has left */
	struct frame frame; /* with the flags and limits */
	char **logs;
	size_t at;
	json_t *results;
};

static void care_next(struct care *care);

static void
care_free(struct care *care)
{
	json_decref(care->results);
	(void)strv_free(care->logs);
	free(care);
}

static void
care_gone(struct call *call)
{
	struct care *care = call->context;

	care->call = NULL; /* the logger's answer frees it */
}

static void
care_done(void *context, const struct frame *answer)
{
	struct care *care = context;
	const char *log = care->logs ? care->logs[care->at] : "";

	if (!care->call) {
		care_free(care);
		return;
	}
	(void)json_array_append_new(
		care->results,
		json_pack("{s:o, s:I, s:o}", "log", shown_text(log), "freed",
			  (json_int_t)answer->number, "error",
			  answer->error ? shown_text(strerror(answer->error)) : json_null()));
	care->at++;
	care_next(care);
}

static void
care_next(struct care *care)
{
	const char *log = care->logs ? care->logs[care->at] : "";
	struct frame frame = care->frame;

	if (!log || (!care->logs && care->at > 0)) {
		care->call->gone = NULL;
		call_reply(care->call, json_pack("{s:O}", "results", care->results));
		care_free(care);
		return;
	}
	(void)snprintf(frame.care.name, sizeof(frame.care.name), "%s", log);
	frame.care.flags |= logging_compress(care->manager, log);
	logger_line_ask(care->manager, &frame, care_done, care);
}

static bool
care_read_logs(struct call *call, char ***ret_logs)
{
	json_t *logs = json_object_get(call->parameters, "logs"), *entry;
	char name[LIMIT_NAME + 1];
	struct err err = { 0 };
	size_t i;

	json_array_foreach(logs, i, entry) {
		if (!name_check(json_string_value(entry), name, &err)) {
			(void)strv_free(*ret_logs);
			call_fail_text(call, "BadInput", "%s", err.text);
			return false;
		}
		strv_add(ret_logs, name);
	}
	return true;
}

void
verb_care_logs(struct manager *manager, struct call *call)
{
	json_t *size = json_object_get(call->parameters, "vacuum_size");
	json_t *before = json_object_get(call->parameters, "vacuum_before");
	struct frame frame = { .kind = FRAME_CARE };
	struct care *care;
	char **logs = NULL;

	if (!care_read_logs(call, &logs)) {
		return;
	}
	frame.care.flags |=
		json_is_true(json_object_get(call->parameters, "flush")) ? CARE_FLUSH : 0;
	frame.care.flags |=
		json_is_true(json_object_get(call->parameters, "rotate")) ? CARE_ROTATE : 0;
	if (json_is_integer(size)) {
		frame.care.flags |= CARE_VACUUM_SIZE;
		frame.care.max_size = (uint64_t)MAX(json_integer_value(size), 0);
	}
	if (json_is_number(before)) {
		frame.care.flags |= CARE_VACUUM_TIME;
		frame.care.before = (int64_t)(json_number_value(before) * 1e9);
	}
	care = calloc(1, sizeof(*care));
	CHECK(care);
	*care = (struct care){ .manager = manager,
			       .call = call,
			       .frame = frame,
			       .logs = logs,
			       .results = json_array() };
	call->context = care;
	call->gone = care_gone;
	care_next(care);
}
