/* org.varlink.service: who this is and what can be asked, for tools that know Varlink and not
 * tend. */
#include "base/version.h"
#include "wire/conn.h"
#include <string.h>

static json_t *
description(const char *interface)
{
	if (strcmp(interface, "io.tend") == 0) {
		return json_string(wire_interface);
	}
	if (strcmp(interface, "org.varlink.service") == 0) {
		return json_string(wire_interface_service);
	}
	return NULL;
}

bool
introspect_answer(struct call *call, const char *method)
{
	const json_t *interface = json_object_get(call->parameters, "interface");
	json_t *text;

	if (strcmp(method, "GetInfo") == 0) {
		call_reply(call, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "tend",
					   "product", "tend", "version", VERSION, "url", "",
					   "interfaces", "org.varlink.service", "io.tend"));
		return true;
	}
	if (strcmp(method, "GetInterfaceDescription") != 0) {
		return false;
	}
	if (!json_is_string(interface)) {
		call_fail_full(call, "org.varlink.service.InvalidParameter",
			       json_pack("{s:s}", "parameter", "interface"));
		return true;
	}
	text = description(json_string_value(interface));
	if (text) {
		call_reply(call, json_pack("{s:o}", "description", text));
	} else {
		call_fail_full(call, "org.varlink.service.InterfaceNotFound",
			       json_pack("{s:O}", "interface", interface));
	}
	return true;
}
