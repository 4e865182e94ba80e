# Nothing left: descriptors, processes, disk, /proc. Commands answer, what is wrong is said, nothing spins, and a stop works.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown()
{
	local status=0

	world_end || status=1
	if [ -n "${HOLDER:-}" ]; then
		kill -KILL "$HOLDER"
		wait "$HOLDER" 2>/dev/null || true
	fi
	return "$status"
}

# returns once manager and keeper rest: hardly a switch of context in a second
rests()
{
	python3 -B - "$(world role manager)" "$(world role keeper)" "$(world role logger)" <<'RESTS'
import sys, time
def switches():
    text = "".join(open(f"/proc/{pid}/status").read() for pid in sys.argv[1:])
    return sum(int(line.split()[1]) for line in text.split("\n") if "ctxt_switches" in line)
until = time.monotonic() + 60
while True:
    before = switches()
    time.sleep(1)
    count = switches() - before
    if count < 50:
        break
    if time.monotonic() > until:
        sys.exit(f"it does not come to rest: {count} switches in a second")
RESTS
}

# a mount namespace of this test's own, in which `inside COMMAND` runs
namespace()
{
	[ "$(id -u)" = 0 ] || skip "only root has mount namespaces of its own"
	unshare -m true || skip "no mount namespace can be made here"
	mkfifo held
	env -u TEND_HOME unshare -m --propagation private sh -c 'echo here >held; exec sleep 1000' 3>&- &
	HOLDER=$!
	read -r _ <held
}

inside()
{
	nsenter --mount="/proc/$HOLDER/ns/mnt" --wd="$PWD" "$@"
}

@test "64 descriptors: some are started, the others told why, and all can be stopped" {
	(ulimit -n 64 && world_tendd)
	run -1 --separate-stderr tend run --name many --instances 100 -- sleep 1000
	[[ "$stderr" == *"many@"*"escriptor"* ]] || [[ "$stderr" == *"Too many open files"* ]]
	run -0 tend list --quiet
	[ "${#lines[@]}" -eq 100 ]
	rests
	run -0 tend stop --quiet 'many@*'
	run -0 tend run --quiet --name one -- sleep 1000
	[ "$(world_field one state)" = running ]
}

@test "300 descriptors: a thousand are asked for" {
	(ulimit -n 300 && world_tendd)
	run -1 --separate-stderr tend run --quiet --name many --instances 1000 -- sleep 1000
	run -0 tend list --quiet
	[ "${#lines[@]}" -eq 1000 ]
	rests
	run -0 tend stop --quiet --all
}

none_is_left_after() # ROLE...: these are killed when descriptors have run out
{
	(ulimit -n 300 && world_tendd)
	run -1 --separate-stderr tend run --quiet --name many --instances 400 -- sleep 1000
	[[ "$stderr" == *"Too many open files"* ]]
	world kill "$@"
	run -0 tend list --quiet
	tend list --json | python3 -c 'import json, sys
for unit in json.load(sys.stdin):
    if unit["pid"]:
        print(unit["pid"])' >pids
	[ -s pids ]
	run -0 tend stop --quiet --all
	# shellcheck disable=SC2046
	world ended $(cat pids)
}

@test "300 descriptors, the manager is killed: all can be stopped" { none_is_left_after manager; }

@test "no more processes" {
	[ "$(id -u)" = 0 ] || skip "only root can be somebody else"
	world_plain $((40000 + $$ % 20000))
	sed -i 's/exec setpriv/exec prlimit --nproc=8 setpriv/' "$WORLD_PLAIN/tendd"
	world_tendd
	run -1 --separate-stderr tend run --name many --instances 20 --limit nproc=8 -- sleep 1000
	[[ "$stderr" == *"Resource temporarily unavailable"* ]]
	run -0 tend list --quiet
	[ "${#lines[@]}" -eq 20 ]
	rests
	run -0 tend stop --quiet --all
	run -0 tend start --quiet many@1
	[ "$(world_field many@1 state)" = running ]
}

@test "a full disk for logs: services go on, and it is said" {
	namespace
	mkdir "$TEND_HOME/log"
	inside mount -t tmpfs -o size=64k,mode=700 tmpfs "$TEND_HOME/log"
	inside "$TENDD" </dev/null >/dev/null 3>&-
	tend run --quiet --name it -- sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); echo "a line that fills the disk: $i"; done; : >wrote; exec sleep 1000'
	world line "$TEND_HOME/run/tendd.log" "No space left on device"
	grep -q 'the log of it' "$TEND_HOME/run/tendd.log"
	[ "$(world_field it state)" = running ]
	until [ -e wrote ]; do sleep 0.05; done # it is not held up
	rests
	run -0 tend stop it
}

@test "a full disk for the runtime directory: what runs is kept, commands answer" {
	namespace
	mkdir -m 700 "$TEND_HOME/run"
	inside mount -t tmpfs -o size=512k,mode=700 tmpfs "$TEND_HOME/run"
	inside "$TENDD" </dev/null >/dev/null 3>&-
	inside tend run --quiet --name it -- sleep 1000
	inside dd if=/dev/zero of="$TEND_HOME/run/full" bs=4096 status=none || true
	inside tend run --name more -- sleep 1000 >more.out 2>&1 || true
	run -0 inside tend list --quiet
	[[ "$output" == *it* ]]
	inside tend stop it
	run -0 inside grep -c "No space left on device" "$TEND_HOME/run/tendd.log" || [ -s more.out ]
	inside rm "$TEND_HOME/run/full"
	inside tend run --quiet --name after -- sleep 1000
	inside tend stop --quiet --all
	inside python3 -B "$WORLD_LIB/world.py" end
}

@test "no /proc: it says so" {
	! grep -q __asan_init "$TENDD" || skip "a sanitizer itself cannot do without /proc"
	namespace
	inside mount -t tmpfs tmpfs /proc
	run -6 inside tend run -- true
	[[ "$output" == *"/proc"* ]]
}
