# Files of tend that are damaged or gone: what runs is kept, nothing runs twice, and what is wrong is said.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

# one from a unit file and one from the command line, each noting its runs
start_two()
{
	unit_service filed "Type=exec" "Restart=always" "RestartSec=1ms" "WorkingDirectory=$PWD" \
		"ExecStart=/bin/sh -c 'echo x >>filed.runs; exec sleep 1000'"
	tend start --quiet filed
	tend run --quiet --name typed --restart always -- sh -c 'echo x >>typed.runs; exec sleep 1000'
	filed=$(world_pid filed)
	typed=$(world_pid typed)
}

still_two()
{
	[ "$(world_pid filed) $(world_pid typed)" = "$filed $typed" ]
	[ "$(world_field filed state) $(world_field typed state)" = "running running" ]
	[ "$(wc -l <filed.runs) $(wc -l <typed.runs)" = "1 1" ]
}

stops_two()
{
	run -0 tend stop filed typed
	world ended "$filed" "$typed"
	[ "$(wc -l <filed.runs) $(wc -l <typed.runs)" = "1 1" ]
}

ledgers_damaged() # COMMAND: run with the path of each
{
	local name

	start_two
	world kill keeper manager logger
	for name in filed typed; do
		[ -f "$TEND_HOME/run/ledger/$name" ]
		"$1" "$TEND_HOME/run/ledger/$name"
	done
	run -0 tend list
	still_two
	world kill manager
	run -0 tend list
	still_two
	stops_two
}

cut() { truncate -s 40 "$1"; }
empty() { : >"$1"; }
garbage() { head -c 3000 /dev/urandom >"$1"; }
flipped() { sed -i 's/m-run 1/m-run 7/' "$1"; }
directory() { rm "$1" && mkdir "$1"; }

@test "a ledger that is cut" { ledgers_damaged cut; }
@test "a ledger that is empty" { ledgers_damaged empty; }
@test "a ledger of garbage" { ledgers_damaged garbage; }
@test "a ledger with one figure changed" { ledgers_damaged flipped; }
@test "a ledger that cannot be read" { ledgers_damaged directory; }

@test "a unit file that is damaged or gone: what runs goes on, and can be stopped" {
	start_two
	printf '[Service\nExecStart' >"$TEND_HOME/config/filed.service"
	run tend reload-units
	[[ "$output" == *filed* ]]
	still_two
	world kill keeper manager logger
	run -0 tend list
	still_two
	rm "$TEND_HOME/config/filed.service"
	tend reload-units
	still_two
	stops_two
}

@test "an index of a log that is damaged: lines come all the same" {
	start_two
	tend run --quiet --name writes -- sh -c 'echo first; while [ ! -e go ]; do sleep 0.05; done; echo second; exec sleep 1000'
	world line "$(world_log writes)" first
	head -c 100 /dev/urandom >"$TEND_HOME/log/writes/current.idx"
	world kill logger
	: >go
	world line "$(world_log writes)" second
	run -0 tend logs --no-follow writes || run -0 tend logs writes
	[[ "$output" == *second* ]]
	world kill keeper manager logger
	rm "$TEND_HOME/log/writes/current.idx"
	run -0 tend logs writes
	[[ "$output" == *first*second* ]]
	still_two
}

@test "a history of runs that is damaged" {
	start_two
	tend run --quiet --name ended -- sh -c 'exit 3'
	tend wait --quiet ended || true
	head -c 500 /dev/urandom >"$TEND_HOME/runs/ended"
	run -0 tend why ended
	world kill keeper manager logger
	run -0 tend why ended
	tend start --quiet ended || true
	tend wait --quiet ended || true
	run -0 tend why ended
	[[ "$output" == *"exit code 3"* ]]
	still_two
}

@test "directories that cannot be written: what runs goes on, commands answer, and it is said" {
	[ "$(id -u)" = 0 ] && world_plain
	tend run --quiet --name it -- sleep 1000
	local pid
	pid=$(world_pid it)
	chmod 500 "$TEND_HOME/run/ledger" "$TEND_HOME/run" "$TEND_HOME/runs"
	run -0 tend list --quiet
	run -0 tend run --quiet --name other -- sleep 1000
	world line "$TEND_HOME/run/tendd.log" "the ledger of other can't be written"
	run -0 tend restart it
	[ "$(world_pid it)" != "$pid" ]
	pid=$(world_pid other)
	world kill manager
	[ "$(world_pid other)" = "$pid" ]
	run -0 tend stop other
	world ended "$pid"
	run tend run --wait --name ends -- false
	run -0 tend why ends
	[[ "$output" == *"could not be written down"* ]]
	chmod 700 "$TEND_HOME/run/ledger" "$TEND_HOME/run" "$TEND_HOME/runs"
	chmod 500 "$TEND_HOME/units"
	run -1 tend run --quiet --name more -- sleep 1000
	[[ "$output" == *"$TEND_HOME/units/more"*"Permission denied"* ]]
	chmod 700 "$TEND_HOME/units"
	run -0 tend run --quiet --name more -- sleep 1000
}
