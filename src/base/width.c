/* The C library's wcwidth depends on the locale, and a program that is linked statically has none
 * but "C". So UTF-8 is decoded here (shortest form only, no surrogates) and widths come from
 * width-table.h. */
#include "base/width.h"
#include "base/str.h"
#include "base/width-table.h"
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* length of the sequence that starts with this byte and the smallest code that may be written so;
 * 0: none does */
static size_t
sequence(unsigned char first, int32_t *ret_code, int32_t *ret_least)
{
	if (first < 0x80) {
		*ret_code = first;
		*ret_least = 0;
		return 1;
	}
	if (first >= 0xc2 && first < 0xe0) {
		*ret_code = first & 0x1f;
		*ret_least = 0x80;
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*ret_code = first & 0x0f;
		*ret_least = 0x800;
		return 3;
	}
	if (first >= 0xf0 && first < 0xf5) {
		*ret_code = first & 0x07;
		*ret_least = 0x10000;
		return 4;
	}
	return 0;
}

size_t
width_decode(const char *s, size_t n, int32_t *ret_code)
{
	int32_t code = -1, least = 0;
	size_t length = n > 0 ? sequence((unsigned char)s[0], &code, &least) : 0;

	*ret_code = -1;
	if (length == 0 || length > n) {
		return 1;
	}
	for (size_t i = 1; i < length; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c & 0xc0) != 0x80) {
			return 1;
		}
		code = code << 6 | (c & 0x3f);
	}
	if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
		return 1;
	}
	*ret_code = code;
	return length;
}

static bool
has(const struct width_range *ranges, size_t n, int32_t code)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code > ranges[middle].last) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < n && code >= ranges[low].first;
}

int
width_of(int32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
		return -1;
	}
	if (code < 0x300) {
		return 1;
	}
	if (has(width_zero, COUNT(width_zero), code)) {
		return 0;
	}
	return has(width_wide, COUNT(width_wide), code) ? 2 : 1;
}

/* as it counts in a text: what is invalid or a control character takes one */
static size_t
columns_of(int32_t code)
{
	int width = width_of(code);

	return width < 0 ? 1 : (size_t)width;
}

/* bytes at the beginning that are what they look like: nearly all text is made of them */
static size_t
plain(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] >= 0x20 && s[i] < 0x7f) {
		i++;
	}
	return i;
}

size_t
width_text(const char *s)
{
	size_t n = strlen(s), columns = plain(s, n);

	s += columns;
	n -= columns;
	while (n > 0) {
		int32_t code;
		size_t length = width_decode(s, n, &code);

		columns += columns_of(code);
		s += length;
		n -= length;
	}
	return columns;
}

bool
width_is_utf8(const char *s, size_t n)
{
	while (n > 0) {
		int32_t code;
		size_t length = width_decode(s, n, &code);

		if (code < 0) {
			return false;
		}
		s += length;
		n -= length;
	}
	return true;
}

/* moves the cursor, changes colours, or turns the direction of what follows */
static bool
is_harmful(int32_t code)
{
	return width_of(code) < 0 || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

char *
width_harmless(const char *s, size_t n, bool lines)
{
	struct buf text;

	buf_init(&text, SIZE_MAX / 4);
	while (n > 0) {
		int32_t code;
		size_t length = plain(s, n);

		if (length > 0) {
			(void)buf_add(&text, s, length);
			s += length;
			n -= length;
			continue;
		}
		length = width_decode(s, n, &code);
		if (lines && (code == '\n' || code == '\t')) {
			(void)buf_add_char(&text, (char)code);
		} else if (code < 0x80 && is_harmful(code)) { /* an invalid byte is -1 */
			(void)buf_addf(&text, "\\x%02x", (unsigned char)*s);
		} else if (is_harmful(code)) {
			(void)buf_addf(&text, "\\u%04x", (unsigned)code);
		} else {
			(void)buf_add(&text, s, length);
		}
		s += length;
		n -= length;
	}
	return buf_take(&text);
}

char *
width_cut(const char *s, size_t columns)
{
	size_t n = strlen(s), at = 0, used = 0;

	if (width_text(s) <= columns) {
		return str_dup(s);
	}
	if (columns == 0) {
		return str_dup("");
	}
	while (at < n) {
		int32_t code;
		size_t length = width_decode(s + at, n - at, &code);

		if (used + columns_of(code) > columns - 1) { /* one is the ellipsis */
			break;
		}
		used += columns_of(code);
		at += length;
	}
	return str_format("%.*s" ELLIPSIS, (int)at, s);
}
