"""nohup PROGRAM...: what this nohup does in every situation that matters to it, in lines that can be compared with those of
another one. A situation: which of the three descriptors is a terminal, a file or closed; whether nohup.out can be written
here, and in HOME; POSIXLY_CORRECT; the words on the command line. Each line names the situation, the exit code, what was said
on the terminal or in the error file, and every file with its mode and text. What the command itself saw is part of it: it
tells what its descriptors are and whether SIGHUP is ignored."""
import itertools
import os
import pty
import shutil
import signal
import sys
import tempfile

COMMAND = """
import os, signal, sys
def what(fd):
    try:
        name = os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return "closed"
    flags = int(open(f"/proc/self/fdinfo/{fd}").read().split("flags:")[1].split()[0], 8) & (os.O_ACCMODE | os.O_APPEND)
    return ("tty" if name.startswith("/dev/pts") else os.path.basename(name)) + f":{flags:o}"
text = f"in {what(0)} out {what(1)} err {what(2)} hup {signal.getsignal(signal.SIGHUP) == signal.SIG_IGN} more {what(3)}\\n"
open(sys.argv[1], "w").write(text)
for fd in (1, 2):
    try:
        os.write(fd, b"to %d\\n" % fd)
    except OSError:
        pass
"""


def prepare(master_slave, kinds, place):
    """in the child: descriptors as the situation has them, the directory where it is"""
    master, slave = master_slave
    os.setsid()
    high = os.dup2(slave, 60)
    for fd, kind in enumerate(kinds):
        if kind == "tty":
            os.dup2(high, fd)
        elif kind == "file":
            flags = os.O_RDONLY if fd == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
            opened = os.open("/dev/null" if fd == 0 else f"{place}/given{fd}", flags, 0o644)
            if opened != fd:
                os.dup2(opened, fd)
                os.close(opened)
            else:
                os.set_inheritable(fd, True)
        else:
            os.close(fd)
    os.closerange(3, 100)


def run(program, kinds, place, here, home, words, posix):
    master, slave = pty.openpty()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        if home:
            environment["HOME"] = home
        if posix:
            environment["POSIXLY_CORRECT"] = "1"
        os.umask(0o022)
        os.chdir(here)
        if os.path.basename(here) == "gone":
            os.rmdir(here)
        prepare((master, slave), kinds, place)
        try:
            os.execve(program[0], [os.path.basename(program[0])] + program[1:] + words, environment)
        finally:
            os._exit(99)
    os.close(slave)
    said = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # the last one who had the terminal open is gone
            break
        if not piece:
            break
        said += piece
    os.close(master)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode(errors="replace").replace("\r\n", "|")


def files(place):
    found = []
    for root, _, names in sorted(os.walk(place)):
        for name in sorted(names):
            path = os.path.join(root, name)
            text = open(path, errors="replace").read().replace("\n", "|")
            found.append(f"{os.path.relpath(path, place)} {os.stat(path).st_mode & 0o7777:o} <{text}>")
    return found


def situation(program, kinds, where, home, words, posix=False):
    place = tempfile.mkdtemp()
    here = f"{place}/{where}"
    os.mkdir(here)
    homes = {"home": f"{place}/home", "slash": f"{place}/home/", "none": None, "bad": f"{place}/missing", "quote": f"{place}/it's"}
    if homes[home] and home != "bad":
        os.mkdir(homes[home])
    words = [word.replace("@", f"{place}/saw") for word in words]
    code, said = run(program, kinds, place, here, homes[home], words, posix)
    known = "".join(f"\n    {line}" for line in files(place))
    print(f"{' '.join(kinds)}, {where}, HOME {home}, {words[:1]}{' posix' if posix else ''}: {code} [{said}]{known}".replace(place, "DIR"))
    shutil.rmtree(place)


def main(program):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    python = [sys.executable, "-c", COMMAND, "@"]
    for kinds in itertools.product(("tty", "file", "closed"), repeat=3):
        situation(program, kinds, "here", "home", python)
    for kinds in (("tty", "tty", "tty"), ("file", "tty", "file"), ("file", "closed", "tty"), ("tty", "file", "tty")):
        for home in ("home", "slash", "none", "bad", "quote"):
            situation(program, kinds, "gone", home, python)  # nothing can be made in a directory that is gone
    for kinds in (("tty", "tty", "tty"), ("file", "file", "file")):
        for words in ([], ["--"], ["--", "true"], ["-x"], ["--what"], ["/nowhere/at/all"], ["no-such-program"], ["/etc/passwd"],
                      ["/"], ["false"], ["it's"], ["-", "x"], ["sh", "-c", "exit 42"], ["sh", "-c", "kill -9 $$"]):
            for posix in (False, True):
                situation(program, kinds, "here", "home", words, posix)


main(sys.argv[1:])
