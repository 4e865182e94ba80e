# The pause before a service is started again, limits of starts, and which exits count as what.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

@test "RestartSec: it waits, shown with the time of the next try; a start does not wait for it" {
	unit_service it "Restart=always" "RestartSec=1h" "WorkingDirectory=$PWD" "ExecStart=/bin/sh -c 'echo x >>runs; exit 3'"
	tend start --quiet it || [ $? -eq 1 ]
	world state it waiting
	[ "$(world_field it next_try)" != None ]
	run -0 tend list it
	[[ "$output" == *waiting* ]]
	tend start --quiet it || [ $? -eq 1 ]
	world line runs "" 2
	world state it waiting
	run -0 tend stop it
	[ "$(world_field it state)" = stopped ]
	[ "$(world_field it next_try)" = None ]
}

@test "RestartSteps: the pause grows to RestartMaxDelaySec" {
	unit_service it "Type=exec" "Restart=always" "RestartSec=1ms" "RestartSteps=2" "RestartMaxDelaySec=1h" \
		"WorkingDirectory=$PWD" "ExecStart=/bin/sh -c 'echo x >>runs; exit 3'"
	tend start --quiet it || [ $? -eq 1 ]
	# 1 ms, then 1.9 s, then an hour
	world line runs "" 3
	world state it waiting
	tend why --json it >why.json
	python3 - <<'CHECK'
import json
w, = json.load(open("why.json"))
assert w["next_try"] - w["runs"][0]["ended"] > 1000, w
CHECK
	[ "$(world_field it restarts)" = 2 ]
}

@test "back-off: the pause doubles up to its greatest, with the time of the next try" {
	tend run --quiet --name it --restart always -p BackoffFirstSec=1ms -p BackoffMaxSec=1h -p BackoffResetSec=1h -- \
		sh -c 'echo x >>runs; exit 3' || [ $? -eq 1 ]
	world line runs "" 10 # after 1 + 2 + ... + 256 ms, more or less
	world state it waiting
	tend why --json --runs 10 it >why.json
	python3 - <<'CHECK'
import json
w, = json.load(open("why.json"))
if w["next_try"] is not None: # it may be the moment of the next start
    pause = w["next_try"] - w["runs"][0]["ended"]
    assert 0.3 < pause < 3600, w
assert all(run["exit"]["code"] == 3 for run in w["runs"] if run["ended"]), w
CHECK
	[ "$(world_field it why)" = exit-code ]
}

@test "reset: a failure and its counters are forgotten, and what waits starts anew by hand" {
	unit it <<-UNIT
		[Unit]
		StartLimitBurst=2
		StartLimitIntervalSec=1h
		[Service]
		Restart=always
		RestartSec=1ms
		WorkingDirectory=$PWD
		ExecStart=/bin/sh -c 'echo x >>runs; exit 3'
	UNIT
	tend start --quiet it || [ $? -eq 1 ]
	world state it failed
	[ "$(world_field it why)" = start-limit ]
	[ "$(wc -l <runs)" -eq 2 ]
	run -1 --separate-stderr tend start it
	[[ "$stderr" == *StartLimit* ]] || [[ "$stderr" == *"tend reset it"* ]]
	[ "$(wc -l <runs)" -eq 2 ]
	run -0 tend reset it
	[ "$(world_field it state)" = stopped ]
	[ "$(world_field it restarts)" = 0 ]
	tend start --quiet it || [ $? -eq 1 ]
	world line runs "" 4
	world state it failed
}

@test "StartLimitIntervalSec=0: no limit" {
	unit it <<-UNIT
		[Unit]
		StartLimitIntervalSec=0
		[Service]
		Restart=always
		RestartSec=1ms
		WorkingDirectory=$PWD
		ExecStart=/bin/sh -c 'echo x >>runs; [ "\$(wc -l <runs)" -lt 8 ] || exec sleep 1000; exit 3'
	UNIT
	tend start --quiet it || [ $? -eq 1 ]
	world line runs "" 8
	world state it running
	[ "$(world_field it restarts)" = 7 ]
}

@test "RestartPreventExitStatus and RestartForceExitStatus" {
	unit_service prevent "Restart=always" "RestartSec=1ms" "RestartPreventExitStatus=7 SIGUSR1" "ExecStart=/bin/sh -c 'exit 7'"
	unit_service signal "Restart=always" "RestartSec=1ms" "RestartPreventExitStatus=7 SIGUSR1" \
		"ExecStart=/bin/sh -c 'kill -USR1 \$\$\$\$'"
	unit_service force "Restart=no" "RestartSec=1ms" "RestartForceExitStatus=7" "WorkingDirectory=$PWD" \
		"ExecStart=/bin/sh -c 'echo x >>runs; [ \"\$(wc -l <runs)\" -lt 2 ] || exec sleep 1000; exit 7'"
	tend start --quiet prevent signal force || [ $? -eq 1 ]
	world state prevent failed
	world state signal failed
	world line runs "" 2
	world state force running
	[ "$(world_field prevent restarts) $(world_field signal restarts) $(world_field force restarts)" = "0 0 1" ]
}

@test "SuccessExitStatus: codes and signals that are a success" {
	unit_service code "SuccessExitStatus=7 TEMPFAIL SIGUSR1" "ExecStart=/bin/sh -c 'exit 7'"
	unit_service name "SuccessExitStatus=7 TEMPFAIL SIGUSR1" "ExecStart=/bin/sh -c 'exit 75'"
	unit_service signal "SuccessExitStatus=7 TEMPFAIL SIGUSR1" "ExecStart=/bin/sh -c 'kill -USR1 \$\$\$\$'"
	unit_service other "SuccessExitStatus=7 TEMPFAIL SIGUSR1" "ExecStart=/bin/sh -c 'exit 8'"
	tend start --quiet code name signal other || [ $? -eq 1 ]
	for name in code name signal; do
		world state "$name" "done"
	done
	world state other failed
}

@test "RuntimeMaxSec ends what runs longer, and Restart= begins it anew" {
	unit_service it "Type=exec" "Restart=on-failure" "RestartSec=1ms" "RuntimeMaxSec=200ms" "WorkingDirectory=$PWD" \
		"ExecStart=/bin/sh -c 'echo x >>runs; exec sleep 1000'"
	tend start --quiet it
	world line runs "" 2
	tend why --json it | grep -q '"runtime"'
	run -0 tend stop it
}

@test "TimeoutStartSec ends a start, also the commands before it" {
	unit_service pre "Type=exec" "TimeoutStartSec=200ms" "ExecStartPre=/bin/sleep 1000" "ExecStart=/bin/sleep 1000"
	unit_service once "Type=oneshot" "TimeoutStartSec=200ms" "ExecStart=/bin/sleep 1000"
	unit_service fork "Type=forking" "TimeoutStartSec=200ms" "ExecStart=/bin/sleep 1000"
	run -1 tend start pre once fork
	for name in pre once fork; do
		[ "$(world_field $name state)" = failed ]
		[ "$(world_field $name why)" = timeout ]
	done
}
