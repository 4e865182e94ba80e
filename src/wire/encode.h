/* encode: a tree of jansson's values made JSON text, as short as it goes. Used by both ends for
 * every message. Reals travel with six decimals (times to the microsecond); what is too small or
 * too large for that, with 15 digits. */
#pragma once
#include "base/str.h"
#include <jansson.h>

/* at the end of `text`; false: it would pass the buffer's maximum (a part may have been added) */
bool encode_json(struct buf *text, const json_t *value);
