# Units that name other units: what is started, stopped and failed with them, and in which order. The order is read from
# what the programs themselves write.
load ../lib/world
load ../lib/units

setup()
{
	world_start
	program it <<'IT'
#!/usr/bin/env python3
# notes that it is up, and when it is asked to end that it ends
import os, signal, socket, sys
def note(sign):
    with open("order", "a") as f:
        f.write(f"{sign}{sys.argv[1]}\n")
def end(*_):
    note("-")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
note("+")
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
address = os.environ["NOTIFY_SOCKET"]
s.connect("\0" + address[1:] if address[0] == "@" else address)
s.send(b"READY=1")
while True:
    signal.pause()
IT
}
teardown() { world_end; }

# one that is up when it says so, so that its order can be trusted
named() # NAME LINE...: lines of [Unit]
{
	local name=$1

	shift
	{
		echo "[Unit]"
		printf '%s\n' "$@"
		printf '%s\n' "[Service]" "Type=notify" "WorkingDirectory=$PWD" \
			"ExecStart=$PWD/it $name"
	} >"$TEND_HOME/config/$name.service"
}

order() { tr '\n' ' ' <order; }

@test "Requires= with After=: started with it, before it, stopped with it, after it" {
	named base
	named top "Requires=base.service" "After=base.service"
	tend start --quiet top
	[ "$(order)" = "+base +top " ]
	run -0 tend stop base
	[[ "$output" == "base stopped in "*"; with it top" ]]
	[ "$(order)" = "+base +top -top -base " ]
	[ "$(world_field top state)" = stopped ]
	run -0 tend why top
	[[ "$output" == *"it goes with base"* ]]
}

@test "Requires= of what is not there is an error that names both" {
	named top "Requires=nonesuch.service"
	run -1 tend start top
	[[ "$output" == *"top needs nonesuch, which cannot be had: there is no unit nonesuch"* ]]
	[ "$(world_field top state)" = stopped ]
}

@test "Requires= of what fails: it is not started, and says why" {
	unit base <<-UNIT
		[Service]
		Type=oneshot
		ExecStart=/bin/false
	UNIT
	named top "Requires=base.service" "After=base.service"
	run -1 tend start top
	[ "$(world_field top why)" = dependency ]
	run -0 tend why top
	[[ "$output" == *"base, which it needs, is failed"* ]]
	[ ! -e order ]
}

@test "Wants=: started with it, and no matter whether it can be" {
	named base
	named top "Wants=base.service nonesuch.service" "After=base.service"
	tend start --quiet top
	[ "$(order)" = "+base +top " ]
	tend stop --quiet base
	[ "$(world_field top state)" = running ]
}

@test "Requisite=: not started by itself" {
	named base
	named top "Requisite=base.service" "After=base.service"
	run -1 tend start top
	[ "$(world_field top why)" = dependency ]
	tend start --quiet base
	tend start --quiet top
	[ "$(order)" = "+base +top " ]
}

@test "BindsTo=: it goes when the other one goes, however" {
	named base
	named top "BindsTo=base.service" "After=base.service"
	tend start --quiet top
	tend signal --quiet base KILL
	world state top failed stopped
	run -0 tend why top
	[[ "$output" == *"base, to which it is bound, is gone"* ]]
	[ "$(order)" = "+base +top -top " ]
}

@test "PartOf=: stopped and restarted with it, not started" {
	local pid
	named base
	named part "PartOf=base.service"
	tend start --quiet base
	run -3 tend status part
	tend start --quiet part
	pid=$(world_pid part)
	tend restart --quiet base
	world changed part "$pid"
	tend stop --quiet base
	world state part stopped
}

@test "Conflicts=: the one stops the other, whichever names it, before it starts" {
	named one
	named two "Conflicts=one.service"
	tend start --quiet one
	tend start --quiet two
	[ "$(world_field one state) $(world_field two state)" = "stopped running" ]
	tend start --quiet one
	[ "$(world_field one state) $(world_field two state)" = "running stopped" ]
	[ "$(order)" = "+one -one +two -two +one " ]
	run -0 tend why two
	[[ "$output" == *"it conflicts with one"* ]]
}

@test "Before= and After= hold among those that are named in one command" {
	named one "Before=two.service"
	named two
	named three "After=two.service"
	tend start --quiet three two one
	[ "$(order)" = "+one +two +three " ]
	rm order
	tend restart --quiet two one three
	[ "$(order)" = "-three -two -one +one +two +three " ]
	rm order
	tend stop --quiet one three two
	[ "$(order)" = "-three -two -one " ]
}

@test "a circle of After= is named and nobody waits for ever" {
	named one "After=three.service"
	named two "After=one.service"
	named three "After=two.service"
	named four
	run -1 tend start one two three four
	[[ "$output" == *"one: the order of these units is a circle: one after three after two after one; take one After= or Before= out"* ]]
	[[ "$output" == *"four: running"* ]]
	[ "$(world_field one state)" = stopped ]
	tend start --quiet two # alone it waits for nobody
	tend start --quiet one
	tend start --quiet three
	tend stop --quiet one two three # in some order
	named five "Requires=six.service" "After=six.service"
	named six "Requires=five.service" "After=five.service"
	run -1 tend start five
	[[ "$output" == *"the order of these units is a circle: "*"five after six"* ]]
}

@test "a circle that comes about by two commands is cut" {
	program slow <<'SLOW'
#!/bin/sh
echo "+$1" >>order
read -r line <go
SLOW
	mkfifo go
	unit first <<-UNIT
		[Service]
		Type=oneshot
		RemainAfterExit=yes
		WorkingDirectory=$PWD
		ExecStart=$PWD/slow first
	UNIT
	named one "After=first.service two.service"
	named two "After=first.service one.service"
	tend start first >/dev/null 3>&- &
	world state first starting
	tend start one >/dev/null 3>&- &
	world state one starting
	tend start two >/dev/null 3>&- &
	world state two starting
	echo >go
	wait
	[ "$(world_field one state) $(world_field two state)" = "running running" ]
	grep -q "in a circle" "$TEND_HOME/run/tendd.log"
}

@test "OnFailure= and OnSuccess= start others" {
	named failed
	named done
	unit fails <<-UNIT
		[Unit]
		OnFailure=failed.service
		OnSuccess=done.service
		[Service]
		Type=oneshot
		ExecStart=/bin/sh -c 'exit \$CODE'
		Environment=CODE=3
	UNIT
	run -1 tend start fails
	world state failed running
	[ "$(world_field done state)" = stopped ]
	sed -i s/CODE=3/CODE=0/ "$TEND_HOME/config/fails.service"
	tend reload-units >/dev/null
	tend start --quiet fails
	world state done running
}

@test "run: --after and --requires" {
	named base
	run -0 tend run --quiet --name top --requires base -- sh -c 'echo +top >>order; exec sleep 1000'
	world line order +top
	[ "$(order)" = "+base +top " ]
	tend run --quiet --name late --after base -- sleep 1000
	tend stop --quiet base
	[ "$(world_field top state) $(world_field late state)" = "stopped running" ]
}
