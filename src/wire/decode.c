/* Written by hand, because a list of 1,000 units has to be built, sent, read and shown within 5
 * ms and jansson's reader alone takes 6 for it: it fetches byte by byte through a function
 * pointer. This one looks at the text in place, takes strings without escapes as they lie there,
 * and makes numbers without strtod where that is exact. The fuzzer holds it against jansson's:
 * both accept the same texts and give equal trees.
 * The NUL behind the text ends every loop: it belongs to no token. */
#include "wire/decode.h"
#include "base/check.h"
#include "base/str.h"
#include <errno.h>
#include <locale.h>
#include <string.h>

struct decode {
	const char *start, *at;
	size_t values; /* that may still come */
	unsigned depth;
	const char *wrong;
	struct buf scratch; /* the last string that had escapes */
};

static json_t *parse_value(struct decode *d);

static bool
wrong(struct decode *d, const char *words) /* the first words stay; false */
{
	if (!d->wrong) {
		d->wrong = words;
	}
	return false;
}

static json_t *
refuse(struct decode *d, const char *words)
{
	(void)wrong(d, words);
	return NULL;
}

static void
skip_space(struct decode *d)
{
	while (*d->at == ' ' || *d->at == '\n' || *d->at == '\t' || *d->at == '\r') {
		d->at++;
	}
}

/* ---- strings ---- */

size_t
decode_sequence(const char *s)
{
	const uint8_t *b = (const uint8_t *)s;
	uint8_t low = 0x80, high = 0xbf;
	size_t n;

	if (b[0] < 0xc2 || b[0] > 0xf4) {
		return 0;
	}
	n = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	if (b[0] == 0xe0) {
		low = 0xa0;
	} else if (b[0] == 0xed) {
		high = 0x9f;
	} else if (b[0] == 0xf0) {
		low = 0x90;
	} else if (b[0] == 0xf4) {
		high = 0x8f;
	}
	if (b[1] < low || b[1] > high) {
		return 0;
	}
	for (size_t i = 2; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	return n;
}

static int
hex_unit(const char *s) /* four digits, or -1 */
{
	int unit = 0;

	for (int i = 0; i < 4; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9') {
			unit = unit * 16 + c - '0';
		} else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
			unit = unit * 16 + (c | 32) - 'a' + 10;
		} else {
			return -1;
		}
	}
	return unit;
}

static void
add_code(struct buf *text, uint32_t code)
{
	char bytes[4];
	size_t n = 0;

	if (code < 0x80) {
		bytes[n++] = (char)code;
	} else if (code < 0x800) {
		bytes[n++] = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		bytes[n++] = (char)(0xe0 | code >> 12);
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | code >> 18);
		bytes[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80) {
		bytes[n++] = (char)(0x80 | (code & 0x3f));
	}
	(void)buf_add(text, bytes, n);
}

/* d->at is behind "\u" */
static bool
parse_code(struct decode *d)
{
	int unit = hex_unit(d->at), second;
	uint32_t code;

	if (unit < 0) {
		return wrong(d, "a \\u without four hexadecimal digits");
	}
	d->at += 4;
	code = (uint32_t)unit;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		second = d->at[0] == '\\' && d->at[1] == 'u' ? hex_unit(d->at + 2) : -1;
		if (second < 0xdc00 || second > 0xdfff) {
			return wrong(d, "half of a surrogate pair");
		}
		d->at += 6;
		code = 0x10000 + (((uint32_t)unit & 0x3ff) << 10 | ((uint32_t)second & 0x3ff));
	} else if (unit >= 0xdc00 && unit <= 0xdfff) {
		return wrong(d, "half of a surrogate pair");
	}
	if (code == 0) {
		return wrong(d, "a NUL inside a string");
	}
	add_code(&d->scratch, code);
	return true;
}

static bool
parse_escape(struct decode *d) /* d->at is at the backslash */
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char c = d->at[1];
	const char *place = c ? strchr(letters, c) : NULL;

	if (c == 'u') {
		d->at += 2;
		return parse_code(d);
	}
	if (!place) {
		return wrong(d, "an escape that JSON has not");
	}
	(void)buf_add_char(&d->scratch, meant[place - letters]);
	d->at += 2;
	return true;
}

