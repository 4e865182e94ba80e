# ExecCondition= to ExecStopPost=: when each runs, what it is told, what its failure means; the prefixes.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

@test "before, after, on stop and after the end, in order" {
	unit_service it "Type=exec" "WorkingDirectory=$PWD" "ExecCondition=/bin/sh -c 'echo condition >>order'" \
		"ExecStartPre=/bin/sh -c 'echo pre1 >>order'" "ExecStartPre=/bin/sh -c 'echo pre2 >>order'" \
		"ExecStart=/bin/sleep 1000" "ExecStartPost=/bin/sh -c 'echo post \$MAINPID >>order'" \
		"ExecStop=/bin/sh -c 'echo stop \$MAINPID >>order'" "ExecStopPost=/bin/sh -c 'echo stop-post >>order'"
	run -0 tend start it
	local pid
	pid=$(world_pid it)
	run -0 tend stop it
	[ "$(cat order)" = "condition
pre1
pre2
post $pid
stop $pid
stop-post" ]
}

@test "a condition that says no skips the start, one that breaks fails it" {
	unit_service no "Type=exec" "WorkingDirectory=$PWD" "ExecCondition=/bin/sh -c 'exit 1'" \
		"ExecStart=/bin/sleep 1000" "ExecStartPre=/bin/touch pre" "ExecStopPost=/bin/sh -c 'echo \$SERVICE_RESULT >>no.result'"
	unit_service bad "Type=exec" "ExecCondition=/bin/sh -c 'exit 255'" "ExecStart=/bin/sleep 1000"
	run tend start no
	[ "$(world_field no state)" = stopped ]
	[ "$(world_field no why)" = condition ]
	[ ! -e pre ]
	run -1 tend start bad
	[ "$(world_field bad state)" = failed ]
}

@test "a failure before the start fails it, one with - does not" {
	unit_service bad "Type=exec" "WorkingDirectory=$PWD" "ExecStartPre=/bin/false" "ExecStart=/bin/touch never"
	unit_service fine "Type=exec" "ExecStartPre=-/bin/false" "ExecStart=/bin/sleep 1000"
	run -1 --separate-stderr tend start bad
	[[ "$stderr" == *bad* ]]
	[ "$(world_field bad why)" = exit-code ]
	[ ! -e never ]
	run -0 tend start fine
	[ "$(world_field fine state)" = running ]
}

@test "a failure after the start takes it down" {
	unit_service it "Type=exec" "WorkingDirectory=$PWD" "ExecStart=/bin/sleep 1000" \
		"ExecStartPost=/bin/sh -c 'echo \$MAINPID >main; exit 4'"
	run -1 tend start it
	world state it failed
	[ ! -d "/proc/$(cat main)" ]
}

@test "the prefixes - @ :" {
	unit_service minus "Type=oneshot" "ExecStart=-/bin/sh -c 'exit 9'"
	run -0 tend start minus
	[ "$(world_field minus state)" = "done" ]
	unit_service at "Type=oneshot" "WorkingDirectory=$PWD" "ExecStart=@/bin/sh another-name -c 'echo \$0 >zero; cat /proc/\$\$\$\$/cmdline >line'"
	unit_service colon "Type=oneshot" "WorkingDirectory=$PWD" "Environment=WORD=expanded" \
		"ExecStart=/bin/sh -c 'echo \"\$1\" >>words' - \$WORD" "ExecStart=:/bin/sh -c 'echo \"\$1\" >>words' - \$WORD"
	tend reload-units
	run -0 tend start at
	[ "$(tr '\0' '\n' <line | head -n 1)" = another-name ]
	run -0 tend start colon
	[ "$(cat words)" = "expanded
\$WORD" ]
}

@test "ExecReload runs with MAINPID, its failure is told, and the service goes on" {
	unit_service it "Type=exec" "WorkingDirectory=$PWD" "ExecStart=/bin/sleep 1000" \
		"ExecReload=/bin/sh -c 'echo \$MAINPID >>reloads; [ ! -e broken ]'"
	run -0 tend start it
	local pid
	pid=$(world_pid it)
	run -0 tend reload it
	[ "$(cat reloads)" = "$pid" ]
	: >broken
	run -1 --separate-stderr tend reload it
	[[ "$stderr" == *it* ]]
	[ "$(world_field it state)" = running ]
	[ "$(world_pid it)" = "$pid" ]
}

@test "without ExecReload a reload says so" {
	unit_service it "Type=exec" "ExecStart=/bin/sleep 1000"
	tend start --quiet it
	run -1 --separate-stderr tend reload it
	[[ "$stderr" == *"it has no ExecReload="* ]]
	[ "$(world_field it state)" = running ]
}

@test "ExecStopPost is told how it ended" {
	program tells <<<$'#!/bin/sh\necho "$SERVICE_RESULT $EXIT_CODE $EXIT_STATUS" >>"$1"'
	unit_service code "WorkingDirectory=$PWD" "ExecStart=/bin/sh -c 'exit 3'" "ExecStopPost=$PWD/tells code.told"
	unit_service signal "WorkingDirectory=$PWD" "LimitCORE=0" "ExecStart=/bin/sh -c 'kill -SEGV \$\$\$\$'" \
		"ExecStopPost=$PWD/tells signal.told"
	unit_service well "WorkingDirectory=$PWD" "ExecStart=/bin/true" "ExecStopPost=$PWD/tells well.told"
	unit_service asked "Type=exec" "WorkingDirectory=$PWD" "ExecStart=/bin/sleep 1000" "ExecStopPost=$PWD/tells asked.told"
	tend start --quiet code signal well asked || [ $? -eq 1 ]
	tend stop --quiet asked
	world state code failed
	world state signal failed
	world state well "done"
	[ "$(cat code.told)" = "exit-code exited 3" ]
	[ "$(cat signal.told)" = "signal killed SEGV" ]
	[ "$(cat well.told)" = "success exited 0" ]
	[ "$(cat asked.told)" = "success killed TERM" ]
}

@test "ExecStop that is not enough is followed by a signal" {
	unit_service it "Type=exec" "WorkingDirectory=$PWD" "ExecStart=/bin/sleep 1000" "ExecStop=/bin/touch asked"
	tend start --quiet it
	local pid
	pid=$(world_pid it)
	run -0 tend stop --json it
	[ -e asked ]
	[[ "$output" == *SIGTERM* ]]
	[ ! -d "/proc/$pid" ]
}
