#!/usr/bin/env python3
"""compare-ss FILE: the JSON of `tend ports --all -t -u -x` against `ss`, both of this network namespace, where nothing
moves meanwhile. With --no-peers ends of unix sockets are not compared."""
import json
import re
import subprocess
import sys

STATES = {"LISTEN": "listening", "ESTAB": "connected", "TIME-WAIT": "time-wait", "UNCONN": "bound", "SYN-SENT": "opening",
          "CLOSE-WAIT": "closing", "FIN-WAIT-2": "closing", "FIN-WAIT-1": "closing", "LAST-ACK": "closing"}
KINDS = {"u_str": "unix", "u_dgr": "unix-dgram", "u_seq": "unix-seq"}


def split(address):
    host, port = address.rsplit(":", 1)
    host = "*" if host in ("0.0.0.0", "[::]", "*") else host
    return host, port


def holders(text):
    return tuple(sorted((int(pid), int(fd)) for pid, fd in re.findall(r"pid=(\d+),fd=(\d+)", text)))


def told_by_ss():
    out = subprocess.run(["ss", "-Hnatuxpe"], capture_output=True, text=True, check=True).stdout
    found = set()
    for line in out.splitlines():
        word = line.split()
        if word[0] in KINDS:
            path = None if word[4] == "*" else word[4]
            state = STATES[word[1]] if word[1] != "UNCONN" else "bound" if path else "unbound"
            found.add((KINDS[word[0]], state, path, None, holders(line)[:1]))
            continue
        # an address of the sixth kind may be for both; ss writes it as *
        kind = word[0] + ("6" if "[" in word[4] or word[4].startswith("*:") else "")
        local, remote = split(word[4]), split(word[5])
        found.add((kind, STATES[word[1]], local, None if remote[1] == "*" else remote, holders(line)[:1]))
    return found


def told_by_tend(path):
    found = set()
    for socket in json.load(open(path)):
        holder = tuple((p["pid"], p["fd"]) for p in socket["processes"][:1])
        if socket["protocol"].startswith("unix"):
            found.add((socket["protocol"], socket["state"], socket["path"], None, holder))
            continue
        remote = None if socket["remote"] is None else (socket["remote"], str(socket["remote_port"]))
        found.add((socket["protocol"], socket["state"], (socket["local"], str(socket["port"])), remote, holder))
    return found


ss, tend = told_by_ss(), told_by_tend(sys.argv[1])
if ss != tend:
    print("only ss:", *sorted(map(str, ss - tend)), sep="\n  ")
    print("only tend:", *sorted(map(str, tend - ss)), sep="\n  ")
    sys.exit(1)
print(len(ss))
