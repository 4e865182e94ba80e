/* print: fields back to text. What was given is printed, whether or not it is the fallback: an
 * explicit TimeoutStartSec=90s means something else than none for Type=oneshot. */
#include "unit/value.h"
#include <string.h>

char *
unit_value(const struct unit *unit, const struct key *key)
{
	char *text;

	if (key_value(key) == NULL) {
		return NULL;
	}
	text = key_value(key)->print(key, (const char *)unit + key->offset);
	return text != NULL ? text : str_dup("");
}

/* one assignment for each line of the value */
static void
lines_add(struct compose *compose, const struct key *key, char *value)
{
	for (char *line = value, *end; line != NULL; line = end) {
		end = strchr(line, '\n');
		if (end != NULL) {
			*end++ = '\0';
		}
		compose_line(compose, key->section, key->name, line);
	}
}

char *
unit_text(const struct unit *unit)
{
	struct compose compose;

	compose_init(&compose);
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];

		if (key_value(key) != NULL && unit_given(unit, key) != NULL) {
			char autofree *value = unit_value(unit, key);

			if (value[0] != '\0') {
				lines_add(&compose, key, value);
			}
		}
	}
	return buf_take(&compose.text);
}
