/* How an item is shown. On a terminal nothing that a service wrote reaches it unchanged. A line
 * that was longer than a reader gives at once is put together again unless another unit's comes
 * between. The time is put into words once a second at most. */
#include "base/check.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/logview.h"
#include <string.h>
#include <time.h>

static const char ELLIPSIS[] = "\xe2\x80\xa6 ";

struct log_print {
	const struct log_query *query;
	size_t width; /* of the widest name */
	bool prefixed, any;
	const char *open; /* the unit whose line has no end yet; NULL: none */
	int open_stream;
	int64_t second; /* of which `clock` is */
	char clock[64], zone[16];
};

struct log_print *
log_print_new(const struct log_query *query)
{
	struct log_print *print = calloc(1, sizeof(*print));

	CHECK(print != NULL);
	print->query = query;
	print->second = INT64_MIN;
	return print;
}

struct log_print *
log_print_free(struct log_print *print)
{
	free(print);
	return NULL;
}

void
log_print_names(struct log_print *print, const char *name, bool prefixed)
{
	print->width = MAX(print->width, width_text(name));
	print->prefixed |= prefixed;
}

/* ---- what stands before a line ---- */
static void
put_time(struct log_print *print, enum log_time style, int64_t wall)
{
	static const char *const forms[] = {
		[LOG_CLOCK] = "%m-%d %H:%M:%S",
		[LOG_SHORT] = "%b %d %H:%M:%S",
		[LOG_SHORT_ISO] = "%Y-%m-%dT%H:%M:%S",
		[LOG_ISO] = "%Y-%m-%dT%H:%M:%S",
	};
	time_t seconds = (time_t)(wall / CLOCK_S);
	struct tm tm = { 0 };

	if (print->second != seconds) {
		(void)(print->query->utc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm));
		(void)strftime(print->clock, sizeof(print->clock), forms[style], &tm);
		(void)strftime(print->zone, sizeof(print->zone), "%z", &tm);
		print->second = seconds;
	}
	(void)fputs(print->clock, stdout);
	switch (style) {
	case LOG_CLOCK: (void)printf(".%03d", (int)(wall % CLOCK_S / CLOCK_MS)); break;
	case LOG_SHORT_ISO: (void)fputs(print->zone, stdout); break;
	case LOG_ISO:
		(void)printf(".%06d%.3s:%s", (int)(wall % CLOCK_S / CLOCK_US), print->zone,
			     print->zone + 3);
		break;
	case LOG_SHORT:
	case LOG_NO_TIME: break;
	}
}

static void
put_prefix(struct log_print *print, const char *name, enum paint paint, int64_t time)
{
	if (print->query->time != LOG_NO_TIME) {
		(void)fputs(screen_paint(PAINT_DIM), stdout);
		put_time(print, print->query->time, time);
		(void)printf("%s ", screen_plain());
	}
	if (print->prefixed) {
		autofree char *shown = phrase_command(name);
		(void)printf("%s%s%*s |%s ", screen_paint(paint), shown,
			     (int)(print->width - MIN(width_text(shown), print->width)), "",
			     screen_plain());
	}
}

void
log_print_end(struct log_print *print)
{
	if (print->open) {
		(void)putchar('\n');
		print->open = NULL;
	}
}

/* ---- a line ---- */
char *
log_print_harmless(const char *text, size_t n)
{
	const char *last;
	char *shown, *whole;

	while (n > 0 && text[n - 1] == '\r') {
		n--;
	}
	last = memrchr(text, '\r', n);
	if (!last) {
		return width_harmless(text, n, true);
	}
	last++;
	shown = width_harmless(last, n - (size_t)(last - text), true);
	whole = str_format("%s%s", ELLIPSIS, shown);
	free(shown);
	return whole;
}

/* with what was searched for bright */
static void
put_harmless(const struct log_query *query, const char *text, size_t n, enum paint paint)
{
	size_t at = 0, from, to;

	while (query->grep && !memchr(text, '\r', n) &&
	       grep_span(query->grep, text, n, at, &from, &to)) {
		autofree char *before = width_harmless(text + at, from - at, true);
		autofree char *found = width_harmless(text + from, to - from, true);

		(void)printf("%s%s%s%s%s%s%s%s", screen_paint(paint), before, screen_plain(),
			     screen_paint(PAINT_BAD), screen_paint(PAINT_BOLD), found,
			     screen_plain(), screen_paint(paint));
		at = to;
	}
	if (at < n) {
		autofree char *rest = log_print_harmless(text + at, n - at);
		(void)printf("%s%s", at == 0 ? screen_paint(paint) : "", rest);
	}
	(void)fputs(paint != PAINT_NONE || at > 0 ? screen_plain() : "", stdout);
}

