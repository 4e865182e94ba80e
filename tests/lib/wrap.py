#!/usr/bin/env python3
"""Pids that come round while `tend kill` chooses among them. PID 1 of a PID namespace with a small pid_max.

    wrap.py TIMES        `tend kill -x victim`, so often. Each time it is stopped after a random moment; meanwhile the victims that it
                         may have seen die, and their pids go to innocents that have the same age and user and parent. Then it goes on.
                         Prints what was counted; status 1 when an innocent was signalled, or when nothing was tested"""
import ctypes
import os
import random
import signal
import subprocess
import sys
import time

PID_MAX, VICTIMS = 360, 20  # the kernel keeps those below 300 for itself once they have gone round
libc = ctypes.CDLL(None)


def name(text):
    libc.prctl(15, text.encode(), 0, 0, 0)


def born(kind, read, write):
    """a child that lives until the other side of the pipe is closed"""
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.close(write)
        name(kind)
        os.read(read, 1)
        os._exit(0)
    return pid


class Breed:
    def __init__(self):
        self.hit = {"victim": 0, "innocent": 0}
        self.swapped, self.span = 0, 0.01

    def end(self, pids, kind, write):
        os.close(write)
        for pid in pids:
            status = os.waitpid(pid, 0)[1]
            self.hit[kind] += status != 0

    def round(self):
        read, write = os.pipe()
        victims = [born("victim", read, write) for _ in range(VICTIMS)]
        killer = subprocess.Popen(["tend", "kill", "-y", "-s", "TERM", "-x", "victim"], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.random() * self.span)
        os.kill(killer.pid, signal.SIGSTOP)
        os.close(read)
        self.end(victims, "victim", write)
        self.innocents(killer, set(victims))

    def innocents(self, killer, wanted):
        read, write = os.pipe()
        found = []
        for _ in range(2 * PID_MAX):  # once round and more
            pid = os.fork()
            if pid == 0:
                if os.getpid() not in wanted:
                    os._exit(0)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                os.close(write)
                name("innocent")
                os.read(read, 1)
                os._exit(0)
            if pid in wanted:
                found.append(pid)
                wanted.discard(pid)
            else:
                os.waitpid(pid, 0)
            if not wanted:
                break
        self.swapped += len(found)
        for pid in found:
            while open(f"/proc/{pid}/comm").read() != "innocent\n" and os.waitpid(pid, os.WNOHANG)[0] == 0:
                time.sleep(0.001)
        os.close(read)
        os.kill(killer.pid, signal.SIGCONT)
        code = killer.wait()
        if code not in (0, 1):
            sys.exit(f"tend kill ended with {code}")
        self.end(found, "innocent", write)


def main(times):
    with open("/proc/sys/kernel/pid_max", "w") as file:
        file.write(str(PID_MAX))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    breed = Breed()
    begun = time.monotonic()
    subprocess.run(["tend", "kill", "-n", "-x", "victim"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    breed.span = (time.monotonic() - begun) * 1.2  # how long one takes here
    for _ in range(times):
        breed.round()
    print(f"{breed.hit} were hit; {breed.swapped} times an innocent had a victim's pid")
    return breed.hit["innocent"] > 0 or breed.swapped < times * VICTIMS // 2


sys.exit(main(int(sys.argv[1])))
