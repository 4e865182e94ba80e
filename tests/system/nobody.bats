# An ordinary user, who can make no cgroup: the nets hold for him too.
load ../lib/world
load ../lib/units

setup() { world_start && world_plain; }
teardown() { world_end; }

@test "a tree of five is wholly gone after a stop, also one whose keeper died" {
	program_tree tree
	tend run --name tree --stop-timeout 300ms -- "$BATS_TEST_TMPDIR/tree"
	world line "$(world_log tree)" whole
	invocation=$(tr '\0' '\n' <"/proc/$(world_pid tree)/environ" | grep ^INVOCATION_ID=)
	[ "$(world alive "$invocation" | wc -l)" -eq 5 ]
	world kill keeper
	run -0 tend stop --json tree
	[[ "$output" == *'"survivors": []'* ]]
	[ -z "$(world alive "$invocation")" ]
}

@test "the keeper is killed, then all" {
	tend run --name steady -- sleep 1000
	pid=$(world_pid steady)
	world kill keeper
	[ "$(world_pid steady)" = "$pid" ]
	world kill keeper manager logger
	world_tendd
	[ "$(world_pid steady)" = "$pid" ]
	tend stop steady
	world ended "$pid"
}
