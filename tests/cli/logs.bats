# tend logs: merging, following, marks, forms, harmlessness; and tend why's last lines.
load ../lib/world
load ../lib/units
load ../lib/expect

setup()
{
	world_start
	export TZ=UTC
}
teardown() { world_end; }

@test "one unit: its bytes, nothing else" {
	tend run --wait --name a -- printf 'one\ntwo\n\nthree' >/dev/null
	[ "$(tend logs -o lines a)" = $'one\ntwo\n\nthree' ]
	tend logs -o cat a | cmp - <(printf 'one\ntwo\n\nthree')
	[ "$(tend logs -o lines -n 2 a)" = $'\nthree' ]
	[ "$(tend logs -n 0 a)" = "" ]
	[ "$(tend logs -n all a)" = "$(tend logs a)" ]
	[ "$(tend logs a.service)" = "$(tend logs a)" ]
}

@test "bytes that are no text" {
	tend run --wait --name b -- printf '\377\033[31mred\033[m\001\n' >/dev/null
	tend logs -o cat b | cmp - <(printf '\377\033[31mred\033[m\001\n')
	tend logs -o lines b | cmp - <(printf '\377\033[31mred\033[m\001\n')
	tend logs --json b | python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert [l["line"] for l in lines if "line" in l] == ["\ufffd\033[31mred\033[m\001"], lines
marks = [l for l in lines if "mark" in l]
assert marks[0]["mark"] == "start" and marks[0]["run"] == 1, marks
assert marks[-1]["mark"] == "exit" and marks[-1]["exit"]["code"] == 0, marks
assert all(l["name"] == "b" and l["time"] > 1e9 for l in lines)'
}

@test "on a terminal escapes are made visible, and starts and ends are shown" {
	tend run --wait --name b -- printf 'a\033[2Jb\n' >/dev/null
	python3 - >got <<'PTY'
import os, pty, sys
out = []
def read(fd):
    data = os.read(fd, 4096)
    out.append(data)
    return data
os.environ["TERM"] = "xterm"
status = pty.spawn(["tend", "logs", "b"], read, lambda fd: b"")
PTY
	grep -q 'a\\x1b\[2Jb' got
	grep -q 'b started, run 1' got
	grep -q 'b ended: exit code 0' got
	! grep -q $'\033\[2J' got || false
}

@test "starts and ends stand in brackets, with the time; with -t it is a column" {
	tend run --wait --name m -- sh -c 'echo x; exit 3' >/dev/null || true
	local when='[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8}'
	[[ $(tend logs m) =~ ^\[$when\ m\ started,\ run\ 1(,\ pid\ [0-9]+)?\]$'\n'x$'\n'\[$when\ m\ ended:\ exit\ code\ 3\]$ ]]
	[ "$(tend logs -o marks m)" = "$(tend logs m)" ]
	[[ $(tend logs -t -o lines m) =~ ^[0-9]{2}-[0-9]{2}\ [0-9:]{8}\.[0-9]{3}\ x$ ]]
	[[ $(tend logs -t m) =~ \.[0-9]{3}\ \[m\ ended:\ exit\ code\ 3\]$ ]]
}

@test "several units are merged by time, with prefixes" {
	for step in 1 2 3; do
		tend run --wait --name one --replace -- echo "one $step" >/dev/null
		tend run --wait --name second --replace -- echo "second $step" >/dev/null
	done
	tend logs -o lines one second >got
	diff - got <<'END'
one    | one 1
second | second 1
one    | one 2
second | second 2
one    | one 3
second | second 3
END
	tend logs -o lines | diff - got
	tend logs -o lines --all | diff - got
	tend logs -o lines '*' | diff - got
	tend logs -o lines -n 3 one second | diff - <(tail -n 3 got)
}

@test "of a template all instances, of a glob those that fit" {
	tend run --name w --instances 2 -- sh -c 'echo "number $TEND_INSTANCE"; exec sleep 1000'
	world line "$(world_log w@1)" number
	world line "$(world_log w@2)" number
	tend logs -o lines w | sort | diff - <(printf 'w@1 | number 1\nw@2 | number 2\n')
	[ "$(tend logs -o lines 'w@2')" = "number 2" ]
	[ "$(tend logs -o lines '*@2')" = "w@2 | number 2" ]
}

