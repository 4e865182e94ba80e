/* The growing buffer of str.h. It doubles, and an emptied one that had grown large gives its memory
 * back: one huge message must not stay with the process for the rest of its life. */
#include "base/str.h"
#include "base/check.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BUF_FIRST = 64, BUF_KEEP = 1 << 16 };

void
buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){ .max = max };
}

void
buf_done(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->max);
}

/* makes room for n more bytes and a NUL */
static bool
buf_grow(struct buf *buf, size_t n)
{
	size_t need, size;

	if (n > buf->max - buf->length) {
		buf->full = true;
		return false;
	}
	need = buf->length + n + 1;
	if (need <= buf->size) {
		return true;
	}
	size = buf->size ? buf->size : BUF_FIRST;
	while (size < need) {
		size *= 2;
	}
	size = MAX(need, MIN(size, buf->max + 1));
	buf->data = realloc(buf->data, size);
	CHECK(buf->data != NULL);
	buf->size = size;
	return true;
}

bool
buf_add(struct buf *buf, const void *bytes, size_t n)
{
	if (!buf_grow(buf, n)) {
		return false;
	}
	if (n > 0) {
		memcpy(buf->data + buf->length, bytes, n);
	}
	buf->length += n;
	buf->data[buf->length] = '\0';
	return true;
}

bool
buf_add_str(struct buf *buf, const char *s)
{
	return buf_add(buf, s, strlen(s));
}

bool
buf_add_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

/* most of what is formatted is a few words that fit: then they are made once */
bool
buf_addf(struct buf *buf, const char *format, ...)
{
	size_t room = buf->size - buf->length; /* with the NUL's */
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(room ? buf->data + buf->length : NULL, room, format, arguments);
	va_end(arguments);
	CHECK(n >= 0);
	if ((size_t)n >= room) {
		if (room) {
			buf->data[buf->length] = '\0';
		}
		if (!buf_grow(buf, (size_t)n)) {
			return false;
		}
		va_start(arguments, format);
		n = vsnprintf(buf->data + buf->length, (size_t)n + 1, format, arguments);
		va_end(arguments);
		CHECK(n >= 0);
	}
	buf->length += (size_t)n;
	return true;
}

void
buf_drop(struct buf *buf, size_t n)
{
	if (n >= buf->length) {
		buf_clear(buf);
		return;
	}
	memmove(buf->data, buf->data + n, buf->length - n + 1);
	buf->length -= n;
	buf->full = false;
}

void
buf_clear(struct buf *buf)
{
	if (buf->size > BUF_KEEP) {
		buf_done(buf);
		return;
	}
	buf->length = 0;
	buf->full = false;
	if (buf->data) {
		buf->data[0] = '\0';
	}
}

const char *
buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *
buf_take(struct buf *buf)
{
	char *text = buf->data ? buf->data : str_dup("");

	buf_init(buf, buf->max);
	return text;
}
