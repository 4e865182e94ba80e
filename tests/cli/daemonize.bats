#!/usr/bin/env bats
# tend daemonize: a daemon by the book, whose start is told truly. No tendd takes part.
load ../lib/world

setup()
{
	world_start
	place=$PWD
}

teardown() # none of these is kept by tendd: they end here
{
	for pid in $(world alive "TEND_HOME=$TEND_HOME"); do
		if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'daemon-of-this-test'; then
			kill -KILL "$pid"
			world ended "$pid"
		fi
	done 2>/dev/null
	world_end
}

# sleeps; its name is how teardown knows it
sleeper="exec -a daemon-of-this-test sleep 1000"

@test "a session that it does not lead, no terminal, nothing open, its directory and umask" {
	cat >tell <<-'PYTHON'
		import os, sys
		fields = open("/proc/self/stat").read().rsplit(")", 1)[1].split()
		print("leads", os.getpid() in (os.getsid(0), os.getpgrp()), "tty", fields[4])
		print("open", sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:3], [os.readlink(f"/proc/self/fd/{fd}") for fd in (0, 1)])
		print("more", [os.path.basename(os.readlink(f"/proc/self/fd/{fd}")) for fd in os.listdir("/proc/self/fd") if int(fd) > 2 and os.path.exists(f"/proc/self/fd/{fd}")])
		print("at", os.getcwd(), "umask", oct(os.umask(0)))
		print("env", os.environ.get("GREETING"), os.environ.get("LEFT_OUT"), os.nice(0))
		print("done", flush=True)
	PYTHON
	exec 7<tell
	export LEFT_OUT=yes
	tend daemonize -p "$place/pid" -o out --umask 027 --nice 5 --clean-env -e GREETING=hello -- /usr/bin/python3 "$place/tell"
	exec 7<&-
	world line out done
	grep -qx 'leads False tty 0' out
	grep -qx "open \[0, 1, 2\] \['/dev/null', '$place/out'\]" out
	grep -qx "more \['pid'\]" out
	grep -qx "at / umask 0o27" out
	grep -qx "env hello None 5" out
	[ "$(stat -c %a out)" = 640 ]
	tend daemonize -c "$place" -o out2 -E err2 -- sh -c 'echo "here $PWD"; echo wrong >&2'
	world line out2 "here $place"
	world line err2 wrong
}

@test "one at a time, by the lock; a file that was left behind does not count" {
	echo 1 >pid # somebody else's number: init does not run this
	tend daemonize -v -p "$place/pid" -- bash -c "$sleeper" >number
	[ "$(cat pid)" = "$(cat number)" ]
	[ "$(stat -c %a pid)" = 644 ]
	first=$(cat pid)
	run -1 tend daemonize -p "$place/pid" -- bash -c "$sleeper"
	[ "$output" = "tend: it runs already: process $first, daemon-of-this-test 1000 ($place/pid)" ]
	[ "$(cat pid)" = "$first" ]
	kill -KILL "$first"
	world ended "$first"
	tend daemonize -p "$place/pid" -l "$place/lock" -- bash -c "$sleeper"
	second=$(cat pid)
	[ "$second" != "$first" ]
	run -1 tend daemonize -l "$place/lock" -- touch started
	[[ $output == "tend: it runs already: process $second, "*"($place/lock)" ]]
	[ ! -e started ]
}

@test "ten at once: one starts" {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		tend daemonize -p "$place/pid" -- bash -c "echo x >>$place/started; $sleeper" 3>&- 2>>refused &
	done
	wait
	world line started x
	[ "$(wc -l <started)" -eq 1 ]
	[ "$(grep -c 'it runs already\|one is being started' refused)" -eq 9 ]
	[ "$(tr '\0' ' ' <"/proc/$(cat pid)/cmdline")" = "daemon-of-this-test 1000 " ]
}

