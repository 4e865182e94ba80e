# What a service says of itself with sd_notify, and what follows.
load ../lib/world
load ../lib/units
load ../lib/talker

setup()
{
	world_start
	talker_program
}
teardown() { world_end; }

start_talker() # NAME LINE...: one that is up
{
	local name=$1

	TALKER_SAYS=READY=1 talker_unit "$@" "Type=notify"
	tend start --quiet "$name"
}

@test "ERRNO= is shown, also when the run is over" {
	talker_program
	talker_unit it Type=notify
	TALKER_SAYS=
	tend start --quiet it 3>&- &
	world line it.begun ""
	tell it send READY=1
	wait
	tell it send "STATUS=no room" ERRNO=28
	run -0 tend status it
	[[ "$output" == *"No space left on device (ERRNO=28)"* ]]
	run -0 tend status --json it
	[[ "$output" == *'"errno": 28'* ]]
	world kill manager
	run -0 tend status it
	[[ "$output" == *"(ERRNO=28)"* ]]
	tell it end 1
	world state it failed
	run -0 tend why it
	[[ "$output" == *"it said ERRNO=28: No space left on device"* ]]
}

@test "READY: the start waits for it" {
	talker_unit it "Type=notify"
	tend start --quiet it 3>&- &
	local starter=$!
	world line it.runs ""
	tell it send STATUS=warming
	[ "$(world_field it state)" = starting ]
	[ "$(status_text it)" = warming ]
	tell it send READY=1
	wait "$starter"
	[ "$(world_field it state)" = running ]
	[ "$(world_pid it)" = "$(cat it.runs)" ]
}

@test "STATUS is shown" {
	start_talker it
	tell it send "STATUS=42 guests"
	[ "$(status_text it)" = "42 guests" ]
	run -0 tend status it
	[[ "$output" == *"42 guests"* ]]
	tell it send STATUS=
	[ "$(status_text it)" = None ]
}

@test "MAINPID: another process becomes the main one" {
	start_talker it
	tell it main
	[ "$(world_pid it)" = "$(cat it.main)" ]
	local first
	first=$(cat it.runs)
	tell it end 0 # is not the main one any more
	world ended "$first"
	[ "$(world_field it state)" = running ]
	[ "$(world_pid it)" = "$(cat it.main)" ]
	run -0 tend stop it
	[ ! -d "/proc/$(cat it.main)" ]
}

@test "MAINPID of a process that is not its own is not believed" {
	start_talker it
	tell it send MAINPID=1
	[ "$(world_pid it)" = "$(cat it.runs)" ]
	run -0 tend stop it
}

@test "EXTEND_TIMEOUT_USEC: a start may take longer when it says so" {
	TALKER_SAYS="EXTEND_TIMEOUT_USEC=3600000000" talker_unit it "Type=notify" "TimeoutStartSec=8s"
	talker_unit slow "Type=notify" "TimeoutStartSec=8s"
	tend start --quiet it 3>&- &
	local starter=$!
	world line it.begun ""
	run -1 tend start slow # takes as long as the other one would have been allowed
	[ "$(world_field slow why)" = timeout ]
	[ "$(world_field it state)" = starting ]
	tell it send READY=1
	wait "$starter"
	[ "$(world_field it state)" = running ]
}

@test "STOPPING: it is shown as stopping until it has ended" {
	start_talker it
	tell it send STOPPING=1
	[ "$(world_field it state)" = stopping ]
	tell it end 0
	world state it "done"
}

@test "ERRNO and unknown lines harm nothing" {
	start_talker it
	tell it send ERRNO=2 X_OURS=1 "no equals sign" =
	tell it send "STATUS=still here"
	[ "$(status_text it)" = "still here" ]
	[ "$(world_field it state)" = running ]
}

@test "RELOADING: of itself" {
	start_talker it
	tell it send RELOADING=1
	[ "$(world_field it state)" = reloading ]
	tell it send READY=1
	[ "$(world_field it state)" = running ]
}

@test "notify-reload: SIGHUP, RELOADING, READY" {
	TALKER_SAYS=READY=1 talker_unit it "Type=notify-reload"
	tend start --quiet it
	tend reload --quiet it 3>&- &
	local reloader=$!
	world line it.signals SIGHUP
	[ "$(world_field it state)" = reloading ]
	tell it send READY=1
	wait "$reloader"
	[ "$(world_field it state)" = running ]
	[ "$(world_pid it)" = "$(cat it.runs)" ]
}

