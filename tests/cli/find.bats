# `tend find`: who fits, beside pgrep, and by what pgrep does not know.
load ../lib/world
load ../lib/zoo

setup() { world_start; }
teardown() { kill $(jobs -p) 2>/dev/null || true; cd /; }

@test "the same pids and exit codes as pgrep" {
	zoo python3 -B "$WORLD_LIB/peers.py" find
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "names with anything in them; long ones by what was run" {
	zoo_sh 'tend find "a) R 1 1 ("; tend find "new
line"; tend find deleted-program-with-a-long-name; tend find deleted-program-with-another-name; tend find -l $ZOO_line
		echo $ZOO_bracket $ZOO_line $ZOO_deleted'
	echo "$output"
	[ "${lines[0]} ${lines[1]} ${lines[2]}" = "${lines[4]}" ]
	[[ "${lines[3]}" == *' new\x0aline' ]]
}

@test "by file: open, mapped, run; by directory; by environment" {
	mkdir dir dir/below
	exec 4>dir/held
	(cd dir/below && exec sleep 1000 3>&-) &
	inside=$!
	env MINE="a b" sleep 1000 3>&- 4>&- &
	marked=$!
	until_true grep -qs sleep "/proc/$inside/comm" && until_true grep -qs sleep "/proc/$marked/comm"
	[[ " $(tend find --file dir/held -d ' ') " == *" $$ "* ]]
	[[ " $(tend find --file dir/held -d ' ') " != *" $marked "* ]]
	[ "$(tend find --cwd dir)" = "$inside" ]
	[ "$(tend find --cwd dir/below --file /bin/sleep)" = "$inside" ]
	[ "$(tend find --env 'MINE=a b')" = "$marked" ]
	[ "$(tend find --env MINE sleep)" = "$marked" ]
	run -1 tend find --env MINE=a
	[[ " $(tend find --file "$(ldd /bin/sleep | awk '/libc/ { print $3 }')" -d ' ') " == *" $marked "* ]]
	run -2 tend find --file no/such
	[[ "$output" == *"--file no/such: No such file or directory"* ]]
	kill "$inside" "$marked"
	exec 4>&-
}

@test "by port, of any kind or of one; listening and connected" {
	cat >server.py <<-'PY'
		import os, socket, sys
		tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
		tcp.bind(("127.0.0.1", 0))
		tcp.listen()
		udp.bind(("127.0.0.1", 0))
		open("ports.new", "w").write(f"{tcp.getsockname()[1]} {udp.getsockname()[1]}\n")
		os.rename("ports.new", "ports")
		sys.stdin.read()
	PY
	mkfifo quiet
	exec 4<>quiet
	python3 server.py <&4 3>&- &
	server=$!
	until_true test -e ports
	read -r tcp udp <ports
	[ "$(tend find --port "$tcp")" = "$server" ]
	[ "$(tend find --port "$tcp/tcp")" = "$server" ]
	[ "$(tend find --port "$udp/udp")" = "$server" ]
	run -1 tend find --port "$tcp/udp" -x python3
	run -2 tend find --port 0
	run -2 tend find --port 80/http
	kill "$server"
	exec 4>&-
}

@test "below: a process and all that descends from it; parts and repetitions are alternatives" {
	zoo_sh 'tend find --below $ZOO_leader -d " "; tend find --below $ZOO_leader,$ZOO_zombie -c
		tend find --state T,Z -c; tend find --state T --state zombie -c; tend find -m -c --state T; tend find $ZOO_plain $ZOO_front -d " "
		echo $ZOO_leader $ZOO_front $ZOO_behind; echo $ZOO_plain $ZOO_front'
	echo "$output"
	[ "${lines[0]}" = "${lines[6]}" ]
	[ "${lines[1]}" = 4 ]
	[ "${lines[2]}${lines[3]}${lines[4]}" = 221 ]
	[ "${lines[5]}" = "${lines[7]}" ]
}

@test "what means nothing is refused" {
	for words in "--state dreaming" "--older soon" "-x -r a" "--newest --oldest a" "-v --newest a" "--user nosuchuser" "--group x" \
		"--env =" "--tty ,"; do
		# shellcheck disable=SC2086
		run -2 tend find $words
	done
	run -2 tend find ""
}

@test "JSON is that of ps" {
	zoo_sh 'tend find --json $ZOO_plain; tend find --json nosuchname'
	[ "$status" -eq 1 ]
	[[ "$output" == *'"name": "plain"'* ]]
	[[ "$output" == *'"unit": null'* ]]
	[[ "$output" == *"[]" ]]
}
