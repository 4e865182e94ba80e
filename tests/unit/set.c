#include "parsed.h"

static void
sets_any_section(void **state)
{
	struct unit *unit = service("");
	struct err err;

	(void)state;
	assert_true(unit_set(unit, "Description", "  a b\t", &err));
	assert_true(unit_set(unit, "Restart", "always", &err));
	assert_true(unit_set(unit, "Instances", "4", &err));
	assert_true(unit_set(unit, "After", "db.service", &err));
	assert_string_equal(unit->description, "a b");
	assert_int_equal(unit->restart, RESTART_ALWAYS);
	assert_int_equal(unit->instances, 4);
	assert_words(unit->after, "db");
	assert_true(unit_set(unit, "Restart", "", &err));
	assert_int_equal(unit->restart, RESTART_NO);
	assert_null(unit_given(unit, key_by_name("Restart")));
	assert_null(unit_unref(unit));
}

static void
an_alias_sets_its_targets(void **state)
{
	struct unit *unit = service("TimeoutSec=7\nStartLimitInterval=3");
	struct err err;

	(void)state;
	assert_int_equal(unit->timeout_start, 7000000000);
	assert_int_equal(unit->timeout_stop, 7000000000);
	assert_int_equal(unit->start_limit_interval, 3000000000);
	assert_true(unit_set(unit, "TimeoutSec", "", &err));
	assert_int_equal(unit->timeout_stop, unit_fallbacks()->timeout_stop);
	assert_null(unit_given(unit, key_by_name("TimeoutStopSec")));
	assert_null(unit_unref(unit));
}

static void
says_what_is_wrong(void **state)
{
	struct unit *unit = service("");
	struct err err;

	(void)state;
	assert_false(unit_set(unit, "Restrat", "always", &err));
	assert_string_equal(err.text, "there is no key Restrat=; Restart= is near");
	assert_false(unit_set(unit, "Xyzzy", "1", &err));
	assert_string_equal(err.text, "there is no key Xyzzy=");
	assert_false(unit_set(unit, "Nice", "99", &err));
	assert_string_equal(err.text, "Nice=: '99' is no number from -20 to 19");
	assert_false(unit_set(unit, "Description", "a\nExecStop=/bin/b", &err));
	assert_string_equal(err.text, "Description=: the value has more than one line");
	assert_false(unit_set(unit, "Description", "a\xff", &err));
	assert_false(unit_set(unit, "After", "a b/c", NULL));
	assert_true(unit_set(unit, "MemoryMax", "1G", &err));
	assert_non_null(unit_given(unit, key_by_name("MemoryMax")));
	assert_null(unit_unref(unit));
}

static void
knows_where_it_was_said(void **state)
{
	struct unit *unit = service("User=web\n\n# no\nNice=1 \\\n\nNice=2");
	const struct place *place = unit_given(unit, key_by_name("Nice"));
	struct err err;

	(void)state;
	assert_int_equal(place->line, 8);
	assert_string_equal(unit_place_file(unit, place), "/etc/tend/web.service");
	assert_int_equal(unit_given(unit, key_by_name("User"))->line, 3);
	assert_true(unit_set(unit, "Nice", "3", &err));
	assert_null(unit_place_file(unit, unit_given(unit, key_by_name("Nice"))));
	assert_null(unit_unref(unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_any_section),
		cmocka_unit_test(an_alias_sets_its_targets),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(knows_where_it_was_said),
	};

	return cmocka_run_group_tests_name("set", tests, NULL, NULL);
}
