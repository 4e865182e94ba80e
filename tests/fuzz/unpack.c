/* A file that says it is a packed segment: whatever is in it, its frames are disjoint, cover all
 * that it says it holds, are given or refused, and memory is bounded. */
#include "base/check.h"
#include "base/fd.h"
#include "store/unpack.h"
#include <errno.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
load_all(struct unpack *unpack)
{
	uint64_t at = 0, size = unpack->size;
	size_t left = unpack->count + 8;

	while (at < size && left-- > 0) {
		const char *bytes = NULL;
		uint64_t start = 0;
		size_t length = 0;
		int r = unpack_load(unpack, at, &bytes, &start, &length);
		volatile char last;

		CHECK(r == 0 || r == -EBADMSG || r == -ERANGE);
		if (r == -ERANGE) {
			break;
		}
		CHECK(start <= at && length > 0 && length <= size + UNPACK_FRAME_MAX);
		if (r == 0) {
			CHECK(length <= UNPACK_FRAME_MAX);
			last = bytes[length - 1];
			(void)last;
		}
		at = start + length;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct unpack *unpack;

	if (fd < 0) {
		fd = fd_memfd("unpack");
		CHECK(fd >= 0);
	}
	CHECK(ftruncate(fd, 0) == 0);
	CHECK(pwrite(fd, data, size, 0) == (ssize_t)size);
	unpack = unpack_new(fd);
	CHECK(unpack->count <= size);
	load_all(unpack);
	if (unpack->size > 0) { /* and from its end, where a table that lies is found out late */
		const char *bytes;
		uint64_t start;
		size_t length;

		(void)unpack_load(unpack, unpack->size - 1, &bytes, &start, &length);
	}
	unpack_free(unpack);
	return 0;
}
