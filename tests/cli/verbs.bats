# The other verbs with a real tendd: what they print, their JSON, their exit codes.
load ../lib/world
load ../lib/units
load ../lib/expect

setup() { world_start; }
teardown() { world_end; }

@test "start, stop, restart, reload of a unit file" {
	unit_service web 'ExecStart=/bin/sleep 1000'
	run tend start web
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} =~ ^web:\ running,\ pid\ [0-9]+$ ]]
	run tend start web.service
	[[ $output =~ ^web:\ runs\ already,\ running,\ pid\ [0-9]+$ ]]
	pid=$(world_pid web)
	run tend restart web
	[[ $output =~ ^web:\ restarted,\ running,\ pid\ [0-9]+$ ]]
	[ "$(world_pid web)" != "$pid" ]
	run tend reload web
	[ "$status" -eq 1 ]
	[[ $output == "tend: web: it has no ExecReload="* ]]
	run tend stop web
	[ "$status" -eq 0 ]
	[[ $output =~ ^web\ stopped\ in\ [0-9]+\ ms:\ 1\ process\ got\ SIGTERM$ ]]
	run tend stop web
	[ "$status" -eq 0 ]
	[ "$output" = "web stopped: it did not run" ]
	run tend reload web
	[ "$status" -eq 3 ]
	run tend signal web HUP
	[ "$status" -eq 3 ]
}

@test "several, globs, all, and one that is not there" {
	for name in a1 a2 b1; do
		unit_service "$name" 'ExecStart=/bin/sleep 1000'
	done
	run --separate-stderr tend start a1 nosuch b1
	[ "$status" -eq 4 ]
	[[ $output == $'a1: running, pid '*$'\nb1: running, pid '* ]]
	[[ $stderr == *"tend: nosuch: there is no such unit"* ]]
	tend start 'a*'
	[ "$(world_field a2 state)" = running ]
	run tend stop 'c*'
	[ "$status" -eq 4 ]
	tend stop --all
	[ "$(tend list --json | python3 -c 'import json, sys; print({u["state"] for u in json.load(sys.stdin)})')" = "{'stopped'}" ]
	run tend status a1
	[ "$status" -eq 3 ]
	run tend status nosuch
	[ "$status" -eq 4 ]
}

@test "JSON that programs rely on" {
	tend run --name web -- sleep 1000
	tend run --wait --name bad -- sh -c 'exit 3' || true
	tend run --wait --name killed -- sh -c 'kill -KILL $$' || true
	tend list --json >list
	tend status --json web >status
	tend stop --json web >stop
	python3 - <<'CHECK'
import json
units = {u["name"]: u for u in json.load(open("list"))}
for unit in units.values():
    assert {"name", "state", "why", "pid", "uptime", "restarts", "cpu", "memory", "tasks", "exit"} <= set(unit), unit
web, bad, killed = units["web"], units["bad"], units["killed"]
assert isinstance(web["pid"], int) and web["uptime"] >= 0 and web["exit"] is None and web["memory"] > 0, web
assert bad["pid"] is None and bad["exit"]["code"] == 3 and bad["exit"]["signal"] is None and bad["exit"]["known"], bad
assert killed["exit"]["code"] is None and killed["exit"]["signal"] == "SIGKILL", killed
status = json.load(open("status"))[0]
assert status["name"] == "web" and status["processes"][0]["pid"] == web["pid"], status
receipt = json.load(open("stop"))[0]
assert receipt["stopped"] and receipt["survivors"] == [] and receipt["killed"] == [] and receipt["ms"] >= 0, receipt
assert [(s["pid"], s["signal"]) for s in receipt["signalled"]] == [(web["pid"], "SIGTERM")], receipt
CHECK
}

@test "a brief list has what a table shows, and no nulls" {
	tend run --name up -- sleep 1000
	tend run --name over --wait -- true
	world call List '{"names": ["up", "over"], "brief": true}' | python3 -c '
import json, sys
units = {u["name"]: u for u in json.load(sys.stdin)["units"]}
assert None not in units["up"].values() and None not in units["over"].values()
assert {"state", "pid", "uptime", "memory", "restarts", "description"} <= set(units["up"]), units
assert "pid" not in units["over"] and units["over"]["state"] == "done", units
assert "invocation" not in units["up"]'
	tend list --json up | python3 -c '
import json, sys
[unit] = json.load(sys.stdin)
assert unit["invocation"] and unit["next_try"] is None and unit["tasks"] == 1, unit'
}

@test "delete forgets what run declared, and says what stays" {
	tend run --name gone -- sleep 1000
	run tend delete gone
	[ "$status" -eq 0 ]
	[[ $output =~ ^gone\ deleted\ in\ [0-9]+\ ms:\ 1\ process\ got\ SIGTERM$ ]]
	run tend status gone
	[ "$status" -eq 4 ]
	[ -d "$TEND_HOME/log/gone" ]
	tend run --name gone -- sleep 1000
	tend rm --logs gone
	[ ! -e "$TEND_HOME/log/gone" ]
	unit_service mine 'ExecStart=/bin/true'
	tend start mine
	run tend delete mine
	[ "$status" -eq 0 ]
	[[ $output == *"its file stays"* ]]
	[ -e "$TEND_HOME/config/mine.service" ]
}