static enum paint
paint_of(int priority)
{
	static const enum paint paints[] = { PAINT_BAD,  PAINT_BAD,  PAINT_BAD,  PAINT_BAD,
					     PAINT_WARN, PAINT_BOLD, PAINT_NONE, PAINT_DIM };

	return priority >= 0 ? paints[priority] : PAINT_NONE;
}

static void
put_text(const struct log_print *print, const struct log_item *item)
{
	const char *text = item->item.line;
	size_t n = item->item.length, prefix = 0;
	int priority = -1;
	autofree char *pretty = NULL;

	if (screen_is_terminal() && print->query->format->kind == LOG_TEXT) {
		priority = log_priority(text, n, &prefix);
		text += priority >= 0 ? prefix : 0;
		n -= priority >= 0 ? prefix : 0;
	}
	if (print->query->pretty && item->item.whole) {
		size_t skip = priority < 0 && log_priority(text, n, &prefix) >= 0 ? prefix : 0;

		pretty = log_json_pretty(text + skip, n - skip);
		if (pretty) {
			(void)fwrite(text, 1, skip, stdout);
			text = pretty;
			n = strlen(pretty);
		}
	}
	if (screen_is_terminal()) {
		put_harmless(print->query, text, n, item->context ? PAINT_DIM : paint_of(priority));
	} else {
		(void)fwrite_unlocked(text, 1, n, stdout);
	}
}

static void
put_line(struct log_print *print, const char *name, enum paint paint, const struct log_item *item)
{
	bool goes_on = print->open == name && print->open_stream == item->item.stream;

	if (!goes_on) {
		log_print_end(print);
		put_prefix(print, name, paint, item->item.time);
	}
	put_text(print, item);
	print->open = item->item.more ? name : NULL;
	print->open_stream = item->item.stream;
	if (!item->item.more) {
		(void)putchar_unlocked('\n');
	}
}

static void
put_cat(const struct log_print *print, const struct reader_item *item)
{
	if (screen_is_terminal()) {
		put_harmless(print->query, item->line, item->length, PAINT_NONE);
	} else {
		(void)fwrite_unlocked(item->line, 1, item->length, stdout);
	}
	if (item->whole) {
		(void)putchar_unlocked('\n');
	}
}

static void
put_mark(struct log_print *print, const char *name, enum paint paint,
	 const struct reader_item *item)
{
	autofree char *shown = phrase_command(name);
	autofree char *text = log_mark_text(shown, &item->mark);

	if (!text) {
		return;
	}
	if (!print->query->format->marks || query_picks_lines(print->query)) {
		if (log_mark_is_loss(&item->mark)) {
			complain("%s", text);
		}
		return;
	}
	log_print_end(print);
	put_prefix(print, name, paint, item->time);
	(void)printf("%s[", screen_paint(PAINT_DIM));
	if (print->query->time == LOG_NO_TIME) {
		print->second = INT64_MIN;
		put_time(print, LOG_SHORT, item->time);
		print->second = INT64_MIN;
		(void)putchar(' ');
	}
	(void)printf("%s]%s\n", text, screen_plain());
}

void
log_print_item(struct log_print *print, const char *name, enum paint paint,
	       const struct log_item *item)
{
	enum log_kind kind = print->query->format->kind;

	if (item->item.result == READER_TROUBLE) {
		complain("%s", item->item.trouble);
		return;
	}
	if (kind == LOG_JSON) {
		if (item->item.result == READER_LINE || !query_picks_lines(print->query)) {
			log_json_print(name, &item->item);
		}
		return;
	}
	if (item->item.result == READER_MARK) {
		put_mark(print, name, paint, &item->item);
		return;
	}
	if (item->gap && print->any && kind == LOG_TEXT) {
		log_print_end(print);
		(void)printf("%s--%s\n", screen_paint(PAINT_DIM), screen_plain());
	}
	print->any = true;
	if (kind == LOG_CAT) {
		put_cat(print, &item->item);
	} else {
		put_line(print, name, paint, item);
	}
}
