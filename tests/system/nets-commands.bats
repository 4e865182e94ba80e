# Commands whose tendd is killed half-way end honestly; tendd is replaced while a hundred services run; it ends by itself.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() {
	[ -z "${stopped:-}" ] || kill -CONT "$stopped" 2>/dev/null || true
	world_end
}

freeze() # ROLE: it stands still
{
	stopped=$(world role "$1")
	kill -STOP "$stopped"
}

thaw()
{
	kill -CONT "$stopped"
	stopped=
}

end_at_once() # PID: SIGKILL
{
	kill -KILL "$1"
	world ended "$1"
}

# a program that notes each run
noted()
{
	program noted <<'NOTED'
#!/bin/sh
echo $$ >>runs
exec sleep 1000
NOTED
}

ran_once()
{
	[ "$(wc -l <runs)" -eq 1 ]
	[ "$(world_pid it)" = "$(cat runs)" ]
	[ "$(world_field it state)" = running ]
}

@test "run: the manager is killed before it read the request" {
	noted
	world_tendd
	manager=$(world role manager)
	freeze manager
	tend run --name it -- ./noted >out 2>err 3>&- &
	local run=$!
	end_at_once "$manager"
	stopped=
	wait "$run"
	grep -q "^it: running, pid $(world_pid it)" out
	ran_once
}

@test "run: the manager is killed when all is written and nothing started" {
	noted
	world_tendd
	manager=$(world role manager)
	freeze keeper
	tend run --name it -- ./noted >out 2>err 3>&- &
	local run=$!
	world state it start
	end_at_once "$manager"
	thaw
	wait "$run"
	ran_once
}

@test "run: the manager is killed when the program runs and nobody has been told" {
	noted
	world_tendd
	manager=$(world role manager)
	freeze keeper
	tend run --name it -- ./noted >out 2>err 3>&- &
	local run=$!
	world state it start
	kill -STOP "$manager"
	thaw
	stopped=$manager
	world line runs ""
	end_at_once "$manager"
	stopped=
	wait "$run"
	ran_once
}

@test "run: keeper and manager are killed, the program runs and nobody has been told" {
	noted
	world_tendd
	manager=$(world role manager)
	keeper=$(world role keeper)
	freeze keeper
	tend run --name it -- ./noted >out 2>err 3>&- &
	local run=$! status=0
	world state it start
	kill -STOP "$manager"
	thaw
	stopped=$manager
	world line runs ""
	kill -KILL "$keeper" "$manager"
	world ended "$keeper" "$manager"
	stopped=
	wait "$run" || status=$?
	# it says that it runs, and it does; or that it failed, and then it does not
	if [ "$status" -eq 0 ]; then
		ran_once
	else
		[ -s err ]
		[ "$(wc -l <runs)" -eq 1 ]
		world ended "$(cat runs)"
	fi
}

@test "stop: the manager is killed while it waits for the end" {
	mkfifo go
	tend run --quiet --name it -- sh -c 'trap "echo asked; read line <go; exit 0" TERM; echo up; while :; do sleep 1000 & wait; done'
	world line "$(world_log it)" up
	tend stop --json it >receipt 2>err 3>&- &
	local stop=$! pid
	pid=$(world_pid it)
	world line "$(world_log it)" asked
	world kill manager
	[ "$(world_field it state)" = stopping ]
	echo now >go
	wait "$stop"
	world ended "$pid"
	[[ "$(cat receipt)" == *'"stopped": true'* ]]
	[ "$(world_field it why)" = asked ]
}

@test "start: all are killed while a unit waits for the one before it" {
	unit_service first "Type=notify" "NotifyAccess=all" "ExecStart=/bin/sh -c 'read line <$PWD/go; exec $PWD/ready'"
	program ready <<'READY'
#!/usr/bin/env python3
import os, signal, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
path = os.environ["NOTIFY_SOCKET"]
s.connect("\0" + path[1:] if path[0] == "@" else path)
s.send(b"READY=1")
while True:
    signal.pause()
READY
	unit it <<-UNIT
		[Unit]
		Requires=first.service
		After=first.service
		[Service]
		Type=exec
		WorkingDirectory=$PWD
		ExecStart=$PWD/noted
	UNIT
	noted
	mkfifo go
	tend start --quiet it 3>&- 2>err &
	local start=$!
	world state first start
	world state it held
	world kill keeper manager logger
	tend list >list
	echo now >go
	wait "$start"
	[ "$(world_field first state)" = running ]
	ran_once
}

