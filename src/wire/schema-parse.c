/* A description is written by us and shipped with the program, so this reader is for telling the
 * writer where it is wrong, and for tests; it takes the whole of Varlink's grammar. Names of
 * types are resolved last: a type may be used before it is described. */
#include "wire/schema.h"
#include "base/check.h"
#include <ctype.h>
#include <string.h>

struct parser {
	const char *start, *at;
	struct err *err;
};

static bool
complain(struct parser *p, const char *words)
{
	unsigned line = 1;

	for (const char *c = p->start; c < p->at; c++) {
		line += *c == '\n';
	}
	(void)err_set(p->err, "%s", words);
	return err_at(p->err, "interface", line);
}

static void
skip(struct parser *p) /* blanks and comments */
{
	for (;;) {
		if (*p->at == '#') {
			p->at += strcspn(p->at, "\n");
		} else if (*p->at && strchr(" \t\r\n", *p->at)) {
			p->at++;
		} else {
			return;
		}
	}
}

static bool
take(struct parser *p, const char *token)
{
	size_t n = strlen(token);

	skip(p);
	if (strncmp(p->at, token, n) != 0) {
		return false;
	}
	p->at += n;
	return true;
}

static bool
need(struct parser *p, const char *token)
{
	char words[64];

	if (take(p, token)) {
		return true;
	}
	(void)snprintf(words, sizeof(words), "\"%s\" is missing", token);
	return complain(p, words);
}

/* letters, digits, _ and what `also` has */
static bool
take_name(struct parser *p, const char *also, char *ret_name, size_t size)
{
	size_t n = 0;

	skip(p);
	while (isalnum((unsigned char)p->at[n]) || p->at[n] == '_' ||
	       (p->at[n] && strchr(also, p->at[n]))) {
		n++;
	}
	if (n == 0 || n >= size) {
		return complain(p, n == 0 ? "a name is missing" : "the name is too long");
	}
	memcpy(ret_name, p->at, n);
	ret_name[n] = '\0';
	p->at += n;
	return true;
}

static struct schema_type *
type_new(enum schema_kind kind)
{
	struct schema_type *type = calloc(1, sizeof(*type));

	CHECK(type != NULL);
	type->kind = kind;
	return type;
}

static struct schema_type *
type_free(struct schema_type *type)
{
	if (type) {
		type_free(type->inner);
		for (size_t i = 0; i < type->count; i++) {
			type_free(type->fields[i].type);
		}
		free(type->fields);
		free(type);
	}
	return NULL;
}

static struct schema_type *parse_type(struct parser *p);

static struct schema_field *
field_add(struct schema_type *type)
{
	type->fields = reallocarray(type->fields, type->count + 1, sizeof(*type->fields));
	CHECK(type->fields != NULL);
	type->fields[type->count] = (struct schema_field){ 0 };
	return &type->fields[type->count++];
}

static bool
parse_fields(struct parser *p, struct schema_type *type) /* behind "(" */
{
	if (take(p, ")")) {
		return true;
	}
	do {
		struct schema_field *field = field_add(type);

		if (!take_name(p, "", field->name, sizeof(field->name))) {
			return false;
		}
		if (type->count == 1 && !take(p, ":")) {
			type->kind = SCHEMA_ENUM;
		} else if (type->kind == SCHEMA_STRUCT) {
			if (type->count > 1 && !need(p, ":")) {
				return false;
			}
			field->type = parse_type(p);
			if (!field->type) {
				return false;
			}
		}
	} while (take(p, ","));
	return need(p, ")");
}

static struct schema_type *
parse_around(struct parser *p, enum schema_kind kind) /* what stands before another type */
{
	struct schema_type *type = type_new(kind);

	type->inner = parse_type(p);
	return type->inner ? type : type_free(type);
}

