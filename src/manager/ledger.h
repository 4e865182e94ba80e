/* ledger: the text of a member's ledger, apart from writing it: for ledger.c, adopt.c, the unit
 * test and the fuzzer. Owns nothing. A text that is not whole and sane is refused as a whole: then
 * the live processes are asked. */
#pragma once
#include "manager/core.h"

void ledger_text(const struct member *member, struct buf *ret_text);
/* the unit's number, 0 if the text has no sound one: a member is made with it before ledger_take */
uint64_t ledger_number(const char *text);
/* false: damaged or senseless; the member may have been changed and must be made anew */
bool ledger_take(struct member *member, const char *text, size_t length);
