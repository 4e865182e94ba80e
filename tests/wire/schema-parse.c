#include "test.h"
#include "wire/schema.h"
#include <string.h>

static void
the_whole_grammar_is_read(void **state)
{
	static const char text[] =
		"# about\ninterface org.ex-ample.one # behind\n\ttype Word (one, two)\n"
		"type Deep (a: []Later, b: [string]?int, c: ?[](x: float, y: (red, green)), "
		"d: object)\n"
		"type Later (s: string)\nmethod None()->()\nmethod Some (in: ?Word) -> (out: Deep)\n"
		"error Bad()\nerror Worse (why: string)";
	struct err err;
	struct schema *schema = schema_parse(text, &err);
	const struct schema_member *some;

	(void)state;
	assert_non_null(schema);
	assert_string_equal(schema->name, "org.ex-ample.one");
	assert_int_equal(schema->count, 7);
	assert_non_null(schema_find(schema, SCHEMA_ERROR, "Worse"));
	assert_null(schema_find(schema, SCHEMA_METHOD, "Worse"));
	some = schema_find(schema, SCHEMA_METHOD, "Some");
	assert_int_equal(some->type->fields[0].type->kind, SCHEMA_MAYBE);
	assert_ptr_equal(some->type->fields[0].type->inner->is,
			 schema_find(schema, SCHEMA_TYPE, "Word")->type);
	assert_int_equal(schema_find(schema, SCHEMA_TYPE, "Word")->type->kind, SCHEMA_ENUM);
	assert_null(schema_free(schema));
}

static void
mistakes_are_told_with_their_line(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} wrong[] = {
		{ "", 1 },
		{ "interface", 1 },
		{ "interface a.b\nmethod", 2 },
		{ "interface a.b\nmethod X", 2 },
		{ "interface a.b\nmethod X(", 2 },
		{ "interface a.b\nmethod X()\n", 3 },
		{ "interface a.b\nmethod X() ->", 2 },
		{ "interface a.b\n\nmethod X(a: ) -> ()", 3 },
		{ "interface a.b\nmethod X(a: int, b) -> ()", 2 },
		{ "interface a.b\nmethod X(a: ?[]) -> ()", 2 },
		{ "interface a.b\nfunction X() -> ()", 2 },
		{ "interface a.b\n; ", 2 },
		{ "interface a.b\ntype ThisNameIsLongerThanWhatAnybodyWouldWrite ()", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct err err = { .text = "" };

		if (schema_parse(wrong[i].text, &err)) {
			fail_msg("taken: %s", wrong[i].text);
		}
		assert_true(err.text[0]);
		if (err.line != wrong[i].line) {
			fail_msg("line %u: %s", err.line, wrong[i].text);
		}
	}
}

static void
unknown_types_are_told(void **state)
{
	struct err err;

	(void)state;
	assert_null(schema_parse("interface a.b\nmethod X(a: []Missing) -> ()", &err));
	assert_string_equal(err.text, "no type is named Missing");
}

static void
every_beginning_of_it_is_survived(void **state)
{
	size_t n = strlen(wire_interface);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		autofree char *text = str_dup_n(wire_interface, i);
		struct err err;

		(void)schema_free(schema_parse(text, &err));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_grammar_is_read),
		cmocka_unit_test(mistakes_are_told_with_their_line),
		cmocka_unit_test(unknown_types_are_told),
		cmocka_unit_test(every_beginning_of_it_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
