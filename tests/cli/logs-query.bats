# tend logs: what is asked for - times, patterns, priorities, streams, cursors, formats; over packed segments too.
load ../lib/world
load ../lib/units
load ../lib/expect

setup()
{
	world_start
	export TZ=UTC TERM=dumb
}
teardown() { world_end; }

history() # NAME <SCRIPT: a log, see history.py
{
	python3 -B "$WORLD_LIB/history.py" "$TEND_HOME/log/$1"
}

lines() # OPTION...: of the log web
{
	tend logs -o lines "$@" web
}

is_packed() # NAME: all of its closed segments are
{
	[ -n "$(find "$TEND_HOME/log/$1" -name '*.zst')" ] && [ -z "$(find "$TEND_HOME/log/$1" -name '[0-9]*.log')" ]
}

# 2026-11-28 10:00:00 UTC is 1795860000
four_days()
{
	history web <<-'END'
		start 1795600000 1
		many 1795600000 1 20 first {}
		exit 1795600100 1 3
		pack
		start 1795860000 2
		many 1795860000 60 10 second {}
		pack
		many 1795863600 60 10 third {}
		exit 1795867200 2 0
		rotate
		start 1795870000 3
		many 1795870000 0.25 8 fourth {}
	END
}

@test "since and until, over plain and packed segments" {
	four_days
	[ "$(lines | wc -l)" -eq 48 ]
	[ "$(lines --since '2026-11-28 10:05')" = "$(seq -f 'second %g' 5 9; seq -f 'third %g' 0 9; seq -f 'fourth %g' 0 7)" ]
	[ "$(lines -S @1795863600 -U '2026-11-28 11:02')" = $'third 0\nthird 1\nthird 2' ]
	[ "$(lines --since '2026-11-28 10:08:00' --until '2026-11-28 11:00:00')" = $'second 8\nsecond 9\nthird 0' ]
	[ "$(lines --until '2026-11-28 09:59:59.999' | wc -l)" -eq 20 ]
	[ "$(lines --since '2026-11-28 12:46:40.5' --until '2026-11-28T12:46:41Z')" = $'fourth 2\nfourth 3\nfourth 4' ]
	[ -z "$(lines --since now)" ]
	[ -z "$(lines --until '2020-01-01')" ]
	[ "$(TZ=Asia/Seoul tend logs -o lines --since '2026-11-28 21:46:41' web)" = "$(seq -f 'fourth %g' 4 7)" ]
	[ "$(TZ=Asia/Seoul tend logs --utc -o lines --since '2026-11-28 12:46:41' web)" = "$(seq -f 'fourth %g' 4 7)" ]
	[ "$(lines --since 'run 3')" = "$(seq -f 'fourth %g' 0 7)" ]
	[ "$(lines --until 'run 1')" = "$(seq -f 'first %g' 0 19)" ]
	[ "$(lines --since '2026-11-28' --until 'run 2')" = "$(seq -f 'second %g' 0 9; seq -f 'third %g' 0 9)" ]
	[ "$(lines --run -1 -n 2)" = $'third 8\nthird 9' ]
}

@test "the last ones, and newest first" {
	four_days
	for n in 1 5 8 9 18 19 29 47 48 49 1000; do
		lines -n "$n" | diff - <(lines | tail -n "$n")
		lines -r -n "$n" | diff - <(lines | tac | head -n "$n")
	done
	lines -r | diff - <(lines | tac)
	lines -r --since '2026-11-28 10:05' --until '2026-11-28 11:05' |
		diff - <(lines --since '2026-11-28 10:05' --until '2026-11-28 11:05' | tac)
	[ "$(lines -n 3 --until '2026-11-28 11:05')" = $'third 3\nthird 4\nthird 5' ]
	[ "$(lines -n 2 --grep first)" = $'first 18\nfirst 19' ]
	tend logs -r -n 1 web | grep -q 'web started, run 3' || tend logs -r -n 1 web | grep -q '^fourth 7$'
}

@test "the clock was set back" {
	history web <<-'END'
		many 1000 1 10 a {}
		many 2000 1 10 b {}
		rotate
		many 1500 1 10 c {}
		many 1700 1 10 d {}
	END
	[ "$(lines --since @1505)" = "$(seq -f 'b %g' 0 9; seq -f 'c %g' 5 9; seq -f 'd %g' 0 9)" ]
	[ "$(lines --since @1002 --until @1503)" = "$(seq -f 'a %g' 2 9; seq -f 'c %g' 0 3)" ]
	[ "$(lines | wc -l)" -eq 40 ]
}

