# Damaged logs: what can be read is read, one line says what cannot; tend logs --verify finds all of it.
load ../lib/world

setup()
{
	world_start
	export TZ=UTC TERM=dumb
	log=$TEND_HOME/log/web
	python3 -B "$WORLD_LIB/history.py" "$log" <<-'END'
		many 1000 1 1000 one {}
		rotate
		many 3000 0.001 60000 two {} xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
		pack
		many 5000 1 1000 three {}
	END
	one=$log/1000000000000
	two=$log/3000000000000
}
teardown() { cd /; }

verify() # WORDS: it says them of web, and fails
{
	run tend logs --verify web
	[ "$status" -eq 1 ]
	[[ $output == *"$1"* ]] || { echo "$output"; false; }
}

count() # LINES COMPLAINTS
{
	tend logs -o lines web >got 2>said
	[ "$(wc -l <got)" -eq "$1" ] || { wc -l got; head said; false; }
	[ "$(wc -l <said)" -eq "$2" ] || { cat said; false; }
}

@test "what is sound" {
	count 62000 0
	run tend logs --verify web
	[ "$status" -eq 0 ]
	[ "$output" = "web: 3 segments, 5.5M, 62000 records: sound" ] || [[ $output == "web: 3 segments, "*" 62000 records: sound" ]]
	tend logs --verify --json web | python3 -c '
import json, sys
(web,) = json.load(sys.stdin)
assert web["name"] == "web" and web["sound"] and web["segments"] == 3 and web["records"] == 62000 and web["problems"] == [], web'
	[ "$(tend logs --verify | wc -l)" -eq 1 ]
}

@test "an index that is damaged, cut off, missing, of another" {
	printf 'rubbish' | dd of="$one.idx" bs=1 seek=4000 conv=notrunc status=none
	verify "web/1000000000000.log: 1 of the 1000 records of its index are damaged: times may be wrong"
	count 62000 1
	grep -q '1000000000000.log: its index is damaged: times may be wrong' said
	rm "$one.idx"
	verify "web/1000000000000.log: it has no index: times are not known"
	count 62000 1
	truncate -s 100 "$two.idx"
	verify "its index ends within a record"
	count 62000 1
	cp "$log/current.idx" "$two.idx"
	[ "$(tend logs -o lines web | wc -l)" -eq 62000 ]
}

@test "a segment that is cut off" {
	truncate -s 1000 "$one.log"
	verify "web/1000000000000.log: its index tells of"
	count 61139 1
	grep -q '^one 13$' got
	truncate -s 20000 "$two.log.zst"
	verify "packed bytes cannot be read"
	tend logs -o lines web >got 2>said
	[ "$(wc -l <said)" -eq 2 ]
	grep -q '^two 0 ' got
	grep -q '^three 999' got
	run -0 tend logs -o lines -n 1 web
	[ "$output" = "three 999" ]
}

@test "a packed segment that is damaged in the middle, in its seek table, in both" {
	printf 'rubbish rubbish rubbish rubbish' | dd of="$two.log.zst" bs=1 seek=30000 conv=notrunc status=none
	verify "cannot be unpacked"
	tend logs -o lines web >got 2>said
	[ "$(wc -l <said)" -eq 1 ]
	grep -q 'from byte [0-9]* on cannot be read: damaged' said
	grep -q '^two 0 ' got
	grep -q '^two 59999 ' got
	[ "$(wc -l <got)" -gt 40000 ]
	[ "$(tend logs -o lines -g '^two 59999 ' web | wc -l)" -eq 1 ]
	size=$(stat -c %s "$two.log.zst")
	printf 'rubbish' | dd of="$two.log.zst" bs=1 seek=$((size - 30)) conv=notrunc status=none
	tend logs -o lines web >got2 2>/dev/null
	cmp got got2
	truncate -s 0 "$two.log.zst"
	[ "$(tend logs -o lines web 2>/dev/null | wc -l)" -eq 2000 ]
	head -c 100000 /dev/urandom >"$two.log.zst"
	run --separate-stderr tend logs -o lines web
	[ "${#lines[@]}" -eq 2000 ]
	[[ $stderr == *"packed bytes cannot be read"* ]]
}

@test "a seek table that is damaged costs nothing" {
	size=$(stat -c %s "$two.log.zst")
	truncate -s $((size - 3)) "$two.log.zst"
	verify "its seek table is damaged; all of it can be read without"
	count 62000 0
}

@test "files that were removed, copied in, left behind" {
	rm "$one.log"
	verify "web/1000000000000.idx: an index without its log, which is gone"
	count 61000 0
	rm "$one.idx"
	cp "$log/current" "$log/2000.log"
	cp "$log/current.idx" "$log/2000.idx"
	run tend logs --verify web
	[ "$status" -eq 0 ]
	[[ $output == *"web/2000.log: note: its name is not the time of its first record (5000000000000): it was copied here, or renamed"* ]]
	count 62000 0
	zstd -q -d "$two.log.zst" -o "$two.log"
	cp "$log/current" "$log/notes.txt"
	run tend logs --verify web
	[ "$status" -eq 0 ]
	[[ $output == *"3000000000000.log.zst: note: the plain segment is there too: packing goes on, or was interrupted"* ]]
	[[ $output == *"web/notes.txt: note: it is no part of the log"* ]]
	count 62000 0
	rm "$log"/*
	count 0 0
}

@test "who may read it, and a clock that was set back" {
	chmod 644 "$one.log"
	verify "web/1000000000000.log: it may be read by everybody (mode 0644)"
	python3 -B "$WORLD_LIB/history.py" "$TEND_HOME/log/back" <<-'END'
		line 2000 0 a
		line 1000 0 b
	END
	run tend logs --verify back
	[ "$status" -eq 0 ]
	[[ $output == *"note: the clock went back by 16min 40s"* ]]
	run tend logs --verify nobody
	[ "$status" -eq 4 ]
}
