/* From a message to a verb's handler and back. The checks stand in one readable order in
 * call_begin; what comes after them in the manager never sees an unknown method, a stranger or a
 * parameter of the wrong type. What is not even a message ends the connection; a call that is
 * wrong ends with an error and the connection lives on. */
#include "base/check.h"
#include "base/err.h"
#include "wire/conn.h"
#include "wire/decode.h"
#include "wire/schema.h"
#include <stdarg.h>
#include <string.h>

#define INTERFACE "io.tend."
#define SERVICE "org.varlink.service."

enum {
	VALUES_MAX = 1 << 18
}; /* 100,000 variables of an environment fit; 8 MiB of "[[],[],..." do not */

static struct conn *
conn_of(struct call *call)
{
	struct conn *conn = CONTAINER(call, struct conn, call);

	CHECK(conn->open);
	return conn;
}

/* ---- answering ---- */

static void
close_call(struct call *call, struct conn *conn)
{
	json_decref(call->parameters);
	call->parameters = NULL;
	list_remove(&call->link);
	conn->open = false;
}

static void
answer(struct call *call, const char *error, json_t *take_parameters, bool continues)
{
	struct conn *conn = conn_of(call);

	if (!continues) {
		close_call(call, conn);
	}
	if (!conn->oneway) {
		conn_send(conn, error, take_parameters, continues);
	}
	json_decref(take_parameters);
	if (!continues) {
		conn_call_ended(conn);
	}
}

void
call_reply_list(struct call *call, const char *key, call_item next, void *context)
{
	struct conn *conn = conn_of(call);

	if (!conn->oneway) {
		conn_send_list(conn, key, next, context);
	}
	close_call(call, conn);
	conn_call_ended(conn);
}

void
call_more(struct call *call, json_t *take_parameters)
{
	CHECK(call->more);
	answer(call, NULL, take_parameters, true);
}

void
call_reply(struct call *call, json_t *take_parameters)
{
	answer(call, NULL, take_parameters, false);
}

void
call_fail_full(struct call *call, const char *error, json_t *take_parameters)
{
	answer(call, error, take_parameters, false);
}

void
call_fail(struct call *call, const char *error, json_t *take_parameters)
{
	autofree char *name = str_format(INTERFACE "%s", error);

	CHECK(schema_has_error(error));
	call_fail_full(call, name, take_parameters);
}

void
call_fail_text(struct call *call, const char *error, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	call_fail(call, error, json_pack("{s:o}", "text", wire_string(text)));
}

/* ---- beginning ---- */

static void
fail_service(struct call *call, const char *error, const char *key, const char *value)
{
	autofree char *name = str_format(SERVICE "%s", error);

	call_fail_full(call, name, key ? json_pack("{s:s}", key, value) : NULL);
}

static void
fail_parameter(struct call *call, const char *path, const char *words)
{
	autofree char *text = str_format("%s %s", path[0] ? path : "the parameters", words);

	call_fail_full(call, SERVICE "InvalidParameter",
		       json_pack("{s:s, s:s}", "parameter", path, "text", text));
}

static bool
find_verb(const char *method, enum verb_id *ret_verb)
{
	for (enum verb_id i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verb_table[i].method, method) == 0) {
			*ret_verb = i;
			return true;
		}
	}
	return false;
}

static void
start_verb(struct call *call, const char *method)
{
	struct conn *conn = conn_of(call);
	const struct schema_member *member = schema_find(schema_tend(), SCHEMA_METHOD, method);
	char path[SCHEMA_PATH];
	struct err err;

	if (!member || !find_verb(method, &call->verb)) {
		fail_service(call, "MethodNotFound", "method", method);
	} else if (!schema_fits(member->type, call->parameters, path, &err)) {
		fail_parameter(call, path, err.text);
	} else if ((verb_table[call->verb].flags & VERB_MORE_ONLY) && !call->more) {
		fail_service(call, "ExpectedMore", NULL, NULL);
	} else {
		conn->server->on(call, conn->server->context);
		CHECK(!conn->open || call->gone); /* who keeps a call must let go of it */
	}
}

static void
start(struct call *call, const char *name)
{
	const char *method = strrchr(name, '.');

	if (!method || !method[1]) {
		fail_parameter(call, "method", "is not INTERFACE.METHOD");
	} else if (strncmp(name, INTERFACE, strlen(INTERFACE)) == 0 &&
		   !strchr(name + strlen(INTERFACE), '.')) {
		start_verb(call, name + strlen(INTERFACE));
	} else if (strncmp(name, SERVICE, strlen(SERVICE)) == 0) {
		if (!introspect_answer(call, name + strlen(SERVICE))) {
			fail_service(call, "MethodNotFound", "method", name);
		}
	} else {
		autofree char *interface = str_dup_n(name, (size_t)(method - name));

		fail_service(call, "InterfaceNotFound", "interface", interface);
	}
}

static bool
is_flag(const json_t *message, const char *key, bool *ret_flag) /* false: it is there and no flag */
{
	const json_t *value = json_object_get(message, key);

	*ret_flag = json_is_true(value);
	return !value || json_is_boolean(value) || json_is_null(value);
}

/* the envelope: {"method": string, "parameters": ?object, "more", "oneway", "upgrade": ?bool} */
static const char *
open_envelope(struct conn *conn, json_t *message)
{
	struct call *call = &conn->call;
	json_t *method = json_object_get(message, "method");
	json_t *parameters = json_object_get(message, "parameters");
	bool more, upgrade;

	if (!json_is_string(method) || !is_flag(message, "more", &more) ||
	    !is_flag(message, "oneway", &conn->oneway) || !is_flag(message, "upgrade", &upgrade) ||
	    (parameters && !json_is_object(parameters) && !json_is_null(parameters)) ||
	    (more && conn->oneway) || upgrade) {
		return NULL;
	}
	*call = (struct call){ .more = more, .caller = &conn->caller };
	list_init(&call->link);
	call->parameters = json_is_object(parameters) ? json_incref(parameters) : json_object();
	conn->open = true;
	return json_string_value(method);
}

bool
call_begin(struct conn *conn, const char *message, size_t n)
{
	struct err err = { .text = "" };
	json_t *envelope = decode_json(message, n, VALUES_MAX, &err);
	const char *method = NULL;

	if (!json_is_object(envelope)) {
		conn_refuse(conn, "io.tend.BadInput", envelope ? "not an object" : err.text);
	} else {
		method = open_envelope(conn, envelope);
		if (method) {
			start(&conn->call, method);
		} else {
			conn_refuse(conn, "io.tend.BadInput", "not a call of Varlink");
		}
	}
	json_decref(envelope);
	return method != NULL;
}
