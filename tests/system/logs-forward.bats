# Lines of logs sent on to syslog receivers, and the other places where output can go.
load ../lib/world
load ../lib/subjects

setup()
{
	world_start
	RECEIVERS=()
}

teardown()
{
	[ "${#RECEIVERS[@]}" -eq 0 ] || kill "${RECEIVERS[@]}" 2>/dev/null || true
	world_end
}

receiver() # KIND ADDRESS FILE: started, and listening
{
	rm -f "$3.port"
	python3 -B "$WORLD_LIB/syslog.py" "$@" </dev/null >/dev/null 2>&1 3>&- &
	RECEIVERS+=($!)
	until_true '[ -e "'"$3"'.port" ]'
}

lines() # FILE: how many different messages there are, without their heads
{
	[ ! -e "$1" ] || cut -d' ' -f8- "$1" | sort -u | wc -l
}

@test "to receivers of four kinds, with the line's own priority" {
	receiver udp 0 udp
	receiver tcp 0 tcp
	receiver unix "$PWD/dgram" unix
	receiver stream "$PWD/stream.sock" stream
	tend run -q --name w -p "LogForward=udp:127.0.0.1:$(cat udp.port) tcp:127.0.0.1:$(cat tcp.port) unix:$PWD/dgram unix:$PWD/stream.sock" \
		-- sh -c 'echo plain; echo "<3>bad"; exec sleep 1000' >/dev/null
	for file in udp tcp unix stream; do
		until_true '[ "$(lines '$file')" -eq 2 ]'
		grep -Eq '^<30>1 [0-9]{4}-[0-9-]+T[0-9:.]+Z [^ ]+ w [-0-9]+ - - plain$' $file
		grep -Eq '^<27>1 .* w [-0-9]+ - - bad$' $file
	done
	tend run -q --name x -p "LogForward=udp:loghost:514" -- true >/dev/null 2>said || true
	grep -q "names are not looked up" said
}

@test "a receiver that is away gets everything later, whoever is killed meanwhile" {
	receiver tcp 0 tcp
	port=$(cat tcp.port)
	mkfifo go
	tend run -q --name w -p LogSegmentSize=20K -p "LogForward=tcp:127.0.0.1:$port" \
		-- sh -c 'seq 100; read -r x <go; seq 101 20000; read -r x <go; seq 20001 20100; exec sleep 1000' >/dev/null
	until_true '[ "$(lines tcp)" -eq 100 ]'
	kill "${RECEIVERS[0]}"
	wait "${RECEIVERS[0]}" || true
	echo >go
	until_true 'tend logs -n 1 w | grep -qx 20000'
	world kill logger
	pkill -KILL -P "$(world role logger)" -f 'tendd: forwarder' || true
	receiver tcp "$port" tcp
	until_true '[ "$(lines tcp)" -eq 20000 ]'
	echo >go
	until_true '[ "$(lines tcp)" -eq 20100 ]'
	cut -d' ' -f8- tcp | sort -nu | cmp - <(seq 20100)
}

@test "what has ended is sent to its end, and not a second time" {
	tend run --wait -q --name w -p "LogForward=unix:$PWD/sock" -- seq 50 >/dev/null
	receiver unix "$PWD/sock" got
	tend run -q --name other -p "LogForward=unix:$PWD/sock" -- sleep 1000 >/dev/null
	until_true '[ "$(lines got)" -eq 50 ]'
	tend run --wait -q --replace --name w -p "LogForward=unix:$PWD/sock" -- echo more >/dev/null
	until_true 'grep -q more got'
	[ "$(wc -l <got)" -eq 51 ]
}

@test "other places: file, append, truncate, null, inherit, tty, syslog" {
	printf 'old\n' >file
	printf 'old\n' >append
	printf 'old, and longer than the new\n' >truncate
	for kind in file append truncate; do
		tend run --wait -q --name "$kind" -p "StandardOutput=$kind:$PWD/$kind" -- echo new
	done
	[ "$(cat file)" = new ] && [ "$(cat append)" = $'old\nnew' ] && [ "$(cat truncate)" = new ]
	tend run --wait -q --name null -p StandardOutput=null -p StandardError=journal -- sh -c 'echo out; echo wrong >&2' >/dev/null
	[ "$(tend logs -o cat null)" = wrong ]
	printf 'in\n' >both
	tend run --wait -q --name both -p "StandardInput=file:$PWD/both" -p StandardOutput=inherit -- sh -c 'read -r x; echo "$x too"'
	[ "$(cat both)" = $'in\nin too' ]
	# a terminal that is there
	python3 - <<'E'
import os, pty, subprocess
ours, theirs = pty.openpty()
name = os.ttyname(theirs)
subprocess.run(["tend", "run", "--wait", "-q", "--name", "tty", "-p", "StandardOutput=tty", "-p", "TTYPath=" + name, "--", "sh", "-c", "test -t 1 && echo seen"], check=True)
assert os.read(ours, 100) == b"seen\r\n"
E
	[ -e /dev/log ] || {
		tend run -q --name sys -p StandardOutput=syslog -- sleep 1000 >/dev/null
		tend status sys | grep -q "no /dev/log here"
	}
}
