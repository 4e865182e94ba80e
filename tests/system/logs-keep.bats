# What is kept of logs: rotation, quotas, packing, flushing, readers, tend.conf; the writing side of tend logs.
load ../lib/world
load ../lib/subjects

setup() { world_start; }
teardown() { world_end; }

closed() # NAME: how many closed segments it has
{
	find "$TEND_HOME/log/$1" -name '[0-9]*.log' -o -name '[0-9]*.zst' | sed 's/.zst$//' | sort -u | wc -l
}

plain() # NAME: closed segments that are not packed, and files in the making
{
	find "$TEND_HOME/log/$1" -name '[0-9]*.log' -o -name '*.new' | wc -l
}

all_text() # NAME: whatever its segments are
{
	local file

	for file in $(cd "$TEND_HOME/log/$1" && ls | grep '^[0-9]*\.log' | sort -n); do
		case $file in
		*.zst) zstdcat "$TEND_HOME/log/$1/$file" ;;
		*) cat "$TEND_HOME/log/$1/$file" ;;
		esac
	done
	cat "$TEND_HOME/log/$1/current" 2>/dev/null
}

@test "closed segments are packed, by somebody who leaves nothing" {
	tend run --wait -q --name w -p LogSegmentSize=100K -- seq 100000 >/dev/null
	until_true '[ "$(plain w)" -eq 0 ]'
	[ "$(closed w)" -ge 5 ]
	all_text w | cmp - <(seq 100000)
	until_true '! pgrep -P "$(world role logger)"' # no zombie either
}

@test "a unit's log is bounded, on disk" {
	tend run --wait -q --name w -p LogMaxSize=300K -p LogSegmentSize=50K -- seq 300000 >/dev/null
	[ "$(du -b "$TEND_HOME/log/w" --apparent-size -s | cut -f1)" -le $((310 * 1024)) ]
	[ "$(tail -n 1 "$TEND_HOME/log/w/current")" = 300000 ]
}

@test "tend.conf: defaults, a limit of all logs, and bad lines are said" {
	printf '[Log]\nLogSegmentSize=50K\nLogTotalSize=400K\nLogMaxSize=many\n' >"$TEND_HOME/config/tend.conf"
	for name in one two three four; do
		tend run --wait -q --name "$name" -- seq 50000 >/dev/null
	done
	tend logs --flush
	[ "$(tend logs --disk-usage --json | python3 -c 'import json,sys; print(sum(l["bytes"] for l in json.load(sys.stdin)))')" -le $((400 * 1024)) ]
	[ "$(tail -n 1 "$TEND_HOME/log/four/current")" = 50000 ]
	grep -q "tend.conf:4: LogMaxSize=: 'many' is no size" "$TEND_HOME/run/tendd.log"
	run tend reload-units
	[[ "$output" == *"tend.conf:4: LogMaxSize=: 'many' is no size"* ]]
	run tend check "$TEND_HOME/config/tend.conf"
	[ "$status" -eq 1 ]
	[[ "$output" == *"tend.conf:4: LogMaxSize="*"'many' is no size"* ]]
	printf '[Log]\nLogTotalSize=1M\n' >"$TEND_HOME/config/tend.conf"
	run tend check "$TEND_HOME/config/tend.conf"
	[ "$status" -eq 0 ]
}

@test "flush: what is in the pipes is in the files" {
	mkfifo go
	tend run -q --name w -- sh -c 'exec 3<>go; while read -r line <&3; do echo "$line"; done' >/dev/null
	for i in $(seq 30); do
		tend run --wait -q --name "w$i" -- echo "line $i" >/dev/null
		tend logs --flush
		[ "$(cat "$TEND_HOME/log/w$i/current")" = "line $i" ]
	done
	tend stop -q w
}

@test "rotate and vacuum, of one and of all, also where nothing writes any more" {
	for name in a b; do
		tend run --wait -q --name $name -- echo "$name first" >/dev/null
		tend logs --rotate $name
		tend run --wait -q --replace --name $name -- echo "$name second" >/dev/null
	done
	[ "$(closed a)" -eq 1 ]
	tend logs --rotate
	[ "$(closed a) $(closed b)" = "2 2" ]
	[ "$(tend logs -o cat a)" = $'a first\na second' ]
	run tend logs --vacuum-size=0 a
	[[ "$output" == *" freed" ]]
	[ "$(closed a) $(closed b)" = "0 2" ]
	tend logs --vacuum-time=1h
	[ "$(closed b)" -eq 2 ]
	tend logs --vacuum-time=0
	[ "$(closed b)" -eq 0 ]
	run tend logs --vacuum-size=lots
	[ "$status" -eq 2 ]
	[[ "$output" == *"'lots' is no size"* ]]
	run tend logs --rotate nobody
	[ "$status" -eq 4 ]
	[ "$(tend logs --disk-usage --json b | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["bytes"])')" -eq 0 ]
}

@test "nothing is kept where nothing is to be kept, and that is counted" {
	tend run --wait -q --name w -p LogMaxSize=0 -- seq 1000 >/dev/null
	tend logs --flush w
	[ -z "$(tend logs -o cat w)" ]
	tend logs --json w | grep -q '"mark": *"drop"'
}

@test "who may read logs" {
	tend run --wait -q --name w -- echo secret >/dev/null
	[ "$(stat -c %a "$TEND_HOME/log" "$TEND_HOME/log/w" "$TEND_HOME/log/w/current" "$TEND_HOME/log/w/current.idx" | xargs)" = "700 700 600 600" ]
	tend run --wait -q --name g -p LogMode=0640 -- echo told >/dev/null
	[ "$(stat -c %a "$TEND_HOME/log/g" "$TEND_HOME/log/g/current" | xargs)" = "750 640" ]
	tend logs --rotate g
	until_true 'ls "$TEND_HOME"/log/g/*.zst'
	[ "$(stat -c %a "$TEND_HOME"/log/g/*.zst)" = 640 ]
	run tend run --name x -p LogMode=0644 -- true
	[ "$status" -ne 0 ]
	[[ "$output" == *"none of 0600 0640"* ]]
}

@test "standard error by a pipe of its own, told apart" {
	tend run --wait -q --name w -p StandardError=journal -- sh -c 'printf half; echo wrong >&2; sleep 0.01; echo " and half"' >/dev/null
	tend logs --json w >got
	python3 - got <<'E'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
text = {stream: "".join(l["line"] for l in lines if l.get("stream") == stream) for stream in ("output", "error")}
assert text == {"output": "half and half", "error": "wrong"}, text
E
	tend run --wait -q --name one -- sh -c 'echo out; echo wrong >&2' >/dev/null
	[ "$(tend logs -o cat one)" = $'out\nwrong' ]
}
