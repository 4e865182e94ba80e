# tend run: what is declared, and what is kept of the shell.
load ../lib/world
load ../lib/units
load ../lib/expect

setup() { world_start; }
teardown() { world_end; }

line() { world line "$(world_log "$1")" "$2"; }

@test "run: nobody who restarts it by hand meets a limit" {
	tend run --quiet --name it -- sleep 1000
	for i in 1 2 3 4 5 6 7 8; do
		tend restart --quiet it
	done
}

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
	[ "$(tend logs -o cat line)" = $'23\na  b' ]
	[ "$(world_field line exit | python3 -c 'import json, sys; print(json.load(sys.stdin)["code"])')" = 4 ]
}

@test "words are kept as they are" {
	tend run --name words -- printf '<%s>\n' 'a  b' '' '$HOME' '%n' "it's" 'back\slash' $'tab\there' 'star*' '"q"' '${X}' ';' -n --json
	world state words done
	tend logs -o cat words >got
	printf '<%s>\n' 'a  b' '' '$HOME' '%n' "it's" 'back\slash' $'tab\there' 'star*' '"q"' '${X}' ';' -n --json | diff - got
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
	[ "$(tend logs -o cat keep)" = "$BATS_TEST_TMPDIR/a b%c"$'\n0027\n123\n0\ntwo\nlines %n $X "q"\nnone' ]
	[ "$(stat -c %a "$TEND_HOME/units/keep.env")" = 600 ]
}

@test "options: directory, variables, umask, limits, nice, input" {
	printf 'FROM_FILE=a b\nBOTH=file\n' >variables
	echo 'what it reads' >input
	export HERE=here
	tend run --name o --cwd / --env BOTH=option --env HERE --env-file variables --umask 077 --limit nofile=99:199 \
		--limit core=0 --nice 7 --stdin input -- sh -c 'pwd; echo "$FROM_FILE $BOTH $HERE"; umask; ulimit -n; ulimit -H -n; nice; cat'
	world state o done
	[ "$(tend logs -o cat o)" = $'/\na b option here\n0077\n99\n199\n7\nwhat it reads' ]
}

@test "a clean environment has nothing of the shell" {
	export SHELLS_OWN=secret
	tend run --name clean --clean-env --env 'X=a "b" %c $d' -- sh -c 'echo "${SHELLS_OWN-none} $X"; env | grep -c ^PATH='
	world state clean done
	[ "$(tend logs -o cat clean)" = $'none a "b" %c $d\n1' ]
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

@test "bytes that are no UTF-8, in words, variables and the directory" {
	mkdir $'d\xe9'
	cd $'d\xe9'
	X=$'a\xff%n\xfeb' tend run --name u -- sh -c 'printf "%s|%s|%s\n" "$X" "$1" "$PWD"' sh $'arg\xe9'
	world state u done
	tend logs -o cat u | cmp - <(printf '%s|%s|%s\n' $'a\xff%n\xfeb' $'arg\xe9' "$PWD")
	cd ..
}
