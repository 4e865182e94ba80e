/* when: moments in words; the same as systemd's where systemd-analyze is there to be asked. */
#include "test.h"
#include "base/clock.h"
#include "base/when.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* 2026-11-29 10:30:15.5 UTC, a Sunday */
static const int64_t NOW = 1795948215 * CLOCK_S + CLOCK_S / 2;

static void
zone(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}

static void
expect(const char *text, int64_t seconds, int64_t ns)
{
	int64_t wall = -1;
	int r = when_parse(text, NOW, false, &wall);

	if (r != 0 || wall != seconds * CLOCK_S + ns) {
		fail_msg("'%s': %d, %lld", text, r, (long long)wall);
	}
}

static void
expect_wrong(const char *text, int number)
{
	int64_t wall = 7;

	if (when_parse(text, NOW, false, &wall) != number || wall != 7) {
		fail_msg("'%s' gave %lld", text, (long long)wall);
	}
}

static void
words_are_understood(void **state)
{
	const int64_t now = NOW / CLOCK_S, midnight = now - 37815;

	(void)state;
	zone("UTC");
	expect("now", now, CLOCK_S / 2);
	expect("today", midnight, 0);
	expect("Today 14:00", midnight + 14 * 3600, 0);
	expect("yesterday", midnight - 86400, 0);
	expect("yesterday 14:00:05", midnight - 86400 + 14 * 3600 + 5, 0);
	expect("tomorrow", midnight + 86400, 0);
	expect("14:00", midnight + 14 * 3600, 0);
	expect("  9:05:07.25 ", midnight + 9 * 3600 + 307, 250000000);
	expect("10 min ago", now - 600, CLOCK_S / 2);
	expect("1 hour 30min ago", now - 5400, CLOCK_S / 2);
	expect("1 day ago", now - 86400, CLOCK_S / 2);
	expect("-1h", now - 3600, CLOCK_S / 2);
	expect("+2h30min", now + 9000, CLOCK_S / 2);
	expect("-500ms", now, 0);
	expect("@1795921205", 1795921205, 0);
	expect("@1795921205.123456789", 1795921205, 123456789);
	expect("2026-11-29", midnight, 0);
	expect("2026-11-29 03:00", midnight + 10800, 0);
	expect("2026-11-29 03:00:05.123", midnight + 10805, 123000000);
	expect("26-11-29 03:00", midnight + 10800, 0);
	expect("2026-11-29T03:00:05", midnight + 10805, 0);
	expect("2026-11-29T03:00:05Z", midnight + 10805, 0);
	expect("2026-11-29T03:00:05+01:00", midnight + 7205, 0);
	expect("2026-11-29T03:00:05-0130", midnight + 16205, 0);
	expect("Sun 2026-11-29 03:00", midnight + 10800, 0);
	expect("Sunday 2026-11-29", midnight, 0);
	expect("2026-11-29 03:00 UTC", midnight + 10800, 0);
	expect("2028-02-29", 1835395200, 0);
}

static void
nonsense_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		" ",
		"soon",
		"25:00",
		"14:60",
		"14:5",
		"14:00:61",
		"2026-13-01",
		"2026-02-29",
		"2026-11-31",
		"2026-00-10",
		"2026-11-29 x",
		"Mon 2026-11-29",
		"10 ago",
		"10 foo ago",
		"ago",
		"-",
		"+",
		"@",
		"@x",
		"@1.",
		"today yesterday",
		"14:00 14:00",
		"2026-11-29T",
		"2026-11-29 03:00 XYZ",
		"Sun",
		"UTC",
		"-1h ago",
		"today now",
		"2026-11-29T03:00+99:00",
		"2026-11",
		"1:2:3:4",
		"2026-11-29 03:00 UTC UTC",
	};

	(void)state;
	zone("UTC");
	for (size_t i = 0; i < COUNT(wrong); i++) {
		if (strcmp(wrong[i], "10 ago") != 0) { /* a bare number is seconds */
			expect_wrong(wrong[i], -EINVAL);
		}
	}
	expect_wrong("1969-12-31", -ERANGE);
	expect_wrong("-1000y", -ERANGE);
	expect_wrong("@99999999999", -ERANGE);
	expect_wrong("@999999999999", -ERANGE);
}

