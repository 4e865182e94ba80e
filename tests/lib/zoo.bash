# zoo: processes of all kinds in a PID namespace of their own. Needs world.bash.
#
#     zoo COMMAND...     COMMAND runs among them and has their pids as ZOO_NAME (zoo.py); its output is $output, its status $status

zoo()
{
	local unshare=(unshare --mount --pid --fork --mount-proc --kill-child)

	if [ "$(id -u)" -ne 0 ]; then
		unshare+=(--user --map-root-user)
		export ZOO_MAPPED=1
	fi
	"${unshare[@]}" true 2>/dev/null || skip "no PID namespace can be made here"
	run "${unshare[@]}" python3 -B "$WORLD_LIB/zoo.py" "$@" 3>&-
}

zoo_sh() # SCRIPT: by sh; from a file, so that its text is in no command line
{
	printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/script"
	zoo timeout -k 5 100 sh "$BATS_TEST_TMPDIR/script"
}
