# tend run: what is refused at once, with words, and leaves nothing.
load ../lib/world
load ../lib/units
load ../lib/expect

setup() { world_start; }
teardown() { world_end; }

line() { world line "$(world_log "$1")" "$2"; }

@test "what cannot be executed is an error at once, and leaves nothing" {
	expect run-missing tend run -- /nonexistent/program
	expect run-unknown tend run -- no-such-program-anywhere
	expect run-empty tend run -- ''
	expect run-blank tend run '  '
	: >plain
	expect run-plain tend run -- ./plain
	expect run-plain-hint tend run -- plain
	mkdir directory
	expect run-directory tend run -- ./directory
	expect run-chdir tend run --cwd /srv/app/nowhere -- true
	expect run-chdir-file tend run --cwd plain -- true
	expect run-stdin tend run --stdin nowhere -- true
	expect run-env-file tend run --env-file nowhere -- true
	program broken <<<'#!/nonexistent/interpreter'
	run tend run --name broken -- ./broken
	[ "$status" -eq 1 ]
	[[ $output == *"broken: "*"No such file or directory"* ]]
	[ "$(tend list --json)" = "[]" ]
	[ -z "$(ls -A "$TEND_HOME/units")" ]
}

@test "wrong options are refused before anything is asked" {
	expect run-restart tend run --restart sometimes -- true
	expect run-nice tend run --nice 30 -- true
	expect run-umask tend run --umask 9 -- true
	expect run-limit tend run --limit nofiles=3 -- true
	expect run-limit-value tend run --limit nofile=many -- true
	expect run-signal tend run --stop-signal FOO -- true
	expect run-time tend run --timeout soon -- true
	expect run-env tend run --env 1=2 -- true
	expect run-instances tend run --instances 0 -- true
	expect run-key tend run -p Restrat=no -- true
	expect run-key-unsupported tend run -p Slice=a.slice -- true
	expect run-key-value tend run -p Type=sometimes -- true
	expect run-key-form tend run -p Nice -- true
	expect run-name tend run --name a/b -- true
	expect run-after tend run --after a/b -- true
	[ ! -e "$TEND_HOME/run" ]
}

@test "a program in a directory that is gone" {
	mkdir here
	cd here
	rmdir ../here
	run tend run -- sleep 1000
	[ "$status" -eq 1 ]
	[[ $output == *"the directory you are in"*"No such file or directory" ]]
	tend run --name else --cwd / -- sleep 1000
	cd ..
}

@test "as somebody else" {
	if [ "$(id -u)" -ne 0 ]; then
		run tend run --uid root -- true
		[ "$status" -eq 5 ]
		skip "the rest needs root"
	fi
	expect run-uid-unknown tend run --uid nobody-knows-him -- true
	expect run-gid-unknown tend run --gid nobody-knows-them -- true
	chmod 755 "$BATS_TEST_TMPDIR"
	tend run --name other --cwd / --uid 65534 --gid 65534 -- sh -c 'id -u; id -g; echo "$USER"'
	world state other done
	[ "$(tend logs -o cat other | head -n 2)" = $'65534\n65534' ]
}
