/* value-text: one string. A value that begins with a double quote is read as a quoted word with
 * C escapes: systemd has no way to write a path with a newline in it, and would refuse such a
 * file rather than misread it. */
#include "base/path.h"
#include "unit/expand.h"
#include "unit/value.h"
#include "unit/words-split.h"

static bool
whole_read(const char *text, char **ret_whole, struct err *err)
{
	char *whole = words_whole(text, err);

	if (whole == NULL) {
		return false;
	}
	if (whole[0] == '\0' || !expand_check(whole, err)) {
		if (whole[0] == '\0') {
			(void)err_set(err, "it is empty");
		}
		free(whole);
		return false;
	}
	*ret_whole = whole;
	return true;
}

static void
text_done(void *field)
{
	free(*(char **)field);
	*(char **)field = NULL;
}

static void
text_take(char **field, char *take_text)
{
	free(*field);
	*field = take_text;
}

static bool
text_equal(const struct key *key, const void *a, const void *b)
{
	(void)key;
	return str_equal(*(char *const *)a, *(char *const *)b);
}

static enum value_result
string_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	(void)key;
	if (!expand_check(text, err)) {
		return VALUE_BAD;
	}
	text_take(field, str_dup(text));
	return VALUE_GOOD;
}

static char *
string_print(const struct key *key, const void *field)
{
	(void)key;
	return str_dup(*(char *const *)field);
}

const struct value value_text_string = {
	.name = "STRING",
	.size = sizeof(char *),
	.parse = string_parse,
	.print = string_print,
	.equal = text_equal,
	.done = text_done,
};

static enum value_result
path_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	char *path;
	const char *start;

	(void)key;
	if (!whole_read(text, &path, err)) {
		return VALUE_BAD;
	}
	start = path[0] == '-' ? path + 1 : path;
	if (start[0] != '/' && start[0] != '%' && !str_equal(start, "~")) {
		(void)err_set(err, "'%s' is not an absolute path", path);
		free(path);
		return VALUE_BAD;
	}
	text_take(field, path);
	return VALUE_GOOD;
}

static enum value_result
runpath_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	char *path;

	(void)key;
	if (!whole_read(text, &path, err)) {
		return VALUE_BAD;
	}
	if (path[0] != '/' && path[0] != '%') {
		char *absolute = str_format("%%t/%s", path);

		free(path);
		path = absolute;
	}
	text_take(field, path);
	return VALUE_GOOD;
}

static char *
path_print(const struct key *key, const void *field)
{
	const char *path = *(char *const *)field;

	(void)key;
	return path != NULL ? words_whole_quote(path) : NULL;
}

const struct value value_text_path = {
	.name = "PATH",
	.size = sizeof(char *),
	.parse = path_parse,
	.print = path_print,
	.equal = text_equal,
	.done = text_done,
};

const struct value value_text_runpath = {
	.name = "RUNPATH",
	.size = sizeof(char *),
	.parse = runpath_parse,
	.print = path_print,
	.equal = text_equal,
	.done = text_done,
};
