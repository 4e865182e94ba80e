#!/usr/bin/env bats
# tend init: the first process of a container, in a pid namespace of its own where it has to be process 1, else as subreaper.
load ../lib/world

setup() { world_start; }
teardown() { world_end; }

need_namespaces()
{
	unshare -fp --mount-proc true || skip "no pid namespaces here"
}

as_first() # COMMAND...: tend init as process 1
{
	unshare -fp --mount-proc --kill-child tend init "$@"
}

# a command that tells each signal it gets, by number, and ends with SIGUSR2 (its own code: 9)
teller()
{
	cat >teller <<-'PYTHON'
		import signal, sys
		everything = set(range(1, 65)) - {32, 33, signal.SIGKILL, signal.SIGSTOP}
		signal.pthread_sigmask(signal.SIG_BLOCK, everything)
		out = open(sys.argv[1], "w", buffering=1)
		print("ready", file=out)
		while True:
		    number = signal.sigwait(everything)
		    print(int(number), file=out)
		    if number == signal.SIGUSR2:
		        sys.exit(9)
	PYTHON
}

tellers_end()
{
	for pid in $(world alive "TEND_HOME=$TEND_HOME"); do
		if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q '^python3 teller'; then
			kill -USR2 "$pid"
		fi
	done 2>/dev/null
}

@test "the exit code is the command's" {
	tend init -- true
	run -3 tend init -- sh -c 'exit 3'
	run -143 tend init -- sh -c 'kill -TERM $$'
	run -137 tend init sh -c 'kill -KILL $$'
	run -127 tend init -- no-such-program
	[ "$output" = "tend init: no-such-program: No such file or directory" ]
	run -126 tend init -- /etc/passwd
	[ "$output" = "tend init: /etc/passwd: Permission denied" ]
	tend init -e 3 -e 143 -- sh -c 'exit 3'
	tend init -e 3 --expect=143 -- sh -c 'kill -TERM $$'
	run -4 tend init -e 3 -- sh -c 'exit 4'
}

@test "wrong usage is told, and nothing is started" {
	run -2 tend init
	[ "$output" = "tend init: which command?; see tend init --help" ]
	run -2 tend init --what -- touch started
	[ "$output" = "tend init: --what: there is no such option; see tend init --help" ]
	run -2 tend init -r TERM -- touch started
	[[ $output == *"--rewrite TERM: it is two signals with a colon between, as TERM:QUIT"* ]]
	run -2 tend init -r TERM:NONSENSE -- touch started
	run -2 tend init -r KILL:TERM -- touch started
	[[ $output == *"never passed on"* ]]
	run -2 tend init -e 256 -- touch started
	run -2 tend init --grace 1.2345 -- touch started
	run -2 tend init --grace x -- touch started
	run -2 tend init --group=yes -- touch started
	run -2 tend init -p -- touch
	run -2 tend init --pause touch started
	[ ! -e started ]
	tend init --help | grep -q -- '--rewrite SIG:SIG'
	[[ $(tend init -V) == "tend init "* ]]
}

@test "every signal is passed on, as itself or as another" {
	teller
	tend init -r TERM:QUIT --rewrite=14:0 -r USR1:35 -- python3 teller told 3>&- &
	init=$!
	world line told ready
	count=1
	for number in $(seq 1 64); do
		case $number in
		# 32 and 33 are libc's; faults would be our own; CHLD is for us; TTIN and TTOU stop nobody; ALRM is swallowed
		4 | 5 | 6 | 7 | 8 | 9 | 11 | 12 | 14 | 17 | 19 | 21 | 22 | 31 | 32 | 33) continue ;;
		esac
		kill -"$number" "$init"
		case $number in
		15) number=3 ;;
		10) number=35 ;;
		esac
		count=$((count + 1))
		echo "$number" >>wanted
		world line told "" "$count"
	done
	kill -ALRM "$init"
	kill -USR2 "$init"
	status=0
	wait "$init" || status=$?
	[ "$status" -eq 9 ]
	echo 12 >>wanted
	diff wanted <(sed 1d told)
}

@test "to the command alone, or to its group" {
	teller
	cat >two <<-'SH'
		python3 teller one &
		python3 teller two
	SH
	for how in "" -g; do
		rm -f one two-told
		sed 's/two$/two-told/' two >script
		tend init $how -- sh script 3>&- &
		init=$!
		world line one ready
		world line two-told ready
		kill -HUP "$init"
		status=0
		wait "$init" || status=$? # sh ends by it, both ways
		[ "$status" -eq 129 ]
		if [ -n "$how" ]; then
			world line one 1
			world line two-told 1
		fi
		tellers_end
		world line one 12
		world line two-told 12
		told=$(grep -cx 1 one two-told | paste -sd ' ' || true)
		if [ -n "$how" ]; then
			[ "$told" = "one:1 two-told:1" ]
		else
			[ "$told" = "one:0 two-told:0" ]
		fi
	done
}

