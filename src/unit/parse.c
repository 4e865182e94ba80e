/* parse: systemd.syntax. Lines that end in a backslash go on, comments between them are passed
 * over, an empty assignment resets. What would make the unit run as something else than was
 * written (another command, user or directory) makes it bad; the rest is said and left at its
 * default, as in systemd. */
#include "unit/parse.h"
#include "base/check.h"
#include "base/width.h"
#include "unit/notice.h"
#include "unit/set.h"
#include "unit/words-split.h"
#include <string.h>

enum { PARSE_NOTICES_MAX = 100 }; /* of one file; a larger number helps nobody */

enum where { BEFORE_SECTIONS, IN_SECTION, IN_SKIPPED };

struct reader {
	struct unit *unit;
	unsigned file;
	const char *file_name; /* borrowed, may be NULL */
	unsigned line;         /* of the current physical line */
	unsigned start;        /* where the logical line began */
	unsigned notices;      /* so many were added */
	enum where where;
	bool config; /* tend.conf: its one section is [Log] */
	enum unit_section section;
};

static const char *const skipped_sections[] = {
	"Socket", "Timer",  "Path",   "Mount", "Automount", "Swap",    "Slice",
	"Scope",  "Target", "Device", "Match", "Link",      "Network", "Manager",
};

static void
bad_text(struct reader *reader, const char *key, const char *text)
{
	struct unit *unit = reader->unit;

	if (unit->bad != NULL) {
		return;
	}
	unit->bad_text = true;
	unit->bad = str_format(
		"%s:%u: %s%s%s", reader->file_name != NULL ? reader->file_name : unit->name,
		reader->start, key != NULL ? key : "", key != NULL ? "=: " : "", text);
}

/* may another one be added? The last place is for saying that there would be more. */
static bool
say_has_room(struct reader *reader)
{
	if (reader->notices >= PARSE_NOTICES_MAX) {
		return false;
	}
	reader->notices++;
	if (reader->notices == PARSE_NOTICES_MAX) {
		notice_add(&reader->unit->notices, NOTICE_BAD, reader->file_name, reader->start,
			   NULL, "there is more that is wrong from here on");
		return false;
	}
	return true;
}

static void
say(struct reader *reader, enum notice_kind kind, const char *key, const char *text)
{
	if (say_has_room(reader)) {
		notice_add(&reader->unit->notices, kind, reader->file_name, reader->start, key,
			   "%s", text);
	}
}

/* a line that is damaged, so that nobody knows what else is */
static void
say_damaged(struct reader *reader, const char *text)
{
	say(reader, NOTICE_BAD, NULL, text);
	bad_text(reader, NULL, text);
}

static void
config_header_take(struct reader *reader, const char *name)
{
	char autofree *shown = width_cut(name, 40);

	reader->where = str_equal(name, "Log") ? IN_SECTION : IN_SKIPPED;
	reader->section = SECTION_TEND;
	if (reader->where == IN_SKIPPED && say_has_room(reader)) {
		notice_add(&reader->unit->notices, NOTICE_UNKNOWN, reader->file_name, reader->start,
			   NULL, "[%s] is no section of tend.conf, [Log] is; it is skipped", shown);
	}
}

static void
header_take(struct reader *reader, const char *name)
{
	if (reader->config) {
		config_header_take(reader, name);
		return;
	}
	for (unsigned i = 0; i < SECTION_COUNT; i++) {
		if (str_equal(name, section_name((enum unit_section)i))) {
			reader->where = IN_SECTION;
			reader->section = (enum unit_section)i;
			return;
		}
	}
	reader->where = IN_SKIPPED;
	for (size_t i = 0; i < COUNT(skipped_sections); i++) {
		if (str_equal(name, skipped_sections[i])) {
			return;
		}
	}
	if (!str_starts(name, "X-")) {
		char autofree *shown = width_cut(name, 40);

		notice_add(&reader->unit->notices, NOTICE_UNKNOWN, reader->file_name, reader->start,
			   NULL, "[%s] is no section of a service; it is skipped", shown);
	}
}

static void
unknown_key(struct reader *reader, const char *name)
{
	const struct key *elsewhere, *near;
	struct err words = { .line = 0 };
	const char *section = reader->config ? "Log" : section_name(reader->section);

	if (str_starts(name, "X-")) { /* systemd passes these over too: others keep notes so */
		return;
	}
	if (reader->notices >= PARSE_NOTICES_MAX) { /* looking for what was meant takes long */
		return;
	}
	elsewhere = key_by_name(name);
	near = elsewhere == NULL ? key_suggest(name) : NULL;
	if (reader->config && elsewhere != NULL) {
		(void)err_set(&words, "this belongs in a unit's file, here it is ignored");
	} else if (elsewhere == NULL && config_find(name) != NULL) {
		(void)err_set(&words, "this belongs in [Log] of tend.conf, here it is ignored");
	} else if (elsewhere != NULL) {
		(void)err_set(&words, "this belongs in [%s], here it is ignored",
			      section_name(elsewhere->section));
	} else if (near != NULL) {
		(void)err_set(&words, "there is no such key in [%s]; did you mean %s=?", section,
			      near->name);
	} else {
		(void)err_set(&words, "there is no such key in [%s]", section);
	}
	say(reader, NOTICE_UNKNOWN, name, words.text);
}

