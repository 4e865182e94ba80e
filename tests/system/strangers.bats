# Others on the same machine: they cannot talk to it, read what it keeps, or put something in its way.
load ../lib/world
load ../lib/units

setup()
{
	[ "$(id -u)" = 0 ] || skip "needs root, to be somebody else"
	world_start
	world_plain # the world belongs to 65534; 65533 is the stranger
}

teardown()
{
	local status=0

	[ "$(id -u)" = 0 ] || return 0
	world_end || status=1
	rm -rf "${PLACE:-/nonexistent}"
	return "$status"
}

stranger()
{
	(cd / && exec setpriv --reuid=65533 --regid=65533 --clear-groups "$@")
}

@test "another user reads neither socket nor ledger nor log nor variables" {
	chmod 755 "$WORLD_PLAIN"
	SECRET=mine tend run --quiet --name it -- sh -c 'echo private; exec sleep 1000'
	world line "$(world_log it)" private
	for path in run run/ledger run/ledger/it run/tendd.log log/it/current runs units; do
		[ -e "$TEND_HOME/$path" ] || continue
		run stranger sh -c 'cat "$1" || ls "$1"' - "$TEND_HOME/$path"
		[ "$status" -ne 0 ]
		[[ "$output" == *"Permission denied"* ]]
		[[ "$output" != *private* ]]
	done
	run stranger grep -r SECRET "$TEND_HOME"
	[[ "$output" != *mine* ]]
	run stranger env "TEND_HOME=$TEND_HOME" "$WORLD_PLAIN/bin/tend" list
	[ "$status" -ne 0 ]
	[[ "$output" != *running* ]]
	run stranger env "TEND_HOME=$TEND_HOME" "$WORLD_PLAIN/bin/tend" stop it
	[ "$status" -ne 0 ]
	[ "$(world_field it state)" = running ]
}

# a TMPDIR of everybody, as /tmp is; tend's own place there is /tmp/tend-UID, which is named here by nobody else's uid
place()
{
	uid=$((100000 + $$))
	PLACE=/tmp/tend-$uid
	[ ! -e "$PLACE" ] || skip "there is a $PLACE"
}

as_owner()
{
	(cd / && exec setpriv --reuid=$uid --regid=65534 --clear-groups env -u TEND_HOME -u XDG_RUNTIME_DIR \
		HOME="$WORLD_PLAIN/home" TENDD="$WORLD_PLAIN/bin/tendd" "$@")
}

@test "a directory in /tmp that somebody else has made is refused" {
	chmod 755 "$WORLD_PLAIN"
	place
	mkdir -m 777 "$PLACE"
	chown 65533 "$PLACE"
	run -6 as_owner "$WORLD_PLAIN/bin/tend" run -- true
	[[ "$output" == *"$PLACE"* ]]
	[ -z "$(ls -A "$PLACE")" ]
}

@test "a symlink in /tmp that somebody else has made is refused" {
	chmod 755 "$WORLD_PLAIN"
	place
	mkdir -m 777 "$WORLD_PLAIN/target"
	stranger ln -s "$WORLD_PLAIN/target" "$PLACE"
	run -6 as_owner "$WORLD_PLAIN/bin/tend" run -- true
	[[ "$output" == *"$PLACE"* ]]
	[ -z "$(ls -A "$WORLD_PLAIN/target")" ]
}

@test "a stale socket is no obstacle" {
	tend run --quiet --name it -- sleep 1000
	local pid
	pid=$(world_pid it)
	world kill keeper manager logger
	[ -S "$TEND_HOME/run/socket" ]
	run -0 tend list --quiet
	[ "$(world_pid it)" = "$pid" ]
}

@test "ten first commands at once start one tendd" {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		tend run --quiet --name "it$i" -- sleep 1000 >"out$i" 2>&1 3>&- &
	done
	wait
	[ "$(tend list --quiet | wc -l)" -eq 10 ]
	[ "$(cat out* | grep -c 'started tendd')" -eq 1 ]
	[ "$(world alive "TEND_HOME=$TEND_HOME" | while read -r pid; do tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -c '^tendd: keeper' || true; done | grep -c 1)" -eq 1 ]
}
