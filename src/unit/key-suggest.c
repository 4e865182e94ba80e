/* key-suggest: the key that somebody probably meant: the least number of letters changed, added,
 * left out or swapped, when that is few enough for the length of the word. */
#include "unit/unit.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { SUGGEST_MAX = 48 }; /* no key is longer */

static bool
same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Damerau's distance, restricted: three rows of the table are enough */
static unsigned
distance(const char *a, const char *b)
{
	unsigned rows[3][SUGGEST_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > SUGGEST_MAX || m > SUGGEST_MAX) {
		return SUGGEST_MAX;
	}
	for (unsigned k = 0; k <= m; k++) {
		rows[0][k] = k;
	}
	for (size_t i = 1; i <= n; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3],
			 *before = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t k = 1; k <= m; k++) {
			unsigned best = above[k - 1] + !same_letter(a[i - 1], b[k - 1]);

			best = MIN(best, above[k] + 1);
			best = MIN(best, row[k - 1] + 1);
			if (i > 1 && k > 1 && same_letter(a[i - 1], b[k - 2]) &&
			    same_letter(a[i - 2], b[k - 1])) {
				best = MIN(best, before[k - 2] + 1);
			}
			row[k] = best;
		}
	}
	return rows[n % 3][m];
}

const struct key *
key_suggest(const char *name)
{
	const struct key *best = NULL;
	size_t length = strlen(name);
	unsigned least = (unsigned)(length < 6 ? 1 : length < 12 ? 2 : 3) + 1;

	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];
		size_t other = strlen(key->name);
		bool hopeless = MAX(length, other) - MIN(length, other) > least;
		unsigned n = hopeless ? SUGGEST_MAX : distance(name, key->name);

		if (length >= 6 && strncasecmp(name, key->name, length) == 0) {
			n = MIN(n, 1U); /* a shortened one, "WorkingDir" */
		}
		/* one that works is a better advice than one that does not */
		if (n < least || (n == least && best != NULL && key_value(best) == NULL &&
				  key_value(key) != NULL)) {
			least = n;
			best = key;
		}
	}
	return best;
}
