/* A fixed list: what one event can ask for is bounded, and tests/states shows that the bound holds.
 */
#include "states/states.h"
#include "base/check.h"

void
orders_add(struct orders *orders, struct order order)
{
	CHECK(orders->count < ORDERS_MAX);
	orders->list[orders->count++] = order;
}
