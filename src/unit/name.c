/* name: a name becomes a file name, a directory of logs and a word people type, so it has
 * systemd's letters and, beyond them, those of all scripts, but nothing a shell or a path would
 * take for something else. */
#include "unit/name.h"
#include "base/width.h"
#include "unit/unit.h"
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

static const char *const other_suffixes[] = {
	".socket", ".timer", ".path",  ".target", ".mount",   ".automount",
	".swap",   ".slice", ".scope", ".device", ".service",
};

static bool
letter_is_fine(int32_t code)
{
	if (code < 0x80) {
		return code > 0 && (isalnum(code) || strchr(":-_.\\@", code) != NULL);
	}
	return width_of(code) > 0;
}

bool
name_check_letters(const char *text, struct err *err)
{
	size_t n = strlen(text), used;
	int32_t code;

	if (n == 0) {
		return err_set(err, "the name of a unit cannot be empty");
	}
	if (n > LIMIT_NAME) {
		return err_set(err, "the name of a unit has at most %d bytes, this one has %zu",
			       LIMIT_NAME, n);
	}
	if (text[0] == '-' || text[0] == '.' || text[0] == '@') {
		return err_set(err, "the name of a unit cannot begin with '%c'", text[0]);
	}
	for (size_t i = 0; i < n; i += used) {
		used = width_decode(text + i, n - i, &code);
		if (!letter_is_fine(code)) {
			char autofree *shown = width_harmless(text + i, used, false);
			char autofree *whole = width_harmless(text, n, false);

			return err_set(err, "the name of a unit cannot have '%s' in it: %s", shown,
				       whole);
		}
	}
	return true;
}

bool
name_check(const char *text, char ret_name[LIMIT_NAME + 1], struct err *err)
{
	size_t n = strlen(text);
	char name[LIMIT_NAME + 1];

	if (n > strlen(".service") && str_ends(text, ".service")) {
		n -= strlen(".service");
	}
	if (n > LIMIT_NAME) {
		return err_set(err, "the name of a unit has at most %d bytes, this one has %zu",
			       LIMIT_NAME, n);
	}
	memcpy(name, text, n);
	name[n] = '\0';
	if (!name_check_letters(name, err)) {
		return false;
	}
	for (size_t i = 0; i < COUNT(other_suffixes); i++) {
		if (str_ends(name, other_suffixes[i])) {
			return err_set(err, "%s is not a service: tend keeps services only", text);
		}
	}
	memcpy(ret_name, name, n + 1);
	return true;
}

bool
name_is_template(const char *name)
{
	const char *at = strchr(name, '@');

	return at != NULL && at[1] == '\0';
}

bool
name_is_instance(const char *name)
{
	const char *at = strchr(name, '@');

	return at != NULL && at[1] != '\0';
}

char *
name_template(const char *name)
{
	const char *at = strchr(name, '@');

	return at != NULL ? str_dup_n(name, (size_t)(at - name) + 1) : str_dup(name);
}

const char *
name_instance(const char *name)
{
	const char *at = strchr(name, '@');

	return at != NULL ? at + 1 : "";
}

bool
name_matches(const char *pattern, const char *name)
{
	/* a backslash is a letter of systemd's escaped names, not ours to take away */
	return fnmatch(pattern, name, FNM_NOESCAPE) == 0;
}
