# `tend run --wait` looks like the command itself; --rm forgets what ended well.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

@test "run --wait: output and exit code are those of the command" {
	run -0 --separate-stderr tend run --wait -- echo hello
	[ "$output" = hello ]
	run -7 --separate-stderr tend run --wait -- sh -c 'echo out; echo err >&2; printf end; exit 7'
	[ "$output" = "out
err
end" ]
	run -143 tend run --wait -- sh -c 'kill -TERM $$'
	run -137 tend run --wait -- sh -c 'kill -KILL $$'
	run -255 tend run --wait -- sh -c 'exit 255'
}

@test "run --wait: all of a long output, once" {
	tend run --wait -- seq 200000 >out
	seq 200000 | cmp - out
}

stays() # SIGNAL: sent to `tend run --wait` it stops the command
{
	tend run --wait --name it -- sh -c 'trap "echo stopped; exit 5" TERM; echo up; while :; do sleep 1000 & wait; done' \
		>out 2>err 3>&- &
	local pid=$! status=0

	world line out up
	kill "-$1" "$pid"
	wait "$pid" || status=$?
	[ "$status" -eq 5 ]
	[ "$(cat out)" = "up
stopped" ]
	[ "$(world_field it why)" = asked ]
}

@test "run --wait: TERM stops it" { stays TERM; }

@test "run --wait: ^C stops it" {
	mkfifo hold
	# a background process of a shell without job control ignores SIGINT
	python3 - <<'CHECK'
import signal, subprocess
# nothing is forked: what is born while a stop goes round may miss its SIGTERM
command = 'trap "echo stopped; exit 5" TERM; exec 3<>hold; echo up; while :; do read line <&3; done'
tend = subprocess.Popen(["tend", "run", "--wait", "--name", "it", "--", "sh", "-c", command], stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
assert tend.stdout.readline() == "up\n"
tend.send_signal(signal.SIGINT)
out, err = tend.communicate(timeout=60)
assert tend.returncode == 5, (tend.returncode, out, err)
assert out == "stopped\n", out
CHECK
}

@test "run --wait: a second ^C kills it" {
	python3 - <<'CHECK'
import signal, subprocess
command = 'trap "echo no" TERM; echo up; while :; do sleep 1000 & wait; done'
tend = subprocess.Popen(["tend", "run", "--wait", "--name", "it", "--", "sh", "-c", command], stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
assert tend.stdout.readline() == "up\n"
tend.send_signal(signal.SIGINT)
assert tend.stdout.readline() == "no\n"
tend.send_signal(signal.SIGINT)
out, err = tend.communicate(timeout=60)
assert tend.returncode == 137, (tend.returncode, out, err)
CHECK
}

@test "run --wait: a command that cannot be executed" {
	run -1 --separate-stderr tend run --wait -- /no/such
	[ -z "$output" ]
	[[ "$stderr" == *"/no/such: No such file or directory"* ]]
}

@test "run --wait: tend's own processes may be killed meanwhile" {
	local pid status=0

	mkfifo go
	tend run --wait --name it -- sh -c 'echo up; read line <go; echo "$line"; exit 6' >out 2>err 3>&- &
	pid=$!
	world line out up
	world kill manager
	world kill logger
	world state it running
	echo "went on" >go
	wait "$pid" || status=$?
	[ "$status" -eq 6 ]
	[ "$(cat out)" = "up
went on" ]
}

@test "run --rm: forgotten when it ended well, kept when not" {
	run -0 --separate-stderr tend run --wait --rm -- echo hello
	[ "$output" = hello ]
	[ -z "$(tend list --quiet)" ]
	[ -z "$(ls "$TEND_HOME/units")" ]
	run -3 tend run --wait --rm --name bad -- sh -c 'exit 3'
	[ "$(tend list --quiet)" = bad ]
	mkfifo go
	tend run --quiet --rm --name later -- sh -c 'read line <go'
	echo now >go
	tend wait --quiet later || [ $? -eq 4 ]
	[ "$(tend list --quiet)" = bad ]
}