@test "signal, to the main process or to all" {
	tend run --name s -- sh -c 'trap "echo main" USR1; (trap "echo child" USR1; echo ready; while :; do sleep 0.05; done) & while :; do sleep 0.05; done'
	world line "$(world_log s)" ready
	run tend signal s usr1
	[ "$status" -eq 0 ]
	[[ $output == "s: SIGUSR1 sent, running, pid "* ]]
	world line "$(world_log s)" main
	tend signal --whom all s SIGUSR1
	world line "$(world_log s)" child
	world line "$(world_log s)" main 2
}

@test "wait: down, up, and how it ended" {
	tend run --name quick -- sh -c 'exit 0'
	run tend wait quick
	[ "$status" -eq 0 ]
	[ "$output" = "quick: done, exit code 0" ]
	tend run --name slow -- sh -c 'while [ ! -e go ]; do sleep 0.05; done; exit 4'
	run tend wait --until up slow
	[ "$status" -eq 0 ]
	tend wait slow >got 2>&1 3>&- &
	waiting=$!
	: >go
	status=0
	wait "$waiting" || status=$?
	[ "$status" -eq 1 ]
	[ "$(cat got)" = "slow: failed, exit code 4" ]
}

@test "reset" {
	tend run --wait --name bad -- false || true
	[ "$(world_field bad state)" = failed ]
	run tend reset bad
	[ "$output" = "bad: reset, stopped" ]
	[ "$(world_field bad state)" = stopped ]
}

@test "events, as lines and as JSON" {
	tend run --name e -- sleep 1000
	tend events --json e >json 3>&- &
	watching=$!
	world line json '"name":""'
	tend stop e
	world line json '"state":"stopped"'
	kill "$watching"
	wait "$watching" || true
	python3 - <<'CHECK'
import json
events = [json.loads(line) for line in open("json")]
assert events[0]["name"] == "" and all(e["name"] == "e" for e in events[1:]), events
assert "stopping" in [e["state"] for e in events] and events[-1]["why"] == "asked", events
CHECK
	tend events >text 3>&- &
	watching=$!
	until tend start e >/dev/null && grep -q 'e: running' text; do
		tend stop e >/dev/null
	done
	kill "$watching"
	wait "$watching" || true
	grep -Eq '^[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]{3}  e: running, pid [0-9]+$' text
}

@test "list --watch draws again when something changes" {
	tend run --name w -- sleep 1000
	tend list --watch >drawn 3>&- &
	watching=$!
	world line drawn running
	tend stop w
	world line drawn stopped
	kill "$watching"
	wait "$watching"
}

@test "enable, disable, reload-units" {
	tend run --name keeps -- sleep 1000
	printf '[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=multi-user.target\n' | unit web
	run tend reload-units
	[ "$status" -eq 0 ]
	[[ $output == *"added: web"* ]]
	run tend reload-units
	[ "$output" = "nothing has changed" ]
	run tend enable web
	[ "$status" -eq 0 ]
	[ "$(world_field web enabled)" = True ]
	run tend disable web
	[ "$status" -eq 0 ]
	[ "$(world_field web enabled)" = False ]
	printf '[Service]\nNice=3\n' | unit web
	run tend reload-units
	[ "$status" -eq 1 ]
	[[ $output == *ExecStart* ]]
}

@test "check: a verdict for every setting, without tendd" {
	cat >odd.service <<'UNIT'
[Unit]
Description=odd
[Service]
ExecStart=/bin/sleep 1000
Slice=a.slice
Restrat=no
Nice=5
UNIT
	run tend check ./odd.service
	[ "$status" -eq 0 ]
	[[ $output == *"./odd.service:5: Slice= unsupported: there are no slices"* ]]
	[[ $output == *"./odd.service:6: Restrat= unknown: "*"Restart"* ]]
	[[ $output == *"odd: it can be started; 3 settings honoured, 2 to note"* ]]
	run tend check -v ./odd.service
	[[ $output == *"./odd.service:7: Nice= honoured: "* ]]
	tend check --json ./odd.service | python3 -c '
import json, sys
unit = json.load(sys.stdin)[0]
assert unit["ok"] and {s["verdict"] for s in unit["settings"]} == {"honoured", "unsupported", "unknown"}, unit'
	printf '[Service]\nNice=900\n' >bad.service
	run tend check ./bad.service
	[ "$status" -eq 1 ]
	[[ $output == *"it cannot be started"* ]]
	run tend check ./missing.service
	[ "$status" -eq 1 ]
	[[ $output == "tend: ./missing.service: No such file or directory" ]]
	run tend check nosuch
	[ "$status" -eq 4 ]
	[ ! -e "$TEND_HOME/run" ]
}

@test "status of a tree, and of tendd" {
	program_tree tree
	tend run --name tree --stop-timeout 200ms -- ./tree
	world line "$(world_log tree)" whole
	tend status tree >got
	[ "$(grep -c 'tree$\|tree [0-9]' got)" -ge 5 ]
	grep -q '^ *state running for ' got
	grep -q '^  whole$' got
	run tend status
	[ "$status" -eq 0 ]
	[[ $output == "tendd "*"units 1 running"* ]]
	run tend version
	[ "${#lines[@]}" -eq 2 ]
}

@test "upgrade: by the build that runs nothing is replaced, by another one nothing else changes" {
	tend run --name web -- sleep 1000
	pid=$(world_pid web)
	manager=$(world role manager)
	run -0 tend upgrade
	[[ "$output" == *"it runs already, nothing was replaced" ]]
	[ "$(world role manager)" = "$manager" ]
	cp "$TEND_BUILD/tendd" other
	run -0 tend upgrade ./other
	[ "$(world_pid web)" = "$pid" ]
	[ "$(world role manager)" != "$manager" ]
}
