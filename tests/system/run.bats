# `tend run`: each option does what it says; what a unit keeps of the shell it was asked from.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

log_of() # NAME: what it wrote
{
	cat "$(world_log "$1")"
}

run_and_wait() # NAME WORDS...: runs it until it has ended; its output is there then
{
	local name=$1

	shift
	tend run --quiet --name "$name" "$@"
	tend wait --quiet "$name"
	tend why "$name" >/dev/null
}

@test "run: says name, pid and where the log is" {
	run -0 --separate-stderr tend run --name web -- sleep 1000
	[ "$output" = "web: running, pid $(world_pid web); its log: tend logs -f web" ]
	[[ "$stderr" == *"started tendd"* ]]
	run -0 --separate-stderr tend run --quiet -- sleep 1000
	[ "$output" = sleep ]
	[ -z "$stderr" ]
	run -0 --separate-stderr tend run --quiet -- sleep 1000 # a name is made, and another one
	[ "$output" != sleep ]
	[[ "$output" == sleep* ]]
}

@test "run: directory, umask and environment are those of the caller" {
	mkdir here
	cd here
	umask 0027
	MINE="a b%c" run_and_wait probe -- sh -c 'pwd; umask; echo "$MINE"; echo "$HOME"'
	[ "$(log_of probe)" = "$(pwd)
0027
a b%c
$HOME" ]
}

@test "run: limits are those of the caller" {
	ulimit -S -c 0
	ulimit -S -n 123
	run_and_wait probe -- sh -c 'ulimit -S -c; ulimit -S -n'
	[ "$(log_of probe)" = "0
123" ]
}

@test "run: --cwd, --umask, --nice, --limit" {
	mkdir there
	run_and_wait probe --cwd there --umask 077 --nice 5 --limit nofile=99 --limit core=0 -- \
		sh -c 'pwd; umask; nice; ulimit -n; ulimit -c'
	[ "$(log_of probe)" = "$PWD/there
0077
$(($(nice) + 5 > 19 ? 19 : 5))
99
0" ]
}

@test "run: --env, --env-file, a name alone" {
	printf 'FROM_FILE=one\nBOTH=file\n' >vars
	MINE=mine run_and_wait probe --env-file vars --env BOTH=option --env MINE -- \
		sh -c 'echo "$FROM_FILE $BOTH $MINE"'
	[ "$(log_of probe)" = "one option mine" ]
}

@test "run: --clean-env leaves the caller's environment out" {
	MINE=mine run_and_wait probe --clean-env --env 'ONE=1 %n' -- /usr/bin/env
	run -1 grep MINE "$(world_log probe)"
	grep -qx 'ONE=1 %n' "$(world_log probe)"
	grep -q '^PATH=' "$(world_log probe)"
}

@test "run: --stdin" {
	echo "from a file" >in
	run_and_wait with --stdin in -- cat
	[ "$(log_of with)" = "from a file" ]
	echo "from the caller" | run_and_wait without -- cat
	[ -z "$(log_of without)" ]
}

@test "run: --uid and --gid" {
	[ "$(id -u)" = 0 ] || skip "only root may"
	run_and_wait probe --cwd / --uid 65534 --gid 65533 -- sh -c 'id -u; id -g; echo "$USER"'
	[ "$(log_of probe | head -n 2)" = "65534
65533" ]
}

@test "run: a shell line" {
	run_and_wait line 'echo one; echo "two  three" | cat'
	[ "$(log_of line)" = "one
two  three" ]
}

@test "run: a script without #! is run by the shell, as everywhere" {
	printf 'echo "from $0 $1"' | program script
	run_and_wait it -- ./script one
	[ "$(log_of it)" = "from $PWD/script one" ]
}

@test "run: words stay as they are" {
	run_and_wait probe -- printf '<%s>\n' '' 'a  b' '$HOME' '%n' "it's" 'a"b' 'c\d' 'a;b'
	[ "$(log_of probe)" = "<>
<a  b>
<\$HOME>
<%n>
<it's>
<a\"b>
<c\\d>
<a;b>" ]
}

@test "run: -p sets any key" {
	run_and_wait probe -p 'Environment=ONE=1' -p RemainAfterExit=yes -p Description='what it is' -- true &
	wait_for=$!
	world state probe running
	[ "$(world_field probe description)" = "what it is" ]
	tend stop probe
	wait "$wait_for"
}

@test "run: --stop-signal and --stop-timeout" {
	tend run --name gentle --stop-signal USR1 -- sh -c 'trap "exit 9" USR1; echo up; while :; do sleep 1000 & wait; done'
	world line "$(world_log gentle)" up
	run -0 tend stop --json gentle
	[[ "$output" == *SIGUSR1* ]]
	[ "$(world_field gentle exit)" = '{"code": 9, "signal": null, "core": false, "known": true, "oom": false}' ]
	tend run --name deaf --stop-timeout 100ms -- sh -c 'trap "" TERM; echo up; while :; do sleep 1000 & wait; done'
	world line "$(world_log deaf)" up
	run -0 tend stop deaf
	[[ "$output" == *"needed SIGKILL"* ]]
}

@test "run: --timeout ends what runs longer" {
	tend run --name long --timeout 100ms -- sleep 1000
	run -1 tend wait long
	[ "$(world_field long why)" = runtime ]
}

@test "run: without --restart what ends is done or failed" {
	run_and_wait well -- true
	[ "$(world_field well state)" = "done" ]
	tend run --quiet --name badly -- sh -c 'exit 3'
	run -1 tend wait badly
	[ "$(world_field badly state)" = failed ]
	[ "$(world_field badly exit)" = '{"code": 3, "signal": null, "core": false, "known": true, "oom": false}' ]
}

@test "run: --restart starts it again, with a pause that grows" {
	tend run --quiet --name again --restart on-failure -- sh -c 'echo x >>runs; [ "$(wc -l <runs)" -ge 3 ]'
	tend wait again
	[ "$(wc -l <runs)" -eq 3 ]
	[ "$(world_field again restarts)" = 2 ]
	run -0 tend cat again
	[[ "$output" == *"BackoffFirstSec=100ms"* ]]
	[[ "$output" == *"Restart=on-failure"* ]]
}

@test "run: --instances, each with its number" {
	tend run --quiet --name many --instances 3 -- sh -c 'echo "$TEND_INSTANCE" >>numbers; exec sleep 1000'
	[ "$(tend list --quiet | sort)" = "many@1
many@2
many@3" ]
	world line numbers "" 3
	[ "$(sort numbers)" = "1
2
3" ]
}

@test "run: --after and --requires" {
	tend run --quiet --name one -- sleep 1000
	tend stop --quiet one
	tend run --quiet --name two --requires one -- sleep 1000
	[ "$(world_field one state)" = running ]
	tend run --quiet --name three --after two -- sleep 1000
	tend stop --quiet one # takes two with it, three only waits for it
	[ "$(world_field two state)" = stopped ]
	[ "$(world_field three state)" = running ]
}

@test "run: --json" {
	run -0 --separate-stderr tend run --json --name one -- sleep 1000
	python3 -c 'import json, sys
one, = json.loads(sys.argv[1])
assert one["name"] == "one" and one["ok"] is True and one["state"] == "running" and one["pid"] == int(sys.argv[2]), one' \
		"$output" "$(world_pid one)"
}

@test "run: a name that is taken" {
	tend run --quiet --name web -- sleep 1000
	local pid
	pid=$(world_pid web)
	run -1 --separate-stderr tend run --name web -- sleep 1000
	[[ "$stderr" == *web* ]]
	[[ "$stderr" == *--replace* ]] || [[ "$stderr" == *already* ]]
	[ "$(world_pid web)" = "$pid" ]
	tend run --quiet --name web --replace -- sleep 1001
	world ended "$pid"
	[ "$(world_field web description)" = "sleep 1001" ]
}
