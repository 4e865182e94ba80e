#!/usr/bin/env bats
# tend nohup, and tend called nohup, beside the one of GNU coreutils: the same in every situation.
load ../lib/world

setup() { world_start; }
teardown() { world_end; }

@test "as GNU's, descriptor by descriptor, word by word" {
	python=$(PATH=/usr/bin:/bin command -v python3)
	ln -s "$TEND_BUILD/tend" nohup
	"$python" -B "$WORLD_LIB/nohup.py" /usr/bin/nohup >theirs
	"$python" -B "$WORLD_LIB/nohup.py" "$TEND_BUILD/tend" nohup >ours
	"$python" -B "$WORLD_LIB/nohup.py" "$PWD/nohup" >by-name
	[ "$(grep -c '^[tfc]' theirs)" -eq 103 ]
	grep -q 'hup True' theirs
	diff theirs ours
	diff ours by-name
}

@test "messages name it as it was called" {
	ln -s "$TEND_BUILD/tend" nohup
	run -125 ./nohup
	[ "${lines[0]}" = "./nohup: missing operand" ]
	[ "${lines[1]}" = "Try './nohup --help' for more information." ]
	run -125 tend nohup
	[ "${lines[0]}" = "nohup: missing operand" ]
}

@test "what SIGHUP does to it: nothing" {
	mkfifo ready hold
	exec 9<>hold
	tend nohup sh -c 'echo "$$" >ready; read -r _ <hold; echo lived >end' </dev/null >out 2>&1 9<&- &
	read -r pid <ready
	kill -HUP "$pid"
	echo go >&9
	wait $!
	[ "$(cat end)" = lived ]
	exec 9>&-
}

@test "help and version, no tendd" {
	tend nohup --help | grep -q '^usage: tend nohup COMMAND'
	tend help nohup | grep -q 'SIGHUP'
	[[ $(tend nohup --version) == "nohup (tend) "* ]]
	[ ! -e "$TEND_HOME/run/socket" ]
}
