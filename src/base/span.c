/* Durations are added up exactly in integers; a fraction ("1.5h") too, because a
 * double would not give back what was written. A month is 30.44 days and a year 365.25, as in
 * systemd. */
#include "base/span.h"
#include "base/clock.h"
#include "base/str.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct scale {
	const char *name;
	int64_t ns;
};

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 604800, MONTH = 2629800, YEAR = 31557600 };

static const struct scale scales[] = {
	{ "ns", 1 },
	{ "nsec", 1 },
	{ "us", CLOCK_US },
	{ "usec", CLOCK_US },
	{ "\xc2\xb5s", CLOCK_US },
	{ "\xce\xbcs", CLOCK_US },
	{ "ms", CLOCK_MS },
	{ "msec", CLOCK_MS },
	{ "s", CLOCK_S },
	{ "sec", CLOCK_S },
	{ "second", CLOCK_S },
	{ "seconds", CLOCK_S },
	{ "m", MINUTE *CLOCK_S },
	{ "min", MINUTE *CLOCK_S },
	{ "minute", MINUTE *CLOCK_S },
	{ "minutes", MINUTE *CLOCK_S },
	{ "h", HOUR *CLOCK_S },
	{ "hr", HOUR *CLOCK_S },
	{ "hour", HOUR *CLOCK_S },
	{ "hours", HOUR *CLOCK_S },
	{ "d", DAY *CLOCK_S },
	{ "day", DAY *CLOCK_S },
	{ "days", DAY *CLOCK_S },
	{ "w", WEEK *CLOCK_S },
	{ "week", WEEK *CLOCK_S },
	{ "weeks", WEEK *CLOCK_S },
	{ "M", MONTH *CLOCK_S },
	{ "month", MONTH *CLOCK_S },
	{ "months", MONTH *CLOCK_S },
	{ "y", YEAR *CLOCK_S },
	{ "year", YEAR *CLOCK_S },
	{ "years", YEAR *CLOCK_S },
};

/* largest first, the words systemd prints */
static const struct scale shown[] = {
	{ "y", YEAR *CLOCK_S }, { "month", MONTH *CLOCK_S },
	{ "w", WEEK *CLOCK_S }, { "d", DAY *CLOCK_S },
	{ "h", HOUR *CLOCK_S }, { "min", MINUTE *CLOCK_S },
	{ "s", CLOCK_S },       { "ms", CLOCK_MS },
	{ "us", CLOCK_US },     { "ns", 1 },
};

static const char *
skip_spaces(const char *s)
{
	return s + strspn(s, " \t");
}

/* a number with an optional fraction, as a multiple of `unit`, which is only known behind it: this
 * finds the extent, `scaled` the value */
static size_t
number_length(const char *s)
{
	size_t whole = strspn(s, "0123456789"), fraction = 0;

	if (s[whole] == '.') {
		fraction = strspn(s + whole + 1, "0123456789");
		return whole + fraction > 0 ? whole + 1 + fraction : 0;
	}
	return whole;
}

/* *total += number * unit, below max */
static int
add_scaled(const char *s, size_t n, uint64_t unit, uint64_t max, uint64_t *total)
{
	unsigned __int128 part = 0, parts = 1;
	uint64_t whole = 0;
	size_t i = 0;

	for (; i < n && s[i] != '.'; i++) {
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(s[i] - '0'), &whole)) {
			return -ERANGE;
		}
	}
	for (i++; i < n && parts < CLOCK_S * CLOCK_S;
	     i++) { /* further digits are too small to count */
		part = part * 10 + (unsigned)(s[i] - '0');
		parts *= 10;
	}
	if (__builtin_mul_overflow(whole, unit, &whole) ||
	    __builtin_add_overflow(whole, (uint64_t)(part * unit / parts), &whole) ||
	    __builtin_add_overflow(*total, whole, total) || *total >= max) {
		return -ERANGE;
	}
	return 0;
}

static int
find_scale(const char *name, size_t n, int64_t *ret_ns)
{
	for (size_t i = 0; i < COUNT(scales); i++) {
		if (strlen(scales[i].name) == n && memcmp(scales[i].name, name, n) == 0) {
			*ret_ns = scales[i].ns;
			return 0;
		}
	}
	return -EINVAL;
}

int
span_parse(const char *text, int64_t *ret_ns)
{
	return span_parse_unit(text, CLOCK_S, ret_ns);
}

