#include "test.h"
#include "base/clock.h"
#include <time.h>

static void
each_is_the_kernel_clock_it_says(void **state)
{
	static const struct {
		int64_t (*read)(void);
		clockid_t clock;
	} rows[] = {
		{ clock_now, CLOCK_MONOTONIC },
		{ clock_wall, CLOCK_REALTIME },
		{ clock_boot, CLOCK_BOOTTIME },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct timespec before, after;
		int64_t at;

		(void)clock_gettime(rows[i].clock, &before);
		at = rows[i].read();
		(void)clock_gettime(rows[i].clock, &after);
		assert_true(at >= before.tv_sec * CLOCK_S + before.tv_nsec);
		assert_true(at <= after.tv_sec * CLOCK_S + after.tv_nsec);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_the_kernel_clock_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
