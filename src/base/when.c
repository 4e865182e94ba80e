/* Words are cut at blanks: weekday, date, time, zone, each at most once and in this order. What the
 * calendar needs is left to mktime(3), so that hours that do not exist, or exist twice, are what
 * every other program takes them for. A relative moment is a span from now, exact whatever clocks
 * do meanwhile. */
#include "base/when.h"
#include "base/clock.h"
#include "base/span.h"
#include "base/str.h"
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { WHEN_TEXT_MAX = 128, WHEN_CENTURY = 69, WHEN_LAST_YEAR = 2250 };

struct moment {
	struct tm tm;
	int64_t fraction; /* ns */
	int64_t ahead;    /* seconds that the zone is ahead of UTC, when it is UTC */
	int weekday;      /* -1: not said */
	bool utc, dated, timed, zoned;
};

static const char *const weekdays[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					"Thursday", "Friday", "Saturday" };

/* digits, `least` to `most` of them; false: others, or not in the range */
static bool
take_number(const char **s, size_t least, size_t most, int from, int to, int *ret_number)
{
	size_t n = strspn(*s, "0123456789");
	int number = 0;

	if (n < least || n > most) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		number = number * 10 + ((*s)[i] - '0');
	}
	if (number < from || number > to) {
		return false;
	}
	*s += n;
	*ret_number = number;
	return true;
}

static bool
take_char(const char **s, char c)
{
	if (**s != c) {
		return false;
	}
	++*s;
	return true;
}

/* ".250" to nanoseconds */
static bool
take_fraction(const char **s, int64_t *ret_ns)
{
	size_t n = strspn(*s, "0123456789");
	int64_t ns = 0;

	if (n == 0) {
		return false;
	}
	for (size_t i = 0; i < 9; i++) {
		ns = ns * 10 + (i < n ? (*s)[i] - '0' : 0);
	}
	*s += n;
	*ret_ns = ns;
	return true;
}

static int
days_of(int month, int year)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(const char **s, struct moment *moment)
{
	bool shortened = strspn(*s, "0123456789") == 2;
	int year, month, day;

	if (!take_number(s, 2, 4, 0, WHEN_LAST_YEAR, &year) || !take_char(s, '-') ||
	    !take_number(s, 1, 2, 1, 12, &month) || !take_char(s, '-')) {
		return false;
	}
	year += shortened ? (year < WHEN_CENTURY ? 2000 : 1900) : 0;
	if (!take_number(s, 1, 2, 1, days_of(month, year), &day)) {
		return false;
	}
	moment->tm.tm_year = year - 1900;
	moment->tm.tm_mon = month - 1;
	moment->tm.tm_mday = day;
	moment->dated = true;
	return true;
}

static bool
take_time(const char **s, struct moment *moment)
{
	moment->tm.tm_sec = 0;
	if (!take_number(s, 1, 2, 0, 23, &moment->tm.tm_hour) || !take_char(s, ':') ||
	    !take_number(s, 2, 2, 0, 59, &moment->tm.tm_min)) {
		return false;
	}
	moment->timed = true;
	return !take_char(s, ':') || (take_number(s, 2, 2, 0, 60, &moment->tm.tm_sec) &&
				      (!take_char(s, '.') || take_fraction(s, &moment->fraction)));
}

/* "Z", "UTC", "+01:00", "+0100", "CET" where that is here */
static bool
take_zone(const char **s, struct moment *moment)
{
	int hours, minutes = 0, sign = **s == '-' ? -1 : 1;

	if (moment->zoned) {
		return false;
	}
	moment->zoned = true;
	for (int i = 0; i < 2; i++) {
		if (!moment->utc && str_equal(*s, tzname[i])) {
			moment->tm.tm_isdst = i;
			*s += strlen(*s);
			return true;
		}
	}
	moment->utc = true;
	if (strcasecmp(*s, "utc") == 0 || strcasecmp(*s, "z") == 0) {
		*s += strlen(*s);
		return true;
	}
	if (!take_char(s, '+') && !take_char(s, '-')) {
		return false;
	}
	if (!take_number(s, strlen(*s) == 4 ? 4 : 2, 4, 0, 2359, &hours)) {
		return false;
	}
	if (hours > 99) {
		minutes = hours % 100;
		hours /= 100;
	} else if (take_char(s, ':') && !take_number(s, 2, 2, 0, 59, &minutes)) {
		return false;
	}
	moment->ahead = sign * (hours * 3600LL + minutes * 60LL);
	return hours < 24 && minutes < 60;
}

static bool
take_weekday(const char *word, struct moment *moment)
{
	for (size_t i = 0; i < COUNT(weekdays); i++) {
		if (strcasecmp(word, weekdays[i]) == 0 ||
		    (strlen(word) == 3 && strncasecmp(word, weekdays[i], 3) == 0)) {
			moment->weekday = (int)i;
			return true;
		}
	}
	return false;
}

static bool
take_day_word(const char *word, struct moment *moment)
{
	static const struct {
		const char *word;
		int days;
	} words[] = { { "today", 0 }, { "yesterday", -1 }, { "tomorrow", 1 } };

	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcasecmp(word, words[i].word) == 0) {
			moment->tm.tm_mday += words[i].days;
			moment->dated = true;
			return true;
		}
	}
	return false;
}

