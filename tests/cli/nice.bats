# `tend nice`: what it sets, of all threads, as the system's own tools see it; and what is kept for a unit's next start.
load ../lib/world
load ../lib/zoo

setup() { world_start; }
teardown() { cd /; }

@test "nice value, class, io priority, cpus, oom score: as ps, chrt, ionice, taskset say" {
	zoo_sh 'tend nice $ZOO_plain 5 >/dev/null; ps -o ni= $ZOO_plain
		tend nice --class batch -n 3 $ZOO_odd >/dev/null; chrt -p $ZOO_odd | head -n 1
		tend nice --io idle $ZOO_words >/dev/null; ionice -p $ZOO_words; tend nice --io best-effort:6 $ZOO_words >/dev/null; ionice -p $ZOO_words
		tend nice --cpus 0 $ZOO_korean >/dev/null; taskset -cp $ZOO_korean
		tend nice --oom 500 $ZOO_line >/dev/null; cat /proc/$ZOO_line/oom_score_adj
		tend nice --json $ZOO_words'
	echo "$output"
	[ "${lines[0]// /}" = 5 ]
	[[ "${lines[1]}" == *SCHED_BATCH ]]
	[ "${lines[2]}" = idle ]
	[ "${lines[3]}" = "best-effort: prio 6" ]
	[[ "${lines[4]}" == *"list: 0" ]]
	[ "${lines[5]}" = 500 ]
	[[ "$output" == *'"io": "best-effort:6"'* ]]
}

@test "all threads of it, the whole group, and what it shows" {
	zoo_sh 'tend nice $ZOO_threads 4; ps -L -o ni= $ZOO_threads | sort | uniq -c; tend nice --whom session $ZOO_leader 6 >/dev/null
		ps -o ni= $ZOO_leader $ZOO_front $ZOO_behind | uniq -c; tend nice $ZOO_leader | tail -n 1'
	echo "$output"
	[[ "${lines[0]}" == *PID*NICE*CLASS*IO*CPUS*OOM*COMMAND* ]]
	[ "$(grep -cE '^ +4 +4$' <<<"$output")" -eq 1 ]
	[ "$(grep -cE '^ +3 +6$' <<<"$output")" -eq 1 ]
	[[ "${lines[-1]}" == *" 6  other "* ]]
}

@test "real time needs root; who may not is told so" {
	[ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
	cp "$TEND_BUILD/tend" tend
	chmod 755 "$BATS_TEST_TMPDIR" tend
	zoo_sh 'tend nice --class fifo --priority 7 $ZOO_plain >/dev/null; chrt -p $ZOO_plain; tend nice --class other $ZOO_plain >/dev/null
		setpriv --reuid=65534 --regid=65534 --clear-groups env -u TEND_HOME ./tend nice -n -5 $ZOO_nobody; echo "exit $?"
		ps -o ni= $ZOO_nobody; chrt -p $ZOO_plain | head -n 1'
	echo "$output"
	[[ "${lines[0]}" == *SCHED_FIFO ]]
	[[ "${lines[1]}" == *": 7" ]]
	[[ "$output" == *"Permission denied; this needs root"*"exit 5"* ]]
	[[ "$output" == *SCHED_OTHER* ]]
}

@test "--keep: class, disk and processors too" {
	zoo_sh 'tend run --name web -- sleep 1000 >/dev/null 2>&1
		tend nice web --class batch --io best-effort:6 --cpus 0 --oom 300 -n 3 --keep >/dev/null
		tend restart web >/dev/null; pid=$(tend find --unit web)
		chrt -p $pid | head -n 1; ionice -p $pid; taskset -cp $pid; cat /proc/$pid/oom_score_adj; ps -o ni= $pid
		tend check web'
	echo "$output"
	[[ "$output" == *"SCHED_BATCH"*"best-effort: prio 6"*"affinity list: 0"* ]]
	grep -qx 300 <<<"$output"
	grep -qxE ' +3' <<<"$output"
}

@test "--keep: the unit has it at its next start too; what is not applied at a start is said" {
	zoo_sh 'tend run --name web -- sleep 1000 >/dev/null 2>&1; tend nice web 7 --keep; ps -o ni= $(tend find --unit web)
		tend restart web >/dev/null; ps -o ni= $(tend find --unit web); tend cat web | grep Nice
		tend nice -n 8 --keep $ZOO_plain; echo "exit $?"'
	echo "$output"
	[[ "$output" == *"web: kept in $TEND_HOME/config/web.service.d/50-nice.conf"* ]]
	[ "$(grep -cE '^ +7$' <<<"$output")" -eq 2 ]
	grep -qx "Nice=7" <<<"$output"
	[[ "$output" == *"nothing to keep: none of these is of a unit"*"exit 1" ]]
}

@test "wrong usage" {
	for words in "" "-n 20 1" "1 20" "-n x 1" "--class best 1" "--class fifo 1" "--class idle --priority 3 1" "--priority 3 1" "--io best 1" \
		"--io idle:3 1" "--cpus 3-1 1" "--cpus x 1" "--oom 1001 1" "--keep 1"; do
		# shellcheck disable=SC2086
		run -2 tend nice $words
	done
}
