#include "parsed.h"

static void
assert_command(const char *line, unsigned flags, const char *program, const char *argv)
{
	char autofree *whole = str_format("ExecStop=%s", line);
	struct unit *unit = service(whole);

	assert_int_equal(notices_count(unit), 0);
	assert_int_equal(unit->exec_stop.count, 1);
	assert_int_equal(unit->exec_stop.list[0].flags, flags);
	assert_string_equal(unit->exec_stop.list[0].program, program);
	assert_words(unit->exec_stop.list[0].argv, argv);
	assert_null(unit_unref(unit));
}

static void
reads_commands(void **state)
{
	(void)state;
	assert_command("/bin/echo one \"two three\"", 0, "/bin/echo", "/bin/echo|one|two three");
	assert_command("-/bin/a", COMMAND_IGNORE, "/bin/a", "/bin/a");
	assert_command("@/bin/a argv0 b", COMMAND_ARGV0, "/bin/a", "argv0|b");
	assert_command(":-@/bin/a b", COMMAND_ARGV0 | COMMAND_IGNORE | COMMAND_VERBATIM, "/bin/a",
		       "b");
	assert_command("!!/bin/a", COMMAND_FULL, "/bin/a", "/bin/a");
	assert_command("!/bin/a", COMMAND_FULL, "/bin/a", "/bin/a");
	assert_command("+-/bin/a", COMMAND_FULL | COMMAND_IGNORE, "/bin/a", "/bin/a");
	assert_command("\"-/opt/my app/run\" x", COMMAND_IGNORE, "/opt/my app/run",
		       "/opt/my app/run|x");
	assert_command("node server.js", 0, "node", "node|server.js");
	assert_command("%h/bin/x %%d ${A} $B", 0, "%h/bin/x", "%h/bin/x|%%d|${A}|$B");
	assert_command("/bin/a \\; b ';' x;y", 0, "/bin/a", "/bin/a|;|b|;|x;y");
	assert_command("/bin/sh -c 'a; b'", 0, "/bin/sh", "/bin/sh|-c|a; b");
}

static void
a_semicolon_separates(void **state)
{
	struct unit *unit = service("ExecStop=/bin/a 1 ; -/bin/b ; ;\nExecStop=/bin/c");

	(void)state;
	assert_int_equal(unit->exec_stop.count, 3);
	assert_string_equal(unit->exec_stop.list[1].program, "/bin/b");
	assert_int_equal(unit->exec_stop.list[1].flags, COMMAND_IGNORE);
	assert_string_equal(unit->exec_stop.list[2].program, "/bin/c");
	assert_null(unit_unref(unit));
}

static void
a_wrong_command_makes_it_bad(void **state)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{ "ExecStop=./a", "neither an absolute path nor a name" },
		{ "ExecStop=bin/a", "neither an absolute path nor a name" },
		{ "ExecStop=-", "there is no program" },
		{ "ExecStop=\"\"", "there is no program" },
		{ "ExecStop=;", "there is no program" },
		{ "ExecStop=/bin/", "names a directory" },
		{ "ExecStop=@/bin/a", "needs a second word" },
		{ "ExecStop=/bin/a 'b", "not closed" },
		{ "ExecStop=/bin/a %Z", "%Z is not a specifier" },
		{ "ExecStop=/bin/a ; /b/", "names a directory" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct unit *unit = service(rows[i].line);

		assert_said(rows[i].line, NOTICE_BAD, rows[i].words);
		assert_non_null(unit->bad);
		assert_true(str_starts(unit->bad, "/etc/tend/web.service:3: ExecStop=: "));
		assert_int_equal(unit->exec_stop.count, 0);
		assert_null(unit_unref(unit));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_commands),
		cmocka_unit_test(a_semicolon_separates),
		cmocka_unit_test(a_wrong_command_makes_it_bad),
	};

	return cmocka_run_group_tests_name("value-command", tests, NULL, NULL);
}
