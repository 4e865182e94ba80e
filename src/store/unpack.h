/* unpack: a packed segment, read at any place, a frame at a time. Used by reader.c and verify.c.
 * 1. unpack_new  2. unpack_load for any place below `size`  3. unpack_free
 * Owns its memory: a table of the frames and one frame, packed and unpacked. The descriptor stays
 * the caller's. Must never: trust the seek table (it is checked, and found anew where it is wrong),
 * unpack more than UNPACK_FRAME_MAX at a time. */
#pragma once
#include "base/attr.h"

enum { UNPACK_FRAME_MAX = 32 << 20, UNPACK_FRAMES_MAX = 1 << 22 };

struct unpack_frame {
	uint64_t at;    /* in the file */
	uint64_t start; /* of its bytes, unpacked */
	uint32_t packed, size;
	bool hole; /* it is known already that it cannot be read */
};
struct unpack {
	int fd;
	uint64_t file_size;
	struct unpack_frame *frames;
	size_t count;
	uint64_t size;     /* unpacked */
	bool walked;       /* the frames were found without the seek table */
	char trouble[120]; /* what is wrong with the file as a whole, "" when nothing is */
	void *context;     /* of zstd */
	char *packed, *bytes;
	size_t packed_room, bytes_room;
	size_t held; /* the frame that `bytes` are of; SIZE_MAX: none */
};

struct unpack *unpack_new(int fd);
struct unpack *unpack_free(struct unpack *unpack);
/* the frame that has the byte at `at` (below size): all of it, valid until the next call. 0, or
 * -EBADMSG: it cannot be read, where start and length say how far; or another -errno */
int unpack_load(struct unpack *unpack, uint64_t at, const char **ret_bytes, uint64_t *ret_start,
		size_t *ret_length);
