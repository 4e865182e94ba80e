# More of stopping: asked for from within, in order, of what waits, of several, again.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

@test "stop from within: the command is not killed half-way" {
	tend run --quiet --name it -- sh -c 'tend stop --json it >receipt.json; echo not reached >after'
	world state it stopped
	[ "$(world_field it why)" = asked ]
	[ "$(world_field it exit)" = '{"code": null, "signal": "SIGTERM", "core": false, "known": true, "oom": false}' ]
	world line receipt.json ']'
	python3 -c 'import json
r, = json.load(open("receipt.json"))
assert r["name"] == "it" and r["ok"] is True and not r["survivors"], r'
	[ ! -e after ]
}

@test "stop from within: a shell that traps TERM ends in its own way" {
	tend run --quiet --name it -- sh -c 'trap "echo trapped; exit 5" TERM; tend stop it; echo "stop said $?"; exit 6'
	world state it stopped failed
	tend why it >/dev/null
	[ "$(world_field it why)" = asked ]
	[ "$(world_field it exit)" = '{"code": 5, "signal": null, "core": false, "known": true, "oom": false}' ]
	[[ "$(tail -n 1 "$(world_log it)")" = trapped ]]
}

@test "stop: in the reverse order of After=" {
	program it <<'IT'
#!/bin/sh
trap 'echo "$1" >>order; exit 0' TERM
echo up
while :; do
	sleep 1000 &
	wait
done
IT
	local name
	unit_service one "Type=exec" "WorkingDirectory=$PWD" "ExecStart=$PWD/it one"
	for name in two:one three:two; do
		unit "${name%:*}" <<-UNIT
			[Unit]
			After=${name#*:}
			[Service]
			Type=exec
			WorkingDirectory=$PWD
			ExecStart=$PWD/it ${name%:*}
		UNIT
	done
	tend start --quiet one two three
	for name in one two three; do
		world line "$(world_log $name)" up
	done
	tend stop --quiet one two three
	[ "$(cat order)" = "three
two
one" ]
}

@test "stop: what waits for its next start is stopped without a process" {
	tend run --quiet --name it --restart always -p BackoffFirstSec= -p RestartSec=1h -- sh -c 'echo ran; exit 3'
	world state it waiting
	run -0 tend stop --json it
	[[ "$output" == *'"signalled": []'* ]]
	[[ "$output" == *'"stopped": true'* ]]
	[ "$(world_field it state)" = stopped ]
	[ "$(world_field it next_try)" = None ]
	[ "$(cat "$(world_log it)")" = ran ]
}

@test "stop: several, globs, again, and what is not there" {
	tend run --quiet --name web --instances 3 -- sleep 1000
	tend run --quiet --name other -- sleep 1000
	run -0 tend stop 'web@*'
	[ "${#lines[@]}" -eq 3 ]
	[ "$(world_field other state)" = running ]
	run -0 tend stop web@1 other # one is stopped already: that is fine
	run -4 --separate-stderr tend stop nonesuch
	[[ "$stderr" == *"nonesuch: there is no such unit"* ]]
	run -4 --separate-stderr tend stop othr
	[[ "$stderr" == *"did you mean other?"* ]]
	run -4 tend stop 'no*'
}

@test "stop: two at once, both hear the end" {
	mkfifo go
	tend run --quiet --name it -- sh -c 'trap "echo asked; read line <go; exit 0" TERM; echo up; while :; do sleep 1000 & wait; done'
	world line "$(world_log it)" up
	tend stop it >first 3>&- &
	local first=$!
	world line "$(world_log it)" asked
	# the second call has been read when one that came after it is answered
	python3 -B - >second <<-SECOND
		import sys
		sys.path.insert(0, "$WORLD_LIB")
		from world import Wire
		stop, look = Wire(), Wire()
		stop.send("Stop", {"names": ["it"]})
		look.send("List")
		look.receive()
		open("go", "w").write("now\\n")
		print(stop.receive())
	SECOND
	wait "$first"
	grep -q "^it stopped in .* SIGTERM" first
	grep -q "'signal': 'SIGTERM'" second
	[ "$(world_field it state)" = stopped ]
	tend start --quiet it
	world line "$(world_log it)" up 2
	echo now >go & # a receipt tells of one stop
	run -0 tend stop --json it
	wait
	[ "$(grep -c SIGTERM <<<"$output")" -le 2 ]
}

@test "stop: whoever asked may leave, the stop goes on" {
	mkfifo go
	tend run --quiet --name it -- sh -c 'trap "echo asked; read line <go; exit 0" TERM; echo up; while :; do sleep 1000 & wait; done'
	world line "$(world_log it)" up
	tend stop it >first 3>&- &
	local first=$!
	world line "$(world_log it)" asked
	kill -KILL "$first"
	wait "$first" || true
	echo now >go
	world state it stopped
	[ "$(world_field it why)" = asked ]
}

@test "stop: KillMode=process tells what it leaves, none what it did not stop" {
	program leaves <<'LEAVES'
#!/bin/sh
sleep 1001 &
echo up
exec sleep 1000
LEAVES
	local mode
	for mode in process none; do
		unit_service "$mode" "ExecStart=$PWD/leaves" "KillMode=$mode" TimeoutStopSec=1h
		tend start --quiet "$mode"
		world line "$(world_log "$mode")" up
	done
	run -0 tend stop process
	[[ "$output" == "process stopped in "*"1 process got SIGTERM; 1 left alive (pid "*"sleep 1001) (KillMode=process)" ]]
	run -1 --separate-stderr tend stop --json none
	python3 -c 'import json, os, sys
r, = json.loads(sys.argv[1])
assert not r["ok"] and not r["signalled"] and not r["left"] and r["ms"] < 600000, r
assert sorted(p["command"] for p in r["survivors"]) == ["sleep 1000", "sleep 1001"], r
for p in r["survivors"]:
    os.kill(p["pid"], 9)' "$output"
	[ "$(world_field process state) $(world_field none state)" = "stopped failed" ]
	run -3 tend status --json process
	python3 -c 'import json, os, sys
p, = json.loads(sys.argv[1])[0]["processes"]
os.kill(p["pid"], 9)' "$output"
}

@test "stop: ExecStop, ExecStopPost, their output and their order" {
	unit_service it "Type=exec" "ExecStart=/bin/sh -c 'echo up; read line <$PWD/go; echo told; exit 0'" \
		"ExecStop=/bin/sh -c 'echo stop \$MAINPID >$PWD/stop; echo >$PWD/go; while kill -0 \$MAINPID 2>/dev/null; do sleep 0.05; done'" \
		"ExecStopPost=/bin/sh -c 'echo post \$SERVICE_RESULT \$EXIT_CODE \$EXIT_STATUS'"
	mkfifo go
	tend start --quiet it
	world line "$(world_log it)" up
	local main
	main=$(world_pid it)
	tend stop --quiet it
	[ "$(cat stop)" = "stop $main" ]
	tend why it >/dev/null
	[ "$(cat "$(world_log it)")" = "up
told
post success exited 0" ]
}
