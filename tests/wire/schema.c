#include "test.h"
#include "wire/conn.h"
#include "wire/schema.h"
#include <string.h>

static void
each_verb_is_a_method_and_each_method_a_verb(void **state)
{
	const char *names[2 * VERB_COUNT];
	size_t n = schema_methods(names, COUNT(names));

	(void)state;
	assert_int_equal(n, VERB_COUNT);
	for (enum verb_id verb = 0; verb < VERB_COUNT; verb++) {
		if (!schema_find(schema_tend(), SCHEMA_METHOD, verb_table[verb].method)) {
			fail_msg("the verb %s is no method", verb_table[verb].method);
		}
		assert_true(verb_table[verb].words[0]);
	}
	for (size_t i = 0; i < n; i++) {
		size_t same = 0;

		for (enum verb_id verb = 0; verb < VERB_COUNT; verb++) {
			same += strcmp(names[i], verb_table[verb].method) == 0;
		}
		if (same != 1) {
			fail_msg("the method %s is %zu verbs", names[i], same);
		}
	}
}

static void
the_description_is_of_io_tend(void **state)
{
	struct err err;
	struct schema *service = schema_parse(wire_interface_service, &err);

	(void)state;
	assert_string_equal(schema_tend()->name, "io.tend");
	assert_true(schema_has_error("NoSuchUnit"));
	assert_true(schema_has_error("Busy"));
	assert_false(schema_has_error("NoSuchError"));
	assert_false(schema_has_error("Start"));
	assert_non_null(service);
	assert_string_equal(service->name, "org.varlink.service");
	(void)schema_free(service);
}

/* what fits each kind of field, and what does not; the words name the field */
static void
fields_are_checked(void **state)
{
	static const char text[] =
		"interface a.b\ntype T (n: int)\nmethod M(b: ?bool, i: ?int, f: ?float, "
		"s: ?string, e: ?(red, green), o: ?object, t: ?T, a: ?[]string, m: ?[string]int, "
		"d: ?[][]T) -> ()";
	static const struct {
		const char *value, *path; /* path NULL: it fits */
	} cases[] = {
		{ "{}", NULL },
		{ "{\"other\":[{}]}", NULL },
		{ "{\"b\":null,\"i\":null,\"a\":null}", NULL },
		{ "{\"b\":true}", NULL },
		{ "{\"b\":0}", "b" },
		{ "{\"i\":-3}", NULL },
		{ "{\"i\":3.0}", "i" },
		{ "{\"i\":\"3\"}", "i" },
		{ "{\"f\":3.5}", NULL },
		{ "{\"f\":3}", NULL },
		{ "{\"f\":\"3\"}", "f" },
		{ "{\"s\":\"\"}", NULL },
		{ "{\"s\":[]}", "s" },
		{ "{\"e\":\"green\"}", NULL },
		{ "{\"e\":\"blue\"}", "e" },
		{ "{\"e\":1}", "e" },
		{ "{\"o\":[1]}", NULL },
		{ "{\"t\":{\"n\":1,\"x\":2}}", NULL },
		{ "{\"t\":{}}", "t.n" },
		{ "{\"t\":{\"n\":null}}", "t.n" },
		{ "{\"t\":[]}", "t" },
		{ "{\"a\":[]}", NULL },
		{ "{\"a\":[\"x\",\"y\"]}", NULL },
		{ "{\"a\":[\"x\",2]}", "a[1]" },
		{ "{\"a\":[null]}", "a[0]" },
		{ "{\"a\":{}}", "a" },
		{ "{\"m\":{\"x\":1}}", NULL },
		{ "{\"m\":{\"x\":1,\"y\":\"\"}}", "m.y" },
		{ "{\"m\":[]}", "m" },
		{ "{\"d\":[[],[{\"n\":1},{\"n\":\"\"}]]}", "d[1][1].n" },
		{ "[]", "" },
	};
	struct err err;
	struct schema *schema = schema_parse(text, &err);

	(void)state;
	assert_non_null(schema);
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *value = json_loads(cases[i].value, 0, NULL);
		char path[SCHEMA_PATH];
		bool fits = schema_fits(schema->members[1].type, value, path, &err);

		if (fits != !cases[i].path || (!fits && strcmp(path, cases[i].path) != 0)) {
			fail_msg("%s: %s", cases[i].value, fits ? "fits" : path);
		}
		json_decref(value);
	}
	(void)schema_free(schema);
}

static void
long_paths_are_cut(void **state)
{
	json_t *value = json_object();
	struct err err;
	struct schema *schema =
		schema_parse("interface a.b\ntype T (m: ?[string]T, n: ?int)", &err);
	json_t *at = value;
	char path[SCHEMA_PATH];

	(void)state;
	assert_non_null(schema);
	for (int i = 0; i < 50; i++) {
		json_t *map = json_object(), *next = json_object();

		(void)json_object_set_new(at, "m", map);
		(void)json_object_set_new(map, "key", next);
		at = next;
	}
	(void)json_object_set_new(at, "n", json_string("x"));
	assert_false(schema_fits(schema->members[0].type, value, path, &err));
	assert_memory_equal(path, "m.key.m.key.m", 13);
	assert_int_equal(strlen(path), SCHEMA_PATH - 1);
	json_decref(value);
	(void)schema_free(schema);
}

static void
calls_and_replies_are_told_apart(void **state)
{
	json_t *names = json_pack("{s:[s]}", "names", "web"), *empty = json_object();
	json_t *files = json_pack("{s:s, s:[{s:s, s:s}]}", "name", "web", "files", "path", "/x",
				  "text", "[Service]");
	struct err err;

	(void)state;
	assert_true(schema_check_call("Start", names, &err));
	assert_false(schema_check_call("Start", empty, &err));
	assert_string_equal(err.text, "names: is missing");
	assert_false(schema_check_reply("Start", names, &err));
	assert_string_equal(err.text, "results: is missing");
	assert_true(schema_check_reply("Cat", files, &err));
	assert_false(schema_check_call("Nothing", empty, &err));
	json_decref(names);
	json_decref(empty);
	json_decref(files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_is_a_method_and_each_method_a_verb),
		cmocka_unit_test(the_description_is_of_io_tend),
		cmocka_unit_test(fields_are_checked),
		cmocka_unit_test(long_paths_are_cut),
		cmocka_unit_test(calls_and_replies_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
