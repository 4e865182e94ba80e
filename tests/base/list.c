#include "test.h"
#include "base/list.h"

struct thing {
	int number;
	struct list link;
};

static void
keeps_order(void **state)
{
	struct list head; /* thing.link */
	struct thing things[5];
	int expected = 0;

	(void)state;
	list_init(&head);
	assert_true(list_is_empty(&head));
	assert_null(LIST_FIRST(&head, struct thing, link));
	for (int i = 1; i < 5; i++) {
		things[i].number = i;
		list_add(&head, &things[i].link);
	}
	things[0].number = 0;
	list_add_first(&head, &things[0].link);
	LIST_EACH(thing, &head, struct thing, link) {
		assert_int_equal(thing->number, expected++);
	}
	assert_int_equal(expected, 5);
	assert_int_equal(LIST_FIRST(&head, struct thing, link)->number, 0);
}

static void
the_current_one_can_go_and_twice(void **state)
{
	struct list head; /* thing.link */
	struct thing things[4];

	(void)state;
	list_init(&head);
	for (int i = 0; i < 4; i++) {
		things[i].number = i;
		list_add(&head, &things[i].link);
	}
	LIST_EACH(thing, &head, struct thing, link) {
		if (thing->number % 2 == 0) {
			list_remove(&thing->link);
			list_remove(&thing->link);
		}
	}
	assert_int_equal(LIST_FIRST(&head, struct thing, link)->number, 1);
	list_remove(&things[1].link);
	list_remove(&things[3].link);
	assert_true(list_is_empty(&head));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order),
		cmocka_unit_test(the_current_one_can_go_and_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
