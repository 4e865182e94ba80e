#include "parsed.h"

static void
strings_are_taken_as_they_are(void **state)
{
	struct unit *unit = parsed("[Unit]\nDescription= it's \"mine\", at 100% \n");

	(void)state;
	assert_string_equal(unit->description, "it's \"mine\", at 100%");
	assert_null(unit_unref(unit));
}

static void
paths_are_absolute(void **state)
{
	assert_value("WorkingDirectory=/srv/a b", "WorkingDirectory", "/srv/a b");
	assert_value("WorkingDirectory=~", "WorkingDirectory", "~");
	assert_value("WorkingDirectory=-%h/x", "WorkingDirectory", "-%h/x");
	assert_value("WorkingDirectory=\"/a\\nb\"", "WorkingDirectory", "\"/a\\nb\"");
	assert_said("WorkingDirectory=srv", NOTICE_BAD, "'srv' is not an absolute path");
	assert_said("WorkingDirectory=/%Z", NOTICE_BAD, "%Z is not a specifier");
	assert_said("WorkingDirectory=\"/a", NOTICE_BAD, "not closed");
	assert_said("WorkingDirectory=\"\"", NOTICE_BAD, "empty");
	(void)state;
}

static void
pid_files_lie_below_the_runtime_directory(void **state)
{
	assert_value("PIDFile=/run/web.pid", "PIDFile", "/run/web.pid");
	assert_value("PIDFile=web.pid", "PIDFile", "%t/web.pid");
	assert_value("PIDFile=%t/%n.pid", "PIDFile", "%t/%n.pid");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_taken_as_they_are),
		cmocka_unit_test(paths_are_absolute),
		cmocka_unit_test(pid_files_lie_below_the_runtime_directory),
	};

	return cmocka_run_group_tests_name("value-text", tests, NULL, NULL);
}
