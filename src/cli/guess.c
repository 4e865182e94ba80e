/* guess: the word that somebody probably meant: the least number of letters changed, added, left
 * out or swapped, when that is few enough for its length. A word that begins another one of at
 * least three letters is near too. */
#include "base/str.h"
#include "cli/cli.h"
#include <string.h>

enum { GUESS_MAX = 64 }; /* longer words are not guessed */

/* Damerau's distance, restricted: three rows of the table are enough */
static unsigned
distance(const char *a, const char *b)
{
	unsigned rows[3][GUESS_MAX + 1] = { { 0 } };
	size_t n = strlen(a), m = strlen(b);

	for (unsigned k = 0; k <= m; k++) {
		rows[0][k] = k;
	}
	for (size_t i = 1; i <= n; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3],
			 *before = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t k = 1; k <= m; k++) {
			unsigned best = above[k - 1] + (a[i - 1] != b[k - 1]);

			best = MIN(best, above[k] + 1);
			best = MIN(best, row[k - 1] + 1);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) {
				best = MIN(best, before[k - 2] + 1);
			}
			row[k] = best;
		}
	}
	return rows[n % 3][m];
}

void
guess_begin(struct guess *guess, const char *word)
{
	size_t n = strlen(word);

	*guess = (struct guess){ .word = word, .least = n < 3 ? 2 : n < 8 ? 3 : 4 };
}

void
guess_try(struct guess *guess, const char *candidate)
{
	size_t n = strlen(guess->word), m = strlen(candidate);
	unsigned far;

	if (n > GUESS_MAX || m > GUESS_MAX || n == 0) {
		return;
	}
	far = n >= 3 && m > n && str_starts(candidate, guess->word)
		      ? 1
		      : distance(guess->word, candidate);
	if (far < guess->least && far < m) {
		guess->least = far;
		guess->best = candidate;
	}
}
