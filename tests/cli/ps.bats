# `tend ps` without a tendd: what it shows of processes of all kinds, beside ps, and what it says when it cannot.
load ../lib/world
load ../lib/zoo

setup() { world_start; }
teardown() { kill $(jobs -p) 2>/dev/null || true; cd /; }

@test "every field is that of ps" {
	zoo python3 -B "$WORLD_LIB/peers.py" ps
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "--format aux, ef, ajx: the lines of ps to the letter" {
	for format in aux ef ajx; do
		zoo python3 -B "$WORLD_LIB/peers.py" format "$format"
		echo "$output"
		[ "$status" -eq 0 ]
	done
}

@test "zombies and orphans are marked, with the parent that does not reap" {
	zoo_sh 'tend ps -o pid,state,command $ZOO_zombie $ZOO_orphan 2>/dev/null; tend ps --json --state orphan'
	[ "$status" -eq 0 ]
	[[ "${lines[1]}" == *"zombie"*"[unburied] ended; "*"(neglectful) does not reap it" ]]
	[[ "${lines[2]}" == *"sleeping, orphan"* ]]
	[ "$(sed '1,3d' <<<"$output" | python3 -c 'import json, sys; print([p["name"] for p in json.load(sys.stdin)])')" = "['left behind']" ]
}

@test "names are harmless, and wide letters are counted" {
	zoo_sh 'tend ps -o pid,name,threads $ZOO_plain $ZOO_line $ZOO_korean $ZOO_escape $ZOO_nameless $ZOO_blank; printf "%s\n" $ZOO_line'
	echo "$output"
	[[ "$output" != *$'\e'* ]]
	[[ "$output" == *'new\x0aline'* ]]
	[[ "$output" == *'\x1b[31mred'* ]]
	python3 -c '
import sys, unicodedata
lines = sys.stdin.read().splitlines()[:7]
wide = {sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines}
assert len(wide) == 1, wide' <<<"$output"
}

@test "JSON has every field that programs rely on" {
	zoo_sh 'tend ps --json | python3 -c "
import json, os, sys
all = json.load(sys.stdin)
fields = {\"pid\", \"ppid\", \"pgid\", \"sid\", \"user\", \"state\", \"tty\", \"unit\", \"command\", \"cpu\", \"memory\", \"threads\", \"age\"}
for p in all:
    assert fields <= set(p), p
one = next(p for p in all if p[\"pid\"] == int(os.environ[\"ZOO_front\"]))
assert one[\"tty\"] == os.readlink(\"/proc/%d/fd/0\" % one[\"pid\"])[5:] and one[\"unit\"] is None and one[\"pgid\"] == one[\"pid\"], one
assert all[0][\"pid\"] == 1 and all[0][\"tty\"] is None
assert one[\"age\"] >= 0 and one[\"cpu\"] >= 0 and one[\"memory\"] > 0 and one[\"threads\"] == 1
odd = next(p for p in all if p[\"pid\"] == int(os.environ[\"ZOO_shell\"]))
assert odd[\"command\"].endswith(\"new\\nline bad\\ufffd\"), odd
"'
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "columns, sorting, the first few" {
	zoo_sh 'tend ps -o pid,threads --sort threads,pid --top 2; tend ps -o pid --sort -pid --top 1'
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "PID  THR" ]
	[[ "${lines[1]}" == *"  4" ]]
	[ "${#lines[@]}" -eq 5 ]
	[ "${lines[4]// /}" = 1 ] # numbers the largest first, turned around
	run -2 tend ps -o pid,nosuch
	[[ "$output" == *"no column 'nosuch'"* ]]
	run -2 tend ps -o pid,comand
	[[ "$output" == *"did you mean 'command'"* ]]
	run -0 tend ps -o help
	[[ "$output" == *"wchan"* ]]
	run -2 tend ps --format xyz
	[[ "$output" == *"none of aux, ef, ajx"* ]]
	run -2 tend ps --format aux -o pid
	run -2 tend ps --sample soon
}

@test "without tendd it is said once, and there is no column for units" {
	run -0 --separate-stderr tend ps $$
	[ "$stderr" = "tend: no tendd runs: units are not shown" ]
	[[ "${lines[0]}" != *UNIT* ]]
	[ ! -e "$TEND_HOME/run/socket" ] # and none was started
	run -4 tend ps --unit web
	[[ "$output" == *"web: there is no such unit; no tendd runs"* ]]
	run -1 tend ps no-such-program
	[[ "$output" == *"no process fits"* ]]
}

@test "what vanishes while it is read does no harm" {
	export ZOO_STORM=1
	zoo_sh 'for i in 1 2 3 4 5 6 7 8 9 10; do
		tend ps --sample 0 --json >all || exit 1
		python3 -c "
import json, os
seen = {p[\"pid\"] for p in json.load(open(\"all\"))}
zoo = {int(v) for k, v in os.environ.items() if k.startswith(\"ZOO_\") and v.isdigit() and int(v) > 1}
assert zoo <= seen, zoo - seen" || exit 2
		tend ps >/dev/null 2>&1 || exit 3
	done; rm all'
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "cpu is what is used now: one that spins has it, one that waits has not" {
	sh -c 'while :; do :; done' &
	spin=$!
	used() { tend ps --json "$spin" | python3 -c 'import json, sys; sys.exit(not json.load(sys.stdin)[0]["cpu_percent"] > 5)'; }
	until_true used
	sleep 1000 &
	idle=$!
	run tend ps --json "$idle"
	kill "$spin" "$idle"
	[ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["cpu_percent"] < 5)' <<<"$output")" = True ]
}

@test "--watch draws again and ends with a signal" {
	tend ps -w -o pid $$ >drawn 2>/dev/null 3>&- &
	watching=$!
	drawn_twice() { [ "$(grep -c PID drawn)" -ge 2 ]; }
	until_true drawn_twice
	kill -TERM "$watching"
	wait "$watching"
}

@test "an ordinary user sees others too, and what hidepid hides is said" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	cp "$TEND_BUILD/tend" "$BATS_TEST_TMPDIR/tend"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/tend"
	cat >as-nobody <<-'SH'
		exec setpriv --reuid=65534 --regid=65534 --clear-groups env -u TEND_HOME "$@"
	SH
	zoo_sh "sh as-nobody ./tend ps -o pid,user \$ZOO_plain \$ZOO_nobody; mount -t proc -o remount,hidepid=2 proc /proc
		sh as-nobody ./tend ps -o user; sh as-nobody ./tend find --user root -c; sh as-nobody ./tend ps \$ZOO_plain; exit 0"
	echo "$output"
	[[ "${lines[1]}" == *root ]]
	[[ "${lines[2]}" == *nobody ]]
	[[ "$output" == *"processes of other users are hidden from you (/proc is mounted with hidepid)"* ]]
	[ "$(grep -c 'root$' <<<"$output")" -eq 1 ]
	[[ "$output" == *"no process fits"* ]]
}

@test "without /proc it says so" {
	! grep -q __asan_init "$TEND_BUILD/tend" || skip "a sanitizer itself cannot do without /proc"
	unshare --mount true 2>/dev/null || skip "no mount namespace can be made here"
	run -1 unshare --mount sh -c 'umount -l /proc && tend ps'
	[[ "$output" == *"/proc, which is not mounted here; as root: mount -t proc proc /proc"* ]]
	run -3 unshare --mount sh -c 'umount -l /proc && tend find x'
	[[ "$output" == *"not mounted"* ]]
}

@test "the /proc of another PID namespace is looked at, and that its numbers are not ours is said" {
	unshare --mount --pid --fork true 2>/dev/null || skip "no PID namespace can be made here"
	run -0 unshare --mount --pid --fork tend ps -o pid,command $$
	[[ "$output" == *"another pid namespace"* ]]
	[[ "$output" == *"$$"* ]]
}
