/* clock: nanoseconds in int64_t. Monotonic (boot time base) unless the name says wall. */
#pragma once
#include "base/attr.h"

#define CLOCK_US 1000LL
#define CLOCK_MS 1000000LL
#define CLOCK_S 1000000000LL
#define CLOCK_NEVER INT64_MAX

int64_t clock_now(void);  /* CLOCK_MONOTONIC */
int64_t clock_wall(void); /* CLOCK_REALTIME */
int64_t clock_boot(void); /* CLOCK_BOOTTIME, for comparing with start times in /proc */
