# units: unit files and programs for tests. Needs world.bash.

unit() # NAME <text: a unit file by hand
{
	cat >"$TEND_HOME/config/$1.service"
}

unit_service() # NAME LINE...: one with a [Service] section of these lines
{
	local name=$1

	shift
	{
		echo "[Service]"
		printf '%s\n' "$@"
	} >"$TEND_HOME/config/$name.service"
}

program() # NAME <text: an executable file; its path is $BATS_TEST_TMPDIR/NAME
{
	cat >"$BATS_TEST_TMPDIR/$1"
	chmod 755 "$BATS_TEST_TMPDIR/$1"
}

# a tree of five: two in the group, one setsid child, one setsid and double fork, one that ignores TERM. It writes
# "whole" once all of them are there
program_tree() # NAME
{
	program "$1" <<'TREE'
#!/usr/bin/env python3
import os, signal, time

def child(setsid=False, twice=False, deaf=False):
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(read)
        if setsid:
            os.setsid()
        if twice and os.fork() != 0:
            os._exit(0)
        if deaf:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.write(write, b".")
        os.close(write)
        while True:
            signal.pause()
    os.close(write)
    os.read(read, 1)
    os.close(read)
    if twice:
        os.wait()

child()
child(setsid=True)
child(setsid=True, twice=True)
child(deaf=True)
print("whole", flush=True)
while True:
    signal.pause()
TREE
}
