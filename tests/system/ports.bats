# `tend ports`: against ss on the same sockets, and what people ask it: who has this port?
load ../lib/world
load ../lib/units
load ../lib/subjects

setup() { world_start; }
teardown() {
	subjects_end
	world_end
}

# sockets of all kinds in a network namespace of its own; NETNS runs a command in it
zoo()
{
	[ "$(id -u)" = 0 ] || skip "a network namespace of its own needs root here"
	subject zoo <<-'CODE'
		libc.unshare(0x40000000)
		os.system("ip link set lo up")
		d = os.path.dirname(sys.argv[1])
		keep = []
		def tcp(address, family=socket.AF_INET, **k):
		    s = socket.create_server(address, family=family, **k); keep.append(s); return s
		a = tcp(("127.0.0.1", 4001)); tcp(("", 4002)); tcp(("::1", 4003), socket.AF_INET6)
		tcp(("::", 4004), socket.AF_INET6); tcp(("::", 4005), socket.AF_INET6, dualstack_ipv6=True)
		for family, address in (socket.AF_INET, ("127.0.0.1", 5001)), (socket.AF_INET6, ("::", 5002)), (socket.AF_INET, ("", 5003)):
		    s = socket.socket(family, socket.SOCK_DGRAM); s.bind(address); keep.append(s)
		u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect(("127.0.0.1", 5001)); keep.append(u)
		c = socket.create_connection(("127.0.0.1", 4001)); keep += [c, a.accept()[0]]
		six = socket.create_connection(("::1", 4003)); keep += [six, keep[2].accept()[0]]
		gone = socket.create_connection(("127.0.0.1", 4001)); other = a.accept()[0]; gone.close(); other.close()
		half = socket.create_connection(("127.0.0.1", 4001)); keep += [half, a.accept()[0]]; keep[-1].shutdown(socket.SHUT_WR)
		for kind, name in (socket.SOCK_STREAM, d + "/stream"), (socket.SOCK_DGRAM, d + "/dgram"), (socket.SOCK_SEQPACKET, "\0seq"):
		    s = socket.socket(socket.AF_UNIX, kind); s.bind(name); keep.append(s)
		    if kind != socket.SOCK_DGRAM: s.listen()
		x = socket.socket(socket.AF_UNIX); x.connect(d + "/stream"); keep += [x, keep[-3].accept()[0]]
		keep += socket.socketpair()
		for i in range(3):
		    if os.fork() == 0: libc.prctl(1, 9, 0, 0, 0); forever()
		ready(); forever()
	CODE
	NETNS="nsenter -t $SUBJECT -n"
}

@test "all kinds of sockets, as ss tells them" {
	zoo
	$NETNS tend ports --json --all -t -u -x >"$BATS_TEST_TMPDIR/out"
	run -0 $NETNS python3 -B "$WORLD_LIB/compare-ss.py" "$BATS_TEST_TMPDIR/out"
	[ "$output" -ge 20 ]
	said "$BATS_TEST_TMPDIR/out" 'len([s for s in j if s["state"] == "time-wait" and s["pid"] is None]) == 1' \
		'all(len(s["processes"]) == 4 for s in j if s["inode"])' \
		'{s["port"]: s["v6only"] for s in j if s["protocol"] == "tcp6" and s["state"] == "listening"} == {4003: True, 4004: True, 4005: False}' \
		"all(s['peer']['pid'] == $SUBJECT for s in j if s['protocol'] == 'unix' and s['state'] == 'connected')"
	run -0 --separate-stderr $NETNS env COLUMNS=200 tend ports
	[[ "$output" == *"127.0.0.1:4001"*root*"$SUBJECT"*"(and 3 more)"* ]]
	[[ "$output" == *udp6*"*:5002"* && "$output" != *stream* && "$output" != *connected* ]]
	[ "$(grep -c ^tcp <<<"$output")" = 5 ] && [ "$(grep -c ^udp <<<"$output")" = 3 ]
	[ "$($NETNS tend ports -4 -t | grep -c ^tcp)" = 2 ]
	[ "$($NETNS tend ports -6 -t | grep -c ^tcp6)" = 3 ]
	[[ "$($NETNS tend ports -x)" == *"/stream"* ]]
}

