/* For programs: an object for each line and each mark. And the other way round: lines that services
 * write as JSON, spread for people. Only blanks are put in, so every number stays as it was
 * written. */
#include "base/str.h"
#include "cli/logview.h"
#include <string.h>

static const char *const mark_names[] = {
	[STORE_BATCH] = "batch",
	[STORE_START] = "start",
	[STORE_EXIT] = "exit",
	[STORE_DROP] = "drop",
	[STORE_GAP] = "gap",
	[STORE_HOLDER] = "holder",
	[STORE_RESTART] = "logger-restart",
	[STORE_ROTATED] = "rotation",
};

static void
set(json_t *object, const char *key, json_t *take_value)
{
	(void)json_object_set_new(object, key, take_value);
}

static void
put_line(json_t *object, const struct reader_item *item)
{
	size_t prefix;
	int priority = log_priority(item->line, item->length, &prefix);

	set(object, "stream", json_string(item->stream == STORE_ERROR ? "error" : "output"));
	if (priority >= 0) {
		set(object, "priority", json_integer(priority));
	}
	set(object, "line", phrase_json(item->line, item->length));
	set(object, "whole", json_boolean(item->whole));
}

static void
put_mark(json_t *object, const struct store_record *mark)
{
	const char *name = mark->kind < COUNT(mark_names) ? mark_names[mark->kind] : NULL;

	set(object, "mark", json_string(name ? name : "unknown"));
	if (mark->kind == STORE_START || mark->kind == STORE_EXIT) {
		set(object, "run", json_integer(mark->extra));
	}
	if (mark->kind == STORE_EXIT) {
		set(object, "exit", log_mark_exit(mark));
	} else if (mark->kind == STORE_START || mark->kind == STORE_HOLDER) {
		set(object, "pid", mark->value > 0 ? json_integer(mark->value) : json_null());
	} else if (log_mark_is_loss(mark)) {
		set(object, "bytes", json_integer(mark->value));
	}
	if (mark->kind == STORE_DROP) {
		set(object, "error", json_string(strerror(STORE_DROP_ERROR(mark->extra))));
		set(object, "ms", json_integer(STORE_DROP_MS(mark->extra)));
	}
}

void
log_json_print(const char *name, const struct reader_item *item)
{
	json_auto_t *object = json_pack("{s:o, s:f}", "name", phrase_json(name, strlen(name)),
					"time", (double)item->time / 1e9);
	struct buf cursor;

	if (item->result == READER_LINE) {
		put_line(object, item);
	} else {
		put_mark(object, &item->mark);
	}
	buf_init(&cursor, 1 << 12);
	log_cursor_add(&cursor, name, &item->place);
	set(object, "cursor", json_string(buf_str(&cursor)));
	buf_done(&cursor);
	phrase_print_line(object);
}

static void
put_newline(struct buf *out, size_t depth)
{
	(void)buf_add_char(out, '\n');
	for (size_t i = 0; i < depth; i++) {
		(void)buf_add_str(out, "  ");
	}
}

/* a string with its quotes; what is behind it */
static const char *
put_string(struct buf *out, const char *s, const char *end)
{
	const char *at = s + 1;

	while (at < end && *at != '"') {
		at += *at == '\\' ? 2 : 1;
	}
	at = MIN(at + 1, end);
	(void)buf_add(out, s, (size_t)(at - s));
	return at;
}

static const char *
skip_blanks(const char *s, const char *end)
{
	while (s < end && strchr(" \t\r\n", *s) && *s) {
		s++;
	}
	return s;
}

static void
spread(struct buf *out, const char *s, const char *end)
{
	size_t depth = 0;

	while ((s = skip_blanks(s, end)) < end) {
		char c = *s++;

		if (c == '"') {
			s = put_string(out, s - 1, end);
		} else if (c == '{' || c == '[') {
			const char *next = skip_blanks(s, end);

			(void)buf_add_char(out, c);
			if (next < end && (*next == '}' || *next == ']')) {
				(void)buf_add_char(out, *next);
				s = next + 1;
			} else {
				put_newline(out, ++depth);
			}
		} else if (c == '}' || c == ']') {
			put_newline(out, --depth);
			(void)buf_add_char(out, c);
		} else {
			(void)buf_add_char(out, c);
			if (c == ',') {
				put_newline(out, depth);
			} else if (c == ':') {
				(void)buf_add_char(out, ' ');
			}
		}
	}
}

char *
log_json_pretty(const char *line, size_t n)
{
	const char *first = skip_blanks(line, line + n);
	json_t *json;
	struct buf out;

	if (first == line + n || (*first != '{' && *first != '[')) {
		return NULL;
	}
	json = json_loadb(line, n, JSON_ALLOW_NUL, NULL);
	if (!json) {
		return NULL;
	}
	json_decref(json);
	buf_init(&out, SIZE_MAX / 4);
	spread(&out, line, line + n);
	return buf_take(&out);
}
