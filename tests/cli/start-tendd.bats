# How the client finds tendd, starts it when none runs, and says so when it cannot: exit code 6.
load ../lib/world
load ../lib/units
load ../lib/expect

setup() { world_start; }
teardown()
{
	local status=0

	world_end || status=1
	rm -rf "${OPEN:-/nonexistent}"
	return "$status"
}

# a world of ours in a directory that everybody can look into, with programs that everybody can run
world_open()
{
	OPEN=$(mktemp -d "${TMPDIR:-/tmp}/open.XXXXXX")
	chmod 755 "$OPEN"
	cp "$TEND_BUILD/tend" "$TEND_BUILD/tendd" "$OPEN"
	mkdir -p "$OPEN/world/config"
	TEND_HOME=$OPEN/world
	TENDD=$OPEN/tendd
}

as_nobody()
{
	(cd / && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@")
}

@test "it is started once, and says so once" {
	run --separate-stderr tend run --name a -- sleep 1000
	[ "$stderr" = "tend: started tendd (log and units below $TEND_HOME)" ]
	run --separate-stderr tend list
	[ -z "$stderr" ]
}

@test "ten at once start one" {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		tend run --name "r$i" -- sleep 1000 >"out$i" 2>"err$i" 3>&- &
	done
	wait
	[ "$(tend list -q | wc -l)" -eq 10 ]
	[ "$(cat err* | grep -c 'started tendd')" -eq 1 ]
	[ "$(cat err* | wc -l)" -eq 1 ]
}

@test "looking starts it when there is a unit file" {
	unit_service web 'ExecStart=/bin/sleep 1000'
	run --separate-stderr tend list -q
	[ "$output" = web ]
	[[ $stderr == *"started tendd"* ]]
	run tend list -q --no-start
	[ "$output" = web ]
}

@test "--no-start does not" {
	unit_service web 'ExecStart=/bin/sleep 1000'
	run tend list -q --no-start
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ ! -e "$TEND_HOME/run/socket" ]
}

@test "there is no tendd to start" {
	TENDD=/nonexistent/tendd expect tendd-missing tend run -- true
	program fails <<<$'#!/bin/sh\necho "tendd: no room here" >&2; exit 1'
	TENDD=$BATS_TEST_TMPDIR/fails expect tendd-words tend run -- true
	program silent <<<$'#!/bin/sh\nexit 3'
	TENDD=$BATS_TEST_TMPDIR/silent expect tendd-silent tend run -- true
	program killed <<<$'#!/bin/sh\nkill -KILL $$'
	TENDD=$BATS_TEST_TMPDIR/killed expect tendd-killed tend run -- true
}

@test "it is found in PATH, and is told so when not" {
	mkdir bin
	cp "$TEND_BUILD/tend" bin/tend
	unset TENDD
	PATH=/usr/bin:/bin expect tendd-nowhere ./bin/tend run -- true
	run --separate-stderr ./bin/tend run --name x -- sleep 1000
	[ "$status" -eq 0 ]
}

@test "a runtime directory that is not ours alone is refused" {
	mkdir -m 755 "$TEND_HOME/run"
	expect run-open tend run -- true
	expect run-open tend list
	rmdir "$TEND_HOME/run"
	mkdir -m 700 elsewhere
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$TEND_HOME/run"
	expect run-symlink tend run -- true
	[ -z "$(ls -A elsewhere)" ]
	rm "$TEND_HOME/run"
	: >"$TEND_HOME/run"
	expect run-file tend run -- true
	rm "$TEND_HOME/run"
}

@test "a home that cannot be written" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to be somebody else"
	world_open
	run as_nobody "$OPEN/tend" run -- true
	[ "$status" -eq 6 ]
	[[ $output == "tend: tendd could not be started: "*"$TEND_HOME"*"Permission denied" ]]
}

@test "another user's tendd is not talked to" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to be somebody else"
	world_open
	tend run --name mine -- sleep 1000
	run as_nobody "$OPEN/tend" list
	[ "$status" -eq 6 ] || [ "$status" -eq 5 ]
	[[ $output != *mine* ]]
	run as_nobody "$OPEN/tend" stop mine
	[ "$status" -eq 6 ] || [ "$status" -eq 5 ]
	[ "$(world_field mine state)" = running ]
}

@test "the system's is asked for by root alone" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to be somebody else"
	world_open
	run as_nobody env -u TEND_HOME HOME=/nonexistent TENDD=/nonexistent "$OPEN/tend" --system run -- true
	[ "$status" -eq 5 ]
	[[ $output == *"only root can start the system's tendd; 'tend --user run' asks your own"* ]] || [[ $output == *"answers to root alone"* ]]
}

@test "all of tendd is killed: the next command starts it, and it has everything" {
	tend run --name web -- sleep 1000
	pid=$(world_pid web)
	world kill keeper manager logger
	run --separate-stderr tend list -q
	[ "$status" -eq 0 ]
	[ "$output" = web ]
	[[ $stderr == *"started tendd"* ]]
	[ "$(world_pid web)" = "$pid" ]
}

@test "--user and --system stand before the verb" {
	TENDD=$BATS_TEST_TMPDIR/shows
	program shows <<<$'#!/bin/sh\necho "tendd: asked with $*" >&2; exit 1'
	run tend --user run -- true
	[ "$output" = "tend: tendd could not be started: asked with --user" ]
	run tend --system run -- true
	[ "$output" = "tend: tendd could not be started: asked with --system" ]
	TENDD=$TEND_BUILD/tendd
}
