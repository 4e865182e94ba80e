# make install and uninstall, below a DESTDIR of the test's own.
load ../lib/world

setup() { world_start; }
teardown() { world_end; }

@test "install: programs, manual and completion, and uninstall takes all of it away" {
	local source build san=
	source=$(cd "$WORLD_LIB/../.." && pwd)
	build=$TEND_BUILD
	[ -f "$source/Makefile" ] || skip "no sources"
	! grep -q __asan_init "$build/tend" || san=address,undefined
	make -C "$source" -s --no-print-directory -o all O="$build" SAN="$san" \
		DESTDIR="$PWD/root" PREFIX=/opt/x install 3>&-
	[ -x root/opt/x/bin/tend ]
	[ -x root/opt/x/bin/tendd ]
	[ -x root/opt/x/bin/tend-init ]
	[ "$(cd root && find . -type f | wc -l)" -eq 7 ]
	run -0 bash -n root/opt/x/share/bash-completion/completions/tend
	for page in man1/tend.1 man5/tend-unit.5 man8/tendd.8; do
		[ -s "root/opt/x/share/man/$page" ]
	done
	# the installed client finds the installed tendd beside it
	unset TENDD
	run -0 --separate-stderr env PATH=/usr/bin:/bin root/opt/x/bin/tend run --name it -- sleep 1000
	[ "$(readlink "/proc/$(world role manager)/exe")" = "$PWD/root/opt/x/bin/tendd" ]
	make -C "$source" -s --no-print-directory O="$build" DESTDIR="$PWD/root" PREFIX=/opt/x uninstall
	[ -z "$(find root -type f)" ]
	TENDD=$TEND_BUILD/tendd
}