@test "where netlink is refused, /proc/net is read, and that is said" {
	zoo
	local no="python3 -B $WORLD_LIB/no-netlink.py"
	run -0 --separate-stderr $NETNS $no tend ports --json --all -t -u -x
	[[ "$stderr" == *"read from /proc/net, which does not tell everything"* ]]
	echo "$output" >"$BATS_TEST_TMPDIR/out"
	$NETNS python3 -B "$WORLD_LIB/compare-ss.py" "$BATS_TEST_TMPDIR/out"
}

@test "who has the port: process, user, unit; nobody is exit code 1" {
	program serve <<-'SERVE'
		#!/usr/bin/env python3
		import os, signal, socket, sys
		s = socket.create_server(("127.0.0.1", 0))
		with open(sys.argv[1] + ".new", "w") as f:
		    f.write(str(s.getsockname()[1]))
		os.rename(sys.argv[1] + ".new", sys.argv[1])
		while True: signal.pause()
	SERVE
	tend run --quiet --name web -- "$BATS_TEST_TMPDIR/serve" "$BATS_TEST_TMPDIR/port"
	until_true "[ -s '$BATS_TEST_TMPDIR/port' ]"
	local port pid
	port=$(cat "$BATS_TEST_TMPDIR/port")
	pid=$(world_pid web)
	tend ports --json "$port" >"$BATS_TEST_TMPDIR/out"
	said "$BATS_TEST_TMPDIR/out" "[(s['port'], s['pid'], s['unit'], s['protocol'], s['state']) for s in j] == [($port, $pid, 'web', 'tcp', 'listening')]" \
		'j[0]["known"] is True and j[0]["local"] == "127.0.0.1" and j[0]["uid"] == os.getuid()'
	run -0 --separate-stderr tend ports "tcp/$port"
	[[ "$output" == *"127.0.0.1:$port"*web*"$pid"* ]] && [ -z "$stderr" ]
	run -0 tend ports ":$port"
	run -0 tend ports web
	[[ "$output" == *"$port"* ]]
	run -1 --separate-stderr tend ports "udp/$port"
	[[ "$stderr" == *"nobody has port $port"* ]] && [ -z "$output" ]
	tend stop --quiet web
	run -1 --separate-stderr tend ports "$port"
	[[ "$stderr" == *"nobody has port $port"* ]]
	run -1 --separate-stderr tend ports web
	[[ "$stderr" == *"web has no sockets"* ]]
	run -4 --separate-stderr tend ports nonesuch
	run -2 --separate-stderr tend ports 70000
	[[ "$stderr" == *"is no port"* ]]
	run -1 --separate-stderr tend ports /no/such/socket
}

@test "names of unix sockets with blanks and escapes" {
	subject it <<-'CODE'
		s = socket.socket(socket.AF_UNIX); s.bind("\0a b\x1b[31m 가 " + str(os.getpid())); s.listen()
		ready(); forever()
	CODE
	run -0 env COLUMNS=200 tend ports -x
	[[ "$output" == *'@a b\x1b[31m 가 '"$SUBJECT"* && "$output" != *$'\e'* ]]
	run -0 tend ports $'@a b\e[31m 가 '"$SUBJECT"
	[[ "$output" == *"$SUBJECT"* ]]
}

@test "a plain user: what is hidden is said, and is not nobody" {
	[ "$(id -u)" = 0 ] || skip "needs root to have something to hide"
	subject it <<-'CODE'
		s = socket.create_server(("127.0.0.1", 0))
		ready(s.getsockname()[1]); forever()
	CODE
	local port=$SAID
	world_plain
	run -0 --separate-stderr tend ports "$port"
	[[ "$output" == *":$port"*root*"(hidden from you)"* && "$stderr" == *"root may see it"* ]]
	tend ports --json "$port" >"$BATS_TEST_TMPDIR/out" 2>/dev/null
	said "$BATS_TEST_TMPDIR/out" 'j[0]["pid"] is None and j[0]["known"] is False and j[0]["user"] == "root"'
}

@test "watched: who comes is seen" {
	tend ports --watch -x >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	SUBJECTS+=($!)
	local watch=$!
	until_true "[ -s '$BATS_TEST_TMPDIR/out' ]"
	subject it <<-'CODE'
		s = socket.socket(socket.AF_UNIX); s.bind("\0came later " + str(os.getpid())); s.listen()
		ready(); forever()
	CODE
	until_true "grep -q '@came later $SUBJECT' '$BATS_TEST_TMPDIR/out'"
	kill -TERM "$watch"
	wait "$watch"
}