/* would running without this setting be something else than was asked for? */
static bool
matters(const struct key *key)
{
	return key_value(key) == &value_command_list || key_value(key) == &value_text_path ||
	       key_value(key) == &value_text_runpath || key_value(key) == &value_list_paths ||
	       key->verdict == VERDICT_NEEDS_ROOT;
}

/* true: it was one of those that only tend.conf has */
static bool
config_assign(struct reader *reader, const char *name, const char *value)
{
	const struct key *key = config_find(name);
	struct err err = { .line = 0 };

	if (key == NULL) {
		return false;
	}
	if (key_value(key)->parse(key, (char *)reader->unit + key->offset,
				  value[0] != '\0' ? value : key->fallback, &err) == VALUE_BAD) {
		say(reader, NOTICE_BAD, name, err.text);
	}
	return true;
}

static void
assign(struct reader *reader, const char *name, const char *value)
{
	const struct key *key = key_find(reader->section, name);
	struct err err = { .line = 0 };

	if (reader->config && config_assign(reader, name, value)) {
		return;
	}
	if (key == NULL || (reader->config && !str_starts(name, "Log"))) {
		unknown_key(reader, name);
		return;
	}
	switch (set_key(reader->unit, key, value, reader->file, reader->start, &err)) {
	case VALUE_GOOD: return;
	case VALUE_REMARK: say(reader, NOTICE_APPROXIMATED, name, err.text); return;
	case VALUE_PARTLY: say(reader, NOTICE_BAD, name, err.text); return;
	case VALUE_BAD: break;
	}
	say(reader, NOTICE_BAD, name, err.text);
	if (matters(key)) {
		bad_text(reader, name, err.text);
	}
}

/* cuts space off both ends, in place */
static char *
trim(char *s)
{
	size_t n;

	while (words_is_space(*s)) {
		s++;
	}
	n = strlen(s);
	while (n > 0 && words_is_space(s[n - 1])) {
		s[--n] = '\0';
	}
	return s;
}

/* a line with all that continues it */
static void
logical_take(struct reader *reader, char *line)
{
	char *equals;
	size_t n;

	line = trim(line);
	n = strlen(line);
	if (n == 0) {
		return;
	}
	if (!width_is_utf8(line, n)) {
		say_damaged(reader, "this line is not valid UTF-8");
		return;
	}
	if (line[0] == '[') {
		if (line[n - 1] != ']') {
			reader->where = IN_SKIPPED;
			say_damaged(reader, "this section's name has no closing bracket");
			return;
		}
		line[n - 1] = '\0';
		header_take(reader, line + 1);
		return;
	}
	equals = strchr(line, '=');
	if (reader->where == IN_SKIPPED) {
		return;
	}
	if (equals == NULL || equals == line) {
		say(reader, NOTICE_BAD, NULL,
		    "this line is not of the form Key=value; it is ignored");
		return;
	}
	*equals = '\0';
	if (reader->where == BEFORE_SECTIONS) {
		say(reader, NOTICE_BAD, trim(line),
		    "this stands before the first [Section]; it is ignored");
		return;
	}
	assign(reader, trim(line), trim(equals + 1));
}

static bool
ends_in_backslash(const char *line, size_t n)
{
	bool escaped = false;

	for (size_t i = 0; i < n; i++) {
		escaped = !escaped && line[i] == '\\';
	}
	return escaped;
}

/* adds a physical line to the logical one; true when that is complete */
static bool
physical_take(struct reader *reader, struct buf *logical, const char *line, size_t n)
{
	while (n > 0 && words_is_space(*line)) {
		line++;
		n--;
	}
	if (n > 0 && (*line == '#' || *line == ';')) {
		return false;
	}
	if (logical->length == 0) {
		reader->start = reader->line;
	}
	while (n > 0 && line[n - 1] == '\r') {
		n--;
	}
	if (memchr(line, '\0', n) != NULL || !buf_add(logical, line, n)) {
		say_damaged(reader, logical->full ? "this line is too long"
						  : "this line has a NUL byte in it");
		buf_clear(logical);
		return false;
	}
	if (ends_in_backslash(line, n)) { /* what was there before ends in a space */
		logical->data[logical->length - 1] = ' ';
		return false;
	}
	return true;
}

static void
lines_take(struct reader *reader, const char *text, size_t length)
{
	struct buf autodone(buf) logical = { .max = LIMIT_LINE };

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		length -= 3;
	}
	while (length > 0) {
		const char *end = memchr(text, '\n', length);
		size_t n = end != NULL ? (size_t)(end - text) : length;

		reader->line++;
		if (physical_take(reader, &logical, text, n) && logical.length > 0) {
			logical_take(reader, logical.data);
			buf_clear(&logical);
		}
		n += end != NULL;
		text += n;
		length -= n;
	}
	if (logical.length > 0) {
		logical_take(reader, logical.data);
	}
}

void
parse_text(struct unit *unit, const char *text, size_t length, unsigned file)
{
	struct reader reader = { .unit = unit, .file = file };

	reader.file_name = file == 0 ? unit->file : unit->drop_ins[file - 1];
	lines_take(&reader, text, length);
}

void
parse_config(struct unit *unit, const char *text, size_t length)
{
	struct reader reader = { .unit = unit, .file_name = unit->file, .config = true };

	lines_take(&reader, text, length);
}

struct unit *
unit_parse(const char *name, const char *text, size_t length, const char *file)
{
	struct unit *unit = unit_new(name, file);

	parse_text(unit, text, length, 0);
	unit_finish(unit);
	return unit;
}
