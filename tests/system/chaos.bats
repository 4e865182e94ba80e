# A short version of tests/chaos/run, with moments that are the same each time. `make chaos` goes on for long.
bats_require_minimum_version 1.5.0

@test "chaos: tend's processes are killed in 25 rounds" {
	cd "$BATS_TEST_DIRNAME/../.."
	local build=${TEND_BUILD:-build}
	PATH=/usr/bin:/bin:$PATH TMPDIR=$BATS_TEST_TMPDIR run timeout -s INT 250 tests/chaos/run --rounds 25 --seconds 120 --seed 7 --bin "$build" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
}
