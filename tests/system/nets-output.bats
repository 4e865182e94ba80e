# What services write, when those who move it are slow or dead: each byte is in the log once, and with the run that wrote it. The
# logger is stopped first, so that what is written stays in the pipe.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() {
	[ -z "${stopped:-}" ] || kill -CONT "$stopped" 2>/dev/null || true
	world_end
}

stop_logger()
{
	stopped=$(world role logger)
	kill -STOP "$stopped"
}

thaw()
{
	kill -CONT "$stopped"
	stopped=
}

kill_with_logger() # ROLE...: the stopped logger and these, at once
{
	local pids=$stopped

	for role in "$@"; do
		pids="$pids $(world role "$role")"
	done
	# shellcheck disable=SC2086
	kill -KILL $pids
	# shellcheck disable=SC2086
	world ended $pids
	stopped=
	world_tendd
}

is_failed() # NAME; `world state` would wait for the logger
{
	[ "$(world_field "$1" state)" = failed ]
}

log_is() # NAME <text: all of its log
{
	tend why "$1" >/dev/null # answered when what was written is in the log
	diff - "$(world_log "$1")"
}

@test "output: each run has its own lines, however slow the logger is" {
	unit_service loop "ExecStart=/bin/sh -c 'echo run \$\$\$\$ begins; echo run \$\$\$\$ ends; exit 3'" "Restart=on-failure" \
		"RestartSec=0" "StartLimitBurst=4" "StartLimitIntervalSec=1h"
	world_tendd
	stop_logger
	tend start --quiet loop
	until_true is_failed loop
	thaw
	tend why --json loop >why
	python3 - <<'CHECK'
import json
runs = json.load(open("why"))[0]["runs"]
assert len(runs) == 4, runs
for run in runs:
    assert run["lines"] == [f"run {run['pid']} begins", f"run {run['pid']} ends"], runs
CHECK
}

@test "output: lines of a run that begins are not those of the one that ended" {
	mkfifo go
	unit_service two "ExecStart=/bin/sh -c 'echo one \$\$\$\$; read line <$PWD/go; echo two \$\$\$\$; exit 3'" "Restart=on-failure" \
		"RestartSec=0"
	tend start --quiet two
	world line "$(world_log two)" one
	old=$(world_pid two)
	stop_logger
	echo now >go
	new=$(world changed two "$old")
	thaw
	tend why --json two >why
	python3 - "$old" "$new" <<'CHECK'
import json, sys
old, new = sys.argv[1:]
runs = {str(run["pid"]): run["lines"] for run in json.load(open("why"))[0]["runs"]}
assert runs == {old: [f"one {old}", f"two {old}"], new: [f"one {new}"]}, runs
CHECK
	tend stop --quiet two
}

begin_last_words() # a service that says its last words when it is told; they stay in the pipe
{
	mkfifo go
	tend run --quiet --name it -- sh -c 'echo first; read line <go; echo last words; exit 3'
	world line "$(world_log it)" first
	pid=$(world_pid it)
	stop_logger
	echo now >go
	world ended "$pid"
}

@test "output: last words, and keeper and logger are killed" {
	begin_last_words
	until_true is_failed it
	kill_with_logger keeper
	log_is it <<-LOG
		first
		last words
	LOG
}

@test "output: last words, and manager and logger are killed" {
	begin_last_words
	kill_with_logger manager
	world state it failed
	log_is it <<-LOG
		first
		last words
	LOG
}

@test "output: last words, and the logger is killed when the unit has been stopped" {
	mkfifo go
	tend run --quiet --name it -- sh -c 'trap "echo last words; exit 0" TERM; echo first; while :; do sleep 1000 & wait; done'
	world line "$(world_log it)" first
	stop_logger
	tend stop --quiet it
	kill_with_logger
	log_is it <<-LOG
		first
		last words
	LOG
}

@test "output: a command before the start writes, all are killed, and it goes on writing" {
	mkfifo go
	unit_service it "ExecStartPre=/bin/sh -c 'echo before; read line <$PWD/go; echo still before'" \
		"ExecStart=/bin/sh -c 'echo main; exec sleep 1000'"
	tend start --quiet it 3>&- &
	local start=$!
	world line "$(world_log it)" before
	world kill keeper manager logger
	run -0 tend list # they are adopted when this is answered; what ends before has nobody left to hold its pipe
	echo now >go
	wait "$start"
	world line "$(world_log it)" main
	log_is it <<-LOG
		before
		still before
		main
	LOG
	tend stop --quiet it
}

@test "output: a helper has the pipe, not main, and all are killed" {
	mkfifo go
	unit_service it "ExecStart=/bin/sh -c 'echo main; (read line <$PWD/go; echo helper; exec sleep 1000) & exec >/dev/null 2>&1; wait'"
	tend start --quiet it
	world line "$(world_log it)" main
	world kill keeper manager logger
	run -0 tend list # they are adopted when this is answered; what ends before has nobody left to hold its pipe
	echo now >go
	world line "$(world_log it)" helper
	tend stop --quiet it
}

@test "output: the start of a run is marked with its pid" {
	tend run --quiet --name it -- sh -c 'echo first; exec sleep 1000'
	world line "$(world_log it)" first
	tend why it >/dev/null
	pid=$(world_pid it)
	run -0 tend logs -o json it
	[[ "$output" == *'"mark":"start","run":1,"pid":'"$pid"[,}]* ]]
}
