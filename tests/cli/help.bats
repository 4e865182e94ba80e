# What the client says without any tendd: help, wrong usage, what it would have meant.
load ../lib/world
load ../lib/expect

setup() { client_start; }
teardown() { client_end; }

nothing_was_made() { [ -z "$(ls -A "$TEND_HOME/config")" ] && [ ! -e "$TEND_HOME/run" ]; }

@test "the help" {
	expect help tend help
	expect help tend --help
	expect help tend -h
	nothing_was_made
}

@test "no verb: the help on stderr, wrong usage" {
	run --separate-stderr tend
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == "tend keeps processes running."* ]]
}

@test "the help of one verb" {
	expect help-signal tend help signal
	expect help-signal tend signal --help
	expect help-signal tend signal -h
	expect help-signal tend signal web TERM --help
	expect help-list tend help ls
}

@test "every verb has help, and every option of it words" {
	for verb in $(tend help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'); do
		run tend help "$verb"
		[ "$status" -eq 0 ]
		[[ $output == "tend $verb: "* ]]
		! grep -E '^ +(-., )?--[a-z-]+( [A-Z=:|]+)?$' <<<"$output" || false
	done
	[ "$(tend help | grep -c '^  [a-z]')" -gt 20 ]
}

@test "help of what there is not" {
	expect help-unknown tend help strat
}

@test "unknown verbs" {
	expect verb-near tend lst
	expect verb-prefix tend restar
	expect verb-far tend frobnicate
	expect verb-odd tend $'a\033[2Jb'
}

@test "unknown options" {
	expect option-near tend list --jsn
	expect option-far tend list --frobnicate
	expect option-letter tend list -Z
	expect option-misplaced tend list --user
	expect option-before tend --json list
	expect option-value tend list --json=1
	expect option-needs tend run --name
	expect option-needs-letter tend logs -n
	nothing_was_made
}

@test "options before, between and after the names, in one word and with a value" {
	fake <<<'{"Stop": {"receipts": []}}'
	tend stop --quiet a b
	tend stop a -q b
	tend stop a b --quiet
	tend stop -q -- a b
	[ "$(fake_calls Stop | sort -u)" = '{"all": false, "names": ["a", "b"]}' ]
	run tend stop -q -- --all
	[ "$status" -eq 2 ] # a name, and none that there can be
}

@test "names are missing, or too many" {
	expect names-none tend stop
	expect names-both tend stop --all web
	expect names-none-wanted tend version web
	expect names-scale tend scale web
	expect names-scale-count tend scale web many
	expect names-signal tend signal web
	expect names-signal-unknown tend signal web FOO
	expect names-signal-whom tend signal --whom me web TERM
	expect names-until tend wait --until tomorrow web
	expect names-lines tend logs -n some web
	expect names-format tend logs -o xml web
}

@test "names that cannot be" {
	local long
	long=$(printf 'x%.0s' $(seq 300))
	expect name-slash tend stop a/b
	expect name-newline tend status $'a\nb'
	expect name-escape tend stop $'a\033b'
	expect name-long tend why "$long"
	expect name-empty tend stop ''
	expect name-suffix tend stop web.socket
	expect name-bytes tend stop $'\xff\xfe'
	nothing_was_made
}

@test "names in other scripts are names" {
	fake <<<'{"Start": {"results": [{"name": "웹서버", "ok": true, "state": "running", "pid": 7}]}}'
	run tend start 웹서버
	[ "$status" -eq 0 ]
	[ "$output" = "웹서버: running, pid 7" ]
	[ "$(fake_calls Start)" = '{"all": false, "names": ["\uc6f9\uc11c\ubc84"]}' ]
}

@test "nothing is there: looking needs no tendd" {
	expect empty-list tend list
	expect empty-list-json tend list --json
	expect empty-list-quiet tend list -q
	expect empty-list-name tend list web
	expect empty-status tend status web
	expect empty-status-all tend status
	expect empty-why tend why web
	expect empty-stop tend stop web
	expect empty-stop-all tend stop --all
	expect empty-logs tend logs web
	expect empty-logs-all tend logs
	expect empty-wait tend wait web
	expect empty-reload-units tend reload-units
	[ ! -e "$TEND_HOME/run" ]
}

@test "the version" {
	run tend version
	[ "$status" -eq 0 ]
	[[ $output =~ ^tend\ [0-9]+\.[0-9]+ ]]
	[ "$(tend --version)" = "$output" ]
	[ "$(tend -V)" = "$output" ]
	run tend version --json
	[[ $output == *'"tendd": null'* ]]
}

@test "an answer that cannot be written is not a success" {
	run bash -c 'tend help >/dev/full'
	[ "$status" -eq 1 ]
	[ "$output" = "tend: cannot write the answer: No space left on device" ]
}

@test "the completion is bash, and completes" {
	tend completion bash >completion
	bash -n completion
	fake <<<'{"List": {"units": [{"name": "web"}, {"name": "work@1"}, {"name": "work@2"}]}}'
	# as it is in a shell: typed, with the tabulator
	python3 -B - <<'TYPED'
import os, pty, select, time

pid, fd = pty.fork()
if pid == 0:
    os.environ.update(PS1="$ ", TERM="dumb", INPUTRC="/dev/null")
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])

