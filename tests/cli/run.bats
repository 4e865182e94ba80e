# tend run and tend start with files: what is declared, what is kept of the shell, what is refused at once.
load ../lib/world
load ../lib/units
load ../lib/expect

setup() { world_start; }
teardown() { world_end; }

line() { world line "$(world_log "$1")" "$2"; }

@test "returns when it runs, with name, pid and how to see the log" {
	run --separate-stderr tend run --name web -- sleep 1000
	[ "$status" -eq 0 ]
	[[ $output =~ ^web:\ running,\ pid\ ([0-9]+)\;\ its\ log:\ tend\ logs\ -f\ web$ ]]
	[ "$(tr '\0' ' ' <"/proc/${BASH_REMATCH[1]}/cmdline")" = "$(command -v sleep) 1000 " ]
	[[ $stderr == "tend: started tendd (log and units below $TEND_HOME)" ]]
	run --separate-stderr tend run --quiet -- sleep 1000
	[ "$output" = sleep ]
	[ -z "$stderr" ]
	run tend run --json --name other -- sleep 1000
	[[ $output == *'"name": "other"'* ]]
}

@test "a name is made from the command, and is free" {
	[ "$(tend run -q -- sleep 1000)" = sleep ]
	[ "$(tend run -q -- sleep 1000)" = sleep-2 ]
	[ "$(tend run -q -- sleep 1000)" = sleep-3 ]
	[ "$(tend run -q -- python3 -c 'import time; time.sleep(1000)')" = python3 ]
	run tend run --name sleep -- sleep 1000
	[ "$status" -eq 1 ]
	[[ $output == *"sleep exists already (running)"* ]]
	tend run --name sleep --replace -- sleep 2000
	[ "$(tr '\0' ' ' <"/proc/$(world_pid sleep)/cmdline")" = "$(command -v sleep) 2000 " ]
}

@test "a shell line is one word" {
	tend run --name line 'echo $((20 + 3)); echo "a  b"; exit 4'
	world state line failed
	[ "$(tend logs line)" = $'23\na  b' ]
	[ "$(world_field line exit | python3 -c 'import json, sys; print(json.load(sys.stdin)["code"])')" = 4 ]
}

@test "words are kept as they are" {
	tend run --name words -- printf '<%s>\n' 'a  b' '' '$HOME' '%n' "it's" 'back\slash' $'tab\there' 'star*' '"q"' '${X}' ';' -n --json
	world state words done
	tend logs words >got
	printf '<%s>\n' 'a  b' '' '$HOME' '%n' "it's" 'back\slash' $'tab\there' 'star*' '"q"' '${X}' ';' -n --json | diff - got
}

@test "what cannot be executed is an error at once, and leaves nothing" {
	expect run-missing tend run -- /nonexistent/program
	expect run-unknown tend run -- no-such-program-anywhere
	expect run-empty tend run -- ''
	expect run-blank tend run '  '
	: >plain
	expect run-plain tend run -- ./plain
	expect run-plain-hint tend run -- plain
	mkdir directory
	expect run-directory tend run -- ./directory
	expect run-chdir tend run --cwd /srv/app/nowhere -- true
	expect run-chdir-file tend run --cwd plain -- true
	expect run-stdin tend run --stdin nowhere -- true
	expect run-env-file tend run --env-file nowhere -- true
	program broken <<<'#!/nonexistent/interpreter'
	run tend run --name broken -- ./broken
	[ "$status" -eq 1 ]
	[[ $output == *"broken: "*"No such file or directory"* ]]
	[ "$(tend list --json)" = "[]" ]
	[ -z "$(ls -A "$TEND_HOME/units")" ]
}

@test "wrong options are refused before anything is asked" {
	expect run-restart tend run --restart sometimes -- true
	expect run-nice tend run --nice 30 -- true
	expect run-umask tend run --umask 9 -- true
	expect run-limit tend run --limit nofiles=3 -- true
	expect run-limit-value tend run --limit nofile=many -- true
	expect run-signal tend run --stop-signal FOO -- true
	expect run-time tend run --timeout soon -- true
	expect run-env tend run --env 1=2 -- true
	expect run-instances tend run --instances 0 -- true
	expect run-key tend run -p Restrat=no -- true
	expect run-key-unsupported tend run -p Slice=a.slice -- true
	expect run-key-value tend run -p Type=sometimes -- true
	expect run-key-form tend run -p Nice -- true
	expect run-name tend run --name a/b -- true
	expect run-after tend run --after a/b -- true
	[ ! -e "$TEND_HOME/run" ]
}

@test "the directory, the environment, the umask and the limits are the shell's" {
	mkdir -p "a b%c"
	cd "a b%c"
	umask 027
	ulimit -S -n 123
	ulimit -S -c 0
	export ODD=$'two\nlines %n $X "q"' NOTIFY_SOCKET=/x
	tend run --name keep -- sh -c 'pwd; umask; ulimit -n; ulimit -c; printf "%s\n" "$ODD" "${NOTIFY_SOCKET-none}"'
	world state keep done
	[ "$(tend logs keep)" = "$BATS_TEST_TMPDIR/a b%c"$'\n0027\n123\n0\ntwo\nlines %n $X "q"\nnone' ]
	[ "$(stat -c %a "$TEND_HOME/units/keep.env")" = 600 ]
}

