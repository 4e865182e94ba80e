#include "parsed.h"

static void
later_lines_add(void **state)
{
	struct unit *unit = parsed("[Unit]\nAfter=a.service b\nAfter=c.target a\nWants=x\nWants=\n"
				   "Wants=y z@1.service\nDocumentation=man:a(1) \"b c\"\n");

	(void)state;
	assert_words(unit->after, "a|b|c.target");
	assert_words(unit->wants, "y|z@1");
	assert_words(unit->documentation, "man:a(1)|b c");
	assert_null(unit->requires);
	assert_null(unit_unref(unit));
}

static void
a_bad_word_is_left_out(void **state)
{
	struct unit *unit = parsed("[Unit]\nAfter=a b/c d\n");
	const struct notice *notice = notice_only(unit);

	(void)state;
	assert_words(unit->after, "a|d");
	assert_int_equal(notice->kind, NOTICE_BAD);
	assert_non_null(strstr(notice->text, "b/c"));
	assert_null(unit->bad_text ? unit->bad : NULL);
	assert_null(unit_unref(unit));
}

static void
variables_replace_each_other(void **state)
{
	struct unit *unit = service("Environment=A=1 \"B=two words\"\nEnvironment=A=3 C= D=%i");

	(void)state;
	assert_words(unit->environment, "A=3|B=two words|C=|D=%i");
	assert_null(unit_unref(unit));
	assert_said("Environment=A=1 nonsense", NOTICE_BAD, "'nonsense' is not of the form");
	assert_said("Environment=1A=1", NOTICE_BAD, "'1A=1'");
	assert_said("Environment=\"A=1", NOTICE_BAD, "not closed");
}

static void
environment_files_are_absolute(void **state)
{
	struct unit *unit = service("EnvironmentFile=-/etc/default/a b\nEnvironmentFile=%h/e");

	(void)state;
	assert_words(unit->environment_files, "-/etc/default/a b|%h/e");
	assert_null(unit_unref(unit));
	unit = service("EnvironmentFile=relative");
	assert_true(unit->bad_text);
	assert_string_equal(unit->bad, "/etc/tend/web.service:3: EnvironmentFile=: 'relative' is "
				       "not an absolute path");
	assert_null(unit_unref(unit));
}

static void
lines_stay_whole(void **state)
{
	struct unit *unit = service("StandardInputText=a \"b\nStandardInputText=  c");

	(void)state;
	assert_words(unit->standard_input_text, "a \"b|c");
	assert_int_equal(unit->standard_input.kind, STDIO_DATA);
	assert_null(unit_unref(unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_lines_add),
		cmocka_unit_test(a_bad_word_is_left_out),
		cmocka_unit_test(variables_replace_each_other),
		cmocka_unit_test(environment_files_are_absolute),
		cmocka_unit_test(lines_stay_whole),
	};

	return cmocka_run_group_tests_name("value-list", tests, NULL, NULL);
}
