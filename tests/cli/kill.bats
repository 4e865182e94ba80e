# `tend kill`: whom it hits and whom it does not, what became of them, and what it says where no signal helps. Everything is killed in
# PID namespaces of its own.
load ../lib/world
load ../lib/zoo

setup() { world_start; }
teardown() { freezer_end; cd /; }

freezer_end()
{
	if [ -n "${FREEZER:-}" ] && [ -d "$FREEZER" ]; then
		echo THAWED >"$FREEZER/freezer.state"
		until_true rmdir "$FREEZER" 2>/dev/null
	fi
}

alive='alive() { for name; do eval "pid=\$ZOO_$name"; case $(cut -d")" -f2- /proc/$pid/stat 2>/dev/null) in "" | *" Z "*) ;; *) printf "%s " "$name" ;; esac; done; echo; }'

@test "by name: those and no others, and the receipt says who" {
	zoo_sh "$alive"'; tend kill plain; tend kill --json "two words" $ZOO_korean; alive plain words korean bracket fifteen'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == "plain: 1 process ended in "*" ms" ]]
	[ "${lines[-1]}" = "bracket fifteen " ]
	python3 -c '
import json, sys
text = sys.stdin.read()
receipt, = json.loads(text[text.index("["):text.rindex("]") + 1])
assert receipt["stopped"] and not receipt["killed"] and not receipt["survivors"], receipt
assert [p["signal"] for p in receipt["signalled"]] == ["SIGTERM"] * 2, receipt
assert receipt["ms"] >= 0' <<<"$output"
}

@test "who does not hear TERM is killed after the grace; a stopped one hears it" {
	zoo_sh "$alive"'; mkfifo pipe; exec 9<>pipe; sh -c "trap \"\" TERM; while :; do read -r line <&9; done" &
		until grep -q "SigIgn:.*[4-7c-f]...$" /proc/$!/status; do sleep 0.01; done
		tend kill --grace 100ms $!; tend kill --grace 60s $ZOO_stopped; alive stopped; rm pipe'
	echo "$output"
	[[ "${lines[0]}" == *": 1 process ended in "*" ms, 1 of them by SIGKILL" ]]
	[[ "${lines[1]}" == *": 1 process ended in "*" ms" ]]
	[ "${lines[2]// /}" = "" ]
}

@test "the whole group, session, tree" {
	zoo_sh "$alive"'; tend kill -n --whom group $ZOO_front; tend kill -n --whom session $ZOO_front; tend kill -q --whom tree $ZOO_leader
		alive leader front behind plain; echo $ZOO_leader $ZOO_front $ZOO_behind'
	echo "$output"
	read -r leader front behind <<<"${lines[-1]}"
	seen=$(awk '$1 ~ /^[0-9]+$/ && NF > 3 { printf "%s ", $1 }' <<<"$output")
	[ "$seen" = "$front $leader $front $behind " ]
	[ "${lines[-2]}" = "plain " ]
}

@test "never itself, what it was started from, or the first process; unless the pid is said" {
	zoo_sh "$alive"'; sh -c "tend kill -y --json -r . >receipt; echo lives"; alive plain odd leader; cat receipt; sh -c "tend kill \$\$; echo not reached"
		echo after; rm receipt'
	echo "$output"
	[ "${lines[0]}" = lives ] || [ "${lines[-1]}" = lives ] || grep -qx lives <<<"$output"
	grep -qx after <<<"$output"
	! grep -qx "not reached" <<<"$output"
	[[ "$output" == *"spared: tend itself, what it was started from, the first process, tendd or the kernel"* ]]
	[[ "$output" == *'"survivors": []'* ]]
	run grep -cE '^(plain|odd|leader)' <<<"$output"
	[ "$output" = 0 ]
}

@test "a zombie is dead already, and who must reap it is said" {
	zoo_sh 'tend kill $ZOO_zombie; echo "exit $?"'
	echo "$output"
	[[ "$output" == *"pid "*", [unburied]: it is dead already; its parent "*" (neglectful) must reap it, or end"* ]]
	[[ "$output" == *"exit 1"* ]]
}

@test "one in state D: where it waits, and that no signal will help (a frozen group of version 1)" {
	local mount

	mount=$(awk '$3 == "cgroup" && $4 ~ /freezer/ { print $2; exit }' /proc/mounts)
	[ "$(id -u)" = 0 ] && [ -n "$mount" ] || skip "needs root and a freezer of cgroup version 1"
	FREEZER=$mount/tend-test-$$
	mkdir "$FREEZER" || skip "no group can be made in $mount"
	zoo_sh "echo \$ZOO_plain >$FREEZER/cgroup.procs; echo FROZEN >$FREEZER/freezer.state
		until grep -q FROZEN $FREEZER/freezer.state; do sleep 0.01; done
		tend ps -o state,wchan \$ZOO_plain 2>/dev/null; tend kill --grace 50ms \$ZOO_plain; echo \"exit \$?\"
		tend kill -9 --json \$ZOO_plain 2>/dev/null; echo THAWED >$FREEZER/freezer.state"
	echo "$output"
	[[ "${lines[1]}" == disk* ]]
	[[ "$output" == *"no signal will help until "* ]]
	[[ "$output" == *"exit 1"* ]]
	[[ "$output" == *'"survivors": ['*'"pid":'*'"text": "it'* ]]
}

