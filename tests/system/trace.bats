# `tend trace`: strace on all processes of a unit, or the words that tell how to get it.
load ../lib/world
load ../lib/units
load ../lib/subjects

setup() { world_start; }
teardown() {
	subjects_end
	world_end
}

@test "trace: every process of the unit, and what is passed on" {
	command -v strace >/dev/null || skip "strace is not installed"
	unit_service it "ExecStart=/bin/sh -c 'sleep 1000 & sleep 2000 & wait'"
	tend start --quiet it
	until_true '[ "$(tend status --json it | grep -c "\"command\": \"sleep")" = 2 ]'
	run -0 tend trace --dry-run it -- -e trace=none -o "a b"
	local pid
	for pid in $(tend status --json it | python3 -c 'import json, sys; print(*[p["pid"] for p in json.load(sys.stdin)[0]["processes"]])'); do
		[[ "$output" == *" -p $pid"* ]]
	done
	[[ "$output" == "strace -f -p "*" -e trace=none -o a b" ]]
	local trace=$BATS_TEST_TMPDIR/trace
	tend trace it -- -o "$trace" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	SUBJECTS+=($!)
	until_true "[ \"\$(grep -c attached '$BATS_TEST_TMPDIR/err')\" = 3 ]"
	local first
	first=$(tend status --json it | python3 -c 'import json, sys; print([p["pid"] for p in json.load(sys.stdin)[0]["processes"] if p["command"] == "sleep 1000"][0])')
	kill -TERM "$first"
	until_true "grep -q 'killed by SIGTERM' '$trace'"
	kill -TERM "$!"
	wait "$!" || true
	[ "$(world_field it state)" = running ]
}

@test "trace: one process" {
	command -v strace >/dev/null || skip "strace is not installed"
	subject_program /bin/sleep 1000
	run -0 tend trace -n "$SUBJECT"
	[ "$output" = "strace -f -p $SUBJECT" ]
	run -3 --separate-stderr tend trace 2147483647
	[[ "$stderr" == *"there is no process 2147483647"* ]]
	run -2 --separate-stderr tend trace
	run -2 --separate-stderr tend trace -- -c
}

@test "trace: not installed, not there, not running" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	unit_service it "ExecStart=/bin/sleep 1000"
	world_tendd
	run -1 --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" "$TEND_BUILD/tend" trace it
	[[ "$stderr" == *"strace is not installed"*"apt-get install strace"* ]]
	printf '#!/bin/sh\nexit 7\n' >"$BATS_TEST_TMPDIR/bin/strace"
	chmod 755 "$BATS_TEST_TMPDIR/bin/strace"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	run -3 --separate-stderr tend trace it
	[[ "$stderr" == *"it does not run"* ]]
	run -4 --separate-stderr tend trace nonesuch
	tend start --quiet it
	run -7 tend trace it
}
