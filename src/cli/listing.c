/* listing: the table of `tend list`: what needs somebody's attention first. */
#include "base/check.h"
#include "base/clock.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/cli.h"
#include <stdlib.h>
#include <string.h>

/* in the order of the table */
static const char *const interest[] = { "failed",    "waiting", "starting", "stopping",
					"reloading", "running", "done",     "stopped" };

static const struct column columns[] = {
	{ .title = "NAME", .least = 16 },
	{ .title = "STATE" },
	{ .title = "PID", .right = true, .drop = 3 },
	{ .title = "UPTIME", .right = true, .drop = 2 },
	{ .title = "RESTARTS", .right = true, .drop = 5 },
	{ .title = "CPU", .right = true, .drop = 6 },
	{ .title = "MEMORY", .right = true, .drop = 4 },
	{ .title = "WHAT", .least = 8, .drop = 7 },
};

static size_t
rank(const json_t *unit)
{
	size_t i = 0;

	while (i < COUNT(interest) && !str_equal(interest[i], phrase_get(unit, "state"))) {
		i++;
	}
	return i;
}

/* what is compared is looked up once: a thousand units are compared ten thousand times */
struct line {
	json_t *unit;
	size_t rank;
	const char *name;
};

static int
compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->rank != y->rank) {
		return x->rank < y->rank ? -1 : 1;
	}
	return strverscmp(x->name, y->name);
}

void
listing_sort(json_t *units)
{
	size_t n = json_array_size(units);
	struct line *lines = calloc(n + 1, sizeof(*lines));

	CHECK(lines);
	for (size_t i = 0; i < n; i++) {
		json_t *unit = json_incref(json_array_get(units, i));

		lines[i] = (struct line){ unit, rank(unit), phrase_get(unit, "name") };
	}
	qsort(lines, n, sizeof(*lines), compare);
	(void)json_array_clear(units);
	for (size_t i = 0; i < n; i++) {
		(void)json_array_append_new(units, lines[i].unit);
	}
	free(lines);
}

/* the state, and in a word why or until when; owned */
static char *
state(const json_t *unit)
{
	const char *name = phrase_get(unit, "state"), *why = phrase_get(unit, "why");
	const json_t *next = json_object_get(unit, "next_try");
	const json_t *exit = json_object_get(unit, "exit");
	const json_t *code = json_object_get(exit, "code");

	if (json_is_number(next)) {
		double left = json_number_value(next) - (double)clock_wall() / 1e9;
		autofree char *span = phrase_span(left);
		return str_format("%s %s", name, span);
	}
	if (!str_equal(name, "failed")) {
		return str_dup(name);
	}
	if (str_equal(why, "exit-code") && json_is_integer(code)) {
		return str_format("%s: exit %lld", name, (long long)json_integer_value(code));
	}
	if (json_is_string(json_object_get(exit, "signal")) &&
	    (str_equal(why, "signal") || str_equal(why, "core"))) {
		return str_format("%s: %s", name, phrase_get(exit, "signal"));
	}
	return why[0] ? str_format("%s: %s", name, why) : str_dup(name);
}

static char *
integer(const json_t *number)
{
	return json_is_integer(number) ? str_format("%lld", (long long)json_integer_value(number))
				       : str_dup("-");
}

static char *
uptime(const json_t *seconds)
{
	char text[32];

	if (!json_is_number(seconds)) {
		return str_dup("-");
	}
	return str_dup(
		span_show_short((int64_t)(json_number_value(seconds) * 1e9), text, sizeof(text)));
}

static char *
share(const json_t *percent)
{
	return json_is_number(percent) ? str_format("%.1f%%", json_number_value(percent))
				       : str_dup("-");
}

void
listing_print(const json_t *units)
{
	struct table *table = table_new(columns, COUNT(columns));
	json_t *unit;
	size_t i;

	json_array_foreach(units, i, unit) {
		const json_t *restarts = json_object_get(unit, "restarts");

		table_add(table, PAINT_NONE, str_dup(phrase_get(unit, "name")));
		table_add(table, screen_paint_of(phrase_get(unit, "state")), state(unit));
		table_add(table, PAINT_NONE, integer(json_object_get(unit, "pid")));
		table_add(table, PAINT_NONE, uptime(json_object_get(unit, "uptime")));
		table_add(table, json_integer_value(restarts) > 0 ? PAINT_WARN : PAINT_NONE,
			  integer(restarts));
		table_add(table, PAINT_NONE, share(json_object_get(unit, "cpu_percent")));
		table_add(table, PAINT_NONE, phrase_size(json_object_get(unit, "memory")));
		table_add(table, PAINT_DIM, str_dup(phrase_get(unit, "description")));
	}
	table_print(table, screen_columns());
	table = table_free(table);
}
