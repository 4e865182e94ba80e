# nets: a service in each state, and what must hold of it whoever of tend's processes was killed. Needs world.bash, units.bash.
#
#     nets_start                      brings "it" of each state there: starting running stopping waiting restarting
#     nets_strike ROLE...             kills; the next command works
#     nets_same                       each is in its state, the same process
#     nets_finish ROLE...             each goes on and ends as it would have: ran once, exact exit, whole output

NETS="starting running stopping waiting restarting"

# a program that notes each of its runs, writes numbered lines, tells when TERM came, and ends by the word it is given
nets_program()
{
	program it <<'IT'
#!/usr/bin/env python3
import os, select, signal, socket, sys

name, ready, deaf = sys.argv[1], "ready" in sys.argv, "deaf" in sys.argv
wake, woken = os.pipe()
count = 0

def asked(*_):
    if not deaf:
        os._exit(0)
    os.write(woken, b"T")

signal.signal(signal.SIGTERM, asked)
with open(f"{name}.runs", "a") as f:
    f.write(f"{os.getpid()}\n")
words = os.open(f"{name}.fifo", os.O_RDWR)
while True:
    os.write(1, b"line %d\n" % count)
    count += 1
    for fd in select.select([words, wake], [], [], 0.01)[0]:
        if fd == wake:
            os.read(wake, 100)
            with open(f"{name}.asked", "a") as f:
                f.write("asked\n")
            continue
        word = os.read(words, 100).decode().strip()
        if word == "ready":
            path = os.environ["NOTIFY_SOCKET"]
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.connect("\0" + path[1:] if path[0] == "@" else path)
            s.send(b"READY=1")
        else:
            with open(f"{name}.count", "a") as f:
                f.write(f"{count}\n")
            os._exit(int(word))
IT
}

nets_start()
{
	local name

	nets_program
	for name in $NETS; do
		mkfifo "$name.fifo"
	done
	unit_service starting "Type=notify" "WorkingDirectory=$PWD" "ExecStart=$PWD/it starting"
	unit_service running "Type=exec" "WorkingDirectory=$PWD" "ExecStart=$PWD/it running"
	unit_service stopping "Type=exec" "WorkingDirectory=$PWD" "ExecStart=$PWD/it stopping deaf"
	unit_service waiting "Type=exec" "Restart=always" "RestartSec=1h" "WorkingDirectory=$PWD" \
		"ExecStart=$PWD/it waiting"
	unit_service restarting "Type=exec" "WorkingDirectory=$PWD" "ExecStart=$PWD/it restarting deaf"
	tend start --quiet running stopping waiting restarting
	tend start --quiet starting 3>&- &
	nets_starter=$!
	world line starting.runs ""
	world state starting start
	tend stop --json stopping >receipt 3>&- &
	nets_stopper=$!
	tend restart --quiet restarting 3>&- &
	nets_restarter=$!
	world line stopping.asked asked
	world line restarting.asked asked
	echo 3 >waiting.fifo
	world state waiting waiting
	world line running.runs ""
	for name in starting running stopping restarting; do
		declare -g "nets_$name=$(cat $name.runs)"
	done
	nets_next_try=$(world_field waiting next_try)
	nets_same
}

nets_strike() # ROLE...
{
	world kill "$@"
	run -0 tend list # starts tendd where all of it is gone
}

nets_same()
{
	local name pid

	tend list --json >list.json
	python3 - "$nets_starting" "$nets_running" "$nets_stopping" "$nets_restarting" "$nets_next_try" <<'CHECK'
import json, sys
pids = dict(zip(("starting", "running", "stopping", "restarting"), map(int, sys.argv[1:5])))
units = {unit["name"]: unit for unit in json.load(open("list.json"))}
assert set(units) == {*pids, "waiting"}, units
for name, unit in units.items():
    assert unit["state"] == {"restarting": "stopping"}.get(name, name), unit
    assert unit["pid"] == pids.get(name), (unit, pids)
    assert unit["restarts"] == 0, unit
assert abs(units["waiting"]["next_try"] - float(sys.argv[5])) < 600, (units["waiting"], sys.argv[5])
assert units["waiting"]["exit"] == {"code": 3, "signal": None, "core": False, "known": True, "oom": False}, units["waiting"]
CHECK
	for name in $NETS; do
		[ "$(wc -l <$name.runs)" -eq 1 ]
	done
	for pid in "$nets_starting" "$nets_running" "$nets_stopping" "$nets_restarting"; do
		[ -d "/proc/$pid" ]
	done
}

