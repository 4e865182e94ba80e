#!/usr/bin/env python3
"""tend beside procps and psmisc, in a zoo (zoo.py): what both look at stands still, so both must say the same.

    peers.py ps                  every field of `tend ps --json` that ps has too
    peers.py format aux|ef|ajx   the lines of both, to the letter
    peers.py find                pgrep's selectors and tend's: the same pids, the same exit codes"""
import json
import os
import subprocess
import sys
import time

ENV = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC")
ENV.pop("COLUMNS", None)
ZOO = {key[4:]: int(value) for key, value in os.environ.items() if key.startswith("ZOO_") and value.isdigit()}
WORDS = {"R": "running", "S": "sleeping", "D": "disk", "Z": "zombie", "T": "stopped", "t": "traced", "I": "idle"}
faults = []


def run(*words, codes=(0,)):
    done = subprocess.run(words, env=ENV, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in codes:
        sys.exit(f"peers.py: {words} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode(errors="replace"), done.returncode


def differ(what, theirs, ours):
    if theirs != ours:
        faults.append(f"{what}: {theirs!r} says the peer, {ours!r} says tend")


def ps():
    fields = "pid,ppid,pgid,sid,tname,s,euser,nlwp,rss,etimes"
    theirs = {}
    for line in run("ps", "-ewwo", fields)[0].splitlines()[1:]:
        words = line.split()
        theirs[int(words[0])] = words
    comm = {int(line.split(None, 1)[0]): line.split(None, 1)[1] for line in run("ps", "-ewwo", "pid,lstart")[0].splitlines()[1:]}
    ours = {p["pid"]: p for p in json.loads(run("tend", "ps", "--json")[0])}
    started = run("tend", "ps", "-o", "pid,started")[0]
    started = dict(line.split(None, 1) for line in started.splitlines()[1:])
    for key, pid in ZOO.items():
        if pid not in ours or pid not in theirs:
            faults.append(f"{key}, {pid}: seen by the peer: {pid in theirs}, by tend: {pid in ours}")
            continue
        peer, tend = theirs[pid], ours[pid]
        differ(f"{key}: ppid", int(peer[1]), tend["ppid"])
        differ(f"{key}: pgid", int(peer[2]), tend["pgid"])
        differ(f"{key}: sid", int(peer[3]), tend["sid"])
        differ(f"{key}: tty", None if peer[4] == "?" else peer[4], tend["tty"])
        differ(f"{key}: state", WORDS[peer[5]], tend["state"])
        differ(f"{key}: user", peer[6], tend["user"])
        differ(f"{key}: threads", int(peer[7]), tend["threads"])
        if abs(float(peer[9]) - tend["age"]) > 30:  # asked at two moments
            differ(f"{key}: age", float(peer[9]), tend["age"])
        begun = time.strptime(comm[pid].strip(), "%a %b %d %H:%M:%S %Y")
        mine = time.strptime(started[str(pid)].strip(), "%Y-%m-%d %H:%M:%S")
        if abs(time.mktime(begun) - time.mktime(mine)) > 1:  # the one cuts the second where the other rounds
            differ(f"{key}: start", comm[pid], started[str(pid)])


def lines(text, at):
    """of the zoo's processes, by pid; and the head"""
    found = {"head": text.splitlines()[0]}
    for line in text.splitlines()[1:]:
        words = line.split(None, at + 1)
        if len(words) > at and words[at].isdigit() and int(words[at]) in ZOO.values():
            found[int(words[at])] = line
    return found


def compare_format(name):
    word, at = {"aux": ("aux", 1), "ef": ("-ef", 1), "ajx": ("ajx", 1)}[name]
    long = ZOO["arguments"]  # ps cuts command lines at 128 KiB, tend shows all
    until = time.monotonic() + 60
    while True:  # the average over a life moves on between the two
        theirs, ours = lines(run("ps", word)[0], at), lines(run("tend", "ps", "--format", name)[0], at)
        cut = len(theirs.get(long, "")) - 1
        differ("a command line of 192 KiB", True, cut > 120 << 10 and len(ours[long]) > 192 << 10)
        theirs[long], ours[long] = theirs[long][:cut], ours[long][:cut]
        if theirs == ours or time.monotonic() > until:
            break
    if len(theirs) < len(set(ZOO.values())):
        faults.append(f"only {len(theirs)} lines of ps")
    for pid in theirs:
        differ(f"{name}: {pid}", theirs[pid], ours.get(pid))


def find():
    z = ZOO
    tty = os.readlink(f"/proc/{z['leader']}/fd/0")[len("/dev/"):]
    pairs = [
        (["-x", "plain"], ["plain"]),
        (["-x", "two words"], ["two words"]),
        (["-x", "fifteen-bytes-x"], ["fifteen-bytes-x"]),
        (["-x", "한글이름"], ["한글이름"]),
        (["-x", "sleep"], ["sleep"]),
        (["-x", "nosuchname"], ["nosuchname"]),
        (["sle"], ["-r", "sle"]),
        (["sle"], ["-r", "sle"]),
        (["^a\\) R"], ["-r", "^a\\) R"]),
        (["^....$"], ["-r", "^....$"]),
        (["-i", "PLAIN"], ["-ri", "PLAIN"]),
        (["-f", "sleep 100[123]"], ["-rf", "sleep 100[123]"]),
        (["-f", "한국어"], ["-rf", "한국어"]),
        (["-f", "0{1000}"], ["-rf", "0{1000}"]),
        (["-f", "^sleep"], ["-rf", "^sleep"]),
        (["-fx", "sleep 1001"], ["-rf", "^sleep 1001$"]),
        (["-t", tty], ["--tty", tty]),
        (["-s", str(z["leader"])], ["--session", str(z["leader"])]),
        (["-g", str(z["front"])], ["--group", str(z["front"])]),
        (["-P", str(z["leader"])], ["--parent", str(z["leader"])]),
        (["-P", "1", "-x", "sleep"], ["--parent", "1", "sleep"]),
        (["-r", "T", "."], ["--state", "T", "-r", "."]),
        (["-r", "Z", "."], ["--state", "zombie", "-r", "."]),
        (["-n", "-x", "sleep"], ["--newest", "-x", "sleep"]),
        (["-o", "-x", "sleep"], ["--oldest", "-x", "sleep"]),
        (["-n", "-P", "1", "-x", "sleep"], ["--newest", "-P", "1", "sleep"]),
        (["-v", "-x", "sleep"], ["-v", "-x", "sleep"]),
        (["--older", "0", "-x", "sleep"], ["--older", "0", "sleep"]),
        (["--older", "100000", "-x", "sleep"], ["--older", "100000", "sleep"]),
        (["-c", "-x", "sleep"], ["-c", "sleep"]),
        (["-d", ",", "-x", "sleep"], ["-d", ",", "sleep"]),
        (["-l", "-x", "sleep"], ["-l", "sleep"]),
        (["-a", "-f", "sleep 1001"], ["-a", "-f", "sleep 1001"]),
    ]
    if "nobody" in z:
        pairs += [
            (["-u", "nobody"], ["--user", "nobody"]),
            (["-u", "65534"], ["--user", "65534"]),
            (["-u", "nobody,root", "-x", "sleep"], ["--user", "nobody,root", "sleep"]),
        ]
    for theirs, ours in pairs:
        peer, tend = run("pgrep", *theirs, codes=(0, 1)), run("tend", "find", *ours, codes=(0, 1))
        differ(f"pgrep {theirs}, tend find {ours}", peer, tend)
    differ("wrong usage", 2, run("tend", "find", codes=(2,))[1])
    differ("a wrong pattern", run("pgrep", "[", codes=(2,))[1], run("tend", "find", "-r", "[", codes=(2,))[1])


{"ps": ps, "format": compare_format, "find": find}[sys.argv[1]](*sys.argv[2:])
for fault in faults:
    print(fault)
sys.exit(bool(faults))