int
span_parse_unit(const char *text, int64_t unit_ns, int64_t *ret_ns)
{
	const char *s = skip_spaces(text);
	uint64_t total = 0;

	if (str_starts(s, "infinity") && !*skip_spaces(s + strlen("infinity"))) {
		*ret_ns = CLOCK_NEVER;
		return 0;
	}
	if (!*s) {
		return -EINVAL;
	}
	while (*s) {
		size_t n = number_length(s), word;
		const char *name = skip_spaces(s + n);
		int64_t scale = unit_ns;
		int r;

		word = strcspn(name, "0123456789. \t");
		if (n == 0 || (word > 0 && find_scale(name, word, &scale) < 0)) {
			return -EINVAL;
		}
		if (word == 0 && *name && name == s + n) {
			return -EINVAL; /* "1..5" */
		}
		r = add_scaled(s, n, (uint64_t)scale, INT64_MAX, &total);
		if (r < 0) {
			return r;
		}
		s = skip_spaces(name + word);
	}
	*ret_ns = (int64_t)total;
	return 0;
}

const char *
span_show(int64_t ns, char *buffer, size_t size)
{
	size_t used = 0;

	if (ns == CLOCK_NEVER || ns <= 0) {
		(void)snprintf(buffer, size, "%s", ns > 0 ? "infinity" : "0");
		return buffer;
	}
	for (size_t i = 0; i < COUNT(shown); i++) {
		int64_t count = ns / shown[i].ns;

		if (count > 0 && used < size) {
			int n = snprintf(buffer + used, size - used, "%s%lld%s", used ? " " : "",
					 (long long)count, shown[i].name);

			used += n > 0 ? (size_t)n : 0;
		}
		ns %= shown[i].ns;
	}
	return buffer;
}

const char *
span_show_short(int64_t ns, char *buffer, size_t size)
{
	static const struct scale steps[] = {
		{ "d", DAY * CLOCK_S },
		{ "h", HOUR * CLOCK_S },
		{ "m", MINUTE * CLOCK_S },
		{ "s", CLOCK_S },
	};
	size_t i = 0;

	if (ns == CLOCK_NEVER) {
		(void)snprintf(buffer, size, "infinity");
		return buffer;
	}
	ns = MAX(ns, 0);
	while (i < COUNT(steps) - 1 && ns < steps[i].ns) {
		i++;
	}
	(void)snprintf(buffer, size, "%lld%s", (long long)(ns / steps[i].ns), steps[i].name);
	return buffer;
}

static const char size_letters[] = "BKMGTPE";

int
size_parse(const char *text, uint64_t *ret_bytes)
{
	const char *s = skip_spaces(text);
	size_t n = number_length(s);
	uint64_t total = 0, unit = 1;
	const char *end;
	int r;

	if (str_starts(s, "infinity") && !*skip_spaces(s + strlen("infinity"))) {
		*ret_bytes = UINT64_MAX;
		return 0;
	}
	if (n == 0) {
		return -EINVAL;
	}
	end = skip_spaces(s + n);
	if (*end) {
		const char *letter = strchr(size_letters, *end);

		if (!letter || *skip_spaces(end + 1)) {
			return -EINVAL;
		}
		unit = 1ULL << (10 * (letter - size_letters));
	}
	r = add_scaled(s, n, unit, UINT64_MAX, &total);
	if (r < 0) {
		return r;
	}
	*ret_bytes = total;
	return 0;
}

const char *
size_show(uint64_t bytes, char *buffer, size_t size)
{
	unsigned power = 0;
	uint64_t whole, tenth;

	if (bytes == UINT64_MAX) {
		(void)snprintf(buffer, size, "infinity");
		return buffer;
	}
	while (power < sizeof(size_letters) - 2 && bytes >> (10 * (power + 1))) {
		power++;
	}
	whole = bytes >> (10 * power);
	tenth = (uint64_t)((unsigned __int128)(bytes - (whole << 10 * power)) * 10 >> 10 * power);
	if (tenth > 0 && whole < 100) {
		(void)snprintf(buffer, size, "%llu.%llu%c", (unsigned long long)whole,
			       (unsigned long long)tenth, size_letters[power]);
	} else {
		(void)snprintf(buffer, size, "%llu%c", (unsigned long long)whole,
			       size_letters[power]);
	}
	return buffer;
}
