#include "parsed.h"

static void
only_meaning_counts(void **state)
{
	struct unit *a = service("RestartSec=1min\nEnvironment=A=1\nEnvironment=B=2");
	struct unit *b = service("Environment='A=1' B=2\n\nRestartSec=60");
	struct unit *c = service("Environment=A=1 B=3\nRestartSec=60");
	struct unit *d = service("Environment=A=1 B=2\nRestartSec=60\nSuccessExitStatus=1");
	struct unit *e = service("Environment=A=1 B=2\nRestartSec=60\nSuccessExitStatus=2");

	(void)state;
	assert_true(unit_equal(a, a));
	assert_true(unit_equal(a, b));
	assert_false(unit_equal(b, c));
	assert_false(unit_equal(b, d));
	assert_false(unit_equal(d, e));
	assert_null(unit_unref(a));
	assert_null(unit_unref(b));
	assert_null(unit_unref(c));
	assert_null(unit_unref(d));
	assert_null(unit_unref(e));
}

static void
commands_and_places_count(void **state)
{
	static const char *const rows[] = {
		"",
		"ExecStop=/a",
		"ExecStop=/b",
		"ExecStop=-/a",
		"ExecStop=/a b",
		"ExecStop=/a\nExecStop=/a",
		"StandardOutput=null",
		"StandardOutput=file:/a",
		"StandardOutput=append:/a",
		"StandardOutput=append:/b",
		"LimitCORE=1",
		"LimitCORE=1:2",
		"LimitNOFILE=1",
		"PIDFile=/a",
		"PIDFile=/b",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t k = 0; k < COUNT(rows); k++) {
			struct unit *a = service(rows[i]), *b = service(rows[k]);

			assert_int_equal(unit_equal(a, b), i == k);
			assert_null(unit_unref(a));
			assert_null(unit_unref(b));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_meaning_counts),
		cmocka_unit_test(commands_and_places_count),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