/* a date, a time, or both with a T between; a zone may follow a time at once */
static bool
take_word(const char *word, struct moment *moment)
{
	const char *s = word;

	if (!moment->dated && !moment->timed && moment->weekday < 0 && take_weekday(word, moment)) {
		return true;
	}
	if (!moment->dated && !moment->timed && take_day_word(word, moment)) {
		return true;
	}
	if (moment->timed) {
		return take_zone(&s, moment) && !*s;
	}
	if (!moment->dated && strchr(word, '-') && word[strspn(word, "0123456789")] == '-') {
		if (!take_date(&s, moment)) {
			return false;
		}
		if (!*s) {
			return true;
		}
		if (*s != 'T' && *s != 't') {
			return false;
		}
		s++;
	}
	if (moment->dated && !strchr(s, ':')) { /* a date and its zone */
		return take_zone(&s, moment) && !*s;
	}
	return take_time(&s, moment) && (!*s || take_zone(&s, moment)) && !*s;
}

/* mktime(3) left to itself chooses by what it was asked before. Of an hour that exists twice the
 * first is meant; one that does not exist is as far behind the change as it says. */
static int64_t
local_time(struct tm *tm)
{
	struct tm first = *tm, second = *tm;
	time_t seconds;

	if (tm->tm_isdst >= 0) {
		return mktime(tm);
	}
	first.tm_isdst = 1;
	seconds = mktime(&first);
	if (seconds != -1 && first.tm_isdst > 0 && first.tm_hour == tm->tm_hour &&
	    first.tm_min == tm->tm_min) {
		*tm = first;
		return seconds;
	}
	second.tm_isdst = 0;
	seconds = mktime(&second);
	*tm = second;
	return seconds;
}

static int
settle(struct moment *moment, int64_t *ret_wall)
{
	struct tm tm = moment->tm;
	int64_t seconds;

	if (!moment->timed) {
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	}
	seconds = moment->utc ? (int64_t)timegm(&tm) - moment->ahead : local_time(&tm);
	if (moment->weekday >= 0 && tm.tm_wday != moment->weekday) {
		return -EINVAL;
	}
	if (seconds < 0 || tm.tm_year > WHEN_LAST_YEAR - 1900) {
		return -ERANGE;
	}
	*ret_wall = seconds * CLOCK_S + moment->fraction;
	return 0;
}

static int
parse_words(char *text, int64_t now, bool utc, int64_t *ret_wall)
{
	time_t seconds = (time_t)(now / CLOCK_S);
	struct moment moment = { .weekday = -1, .utc = utc };
	char *word;

	tzset();
	(void)(utc ? gmtime_r(&seconds, &moment.tm) : localtime_r(&seconds, &moment.tm));
	moment.tm.tm_isdst = -1;
	while ((word = strsep(&text, " \t"))) {
		if (*word && !take_word(word, &moment)) {
			return -EINVAL;
		}
	}
	if (!moment.dated && !moment.timed) {
		return -EINVAL;
	}
	return settle(&moment, ret_wall);
}

static int
parse_epoch(const char *s, int64_t *ret_wall)
{
	int64_t seconds = 0, fraction = 0;
	size_t n = strspn(s, "0123456789");

	if (n == 0 || n > 11) {
		return n ? -ERANGE : -EINVAL;
	}
	for (; n > 0; n--) {
		seconds = seconds * 10 + (*s++ - '0');
	}
	if ((take_char(&s, '.') && !take_fraction(&s, &fraction)) || *s) {
		return -EINVAL;
	}
	if (seconds > INT64_MAX / CLOCK_S - 1) {
		return -ERANGE;
	}
	*ret_wall = seconds * CLOCK_S + fraction;
	return 0;
}

/* now and a span */
static int
parse_relative(const char *span, int64_t now, int sign, int64_t *ret_wall)
{
	int64_t ns;
	int r = span_parse(span, &ns);

	if (r < 0) {
		return r;
	}
	if (ns == CLOCK_NEVER || (sign < 0 ? ns > now : ns > INT64_MAX - now)) {
		return -ERANGE;
	}
	*ret_wall = now + sign * ns;
	return 0;
}

int
when_parse(const char *text, int64_t now, bool utc, int64_t *ret_wall)
{
	static const char ago[] = " ago";
	char words[WHEN_TEXT_MAX];
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t')) {
		n--;
	}
	if (n == 0 || n >= sizeof(words)) {
		return -EINVAL;
	}
	memcpy(words, text, n);
	words[n] = '\0';
	if (words[0] == '@') {
		return parse_epoch(words + 1, ret_wall);
	}
	if (words[0] == '+' || words[0] == '-') {
		return parse_relative(words + 1, now, words[0] == '-' ? -1 : 1, ret_wall);
	}
	if (n > strlen(ago) && strcasecmp(words + n - strlen(ago), ago) == 0) {
		words[n - strlen(ago)] = '\0';
		return parse_relative(words, now, -1, ret_wall);
	}
	if (strcasecmp(words, "now") == 0) {
		*ret_wall = now;
		return 0;
	}
	return parse_words(words, now, utc, ret_wall);
}
