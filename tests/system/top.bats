# `tend top` in a real terminal (tmux): what is where at several sizes, keys, and the terminal afterwards.
load ../lib/world
load ../lib/units
load ../lib/subjects

setup() {
	command -v tmux >/dev/null || skip "tmux is not installed"
	world_start
	export LC_ALL=C.UTF-8
	TERMINALS=0
}

teardown() {
	[ -n "${TERMINALS:-}" ] || return 0
	terminal kill-server 2>/dev/null || true
	subjects_end
	world_end
}

terminal() # tmux's own words
{
	tmux -S "$BATS_TEST_TMPDIR/tmux$TERMINALS" -f /dev/null "$@" 3>&-
}

on_terminal() # COLUMNS ROWS COMMAND LINE: in a terminal of this size, which stays when it has ended
{
	terminal kill-server 2>/dev/null || true
	TERMINALS=$((TERMINALS + 1))
	terminal new-session -d -x "$1" -y "$2" "$3; printf 'ended %s' \$?; exec sleep 3000"
}

shot() # what is on the screen
{
	terminal capture-pane -p
}

shows() # TEXT: waits until it is on the screen
{
	local tries=0
	until [[ "$(shot)" == *"$1"* ]]; do
		[ $((tries += 1)) -lt 300 ] || { echo "never seen: $1"; shot; return 1; }
		sleep 0.05
	done
}

hides() # TEXT: waits until it is not
{
	local tries=0
	while [[ "$(shot)" == *"$1"* ]]; do
		[ $((tries += 1)) -lt 300 ] || { echo "still seen: $1"; shot; return 1; }
		sleep 0.05
	done
}

keys()
{
	terminal send-keys "$@"
}

top_pid()
{
	terminal list-panes -F '#{pane_pid}' | while read -r shell; do
		until_true "[ -n \"\$(cat /proc/$shell/task/$shell/children)\" ]"
		for pid in $(cat "/proc/$shell/task/$shell/children"); do
			echo "$pid"
		done
	done
}

two_units()
{
	unit web <<-'UNIT'
		[Unit]
		Description=the 가나다 server
		[Service]
		ExecStart=/bin/sh -c 'echo first line; sleep 100042 & echo "last line"; wait'
	UNIT
	unit_service bad "ExecStart=/bin/false"
	tend start --quiet web
	tend start --quiet bad || true
	world state bad failed
	until_true '[ "$(tend status --json web | grep -c "\"command\": \"sleep")" = 1 ]'
}

# what must be where, whatever the figures are; a screen may be caught while it is being drawn
structure() # COLUMNS ROWS TITLES
{
	local tries=0
	until is_structured "$@" 2>"$BATS_TEST_TMPDIR/wrong"; do
		[ $((tries += 1)) -lt 20 ] || { cat "$BATS_TEST_TMPDIR/wrong"; shot; return 1; }
		sleep 0.1
	done
}

is_structured()
{
	shot >"$BATS_TEST_TMPDIR/shot"
	python3 -B - "$BATS_TEST_TMPDIR/shot" "$@" <<'CHECK'
import re, sys, unicodedata
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")[:-1]
columns, rows, titles = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].split(",")
wide = lambda s: sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in s)
assert len(lines) <= rows and all(wide(l) <= columns for l in lines), [l for l in lines if wide(l) > columns]
assert re.match(r"up \S+, load [\d.]+ [\d.]+ [\d.]+, 2 units", lines[0]), lines[0]
at = 1
if rows >= 16:
    for word in "cpu", "memory", "pressure", "disk":
        assert lines[at].startswith(word), (word, lines[at])
        at += 1
assert re.sub(r"(\w%?)[v^](?= |$)", r"\1", lines[at]).replace("LAST MINUTE", "LAST").split() == titles, (lines[at], titles)
name = lines[at].index("NAME")
places = {w: i for i, w in enumerate(titles)}
units = [l for l in lines[at + 1:] if re.search(r"\b(web|bad)\b", l) and "/bin" not in l and "log of" not in l]
assert units, lines
for l in units:
    assert re.match(r"^[▾▸ ] (web|bad)", l[name:]), l
assert any("sleep 100042" in l[name:] for l in lines), lines
assert any("PID" in t for t in titles) and re.match(r"^ +\d+ ", [l for l in lines if "sleep 100042" in l][0])
bottom = [l for l in lines if l][-1]
assert bottom.startswith("? help  q quit"), bottom
CHECK
}

