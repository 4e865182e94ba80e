# `tend run` with what cannot be: told in words, with the exit code that is promised, and nothing is left of it.
load ../lib/world
load ../lib/units

setup() { world_start; }
teardown() { world_end; }

refused() # CODE TEXT WORDS...: `tend run WORDS` fails with CODE and says TEXT; no unit is made
{
	local code=$1 text=$2

	shift 2
	run -"$code" --separate-stderr tend run "$@"
	[ -z "$output" ]
	[[ "$stderr" == *"$text"* ]] || { echo "$stderr"; return 1; }
	[ -z "$(tend list --quiet --no-start)" ]
}

@test "run: the command is missing, empty, no program, no file, no executable" {
	refused 2 "run what"
	refused 2 "the command is empty" ""
	refused 2 "the command is empty" "  "
	refused 1 "nonesuch: there is no such program in PATH" -- nonesuch
	refused 1 "$PWD/nonesuch: No such file or directory" -- ./nonesuch
	refused 1 "$PWD: it is a directory" -- "$PWD"
	touch plain
	refused 1 "$PWD/plain: it is not executable" -- ./plain
	printf '#!/no/such/interpreter\n' | program orphan
	refused 1 "No such file or directory" -- ./orphan
}

@test "run: directories, files and users that are not there" {
	refused 1 "chdir to /no/such: No such file or directory" --cwd /no/such -- true
	touch plain
	refused 1 "chdir to $PWD/plain: Not a directory" --cwd plain -- true
	refused 1 "--stdin $PWD/nonesuch: No such file or directory" --stdin nonesuch -- true
	refused 1 "--env-file nonesuch: No such file or directory" --env-file nonesuch -- true
	if [ "$(id -u)" = 0 ]; then
		refused 1 "--uid: user nonesuch: there is no such user" --uid nonesuch -- true
		refused 1 "--gid: group nonesuch: there is no such group" --gid nonesuch -- true
	else
		refused 5 "only root can" --uid nobody -- true
	fi
}

@test "run: names" {
	refused 2 "cannot have '/' in it" --name a/b -- true
	refused 2 "cannot have" --name $'a\nb' -- true
	refused 2 "200 bytes" --name "$(printf 'a%.0s' {1..300})" -- true
	refused 2 "--name" --name "" -- true
	refused 2 "--name" --name $'\xff\xfe' -- true
	tend run --quiet --name 웹-ü -- true
	tend wait --quiet 웹-ü
	[ "$(tend list --quiet)" = 웹-ü ]
}

@test "run: options and values" {
	refused 2 "no option --bogus" --bogus -- true
	refused 2 "did you mean" --restrat always -- true
	refused 2 "--restart" --restart sometimes -- true
	refused 2 "--umask" --umask 9 -- true
	refused 2 "--nice" --nice 99 -- true
	refused 2 "--limit" --limit files=1 -- true
	refused 2 "--limit" --limit nofile=x -- true
	refused 2 "--stop-signal" --stop-signal SIGNOT -- true
	refused 2 "--stop-timeout" --stop-timeout soon -- true
	refused 2 "--timeout" --timeout -1 -- true
	refused 2 "--instances" --instances 0 -- true
	refused 2 "--env" --env 1X=2 -- true
	refused 2 "there is no key" -p Restrat=always -- true
	refused 2 "not Key=Value" -p Restart -- true
	refused 2 "--name" --name
	refused 2 "--wait" --wait --json -- true
}

@test "run: a program that cannot be executed leaves nothing, also of several" {
	printf '#!/no/such/interpreter\n' | program noise
	refused 1 "No such file or directory" --name many --instances 3 -- ./noise
	[ -z "$(ls "$TEND_HOME/units")" ]
}
