"""terminal SCRIPT COMMAND...: runs the command on a terminal of its own and plays the script with it: a list of pairs in
JSON, [what to wait for, what to type then]; null: nothing is typed, the end is waited for. What was on the screen is
printed; the exit status is the command's. Waiting ends with words after LIMIT seconds."""
import json
import os
import pty
import select
import sys
import time

LIMIT = 60


def main(script, *command):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    seen, looked, until = "", 0, time.monotonic() + LIMIT
    for wanted, typed in json.loads(script):
        while seen.find(wanted, looked) < 0:
            ready, _, _ = select.select([terminal], [], [], max(0, until - time.monotonic()))
            try:
                piece = os.read(terminal, 4096) if ready else b""
            except OSError:
                piece = b""
            if not piece:
                print(seen)
                sys.exit(f"waited for {wanted!r}")
            seen += piece.decode(errors="replace")
        looked = seen.find(wanted, looked) + len(wanted)
        if typed is not None:
            os.write(terminal, typed.encode())
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the last who had it open is gone
            break
        if not piece:
            break
        seen += piece.decode(errors="replace")
    print(seen.replace("\r\n", "\n"))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF


sys.exit(main(*sys.argv[1:]))
