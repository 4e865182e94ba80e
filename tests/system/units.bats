# Unit files while tend runs: scaled, changed, gone, enabled.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

names() { tend list --quiet | sort | tr '\n' ' '; }

@test "scale: instances of a template come and go, each with its number" {
	unit_service web@ "ExecStart=/bin/sh -c 'echo %i; exec sleep 1000'"
	run -0 --separate-stderr tend scale web 3
	[ "${#lines[@]}" -eq 3 ]
	[ "$(names)" = "web@1 web@2 web@3 " ]
	world line "$(world_log web@3)" 3
	local pid
	pid=$(world_pid web@1)
	run -0 tend scale web 1
	[[ "$output" == *"web@3: stopped and forgotten"* ]]
	[ "$(names)" = "web@1 " ]
	[ "$(world_pid web@1)" = "$pid" ]
	world kill keeper manager logger # the number is kept
	tend stop --quiet web
	tend scale --quiet web 2
	[ "$(names)" = "web@1 web@2 " ]
	tend scale --quiet web 0
	[ "$(names)" = "" ]
}

@test "scale: instances of a run know their number" {
	tend run --quiet --name it --instances 2 -- sh -c 'echo "I am $TEND_INSTANCE"; exec sleep 1000'
	tend scale --quiet it 3
	for i in 1 2 3; do
		world line "$(world_log it@$i)" "I am $i"
	done
	run -0 tend status it # the name stands for all of them
	[ "$(grep -c '^it@' <<<"$output")" -eq 3 ]
	run -0 tend why it
	run -0 tend cat it
	[ "$(grep -c ExecStart= <<<"$output")" -eq 1 ]
	run -0 tend show -p Id --value it
	[ "$(grep -c . <<<"$output")" -eq 3 ]
}

@test "scale: what cannot be scaled" {
	tend run --quiet --name one -- sleep 1000
	tend run --quiet --name it --instances 1 -- sleep 1000
	run -4 tend scale nonesuch 2
	run -2 tend scale one 2
	[[ "$output" == *"one is one unit, not a template"* ]]
	run -2 tend scale it@1 2
	[[ "$output" == *"it@1 is one instance; what is scaled is it"* ]]
	run -2 tend scale it x
	run -2 tend scale it 20001
	[ "$(names)" = "it@1 one " ]
}

@test "reload-units: what was added, changed, removed, and is bad; what runs goes on" {
	local one two
	unit_service one "ExecStart=/bin/sleep 1000"
	unit_service two "ExecStart=/bin/sleep 1000"
	tend start --quiet one two
	one=$(world_pid one)
	two=$(world_pid two)
	unit_service one "ExecStart=/bin/sleep 1001"
	rm "$TEND_HOME/config/two.service"
	unit_service three "ExecStart=/bin/sleep 1000"
	echo "[Service" >"$TEND_HOME/config/four.service"
	run -1 tend reload-units
	[[ "$output" == *"changed: one"* ]]
	[[ "$output" == *"removed: two"* ]]
	[[ "$output" == *"added: "*three* ]]
	[[ "$output" == *"four.service:1: this section's name has no closing bracket"* ]]
	[ "$(world_pid one) $(world_pid two)" = "$one $two" ]
	[ "$(world_field one changed)" = True ]
	run -0 tend status one
	[[ "$output" == *"changed since; restart takes it"* ]]
	tend restart --quiet one
	[ "$(tr '\0' ' ' <"/proc/$(world_pid one)/cmdline")" = "/bin/sleep 1001 " ]
	[ "$(world_field one changed)" != True ]
	tend stop --quiet two # and then nothing is left of it
	run -4 tend status two
	run -1 tend start four
	run -0 tend start three
	rm "$TEND_HOME/config/four.service"
	run -0 tend reload-units
	[[ "$output" == *"removed: four"* ]]
}

