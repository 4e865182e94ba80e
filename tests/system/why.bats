# `tend why`: how the last run ended, who or what ended it, what it wrote last, and what comes next.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

# the answer of `tend why --json NAME` as w and its newest run as r: each PYTHON must be true
why()
{
	tend why --json "$1" >"$BATS_TEST_TMPDIR/why.json"
	shift
	python3 - "$BATS_TEST_TMPDIR/why.json" "$@" <<'CHECK'
import json, sys
w, = json.load(open(sys.argv[1]))
r = w["runs"][0] if w["runs"] else None
for told in w["runs"]:
    e = told["exit"]
    if e and e["known"]:
        assert (e["code"] is None) != (e["signal"] is None), e
for text in sys.argv[2:]:
    assert eval(text), (text, json.dumps(w, indent=1))
CHECK
}

ends() # NAME WORDS...: runs it and waits for its end
{
	local name=$1

	shift
	tend run --quiet --name "$name" "$@"
	tend wait --quiet "$name" || [ $? -eq 1 ]
}

@test "why: an exit code, and the last lines" {
	ends it -- sh -c 'for i in 1 2 3 4 5 6 7; do echo "line $i"; done; printf "no newline"; exit 3'
	why it 'w["state"] == "failed" and w["why"] == "exit-code" and w["next_try"] is None' \
		'r["exit"] == {"code": 3, "signal": None, "core": False, "known": True, "oom": False}' \
		'r["why"] == "exit-code" and r["run"] == 1 and r["ended"] >= r["started"] and r["by"] is None' \
		'r["lines"] == ["line 4", "line 5", "line 6", "line 7", "no newline"]' \
		'r["cpu"] is not None and r["peak_memory"] > 0'
	run -0 tend why it
	[[ "$output" == *"it is failed (exit-code)"* ]]
	[[ "$output" == *"next: it stays down until it is started"* ]]
	[[ "$output" == *"exit code 3"* ]]
	[[ "$output" == *"| line 7"* ]]
	[[ "$output" != *"| line 3"* ]]
}

@test "why: it ended well" {
	ends it -- true
	why it 'w["state"] == "done" and w["why"] is None and r["exit"]["code"] == 0 and r["lines"] == []'
}

@test "why: a signal" {
	ends it -- sh -c 'ulimit -c 0; echo last; kill -SEGV $$'
	why it 'w["why"] == "signal" and r["why"] == "signal"' \
		'r["exit"] == {"code": None, "signal": "SIGSEGV", "core": False, "known": True, "oom": False}' \
		'r["lines"] == ["last"]'
	run -0 tend why it
	[[ "$output" == *SIGSEGV* ]]
}