nets_finish() # ROLE...: those that were killed
{
	# starting: becomes ready, and then ends. Opening a fifo waits for the one who reads it
	echo ready >starting.fifo
	wait "$nets_starter"
	echo 11 >starting.fifo
	echo 12 >running.fifo
	# stopping: ends in its own way, and the stop succeeds
	echo 13 >stopping.fifo
	wait "$nets_stopper"
	# waiting: its next start comes, by hand
	tend start --quiet waiting
	echo 14 >waiting.fifo
	world state waiting waiting
	tend stop --quiet waiting
	# restarting: the old one ends, another one begins
	echo 15 >restarting.fifo
	wait "$nets_restarter"
	echo 16 >restarting.fifo
	tend wait --quiet $NETS || [ $? -eq 1 ]

	tend why --json $NETS >why.json # what was written is in the log then
	nets_check "$@"
}

# exits are exact, or unknown, though never wrong, where the kernel cannot tell them of a process that is not the keeper's child
# any more; the output of all runs, of each the lines from 0 to what it counted, is in the log
nets_check() # ROLE...: those that were killed
{
	python3 - "$TEND_HOME/log" "$@" <<'CHECK'
import glob, json, os, sys
logs, killed = sys.argv[1], sys.argv[2:]
told = {unit["name"]: unit for unit in json.load(open("why.json"))}
release = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
may_be_unknown = "keeper" in killed and release < (6, 15)

ends = {"starting": [(11, True)], "running": [(12, True)], "stopping": [(13, True)], "waiting": [(3, False), (14, False)],
        "restarting": [(15, True), (16, False)]}  # the code, and whether it lived while they were killed
states = {"starting": "failed", "running": "failed", "stopping": "stopped", "waiting": "stopped", "restarting": "failed"}

def lines(path):
    return open(path).read().split("\n")[:-1]

for name, codes in ends.items():
    unit = told[name]
    runs = sorted(unit["runs"], key=lambda run: run["run"])
    assert unit["state"] == states[name], unit
    assert [str(run["pid"]) for run in runs] == lines(f"{name}.runs"), (unit, lines(f"{name}.runs"))
    assert len(runs) == len(codes), unit
    for run, (code, lived) in zip(runs, codes):
        end = run["exit"]
        if may_be_unknown and lived and not end["known"]:
            assert end["code"] is None and end["signal"] is None, unit
        else:
            assert end == {"code": code, "signal": None, "core": False, "known": True, "oom": False}, unit
    got = "".join(open(path).read() for path in sorted(glob.glob(f"{logs}/{name}/*.log")) + [f"{logs}/{name}/current"])
    want = "".join(f"line {i}\n" for count in lines(f"{name}.count") for i in range(int(count)))
    if got != want:
        got, want = got.split("\n"), want.split("\n")
        at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
        sys.exit(f"{name}: {len(got)} lines, {len(want)} were written; line {at}: {got[at:at + 3]}, not {want[at:at + 3]}")
assert json.load(open("receipt"))[0]["stopped"] is True
CHECK
}

nets_end() # what a failed test left waits for a word that will not come
{
	local pid

	for pid in $(cat "$BATS_TEST_TMPDIR"/*.runs 2>/dev/null); do
		if grep -qs "$BATS_TEST_TMPDIR/it" "/proc/$pid/cmdline"; then
			kill -KILL "$pid"
		fi
	done
}

nets_test() # ROLE...: once, and again
{
	nets_start
	nets_strike "$@"
	nets_same
	nets_strike "$@"
	nets_same
	nets_finish "$@"
}
