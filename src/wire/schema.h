/* schema: an interface description, parsed, and values held against it.
 * Used by call.c for every request and by tests for every reply. schema_check_call and its like,
 * which others may call, are in wire.h. The description of io.tend is parsed once, at the first
 * use, and stays. */
#pragma once
#include "wire/wire.h"

enum { SCHEMA_PATH = 128, SCHEMA_NAME = 32 };

enum schema_kind {
	SCHEMA_BOOL,
	SCHEMA_INT,
	SCHEMA_FLOAT,
	SCHEMA_STRING,
	SCHEMA_ENUM,
	SCHEMA_OBJECT, /* anything */
	SCHEMA_STRUCT,
	SCHEMA_ARRAY,
	SCHEMA_MAP,
	SCHEMA_MAYBE,
	SCHEMA_NAMED /* a type of the interface */
};

struct schema_type;
struct schema_field { /* of a struct; a word of an enum has no type */
	char name[SCHEMA_NAME];
	struct schema_type *type;
};
struct schema_type {
	enum schema_kind kind;
	struct schema_type *inner;   /* array, map, maybe */
	struct schema_field *fields; /* struct, enum */
	size_t count;
	char name[SCHEMA_NAME];       /* named */
	const struct schema_type *is; /* what is named */
};
enum schema_part { SCHEMA_TYPE, SCHEMA_METHOD, SCHEMA_ERROR };
struct schema_member {
	enum schema_part part;
	char name[SCHEMA_NAME];
	struct schema_type *type; /* of a type, an error's fields, a method's parameters */
	struct schema_type *reply;
};
struct schema {
	char name[64]; /* "io.tend" */
	struct schema_member *members;
	size_t count;
};

struct schema *schema_parse(const char *text,
			    struct err *err); /* NULL: the words and the line are in err */
struct schema *schema_free(struct schema *schema);
const struct schema_member *schema_find(const struct schema *schema, enum schema_part part,
					const char *name);
/* ret_path: the field at fault ("names[3]") */
bool schema_fits(const struct schema_type *type, const json_t *value, char ret_path[SCHEMA_PATH],
		 struct err *err);
const struct schema *schema_tend(void); /* io.tend */
