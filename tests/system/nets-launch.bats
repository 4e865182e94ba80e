# Whoever dies between a fork and the exec: the program runs once or not at all, and what is said of it is true. The process is
# held there by its standard input, a fifo that nobody has opened for writing yet.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() {
	for pid in $(pgrep -f "$BATS_TEST_TMPDIR/noted" || true); do
		kill -KILL "$pid" 2>/dev/null || true
	done
	world_end
}

begin_run() # `tend run` of a program that notes each run; returns when its process is there and has not executed it
{
	program noted <<'NOTED'
#!/bin/sh
echo $$ >>runs
exec sleep 1000
NOTED
	mkfifo gate
	tend run --name it --stdin "$PWD/gate" -- "$PWD/noted" >out 2>err 3>&- &
	run=$!
	world state it start
	until_true has_pid
}

has_pid()
{
	pid=$(world_pid it)
	[ "$pid" != None ] && [ "$(cat "/proc/$pid/comm")" = "tendd: child" ]
}

open_gate()
{
	: >gate
}

ran_once()
{
	[ "$(wc -l <runs)" -eq 1 ]
	[ "$(world_pid it)" = "$(cat runs)" ]
	[ "$(world_field it state)" = running ]
}

@test "launch: a process that is killed before its program runs: it never ran, and that is said" {
	begin_run
	kill -KILL "$pid"
	local status=0
	wait "$run" || status=$?
	[ "$status" -eq 1 ]
	grep -q "it was ended before its program ran" err
	[ ! -e runs ]
	run -4 tend status it
}

@test "launch: the same when the manager was killed before" {
	begin_run
	world kill manager
	kill -KILL "$pid"
	local status=0
	wait "$run" || status=$?
	[ "$status" -eq 1 ]
	grep -q "it was ended before its program ran" err
	[ ! -e runs ]
}

@test "launch: keeper, then the process killed: launched again, ran once" {
	begin_run
	world kill keeper
	kill -KILL "$pid"
	world ended "$pid"
	open_gate
	wait "$run"
	world line runs ""
	ran_once
	[ "$(cat runs)" != "$pid" ]
}

@test "launch: the keeper is killed, the process goes on" {
	begin_run
	world kill keeper
	open_gate
	wait "$run"
	world line runs ""
	ran_once
	[ "$(cat runs)" = "$pid" ]
}

@test "launch: the keeper is killed, the exec fails: it says why" {
	begin_run
	world kill keeper
	rm noted
	open_gate
	local status=0
	wait "$run" || status=$?
	[ "$status" -eq 1 ]
	grep -q "noted: No such file or directory" err
}

@test "launch: all are killed, the process goes on" {
	begin_run
	world kill keeper manager logger
	open_gate
	wait "$run"
	world line runs ""
	ran_once
	[ "$(cat runs)" = "$pid" ]
}

@test "launch: all are killed, and so is the process: nobody knows, and that is said" {
	begin_run
	kill -STOP "$pid"
	world kill keeper manager logger
	kill -KILL "$pid"
	local status=0
	wait "$run" || status=$?
	[ "$status" -eq 1 ]
	grep -q "whether its program ran is not known" err
	[ ! -e runs ]
	[ "$(world_field it state)" = failed ]
	[ "$(world_field it why)" = unknown ]
}
