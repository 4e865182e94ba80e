/* Checked by walking value and description together. The way to the field at fault is put
 * together while returning from a failure, so a value that fits costs nothing for it. Fields that
 * the description has not are skipped: that is how an old and a new tend understand each other. */
#include "wire/schema.h"
#include "base/check.h"
#include <stdio.h>
#include <string.h>

const struct schema *
schema_tend(void)
{
	static struct schema *parsed;
	struct err err;

	if (!parsed) {
		parsed = schema_parse(wire_interface, &err);
		CHECK(parsed != NULL); /* it was tested before it was built in */
	}
	return parsed;
}

const struct schema_member *
schema_find(const struct schema *schema, enum schema_part part, const char *name)
{
	for (size_t i = 0; i < schema->count; i++) {
		const struct schema_member *member = &schema->members[i];

		if (member->part == part && strcmp(member->name, name) == 0) {
			return member;
		}
	}
	return NULL;
}

static bool
prepend(char path[SCHEMA_PATH], const char *step)
{
	char rest[SCHEMA_PATH];

	memcpy(rest, path, SCHEMA_PATH);
	(void)snprintf(path, SCHEMA_PATH, "%s%s%s", step, rest[0] && rest[0] != '[' ? "." : "",
		       rest);
	return false;
}

static bool
is_missing(const json_t *value)
{
	return !value || json_is_null(value);
}

static bool
word_fits(const struct schema_type *type, const json_t *value, struct err *err)
{
	for (size_t i = 0; json_is_string(value) && i < type->count; i++) {
		if (strcmp(type->fields[i].name, json_string_value(value)) == 0) {
			return true;
		}
	}
	return err_set(err, "must be one of the interface's words");
}

static bool
struct_fits(const struct schema_type *type, const json_t *value, char path[SCHEMA_PATH],
	    struct err *err)
{
	if (!json_is_object(value)) {
		return err_set(err, "must be an object");
	}
	for (size_t i = 0; i < type->count; i++) {
		const struct schema_field *field = &type->fields[i];

		if (!schema_fits(field->type, json_object_get(value, field->name), path, err)) {
			return prepend(path, field->name);
		}
	}
	return true;
}

static bool
array_fits(const struct schema_type *inner, const json_t *value, char path[SCHEMA_PATH],
	   struct err *err)
{
	if (!json_is_array(value)) {
		return err_set(err, "must be an array");
	}
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (!schema_fits(inner, json_array_get(value, i), path, err)) {
			char step[32];

			(void)snprintf(step, sizeof(step), "[%zu]", i);
			return prepend(path, step);
		}
	}
	return true;
}

static bool
map_fits(const struct schema_type *inner, const json_t *value, char path[SCHEMA_PATH],
	 struct err *err)
{
	json_t *object = (json_t *)(uintptr_t)value; /* jansson iterates what is not const only */

	if (!json_is_object(value)) {
		return err_set(err, "must be an object");
	}
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		if (!schema_fits(inner, json_object_iter_value(at), path, err)) {
			return prepend(path, json_object_iter_key(at));
		}
	}
	return true;
}

static bool
one_fits(bool fits, const char *what, struct err *err)
{
	return fits ? true : err_set(err, "must be %s", what);
}

static bool
fits(const struct schema_type *type, const json_t *value, char path[SCHEMA_PATH], struct err *err)
{
	if (type->kind == SCHEMA_MAYBE) {
		return is_missing(value) ? true : fits(type->inner, value, path, err);
	}
	if (is_missing(value)) {
		return err_set(err, "is missing");
	}
	switch (type->kind) {
	case SCHEMA_BOOL: return one_fits(json_is_boolean(value), "true or false", err);
	case SCHEMA_INT: return one_fits(json_is_integer(value), "a whole number", err);
	case SCHEMA_FLOAT: return one_fits(json_is_number(value), "a number", err);
	case SCHEMA_STRING: return one_fits(json_is_string(value), "a string", err);
	case SCHEMA_ENUM: return word_fits(type, value, err);
	case SCHEMA_OBJECT: return true;
	case SCHEMA_STRUCT: return struct_fits(type, value, path, err);
	case SCHEMA_ARRAY: return array_fits(type->inner, value, path, err);
	case SCHEMA_MAP: return map_fits(type->inner, value, path, err);
	case SCHEMA_MAYBE: break;
	case SCHEMA_NAMED: return fits(type->is, value, path, err);
	}
	CHECK(!"a kind of type that is none");
	return false;
}

bool
schema_fits(const struct schema_type *type, const json_t *value, char ret_path[SCHEMA_PATH],
	    struct err *err)
{
	ret_path[0] = '\0';
	return fits(type, value, ret_path, err);
}

static bool
check(const char *method, bool reply, const json_t *value, struct err *err)
{
	const struct schema_member *member = schema_find(schema_tend(), SCHEMA_METHOD, method);
	char path[SCHEMA_PATH];

	if (!member) {
		return err_set(err, "no method is named %s", method);
	}
	if (schema_fits(reply ? member->reply : member->type, value, path, err)) {
		return true;
	}
	return err_prefix(err, "%s", path[0] ? path : reply ? "the reply" : "the parameters");
}

bool
schema_check_call(const char *method, const json_t *parameters, struct err *err)
{
	return check(method, false, parameters, err);
}

bool
schema_check_reply(const char *method, const json_t *parameters, struct err *err)
{
	return check(method, true, parameters, err);
}

size_t
schema_methods(const char **ret_names, size_t max)
{
	const struct schema *schema = schema_tend();
	size_t n = 0;

	for (size_t i = 0; i < schema->count; i++) {
		if (schema->members[i].part == SCHEMA_METHOD) {
			if (n < max) {
				ret_names[n] = schema->members[i].name;
			}
			n++;
		}
	}
	return n;
}

bool
schema_has_error(const char *name)
{
	return schema_find(schema_tend(), SCHEMA_ERROR, name) != NULL;
}
