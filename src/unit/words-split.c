/* words-split: follows extract-word.c of systemd in what it accepts: quotes may open anywhere in a
 * word, C escapes work in and outside of them, an escape that does not exist stays as it was
 * written. */
#include "unit/words-split.h"
#include "base/check.h"
#include "base/width.h"
#include "unit/unit.h"
#include <string.h>

bool
words_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

static bool
digits_read(const char *s, size_t n, unsigned base, uint32_t *ret_number)
{
	uint32_t number = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned)digit_of(s[i]);

		if (digit >= base) {
			return false;
		}
		number = number * base + digit;
	}
	*ret_number = number;
	return true;
}

static void
utf8_add(struct buf *buf, uint32_t code)
{
	if (code < 0x80) {
		CHECK(buf_add_char(buf, (char)code));
	} else if (code < 0x800) {
		CHECK(buf_addf(buf, "%c%c", (int)(0xc0 | code >> 6), (int)(0x80 | (code & 63))));
	} else if (code < 0x10000) {
		CHECK(buf_addf(buf, "%c%c%c", (int)(0xe0 | code >> 12),
			       (int)(0x80 | (code >> 6 & 63)), (int)(0x80 | (code & 63))));
	} else {
		CHECK(buf_addf(buf, "%c%c%c%c", (int)(0xf0 | code >> 18),
			       (int)(0x80 | (code >> 12 & 63)), (int)(0x80 | (code >> 6 & 63)),
			       (int)(0x80 | (code & 63))));
	}
}

/* a number in digits after the backslash; bytes used, 0 if it is none */
static size_t
escape_number(const char *s, bool zero, struct buf *buf)
{
	uint32_t number;
	size_t digits = s[0] == 'x' ? 2 : s[0] == 'u' ? 4 : s[0] == 'U' ? 8 : 3;
	bool is_octal = digits == 3;
	size_t start = is_octal ? 0 : 1;

	if (!digits_read(s + start, digits, is_octal ? 8 : 16, &number) || (number == 0 && !zero)) {
		return 0;
	}
	if (digits == 2 || is_octal) {
		if (number > 255) {
			return 0;
		}
		CHECK(buf_add_char(buf, (char)number));
	} else {
		if (number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff)) {
			return 0;
		}
		utf8_add(buf, number);
	}
	return start + digits;
}

/* s is after the backslash. What it means goes to buf; bytes used, 0 if it is no escape. */
static size_t
escape_read(const char *s, bool zero, struct buf *buf)
{
	static const char letters[] = "abfnrtv\\\"'s";
	static const char meanings[] = "\a\b\f\n\r\t\v\\\"' ";
	const char *found = *s != '\0' ? strchr(letters, *s) : NULL;

	if (found != NULL) {
		CHECK(buf_add_char(buf, meanings[found - letters]));
		return 1;
	}
	return escape_number(s, zero, buf);
}

static const char *
backslash_take(const char *s, unsigned flags, struct buf *buf)
{
	size_t used;

	if ((flags & WORDS_UNESCAPE) == 0) {
		if (*s == '\0') {
			return s;
		}
		CHECK(buf_add_char(buf, *s));
		return s + 1;
	}
	used = escape_read(s, false, buf);
	if (used == 0) {
		CHECK(buf_add_char(buf, '\\'));
		if (*s != '\0' && !words_is_space(*s)) {
			CHECK(buf_add_char(buf, *s));
			used = 1;
		}
	}
	return s + used;
}

int
words_next(const char **at, unsigned flags, char **ret_word, struct err *err)
{
	struct buf autodone(buf) word = { .max = SIZE_MAX / 4 };
	const char *s = *at;
	char quote = '\0';

	while (words_is_space(*s)) {
		s++;
	}
	if (*s == '\0') {
		*at = s;
		return 0;
	}
	while (*s != '\0' && (quote != '\0' || !words_is_space(*s))) {
		if (*s == '\\') {
			s = backslash_take(s + 1, flags, &word);
		} else if (quote != '\0' && *s == quote) {
			quote = '\0';
			s++;
		} else if (quote == '\0' && (*s == '"' || *s == '\'')) {
			quote = *s++;
		} else {
			CHECK(buf_add_char(&word, *s++));
		}
	}
	if (quote != '\0' && (flags & WORDS_RELAX) == 0) {
		(void)err_set(err, "the quote %c is not closed", quote);
		return -1;
	}
	while (words_is_space(*s)) {
		s++;
	}
	*at = s;
	*ret_word =
		str_dup_n(buf_str(&word), word.length); /* no larger than it is: it may live long */
	return 1;
}

bool
words_split(const char *text, char ***ret_words, struct err *err)
{
	char **words = NULL;
	char *word;
	int got;

	while ((got = words_next(&text, WORDS_UNESCAPE, &word, err)) > 0) {
		strv_take_add(&words, word);
	}
	if (got < 0) {
		words = strv_free(words);
		return false;
	}
	*ret_words = words;
	return true;
}

static char *
quote_always(const char *word)
{
	struct buf buf;
	size_t n = strlen(word), used;
	int32_t code;

	buf_init(&buf, SIZE_MAX / 4);
	CHECK(buf_add_char(&buf, '"'));
	for (size_t i = 0; i < n; i += used) {
		used = width_decode(word + i, n - i, &code);
		if (code == '"' || code == '\\') {
			CHECK(buf_addf(&buf, "\\%c", word[i]));
		} else if (code == '\n') {
			CHECK(buf_add_str(&buf, "\\n"));
		} else if (code < ' ' || (code >= 0x7f && code < 0xa0)) {
			for (size_t k = 0; k < used; k++) {
				CHECK(buf_addf(&buf, "\\x%02x", (unsigned char)word[i + k]));
			}
		} else {
			CHECK(buf_add(&buf, word + i, used));
		}
	}
	CHECK(buf_add_char(&buf, '"'));
	return buf_take(&buf);
}

static bool
has_control(const char *s)
{
	size_t n = strlen(s), used;
	int32_t code;

	for (size_t i = 0; i < n; i += used) {
		used = width_decode(s + i, n - i, &code);
		if (code < ' ' || (code >= 0x7f && code < 0xa0)) {
			return true;
		}
	}
	return false;
}

char *
words_quote(const char *word)
{
	if (word[0] == '\0' || strpbrk(word, " \t\"'\\") != NULL || str_equal(word, ";") ||
	    has_control(word)) {
		return quote_always(word);
	}
	return str_dup(word);
}

char *
words_unescape(const char *text, size_t *ret_length)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX / 4);
	while (*text != '\0') {
		size_t used = text[0] == '\\' ? escape_read(text + 1, true, &buf) : 0;

		if (used == 0) {
			CHECK(buf_add_char(&buf, *text++));
		} else {
			text += 1 + used;
		}
	}
	*ret_length = buf.length;
	return buf_take(&buf);
}

bool
words_is_plain(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && text[0] != '"' && !words_is_space(text[0]) &&
	       !words_is_space(text[n - 1]) && !has_control(text);
}

char *
words_whole(const char *text, struct err *err)
{
	char *word;

	if (text[0] != '"') {
		return str_dup(text);
	}
	if (words_next(&text, WORDS_UNESCAPE, &word, err) < 0) {
		return NULL;
	}
	if (*text != '\0') {
		free(word);
		(void)err_set(err, "there is something after the closing quote");
		return NULL;
	}
	return word;
}

char *
words_whole_quote(const char *text)
{
	return words_is_plain(text) ? str_dup(text) : quote_always(text);
}
