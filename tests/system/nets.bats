# The three nets: whichever of tend's processes are killed, what it keeps goes on, its ends are told, no line of output
# is lost or doubled.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

# a service that writes numbered lines, and one that ends by a code when it is told
start_two()
{
	tend run --name steady -- sh -c 'i=0; while :; do i=$((i + 1)); echo "line $i"; sleep 0.02; done'
	tend run --name ending -- sh -c 'trap "exit 42" USR1; echo ready; while :; do sleep 0.05; done'
	world line "$(world_log ending)" ready
	steady=$(world_pid steady)
	ending=$(world_pid ending)
}

lines_are_whole() # from 1 on, each once
{
	python3 - "$(world_log steady)" <<'CHECK'
import sys
lines = open(sys.argv[1]).read().split("\n")[:-1]
assert lines == [f"line {i + 1}" for i in range(len(lines))], lines[:5] + ["..."] + lines[-5:]
assert len(lines) > 5, lines
CHECK
}

still_the_same()
{
	[ "$(world_pid steady)" = "$steady" ]
	[ "$(world_pid ending)" = "$ending" ]
	[ "$(world_field steady restarts)" = 0 ]
}

ends_with_42()
{
	tend signal ending USR1
	world state ending failed
	[ "$(tend list --json ending | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["exit"]["code"])')" = "$1" ]
}

more_lines() # the service goes on writing, and it arrives
{
	local count
	count=$(wc -l <"$(world_log steady)")
	world line "$(world_log steady)" line $((count + 5))
}

@test "the manager is killed" {
	start_two
	world kill manager
	still_the_same
	more_lines
	ends_with_42 42
	tend stop steady
	lines_are_whole
}

@test "the logger is killed" {
	start_two
	world kill logger
	more_lines
	still_the_same
	ends_with_42 42
	tend stop steady
	lines_are_whole
}

@test "the keeper is killed" {
	start_two
	world kill keeper
	still_the_same
	more_lines
	# newer kernels tell how a process ended that is not our child, older ones do not
	tend signal ending USR1
	world state ending failed
	run -0 tend list --json ending
	[[ "$output" == *'"code": 42'* || "$output" == *'"known": false'* ]]
	tend stop steady
	lines_are_whole
}

@test "manager and logger are killed" {
	start_two
	world kill manager logger
	still_the_same
	more_lines
	ends_with_42 42
	tend stop steady
	lines_are_whole
}

@test "all are killed at once" {
	start_two
	world kill keeper manager logger
	world_tendd
	still_the_same
	more_lines
	tend signal ending USR1
	world state ending failed
	run -0 tend list --json ending
	[[ "$output" == *'"code": 42'* || "$output" == *'"known": false'* ]]
	tend stop steady
	lines_are_whole
}

@test "all are killed, many times" {
	start_two
	for round in 1 2 3 4 5; do
		world kill keeper manager logger
		world_tendd
		still_the_same
	done
	more_lines
	tend stop steady ending
	lines_are_whole
}

@test "an end while the manager is dead is told exactly" {
	unit_service short "ExecStart=/bin/sh -c 'echo up; read line <$BATS_TEST_TMPDIR/fifo; exit 7'"
	mkfifo fifo
	tend start short
	world line "$(world_log short)" up
	# dead for as long as it takes: the keeper starts it again, and what ended meanwhile is in its list
	python3 -B - "$(world role manager)" fifo <<'END'
import os, signal, sys
os.kill(int(sys.argv[1]), signal.SIGKILL)
open(sys.argv[2], "w").close()
END
	world state short failed
	[ "$(tend list --json short | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["exit"]["code"])')" = 7 ]
}

@test "a service that is to be restarted is restarted after all were killed" {
	unit_service again "ExecStart=/bin/sh -c 'echo up; exec sleep 1000'" "Restart=always" "RestartSec=0"
	tend start again
	world line "$(world_log again)" up
	old=$(world_pid again)
	world kill keeper manager logger
	world_tendd
	[ "$(world_pid again)" = "$old" ]
	kill -KILL "$old"
	new=$(world changed again "$old")
	[ "$new" != "$old" ]
	world line "$(world_log again)" up 2
}

@test "a damaged ledger: the live process is asked" {
	start_two
	world kill keeper manager logger
	echo "garbage" >"$TEND_HOME/run/ledger/steady"
	: >"$TEND_HOME/run/ledger/ending"
	world_tendd
	[ "$(world_field steady state)" = running ]
	[ "$(world_field ending state)" = running ]
	still_the_same
	run -0 tend stop steady ending
	world ended "$steady" "$ending"
}

@test "a ledger that is gone while the keeper lives" {
	start_two
	# the manager must not write it again before it dies
	world kill manager
	rm -f "$TEND_HOME/run/ledger/steady"
	world kill manager
	[ "$(world_field steady state)" = running ]
	still_the_same
}

all_ledgers_are_gone() # while all of tendd is dead
{
	world kill keeper manager logger
	rm -f "$TEND_HOME"/run/ledger/*
	run -0 tend list
	[ "$(world_field steady state)" = running ]
	[ "$(world_field ending state)" = running ]
	still_the_same
	more_lines
	# it is known how it was found, and what is stopped is stopped
	grep -q "the ledger of steady was gone" "$TEND_HOME/run/tendd.log"
	ends_with_42 42
	run -0 tend stop steady
	world ended "$steady" "$ending"
}

@test "ledgers that are gone, and all of tendd is dead" {
	start_two
	all_ledgers_are_gone
}

@test "ledgers that are gone, and all of tendd is dead: a plain user's, without groups" {
	world_plain
	start_two
	all_ledgers_are_gone
}

@test "ledgers that are gone: it is not started a second time, and others' units are not taken" {
	program noted <<-NOTED
		#!/bin/sh
		echo \$\$ >>runs
		exec sleep 1000
	NOTED
	unit_service it "ExecStart=$PWD/noted" "WorkingDirectory=$PWD"
	tend start it
	world line runs ""
	pid=$(cat runs)
	world kill keeper manager logger
	rm -rf "$TEND_HOME/run/ledger"
	# another tend, of another directory, knows of none of it
	mkdir -p other/config
	cp "$TEND_HOME/config/it.service" other/config/
	TEND_HOME=$PWD/other run -0 tend list --json it
	[[ "$output" == *'"state": "stopped"'* ]]
	TEND_HOME=$PWD/other world end
	run -0 tend start it
	[ "$(cat runs)" = "$pid" ]
	[ "$(world_pid it)" = "$pid" ]
	tend stop it
	world ended "$pid"
	[ "$(wc -l <runs)" -eq 1 ]
}

@test "a ledger that is gone, of a process without an environment: its group tells" {
	unit_service bare "ExecStart=/usr/bin/env -i /bin/sleep 1000"
	tend start bare
	pid=$(world_pid bare)
	until_true grep -q sleep "/proc/$pid/comm"
	[ -s "$TEND_HOME/run/cgroup" ] || skip "no cgroup can be made here"
	world kill keeper manager logger
	rm "$TEND_HOME/run/ledger/bare"
	[ "$(world_pid bare)" = "$pid" ]
	tend stop bare
	world ended "$pid"
}

@test "tendd that ended with everything down looks for nothing" {
	start_two
	tend stop steady
	tend signal ending USR1
	world state ending failed
	world end
	[ -e "$TEND_HOME/run/ended" ]
	world_tendd
	run -0 tend list
	[ ! -e "$TEND_HOME/run/ended" ]
}