buffer = ""
def until(mark):
    """what the shell shows up to the mark, which is taken, too"""
    global buffer
    end = time.monotonic() + 60
    while mark not in buffer and time.monotonic() < end:
        if select.select([fd], [], [], 1)[0]:
            buffer += os.read(fd, 65536).decode(errors="replace")
    assert mark in buffer, (mark, buffer)
    before, buffer = buffer.split(mark, 1)
    return before

os.write(fd, b"bind 'set bell-style none'; . ./completion; echo rea''dy\n")
until("ready")
for typed, line in (
        ("tend rest", "tend restart "), ("tend logs --fo", "tend logs --follow "),
        ("tend run -p RestartSt", "tend run -p RestartSteps="), ("tend run --restart al", "tend run --restart always "),
        ("tend run -r al", "tend run -r always "), ("tend logs -o with", "tend logs -o with-unit "),
        ("tend log -p al", "tend log -p alert "), ("tend run --restart=al", "tend run --restart=always "),
        ("tend run -p Restart=al", "tend run -p Restart=always "), ("tend stop we", "tend stop web "),
        ("tend stop wo", "tend stop work@"), ("tend stop work@2", "tend stop work@2 "),
        ("tend signal web US", "tend signal web USR"), ("tend --user sto", "tend --user stop "),
        ("tend help wh", "tend help why ")):
    # what is on the line after that becomes what echo says
    os.write(fd, f"{typed}\t\x01echo '<\x05>'\n".encode())
    until("\n<")
    shown = until(">")
    assert shown == line, (typed, line, shown)
os.write(fd, b"exit\n")
os.waitpid(pid, 0)
TYPED
}

@test "the manual has every verb, option and key" {
	[ -d "$WORLD_LIB/../../docs" ] || skip "no sources"
	tend manual <"$WORLD_LIB/../../docs/tend.1.scd" >page
	! grep '^@' page || false
	for verb in $(tend help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'); do
		grep -q "^## tend $verb\( \|\$\)" page
	done
	scdoc <page >page.1
	if command -v groff >/dev/null; then
		sed -i '1i .pl 9999v' page.1 # one endless page: where pages end is nobody's fault
		[ -z "$(groff -man -t -Tutf8 -ww page.1 2>&1 >/dev/null)" ]
	fi
	tend manual <"$WORLD_LIB/../../docs/tend-unit.5.scd" >page
	for key in $(sed -n 's/^[A-Z_]*KEY([^"]*"\([A-Za-z]*\)".*/\1/p' "$WORLD_LIB/../../src/unit/keys.def"); do
		grep -q "^\*$key=\*" page
	done
	scdoc <page >/dev/null
}
