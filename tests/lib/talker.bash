# talker: a service that does and tells tend what the test says. Needs world.bash, units.bash.
#
#     talker_program                 makes ./talker
#     talker_unit NAME LINE...       a unit of that name, its ExecStart= is the talker; LINE: of [Service]. It begins
#                                    with saying $TALKER_SAYS
#     tell NAME WORD...              returns once it is done, and once tend has heard it:
#         send LINE...                   one message of these lines
#         child LINE...                  the same, sent by a child, which lives on
#         store NAME TEXT                FDSTORE=1 of a file with TEXT
#         unstore NAME                   FDSTOREREMOVE=1
#         main                           MAINPID= of a new child that stays when the talker ends
#         end CODE                       ends (nothing is waited for)
#
# What it is writes NAME.runs (its pid, a line each run), NAME.env, NAME.stored (NAME=TEXT of each descriptor it
# was given), and NAME.signals. On SIGHUP it says RELOADING=1 and, after the word `send READY=1`, is ready again.

talker_program()
{
	program talker <<'TALKER'
#!/usr/bin/env python3
import array, os, select, signal, socket, sys, time

name = sys.argv[1]

def note(what, text):
    with open(f"{name}.{what}", "a") as f:
        f.write(text + "\n")

def say(lines, fds=()):
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect("\0" + path[1:] if path[0] == "@" else path)
        s.sendmsg(["\n".join(lines).encode()],
                  [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])

def barrier():
    """returns when tend has read what was said before: it closes the descriptor then"""
    if "NOTIFY_SOCKET" not in os.environ:
        return
    read, write = os.pipe()
    say(["BARRIER=1"], [write])
    os.close(write)
    os.read(read, 1)
    os.close(read)

def child(work):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, signal.SIG_DFL)
        os.close(words)
        os.close(read)
        work()
        os.close(write)
        while True:
            signal.pause()
    os.close(write)
    os.read(read, 1)
    os.close(read)
    return pid

def do(word, rest):
    if word == "send":
        say(rest)
    elif word == "child":
        child(lambda: (say(rest), barrier()))
    elif word == "store":
        fd = os.memfd_create(rest[0])
        os.write(fd, rest[1].encode())
        say(["FDSTORE=1", f"FDNAME={rest[0]}"], [fd])
        os.close(fd)
    elif word == "unstore":
        say(["FDSTOREREMOVE=1", f"FDNAME={rest[0]}"])
    elif word == "main":
        pid = child(lambda: None)
        say([f"MAINPID={pid}"])
        note("main", str(pid))
    elif word == "end":
        os._exit(int(rest[0]))
    barrier()

def came(number, _):
    note("signals", signal.Signals(number).name)
    if number == signal.SIGTERM:
        os._exit(0)
    if number == signal.SIGHUP:
        say(["RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}"])

words = os.open(f"{name}.words", os.O_RDWR)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, came)
with open(f"{name}.env", "w") as f:
    f.writelines(f"{key}={value}\n" for key, value in os.environ.items())
if os.environ.get("LISTEN_PID") == str(os.getpid()):
    for i, key in enumerate(os.environ["LISTEN_FDNAMES"].split(":")):
        note("stored", f"{key}={os.pread(3 + i, 1000, 0).decode()}")
note("runs", str(os.getpid()))
for word in sys.argv[2:]:
    say([word])
barrier()
note("begun", "")
buffer = b""
while True:
    buffer += os.read(words, 1000)
    while b"\n" in buffer:
        line, buffer = buffer.split(b"\n", 1)
        word, *rest = line.decode().split("\t")
        do(word, rest)
        note("done", line.decode())
TALKER
}

talker_unit() # NAME LINE...
{
	local name=$1

	shift
	[ -p "$name.words" ] || mkfifo "$name.words"
	: >>"$name.done"
	: >>"$name.runs"
	unit_service "$name" "WorkingDirectory=$PWD" "ExecStart=$PWD/talker $name ${TALKER_SAYS:-}" "LimitCORE=0" "$@"
}

tell() # NAME WORD...
{
	local name=$1 count line

	shift
	line=$(IFS=$'\t'; echo "$*")
	count=$(wc -l <"$name.done")
	echo "$line" >"$name.words"
	[ "$1" = end ] || world line "$name.done" "" $((count + 1))
}

status_text() # NAME: the last STATUS=
{
	tend status --json "$1" | python3 -c '
import json, sys
units = json.load(sys.stdin)
print((units[0] if isinstance(units, list) else units)["status_text"])'
}
