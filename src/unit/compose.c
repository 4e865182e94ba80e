/* compose: lines that parse.c reads back to what was meant, whatever bytes somebody put into a
 * command or a path. */
#include "base/check.h"
#include "unit/unit.h"
#include "unit/words-split.h"
#include <string.h>

void
compose_init(struct compose *compose)
{
	buf_init(&compose->text, SIZE_MAX / 4);
	compose->section = -1;
}

void
compose_done(struct compose *compose)
{
	buf_done(&compose->text);
}

/* would the backslash at its end make the next line part of this one? */
static bool
is_continued(const char *value)
{
	bool escaped = false;

	for (; *value != '\0'; value++) {
		escaped = !escaped && *value == '\\';
	}
	return escaped;
}

void
compose_line(struct compose *compose, enum unit_section section, const char *key, const char *value)
{
	struct buf *text = &compose->text;

	if (compose->section != (int)section) {
		CHECK(buf_addf(text, "%s[%s]\n", compose->section < 0 ? "" : "\n",
			       section_name(section)));
		compose->section = (int)section;
	}
	CHECK(buf_addf(text, "%s=", key));
	for (const char *s = value; *s != '\0'; s++) {
		/* no value holds a newline; what follows one must not become a line */
		CHECK(buf_add_char(text, *s == '\n' ? ' ' : *s));
	}
	CHECK(buf_add_str(text, is_continued(value) ? " \n" : "\n"));
}

static char *
percent_double(const char *text)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX / 4);
	for (; *text != '\0'; text++) {
		CHECK(buf_add_str(&buf, *text == '%' ? "%" : ""));
		CHECK(buf_add_char(&buf, *text));
	}
	return buf_take(&buf);
}

char *
compose_string(const char *literal)
{
	char autofree *doubled = percent_double(literal);

	return doubled[0] == '\0' ? str_dup("") : words_whole_quote(doubled);
}

char *
compose_command(char *const *argv)
{
	struct buf buf;
	bool dollar = false;

	for (size_t i = 0; argv[i] != NULL; i++) {
		dollar = dollar || strchr(argv[i], '$') != NULL;
	}
	buf_init(&buf, SIZE_MAX / 4);
	for (size_t i = 0; argv[i] != NULL; i++) {
		char autofree *doubled = percent_double(argv[i]);
		/* : switches the substitution of $ off; the program knows no $$ */
		char autofree *word = str_format("%s%s", i == 0 && dollar ? ":" : "", doubled);
		char autofree *quoted = words_quote(word);

		CHECK(buf_addf(&buf, "%s%s", i > 0 ? " " : "", quoted));
	}
	return buf_take(&buf);
}
