#include "parsed.h"

/* whatever the words are, the program gets them */
static void
commands_arrive_as_they_were(void **state)
{
	static const char *const rows[][6] = {
		{ "/bin/echo", "a", NULL },
		{ "/bin/echo", "", " ", "\t", "\n", NULL },
		{ "/bin/echo", "$HOME", "${HOME}", "$$", "%i", "100%" },
		{ "/bin/echo", ";", "\\;", "a;b", "\"", "'" },
		{ "/opt/my app/$x%y", "a'b", "\\", "\\\\", "x\\" },
		{ "/bin/echo", "\x01\x1b\x7f", "\xff\xfe", "\xec\x84\x9c", NULL },
		{ "name", "-x", "@y", "[Service]", "#c", "a=b" },
	};
	const struct expand with = { .name = "web@1" };
	char *environment[] = { "HOME=/root", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *argv[COUNT(rows[i]) + 1] = { NULL };
		struct compose compose;
		struct unit *unit;
		char **words;

		for (size_t k = 0; k < COUNT(rows[i]) && rows[i][k] != NULL; k++) {
			argv[k] = (char *)(uintptr_t)rows[i][k];
		}
		compose_init(&compose);
		{
			char autofree *command = compose_command(argv);

			compose_line(&compose, SECTION_SERVICE, "ExecStart", command);
		}
		compose_line(&compose, SECTION_SERVICE, "Nice", "3");
		unit = parsed(buf_str(&compose.text));
		assert_null(unit->bad);
		assert_int_equal(unit->nice, 3);
		assert_int_equal(unit->exec_start.count, 1);
		words = unit_expand_command(&with, &unit->exec_start.list[0], environment, NULL);
		assert_true(strv_equal(words, argv));
		{
			char autofree *program =
				unit_expand(&with, unit->exec_start.list[0].program, NULL);

			assert_string_equal(program, argv[0]);
		}
		(void)strv_free(words);
		assert_null(unit_unref(unit));
		compose_done(&compose);
	}
}

static void
paths_arrive_as_they_were(void **state)
{
	static const char *const rows[] = { "/srv",      "/srv/a b",   "/srv/%h", "/srv/a\nb",
					    "/srv/a\\",  "/srv/ ",     "/srv/\"", "/srv/\x1b[m",
					    "/srv/\xff", "/srv/$HOME", "/srv/#x" };
	const struct expand with = { .name = "web" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char autofree *value = compose_string(rows[i]);
		struct compose compose;
		struct unit *unit;

		compose_init(&compose);
		compose_line(&compose, SECTION_SERVICE, "WorkingDirectory", value);
		compose_line(&compose, SECTION_SERVICE, "Nice", "3");
		unit = parsed(buf_str(&compose.text));
		assert_int_equal(unit->nice, 3);
		{
			char autofree *path = unit_expand(&with, unit->working_directory, NULL);

			assert_string_equal(path, rows[i]);
		}
		assert_null(unit_unref(unit));
		compose_done(&compose);
	}
}

static void
sections_are_headed_once(void **state)
{
	struct compose compose;

	(void)state;
	compose_init(&compose);
	compose_line(&compose, SECTION_UNIT, "Description", "a\nExecStart=/b");
	compose_line(&compose, SECTION_UNIT, "After", "b");
	compose_line(&compose, SECTION_TEND, "Instances", "2");
	assert_string_equal(buf_str(&compose.text),
			    "[Unit]\nDescription=a ExecStart=/b\nAfter=b\n\n"
			    "[X-Tend]\nInstances=2\n");
	compose_done(&compose);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_arrive_as_they_were),
		cmocka_unit_test(paths_arrive_as_they_were),
		cmocka_unit_test(sections_are_headed_once),
	};

	return cmocka_run_group_tests_name("compose", tests, NULL, NULL);
}