@test "patterns are what grep makes of them, in plain and packed segments" {
	python3 -c '
import random
random.seed(5)
words = ["error", "Error", "timeout", "GET /index.html", "\u00e9t\u00e9", "connection refused", "x" * 300, "", "a.b", "  "]
for i in range(20000):
    print(f"{i}", *random.choices(words, k=random.randrange(5)))' >text
	{
		python3 -c '
import sys
for i, line in enumerate(open("text").read().splitlines()):
    print("line", 1000 + i, 0, line.encode("unicode_escape").decode() if line.isascii() else "".join(f"\\x{b:02x}" for b in line.encode()))
    if i in (5000, 11000):
        print("pack")
    if i == 15000:
        print("rotate")'
	} | history web
	lines | cmp - text
	for pattern in error Error 'timeout.*refused' '^1.*error$' 'a\.b' '[0-9]{4} (GET|Error)' 'nothing at all' '^[^e]*$' \
		'\bx+\b' 'x{300} x' 'été' '^.{3}$' '\d\s+\W' '(error|timeout)( \1)' '^$' '[^ ][b-y]$' 'GET(?= )' '\Aerror|5\z'; do
		lines --case-sensitive --grep "$pattern" >got
		LC_ALL=C.UTF-8 grep -P -- "$pattern" text | diff -q - got || { echo "$pattern"; false; }
		lines -i -g "$pattern" >got
		LC_ALL=C.UTF-8 grep -P -i -- "$pattern" text | diff -q - got || { echo "-i $pattern"; false; }
		lines --case-sensitive -v -g "$pattern" >got
		LC_ALL=C.UTF-8 grep -P -v -- "$pattern" text | diff -q - got || { echo "-v $pattern"; false; }
	done
	lines -g error | diff - <(grep -i error text)
	lines -g Error | diff - <(grep Error text)
	lines -r -g 'timeout$' | diff - <(grep 'timeout$' text | tac)
	lines -n 7 -g 'timeout$' | diff - <(grep 'timeout$' text | tail -n 7)
	# the lines around them
	for context in "-A 2" "-B 1" "-C 3" "-A 1 -B 2"; do
		lines $context --case-sensitive -g 'x{300} x' | diff - <(grep -E $context 'x{300} x' text)
	done
	[ "$(lines -g '^7777 ' -C 1 -r | tac)" = "$(lines -g '^7777 ' -C 1)" ]
	[ "$(lines -g '^(7777|100|12000)\b' -C 1 -n 2)" = "$(lines -g '^(7777|12000)\b' -C 1)" ]
}

@test "a pattern that would take for ever is given up, line by line" {
	history web <<-'END'
		line 1 0 before aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!
		line 2 0 aaaab
	END
	run lines -g '^(a+)+b'
	[ "$status" -eq 0 ]
	[[ $output == *aaaab* ]]
}

@test "priorities and streams" {
	history web <<-'END'
		line 1 0 <3>bad
		line 2 1 plain error
		line 3 0 <6>fine
		line 4 0 <4>odd
		line 5 0 nothing said
		line 6 0 <7>chatter
		line 7 0 <30>daemon's info
		line 8 0 <x>no prefix
		bytes 9 0 out
		bytes 9 1 err
		bytes 9 0 put\x0a
		line 9 1 or
	END
	[ "$(lines -p err)" = "<3>bad" ]
	[ "$(lines -p 4)" = $'<3>bad\n<4>odd' ]
	[ "$(lines -p warning..info | head -n 2)" = $'plain error\n<6>fine' ]
	[ "$(lines -p info | grep -c .)" -eq 9 ]
	[ "$(lines --priority=debug..debug)" = "<7>chatter" ]
	[ "$(lines --err)" = $'plain error\nerror' ]
	[ "$(lines | tail -n 2)" = $'output\nerror' ]
	[ "$(lines --err -g plain)" = "plain error" ]
	tend logs --json web | python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert [l.get("priority") for l in lines] == [3, None, 6, 4, None, 7, 6, None, None, None], lines
assert lines[0]["line"] == "<3>bad" and lines[1]["stream"] == "error", lines'
}

