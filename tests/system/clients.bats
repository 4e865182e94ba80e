# Clients that are slow, stuck, or send what no client should: the others are served on, and memory stays bounded.
load ../lib/world
load ../lib/units

setup()
{
	world_start
	tend run --quiet --name it -- sleep 1000
	manager=$(world role manager)
}
teardown() { world_end; }

# a sanitizer keeps what was freed for a while: then only its own bound is asked for
memory_is_bounded() # BEFORE KB: not more than so much more than before
{
	local more=$2
	! grep -q __asan_init "$TEND_BUILD/tendd" || more=600000
	[ "$(memory)" -lt $(($1 + more)) ]
}

memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$manager/status"; }

# python with CONNECT() and the manager's memory; what it does must not end the manager
client()
{
	python3 -B - "$@"
	[ "$(world role manager)" = "$manager" ]
	run -0 tend list --quiet
	[ "$output" = it ]
}

prelude='
import os, random, socket, sys
os.chdir(os.environ["TEND_HOME"] + "/run")
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect("socket")
    return s
def ended(s):
    """everything until it closes the connection"""
    got = b""
    try:
        while piece := s.recv(65536):
            got += piece
    except ConnectionError:
        pass
    return got
'

@test "garbage: an error or the end of the connection, never of the manager" {
	client <<<"$prelude"'
random.seed(1)
for text in (b"\0", b"{}\0", b"[]\0", b"nonsense\0", b"{\"method\":1}\0", b"{\"method\":\"io.tend.Stop\"}\0",
             b"{\"method\":\"io.tend.Stop\",\"parameters\":{\"names\":[1]}}\0", b"\xff\xfe\0", b"GET / HTTP/1.1\r\n\r\n\0",
             b"{\"method\":\"io.tend.Nonesuch\"}\0", b"[" * 100000 + b"\0"):
    s = connect()
    s.sendall(text)
    s.shutdown(socket.SHUT_WR)
    answer = ended(s)
    assert b"\"units\"" not in answer, (text[:50], answer)
for i in range(200):
    s = connect()
    try:
        s.sendall(random.randbytes(random.randrange(1, 5000)))
        s.shutdown(socket.SHUT_WR)
    except ConnectionError:
        pass
    ended(s)
'
}

@test "half a message, and then nothing: the others do not wait" {
	client <<<"$prelude"'
half = connect()
half.sendall(b"{\"method\":\"io.tend.List\"")
other = connect()
other.sendall(b"{\"method\":\"io.tend.List\"}\0")
assert b"\"it\"" in other.recv(65536)
half.sendall(b"}\0") # and it is answered when it has said the rest
assert b"\"it\"" in half.recv(65536)
'
}

@test "a message of 100 MB is cut off, and costs no memory" {
	local before
	before=$(memory)
	client <<<"$prelude"'
s = connect()
s.sendall(b"{\"method\":\"io.tend.List\",\"parameters\":{\"names\":[\"")
sent = 0
try:
    for i in range(100):
        s.sendall(b"x" * 1000000)
        sent += 1
except (ConnectionError, TimeoutError):
    pass
assert sent < 100, "all of it was taken"
'
	memory_is_bounded "$before" 20000
}

@test "a client that asks and does not read: memory stays bounded" {
	local before
	tend run --quiet --name many --instances 50 -- sleep 1000
	before=$(memory)
	python3 -B - <<<"$prelude"'
import json
s = connect()
s.settimeout(2)
try:
    for i in range(100000):
        s.sendall(b"{\"method\":\"io.tend.List\"}\0")
except (ConnectionError, TimeoutError):
    pass
other = connect()
other.sendall(b"{\"method\":\"io.tend.Info\"}\0")
assert b"version" in other.recv(65536)
'
	[ "$(world role manager)" = "$manager" ]
	memory_is_bounded "$before" 30000
}

@test "a watcher that does not read is dropped or told less; changes go on" {
	python3 -B - <<<"$prelude"'
import subprocess
s = connect()
s.sendall(b"{\"method\":\"io.tend.Watch\",\"more\":true}\0")
for i in range(150):
    subprocess.run(["tend", "restart", "--quiet", "it"], check=True)
'
	[ "$(world role manager)" = "$manager" ]
	memory_is_bounded 0 60000
}

@test "a thousand connections: the next one is served, or told that there are too many" {
	client <<<"$prelude"'
import resource, time
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
held, refused = [], 0
for i in range(1000):
    s = socket.socket(socket.AF_UNIX)
    s.setblocking(False)
    try:
        s.connect("socket")
        held.append(s)
    except (BlockingIOError, ConnectionError):
        refused += 1
'
	local before
	before=$(memory)
	python3 -B - <<<"$prelude"'
import subprocess
held = []
for i in range(1000):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    try:
        s.connect("socket")
    except (ConnectionError, TimeoutError):
        continue
    held.append(s)
done = subprocess.run(["tend", "list", "--quiet"], capture_output=True, text=True)
assert done.returncode in (0, 6), done
assert done.returncode == 0 and done.stdout == "it\n" or "many" in done.stderr, done
'
	memory_is_bounded "$before" 20000
	run -0 tend list --quiet
}

@test "connections that come and go by the thousand leave nothing" {
	local before
	before=$(ls "/proc/$manager/fd" | wc -l)
	client <<<"$prelude"'
for i in range(3000):
    s = connect()
    if i % 3 == 0:
        s.sendall(b"{\"method\":\"io.tend.List\"}\0")
    s.close()
s = connect()
s.sendall(b"{\"method\":\"io.tend.Info\"}\0")
s.recv(65536)
'
	[ "$(ls "/proc/$manager/fd" | wc -l)" -le $((before + 5)) ]
}
