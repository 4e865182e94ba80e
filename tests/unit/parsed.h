/* parsed: short words for the tests of units. */
#pragma once
#include "test.h"
#include "unit/unit.h"
#include <string.h>

static inline struct unit *
parsed(const char *text)
{
	return unit_parse("web", text, strlen(text), "/etc/tend/web.service");
}

/* a service with these lines and an ExecStart */
static inline struct unit *
service(const char *lines)
{
	char autofree *text = str_format("[Service]\nExecStart=/bin/true\n%s\n", lines);

	return parsed(text);
}

static inline size_t
notices_count(const struct unit *unit)
{
	size_t n = 0;

	LIST_EACH(notice, &unit->notices, struct notice, link) {
		n++;
	}
	return n;
}

/* the only notice there is */
static inline const struct notice *
notice_only(const struct unit *unit)
{
	assert_int_equal(notices_count(unit), 1);
	return LIST_FIRST(&unit->notices, struct notice, link);
}

/* what the key shows as, after these lines */
static inline void
assert_value(const char *lines, const char *key, const char *expected)
{
	struct unit *unit = service(lines);
	char autofree *value = unit_value(unit, key_by_name(key));

	if (notices_count(unit) > 0) {
		print_message("%s: %s\n", lines,
			      LIST_FIRST(&unit->notices, struct notice, link)->text);
	}
	assert_string_equal(value, expected);
	assert_null(unit_unref(unit));
}

/* the line gives one notice of the kind, which has these words in it, and leaves the key unset */
static inline void
assert_said(const char *line, enum notice_kind kind, const char *words)
{
	struct unit *unit = service(line);
	const struct notice *notice = notice_only(unit);

	assert_int_equal(notice->kind, kind);
	assert_string_equal(notice->file, "/etc/tend/web.service");
	assert_int_equal(notice->line, 3);
	if (strstr(notice->text, words) == NULL) {
		fail_msg("%s: '%s' is not in '%s'", line, words, notice->text);
	}
	assert_null(unit_unref(unit));
}

static inline void
assert_words(char *const *list, const char *expected)
{
	char autofree *joined = strv_join(list, "|");

	assert_string_equal(joined, expected);
}