static struct schema_type *
parse_word(struct parser *p)
{
	static const struct {
		const char *word;
		enum schema_kind kind;
	} words[] = {
		{ "bool", SCHEMA_BOOL },     { "int", SCHEMA_INT },       { "float", SCHEMA_FLOAT },
		{ "string", SCHEMA_STRING }, { "object", SCHEMA_OBJECT },
	};
	struct schema_type *type = type_new(SCHEMA_NAMED);

	if (!take_name(p, "", type->name, sizeof(type->name))) {
		return type_free(type);
	}
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(words[i].word, type->name) == 0) {
			type->kind = words[i].kind;
		}
	}
	return type;
}

static struct schema_type *
parse_type(struct parser *p)
{
	if (take(p, "?")) {
		return parse_around(p, SCHEMA_MAYBE);
	}
	if (take(p, "[]")) {
		return parse_around(p, SCHEMA_ARRAY);
	}
	if (take(p, "[string]")) {
		return parse_around(p, SCHEMA_MAP);
	}
	if (take(p, "(")) {
		struct schema_type *type = type_new(SCHEMA_STRUCT);

		return parse_fields(p, type) ? type : type_free(type);
	}
	return parse_word(p);
}

static bool
parse_struct(struct parser *p, struct schema_type **ret_type)
{
	if (!need(p, "(")) {
		return false;
	}
	*ret_type = type_new(SCHEMA_STRUCT);
	return parse_fields(p, *ret_type);
}

static bool
parse_member(struct parser *p, struct schema *schema, enum schema_part part)
{
	struct schema_member *member;

	schema->members = reallocarray(schema->members, schema->count + 1, sizeof(*member));
	CHECK(schema->members != NULL);
	member = &schema->members[schema->count];
	*member = (struct schema_member){ .part = part };
	schema->count++;
	if (!take_name(p, "", member->name, sizeof(member->name)) ||
	    !parse_struct(p, &member->type)) {
		return false;
	}
	return part != SCHEMA_METHOD || (need(p, "->") && parse_struct(p, &member->reply));
}

static bool
parse_members(struct parser *p, struct schema *schema)
{
	char word[SCHEMA_NAME];

	if (!need(p, "interface") || !take_name(p, ".-", schema->name, sizeof(schema->name))) {
		return false;
	}
	for (;;) {
		bool good;

		skip(p);
		if (!*p->at) {
			return true;
		}
		if (!take_name(p, "", word, sizeof(word))) {
			return false;
		}
		if (strcmp(word, "type") == 0) {
			good = parse_member(p, schema, SCHEMA_TYPE);
		} else if (strcmp(word, "method") == 0) {
			good = parse_member(p, schema, SCHEMA_METHOD);
		} else if (strcmp(word, "error") == 0) {
			good = parse_member(p, schema, SCHEMA_ERROR);
		} else {
			good = complain(p, "neither type, method nor error");
		}
		if (!good) {
			return false;
		}
	}
}

static bool
resolve(const struct schema *schema, struct schema_type *type, struct err *err)
{
	const struct schema_member *found;

	if (!type) {
		return true;
	}
	if (type->kind == SCHEMA_NAMED) {
		found = schema_find(schema, SCHEMA_TYPE, type->name);
		if (!found) {
			return err_set(err, "no type is named %s", type->name);
		}
		type->is = found->type;
	}
	for (size_t i = 0; i < type->count; i++) {
		if (!resolve(schema, type->fields[i].type, err)) {
			return false;
		}
	}
	return resolve(schema, type->inner, err);
}

struct schema *
schema_parse(const char *text, struct err *err)
{
	struct parser p = { .start = text, .at = text, .err = err };
	struct schema *schema = calloc(1, sizeof(*schema));

	CHECK(schema != NULL);
	if (!parse_members(&p, schema)) {
		return schema_free(schema);
	}
	for (size_t i = 0; i < schema->count; i++) {
		if (!resolve(schema, schema->members[i].type, err) ||
		    !resolve(schema, schema->members[i].reply, err)) {
			return schema_free(schema);
		}
	}
	return schema;
}

struct schema *
schema_free(struct schema *schema)
{
	if (schema) {
		for (size_t i = 0; i < schema->count; i++) {
			type_free(schema->members[i].type);
			type_free(schema->members[i].reply);
		}
		free(schema->members);
		free(schema);
	}
	return NULL;
}
