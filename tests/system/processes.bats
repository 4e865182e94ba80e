# ps, find, kill beside a tendd: which unit a process belongs to, and that a kept unit is stopped as a unit. All of it in a PID
# namespace, tendd too.
load ../lib/world
load ../lib/units
load ../lib/zoo

setup() { world_start && program_tree tree; }
teardown() { cd /; }

fields='fields() { python3 -c "
import json, sys
for p in json.load(sys.stdin):
    print(*[p[f] for f in sys.argv[1:]])" "$@"; }'

@test "every process of a unit carries its name, also those that left its session and its parents" {
	zoo_sh "$fields"'; tend run --name tree -- ./tree 2>/dev/null; tend run --name other -- sleep 1000; tend wait --up other >/dev/null 2>&1
		until grep -qs whole "$TEND_HOME/log/tree/current"; do sleep 0.01; done
		tend find --unit tree -c; tend find tree -c; tend ps --json --unit tree,other | fields unit | sort | uniq -c
		tend ps --unit tree --state orphan -o unit,ppid 2>&1 | tail -n 1; tend ps -o unit,command | grep tendd'
	echo "$output"
	[ "$(grep -cx 5 <<<"$output")" -eq 2 ]
	grep -qE '^ +5 tree$' <<<"$output"
	grep -qE '^ +1 other$' <<<"$output"
	grep -qE '^\(keeper\) ' <<<"$output"
	grep -qE '^\(logger\) ' <<<"$output"
}

@test "the same for an ordinary user, who has no cgroup" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	world_plain
	program_tree tree
	chmod 755 tree
	zoo_sh 'tend run --name tree --stop-timeout 300ms -- "$PWD/tree" >/dev/null 2>&1
		until grep -qs whole "$TEND_HOME/log/tree/current"; do sleep 0.01; done
		tend find --unit tree -c; tend kill tree; tend find --unit tree -c'
	echo "$output"
	rm -rf "$WORLD_PLAIN"
	[ "${lines[0]}" = 5 ]
	[[ "${lines[1]}" == "tree stopped in "* ]]
	[ "${lines[-1]}" = 0 ]
}

@test "a unit whose main process is meant is stopped as a unit, not shot and restarted" {
	zoo_sh "$fields"'; tend run --name web --restart always -- sleep 1000; main=$(tend find --unit web)
		tend kill --json $main; tend list --json web | fields state restarts'
	echo "$output"
	[[ "$output" == *'"name": "web"'* ]]
	[[ "$output" == *'"signal": "SIGTERM"'* ]]
	[ "${lines[-1]}" = "stopped 0" ]
}

@test "another process of it is hit alone; a signal that ends nothing goes to main itself; --no-unit shoots" {
	program two <<-'SH'
		#!/bin/sh
		sleep 4711 &
		trap 'echo heard' HUP
		while :; do wait; sleep 4712 & done
	SH
	zoo_sh "$fields"'; tend run --name web --restart always -p RestartSec=0 -- ./two 2>/dev/null
		until tend find -q --unit web -f "sleep 4711"; do sleep 0.01; done
		tend kill -f "sleep 4711"; tend kill -s HUP $(tend list --json web | fields pid)
		until grep -qs heard "$TEND_HOME/log/web/current"; do sleep 0.01; done
		tend list --json web | fields state restarts
		main=$(tend list --json web | fields pid); tend kill --no-unit $main
		until [ "$(tend list --json web | fields restarts)" = 1 ]; do sleep 0.01; done; echo restarted'
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q "^sleep 4711: 1 process ended" <<<"$output"
	grep -qx "running 0" <<<"$output"
	grep -qx restarted <<<"$output"
}

@test "a unit that waits for its next try is stopped by its name; one that is down is nobody" {
	zoo_sh "$fields"'; tend run --name loop --restart always -p RestartSec=1h -- false 2>/dev/null
		until [ "$(tend list --json loop | fields state)" = waiting ]; do sleep 0.01; done
		tend kill loop; tend list --json loop | fields state; tend kill loop; echo "exit $?"'
	echo "$output"
	[[ "$output" == *"loop stopped"* ]]
	grep -qx stopped <<<"$output"
	[[ "$output" == *"no process fits"*"exit 1"* ]]
}

@test "what another tendd keeps is spared, with the reason; -y does not change that" {
	zoo_sh 'tend run --name web --restart always -- sleep 4713 2>/dev/null
		TEND_HOME=$PWD/other tend kill -y -f "sleep 4713"; echo "exit $?"; tend find -f "sleep 4713" -c'
	echo "$output"
	[[ "$output" == *"spared: it is kept by another tendd (pid "*"), which would start it again"* ]]
	grep -qx "exit 1" <<<"$output"
	[ "${lines[-1]}" = 1 ]
}