@test "as process 1: ten thousand orphans, none is left" {
	need_namespaces
	run as_first -- "$TEND_BUILD/tests/lib/orphans" 10000
	[ "$status" -eq 0 ]
	[ "$output" = "0 zombies" ]
}

@test "not as process 1: orphans come to it all the same, and are told with -w" {
	run tend init -w -- "$TEND_BUILD/tests/lib/orphans" 3
	[ "$status" -eq 0 ]
	[ "$(grep -c 'was orphaned and has ended; it is reaped$' <<<"$output")" -eq 3 ]
}

@test "what outlives the command has its grace, then it is killed" {
	need_namespaces
	cat >main <<-'SH'
		setsid sh -c 'trap "echo ended >gentle; exit" TERM; echo up >up1; while :; do sleep 0.05; done' &
		setsid sh -c 'trap "" TERM; echo up >up2; while :; do sleep 0.05; done' &
		until [ -e up1 ] && [ -e up2 ]; do sleep 0.02; done
		exit 7
	SH
	for first in yes no; do
		rm -f gentle up1 up2
		if [ $first = yes ]; then
			run -7 as_first --grace 1.5 -v -- sh main
		else
			run -7 tend init --grace 1.5 -v -- sh main
		fi
		[ "$(cat gentle)" = ended ]
		[[ $output == *"the grace is over, what is left is killed"* ]]
	done
	rm -f gentle up1 up2
	run -7 as_first -- sh main # without a grace it ends at once, and the kernel ends them
	[ ! -e gentle ]
}

@test "nothing is left of what ended by itself within the grace, and nobody waits it out" {
	# the grace is longer than a test may take
	tend init --grace 80000 -- sh -c 'setsid sh -c "trap \"exit\" TERM; echo up >up; while :; do sleep 0.05; done" &
		until [ -e up ]; do sleep 0.02; done'
	[ -z "$(world alive "TEND_HOME=$TEND_HOME" | grep -v "^$$\$" | while read -r pid; do
		tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep 'sh -c trap'; done)" ]
}

@test "the end of its parent" {
	teller
	sh -c 'echo $$ >parent; tend init -p HUP -- python3 teller told & wait' 3>&- &
	world line told ready
	kill -KILL "$(cat parent)"
	world line told 1
	tellers_end
	world line told 12
}

@test "a container without a command" {
	tend init --pause -v 3>&- 2>said &
	init=$!
	world line said "process $init sits here until SIGTERM or SIGINT"
	kill -HUP "$init"
	kill -TERM "$init"
	wait "$init"
}

@test "on a terminal: ^C once, ^Z and fg, the size" {
	cat >count <<-'PYTHON'
		import os, signal, sys
		seen = []
		for number in (signal.SIGINT, signal.SIGWINCH):
		    signal.signal(number, lambda n, _: (seen.append(n), print(f"got {n} {seen.count(n)}", flush=True)))
		print("foreground", os.tcgetpgrp(0) == os.getpgrp(), flush=True)
		for line in sys.stdin:
		    print("read", line.strip(), flush=True)
		    if line.strip() == "end":
		        sys.exit(5)
	PYTHON
	run -5 python3 -B "$WORLD_LIB/terminal.py" '[["foreground True", "\u0003"], ["got 2 1", "one\n"], ["read one", "end\n"]]' \
		tend init -- python3 count
	[[ $output != *"got 2 2"* ]]
	run -0 python3 -B "$WORLD_LIB/terminal.py" '[["$ ", "tend init -- python3 count\n"], ["foreground True", "\u001a"],
		["Stopped", "fg\n"], ["fg", "again\n"], ["read again", "end\n"], ["read end", "echo code=$?\n"], ["code=5", "exit\n"]]' \
		env PS1='$ ' bash --norc --noprofile -i
}

@test "by the names of others" {
	for name in tini dumb-init catatonit; do
		ln -s "$TEND_BUILD/tend" "$name"
		run -6 "./$name" -- sh -c 'exit 6'
	done
	./tini -s -v -e 3 -p TERM -g -w -- sh -c 'exit 3'
	TINI_KILL_PROCESS_GROUP=1 ./tini -s -- true
	./dumb-init -c -v -r 15:3 true
	./catatonit -g -- true
}