@test "options: directory, variables, umask, limits, nice, input" {
	printf 'FROM_FILE=a b\nBOTH=file\n' >variables
	echo 'what it reads' >input
	export HERE=here
	tend run --name o --cwd / --env BOTH=option --env HERE --env-file variables --umask 077 --limit nofile=99:199 \
		--limit core=0 --nice 7 --stdin input -- sh -c 'pwd; echo "$FROM_FILE $BOTH $HERE"; umask; ulimit -n; ulimit -H -n; nice; cat'
	world state o done
	[ "$(tend logs o)" = $'/\na b option here\n0077\n99\n199\n7\nwhat it reads' ]
}

@test "a clean environment has nothing of the shell" {
	export SHELLS_OWN=secret
	tend run --name clean --clean-env --env 'X=a "b" %c $d' -- sh -c 'echo "${SHELLS_OWN-none} $X"; env | grep -c ^PATH='
	world state clean done
	[ "$(tend logs clean)" = $'none a "b" %c $d\n1' ]
}

@test "any key of a unit file" {
	tend run --name key -p SuccessExitStatus=3 -p 'Description=a key' -p LogMaxSize=1M -- sh -c 'exit 3'
	world state key done
	[ "$(tend show -p LogMaxSize --value key)" = 1M ]
	[ "$(tend show -p Description --value key)" = "a key" ]
}

@test "keys: stop signal and time, longest run, restart" {
	tend run --name k --stop-signal INT --stop-timeout 5s --timeout 1h --restart always -- sleep 1000
	tend cat k >unit
	for line in KillSignal=INT TimeoutStopSec=5s RuntimeMaxSec=1h Restart=always StartLimitIntervalSec=0 \
		BackoffFirstSec=100ms BackoffMaxSec=30s BackoffResetSec=10s Type=exec; do
		grep -qx "$line" unit
	done
	run tend stop k
	[[ $output =~ ^k\ stopped\ in\ [0-9]+\ ms:\ 1\ process\ got\ SIGINT$ ]]
}

@test "after and requires" {
	tend run --name base -- sleep 1000
	tend stop base
	tend run --name above --requires base -- sleep 1000
	[ "$(world_field base state)" = running ]
	tend run --name beside --after base -- sleep 1000
	tend cat beside | grep -qx After=base
}

@test "instances have a number" {
	tend run --name w --instances 3 -- sh -c 'echo "number $TEND_INSTANCE"; exec sleep 1000'
	[ "$(tend list -q)" = $'w@1\nw@2\nw@3' ]
	for i in 1 2 3; do
		line "w@$i" "number $i"
	done
	tend scale w 1
	[ "$(tend list -q)" = w@1 ]
	tend scale w 2
	[ "$(tend list -q)" = $'w@1\nw@2' ]
}

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
	world state gone none || run tend status gone
	tend run --wait --rm --name stays -- false || [ $? -eq 1 ]
	[ "$(world_field stays state)" = failed ]
}

@test "start of a file runs it by what it is" {
	program server.py <<<'import time; print("python", flush=True); time.sleep(1000)'
	chmod -x server.py
	tend start ./server.py
	line server python
	[ "$(tend show -p Restart --value server)" = on-failure ]
	program direct <<'PROGRAM'
#!/bin/sh
echo "direct $*"
exec sleep 1000
PROGRAM
	tend start ./direct -- one 'two three'
	line direct "direct one two three"
	program by.shebang <<<$'#!/bin/sh -e\necho shebang; exec sleep 1000'
	chmod -x by.shebang
	tend start --name sb ./by.shebang
	line sb shebang
	: >nothing
	expect start-nothing tend start ./nothing
	expect start-missing tend start ./missing.js
	expect start-mixed tend start ./direct web
}

@test "start of a unit file loads and starts it" {
	printf '[Service]\nExecStart=/bin/sleep 1000\n' >app.service
	run tend start ./app.service
	[ "$status" -eq 0 ]
	[[ $output == *"app: running, pid "* ]]
	pid=$(world_pid app)
	tend start ./app.service # the same: it runs already
	[ "$(world_pid app)" = "$pid" ]
	printf '[Service]\nExecStart=/bin/sleep 2000\n' >app.service
	tend start ./app.service # another: it takes its place
	[ "$(tr '\0' ' ' <"/proc/$(world_pid app)/cmdline")" = "/bin/sleep 2000 " ]
	printf '[Service]\nNice=5\n' >bad.service
	run tend start ./bad.service
	[ "$status" -eq 1 ]
	[[ $output == *ExecStart* ]]
}

@test "a program in a directory that is gone" {
	mkdir here
	cd here
	rmdir ../here
	run tend run -- sleep 1000
	[ "$status" -eq 1 ]
	[[ $output == *"the directory you are in"*"No such file or directory" ]]
	tend run --name else --cwd / -- sleep 1000
	cd ..
}

@test "as somebody else" {
	if [ "$(id -u)" -ne 0 ]; then
		run tend run --uid root -- true
		[ "$status" -eq 5 ]
		skip "the rest needs root"
	fi
	expect run-uid-unknown tend run --uid nobody-knows-him -- true
	expect run-gid-unknown tend run --gid nobody-knows-them -- true
	chmod 755 "$BATS_TEST_TMPDIR"
	tend run --name other --cwd / --uid 65534 --gid 65534 -- sh -c 'id -u; id -g; echo "$USER"'
	world state other done
	[ "$(tend logs other | head -n 2)" = $'65534\n65534' ]
}
