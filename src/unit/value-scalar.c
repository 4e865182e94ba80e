/* value-scalar: settings that fit into a number. Printing is exact, so that what was printed
 * reads back equal. */
#include "base/clock.h"
#include "base/signals.h"
#include "base/span.h"
#include "unit/value.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

static enum value_result
bool_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	static const char *const words[] = { "no", "yes", "n",   "y",  "false", "true",
					     "f",  "t",   "off", "on", "0",     "1" };

	(void)key;
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*(bool *)field = i % 2 == 1;
			return VALUE_GOOD;
		}
	}
	(void)err_set(err, "'%s' is neither yes nor no", text);
	return VALUE_BAD;
}

static char *
bool_print(const struct key *key, const void *field)
{
	(void)key;
	return str_dup(*(const bool *)field ? "yes" : "no");
}

const struct value value_scalar_bool = {
	.name = "BOOL",
	.size = sizeof(bool),
	.parse = bool_parse,
	.print = bool_print,
};

static enum value_result
span_read(const char *text, int64_t *ret_span, struct err *err)
{
	int64_t span;
	int r = span_parse(text, &span);

	if (r < 0 || span < 0) {
		(void)err_set(err,
			      r == -ERANGE ? "'%s' is too long a time"
					   : "'%s' is no time; 90, 1min 30s or infinity are",
			      text);
		return VALUE_BAD;
	}
	*ret_span = span;
	return VALUE_GOOD;
}

static enum value_result
span_take(const struct key *key, void *field, const char *text, struct err *err)
{
	(void)key;
	return span_read(text, field, err);
}

static enum value_result
timeout_take(const struct key *key, void *field, const char *text, struct err *err)
{
	int64_t span;
	enum value_result result = span_read(text, &span, err);

	(void)key;
	if (result == VALUE_GOOD) {
		*(int64_t *)field = span == 0 ? CLOCK_NEVER : span;
	}
	return result;
}

static char *
span_print(const struct key *key, const void *field)
{
	char text[128];
	int64_t span = *(const int64_t *)field;

	(void)key;
	return span < 0 ? NULL : str_dup(span_show(span, text, sizeof(text)));
}

const struct value value_scalar_span = {
	.name = "SPAN",
	.size = sizeof(int64_t),
	.parse = span_take,
	.print = span_print,
};

const struct value value_scalar_timeout = {
	.name = "TIMEOUT",
	.size = sizeof(int64_t),
	.parse = timeout_take,
	.print = span_print,
};

static enum value_result
number_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	int64_t number;

	(void)key;
	if (str_to_i64(text, &number) < 0 || number < 0) {
		(void)err_set(err, "'%s' is no number from 0 up", text);
		return VALUE_BAD;
	}
	*(int64_t *)field = number;
	return VALUE_GOOD;
}

static char *
number_print(const struct key *key, const void *field)
{
	(void)key;
	return str_format("%lld", (long long)*(const int64_t *)field);
}

const struct value value_scalar_number = {
	.name = "NUMBER",
	.size = sizeof(int64_t),
	.parse = number_parse,
	.print = number_print,
};

static enum value_result
bytes_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	uint64_t size;

	(void)key;
	if (size_parse(text, &size) < 0) {
		(void)err_set(err, "'%s' is no size; 65536, 64M or infinity are", text);
		return VALUE_BAD;
	}
	*(uint64_t *)field = size;
	return VALUE_GOOD;
}

static char *
bytes_print(const struct key *key, const void *field)
{
	static const char suffixes[] = "KMGTP";
	uint64_t size = *(const uint64_t *)field;
	unsigned step = 0;

	(void)key;
	if (size == UINT64_MAX) {
		return str_dup("infinity");
	}
	while (size != 0 && size % 1024 == 0 && step < strlen("KMGT")) {
		size /= 1024;
		step++;
	}
	if (step == 0) {
		return str_format("%llu", (unsigned long long)size);
	}
	return str_format("%llu%c", (unsigned long long)size, suffixes[step - 1]);
}

const struct value value_scalar_size = {
	.name = "SIZE",
	.size = sizeof(uint64_t),
	.parse = bytes_parse,
	.print = bytes_print,
};

static enum value_result
mode_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	unsigned mode;

	(void)key;
	if (str_to_octal(text, &mode) < 0 || mode > 07777) {
		(void)err_set(err, "'%s' is no file mode; 0755 is", text);
		return VALUE_BAD;
	}
	*(unsigned *)field = mode;
	return VALUE_GOOD;
}

static char *
mode_print(const struct key *key, const void *field)
{
	(void)key;
	return str_format("%04o", *(const unsigned *)field);
}

const struct value value_scalar_mode = {
	.name = "MODE",
	.size = sizeof(unsigned),
	.parse = mode_parse,
	.print = mode_print,
};

static enum value_result
signal_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	int signal = signals_parse(text);

	(void)key;
	if (signal <= 0) {
		(void)err_set(err, "'%s' is no signal", text);
		return VALUE_BAD;
	}
	*(int *)field = signal;
	return VALUE_GOOD;
}

static char *
signal_print(const struct key *key, const void *field)
{
	int signal = *(const int *)field;
	const char *name = signals_name(signal);

	(void)key;
	if (signal == 0) {
		return NULL;
	}
	return signals_parse(name) == signal ? str_dup(name) : str_format("%d", signal);
}

const struct value value_scalar_signal = {
	.name = "SIGNAL",
	.size = sizeof(int),
	.parse = signal_parse,
	.print = signal_print,
};

static enum value_result
range_parse(int least, int most, int *field, const char *text, struct err *err)
{
	int64_t number;

	if (str_to_i64(text, &number) < 0 || number < least || number > most) {
		(void)err_set(err, "'%s' is no number from %d to %d", text, least, most);
		return VALUE_BAD;
	}
	*field = (int)number;
	return VALUE_GOOD;
}

static enum value_result
nice_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	(void)key;
	return range_parse(-20, 19, field, text, err);
}

static enum value_result
oomscore_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	(void)key;
	return range_parse(-1000, 1000, field, text, err);
}

static char *
range_print(const struct key *key, const void *field)
{
	(void)key;
	return *(const int *)field == INT_MIN ? NULL : str_format("%d", *(const int *)field);
}

const struct value value_scalar_nice = {
	.name = "NICE",
	.size = sizeof(int),
	.parse = nice_parse,
	.print = range_print,
};

const struct value value_scalar_oomscore = {
	.name = "OOMSCORE",
	.size = sizeof(int),
	.parse = oomscore_parse,
	.print = range_print,
};
