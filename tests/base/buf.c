#include "test.h"
#include "base/str.h"
#include <string.h>

static void
empty(void **state)
{
	struct buf buf;
	autofree char *taken = NULL;

	(void)state;
	buf_init(&buf, 10);
	assert_string_equal(buf_str(&buf), "");
	taken = buf_take(&buf);
	assert_string_equal(taken, "");
	buf_done(&buf);
}

static void
stops_at_the_maximum_and_adds_nothing_then(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	assert_true(buf_add_str(&buf, "abc"));
	assert_false(buf_add_str(&buf, "def"));
	assert_true(buf.full);
	assert_string_equal(buf_str(&buf), "abc");
	assert_false(buf_addf(&buf, "%d", 100));
	assert_true(buf_addf(&buf, "%d", 10));
	assert_string_equal(buf_str(&buf), "abc10");
	assert_false(buf_add_char(&buf, 'x'));
	assert_true(buf_add(&buf, "", 0));
	buf_done(&buf);
}

static void
grows(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	for (int i = 0; i < 1 << 20; i++) {
		assert_true(buf_add_char(&buf, (char)('a' + i % 26)));
	}
	assert_int_equal(strlen(buf.data), 1 << 20);
	assert_false(buf_add_char(&buf, 'x'));
	buf_clear(&buf);
	assert_int_equal(buf.size, 0); /* given back */
	assert_false(buf.full);
	assert_true(buf_add_str(&buf, "x"));
	buf_done(&buf);
}

static void
drops_from_the_front(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100);
	(void)buf_add(&buf, "ab\0cd", 5);
	buf_drop(&buf, 3);
	assert_string_equal(buf_str(&buf), "cd");
	assert_int_equal(buf.length, 2);
	buf_drop(&buf, 5);
	assert_string_equal(buf_str(&buf), "");
	buf_done(&buf);
}

static void
taking_leaves_it_empty_and_usable(void **state)
{
	struct buf buf;
	autofree char *taken = NULL;

	(void)state;
	buf_init(&buf, 100);
	(void)buf_add_str(&buf, "abc");
	taken = buf_take(&buf);
	assert_string_equal(taken, "abc");
	assert_true(buf_add_str(&buf, "d"));
	assert_string_equal(buf_str(&buf), "d");
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(stops_at_the_maximum_and_adds_nothing_then),
		cmocka_unit_test(grows),
		cmocka_unit_test(drops_from_the_front),
		cmocka_unit_test(taking_leaves_it_empty_and_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
