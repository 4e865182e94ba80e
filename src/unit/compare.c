/* compare: two units mean the same when all their fields are equal; where they were written does
 * not matter. */
#include "unit/value.h"
#include <string.h>

bool
unit_equal(const struct unit *a, const struct unit *b)
{
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];
		const void *one = (const char *)a + key->offset;
		const void *other = (const char *)b + key->offset;

		if (key_value(key) == NULL) {
			continue;
		}
		if (key_value(key)->equal != NULL ? !key_value(key)->equal(key, one, other)
						  : memcmp(one, other, key_value(key)->size) != 0) {
			return false;
		}
	}
	return true;
}