@test "structure, at several sizes" {
	two_units
	on_terminal 120 40 "tend top"
	shows "sleep 100042"
	structure 120 40 "PID,USER,STATE,CPU%,MEMORY,TASKS,AGE,LAST,NAME"
	terminal resize-window -x 80 -y 24
	hides "TASKS"
	structure 80 24 "PID,USER,STATE,CPU%,MEMORY,AGE,NAME"
	terminal resize-window -x 60 -y 12
	hides "pressure"
	structure 60 12 "PID,STATE,CPU%,MEMORY,NAME"
	terminal resize-window -x 25 -y 4
	shows "too small"
	terminal resize-window -x 200 -y 60
	shows "LAST MINUTE"
	structure 200 60 "PID,USER,STATE,CPU%,MEMORY,TASKS,AGE,LAST,NAME"
	shows "the 가나다 server"
	keys q
	shows "ended 0"
}

@test "keys: flat and tree, order, folds, filter, help" {
	two_units
	on_terminal 110 30 "tend top"
	shows "sleep 100042"
	keys t
	shows "t tree"
	keys /
	keys -l "sleep 100042"
	shows "web: sleep 100042"
	keys Escape t
	shows "t flat"
	shows "▾ web"
	keys m
	shows "MEMORYv"
	keys m
	shows "MEMORY^"
	keys n
	shows "NAMEv"
	shows "bad"
	[ "$(shot | grep -n ' bad' | head -1 | cut -d: -f1)" -lt "$(shot | grep -n 'web  the' | cut -d: -f1)" ]
	keys n
	shows "NAME^"
	[ "$(shot | grep -n ' bad' | head -1 | cut -d: -f1)" -gt "$(shot | grep -n 'web  the' | cut -d: -f1)" ]
	keys Home Left
	shows "▸ web"
	hides "sleep 100042"
	keys Right
	shows "sleep 100042"
	keys /
	shows "filter: _"
	keys -l "SLEEP 10004"
	shows "filter: SLEEP 10004_"
	shows "sleep 100042"
	hides "tendd itself"
	hides "bad"
	keys Enter
	shows "Esc ends it"
	keys Escape
	shows "bad"
	keys /
	keys -l "zzz"
	shows "nothing fits the filter"
	keys Escape
	shows "tendd itself"
	keys '?'
	shows "any key goes back"
	keys x
	shows "NAME^"
	keys q
	shows "ended 0"
}

@test "follow: the cursor goes where it goes" {
	two_units
	on_terminal 110 30 "tend top --sort name"
	shows "sleep 100042"
	keys f
	shows "FOLLOWING"
	terminal capture-pane -p -e >"$BATS_TEST_TMPDIR/before"
	keys n
	shows "NAME^"
	shows "FOLLOWING"
	keys s
	shows "stop the unit bad?"
	keys n
	shows "not done"
	keys q
	shows "ended 0"
}

@test "units are stopped, started and restarted after a question" {
	two_units
	on_terminal 110 30 "tend top --sort name"
	shows "sleep 100042"
	keys End
	keys n n Home
	keys n
	shows "NAME^"
	keys s
	shows "stop the unit web?"
	keys n
	shows "not done"
	[ "$(world_field web state)" = running ]
	local pid
	pid=$(world_pid web)
	keys r
	shows "restart the unit web?"
	keys y
	shows "web: restarted, running"
	[ "$(world_pid web)" != "$pid" ]
	keys s
	shows "stop the unit web?"
	keys y
	shows "web stopped in"
	world state web stopped
	shows "stopped"
	keys S
	shows "start the unit web?"
	keys y
	shows "web: running"
	[ "$(world_field web state)" = running ]
	keys q
	shows "ended 0"
}

