/* accounts: root is there on every machine; numbers need no entry. */
#include "test.h"
#include "base/accounts.h"
#include <errno.h>

static void
root_is_found(void **state)
{
	struct accounts_user user = { 0 };
	gid_t gid = 1;

	(void)state;
	assert_true(accounts_user("root", &user, NULL));
	assert_int_equal(user.uid, 0);
	assert_int_equal(user.gid, 0);
	assert_string_equal(user.name, "root");
	assert_non_null(user.home);
	accounts_user_done(&user);
	assert_true(accounts_user("0", &user, NULL));
	assert_string_equal(user.name, "root");
	accounts_user_done(&user);
	assert_true(accounts_user_by_uid(0, &user));
	accounts_user_done(&user);
	assert_true(accounts_group("root", &gid, NULL));
	assert_int_equal(gid, 0);
}

static void
numbers_need_no_entry(void **state)
{
	struct accounts_user user = { 0 };
	gid_t gid;

	(void)state;
	assert_true(accounts_user("3999999999", &user, NULL));
	assert_int_equal(user.uid, 3999999999U);
	assert_null(user.name);
	accounts_user_done(&user);
	assert_false(accounts_user_by_uid(3999999999U, &user));
	assert_true(accounts_group("3999999999", &gid, NULL));
	assert_int_equal(gid, 3999999999U);
}

static void
others_are_not_there(void **state)
{
	static const char *const names[] = { "no-such-name-here", "", "-1", "4294967295",
					     "99999999999" };
	struct accounts_user user;
	struct err err = { 0 };
	gid_t gid;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_false(accounts_user(names[i], &user, &err));
		assert_int_equal(err.number, ESRCH);
		assert_false(accounts_group(names[i], &gid, &err));
		assert_int_equal(err.number, ESRCH);
	}
}

static void
groups_begin_with_the_primary_one(void **state)
{
	gid_t *groups = NULL;

	(void)state;
	assert_int_equal(accounts_groups("no-such-name-here", 77, &groups), 1);
	assert_int_equal(groups[0], 77);
	free(groups);
	assert_int_equal(accounts_groups(NULL, 5, &groups), 1);
	assert_int_equal(groups[0], 5);
	free(groups);
	assert_true(accounts_groups("root", 0, &groups) >= 1);
	assert_int_equal(groups[0], 0);
	free(groups);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_is_found),
		cmocka_unit_test(numbers_need_no_entry),
		cmocka_unit_test(others_are_not_there),
		cmocka_unit_test(groups_begin_with_the_primary_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
