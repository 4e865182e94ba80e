/* environment-file: the format of EnvironmentFile= as systemd reads it, which is nearly a
 * shell's assignments: a state for each place a byte can be in. Quotes begin a value or a part
 * of one, never in the middle of an unquoted word. */
#include "base/check.h"
#include "base/width.h"
#include "unit/unit.h"
#include "unit/words-split.h"
#include <ctype.h>
#include <string.h>

enum position {
	BEFORE_NAME,
	IN_NAME,
	BEFORE_VALUE, /* also between parts of it */
	IN_VALUE,
	IN_VALUE_ESCAPE,
	IN_SINGLE,
	IN_DOUBLE,
	IN_DOUBLE_ESCAPE,
	IN_COMMENT,
};

struct reading {
	enum position place;
	struct buf name, value;
	size_t value_end; /* without unprotected space at the end */
	unsigned line;
	char ***variables;
	struct err *err;
};

static bool
name_is_fine(const char *name)
{
	bool fine = name[0] != '\0' && !isdigit((unsigned char)name[0]);

	for (; *name != '\0'; name++) {
		fine = fine && (isalnum((unsigned char)*name) || *name == '_');
	}
	return fine;
}

static void
remark(struct reading *reading, const char *what)
{
	if (reading->err != NULL && reading->err->text[0] == '\0') {
		char autofree *shown =
			width_harmless(buf_str(&reading->name), reading->name.length, false);

		(void)err_set(reading->err, "line %u: '%s' %s", reading->line, shown, what);
	}
}

/* a name, = and a value are complete */
static void
assignment_take(struct reading *reading)
{
	struct buf *name = &reading->name;
	size_t n = name->length;

	while (n > 0 && words_is_space(name->data[n - 1])) {
		name->data[--n] = '\0';
	}
	if (!name_is_fine(buf_str(name))) {
		remark(reading, "is not a variable's name");
	} else if (!width_is_utf8(buf_str(&reading->value), reading->value_end)) {
		remark(reading, "is not valid UTF-8");
	} else {
		char autofree *assignment = str_format(
			"%s=%.*s", name->data, (int)reading->value_end, buf_str(&reading->value));

		strv_env_set(reading->variables, assignment);
	}
	buf_clear(name);
	buf_clear(&reading->value);
	reading->value_end = 0;
}

static void
value_add(struct reading *reading, char c, bool keeps)
{
	CHECK(buf_add_char(&reading->value, c));
	if (keeps || !words_is_space(c)) {
		reading->value_end = reading->value.length;
	}
}

static enum position
name_take(struct reading *reading, char c)
{
	if (reading->place == BEFORE_NAME) {
		if (c == '#' || c == ';') {
			return IN_COMMENT;
		}
		if (words_is_space(c)) {
			return BEFORE_NAME;
		}
	}
	if (c == '\n') {
		remark(reading, "has no =");
		buf_clear(&reading->name);
		return BEFORE_NAME;
	}
	if (c == '=') {
		return BEFORE_VALUE;
	}
	CHECK(buf_add_char(&reading->name, c));
	return IN_NAME;
}

static enum position
value_take(struct reading *reading, char c)
{
	if (c == '\n') {
		assignment_take(reading);
		return BEFORE_NAME;
	}
	if (c == '\\') {
		return IN_VALUE_ESCAPE;
	}
	if (reading->place == BEFORE_VALUE) {
		if (c == '\'') {
			return IN_SINGLE;
		}
		if (c == '"') {
			return IN_DOUBLE;
		}
		if (words_is_space(c)) {
			return BEFORE_VALUE;
		}
	}
	value_add(reading, c, false);
	return IN_VALUE;
}

static enum position
double_take(struct reading *reading, char c)
{
	if (c == '"') {
		return BEFORE_VALUE;
	}
	if (c == '\\') {
		return IN_DOUBLE_ESCAPE;
	}
	value_add(reading, c, true);
	return IN_DOUBLE;
}

static enum position
double_escape_take(struct reading *reading, char c)
{
	if (strchr("\"\\`$", c) == NULL && c != '\n') {
		value_add(reading, '\\', true);
	}
	if (c != '\n') {
		value_add(reading, c, true);
	}
	return IN_DOUBLE;
}

static enum position
byte_take(struct reading *reading, char c)
{
	switch (reading->place) {
	case BEFORE_NAME:
	case IN_NAME: return name_take(reading, c);
	case BEFORE_VALUE:
	case IN_VALUE: return value_take(reading, c);
	case IN_VALUE_ESCAPE:
		if (c != '\n') {
			value_add(reading, c, true);
		}
		return IN_VALUE;
	case IN_SINGLE:
		if (c == '\'') {
			return BEFORE_VALUE;
		}
		value_add(reading, c, true);
		return IN_SINGLE;
	case IN_DOUBLE: return double_take(reading, c);
	case IN_DOUBLE_ESCAPE: return double_escape_take(reading, c);
	case IN_COMMENT: return c == '\n' ? BEFORE_NAME : IN_COMMENT;
	}
	return BEFORE_NAME;
}

bool
unit_environment_file(const char *text, char ***v, struct err *err)
{
	struct reading reading = { .line = 1, .variables = v, .err = err };

	if (err != NULL) {
		*err = (struct err){ .line = 0 };
	}
	buf_init(&reading.name, LIMIT_ENVIRONMENT);
	buf_init(&reading.value, LIMIT_ENVIRONMENT);
	for (; *text != '\0'; text++) {
		reading.place = byte_take(&reading, *text == '\r' && text[1] == '\n' ? ' ' : *text);
		reading.line += *text == '\n';
	}
	if (reading.place == IN_NAME) {
		remark(&reading, "has no =");
	} else if (reading.place != BEFORE_NAME && reading.place != IN_COMMENT) {
		assignment_take(&reading);
	}
	buf_done(&reading.name);
	buf_done(&reading.value);
	return true;
}
