/* What the sections of `inspect` share. A line for people is made harmless as a whole: nearly
 * everything in it (names, paths, variables) was chosen by others. */
#include "base/accounts.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/inspect.h"
#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { INSPECT_LABEL = 13 };

void
inspect_miss(struct inspect *inspect, const char *what, int error)
{
	const char *why = error == -EPERM
				  ? geteuid() == 0 ? "not permitted" : "not permitted; root may"
				  : strerror(-error);

	if (error == -ESRCH) {
		inspect->gone = true;
		return;
	}
	(void)json_array_append_new(inspect->unreadable,
				    json_pack("{s:s, s:s, s:s}", "section", inspect->section,
					      "what", what, "why", why));
}

int64_t
inspect_stat(const struct inspect *inspect, unsigned field)
{
	const char *at = inspect->stat_text ? strrchr(inspect->stat_text, ')') : NULL;

	for (unsigned i = 2; at && i < field; i++) {
		at = strchr(at + 1, ' ');
	}
	return at ? strtoll(at, NULL, 10) : 0;
}

json_t *
inspect_number(bool known, uint64_t number)
{
	return known && number <= INT64_MAX ? json_integer((json_int_t)number) : json_null();
}

json_t *
inspect_status(const struct inspect *inspect, const char *key, unsigned unit)
{
	uint64_t number = 0;
	bool known = inspect->status && proc_field_number(inspect->status, key, 10, &number);

	return inspect_number(known, number * unit);
}

json_t *
inspect_text(const char *text)
{
	return text ? phrase_json(text, strlen(text)) : json_null();
}

char *
inspect_user(uid_t uid)
{
	struct accounts_user user = { 0 };
	char *text;

	if (!accounts_user_by_uid(uid, &user)) {
		return str_format("%u", uid);
	}
	text = str_dup(user.name);
	accounts_user_done(&user);
	return text;
}

void
inspect_line(const char *label, const char *format, ...)
{
	autofree char *text = NULL, *harmless = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0) {
		text = NULL;
	}
	va_end(arguments);
	if (!text) {
		return;
	}
	harmless = width_harmless(text, strlen(text), false);
	(void)printf("  %s%*s%s  %s\n", screen_paint(PAINT_DIM), INSPECT_LABEL, label,
		     screen_plain(), harmless);
}

bool
inspect_missed(const struct inspect *inspect, const char *section)
{
	json_t *entry;
	size_t i;

	json_array_foreach(inspect->unreadable, i, entry) {
		if (str_equal(phrase_get(entry, "section"), section)) {
			return true;
		}
	}
	return false;
}

void
inspect_missing(const struct inspect *inspect, const char *section)
{
	json_t *entry;
	size_t i;

	json_array_foreach(inspect->unreadable, i, entry) {
		if (str_equal(phrase_get(entry, "section"), section)) {
			(void)printf("  %s%*s%s  %s%s: %s%s\n", screen_paint(PAINT_DIM),
				     INSPECT_LABEL, "not readable", screen_plain(),
				     screen_paint(PAINT_WARN), phrase_get(entry, "what"),
				     phrase_get(entry, "why"), screen_plain());
		}
	}
}