@test "why: the port is somebody else's" {
	subject holder <<-'CODE'
		s = socket.create_server(("127.0.0.1", 0))
		ready(s.getsockname()[1]); forever()
	CODE
	local port=$SAID words i=0
	for words in "nginx: [emerg] bind() to 127.0.0.1:$port failed (98: Address already in use)" \
		"12:59:01 Error: listen EADDRINUSE: address already in use :::$port" "Port $port is already in use." \
		"2026/01/02 10:11:12 listen tcp 127.0.0.1:$port: bind: address already in use" \
		"[ERROR] Connection in use: ('127.0.0.1', $port)" "bind [::1]:$port: Address already in use" \
		'could not bind IPv4 address "127.0.0.1": Address already in use'$'\n'"HINT: Is another postmaster already running on port $port?"; do
		i=$((i + 1))
		tend run --quiet --name "w$i" --restart no -- sh -c 'echo "$1"; exit 1' sh "$words" || true
		tend wait --quiet "w$i" || true
		tend why --json "w$i" >"$BATS_TEST_TMPDIR/out"
		said "$BATS_TEST_TMPDIR/out" "j[0]['port_conflict']['port'] == $port and j[0]['port_conflict']['holder']['pid'] == $SUBJECT" \
			'j[0]["port_conflict"]["likely"] is True and j[0]["port_conflict"]["from"] == "log"'
	done
	run -0 tend why w1
	[[ "$output" == *"likely: port $port is taken by pid $SUBJECT: python3"* ]]
	# a real program whose words do not name the port: its command does
	tend run --quiet --name real --restart no -- python3 -m http.server --bind 127.0.0.1 "$port" || true
	tend wait --quiet real || true
	run -0 tend why real
	[[ "$output" == *"likely: port $port is taken by pid $SUBJECT"*"(the port is from its own settings)"* ]]
	subjects_end
	run -0 tend why w2
	[[ "$output" == *"likely: port $port was taken when it wanted it; nobody has it now"* ]]
	tend run --quiet --name path --restart no -- sh -c 'echo "bind to unix:/run/x.sock failed: Address already in use"; exit 1' sh -p 80 || true
	tend wait --quiet path || true
	run -0 tend why path
	[[ "$output" == *"an address that it wants was taken; 'tend ports' shows who has what"* ]]
	tend run --quiet --name other --restart no -- sh -c 'echo "12:22:01 nothing of the kind"; exit 1' || true
	tend wait --quiet other || true
	tend why --json other >"$BATS_TEST_TMPDIR/out"
	said "$BATS_TEST_TMPDIR/out" 'j[0]["port_conflict"] is None'
}

@test "why: a unit has the port of another unit" {
	program serve <<-'SERVE'
		#!/usr/bin/env python3
		import os, signal, socket, sys
		port = int(sys.argv[1])
		s = socket.create_server(("127.0.0.1", port))
		with open(sys.argv[2] + ".new", "w") as f:
		    f.write(str(s.getsockname()[1]))
		os.rename(sys.argv[2] + ".new", sys.argv[2])
		while True: signal.pause()
	SERVE
	tend run --quiet --name first -- "$BATS_TEST_TMPDIR/serve" 0 "$BATS_TEST_TMPDIR/port"
	until_true "[ -s '$BATS_TEST_TMPDIR/port' ]"
	local port
	port=$(cat "$BATS_TEST_TMPDIR/port")
	tend run --quiet --name second --restart no -e "PORT=$port" -- "$BATS_TEST_TMPDIR/serve" "$port" "$BATS_TEST_TMPDIR/other" || true
	tend wait --quiet second || true
	run -0 tend why second
	[[ "$output" == *"likely: port $port is taken by the unit first, pid $(world_pid first)"* ]]
}

@test "without /proc, in a pid namespace" {
	[ "$(id -u)" = 0 ] || skip "needs root for mounts of its own"
	subject it <<-'CODE'
		s = socket.create_server(("127.0.0.1", 0))
		ready(s.getsockname()[1]); forever()
	CODE
	run -0 --separate-stderr unshare -m -p -f --mount-proc tend ports "$SAID"
	[[ "$output" == *"(no process that is to be seen here)"* ]]
	! grep -q __asan_init "$TEND_BUILD/tend" || skip "a sanitizer itself cannot do without /proc"
	run -1 unshare -m sh -c "mount -t tmpfs tmpfs /proc && exec tend ports"
	[[ "$output" == *"/proc is not mounted here"* ]]
}