@test "processes get signals and nice values after a question" {
	subject_program /bin/sleep 31415
	on_terminal 110 30 "tend top --flat"
	shows "pressure"
	keys /
	keys -l "sleep 31415"
	keys Enter
	hides "tmux"
	shows "sleep 31415"
	keys N
	shows "nice value of process $SUBJECT (sleep)"
	keys -l 7
	keys Enter
	shows "process $SUBJECT has nice 7 now"
	[ "$(ps -o ni= -p "$SUBJECT" | tr -d ' ')" = 7 ]
	keys N
	keys -l 77
	keys Enter
	shows "is not a number from -20 to 19"
	keys s
	shows "stop: that is done to units"
	keys k
	shows "signal for process $SUBJECT (sleep)"
	keys -l NONSENSE
	keys Enter
	shows "there is no signal NONSENSE"
	keys k
	keys -l stop
	keys BSpace BSpace BSpace BSpace
	keys -l STOP
	keys Enter
	shows "SIGSTOP sent to process $SUBJECT"
	until_true "grep -q '^State:.T' /proc/$SUBJECT/status"
	shows stopped
	keys k Escape
	shows "not done"
	keys k Enter
	shows "SIGTERM sent to process $SUBJECT"
	kill -CONT "$SUBJECT"
	until_true "! kill -0 $SUBJECT 2>/dev/null || grep -q '^State:.Z' /proc/$SUBJECT/status"
	keys q
	shows "ended 0"
}

@test "the log of the chosen unit, and its history" {
	two_units
	on_terminal 110 30 "tend top --sort name --log"
	shows "log of bad"
	keys n n Home n
	shows "log of web"
	shows "last line"
	shows "memory"
	keys l
	hides "log of web"
	keys q
	shows "ended 0"
}

@test "the mouse: choose, sort by a title, wheel" {
	two_units
	on_terminal 110 30 "TERM=xterm-256color tend top --sort name"
	shows "sleep 100042"
	local row
	row=$(shot | grep -n 'web  the' | cut -d: -f1)
	keys -l $'\e[<0;60;'"$row"M$'\e[<0;60;'"$row"m
	keys s
	shows "stop the unit web?"
	keys n
	shows "not done"
	keys -l $'\e[<0;60;'"$row"M$'\e[<0;60;'"$row"m
	shows "▸ web"
	row=$(shot | grep -n 'MEMORY' | cut -d: -f1)
	keys -l $'\e[<0;37;'"$row"M$'\e[<0;37;'"$row"m
	shows "MEMORYv"
	keys -l $'\e[<65;37;10M'
	keys q
	shows "ended 0"
}

@test "colours, none with NO_COLOR, none on a terminal without" {
	two_units
	on_terminal 110 30 "TERM=screen-256color tend top"
	shows "failed"
	keys Down # what is chosen has no colour
	until_true $'terminal capture-pane -p -e | grep -qE "\e\\[[0-9;]*31m *failed"'
	# never a background of its own, so that light ones stay light
	! terminal capture-pane -p -e | grep -qE $'\e\\[[0-9;]*4[0-7]m'
	keys q
	shows "ended 0"
	on_terminal 110 30 "NO_COLOR=1 TERM=screen-256color tend top"
	shows "failed"
	! terminal capture-pane -p -e | grep -qE $'\e\\[[0-9;]*3[0-7]m'
	on_terminal 110 30 "TERM=vt100 tend top"
	shows "failed"
	! terminal capture-pane -p -e | grep -qE $'\e\\[[0-9;]*3[0-7]m'
}

@test "the terminal is left as it was found, whatever ends it" {
	local how
	for how in q C-c TERM HUP QUIT SEGV ABRT; do
		on_terminal 90 25 "stty -a >before; echo MARK; TERM=xterm-256color tend top; sh -c 'stty -a >after'; echo over"
		shows "memory"
		case $how in
		q | C-c) keys "$how" ;;
		*) kill -"$how" "$(top_pid)" ;;
		esac
		shows "over"
		[[ "$(shot)" == *MARK* && "$(shot)" != *pressure* ]]
		cmp before after
		[ "$(terminal display-message -p '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag}')" = "0 1 0 0" ]
			rm before after
	done
}

@test "stopped with ^Z it gives the terminal back, and reads nothing; with fg it goes on" {
	terminal new-session -d -x 90 -y 25 "PS1='ready> ' bash --norc -i"
	shows "ready>"
	keys -l "TERM=xterm-256color tend top"
	keys Enter
	shows "pressure"
	keys C-z
	shows "Stopped"
	hides "pressure"
	local pid cpu
	pid=$(top_pid)
	grep -q '^State:.T' "/proc/$pid/status"
	keys -l fg
	keys Enter
	shows "pressure"
	keys q
	hides "pressure"
	shows "ready>"
}

