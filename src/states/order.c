/* Words for orders, as stories and traces show them; and their list: what one event can ask for is
 * bounded, and tests/states shows that the bound holds. */
#include "states/states.h"
#include "base/check.h"

static const char *const names[] = {
	[ORDER_PREPARE] = "prepare",
	[ORDER_LAUNCH] = "launch",
	[ORDER_SIGNAL] = "signal",
	[ORDER_SWEEP] = "sweep",
	[ORDER_ARM] = "arm",
	[ORDER_DISARM] = "disarm",
	[ORDER_FIND_MAIN] = "find-main",
	[ORDER_RUN_ENDED] = "run-ended",
	[ORDER_CLEAN] = "clean",
	[ORDER_TELL] = "tell",
	[ORDER_TRIGGER] = "trigger",
};
_Static_assert(COUNT(names) == ORDER_KIND_COUNT, "a name for each order");

const char *
order_name(enum order_kind kind)
{
	return (unsigned)kind < COUNT(names) ? names[kind] : "?";
}

void
orders_add(struct orders *orders, struct order order)
{
	CHECK(orders->count < ORDERS_MAX);
	orders->list[orders->count++] = order;
}
