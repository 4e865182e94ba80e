#!/usr/bin/env python3
"""What a test of whole programs cannot say in bash. All of it means the tend of TEND_HOME.

    world.py call METHOD [JSON]            one call; the parameters of the reply, or the error and status 1
    world.py role keeper|manager|logger    its pid
    world.py kill ROLE...                  SIGKILL; returns when they have ended
    world.py state NAME STATE...           returns when NAME is in one of the states (of `tend list`, or its detail)
    world.py changed NAME OLDPID           returns when the main process of NAME is another one than OLDPID; prints it
    world.py ended PID...                  returns when these have ended
    world.py line FILE TEXT [COUNT]        returns when FILE has COUNT lines (1) that contain TEXT
    world.py alive WORD                    pids of live processes that carry WORD in their environment, a line each
    world.py left                          whatever is left of this world: processes and sockets; status 1 if anything
    world.py end                           SIGTERM to the keeper; returns when all roles have ended

Nothing waits longer than 60 s; who waits for long says so and has status 1."""
import json
import os
import select
import signal
import socket
import sys
import time

LIMIT = 60
HOME = os.environ.get("TEND_HOME", "")
DEADLINE = time.monotonic() + LIMIT


def fail(text):
    print(f"world.py: {text}", file=sys.stderr)
    sys.exit(1)


def pause(what):
    if time.monotonic() > DEADLINE:
        fail(f"waited {LIMIT} s for {what}")
    time.sleep(0.02)


class Wire:
    def __init__(self):
        """through a directory's descriptor: the path may be longer than an address has room for"""
        self.buffer = b""
        run = os.open(os.path.join(HOME, "run"), os.O_PATH | os.O_DIRECTORY)
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.settimeout(LIMIT)
            self.socket.connect(f"/proc/self/fd/{run}/socket")
        finally:
            os.close(run)

    def send(self, method, parameters=None, more=False):
        message = {"method": f"io.tend.{method}", "parameters": parameters or {}, "more": more}
        self.socket.sendall(json.dumps(message).encode() + b"\0")

    def receive(self):
        while b"\0" not in self.buffer:
            piece = self.socket.recv(1 << 16)
            if not piece:
                raise ConnectionError("the connection broke")
            self.buffer += piece
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)


def call(method, parameters=None):
    while True:
        try:
            wire = Wire()
            wire.send(method, parameters)
            return wire.receive()
        except OSError:
            pause(f"an answer to {method}")


def roles():
    return call("Info")["parameters"]


def open_pidfd(pid):
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return -1


def await_end(fds, what):
    for fd in fds:
        if fd >= 0:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            if not poll.poll(max(0, DEADLINE - time.monotonic()) * 1000):
                fail(f"waited {LIMIT} s for the end of {what}")
            os.close(fd)


def kill(names, number):
    while True:
        known = roles()
        pids = [known[name] for name in names]
        if all(pid > 0 for pid in pids):
            break
        pause(f"{' and '.join(names)}, which tend is starting again")
    fds = [open_pidfd(pid) for pid in pids]
    for fd in fds:
        if fd >= 0:
            try:
                signal.pidfd_send_signal(fd, number)
            except ProcessLookupError:
                pass
    await_end(fds, " and ".join(names))


def unit(name):
    units = call("List", {"names": [name]}).get("parameters", {}).get("units", [])
    return next((u for u in units if u["name"] == name), None)


def await_state(name, wanted):
    """first says watch, then looks, then watches: so nothing is missed"""
    while True:
        try:
            wire = Wire()
            wire.send("Watch", {"names": [name]}, more=True)
            wire.receive()
            now = unit(name)
            if now and now["state"] in wanted:
                return
            status = call("Status", {"name": name}).get("parameters", {}).get("status", {})
            if status.get("detail") in wanted:
                return
            while True:
                wire.socket.settimeout(max(0.01, DEADLINE - time.monotonic()))
                event = wire.receive()["parameters"]
                if event["state"] in wanted or event["detail"] in wanted:
                    return
        except OSError:
            if time.monotonic() > DEADLINE:
                fail(f"waited {LIMIT} s for {name} to be {' or '.join(wanted)}; it is {unit(name)}")
            time.sleep(0.02)


def await_change(name, old):
    while True:
        now = unit(name)
        if now and now["pid"] and now["pid"] != old:
            return now["pid"]
        pause(f"another main process of {name} than {old}")


def processes(word):
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            variables = open(f"/proc/{entry}/environ", "rb").read().split(b"\0")
            state = open(f"/proc/{entry}/stat").read().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if state not in "ZX" and word.encode() in variables:
            found.append(int(entry))
    return found


def of_this_world():
    """all but ourselves and those who called us: a test has TEND_HOME in its environment too"""
    found = set(processes(f"TEND_HOME={HOME}"))
    pid = os.getpid()
    while pid > 1:
        found.discard(pid)
        try:
            pid = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
        except OSError:
            break
    mine = set()
    for pid in found:  # other children of the test itself (bats' own, a pipe's other side)
        try:
            command = open(f"/proc/{pid}/cmdline", "rb").read()
        except OSError:
            mine.add(pid)
            continue
        if b"bats" in command:
            mine.add(pid)
    return sorted(found - mine)


def describe(pid):
    try:
        return f"{pid} " + open(f"/proc/{pid}/cmdline", "rb").read().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return str(pid)


def left():
    until = time.monotonic() + 10  # an orphan's end takes its reaper a moment
    while of_this_world() and time.monotonic() < until:
        time.sleep(0.02)
    found = [describe(pid) for pid in of_this_world()]
    for pid in of_this_world():
        os.kill(pid, signal.SIGKILL)
    if os.path.exists(os.path.join(HOME, "run", "socket")):
        found.append("run/socket")
    return found


def await_line(path, text, count):
    while True:
        try:
            lines = open(path, errors="replace").read().split("\n")[:-1]
        except OSError:
            lines = []
        if sum(text in line for line in lines) >= count:
            return
        pause(f"'{text}' in {path}, which says: {lines[-5:]}")


def main(verb, *words):
    if verb == "call":
        reply = call(words[0], json.loads(words[1]) if len(words) > 1 else {})
        print(json.dumps(reply.get("parameters", {}) if "error" not in reply else reply))
        return 1 if "error" in reply else 0
    if verb == "role":
        print(roles()[words[0]])
    elif verb == "kill":
        kill(words, signal.SIGKILL)
    elif verb == "state":
        await_state(words[0], words[1:])
        if {"done", "failed", "stopped"} & set(words[1:]):
            call("Why", {"name": words[0]})  # answered when what it wrote until then is in its log
    elif verb == "changed":
        print(await_change(words[0], int(words[1])))
    elif verb == "ended":
        await_end([open_pidfd(int(pid)) for pid in words], " ".join(words))
    elif verb == "line":
        await_line(words[0], words[1], int(words[2]) if len(words) > 2 else 1)
    elif verb == "alive":
        for pid in processes(words[0]):
            print(pid)
    elif verb == "left":
        found = left()
        for text in found:
            print(f"left behind: {text}")
        return 1 if found else 0
    elif verb == "end":
        pids = roles()
        fds = [open_pidfd(pids[name]) for name in ("keeper", "manager", "logger")]
        os.kill(pids["keeper"], signal.SIGTERM)
        await_end(fds, "tendd")
    else:
        fail(f"no such verb: {verb}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        fail(__doc__)
    sys.exit(main(*sys.argv[1:]))
