#include "test.h"
#include "keeper/within.h"
#include "base/fd.h"
#include <errno.h>
#include <sys/mman.h>

static struct keeper *
table(void)
{
	void *mapped = mmap(NULL, sizeof(struct keeper), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_ptr_not_equal(mapped, MAP_FAILED);
	return mapped;
}

static void
a_full_table_says_so(void **state)
{
	struct keeper *keeper = table();

	(void)state;
	for (uint64_t i = 1; i <= LIMIT_CHILDREN; i++) {
		/* all of them looked for would take minutes under a sanitizer */
		keeper->numbers[i - 1] = i;
	}
	keeper->top = LIMIT_CHILDREN;
	assert_int_equal(slots_take(keeper, LIMIT_CHILDREN + 1), SLOT_NONE);
	assert_int_equal(slots_find(keeper, 4711), 4710);
	slots_free(keeper, 4710);
	assert_int_equal(slots_find(keeper, 4711), SLOT_NONE);
	assert_int_equal(slots_take(keeper, LIMIT_CHILDREN + 1), 4710);
	(void)munmap(keeper, sizeof(*keeper));
}

static void
the_top_comes_down(void **state)
{
	struct keeper *keeper = table();

	(void)state;
	for (uint64_t i = 1; i <= 5; i++) {
		assert_int_equal(slots_take(keeper, i), i - 1);
	}
	slots_free(keeper, 3);
	assert_int_equal(keeper->top, 5);
	slots_free(keeper, 4);
	assert_int_equal(keeper->top, 3);
	keeper->pids[1] = 77;
	assert_int_equal(slots_find_pid(keeper, 77), 1);
	assert_int_equal(slots_take(keeper, 9), 3);
	(void)munmap(keeper, sizeof(*keeper));
}

/* a place that is freed while it waits to be told, and used again, is told once and as what it is
 * now */
static void
a_reused_place_stays_on_the_list(void **state)
{
	struct keeper *keeper = table();

	(void)state;
	keeper->link = -1;
	assert_int_equal(slots_take(keeper, 1), 0);
	assert_int_equal(slots_take(keeper, 2), 1);
	tell_slot(keeper, 0, UNTOLD_EXITED);
	tell_slot(keeper, 1, UNTOLD_EXITED);
	slots_free(keeper, 0);
	assert_int_equal(slots_take(keeper, 3), 0);
	assert_int_equal(keeper->slots[0].untold, 0);
	tell_slot(keeper, 0, UNTOLD_CHILD);
	assert_int_equal(keeper->untold_first, 1);
	assert_int_equal(keeper->untold_last, 2);
	assert_int_equal(keeper->slots[0].next, 2);
	assert_int_equal(keeper->slots[1].next, 0);
	(void)munmap(keeper, sizeof(*keeper));
}

static void
descriptors_are_held_and_dropped(void **state)
{
	struct keeper *keeper = table();

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		assert_int_equal(slots_hold(keeper, HELD_KEY(i / 2, i % 2), fd), 0);
	}
	assert_int_equal(keeper->held_count, 10);
	keeper->held_untold = 10;
	slots_drop(keeper, HELD_KEY(4, 1));
	assert_int_equal(keeper->held_untold, 9);
	slots_drop(keeper, HELD_KEY(99, 0));
	slots_drop_service(keeper, 1);
	assert_int_equal(keeper->held_count, 7);
	assert_int_equal(slots_held(keeper, HELD_KEY(1, 0)), -1);
	assert_true(slots_held(keeper, HELD_KEY(4, 0)) > 2);
	for (uint64_t i = 0; i < 5; i++) {
		slots_drop_service(keeper, i);
	}
	assert_int_equal(keeper->held_count, 0);
	keeper->held_count = LIMIT_HELD;
	assert_int_equal(
		slots_hold(keeper, HELD_KEY(7, 7), open("/dev/null", O_RDONLY | O_CLOEXEC)),
		-ENOSPC);
	(void)munmap(keeper, sizeof(*keeper));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_table_says_so),
		cmocka_unit_test(the_top_comes_down),
		cmocka_unit_test(a_reused_place_stays_on_the_list),
		cmocka_unit_test(descriptors_are_held_and_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