@test "paused it does not wake up" {
	on_terminal 90 25 "tend top"
	shows "pressure"
	keys Space
	shows "PAUSED"
	local pid before
	pid=$(top_pid)
	before=$(grep ctxt_switches "/proc/$pid/status"; cat "/proc/$pid/io")
	sleep 2.5
	[ "$before" = "$(grep ctxt_switches "/proc/$pid/status"; cat "/proc/$pid/io")" ]
	keys Space
	hides "PAUSED"
	keys q
	shows "ended 0"
}

@test "refused politely: no terminal, TERM=dumb, a terminal nobody knows, wrong words" {
	run -1 --separate-stderr tend top
	[[ "$stderr" == *"top needs a terminal"* && -z "$output" ]]
	on_terminal 100 20 "TERM=dumb tend top"
	shows "cannot place its cursor"
	shows "ended 1"
	on_terminal 100 20 "TERM=nonesuch tend top"
	shows "not known here"
	shows "ended 1"
	on_terminal 100 20 "TERM= tend top"
	shows "cannot place its cursor"
	run -2 --separate-stderr tend top --sort nonsense
	run -2 --separate-stderr tend top --delay 0
	run -2 --separate-stderr tend top web
}

@test "tendd comes, goes, is replaced meanwhile" {
	on_terminal 110 30 "tend top"
	shows "no tendd"
	unit_service web "ExecStart=/bin/sleep 2000"
	tend start --quiet web
	shows "1 unit: 1 running"
	keys t
	shows "▾ web"
	kill -KILL "$(tend status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["manager"])')"
	tend stop --quiet web
	shows "1 unit: 0 running"
	keys q
	shows "ended 0"
}

@test "odd names do not spoil the screen" {
	subject it <<-'CODE'
		name("a\x1b[2Jb\n가나")
		ready(); forever()
	CODE
	on_terminal 110 30 "tend top --flat"
	shows "pressure"
	keys /
	keys -l "$SUBJECT"
	shows "filter: ${SUBJECT}_"
	shows "python3 -B"
	shows "pressure"
	keys Enter
	shows "Esc ends it"
	keys q
	shows "ended 0"
}

@test "as a plain user, with hidepid, beside a fork storm, without /proc" {
	[ "$(id -u)" = 0 ] || skip "needs root for mounts of its own"
	local plain="setpriv --reuid=65534 --regid=65534 --clear-groups"
	cp "$TEND_BUILD/tend" "$BATS_TEST_TMPDIR/tend"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/tend"
	subject storm <<-'CODE'
		if os.fork() == 0:
		    libc.prctl(1, 9, 0, 0, 0)
		    while True:
		        if os.fork() == 0: os._exit(0)
		        os.wait()
		ready(); forever()
	CODE
	on_terminal 110 30 "TEND_HOME=/nonexistent/x $plain '$BATS_TEST_TMPDIR/tend' top --flat --filter 'subject.storm'"
	shows "$SUBJECT root"
	keys k
	shows "signal for process"
	keys Enter
	shows "Operation not permitted"
	kill -0 "$SUBJECT"
	keys q
	shows "ended 0"
	on_terminal 110 30 "unshare -m sh -c \"mount -t proc -o hidepid=2 proc /proc && TEND_HOME=/nonexistent/x exec $plain '$BATS_TEST_TMPDIR/tend' top --flat\""
	shows "pressure"
	[[ "$(shot)" != *"$SUBJECT root"* && "$(shot)" == *nobody* ]]
	keys q
	shows "ended 0"
	! grep -q __asan_init "$TEND_BUILD/tend" || skip "a sanitizer itself cannot do without /proc"
	on_terminal 110 30 "unshare -m sh -c 'mount -t tmpfs tmpfs /proc && exec tend top'"
	shows "/proc is not mounted here"
	shows "ended 1"
}

@test "a tendd that hangs does not keep anybody from looking at processes" {
	unit_service web "ExecStart=/bin/sleep 2000"
	tend start --quiet web
	local manager
	manager=$(tend status --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["manager"])')
	kill -STOP "$manager"
	run --separate-stderr timeout 60 tend ps web
	[ "$status" -ne 124 ]
	[[ "$stderr" == *"tendd does not answer"* ]]
	on_terminal 110 30 "tend top"
	shows "pressure"
	shows "no tendd"
	keys '?'
	shows "any key goes back"
	keys x
	hides "any key goes back"
	keys q
	shows "ended 0"
	kill -CONT "$manager"
	run -0 --separate-stderr tend ps web
	[[ "$output" == *"sleep 2000"* ]]
}
