# tendd by itself: its options, its start beside others and beside what is left of others, its end.
load ../lib/world

setup() { world_start; }
teardown() { world_end; }

serves() { world role keeper >/dev/null; } # it waits until one does

pids() { for role in keeper manager logger; do world role $role; done; }

@test "tendd: version, help, wrong usage" {
	run "$TENDD" --version
	[ "$status" -eq 0 ]
	[[ $output == "tendd "[0-9]* ]]
	run "$TENDD" --help
	[ "$status" -eq 0 ]
	[[ $output == *"--foreground"* ]]
	run "$TENDD" --nonsense
	[ "$status" -eq 2 ]
	[[ $output == *"--nonsense"* ]]
	run "$TENDD" --role nobody
	[ "$status" -eq 2 ]
	[ ! -e "$TEND_HOME/run/socket" ]
}

@test "tendd: returns when it can be connected to; the second says that one runs" {
	"$TENDD" </dev/null 3>&-
	serves
	run "$TENDD"
	[ "$status" -eq 7 ]
	serves
}

@test "tendd: of twenty that race one runs, and all know it" {
	for i in $(seq 20); do
		(
			rc=0
			"$TENDD" </dev/null >/dev/null 2>&1 3>&- || rc=$?
			echo "$rc" >"rc$i"
		) &
	done
	wait
	[ "$(cat rc* | grep -c '^0$')" -eq 1 ]
	[ "$(cat rc* | grep -c '^7$')" -eq 19 ]
	serves
}

@test "tendd: a stale socket and an old lock are no hindrance" {
	mkdir -m 700 "$TEND_HOME/run"
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$TEND_HOME/run/socket"
	: >"$TEND_HOME/run/lock"
	"$TENDD" </dev/null 3>&-
	serves
}

@test "tendd: who holds the lock and serves nobody is waited for" {
	mkdir -m 700 "$TEND_HOME/run"
	mkfifo go
	# what is left of a killed tendd: it has the lock for a while yet
	flock "$TEND_HOME/run/lock" cat go 3>&- &
	python3 - "$TEND_HOME/run/lock" <<-'WAIT'
		import fcntl, select, sys, time
		until = time.monotonic() + 60
		while time.monotonic() < until:
		    try:
		        with open(sys.argv[1], "a") as file:
		            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
		    except BlockingIOError:
		        sys.exit(0)
		    select.select([], [], [], 0.01)
		sys.exit(1)
	WAIT
	"$TENDD" </dev/null >/dev/null 2>&1 3>&- &
	: >go
	wait $!
	serves
}

@test "tendd: places that are somebody else's are refused" {
	mkdir elsewhere
	ln -s "$PWD/elsewhere" "$TEND_HOME/run"
	run "$TENDD"
	[ "$status" -eq 1 ]
	[[ $output == *"$TEND_HOME/run"* ]]
	[ -z "$(ls elsewhere)" ]
	rm "$TEND_HOME/run"
	mkdir -m 755 "$TEND_HOME/run"
	run "$TENDD"
	[ "$status" -eq 1 ]
	rmdir "$TEND_HOME/run"
	mkdir -m 700 "$TEND_HOME/run"
	ln -s "$PWD/elsewhere/lock" "$TEND_HOME/run/lock"
	run "$TENDD"
	[ "$status" -eq 1 ]
	[ ! -e elsewhere/lock ]
	rm -r "$TEND_HOME/run"
}

@test "tendd: only the owner gets to the socket" {
	"$TENDD" </dev/null 3>&-
	[ "$(stat -c %a "$TEND_HOME/run")" = 700 ]
	[ "$(stat -c %a "$TEND_HOME/run/socket")" = 600 ]
	[ "$(stat -c %a "$TEND_HOME/run/tendd.log")" = 600 ]
}

@test "tendd: started with nothing open, few descriptors and signals ignored" {
	(
		ulimit -n 64
		trap '' HUP INT TERM CHLD
		exec "$TENDD" <&- >&- 2>&- 3>&-
	)
	tend run --name one -- sleep 1000 3>&-
	# what a service gets is the default, whatever tendd inherited
	run grep -E 'Sig(Ign|Blk)' "/proc/$(world_pid one)/status"
	[[ $output == *"SigIgn:"*000000000000[01]000* ]] # PIPE is ignored by default, as with systemd
	[[ $output == *"SigBlk:"*0000000000000000* ]]
	[ "$(ls "/proc/$(world_pid one)/fd" | tr '\n' ' ')" = "0 1 2 " ]
}

@test "tendd: what the caller has open is not kept" {
	mkfifo pipe
	"$TENDD" </dev/null >/dev/null 2>&1 3>&- 9<>pipe
	for pid in $(pids); do
		[ "$(readlink /proc/"$pid"/fd/* | grep -c "$PWD/pipe")" -eq 0 ]
	done
}

@test "tendd: in the foreground it stays, TERM ends it in order" {
	"$TENDD" --foreground </dev/null >out 2>&1 3>&- &
	pid=$!
	serves
	tend run --name one -- sleep 1000 3>&-
	one=$(world_pid one)
	kill -TERM $pid
	wait $pid
	run kill -0 "$one"
	[ "$status" -ne 0 ]
	[ ! -S "$TEND_HOME/run/socket" ]
}

@test "tendd: as PID 1 it ends with TERM and takes what it kept along" {
	[ "$(id -u)" = 0 ] || skip "needs root for a PID namespace"
	unshare --pid --fork --mount --propagation private --mount-proc true 2>/dev/null || skip "no PID namespaces here"
	unshare --pid --fork --kill-child --mount --propagation private --mount-proc \
		"$TENDD" </dev/null >out 2>&1 3>&- &
	outer=$!
	serves
	tend run --name one -- sleep 1000 3>&-
	init=$(cat "/proc/$outer/task/$outer/children")
	kill -TERM $init
	wait $outer
}
