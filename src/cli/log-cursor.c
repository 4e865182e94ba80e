/* A cursor is a line of text that a program keeps: for each log a name and the place behind what
 * was shown, "web=l,18cf...,1a2,7,0,18d0...": the kind of item, the time of its segment's first
 * record, the offset, the record's number, the count of unfinished lines, its time; all in
 * hexadecimal. Several logs are parted by semicolons. Both characters cannot be in a unit's name.
 */
#include "base/str.h"
#include "cli/logview.h"
#include <string.h>
#include <unistd.h>

enum { CURSOR_NUMBERS = 5 };
static const char kinds[] = "lupme";

void
log_cursor_add(struct buf *buf, const char *name, const struct reader_place *place)
{
	(void)buf_addf(buf, "%s%s=%c,%llx,%llx,%llx,%x,%llx", buf->length > 0 ? ";" : "", name,
		       place->kind, (unsigned long long)place->segment,
		       (unsigned long long)place->position, (unsigned long long)place->record,
		       place->unfinished, (unsigned long long)place->time);
}

static bool
take_hex(const char **s, uint64_t *ret_number)
{
	size_t n = strspn(*s, "0123456789abcdef");
	uint64_t number = 0;

	if (n == 0 || n > 16) {
		return false;
	}
	for (; n > 0; n--) {
		char c = *(*s)++;

		number = number << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*ret_number = number;
	return true;
}

/* "NAME=l,...", the length of the name; 0: it is none. *s is behind it afterwards */
static size_t
parse(const char **s, struct reader_place *ret_place)
{
	size_t name = strcspn(*s, "=;");
	uint64_t numbers[CURSOR_NUMBERS];
	char kind;

	if (name == 0 || (*s)[name] != '=') {
		return 0;
	}
	*s += name + 1;
	kind = **s;
	if (kind == '\0' || !strchr(kinds, kind)) {
		return 0;
	}
	++*s;
	for (size_t i = 0; i < CURSOR_NUMBERS; i++) {
		if (*(*s)++ != ',' || !take_hex(s, &numbers[i])) {
			return 0;
		}
	}
	if (numbers[3] > 2 || numbers[1] > INT64_MAX || numbers[2] > INT64_MAX) {
		return 0;
	}
	*ret_place = (struct reader_place){ .segment = (int64_t)numbers[0],
					    .position = numbers[1],
					    .record = numbers[2],
					    .unfinished = (unsigned)numbers[3],
					    .time = (int64_t)numbers[4],
					    .kind = kind };
	return name;
}

bool
log_cursor_check(const char *cursor, struct err *err)
{
	struct reader_place place;
	const char *s = cursor;

	if (str_equal(cursor, "-")) {
		return true;
	}
	while (parse(&s, &place) > 0 && *s == ';') {
		s++;
	}
	return (*s == '\0' && s > cursor && s[-1] != ';') ||
	       err_set(err, "'%.80s' is no cursor; 'tend logs --show-cursor' prints one", cursor);
}

bool
log_cursor_find(const char *cursor, const char *name, struct reader_place *ret_place,
		int64_t *ret_time)
{
	struct reader_place place;
	const char *s = cursor;
	bool found = false;
	size_t n;

	*ret_time = 0;
	for (const char *word = s; (n = parse(&s, &place)) > 0; word = s) {
		*ret_time = MAX(*ret_time, place.time);
		if (strlen(name) == n && memcmp(word, name, n) == 0) {
			*ret_place = place;
			found = true;
		}
		s += *s == ';';
	}
	return found;
}
