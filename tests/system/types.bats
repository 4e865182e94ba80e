# Type=: when each counts as started, which process is its main one, and how it ends. What is said with
# sd_notify is in notify.bats.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

# a daemon as of old: forks, the parent leaves once the child runs. FORKS children are left; the last one's pid is
# written to the file that is its argument
daemon_program()
{
	program daemon <<'DAEMON'
#!/usr/bin/env python3
import os, signal, sys
for i in range(int(os.environ.get("FORKS", "1"))):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.close(read)
        os.write(write, b".")
        os.close(write)
        signal.signal(signal.SIGUSR1, lambda *_: os._exit(7))
        while True:
            signal.pause()
    os.close(write)
    os.read(read, 1)
    os.close(read)
with open(sys.argv[1], "w") as f:
    f.write(f"{pid}\n")
DAEMON
}

@test "simple: it is up as soon as it is there" {
	unit_service it "ExecStart=/bin/sleep 1000"
	run -0 tend start it
	[ "$(world_field it state)" = running ]
	[ "$(cat "/proc/$(world_pid it)/comm")" = sleep ]
}

@test "exec: a program that cannot be executed fails the start" {
	unit_service it "Type=exec" "ExecStart=/bin/sleep 1000"
	run -0 tend start it
	[ "$(cat "/proc/$(world_pid it)/comm")" = sleep ]
	: >"$BATS_TEST_TMPDIR/text"
	unit_service bad "Type=exec" "ExecStart=$BATS_TEST_TMPDIR/text"
	tend reload-units
	run -1 --separate-stderr tend start bad
	[[ "$stderr" == *"$BATS_TEST_TMPDIR/text: Permission denied"* ]]
	[ "$(world_field bad state)" = failed ]
	[ "$(world_field bad why)" = exec ]
}

@test "oneshot: its commands one after the other, then it is done" {
	unit_service it "Type=oneshot" "WorkingDirectory=$PWD" "ExecStart=/bin/sh -c 'echo one >>order'" \
		"ExecStart=/bin/sh -c 'echo two >>order'" "ExecStart=/bin/sh -c 'echo three >>order'"
	run -0 --separate-stderr tend start it # has done its work when this returns
	[ "$output" = "it: done" ]
	[ "$(tr '\n' ' ' <order)" = "one two three " ]
	[ "$(world_field it state)" = "done" ]
	run -0 tend start it # again
	[ "$(wc -l <order)" -eq 6 ]
}

@test "oneshot: the first that fails ends it" {
	unit_service it "Type=oneshot" "WorkingDirectory=$PWD" "ExecStart=/bin/sh -c 'echo one >>order'" \
		"ExecStart=/bin/sh -c 'exit 3'" "ExecStart=/bin/sh -c 'echo three >>order'"
	run -1 --separate-stderr tend start it
	[[ "$stderr" == *it* ]]
	[ "$(cat order)" = one ]
	[ "$(world_field it state)" = failed ]
	[[ "$(world_field it exit)" == *'"code": 3'* ]]
}

@test "oneshot: RemainAfterExit stays up with no process, until it is stopped" {
	unit_service it "Type=oneshot" "RemainAfterExit=yes" "WorkingDirectory=$PWD" "ExecStart=/bin/sh -c 'echo up >>order'" \
		"ExecStop=/bin/sh -c 'echo down >>order'"
	run -0 tend start it
	[ "$(world_field it state)" = running ]
	[ "$(world_field it pid)" = None ]
	run -0 tend start it # is up: nothing is done
	[ "$(cat order)" = up ]
	run -0 tend stop it
	[ "$(tr '\n' ' ' <order)" = "up down " ]
	[ "$(world_field it state)" = stopped ]
}

@test "simple: RemainAfterExit, too" {
	unit_service it "RemainAfterExit=yes" "ExecStart=/bin/true"
	run -0 tend start it
	world state it exited
	[ "$(world_field it state)" = running ]
	unit_service bad "RemainAfterExit=yes" "ExecStart=/bin/false"
	tend reload-units
	run tend start bad
	world state bad failed
}

@test "forking: the process that PIDFile names is the main one" {
	daemon_program
	unit_service it "Type=forking" "PIDFile=$PWD/it.pid" "Environment=FORKS=3" "ExecStart=$PWD/daemon $PWD/it.pid"
	run -0 tend start it
	[ "$(world_pid it)" = "$(cat it.pid)" ]
	run -0 tend signal it USR1
	world state it failed
	[[ "$(world_field it exit)" == *'"code": 7'* ]]
}

@test "forking: without PIDFile the one that is left is guessed" {
	daemon_program
	unit_service it "Type=forking" "ExecStart=$PWD/daemon $PWD/it.pid"
	run -0 tend start it
	[ "$(world_pid it)" = "$(cat it.pid)" ]
	run -0 tend stop it
	[ ! -d "/proc/$(cat it.pid)" ]
}

@test "forking: with GuessMainPID=no none is main, and a stop ends all the same" {
	daemon_program
	unit_service it "Type=forking" "GuessMainPID=no" "ExecStart=$PWD/daemon $PWD/it.pid"
	run -0 tend start it
	[ "$(world_field it state)" = running ]
	[ "$(world_field it pid)" = None ]
	run -0 tend stop it
	[ ! -d "/proc/$(cat it.pid)" ]
}

@test "forking: a parent that fails fails the start" {
	unit_service it "Type=forking" "ExecStart=/bin/sh -c 'exit 5'"
	run -1 tend start it
	[ "$(world_field it state)" = failed ]
	[[ "$(world_field it exit)" == *'"code": 5'* ]]
}

@test "forking: a PIDFile that names somebody else's process is not believed" {
	daemon_program
	unit_service it "Type=forking" "PIDFile=$PWD/other.pid" "TimeoutStartSec=1s" "ExecStart=$PWD/daemon $PWD/it.pid"
	echo 1 >other.pid
	run -1 --separate-stderr tend start it
	[ "$(world_field it state)" = failed ]
	[ -d /proc/1 ]
	world ended "$(cat it.pid)"
}
