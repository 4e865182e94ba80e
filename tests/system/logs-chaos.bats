# A short version of tests/chaos/logs. `make chaos` goes on for long.
bats_require_minimum_version 1.5.0

@test "chaos: logger and manager are killed, the disk fills up, and each line is there or in a mark" {
	cd "$BATS_TEST_DIRNAME/../.."
	local build=${TEND_BUILD:-build}
	PATH=/usr/bin:/bin:$PATH TMPDIR=$BATS_TEST_TMPDIR run timeout -s INT 250 tests/chaos/logs --seconds 8 --seed 7 --bin "$build" 3>&-
	echo "$output"
	[ "$status" -eq 0 ]
}