@test "formats" {
	history web <<-'END'
		start 1795860000.125 1
		line 1795860000.25 0 hello
		exit 1795860001.5 1 3
		drop 1795860002 1000
	END
	[ "$(TZ=Europe/Berlin tend logs -o short web)" = "$(cat <<-'END'
		Nov 28 11:00:00 [web started, run 1, pid 4711]
		Nov 28 11:00:00 hello
		Nov 28 11:00:01 [web ended: exit code 3]
		Nov 28 11:00:02 [web: 1000 bytes were dropped here: No space left on device]
	END
	)" ]
	[ "$(TZ=Europe/Berlin tend logs -o short-iso web | sed -n 2p)" = "2026-11-28T11:00:00+0100 hello" ]
	[ "$(TZ=Europe/Berlin tend logs -o iso web | sed -n 2p)" = "2026-11-28T11:00:00.250000+01:00 hello" ]
	[ "$(TZ=Europe/Berlin tend logs --utc -o iso web | sed -n 2p)" = "2026-11-28T10:00:00.250000+00:00 hello" ]
	[ "$(tend logs -o with-unit web | sed -n 2p)" = "Nov 28 10:00:00 web | hello" ]
	[ "$(tend logs web | sed -n 2p)" = "hello" ]
	run --separate-stderr tend logs -o cat web
	[ "$output" = hello ]
	[[ $stderr == *"web: 1000 bytes were dropped here: No space left on device"* ]]
	tend logs -o json web | python3 -c '
import json, sys
drop = [json.loads(line) for line in sys.stdin][3]
assert drop["mark"] == "drop" and drop["bytes"] == 1000 and drop["error"] == "No space left on device", drop'
}

@test "rotation is a mark" {
	history web <<-'END'
		line 1 0 a
		pack
		line 2 0 b
	END
	[ "$(tend logs -t web | cut -d ' ' -f 3-)" = $'a\n[web: the log was rotated]\nb' ]
	[ "$(tend logs -t -r web | cut -d ' ' -f 3-)" = $'b\n[web: the log was rotated]\na' ]
	[ "$(lines)" = $'a\nb' ]
}

@test "bytes of any kind, lines of any length" {
	python3 -c '
print("line 1 0 nul \\x00 bad \\xff esc \\x1b[31m bar 1\\x0d2")
print("bytes 2 0", "y" * 3000000)
print("line 3 0 z")
print("line 4 0 end")' | history web
	tend logs -o cat web >got
	python3 -c '
import sys
sys.stdout.buffer.write(b"nul \x00 bad \xff esc \x1b[31m bar 1\r2\n" + b"y" * 3000000 + b"z\nend\n")' | cmp - got
	lines | cmp - got
	[ "$(lines -n 2 | tail -n 1)" = end ]
	[ "$(lines -r | head -n 1)" = end ]
	[ "$(lines -g 'end' --case-sensitive)" = end ]
}