/* up to the next quote or backslash, all of it text; false: what stands there belongs in no
 * string */
static bool
skip_plain(struct decode *d)
{
	for (;;) {
		uint8_t c = (uint8_t)*d->at;

		if (c == '"' || c == '\\') {
			return true;
		}
		if (c < 0x20) {
			return wrong(d, "a control character or the end inside a string");
		}
		if (c < 0x80) {
			d->at++;
		} else {
			size_t n = decode_sequence(d->at);

			if (n == 0) {
				return wrong(d, "bytes that are not UTF-8");
			}
			d->at += n;
		}
	}
}

/* the text stays where it is, or lies in the scratch buffer until the next string */
static bool
parse_text(struct decode *d, const char **ret_text, size_t *ret_length)
{
	const char *piece = ++d->at; /* behind the quote */

	if (!skip_plain(d)) {
		return false;
	}
	if (*d->at == '"') {
		*ret_text = piece;
		*ret_length = (size_t)(d->at++ - piece);
		return true;
	}
	d->scratch.length = 0;
	while (*d->at != '"') {
		(void)buf_add(&d->scratch, piece, (size_t)(d->at - piece));
		if (!parse_escape(d)) {
			return false;
		}
		piece = d->at;
		if (!skip_plain(d)) {
			return false;
		}
	}
	(void)buf_add(&d->scratch, piece, (size_t)(d->at++ - piece));
	*ret_text = d->scratch.data;
	*ret_length = d->scratch.length;
	return true;
}

static json_t *
parse_string(struct decode *d)
{
	const char *text;
	size_t length;

	return parse_text(d, &text, &length) ? json_stringn_nocheck(text, length) : NULL;
}

/* ---- numbers ---- */

static json_t *
real_slowly(struct decode *d, const char *start, size_t n)
{
	static locale_t plain; /* the program's locale may have a decimal comma */
	autofree char *copy = str_dup_n(start, n);
	double value;

	if (!plain) {
		plain = newlocale(LC_ALL_MASK, "C", NULL);
		CHECK(plain != NULL);
	}
	errno = 0;
	value = strtod_l(copy, NULL, plain);
	if (errno == ERANGE && (value > 1 || value < -1)) {
		return refuse(d, "a number that is too large");
	}
	return json_real(value);
}

