/* Strings that own themselves. The buffer is in buf.c, vectors are in strv.c; str.h declares all
 * three because whoever uses one uses the others. */
#include "base/str.h"
#include "base/check.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
str_equal(const char *a, const char *b)
{
	if (!a || !b) {
		return a == b;
	}
	return strcmp(a, b) == 0;
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

char *
str_dup(const char *s)
{
	return s ? str_dup_n(s, strlen(s)) : NULL;
}

char *
str_dup_n(const char *s, size_t n)
{
	char *copy = malloc(n + 1);

	CHECK(copy != NULL);
	if (n > 0) {
		memcpy(copy, s, n);
	}
	copy[n] = '\0';
	return copy;
}

char *
str_format(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int n;

	va_start(arguments, format);
	n = vasprintf(&text, format, arguments);
	va_end(arguments);
	CHECK(n >= 0);
	return text;
}

void
str_replace(char **where, const char *s)
{
	char *copy = str_dup(s); /* first: `s` may lie inside the old one */

	free(*where);
	*where = copy;
}

static int
to_number(const char *s, unsigned base, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!*s) {
		return -EINVAL;
	}
	for (const char *at = s; *at; at++) {
		if (*at < '0' || (unsigned)(*at - '0') >= base) {
			return -EINVAL;
		}
	}
	for (; *s; s++) {
		unsigned digit = (unsigned)(*s - '0');

		if (number > (max - digit) / base) {
			return -ERANGE;
		}
		number = number * base + digit;
	}
	*ret_number = number;
	return 0;
}

int
str_to_u64(const char *s, uint64_t *ret_number)
{
	return to_number(s, 10, UINT64_MAX, ret_number);
}

int
str_to_i64(const char *s, int64_t *ret_number)
{
	bool negative = *s == '-';
	uint64_t number;
	int r;

	if (*s == '-' || *s == '+') {
		s++;
	}
	r = to_number(s, 10, (uint64_t)INT64_MAX + negative, &number);
	if (r < 0) {
		return r;
	}
	*ret_number = negative ? (int64_t)(0 - number) : (int64_t)number;
	return 0;
}

int
str_to_octal(const char *s, unsigned *ret_number)
{
	uint64_t number;
	int r = to_number(s, 8, UINT32_MAX, &number);

	if (r < 0) {
		return r;
	}
	*ret_number = (unsigned)number;
	return 0;
}

void
str_hex(const uint8_t *bytes, size_t n, char *ret_text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		ret_text[2 * i] = digits[bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret_text[2 * n] = '\0';
}
