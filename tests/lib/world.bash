# world: a tend of its own for each test, in a directory of its own. In a .bats file:
#
#     load ../lib/world
#     setup() { world_start; }
#     teardown() { world_end; }
#
# Programs are those of TEND_BUILD (tools/run-tests sets it). Waiting is world.py's: it ends with the event, or after 60 s
# with words. A world that leaves a process or a socket behind fails its test.

WORLD_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bats_require_minimum_version 1.5.0

world() # VERB WORDS...: see world.py
{
	python3 -B "$WORLD_LIB/world.py" "$@"
}

world_start() # makes the directory; tendd itself is started by the first command, or by world_tendd
{
	local build=${TEND_BUILD:-$WORLD_LIB/../../build}

	build=$(cd "$build" && pwd) || return 1
	PATH=$build:/usr/bin:/bin:$PATH # not some wrapper of python that starts ten times slower
	TEND_BUILD=$build
	TENDD=$build/tendd
	TEND_HOME=$BATS_TEST_TMPDIR/world
	TEND_IDLE_SEC=0 # it ends when the test says so
	export PATH TEND_BUILD TENDD TEND_HOME TEND_IDLE_SEC
	unset XDG_RUNTIME_DIR NOTIFY_SOCKET INVOCATION_ID TEND_UNIT TEND_INSTANCE NO_COLOR
	mkdir -p "$TEND_HOME/config"
	cd "$BATS_TEST_TMPDIR" || return 1
}

world_tendd() # starts tendd; fine when it runs
{
	local status=0

	"$TENDD" </dev/null >/dev/null 3>&- || status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 7 ]
}

world_end() # all stops, nothing is left
{
	local status=0

	cd /
	if [ -n "${TEND_HOME:-}" ] && [ -d "$TEND_HOME/run" ]; then
		if [ -S "$TEND_HOME/run/socket" ]; then
			# keepers that a test has killed are started again: what they kept must be ended, too
			world_tendd
			timeout 100 tend stop --all >/dev/null 3>&- || true
			timeout 100 python3 -B "$WORLD_LIB/world.py" end 3>&- || status=1
		fi
		world left 3>&- || status=1
	fi
	if [ "$status" -ne 0 ] && [ -s "$TEND_HOME/run/tendd.log" ]; then
		echo "tendd.log:"
		tail -n 50 "$TEND_HOME/run/tendd.log"
	fi
	[ -z "${WORLD_PLAIN:-}" ] || rm -rf "$WORLD_PLAIN"
	return "$status"
}

world_pid() # NAME: its main process
{
	tend list --json "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["pid"])'
}

until_true() # COMMAND...: returns when it succeeds; for what makes no event
{
	local end=$((SECONDS + 60))

	until "$@"; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "waited 60 s for: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

world_field() # NAME FIELD: of `tend list --json`
{
	tend list --json "$1" | python3 -c '
import json, sys
value = json.load(sys.stdin)[0][sys.argv[1]]
print(json.dumps(value) if isinstance(value, (dict, list)) else value)' "$2"
}

world_log() # NAME: the log's file
{
	echo "$TEND_HOME/log/$1/current"
}

# this world becomes that of an ordinary user: a directory of its own, to be called first; root's own world stays unused.
# The programs are copied there, since the build directory may be one that only its owner can enter
world_plain() # [UID]: one of its own where processes of a user are counted
{
	local uid=${1:-65534}

	[ "$(id -u)" = 0 ] || return 0
	WORLD_PLAIN=$(mktemp -d "${TMPDIR:-/tmp}/plain.XXXXXX")
	mkdir -p "$WORLD_PLAIN/bin" "$WORLD_PLAIN/world/config"
	cp "$TEND_BUILD/tend" "$TEND_BUILD/tendd" "$WORLD_PLAIN/bin"
	for name in tend tendd; do
		cat >"$WORLD_PLAIN/$name" <<-AS_NOBODY
			#!/bin/sh
			[ "\$(id -u)" != 0 ] || exec setpriv --reuid=$uid --regid=65534 --clear-groups "$WORLD_PLAIN/bin/$name" "\$@"
			exec "$WORLD_PLAIN/bin/$name" "\$@"
		AS_NOBODY
		chmod 755 "$WORLD_PLAIN/$name"
	done
	chown -R "$uid:65534" "$WORLD_PLAIN"
	TEND_HOME=$WORLD_PLAIN/world
	TENDD=$WORLD_PLAIN/tendd
	PATH=$WORLD_PLAIN:$PATH
	BATS_TEST_TMPDIR=$WORLD_PLAIN # where program() puts its files
	cd "$WORLD_PLAIN" || return 1
}
