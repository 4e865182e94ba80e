/* The text is cut at its limit rather than allocated: an error about lack of memory must fit too.
 * The names are in parentheses so that the analyser's macros of err.h leave them alone. */
#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool(err_set)(struct err *err, const char *format, ...)
{
	struct err made = { 0 }; /* apart, the arguments may point into *err */
	va_list arguments;

	if (!err) {
		return false;
	}
	va_start(arguments, format);
	(void)vsnprintf(made.text, sizeof(made.text), format, arguments);
	va_end(arguments);
	*err = made;
	return false;
}

bool(err_set_errno)(struct err *err, int number, const char *format, ...)
{
	struct err made = { .number = number };
	va_list arguments;
	size_t length;

	if (!err) {
		return false;
	}
	va_start(arguments, format);
	(void)vsnprintf(made.text, sizeof(made.text), format, arguments);
	va_end(arguments);
	length = strlen(made.text);
	(void)snprintf(made.text + length, sizeof(made.text) - length, ": %s", strerror(number));
	*err = made;
	return false;
}

bool(err_prefix)(struct err *err, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list arguments;
	size_t length;

	if (!err) {
		return false;
	}
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	length = strlen(text);
	(void)snprintf(text + length, sizeof(text) - length, ": %s", err->text);
	memcpy(err->text, text, sizeof(text));
	return false;
}

bool(err_at)(struct err *err, const char *file, unsigned line)
{
	if (err) {
		(void)snprintf(err->file, sizeof(err->file), "%s", file ? file : "");
		err->line = line;
	}
	return false;
}

const char *
err_show(const struct err *err, char *buffer, size_t size)
{
	if (err->file[0] && err->line) {
		(void)snprintf(buffer, size, "%s:%u: %s", err->file, err->line, err->text);
	} else if (err->file[0]) {
		(void)snprintf(buffer, size, "%s: %s", err->file, err->text);
	} else {
		(void)snprintf(buffer, size, "%s", err->text);
	}
	return buffer;
}