@test "upgrade: a hundred go on as they are" {
	tend run --quiet --name many --instances 100 -- sleep 1000 >/dev/null
	mkfifo go
	tend run --quiet --name ending -- sh -c 'read line <go; exit 42'
	pids='import json, sys; print(sorted((u["name"], u["pid"], u["restarts"], u["state"]) for u in json.load(sys.stdin)))'
	before=$(tend list --json 'many@*' | python3 -c "$pids")
	keeper=$(world role keeper)
	manager=$(world role manager)
	logger=$(world role logger)
	cp "$TENDD" new
	run -0 tend upgrade ./new
	world ended "$manager" "$logger"
	[ "$(world role keeper)" = "$keeper" ]
	[ "$(readlink "/proc/$keeper/exe")" = "$PWD/new" ]
	[ "$(readlink "/proc/$(world role manager)/exe")" = "$PWD/new" ]
	[ "$(tend list --json 'many@*' | python3 -c "$pids")" = "$before" ]
	echo now >go
	run -1 tend wait ending
	[ "$(world_field ending exit)" = '{"code": 42, "signal": null, "core": false, "known": true, "oom": false}' ]
	# asked again it has nothing to do
	manager=$(world role manager)
	run -0 tend upgrade ./new
	[[ "$output" == *"it runs already, nothing was replaced" ]]
	[ "$(world role manager)" = "$manager" ]
	# one that does not run: nothing changes
	run -1 --separate-stderr tend upgrade /bin/false
	[ -n "$stderr" ]
	run -1 --separate-stderr tend upgrade ./nonesuch
	[[ "$stderr" == *"No such file or directory"* ]]
	[ "$(world role keeper)" = "$keeper" ]
	[ "$(tend list --json 'many@*' | python3 -c "$pids")" = "$before" ]
	tend stop --quiet --all
}

@test "upgrade: the manager is killed over it" {
	tend run --quiet --name it -- sleep 1000 >/dev/null
	pid=$(world_pid it)
	keeper=$(world role keeper)
	manager=$(world role manager)
	cp "$TENDD" new
	freeze keeper
	tend upgrade ./new >out 2>err 3>&- &
	local upgrade=$!
	end_at_once "$manager"
	thaw
	wait "$upgrade"
	until_true is_new keeper
	until_true is_new manager
	until_true is_new logger
	[ "$(world role keeper)" = "$keeper" ]
	[ "$(world_pid it)" = "$pid" ]
}

is_new() # ROLE: it executes the new file
{
	[ "$(readlink "/proc/$(world role "$1")/exe")" = "$PWD/new" ]
}

@test "tendd ends by itself when it keeps nothing, and not before" {
	export TEND_IDLE_SEC=1
	mkfifo go
	tend run --quiet --name it -- sh -c 'read line <go; exit 3'
	python3 - "$(world role keeper)" "$(world role manager)" "$(world role logger)" <<'CHECK'
import os, select, sys
fds = [os.pidfd_open(int(pid)) for pid in sys.argv[1:]]
poll = select.poll()
for fd in fds:
    poll.register(fd, select.POLLIN)
assert not poll.poll(2500), "it has ended although it keeps something"
os.close(os.open("go", os.O_WRONLY))
for fd in fds:
    one = select.poll()
    one.register(fd, select.POLLIN)
    assert one.poll(60000), "it does not end"
CHECK
	[ ! -e "$TEND_HOME/run/socket" ]
	# the next command starts it, and it knows what was
	run -0 tend list --json it
	[[ "$output" == *'"code": 3'* ]]
}
