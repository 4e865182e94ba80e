/* clock_gettime on these three cannot fail on a kernel that runs us. Linked into the keeper: no
 * CHECK, no heap. */
#include "base/clock.h"
#include <time.h>

static int64_t
nanoseconds(clockid_t clock)
{
	struct timespec at = { 0 };

	(void)clock_gettime(clock, &at);
	return (int64_t)at.tv_sec * CLOCK_S + at.tv_nsec;
}

int64_t
clock_now(void)
{
	return nanoseconds(CLOCK_MONOTONIC);
}

int64_t
clock_wall(void)
{
	return nanoseconds(CLOCK_REALTIME);
}

int64_t
clock_boot(void)
{
	return nanoseconds(CLOCK_BOOTTIME);
}
