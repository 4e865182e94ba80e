#include "parsed.h"

static void
accepts_names(void **state)
{
	static const struct {
		const char *text, *name;
	} rows[] = {
		{ "web", "web" },
		{ "web.service", "web" },
		{ "web@", "web@" },
		{ "web@1.service", "web@1" },
		{ "a-b_c.d:e", "a-b_c.d:e" },
		{ "dev-disk\\x2dx", "dev-disk\\x2dx" },
		{ "server.js", "server.js" },
		{ "\xec\x84\x9c\xeb\xb2\x84", "\xec\x84\x9c\xeb\xb2\x84" },
		{ "a@b@c", "a@b@c" },
		{ "1", "1" },
		{ "web.service.d", "web.service.d" },
	};
	char name[LIMIT_NAME + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(name_check(rows[i].text, name, NULL));
		assert_string_equal(name, rows[i].name);
	}
}

static void
refuses_names(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "cannot be empty" },
		{ "a/b", "cannot have '/' in it: a/b" },
		{ "a b", "cannot have ' ' in it" },
		{ "a\nb", "cannot have '\\x0a' in it: a\\x0ab" },
		{ "a\x1b[m", "cannot have '\\x1b' in it" },
		{ "a*", "cannot have '*' in it" },
		{ "a%b", "cannot have '%' in it" },
		{ "a\xff", "in it" },
		{ "a\xcc\x81", "in it" }, /* a mark without width */
		{ "-a", "cannot begin with '-'" },
		{ ".a", "cannot begin with '.'" },
		{ "..", "cannot begin with '.'" },
		{ "@a", "cannot begin with '@'" },
		{ ".service", "cannot begin with '.'" },
		{ "web.timer", "web.timer is not a service" },
		{ "web.target", "not a service" },
		{ "web.service.service", "not a service" },
	};
	char name[LIMIT_NAME + 1] = "kept";
	char autofree *large = str_format("%0300d", 7);
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_false(name_check(rows[i].text, name, &err));
		if (strstr(err.text, rows[i].words) == NULL) {
			fail_msg("'%s' is not in '%s'", rows[i].words, err.text);
		}
		assert_string_equal(name, "kept");
	}
	assert_false(name_check(large, name, &err));
	assert_string_equal(err.text, "the name of a unit has at most 200 bytes, this one has 300");
}

static void
the_longest_name_fits(void **state)
{
	char autofree *longest = str_format("%0*d", LIMIT_NAME, 7);
	char autofree *file = str_format("%s.service", longest);
	char autofree *longer = str_format("%s7.service", longest);
	char name[LIMIT_NAME + 1];

	(void)state;
	assert_true(name_check(file, name, NULL));
	assert_string_equal(name, longest);
	assert_false(name_check(longer, name, NULL));
}

static void
takes_instances_apart(void **state)
{
	char autofree *template = name_template("web@1");
	char autofree *plain = name_template("web");

	(void)state;
	assert_true(name_is_template("web@"));
	assert_false(name_is_template("web@1"));
	assert_false(name_is_template("web"));
	assert_true(name_is_instance("web@1"));
	assert_false(name_is_instance("web@"));
	assert_false(name_is_instance("web"));
	assert_string_equal(template, "web@");
	assert_string_equal(plain, "web");
	assert_string_equal(name_instance("web@a@b"), "a@b");
	assert_string_equal(name_instance("web"), "");
}

static void
matches_globs(void **state)
{
	(void)state;
	assert_true(name_matches("web@*", "web@1"));
	assert_true(name_matches("w?b", "web"));
	assert_true(name_matches("[vw]eb", "web"));
	assert_true(name_matches("*", "web@1"));
	assert_true(name_matches("dev-a\\x2db", "dev-a\\x2db"));
	assert_false(name_matches("web", "web@1"));
	assert_false(name_matches("web@", "web@1"));
	assert_false(name_matches("web@?", "web@12"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_names),         cmocka_unit_test(refuses_names),
		cmocka_unit_test(the_longest_name_fits), cmocka_unit_test(takes_instances_apart),
		cmocka_unit_test(matches_globs),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
