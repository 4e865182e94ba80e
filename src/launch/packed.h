/* packed: how a plan lies in its memfd. Shared by plan.c (writes), run.c (walks), words.c
 * (explains); of no use outside. A header, then the operations one after another: a step, its text
 * with NUL if it has one, its data, filled up to 8. Must never be walked before packed_is_sound()
 * has seen it: the bytes come from another process. */
#pragma once
#include "launch/launch.h"

#define PACKED_MAGIC 0x314e414c50444e54ULL /* "TNDPLAN1" */

struct packed_header {
	uint64_t magic;
	uint32_t count;
	uint32_t size; /* header included */
};

struct packed_step {
	uint16_t op;
	uint16_t index;
	int32_t target;
	int64_t number;
	uint64_t extra, extra2;
	uint32_t text_size; /* NUL included; 0: none */
	uint32_t data_size;
};

/* sizes and offsets hold, texts end, strings end, targets are in range, EXEC is there once and last
 */
bool packed_is_sound(const void *bytes, size_t size);
const struct packed_step *packed_first(const struct packed_header *header);
const struct packed_step *packed_next(const struct packed_header *header,
				      const struct packed_step *step); /* NULL at the end */
const char *packed_text(const struct packed_step *step);
const char *packed_data(const struct packed_step *step);
size_t packed_strings(const struct packed_step *step); /* how many strings are in its data */
/* maps a whole memfd read-only after checking it; NULL and errno (EBADMSG: damaged). Unmap
 * header->size */
const struct packed_header *packed_map(int memfd);
