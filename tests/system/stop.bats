# The receipt: what `tend stop` reports to have stopped is gone, all of it; what is not is named and fails the command.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

receipt() # JSON PYTHON: one receipt as r; what the test says of it must be true
{
	python3 - "$1" "$2" <<'CHECK'
import json, sys
r, = json.loads(sys.argv[1])
assert {"name", "ok", "stopped", "signalled", "killed", "survivors", "ms", "state"} <= set(r), r
assert isinstance(r["ms"], int) and r["ms"] >= 0, r
for entry in r["signalled"] + r["killed"] + r["survivors"]:
    assert isinstance(entry["pid"], int) and isinstance(entry["command"], str) and entry["signal"].startswith("SIG"), entry
def pids(key): return sorted(entry["pid"] for entry in r[key])
assert eval(sys.argv[2]), (sys.argv[2], r)
CHECK
}

# a service that ignores TERM and has a child that does not; both write their pids into it.pids
deaf()
{
	program deaf <<'DEAF'
#!/usr/bin/env python3
import os, signal
child = os.fork()
if child == 0:
    signal.pause()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open("it.pids", "w") as f:
    f.write(f"{os.getpid()}\n{child}\n")
print("up", flush=True)
while True:
    signal.pause()
DEAF
	tend run --quiet --name it --stop-timeout 100ms "$@" -- ./deaf
	world line "$(world_log it)" up
	main=$(sed -n 1p it.pids)
	child=$(sed -n 2p it.pids)
}

tree_is_gone()
{
	local pid

	program_tree tree
	tend run --quiet --name tree --stop-timeout 200ms --env TREE=ours -- ./tree
	world line "$(world_log tree)" whole
	[ "$(world alive TREE=ours | wc -l)" -eq 5 ]
	run -0 tend stop --json tree
	[ -z "$(world alive TREE=ours)" ]
	receipt "$output" 'r["ok"] and r["stopped"] and len(r["signalled"]) == 5 and len(r["killed"]) == 1 and not r["survivors"]'
	receipt "$output" 'set(pids("killed")) < set(pids("signalled")) and r["name"] == "tree" and r["state"] == "stopped"'
	receipt "$output" 'all(e["signal"] == "SIGTERM" for e in r["signalled"]) and r["killed"][0]["signal"] == "SIGKILL"'
}

@test "stop: a tree of five is gone, by its cgroup" {
	world_tendd
	[[ "$(world call Info)" == *'"kin": "cgroup"'* ]] || skip "there is no cgroup v2 that can be written here"
	tree_is_gone
}

@test "stop: a tree of five is gone, without a cgroup" {
	world_plain
	tree_is_gone
	[[ "$(world call Info)" != *'"kin": "cgroup"'* ]]
}

@test "stop: the receipt in words" {
	deaf
	run -0 --separate-stderr tend stop it
	[[ "$output" == "it stopped in "*"ms: 2 processes got SIGTERM, 1 needed SIGKILL (pid $main"* ]]
	[ "$(world_field it state)" = stopped ]
	[ "$(world_field it why)" = asked ]
}

@test "stop: KillMode=mixed asks main and kills the rest" {
	program mixed <<'MIXED'
#!/usr/bin/env python3
import os, signal, sys
child = os.fork()
if child == 0:
    signal.pause()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("up", child, flush=True)
while True:
    signal.pause()
MIXED
	tend run --quiet --name it -p KillMode=mixed -- ./mixed
	world line "$(world_log it)" up
	main=$(world_pid it)
	child=$(cut -d' ' -f2 "$(world_log it)")
	run -0 tend stop --json it
	receipt "$output" "pids('signalled') == [$main] and pids('killed') == [$child] and not r['survivors']"
	world ended "$child"
}

@test "stop: KillMode=process stops main only" {
	deaf -p KillMode=process -p KillSignal=SIGINT # python: KeyboardInterrupt
	run tend stop --json it
	world ended "$main"
	[ -d "/proc/$child" ]
	receipt "$output" "pids('signalled') == [$main] and not r['killed']"
	kill -KILL "$child"
	world ended "$child"
}

@test "stop: KillMode=none signals nobody, and what does not end survives" {
	deaf -p KillMode=none
	run -1 --separate-stderr tend stop --json it
	receipt "$output" "not r['signalled'] and not r['killed'] and pids('survivors') == sorted([$main, $child])"
	receipt "$output" "not r['ok'] and not r['stopped']"
	[[ "$stderr" == *"it: NOT stopped: 2 processes are still alive"* ]]
	[ -d "/proc/$main" ]
	kill -KILL "$main" "$child"
	world ended "$main" "$child"
}

@test "stop: SendSIGKILL=no leaves what ignores the signal, and says so" {
	deaf -p SendSIGKILL=no
	run -1 --separate-stderr tend stop --json it
	receipt "$output" "not r['killed'] and pids('survivors') == [$main] and not r['ok'] and not r['stopped']"
	[[ "$stderr" == *"it: NOT stopped: 1 process is still alive (pid $main "* ]]
	[ "$(world_field it state)" = failed ]
	[ "$(world_field it why)" = survivors ]
	kill -KILL "$main"
	world ended "$main"
}

@test "stop: what may not be signalled survives, and fails the stop" {
	[ "$(id -u)" = 0 ] || skip "only root can make a process of another user"
	world_plain
	# a set-uid copy of another user's that becomes this user wholly
	cp "$(command -v setpriv)" other
	chown 65533:65533 other
	chmod 4755 other
	tend run --quiet --name it --stop-timeout 100ms -- sh -c './other --reuid=65533 sleep 1000 & wait'
	local other="" until=$((SECONDS + 60))
	while [ -z "$other" ]; do
		[ "$SECONDS" -lt "$until" ]
		other=$(tend status --json it | python3 -c 'import json, sys
status = json.load(sys.stdin)
status = status[0] if isinstance(status, list) else status
print(next((p["pid"] for p in status["processes"] if p["command"].startswith("sleep")), ""))')
	done
	if [ "$(stat -c %u "/proc/$other")" != 65533 ]; then
		tend stop it
		skip "set-uid programs gain nothing here"
	fi
	run -1 --separate-stderr tend stop --json it
	receipt "$output" "not r['ok'] and not r['stopped'] and pids('survivors') == [$other]"
	[[ "$stderr" == *"it: NOT stopped: 1 process is still alive (pid $other sleep 1000)"* ]]
	[ "$(world_field it state)" = failed ]
	[ "$(world_field it why)" = survivors ]
	kill -KILL "$other"
	world ended "$other"
	run -0 tend stop it
}
