# When a service is started again, after which pause, and when not any more.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

# a program whose first run ends as it is told, and whose second one stays: NAME.runs has a line for each
ends_program()
{
	program ends <<'ENDS'
#!/bin/sh
echo "$$" >>"$1.runs"
[ "$(wc -l <"$1.runs")" -eq 1 ] || exec sleep 1000
case "$2" in
clean) exit 0 ;;
code) exit 3 ;;
signal) kill -KILL $$ ;;
term) kill -TERM $$ ;;
esac
exec sleep 1000 # timeout, watchdog: what tend ends
ENDS
}

# one unit for each way to end, all with Restart=$1; those in $2 run again, the others stay down
restart_table() # RESTART "KIND..."
{
	local kind more

	ends_program
	for kind in clean term code signal runtime watchdog; do
		more=("X=")
		case "$kind" in
		runtime) more=("RuntimeMaxSec=500ms") ;;
		watchdog) more=("WatchdogSec=500ms") ;;
		esac
		unit_service "$kind" "Type=exec" "Restart=$1" "RestartSec=1ms" "LimitCORE=0" "WorkingDirectory=$PWD" \
			"ExecStart=$PWD/ends $kind $kind" "Environment=${more[0]}" "${more[0]}"
		sed -i '/^X=$/d; s/^Environment=.*//' "$TEND_HOME/config/$kind.service"
	done
	tend start --quiet clean term code signal runtime watchdog || [ $? -eq 1 ]
	for kind in clean term code signal runtime watchdog; do
		if [[ " $2 " == *" $kind "* ]]; then
			world line "$kind.runs" "" 2
		else
			world state "$kind" failed "done"
			[ "$(wc -l <$kind.runs)" -eq 1 ]
			[ "$(world_field $kind restarts)" = 0 ]
		fi
	done
}

@test "Restart=no" { restart_table no ""; }
@test "Restart=on-success" { restart_table on-success "clean term"; }
@test "Restart=on-failure" { restart_table on-failure "code signal runtime watchdog"; }
@test "Restart=on-abnormal" { restart_table on-abnormal "signal runtime watchdog"; }
@test "Restart=on-abort" { restart_table on-abort "signal"; }
@test "Restart=on-watchdog" { restart_table on-watchdog "watchdog"; }
@test "Restart=always" { restart_table always "clean term code signal runtime watchdog"; }

@test "what was stopped is not started again" {
	unit_service it "Type=exec" "Restart=always" "RestartSec=1ms" "ExecStart=/bin/sleep 1000"
	tend start --quiet it
	run -0 tend stop it
	[ "$(world_field it state)" = stopped ]
	[ "$(world_field it restarts)" = 0 ]
}
