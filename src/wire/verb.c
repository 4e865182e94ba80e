/* The table of verbs, expanded from verbs.def; a test holds it against the interface description.
 */
#include "wire/wire.h"

enum { LOOKS = VERB_LOOKS, CHANGES = VERB_CHANGES, MORE_ONLY = VERB_MORE_ONLY };

const struct verb verb_table[VERB_COUNT] = {
#define VERB(id, method_, who, flags_, words_)                                                     \
	[VERB_##id] = { .method = (method_), .flags = (flags_), .words = (words_) },
#include "wire/verbs.def"
#undef VERB
};
