# The three nets with a service in each state, starting, running, stopping, waiting, restarting: it is the same process afterwards,
# it ran once, it ends as it would have, the end is told exactly, and no line of its output is lost or doubled.
load ../lib/world
load ../lib/units
load ../lib/nets

setup() { world_start; }
teardown() { nets_end; world_end; }

@test "nets: services in each state, manager, logger killed" { nets_test manager logger; }

@test "nets: services in each state, keeper, manager, logger killed" { nets_test keeper manager logger; }