@test "reload-units: a file that became bad does not replace a good one that runs" {
	unit_service it "ExecStart=/bin/sleep 1000"
	tend start --quiet it
	local pid
	pid=$(world_pid it)
	echo "[Service" >"$TEND_HOME/config/it.service"
	run -1 tend reload-units
	[ "$(world_pid it)" = "$pid" ]
	run -0 tend status it
	[[ "$output" == *"its file has become wrong: "*"it.service:1"* ]]
	run -1 tend restart it
	[[ "$output" == *"it.service:1"* ]]
	[ "$(world_pid it)" = "$pid" ] # not stopped for that
	world kill keeper manager logger
	run -0 tend list --quiet
	[ "$(world_pid it)" = "$pid" ]
	unit_service it "ExecStart=/bin/sleep 1002"
	run -0 tend reload-units
	run -0 tend restart it
	echo "[Service" >"$TEND_HOME/config/it.service"
	run -1 tend reload-units
	tend stop --quiet it
	run -1 tend start it
	[[ "$output" == *"it.service:1"* ]]
}

@test "a file that was edited and not read again: starts say so" {
	unit_service it "ExecStart=/bin/sleep 1000"
	run -0 --separate-stderr tend start it
	[[ "$output" != *"has changed"* ]]
	unit_service it "ExecStart=/bin/sleep 10001"
	run -0 tend restart it
	[[ "$output" == *"its file has changed since it was read; 'tend reload-units' takes it"* ]]
	[ "$(tr '\0' ' ' <"/proc/$(world_pid it)/cmdline")" = "/bin/sleep 1000 " ]
	run -0 tend status it
	[[ "$output" == *"its file has changed since it was read"* ]]
	run -0 tend reload-units
	run -0 tend restart it
	[[ "$output" != *"has changed"* ]]
	[ "$(tr '\0' ' ' <"/proc/$(world_pid it)/cmdline")" = "/bin/sleep 10001 " ]
}

@test "a file that was gone for a while: its unit stays" {
	unit_service it "ExecStart=/bin/sleep 1000"
	tend start --quiet it
	mv "$TEND_HOME/config/it.service" aside
	run -0 tend reload-units
	[[ "$output" == *"removed: it"* ]]
	mv aside "$TEND_HOME/config/it.service"
	run -0 tend reload-units
	tend stop --quiet it
	[ "$(world_field it state)" = stopped ]
}

@test "enable: started when tendd starts for the first time on this boot, and only then" {
	unit it <<-UNIT
		[Service]
		ExecStart=/bin/sleep 1000
		[Install]
		WantedBy=default.target
	UNIT
	unit_service other "ExecStart=/bin/sleep 1000"
	run -0 tend enable it
	[ "$(world_field it state) $(world_field it enabled)" = "stopped True" ]
	[ "$(world_field other enabled)" != True ]
	world end
	rm -r "$TEND_HOME/run" # as a boot does
	run -0 tend list --quiet
	world state it running
	[ "$(world_field other state)" = stopped ]
	tend stop --quiet it
	world end
	tend list --quiet >/dev/null
	[ "$(world_field it state)" = stopped ] # the same boot: what was stopped stays so
	run -0 tend disable it
	world end
	rm -r "$TEND_HOME/run"
	tend list --quiet >/dev/null
	[ "$(world_field it state) $(world_field it enabled)" = "stopped False" ]
	run -4 tend enable nonesuch
}

@test "--all and globs leave alone what packages brought for systemd" {
	TEND_HOME=$BATS_TEST_TMPDIR/systemd/system # as if these were systemd's own directories
	mkdir -p "$TEND_HOME/config"
	unit_service halt "ExecStart=/bin/sh -c 'echo halted >>$PWD/halted'"
	tend run --quiet --name it -- sleep 1000
	run -0 tend restart --all
	[[ "$output" == "it: restarted"* ]]
	run -0 tend start '*'
	[[ "$output" != *halt* ]]
	run -0 tend stop --all
	[ "${#lines[@]}" -eq 1 ]
	[ ! -e halted ]
	run -0 tend start halt # by its name it can be
	world line halted halted
	run -0 tend delete --all
}