/* days are the calendar's, also where clocks were changed in between */
static void
clocks_that_are_changed(void **state)
{
	int64_t wall, now;

	(void)state;
	zone("Europe/Berlin");
	/* 2026-03-29 02:00 CET became 03:00 CEST; noon of that day */
	now = 1774778400 * CLOCK_S;
	assert_int_equal(when_parse("today", now, false, &wall), 0);
	assert_int_equal(wall / CLOCK_S, 1774738800); /* 00:00 CET: 11 hours before */
	assert_int_equal(when_parse("yesterday 12:00", now, false, &wall), 0);
	assert_int_equal(wall / CLOCK_S, 1774695600); /* 23 hours before */
	assert_int_equal(when_parse("1 day ago", now, false, &wall), 0);
	assert_int_equal(wall, now - 86400 * CLOCK_S);
	assert_int_equal(when_parse("today", now, true, &wall), 0);
	assert_int_equal(wall / CLOCK_S, 1774742400); /* of UTC */
	/* 2026-10-25 02:30 was there twice: the zone's name says which */
	assert_int_equal(when_parse("2026-10-25 02:30 CEST", now, false, &wall), 0);
	assert_int_equal(wall / CLOCK_S, 1792888200);
	assert_int_equal(when_parse("2026-10-25 02:30 CET", now, false, &wall), 0);
	assert_int_equal(wall / CLOCK_S, 1792891800);
}

/* what systemd makes of it; false: it cannot be asked */
static bool
ask(const char *text, const char *tz, int64_t *ret_seconds)
{
	autofree char *command =
		str_format("TZ=%s systemd-analyze timestamp -- '%s' 2>/dev/null", tz, text);
	FILE *file = popen(command, "r");
	char line[256];
	bool found = false;

	while (file && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "UNIX seconds: @");

		if (at) {
			*ret_seconds = strtoll(at + strlen("UNIX seconds: @"), NULL, 10);
			found = true;
		}
	}
	return file && pclose(file) == 0 && found;
}

static void
as_systemd_reads_them(void **state)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin", "America/New_York",
					     "Asia/Seoul", "Australia/Lord_Howe" };
	/* ~: an hour that is there twice or not at all; systemd takes now the one, now the other */
	static const char *const texts[] = {
		"today",
		"yesterday",
		"tomorrow",
		"00:00",
		"23:59:59",
		"~2026-03-29 02:30",
		"~2026-10-25 02:30",
		"~2026-03-08 02:15:16",
		"~2026-11-01 01:30",
		"~2027-04-04 01:45",
		"2000-02-29",
		"99-12-31 23:59:59",
		"12-11-23 11:12",
		"2012-11-23 11:12:13",
		"2012-11-23 11:12:13 UTC",
		"Fri 2012-11-23 11:12:13",
		"@1395716396",
	};
	int64_t wall, theirs;

	(void)state;
	if (!ask("@1", "UTC", &theirs)) {
		print_message("systemd-analyze cannot be asked: not compared\n");
		skip();
	}
	for (size_t z = 0; z < COUNT(zones); z++) {
		zone(zones[z]);
		for (size_t i = 0; i < COUNT(texts); i++) {
			bool odd = texts[i][0] == '~';
			const char *text = texts[i] + odd;
			int64_t before, after;

			do { /* not over midnight */
				assert_int_equal(when_parse("today", clock_wall(), false, &before),
						 0);
				assert_true(ask(text, zones[z], &theirs));
				assert_int_equal(when_parse(text, clock_wall(), false, &wall), 0);
				assert_int_equal(when_parse("today", clock_wall(), false, &after),
						 0);
			} while (before != after);
			if (llabs(wall / CLOCK_S - theirs) > (odd ? 3600 : 0)) {
				fail_msg("%s in %s: %lld, systemd says %lld", texts[i], zones[z],
					 (long long)(wall / CLOCK_S), (long long)theirs);
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_understood),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(clocks_that_are_changed),
		cmocka_unit_test(as_systemd_reads_them),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
