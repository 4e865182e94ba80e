# expect: what the client prints, byte for byte. Needs world.bash.
#
#     expect NAME COMMAND...     stdout and stderr of COMMAND and its exit code are those of expected/NAME.txt beside the test;
#                                with TEND_UPDATE=1 that file is written anew
#     fake <JSON                 a tendd that only pretends and answers with these replies (fake-server.py); its calls: $FAKE_LOG

expect() # NAME COMMAND...
{
	local file=$BATS_TEST_DIRNAME/expected/$1.txt got=$BATS_TEST_TMPDIR/got status=0

	shift
	"$@" >"$got" 2>&1 </dev/null 3>&- || status=$?
	echo "[exit $status]" >>"$got"
	sed -i "s#$BATS_TEST_TMPDIR#TMP#g" "$got"
	if [ -n "${TEND_UPDATE:-}" ]; then
		mkdir -p "$(dirname "$file")"
		cp "$got" "$file"
	fi
	diff -u "$file" "$got"
}

fake() # <REPLIES
{
	FAKE_LOG=$BATS_TEST_TMPDIR/calls
	: >"$FAKE_LOG"
	cat >"$BATS_TEST_TMPDIR/replies"
	fake_end
	python3 -B "$WORLD_LIB/fake-server.py" "$BATS_TEST_TMPDIR/replies" "$FAKE_LOG" 3>&-
}

fake_end()
{
	if [ -S "$TEND_HOME/run/socket" ]; then
		python3 -B "$WORLD_LIB/fake-server.py" --quit 3>&-
	fi
}

fake_calls() # METHOD: the parameters of its calls, a line each
{
	python3 -B -c '
import json, sys
for line in open(sys.argv[1]):
    call = json.loads(line)
    if call["method"] == sys.argv[2]:
        print(json.dumps(call["parameters"], sort_keys=True))' "$FAKE_LOG" "$1"
}

# a world for the client alone: no tendd is started, times are UTC
client_start()
{
	world_start
	export TZ=UTC TERM=dumb
	unset COLUMNS
}

client_end()
{
	fake_end
	cd /
}
