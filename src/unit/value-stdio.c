/* value-stdio: where input comes from and output goes. What tend cannot give (a
 * socket) is replaced by nothing to read or by the log, and said. */
#include "unit/expand.h"
#include "unit/value.h"
#include "unit/words-split.h"
#include <string.h>

struct word { /* a word of the file and what it becomes */
	const char *word;
	enum stdio_kind kind;
	const char *remark; /* NULL: just that */
	enum stdio_also also;
};

#define NO_CONSOLE "the console is not written to: tend's log is"
#define NO_CONTROL "it is opened, but does not become its controlling terminal"

static const struct word input_words[] = {
	{ "null", STDIO_NULL, NULL, ALSO_NOWHERE },
	{ "data", STDIO_DATA, NULL, ALSO_NOWHERE },
	{ "tty", STDIO_TTY, NO_CONTROL, ALSO_NOWHERE },
	{ "tty-force", STDIO_TTY, NO_CONTROL, ALSO_NOWHERE },
	{ "tty-fail", STDIO_TTY, NO_CONTROL, ALSO_NOWHERE },
	{ "socket", STDIO_NULL, "no socket is passed: there is nothing to read", ALSO_NOWHERE },
};

static const struct word output_words[] = {
	{ "null", STDIO_NULL, NULL, ALSO_NOWHERE },
	{ "journal", STDIO_LOG, NULL, ALSO_NOWHERE },
	{ "syslog", STDIO_LOG, NULL, ALSO_SYSLOG },
	{ "kmsg", STDIO_LOG, NULL, ALSO_KMSG },
	{ "journal+console", STDIO_LOG, NO_CONSOLE, ALSO_NOWHERE },
	{ "syslog+console", STDIO_LOG, NO_CONSOLE, ALSO_SYSLOG },
	{ "kmsg+console", STDIO_LOG, NO_CONSOLE, ALSO_KMSG },
	{ "tty", STDIO_TTY, NULL, ALSO_NOWHERE },
	{ "socket", STDIO_LOG, "no socket is passed: tend's log is written to", ALSO_NOWHERE },
};

static const struct {
	const char *prefix;
	enum stdio_kind kind;
} prefixes[] = {
	{ "file:", STDIO_FILE },
	{ "append:", STDIO_APPEND },
	{ "truncate:", STDIO_TRUNCATE },
};

static bool
is_input(const struct key *key)
{
	return str_equal(key->name, "StandardInput");
}

static void
stdio_done(void *field)
{
	struct stdio *stdio = field;

	free(stdio->path);
	*stdio = (struct stdio){ .kind = STDIO_DEFAULT };
}

static enum value_result
kind_take(struct stdio *stdio, enum stdio_kind kind, const char *remark, struct err *err)
{
	stdio_done(stdio);
	stdio->kind = kind;
	if (remark != NULL) {
		(void)err_set(err, "%s", remark);
		return VALUE_REMARK;
	}
	return VALUE_GOOD;
}

static enum value_result
path_take(struct stdio *stdio, enum stdio_kind kind, const char *path, struct err *err)
{
	if (path[0] != '/' && path[0] != '%') {
		(void)err_set(err, "'%s' is not an absolute path", path);
		return VALUE_BAD;
	}
	if (!expand_check(path, err)) {
		return VALUE_BAD;
	}
	stdio_done(stdio);
	stdio->kind = kind;
	stdio->path = str_dup(path);
	return VALUE_GOOD;
}

static enum value_result
whole_take(const struct key *key, struct stdio *stdio, const char *whole, struct err *err)
{
	bool input = is_input(key);
	const struct word *words = input ? input_words : output_words;
	size_t count = input ? COUNT(input_words) : COUNT(output_words);

	for (size_t i = 0; i < count; i++) {
		if (str_equal(whole, words[i].word)) {
			enum value_result result =
				kind_take(stdio, words[i].kind, words[i].remark, err);

			stdio->also = words[i].also;
			return result;
		}
	}
	for (size_t i = 0; i < (input ? 1 : COUNT(prefixes)); i++) {
		if (str_starts(whole, prefixes[i].prefix)) {
			return path_take(stdio, prefixes[i].kind,
					 whole + strlen(prefixes[i].prefix), err);
		}
	}
	if (str_equal(whole, "inherit") && !input) {
		return kind_take(stdio, STDIO_INHERIT, NULL, err);
	}
	if (str_starts(whole, "fd:")) {
		return kind_take(stdio, input ? STDIO_NULL : STDIO_LOG,
				 input ? "no socket is passed: there is nothing to read"
				       : "no socket is passed: tend's log is written to",
				 err);
	}
	(void)err_set(err, "'%s' is nothing that %s= knows", whole, key->name);
	return VALUE_BAD;
}

static enum value_result
stdio_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	char autofree *whole = words_whole(text, err);

	return whole != NULL ? whole_take(key, field, whole, err) : VALUE_BAD;
}

static char *
stdio_print(const struct key *key, const void *field)
{
	const struct stdio *stdio = field;

	(void)key;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		if (prefixes[i].kind == stdio->kind) {
			char autofree *whole = str_format("%s%s", prefixes[i].prefix, stdio->path);

			return words_whole_quote(whole);
		}
	}
	switch (stdio->kind) {
	case STDIO_NULL: return str_dup("null");
	case STDIO_LOG:
		return str_dup(stdio->also == ALSO_SYSLOG ? "syslog"
			       : stdio->also == ALSO_KMSG ? "kmsg"
							  : "journal");
	case STDIO_TTY: return str_dup("tty");
	case STDIO_INHERIT: return str_dup("inherit");
	case STDIO_DATA: return str_dup("data");
	case STDIO_DEFAULT:
	case STDIO_FILE:
	case STDIO_APPEND:
	case STDIO_TRUNCATE: break;
	}
	return NULL;
}

static bool
stdio_equal(const struct key *key, const void *a, const void *b)
{
	const struct stdio *one = a, *other = b;

	(void)key;
	return one->kind == other->kind && one->also == other->also &&
	       str_equal(one->path, other->path);
}

const struct value value_stdio_place = {
	.name = "STDIO",
	.size = sizeof(struct stdio),
	.parse = stdio_parse,
	.print = stdio_print,
	.equal = stdio_equal,
	.done = stdio_done,
};
