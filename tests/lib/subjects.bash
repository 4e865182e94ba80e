# subjects: processes made to be looked at. Each is told to be ready by a file, and is ended by subjects_end.
#
#     subject NAME [python CODE on stdin]   runs it, waits until it has called ready(); SUBJECT is its pid
#     subject_program PATH WORDS...         another program; SUBJECT is its pid once it has been executed
#     said FILE PYTHON...                   each PYTHON must be true of j, the JSON in FILE

SUBJECTS=()

subject() # NAME <code
{
	local file=$BATS_TEST_TMPDIR/subject.$1
	rm -f "$file.ready"
	cat - >"$file.body"
	cat >"$file" <<-'HEAD'
		import ctypes, os, signal, socket, sys, time
		libc = ctypes.CDLL(None)
		libc.prctl(1, 9, 0, 0, 0)
		def ready(text=""):
		    with open(sys.argv[1] + ".new", "w") as f:
		        f.write(str(text))
		    os.rename(sys.argv[1] + ".new", sys.argv[1] + ".ready")
		def name(text):
		    libc.prctl(15, text.encode(), 0, 0, 0)
		def forever():
		    while True:
		        signal.pause()
	HEAD
	cat "$file.body" >>"$file"
	python3 -B "$file" "$file" </dev/null >/dev/null 2>"$file.err" 3>&- &
	SUBJECT=$!
	SUBJECTS+=("$SUBJECT")
	until_there "$file.ready" "$SUBJECT" || { cat "$file.err"; return 1; }
	SAID=$(cat "$file.ready")
}

until_there() # FILE PID: the file is there; false when the process has ended
{
	local tries=0
	until [ -e "$1" ]; do
		kill -0 "$2" 2>/dev/null || return 1
		[ $((tries += 1)) -lt 6000 ] || return 1
		sleep 0.01
	done
}

until_true() # COMMAND: a line for the shell; fails after a minute
{
	local tries=0
	until eval "$1"; do
		[ $((tries += 1)) -lt 6000 ] || return 1
		sleep 0.01
	done
}

subject_program() # PATH WORDS...
{
	"$@" </dev/null >/dev/null 2>&1 3>&- &
	SUBJECT=$!
	SUBJECTS+=("$SUBJECT")
	until_true '[ "$(readlink "/proc/$SUBJECT/exe")" = "$(readlink -f "'"$1"'")" ]'
}

subjects_end()
{
	local pid
	for pid in "${SUBJECTS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	SUBJECTS=()
}

said() # FILE PYTHON...
{
	python3 -B - "$@" <<-'CHECK'
		import json, os, sys
		j = json.load(open(sys.argv[1]))
		for text in sys.argv[2:]:
		    assert eval(text), (text, json.dumps(j, indent=1)[:6000])
	CHECK
}