/* digits / 10^places is exact when both are exact doubles (Clinger's fast path) */
static json_t *
real_fast(uint64_t digits, unsigned places, bool negative)
{
	static const double ten_to[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
					 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	double value = (double)digits / ten_to[places];

	return json_real(negative ? -value : value);
}

static bool
skip_digits(struct decode *d)
{
	const char *start = d->at;

	while (*d->at >= '0' && *d->at <= '9') {
		d->at++;
	}
	return d->at > start;
}

static uint64_t
digits_of(const char *at, const char *end, unsigned *ret_places) /* at most 15 digits and a point */
{
	uint64_t digits = 0;

	*ret_places = 0;
	for (; at < end; at++) {
		if (*at == '.') {
			*ret_places = (unsigned)(end - at - 1);
		} else {
			digits = digits * 10 + (uint64_t)(*at - '0');
		}
	}
	return digits;
}

static json_t *
integer(struct decode *d, const char *first, bool negative)
{
	uint64_t value = 0, most = (uint64_t)INT64_MAX + negative;

	for (const char *at = first; at < d->at; at++) {
		if (value > (most - (uint64_t)(*at - '0')) / 10) {
			return refuse(d, "an integer that is too large");
		}
		value = value * 10 + (uint64_t)(*at - '0');
	}
	return json_integer((json_int_t)(negative ? 0 - value : value));
}

static json_t *
parse_number(struct decode *d)
{
	const char *start = d->at, *first;
	bool negative = *start == '-', real = false, exponent = false;
	unsigned places;
	uint64_t digits;

	first = d->at += negative;
	if (!skip_digits(d) || (*first == '0' && d->at - first > 1)) {
		return refuse(d, "what should be a number is none");
	}
	if (*d->at == '.') {
		real = true;
		d->at++;
		if (!skip_digits(d)) {
			return refuse(d, "a point without digits");
		}
	}
	if ((*d->at | 32) == 'e') {
		real = exponent = true;
		d->at++;
		d->at += *d->at == '+' || *d->at == '-';
		if (!skip_digits(d)) {
			return refuse(d, "an exponent without digits");
		}
	}
	if (!real) {
		return integer(d, first, negative);
	}
	if (exponent || d->at - first > 16) {
		return real_slowly(d, start, (size_t)(d->at - start));
	}
	digits = digits_of(first, d->at, &places);
	return real_fast(digits, places, negative);
}

/* ---- the rest ---- */

static json_t *
parse_word(struct decode *d, const char *word,
	   json_t *value) /* value: one of jansson's constants */
{
	size_t n = strlen(word);

	if (strncmp(d->at, word, n) != 0) {
		return refuse(d, "what is no value of JSON");
	}
	d->at += n;
	return value;
}

static bool
more_follow(struct decode *d,
	    char end) /* behind a value: at a comma or the end, which is skipped */
{
	skip_space(d);
	if (*d->at == ',') {
		d->at++;
		return true;
	}
	if (*d->at == end) {
		d->at++;
	} else {
		(void)wrong(d, "a comma or a closing bracket is missing");
	}
	return false;
}

static json_t *
parse_array(struct decode *d)
{
	json_t *array = json_array();

	d->at++;
	skip_space(d);
	if (*d->at == ']') {
		d->at++;
		return array;
	}
	do {
		if (json_array_append_new(array, parse_value(d)) < 0) {
			break;
		}
	} while (more_follow(d, ']'));
	return array;
}

static bool
parse_member(struct decode *d, json_t *object)
{
	autofree char *kept = NULL;
	const char *key;
	size_t length;

	skip_space(d);
	if (*d->at != '"') {
		return wrong(d, "the name of a field is missing");
	}
	if (!parse_text(d, &key, &length)) {
		return false;
	}
	if (key == d->scratch.data) {
		key = kept = str_dup_n(key, length); /* the value may have escapes too */
	}
	skip_space(d);
	if (*d->at != ':') {
		return wrong(d, "a colon is missing");
	}
	d->at++;
	return json_object_setn_new_nocheck(object, key, length, parse_value(d)) == 0;
}

static json_t *
parse_object(struct decode *d)
{
	json_t *object = json_object();

	d->at++;
	skip_space(d);
	if (*d->at == '}') {
		d->at++;
		return object;
	}
	do {
		if (!parse_member(d, object)) {
			break;
		}
	} while (more_follow(d, '}'));
	return object;
}

static json_t *
parse_nested(struct decode *d, json_t *(*parse)(struct decode *d))
{
	json_t *made;

	if (++d->depth > DECODE_DEPTH) {
		return refuse(d, "too many brackets within each other");
	}
	made = parse(d);
	d->depth--;
	if (d->wrong) {
		json_decref(made);
		return NULL;
	}
	return made;
}

static json_t *
parse_value(struct decode *d)
{
	if (d->values-- == 0) {
		return refuse(d, "too many values");
	}
	skip_space(d);
	switch (*d->at) {
	case '{': return parse_nested(d, parse_object);
	case '[': return parse_nested(d, parse_array);
	case '"': return parse_string(d);
	case 't': return parse_word(d, "true", json_true());
	case 'f': return parse_word(d, "false", json_false());
	case 'n': return parse_word(d, "null", json_null());
	default: return parse_number(d);
	}
}

json_t *
decode_json(const char *text, size_t n, size_t values, struct err *err)
{
	struct decode d = { .start = text, .at = text, .values = values > 0 ? values : SIZE_MAX };
	json_t *value;

	buf_init(&d.scratch, n + 8);
	value = parse_value(&d);
	if (value) {
		skip_space(&d);
		if (d.at != text + n) {
			(void)wrong(&d, "something after the value");
		}
	}
	buf_done(&d.scratch);
	if (d.wrong) {
		json_decref(value);
		(void)err_set(err, "not JSON at byte %zu: %s", (size_t)(d.at - d.start), d.wrong);
		return NULL;
	}
	CHECK(value != NULL);
	return value;
}