@test "WATCHDOG: who says nothing is ended with WatchdogSignal" {
	TALKER_SAYS=READY=1 talker_unit it "Type=notify" "WatchdogSec=1h" "WatchdogSignal=SIGUSR1" "TimeoutAbortSec=100ms"
	tend start --quiet it
	grep -qx 'WATCHDOG_USEC=3600000000' it.env
	tell it send WATCHDOG=1
	[ "$(world_field it state)" = running ]
	tell it send WATCHDOG_USEC=1000
	world state it failed
	[ "$(world_field it why)" = watchdog ]
	[ "$(cat it.signals)" = SIGUSR1 ] # and, as it went on, SIGKILL
	[[ "$(world_field it exit)" == *SIGKILL* ]]
}

@test "WATCHDOG=trigger: at once" {
	TALKER_SAYS=READY=1 talker_unit it "Type=notify" "WatchdogSec=1h" "Restart=on-watchdog" "RestartSec=1ms"
	tend start --quiet it
	echo "send	WATCHDOG=trigger" >it.words
	world line it.runs "" 2
	world state it running
	tend why --json it | grep -q '"watchdog"'
}

@test "FDSTORE: what was stored comes back at the next start" {
	start_talker it "FileDescriptorStoreMax=3" "Restart=always" "RestartSec=1ms"
	tell it store one "first text"
	tell it store two "second text"
	tell it store three "third text"
	tell it store four "one too many"
	tell it unstore two
	tell it end 1
	world line it.runs "" 2
	[ "$(cat it.stored)" = "one=first text
three=third text" ]
	grep -qx 'LISTEN_FDS=2' it.env
	rm it.stored
	world state it running
	run -0 tend restart it
	[ "$(cat it.stored)" = "one=first text
three=third text" ]
}

@test "FDSTORE: what was stored outlives tend's processes" {
	start_talker it "FileDescriptorStoreMax=3"
	tell it store one "first text"
	world kill manager
	tend list >/dev/null
	tell it send "STATUS=after"
	[ "$(status_text it)" = after ]
	run -0 tend restart it
	[ "$(cat it.stored)" = "one=first text" ]
}

@test "FDSTORE: none without FileDescriptorStoreMax" {
	start_talker it
	tell it store one "first text"
	run -0 tend restart it
	[ ! -e it.stored ]
}

@test "NotifyAccess=main: a child is not heard" {
	start_talker it
	tell it send STATUS=main
	tell it child STATUS=child
	[ "$(status_text it)" = main ]
}

@test "NotifyAccess=all: a child is heard" {
	start_talker it "NotifyAccess=all"
	tell it child STATUS=child
	[ "$(status_text it)" = child ]
}

@test "NotifyAccess=exec: commands are heard, other children are not" {
	talker_unit post
	start_talker it "NotifyAccess=exec"
	tell it send STATUS=main
	tell it child STATUS=child
	[ "$(status_text it)" = main ]
	program says <<'SAYS'
#!/usr/bin/env python3
import os, socket
path = os.environ["NOTIFY_SOCKET"]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b"STATUS=command", "\0" + path[1:] if path[0] == "@" else path)
SAYS
	start_talker other "NotifyAccess=exec" "ExecReload=$PWD/says"
	tend reload --quiet other
	tell other send X=1 # what was said before is read
	[ "$(status_text other)" = command ]
}

@test "NotifyAccess=none: there is no socket" {
	talker_unit it "Type=exec" "NotifyAccess=none"
	tend start --quiet it
	world line it.runs ""
	run -1 grep NOTIFY_SOCKET it.env
}

@test "another user's process is not heard" {
	[ "$(id -u)" = 0 ] || skip "only root can be somebody else"
	start_talker it "NotifyAccess=all"
	tell it send STATUS=mine
	local address
	address=$(sed -n 's/^NOTIFY_SOCKET=//p' it.env)
	run setpriv --reuid=65534 --regid=65534 --clear-groups python3 -c '
import socket, sys
path = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b"STATUS=theirs", "\0" + path[1:] if path[0] == "@" else path)' "$address"
	tell it send WATCHDOG=1
	[ "$(status_text it)" = mine ]
}