@test "JSON lines are spread when asked for, every byte of their values kept" {
	history web <<-'END'
		line 1 0 {"a":1.10,"big":123456789012345678901234567890,"b":[1,{}, []],"s":"x, {\\"y\\"}"}
		line 2 0 {no json
	END
	[ "$(lines --pretty)" = "$(cat <<-'END'
		{"a":1.10,"big":123456789012345678901234567890,"b":[1,{}, []],"s":"x, {\"y\"}"}
		{no json
	END
	)" ] || [ "$(lines --pretty | head -n 3)" = $'{\n  "a": 1.10,\n  "big": 123456789012345678901234567890,' ]
	history web <<-'END'
		line 1 0 <6>{"a":1.10,"b":[1,{}, []],"s":"x, {\\"y\\"}"}
	END
	[ "$(lines --pretty)" = "$(cat <<-'END'
		<6>{
		  "a": 1.10,
		  "b": [
		    1,
		    {},
		    []
		  ],
		  "s": "x, {\"y\"}"
		}
	END
	)" ]
	[[ $(lines) == '<6>{"a":1.10,'* ]]
}

@test "cursors: each line once, over rotation and packing" {
	four_days
	cursor=$(tend logs -n 0 --show-cursor web | sed -n 's/^-- cursor: //p')
	[ -z "$(lines --after-cursor "$cursor")" ]
	tend logs --json web >all
	python3 -c '
import json
for line in open("all"):
    item = json.loads(line)
    if "line" in item:
        print(item["cursor"], item["line"], sep="\t")' >cursors
	[ "$(wc -l <cursors)" -eq 48 ]
	for at in 1 7 20 21 33 48; do
		cursor=$(sed -n "${at}p" cursors | cut -f 1)
		lines --after-cursor "$cursor" | diff - <(lines | tail -n +$((at + 1)))
		lines --cursor "$cursor" | diff - <(lines | tail -n +"$at")
	done
	# in pages
	cursor=$(sed -n 1p cursors | cut -f 1)
	lines -n 5 --after-cursor "$cursor" --show-cursor >got
	[ "$(sed -n '1,5p' got)" = "$(lines | sed -n 2,6p)" ]
	cursor=$(sed -n 's/^-- cursor: //p' got)
	[ "$(lines -n 1 --after-cursor "$cursor")" = "$(lines | sed -n 7p)" ]
	# what it stands at is gone
	rm "$TEND_HOME"/log/web/1795600000000000000.*
	run --separate-stderr tend logs -o lines --after-cursor "$cursor" web
	[ "$status" -eq 1 ]
	[ "$stderr" = "tend: web: what the cursor stands at is gone; all that is left behind it is shown" ]
	[ "${lines[0]}" = "second 0" ]
}

@test "cursors of several units, and of one that came later" {
	history one <<<'many 1000 2 10 one {}'
	history two <<<'many 1001 2 10 two {}'
	cursor=$(tend logs --show-cursor --until @1008.5 one two | sed -n 's/^-- cursor: //p')
	history three <<<'many 1007 1 4 three {}'
	[ "$(tend logs -o lines --after-cursor "$cursor" | sed 's/.*| //' | head -n 4)" = $'two 4\nthree 2\none 5\nthree 3' ] ||
		tend logs -o lines --after-cursor "$cursor" | sed 's/.*| //' | head -n 4 | sort |
		diff - <(printf 'one 5\nthree 2\nthree 3\ntwo 4\n')
}

@test "a cursor of what is not there yet; and what may not be read" {
	unit_service silent 'ExecStart=/bin/true'
	[ "$(tend logs --show-cursor silent)" = "-- cursor: -" ]
	history silent <<<'line 1 0 at last'
	[ "$(tend logs -o lines --after-cursor - silent)" = "at last" ]
	mv "$TEND_HOME/log" "$TEND_HOME/logs"
	touch "$TEND_HOME/log"
	run tend logs silent
	[ "$status" -eq 1 ]
	[ "$output" = "tend: cannot read the logs in $TEND_HOME/log: Not a directory" ]
}

@test "a cursor goes on where a running service was left" {
	tend run --name w -p LogSegmentSize=64K -- sh -c 'seq 1 20000; echo END; while [ ! -e go ]; do sleep 0.05; done; seq 20001 40000; echo END; exec sleep 1000'
	world line "$(world_log w)" END
	cursor=$(tend logs -n 1 --show-cursor w | sed -n 's/^-- cursor: //p')
	touch go
	world line "$(world_log w)" 40000
	tend logs --flush w >/dev/null
	tend logs -o cat --after-cursor "$cursor" w | diff - <(seq 20001 40000; echo END)
	tend logs -o cat w | diff - <(seq 1 20000; echo END; seq 20001 40000; echo END)
	tend logs -o cat -r w | diff - <((seq 1 20000; echo END; seq 20001 40000; echo END) | tac)
	tend stop w
}

@test "why and status read packed segments, too" {
	tend run --wait -q --name y -p LogCompress=yes -- sh -c 'seq 100; printf "last words"; exit 4' >/dev/null || true
	tend logs --rotate y
	until_true is_packed y
	tend why y >got
	grep -q '| last words$' got
	grep -q '| 100$' got
	tend status y >got || true
	grep -q 'last words$' got
	[ "$(tend logs -o lines --run 0 -n 1 y)" = "last words" ]
}

@test "wrong questions are refused, with words and exit code 2" {
	four_days
	expect query-since tend logs --since sometime web
	expect query-since-late tend logs --since now --until yesterday web
	expect query-since-far tend logs --since @99999999999 web
	expect query-run tend logs --run x web
	expect query-run-since tend logs --run 1 --since today web
	expect query-grep tend logs --grep 'a(' web
	expect query-grep-i tend logs -i web
	expect query-context tend logs -g x -C -1 web
	expect query-priority tend logs -p loud web
	expect query-priority-range tend logs -p err..loud web
	expect query-cursor tend logs --cursor nonsense web
	expect query-cursor-two tend logs --cursor 'web=l,1,2,3,0,4' --after-cursor 'web=l,1,2,3,0,4' web
	expect query-follow-reverse tend logs -f -r web
	expect query-follow-until tend logs -f --until now web
	expect query-json-output tend logs --json -o cat web
	expect query-case tend logs -g x -i --case-sensitive web
}
