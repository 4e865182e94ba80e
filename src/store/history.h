/* history: which segments a log's directory holds, for readers: names alone, oldest first, each
 * segment once whether it is plain or packed or just being packed. Used by the reader's files and
 * verify.c. Owns its list. Must never: ask the file system about every segment (there may be
 * thousands, and a query is answered in milliseconds). */
#pragma once
#include "store/store.h"

struct history_segment {
	int64_t first; /* its name's number; INT64_MAX: current */
	bool packed;
	bool current;
};
struct history {
	struct history_segment *segments; /* oldest first, current last */
	size_t count;
};

int history_read(int dirfd, struct history *ret_history);
void history_done(struct history *history);
void history_name(const struct history_segment *segment, char ret_name[SEGMENT_NAME_MAX]);
/* "<ns>.log", "<ns>.log.zst", "<ns>.idx" -> ns and which; false: none of them */
enum history_kind { HISTORY_PLAIN, HISTORY_PACKED, HISTORY_INDEX };
bool history_parse(const char *name, int64_t *ret_first, enum history_kind *ret_kind);
