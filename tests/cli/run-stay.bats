# tend run --wait and --rm: it looks like the command itself.
load ../lib/world
load ../lib/units
load ../lib/expect

setup() { world_start; }
teardown() { world_end; }

line() { world line "$(world_log "$1")" "$2"; }

@test "--wait passes output and exit code on" {
	run --separate-stderr tend run --wait --name w1 -- sh -c 'echo out; printf "no newline"; exit 7'
	[ "$status" -eq 7 ]
	[ "$output" = $'out\nno newline' ]
	run --separate-stderr tend run --wait -- true
	[ "$status" -eq 0 ]
	run --separate-stderr tend run --wait --name w2 'kill -KILL $$'
	[ "$status" -eq 137 ]
	run --separate-stderr tend run --wait --name w3 'kill -TERM $$'
	[ "$status" -eq 143 ]
}

@test "--wait gives every byte, much of it, in order" {
	tend run --wait --name much -- seq 200000 >got
	seq 200000 | cmp - got
}

@test "--wait: ^C stops it, and its exit code is passed on" {
	tend run --wait --name w -- sh -c 'trap "echo bye; exit 9" TERM; echo ready; while :; do sleep 0.05; done' >got 2>err 3>&- &
	waiting=$!
	line w ready
	kill -INT "$waiting"
	status=0
	wait "$waiting" || status=$?
	[ "$status" -eq 9 ]
	[[ $(cat got) == $'ready\n'*bye ]]
	grep -q "stopping it" err
	[ "$(world_field w state)" = stopped ]
}

@test "--wait: the second ^C kills" {
	tend run --wait --name w -- sh -c 'trap "echo deaf" TERM; echo ready; while :; do sleep 0.05; done' >got 2>err 3>&- &
	waiting=$!
	line w ready
	kill -INT "$waiting"
	line w deaf
	kill -INT "$waiting"
	status=0
	wait "$waiting" || status=$?
	[ "$status" -eq 137 ]
}

@test "--wait outlives a manager that is killed" {
	tend run --wait --name w -- sh -c 'echo ready; while [ ! -e go ]; do sleep 0.05; done; echo end; exit 5' >got 2>err 3>&- &
	waiting=$!
	line w ready
	world kill manager
	: >go
	status=0
	wait "$waiting" || status=$?
	[ "$status" -eq 5 ]
	[ "$(cat got)" = $'ready\nend' ]
}

@test "--rm forgets what ended well" {
	run tend run --wait --rm --name gone -- echo hi
	[ "$status" -eq 0 ]
	[[ $output == *hi ]]
	timeout 60 sh -c 'until tend status gone >/dev/null 2>&1; [ $? -eq 4 ]; do sleep 0.05; done'
	tend run --wait --rm --name stays -- false || [ $? -eq 1 ]
	[ "$(world_field stays state)" = failed ]
}
