#!/usr/bin/env python3
"""Processes of all kinds in a PID namespace of their own, and a command that looks at them.

    zoo.py COMMAND...     is PID 1 there; COMMAND has in its environment the pid of each kind, ZOO_NAME; its exit status is ours.
                          With ZOO_STORM=1 children are forked and end beside it all the time, sixteen at once at most

What stands still stays as it is until the command has ended: so two programs that look must see the same."""
import ctypes
import os
import pty
import signal
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_NAME, PR_SET_PDEATHSIG = 15, 1
ZOO = {}


def wait():
    while True:
        signal.pause()


def name(text):
    libc.prctl(PR_SET_NAME, text if isinstance(text, bytes) else text.encode(), 0, 0, 0)


def animal(act, *more):
    """a child that does something, tells what it has to tell (a pid, else its own) and waits"""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read)
            said = act(*more)
            os.write(write, str(said or os.getpid()).encode() + b"\n")
            os.close(write)
            wait()
        finally:
            os._exit(99)
    os.close(write)
    text = os.read(read, 100)
    os.close(read)
    if not text:
        sys.exit(f"zoo.py: {act} failed")
    return int(text)


def program(argv, env=None, path="/bin/sleep", before=None):
    """an executed program: there when the kernel has its new command line"""
    pid = os.fork()
    if pid == 0:
        if before:
            before()
        if argv == [""]:  # which python would not
            libc.execve(path.encode(), (ctypes.c_char_p * 2)(b"", None), (ctypes.c_char_p * 1)(None))
        os.execve(path, argv, os.environ if env is None else env)
    wanted = b"\0".join(os.fsencode(a) for a in argv) + b"\0"
    until = time.monotonic() + 60
    while open(f"/proc/{pid}/cmdline", "rb").read() != wanted or os.readlink(f"/proc/{pid}/exe") == os.readlink("/proc/self/exe"):
        if time.monotonic() > until:
            sys.exit(f"zoo.py: {path} {argv} does not run")
        time.sleep(0.005)
    return pid


def until_state(pid, states):
    until = time.monotonic() + 60
    while open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] not in states:
        if time.monotonic() > until:
            sys.exit(f"zoo.py: {pid} is not in {states}")
        time.sleep(0.005)


def nicer(by):
    os.nice(by)


def has_zombie():
    name("neglectful")
    pid = os.fork()
    if pid == 0:
        name("unburied")
        os._exit(3)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    return pid


def orphan():
    read, write = os.pipe()
    leader = os.fork()
    if leader == 0:
        os.setsid()
        if os.fork() == 0:
            while os.getppid() != 1:
                time.sleep(0.005)
            name("left behind")
            os.write(write, str(os.getpid()).encode())
            wait()
        os._exit(0)
    os.waitpid(leader, 0)
    return int(os.read(read, 100))


def has_threads():
    name("weaver")
    for _ in range(3):
        threading.Thread(target=wait_thread, daemon=True).start()
    while len(os.listdir("/proc/self/task")) < 4:
        time.sleep(0.005)


def wait_thread():
    name("thread (1)")
    threading.Event().wait()


def on_terminal():
    """a session on a terminal of its own: a shell-like leader, a group in front and one behind"""
    pid, master = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        name("leader")
        front = os.fork()
        if front == 0:
            os.setpgid(0, 0)
            name("in front")
            wait()
        back = os.fork()
        if back == 0:
            os.setpgid(0, 0)
            name("behind")
            wait()
        for child in (front, back):
            try:
                os.setpgid(child, child)
            except OSError:
                pass
        os.tcsetpgrp(0, front)
        os.write(1, f"{front} {back}\n".encode())
        wait()
    front, back = map(int, os.read(master, 100).split())
    os.set_inheritable(master, False)
    for child, text in ((front, "in front"), (back, "behind")):
        while open(f"/proc/{child}/comm").read() != text + "\n":
            time.sleep(0.005)
    return pid, front, back, master


def build():
    names = {"plain": "plain", "words": "two words", "bracket": "a) R 1 1 (", "line": "new\nline", "fifteen": "fifteen-bytes-x",
             "korean": "한글이름", "blank": " ", "escape": "\x1b[31mred"}
    for key, text in names.items():
        ZOO[key] = animal(name, text)
    ZOO["nameless"] = animal(name, "")
    ZOO["zombie"] = animal(has_zombie)
    ZOO["orphan"] = orphan()
    ZOO["stopped"] = animal(name, "halted")
    os.kill(ZOO["stopped"], signal.SIGSTOP)
    until_state(ZOO["stopped"], "T")
    ZOO["threads"] = animal(has_threads)
    ZOO["session"] = animal(os.setsid)
    ZOO["group"] = animal(os.setpgid, 0, 0)
    ZOO["leader"], ZOO["front"], ZOO["behind"], ZOO["master"] = on_terminal()
    ZOO["nice"] = animal(nicer, 7)
    ZOO["emptyargv"] = program([""], path="/bin/cat", before=silent_input)
    ZOO["environment"] = program(["sleep", "1001"], env={f"V{i}": "x" * (100 << 10) for i in range(20)})
    ZOO["arguments"] = program(["sleep", "1002"] + ["0" * (64 << 10)] * 3)
    ZOO["odd"] = program(["sleep", "1003", "0.0", "0" + "0" * 30])
    ZOO["shell"] = program(["/bin/sh", "-c", "read -r line", "한국어", "tab\there", "new\nline", b"bad\xff"], path="/bin/sh",
                           before=silent_input)
    copy = os.path.join(os.environ.get("BATS_TEST_TMPDIR", "/tmp"), "deleted-program-with-a-long-name")
    with open("/bin/sleep", "rb") as source, open(copy, "wb") as target:
        target.write(source.read())
    os.chmod(copy, 0o755)
    ZOO["deleted"] = program([copy, "1004"], path=copy)
    os.unlink(copy)
    if os.geteuid() == 0 and not os.environ.get("ZOO_MAPPED"):
        ZOO["keen"] = animal(nicer, -3)
        ZOO["nobody"] = animal(os.setresuid, 65534, 65534, 65534)
        ZOO["acting"] = animal(os.setresuid, 1, 65534, 0)


def silent_input():
    """nothing will ever come, and no end of file either"""
    read, write = os.pipe()
    os.dup2(read, 0)
    os.set_inheritable(write, True)


def storm():
    """until the command has ended: children that end at once, and children of theirs"""
    while True:
        for _ in range(16):
            if os.fork() == 0:
                if os.fork() == 0:
                    os._exit(0)
                os._exit(0)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


def main():
    build()
    environment = dict(os.environ, **{f"ZOO_{key}": str(value) for key, value in ZOO.items() if key != "master"})
    if os.environ.get("ZOO_STORM"):
        pid = os.fork()
        if pid == 0:
            name("storm")
            storm()
        environment["ZOO_storm"] = str(pid)
    sys.stdout.flush()
    command = os.fork()
    if command == 0:
        os.closerange(3, 256)
        os.setpgid(0, 0)
        os.execvpe(sys.argv[1], sys.argv[1:], environment)
    while True:
        pid, status = os.wait()
        if pid == command:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)


main()