@test "of one run" {
	for step in 1 2 3; do
		tend run --wait --name r --replace -- echo "run $step" >/dev/null
	done
	runs=$(tend why --json r | python3 -c 'import json, sys; print(*[r["run"] for r in json.load(sys.stdin)[0]["runs"]])')
	[ "$runs" = "3 2 1" ]
	[ "$(tend logs -o lines --run 2 r)" = "run 2" ]
	[ "$(tend logs -o lines --run 0 r)" = "run 3" ]
	[ "$(tend logs -o lines --run -1 r)" = "run 2" ]
	[ "$(tend logs -o lines --since 'run 2' r)" = $'run 2\nrun 3' ]
	[ "$(tend logs -o lines --until 'run -1' r)" = $'run 1\nrun 2' ]
	[ "$(tend logs -o lines -r --run 2 r)" = "run 2" ]
	tend run --wait --name s -- echo 'of s' >/dev/null
	[ "$(tend logs -o cat --run 0 r s)" = $'run 3\nof s' ]
	run tend logs --run -7 r
	[ "$status" -eq 1 ]
	[ "$output" = "tend: r: the log does not go back to run -7" ]
	run tend logs --run 9 r
	[ "$status" -eq 1 ]
	[ "$output" = "tend: r: the log of run 9 is not there (any more)" ]
}

@test "names that are not there" {
	tend run --wait --name web -- true
	expect logs-near tend logs wbe
	expect logs-none tend logs 'x*'
	unit_service silent 'ExecStart=/bin/true'
	run tend logs silent
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a log can be read when tendd is gone and cannot come back" {
	tend run --wait --name last -- echo 'last words' >/dev/null
	world end
	TENDD=/nonexistent run tend logs -o lines last
	[ "$output" = "last words" ]
}

@test "following: across a restart, a rotation, a log that is not there yet, and a new unit" {
	unit_service late 'ExecStart=/bin/sh -c "echo late; exec sleep 1000"'
	tend logs -f -o lines 'l*' >got 2>err 3>&- &
	following=$!
	tend start late
	world line got late
	tend restart late
	world line got late 2
	tend run --name lots -p LogSegmentSize=64K -- sh -c 'seq 30000; echo END; exec sleep 1000'
	world line got END
	grep '^lots *| ' got | sed 's/^lots *| //' >lots
	(seq 30000; echo END) | cmp - lots
	[ -n "$(find "$TEND_HOME/log/lots" -name '*.log*')" ]
	kill "$following"
	wait "$following" || true
	[ ! -s err ]
}

@test "following begins with the last ten lines" {
	tend run --wait --name t -- seq 100 >/dev/null
	tend logs -f -o lines t >got 3>&- &
	following=$!
	world line got 100
	kill "$following"
	wait "$following" || true
	seq 91 100 | cmp - got
}

@test "why: the last lines of each run, and who ended it" {
	tend run --wait --name y -- sh -c 'seq 100; exit 4' >/dev/null || true
	tend run --name y --replace -- sh -c 'echo begun; exec sleep 1000'
	world line "$(world_log y)" begun
	tend stop y
	tend why y >got
	grep -q '^y is stopped (asked)$' got
	grep -q 'ended with SIGTERM, asked to by uid [0-9]*, tend stop y (pid [0-9]*)$' got
	grep -q '    ended with exit code 4, by itself$' got
	grep -q '^    | begun$' got
	[ "$(grep -c '^    | [0-9]' got)" -eq 5 ]
	grep -q '^    | 96$' got
	tend why --json y | python3 -c '
import json, sys
runs = json.load(sys.stdin)[0]["runs"]
assert runs[0]["lines"] == ["begun"], runs
assert runs[1]["lines"] == ["96", "97", "98", "99", "100"], runs
assert runs[1]["exit"]["code"] == 4 and runs[1]["exit"]["signal"] is None, runs'
}
