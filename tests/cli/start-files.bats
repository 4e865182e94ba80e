# tend start with files: what users of PM2 and systemd expect of it.
load ../lib/world
load ../lib/units
load ../lib/expect

setup() { world_start; }
teardown() { world_end; }

line() { world line "$(world_log "$1")" "$2"; }

@test "a unit file with keys that nobody knows: started, and they are named" {
	printf '[Service]\nExecStart=/bin/sleep 1000\nFrobnicate=1\nPrivateTmp=yes\n' >app.service
	run -0 tend start ./app.service
	[[ "$output" == *"Frobnicate=: there is no such key"* ]]
	[[ "$output" == *"PrivateTmp="* ]]
	[ "$(world_field app state)" = running ]
	run -2 tend run -p Frobnicate=1 -- true
}

@test "start of a file runs it by what it is" {
	program server.py <<<'import time; print("python", flush=True); time.sleep(1000)'
	chmod -x server.py
	tend start ./server.py
	line server python
	[ "$(tend show -p Restart --value server)" = on-failure ]
	program direct <<'PROGRAM'
#!/bin/sh
echo "direct $*"
exec sleep 1000
PROGRAM
	tend start ./direct -- one 'two three'
	line direct "direct one two three"
	program by.shebang <<<$'#!/bin/sh -e\necho shebang; exec sleep 1000'
	chmod -x by.shebang
	tend start --name sb ./by.shebang
	line sb shebang
	: >nothing
	expect start-nothing tend start ./nothing
	expect start-missing tend start ./missing.js
	expect start-mixed tend start ./direct web
}

@test "start of a unit file loads and starts it" {
	printf '[Service]\nExecStart=/bin/sleep 1000\n' >app.service
	run tend start ./app.service
	[ "$status" -eq 0 ]
	[[ $output == *"app: running, pid "* ]]
	pid=$(world_pid app)
	tend start ./app.service # the same: it runs already
	[ "$(world_pid app)" = "$pid" ]
	printf '[Service]\nExecStart=/bin/sleep 2000\n' >app.service
	tend start ./app.service # another: it takes its place
	[ "$(tr '\0' ' ' <"/proc/$(world_pid app)/cmdline")" = "/bin/sleep 2000 " ]
	printf '[Service]\nNice=5\n' >bad.service
	run tend start ./bad.service
	[ "$status" -eq 1 ]
	[[ $output == *ExecStart* ]]
}