@test "another signal is sent and nothing follows" {
	zoo_sh "$alive"'; mkfifo pipe; exec 9<>pipe; sh -c "trap \"echo heard; exit\" USR1; while :; do read -r line <&9; done" &
		until grep -q "SigCgt:.*[2367abef]..$" /proc/$!/status; do sleep 0.01; done
		tend kill -s usr1 $!; wait $!; tend kill -s STOP $ZOO_plain; tend find --state stopped $ZOO_plain -c; rm pipe'
	echo "$output"
	[[ "$output" == *"SIGUSR1 sent to 1 process"* ]]
	[[ "$output" == *heard* ]]
	[[ "$output" == *"SIGSTOP sent to 1 process"* ]]
	[ "${lines[-1]}" = 1 ]
}

@test "what is another user's is denied" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	cp "$TEND_BUILD/tend" tend
	chmod 755 "$BATS_TEST_TMPDIR" tend
	zoo_sh "$alive"'; setpriv --reuid=65534 --regid=65534 --clear-groups env -u TEND_HOME ./tend kill $ZOO_plain; echo "exit $?"
		alive plain'
	echo "$output"
	[[ "$output" == *"not permitted: it is another user's"* ]]
	[[ "$output" == *"exit 5"* ]]
	[ "${lines[-1]}" = "plain " ]
}

@test "without a terminal more than ten need -y; pids are plain enough" {
	zoo_sh "$alive"'; for i in 1 2 3 4 5 6 7 8 9 10 11; do sleep 4242 & pids="$pids $!"; done
		until [ "$(tend find -f "sleep 4242" -c)" = 11 ]; do sleep 0.01; done
		tend kill -f "sleep 4242"; echo "exit $?"; tend find -f "sleep 4242" -c; tend kill -q $pids; echo "exit $?"; tend find -f "sleep 4242" -c'
	echo "$output"
	[[ "$output" == *"this would end 11 processes; without a terminal to ask on, more than 10 need -y. Nothing was done"* ]]
	grep -qx "exit 1" <<<"$output"
	grep -qx 11 <<<"$output"
	[ "${lines[-1]}" = 0 ]
}

@test "on a terminal it shows whom it would hit, and asks" {
	cat >terminal.py <<-'PY'
		import os, pty, sys
		pid, master = pty.fork()
		if pid == 0:
		    os.execvp("tend", ["tend", "kill", *sys.argv[2:]])
		seen = b""
		while b"[y/N]" not in seen:
		    seen += os.read(master, 1000)
		os.write(master, sys.argv[1].encode() + b"\n")
		try:
		    while piece := os.read(master, 1000):
		        seen += piece
		except OSError:
		    pass
		print(seen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	PY
	zoo_sh "$alive"'; python3 terminal.py n plain; alive plain; python3 terminal.py y plain; alive plain'
	echo "$output"
	[[ "$output" == *COMMAND* ]]
	[[ "$output" == *"End 1 process? [y/N]"* ]]
	[[ "$output" == *"nothing was done"* ]]
	[ "$(grep -c '^plain $' <<<"$output")" -eq 1 ]
	[[ "$output" == *"plain: 1 process ended in "* ]]
}

@test "never the wrong process: pids that come round while it chooses" {
	[ "$(id -u)" = 0 ] || skip "needs root for a small pid_max"
	[ "$(printf '%s\n' 6.14 "$(uname -r)" | sort -V | head -n 1)" = 6.14 ] || skip "before Linux 6.14 pid_max is that of the machine"
	run -0 unshare --mount --pid --fork --mount-proc --kill-child python3 -B "$WORLD_LIB/wrap.py" 25
	echo "$output"
}

@test "in the /proc of another PID namespace nothing is done" {
	unshare --mount --pid --fork true 2>/dev/null || skip "no PID namespace can be made here"
	run -1 unshare --mount --pid --fork tend kill -y -x no-such-name-at-all
	[[ "$output" == *"another PID namespace"*"Nothing was done" ]]
}

@test "wrong usage" {
	for words in "" "-s NOSUCH 1" "--whom half 1" "--grace soon 1" "-9 -s HUP 1" "--grace 1s -s HUP 1"; do
		# shellcheck disable=SC2086
		run -2 tend kill $words
	done
	run -1 tend kill -x no-such-name-at-all
	[ "$output" = "tend: no process fits" ]
}
