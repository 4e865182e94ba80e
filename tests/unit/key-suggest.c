#include "parsed.h"

static void
suggests_what_is_near(void **state)
{
	static const struct {
		const char *written, *meant;
	} rows[] = {
		{ "ExecStrat", "ExecStart" },
		{ "execstart", "ExecStart" },
		{ "Restarts", "Restart" },
		{ "TimeoutStop", "TimeoutStopSec" },
		{ "WorkingDir", "WorkingDirectory" },
		{ "Enviroment", "Environment" },
		{ "EnvironmentFiles", "EnvironmentFile" },
		{ "Typ", "Type" },
		{ "Usr", "User" },
		{ "Xyzzy", NULL },
		{ "", NULL },
		{ "AVeryLongKeyThatNobodyEverWroteAnywhereAndThatIsLong", NULL },
		{ "Description:", "Description" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct key *key = key_suggest(rows[i].written);

		if (rows[i].meant == NULL) {
			assert_null(key);
		} else {
			if (key == NULL) {
				fail_msg("nothing is near %s", rows[i].written);
			}
			assert_string_equal(key->name, rows[i].meant);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(suggests_what_is_near) };

	return cmocka_run_group_tests_name("key-suggest", tests, NULL, NULL);
}