@test "what another tool wrote counts when it runs the same program" {
	bash -c "$sleeper" 3>&- &
	echo "$!" >pid
	until_true grep -q '^sleep$' "/proc/$!/comm"
	run -1 tend daemonize -p "$place/pid" -- sleep 1000
	[[ $output == "tend: it runs already: process $!, "* ]]
}

@test "what fails is told, and nothing is left" {
	run -1 tend daemonize -p "$place/pid" -- no-such-program
	[ "$output" = "tend: exec no-such-program: No such file or directory" ]
	run -1 tend daemonize -p "$place/pid" -c /no/where -- true
	[ "$output" = "tend: its directory /no/where: No such file or directory" ]
	run -1 tend daemonize -p "$place/pid" -- ./tell-nothing
	echo 'no program' >broken
	chmod 755 broken
	run -1 tend daemonize -p "$place/pid" -- "$place/broken"
	[ "$output" = "tend: exec $place/broken: Exec format error" ]
	[ ! -e pid ]
	run -1 tend daemonize -p /no/where/pid -- true
	[ "$output" = "tend: /no/where/pid: No such file or directory" ]
	run -1 tend daemonize -o /no/where/out -- true
	run -1 tend daemonize -u nobody-knows-him -- true
	run -2 tend daemonize -- ""
	run -2 tend daemonize
	run -2 tend daemonize --umask 9 -- true
	run -2 tend daemonize --wait soon -- true
	run -2 tend daemonize --wait pidfile -- true
	run -2 tend daemonize --timeout never -- true
}

@test "ready is when it says so" {
	cat >server <<-'PYTHON'
		import os, socket, sys
		open(sys.argv[1] + "/up", "w").close()
		os.read(os.open(sys.argv[1] + "/go", os.O_RDONLY), 1)
		open(sys.argv[1] + "/told", "w").close()
		out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		out.connect("\0" + os.environ["NOTIFY_SOCKET"][1:])
		out.send(b"STATUS=warm\nREADY=1")
	PYTHON
	mkfifo go
	tend daemonize --wait notify -- /usr/bin/python3 "$place/server" "$place" 3>&- &
	until_true test -e up
	kill -0 $! # it waits still
	echo >go
	wait $!
	[ -e told ]
	run -1 tend daemonize --wait notify -- sh -c 'exit 4'
	[ "$output" = "tend: it ended with exit code 4 before it was ready" ]
	run -1 tend daemonize --wait notify -p "$place/pid" -- sh -c 'kill -9 $$'
	[ "$output" = "tend: it was ended by signal 9 before it was ready" ]
	[ ! -e pid ]
	run -1 tend daemonize --wait notify -t 100ms -- bash -c "$sleeper"
	[ "$output" = "tend: it was not ready in time and was told to end" ]
}

@test "ready is when its pid file is there" {
	cat >forks <<-'SH'
		bash -c 'exec -a daemon-of-this-test sleep 1000' &
		echo $! >"$1/pid.new"
		mv "$1/pid.new" "$1/pid"
	SH
	tend daemonize -v --wait pidfile -p "$place/pid" -- sh "$place/forks" "$place" >number
	[ "$(cat number)" = "$(cat pid)" ]
	kill -0 "$(cat pid)"
	rm pid
	run -1 tend daemonize --wait pidfile -p "$place/pid" -- false
	[ "$output" = "tend: it ended with exit code 1 before it was ready" ]
}

@test "as another user" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	tend daemonize -u nobody -o out -- sh -c 'id -un; id -gn; echo "$HOME $USER $LOGNAME"; echo end'
	world line out end
	[ "$(sed -n 1p out)" = nobody ]
	[ "$(sed -n 2p out)" = "$(id -gn nobody)" ]
	[ "$(sed -n 3p out)" = "$(getent passwd nobody | cut -d: -f6) nobody nobody" ]
	tend daemonize -u nobody:daemon -o out2 -- sh -c 'id -gn; echo end'
	world line out2 end
	[ "$(sed -n 1p out2)" = daemon ]
	world_plain
	run -1 tend daemonize -u root -- true
	[[ $output == "tend: its groups: Operation not permitted" ]]
}