@test "why: a signal with a core" {
	# where the kernel pipes or names cores is the machine's affair; here it must be a file in the directory
	[[ "$(cat /proc/sys/kernel/core_pattern)" != */* && "$(cat /proc/sys/kernel/core_pattern)" != \|* ]] ||
		skip "cores are not written to the directory here: $(cat /proc/sys/kernel/core_pattern)"
	[ "$(ulimit -H -c)" = unlimited ] || skip "cores are limited to $(ulimit -H -c) here"
	ends it --limit core=infinity -- sh -c 'kill -ABRT $$'
	why it 'w["why"] == "core" and r["exit"]["core"] is True and r["exit"]["signal"] == "SIGABRT"'
	run -0 tend why it
	[[ "$output" == *"SIGABRT (core dumped)"* ]]
}

@test "why: killed from outside" {
	tend run --quiet --name it -- sleep 1000
	kill -KILL "$(world_pid it)"
	world state it failed
	why it 'w["why"] == "signal" and r["exit"]["signal"] == "SIGKILL" and r["by"] is None'
}

@test "why: asked, and by whom" {
	tend run --quiet --name it -- sleep 1000
	tend stop --quiet it
	why it 'w["state"] == "stopped" and w["why"] == "asked" and r["why"] == "asked"' \
		"r['by'].startswith('uid $(id -u), tend stop --quiet it (pid ')" 'r["exit"]["signal"] == "SIGTERM"'
	run -0 tend why it
	[[ "$output" == *"uid $(id -u), tend stop --quiet it"* ]]
}

@test "why: what runs, and its runs before" {
	tend run --quiet --name it -- sh -c 'echo "I am $$"; exec sleep 1000'
	world line "$(world_log it)" "I am"
	local first
	first=$(world_pid it)
	# what is written at the very moment of a restart may be told of the run before: here all is told first
	tend stop --quiet it
	tend why it >/dev/null
	tend start --quiet it
	world line "$(world_log it)" "I am" 2
	why it 'w["state"] == "running" and w["why"] is None and [r["run"] for r in w["runs"]] == [2, 1]' \
		"w['runs'][0]['pid'] == $(world_pid it) and w['runs'][0]['ended'] is None and w['runs'][0]['exit'] is None" \
		"w['runs'][0]['lines'] == ['I am $(world_pid it)'] and w['runs'][1]['lines'] == ['I am $first']" \
		"w['runs'][1]['pid'] == $first and w['runs'][1]['why'] == 'asked'"
	run -0 tend why --runs 1 it
	[[ "$output" == *"run 2"*"has been running"* ]]
	[[ "$output" != *"run 1,"* ]]
}

@test "why: a start that took too long" {
	unit_service it "Type=notify" "TimeoutStartSec=200ms" "ExecStart=/bin/sh -c 'echo begun; exec sleep 1000'"
	run -1 tend start it
	why it 'w["state"] == "failed" and w["why"] == "timeout" and r["why"] == "timeout" and not r["up"]'
	run -0 tend why it
	[[ "$output" == *"too long"* ]]
}

@test "why: RuntimeMaxSec" {
	ends it --timeout 100ms -- sleep 1000
	why it 'w["why"] == "runtime" and r["why"] == "runtime" and r["up"] and r["exit"]["signal"] == "SIGTERM"'
	run -0 tend why it
	[[ "$output" == *"RuntimeMaxSec="* ]]
}

@test "why: the watchdog" {
	unit_service it "Type=exec" "WatchdogSec=200ms" "ExecStart=/bin/sleep 1000" "LimitCORE=0"
	tend start --quiet it
	world state it failed
	why it 'w["why"] == "watchdog" and r["why"] == "watchdog" and r["exit"]["signal"] == "SIGABRT"'
	run -0 tend why it
	[[ "$output" == *"WatchdogSec="* ]]
}

@test "why: started too often" {
	unit it <<-'UNIT'
		[Unit]
		StartLimitBurst=3
		StartLimitIntervalSec=1h
		[Service]
		Type=exec
		Restart=always
		RestartSec=0
		ExecStart=/bin/sh -c 'echo dying; exit 3'
	UNIT
	tend start --quiet it
	world state it failed
	why it 'w["why"] == "start-limit" and [r["run"] for r in w["runs"]] == [3, 2, 1]' \
		'all(r["exit"]["code"] == 3 for r in w["runs"]) and sum((r["lines"] for r in w["runs"]), []) == 3 * ["dying"]' \
		'"tend reset it" in w["next"]'
	run -1 --separate-stderr tend start it
	[ -n "$stderr" ]
	tend reset it
	[ "$(world_field it state)" = stopped ]
	tend start --quiet it
}

@test "why: a dependency" {
	unit_service bad "Type=oneshot" "ExecStart=/bin/false"
	unit it <<-'UNIT'
		[Unit]
		Requires=bad.service
		After=bad.service
		[Service]
		Type=exec
		ExecStart=/bin/sleep 1000
	UNIT
	run -1 --separate-stderr tend start it
	[[ "$stderr" == *bad* ]]
	why it 'w["state"] == "failed" and w["why"] == "dependency"' '"bad" in (w["text"] or "")'
	why bad 'w["why"] == "exit-code" and r["exit"]["code"] == 1'
}

@test "why: it could not be executed" {
	unit_service it "ExecStart=/no/such/program"
	run -1 --separate-stderr tend start it
	[[ "$stderr" == *"/no/such/program: No such file or directory"* ]]
	why it 'w["state"] == "failed" and w["why"] == "exec"' \
		'"/no/such/program: No such file or directory" in (w["text"] or "") + (r["text"] or "")'
	unit_service there "WorkingDirectory=/no/such" "ExecStart=/bin/true"
	run -1 --separate-stderr tend start there
	[[ "$stderr" == *"chdir to /no/such: No such file or directory"* ]]
}

@test "why: ExecCondition said no" {
	unit_service it "Type=exec" "ExecCondition=/bin/false" "ExecStart=/bin/sleep 1000"
	run tend start it
	why it 'w["state"] == "stopped" and w["why"] == "condition"'
}

@test "why: it ended before it was ready" {
	unit_service it "Type=notify" "ExecStart=/bin/sh -c 'echo leaving; exit 0'"
	run -1 tend start it
	why it 'w["state"] == "failed" and w["why"] == "protocol" and r["exit"]["code"] == 0 and r["lines"] == ["leaving"]'
}

@test "why: a pause before the next try, and when" {
	tend run --quiet --name it --restart on-failure -p BackoffFirstSec= -p RestartSec=1h -- sh -c 'echo ran; exit 4'
	world state it waiting
	why it 'w["state"] == "waiting" and w["why"] == "exit-code" and r["exit"]["code"] == 4' \
		'3000 < w["next_try"] - r["ended"] < 3700'
	[ "$(world_field it next_try)" != None ]
	run -0 tend why it
	[[ "$output" == *"next: "* ]]
}

@test "why: no run yet, no unit" {
	unit_service it "ExecStart=/bin/true"
	world_tendd
	why it 'w["state"] == "stopped" and w["runs"] == []'
	run -0 tend why it
	[[ "$output" == *"it has not run yet"* ]]
	run -4 --separate-stderr tend why nonesuch
	[ -z "$output" ]
}
