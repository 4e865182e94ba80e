#include "parsed.h"

static void
substitutes_as_systemd_does(void **state)
{
	static const struct {
		const char *command, *words;
	} rows[] = {
		{ "/bin/a b", "/bin/a|b" },
		{ "/bin/a $TWO", "/bin/a|one|two words" },
		{ "/bin/a ${TWO}", "/bin/a|one 'two words'" },
		{ "/bin/a x${ONE}y$ONE", "/bin/a|x1y$ONE" },
		{ "/bin/a $EMPTY $NONE ${EMPTY} ${NONE}", "/bin/a||" },
		{ "/bin/a $$ONE $${ONE} $$ $", "/bin/a|$ONE|${ONE}|$|$" },
		{ "/bin/a ${ONE", "/bin/a|${ONE" },
		{ ":/bin/a $ONE ${ONE} $$", "/bin/a|$ONE|${ONE}|$$" },
		{ "@/bin/a $ONE", "1" },
		{ "@/bin/a $NONE", "" },
		{ "/bin/$ONE", "/bin/$ONE" },
		{ "/bin/a %i ${ONE}%p %%", "/bin/a|7|1web|%" },
	};
	char *environment[] = { "ONE=1", "TWO=one 'two words'", "EMPTY=", NULL };
	const struct expand with = { .name = "web@7" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char autofree *line = str_format("ExecStop=%s", rows[i].command);
		struct unit *unit = service(line);
		char **words =
			unit_expand_command(&with, &unit->exec_stop.list[0], environment, NULL);

		assert_words(words, rows[i].words);
		(void)strv_free(words);
		assert_null(unit_unref(unit));
	}
}

static void
fails_on_unknown_facts(void **state)
{
	struct unit *unit = service("ExecStop=/bin/a b %h");
	const struct expand with = { .name = "web" };
	struct err err;

	(void)state;
	assert_null(unit_expand_command(&with, &unit->exec_stop.list[0], NULL, &err));
	assert_string_equal(err.text, "what %h means is not known here");
	assert_null(unit_unref(unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(substitutes_as_systemd_does),
		cmocka_unit_test(fails_on_unknown_facts),
	};

	return cmocka_run_group_tests_name("expand-command", tests, NULL, NULL);
}
