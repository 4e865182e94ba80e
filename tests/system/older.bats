# On kernels that have less (and under the filters of containers): what is newer is done without, and everything holds.
# tests/kernels/run boots real old ones; here system calls fail as they do there.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

older() # WHAT...: tendd, and all it starts, on such a kernel
{
	printf '#!/bin/sh\nexec python3 -B "%s/older.py" %s -- "%s" "$@"\n' "$WORLD_LIB" "$*" "$TEND_BUILD/tendd" | program tendd
	python3 -B "$WORLD_LIB/older.py" "$@" -- true || skip "no seccomp filter can be set here"
	TENDD=$BATS_TEST_TMPDIR/tendd
}

story() # runs, is adopted, and is stopped whole
{
	local pid other
	program_tree tree
	tend run --quiet --name it -- sh -c 'echo said; exec sleep 1000'
	pid=$(world_pid it)
	[ "$(ls "/proc/$pid/fd" | tr '\n' ' ')" = "0 1 2 " ]
	run -3 tend run --wait -- sh -c 'exit 3'
	tend run --quiet --name tree --stop-timeout 1s -- ./tree
	world line "$(world_log tree)" whole
	other=$(world_pid tree)
	world kill manager
	world kill keeper
	[ "$(world_pid it) $(world_pid tree)" = "$pid $other" ]
	world kill keeper manager logger
	[ "$(world_pid it) $(world_pid tree)" = "$pid $other" ]
	run -0 tend stop --json tree
	python3 -c 'import json, sys
r, = json.loads(sys.argv[1])
assert len(r["signalled"]) == 5 and len(r["killed"]) == 1 and not r["survivors"], r' "$output"
	tend run --quiet --name ends -- sh -c 'while [ ! -e go ]; do sleep 0.05; done; exit 3'
	world kill keeper
	: >go
	world state ends failed
	[[ "$(world_field ends exit)" == *'"code": 3,'* ]] || [[ "$(world_field ends exit)" == *'"known": false'* ]]
	tend stop --quiet it
}

@test "without clone3" { older clone3 && story; }
@test "without CLONE_INTO_CGROUP" { older into-cgroup && story; }
@test "as 5.10: without execveat, close-on-exec ranges, SO_PEERPIDFD, PIDFD_GET_INFO" { older execveat cloexec peerpidfd info && story; }
@test "with none of these, as an ordinary user" {
	[ "$(id -u)" = 0 ] || skip "the others are run by one already"
	world_plain
	older execveat clone3 cloexec peerpidfd info
	cp "$WORLD_LIB/older.py" .
	sed -i "s|$TEND_BUILD/tendd|$WORLD_PLAIN/bin/tendd|; s|$WORLD_LIB/older.py|$WORLD_PLAIN/older.py|" tendd
	story
}
