/* The seek table says where each frame is. It is believed only when it fits the file to the byte;
 * else, and when a frame turns out not to be what it says, the frames are found by walking from one
 * to the next. Where the chain is broken the next frame is looked for by its magic number, and what
 * lies between counts as one frame, so that places behind a single broken frame stay right. */
#include "store/unpack.h"
#include "base/check.h"
#include "store/store.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
	UNPACK_LOOK = STORE_FRAME + (64 << 10), /* a frame of ours and some more */
	UNPACK_MAGIC_LENGTH = 4,
	SKIP_HEAD = 8,   /* of a skippable frame */
	FRAME_HEAD = 18, /* of any other, at most */
};
static const uint32_t SKIP_MASK = 0xfffffff0U, SKIP_MAGIC = 0x184d2a50U;

static uint32_t
u32(const void *bytes)
{
	uint32_t number;

	memcpy(&number, bytes, sizeof(number));
	return number;
}

/* bytes read; less at the end of the file */
static size_t
read_at(const struct unpack *unpack, void *bytes, size_t n, uint64_t at)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(unpack->fd, (char *)bytes + done, n - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			break;
		}
		done += (size_t)got;
	}
	return done;
}

static void
need(char **bytes, size_t *room, size_t n)
{
	if (*room < n) {
		free(*bytes);
		*bytes = malloc(n);
		CHECK(*bytes != NULL);
		*room = n;
	}
}

static void
forget_frames(struct unpack *unpack)
{
	free(unpack->frames);
	unpack->frames = NULL;
	unpack->count = 0;
	unpack->size = 0;
	unpack->held = SIZE_MAX;
}

static bool
add(struct unpack *unpack, uint64_t at, uint64_t packed, uint64_t size, bool hole)
{
	if (unpack->count >= UNPACK_FRAMES_MAX || packed > UINT32_MAX) {
		return false;
	}
	if ((unpack->count & (unpack->count - 1)) == 0) { /* 0 and powers of two: it is full */
		unpack->frames = realloc(unpack->frames,
					 MAX(64, unpack->count * 2) * sizeof(*unpack->frames));
		CHECK(unpack->frames != NULL);
	}
	unpack->frames[unpack->count++] = (struct unpack_frame){ .at = at,
								 .start = unpack->size,
								 .packed = (uint32_t)packed,
								 .size = (uint32_t)size,
								 .hole = hole };
	unpack->size += size;
	return true;
}

/* ---- the table ---- */
/* entries of `length` bytes with `each` for a frame; they must lead exactly to the table itself */
static bool
take_entries(struct unpack *unpack, const char *entries, size_t count, size_t each, uint64_t end)
{
	uint64_t at = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t packed = u32(entries + i * each), size = u32(entries + i * each + 4);

		if (packed == 0 || packed > end - at || size > UNPACK_FRAME_MAX ||
		    !(size == 0 || add(unpack, at, packed, size, false))) {
			return false;
		}
		at += packed;
	}
	return at == end;
}

/* Ours are all of one length; others are asked themselves, since one wrong length would move all
 * that is behind it. */
static bool
lengths_fit(const struct unpack *unpack)
{
	char head[FRAME_HEAD];

	for (size_t i = 0; i < unpack->count; i++) {
		const struct unpack_frame *frame = &unpack->frames[i];
		size_t n;

		if (frame->size == STORE_FRAME ||
		    (i + 1 == unpack->count && frame->size < STORE_FRAME)) {
			continue;
		}
		n = read_at(unpack, head, sizeof(head), frame->at);
		if (ZSTD_getFrameContentSize(head, n) != frame->size) {
			return false;
		}
	}
	return true;
}

static bool
read_table(struct unpack *unpack)
{
	char foot[STORE_SEEK_FOOTER], head[SKIP_HEAD];
	uint64_t end = unpack->file_size, length;
	char *entries;
	size_t each;
	bool fine;

	if (end < SKIP_HEAD + STORE_SEEK_FOOTER ||
	    read_at(unpack, foot, sizeof(foot), end - sizeof(foot)) != sizeof(foot) ||
	    u32(foot + 5) != STORE_SEEK_FOOT || (foot[4] & 0x7f) != 0) {
		return false;
	}
	each = STORE_SEEK_ENTRY + (foot[4] & 0x80 ? 4 : 0); /* others may add a checksum */
	length = (uint64_t)u32(foot) * each;
	if (u32(foot) > UNPACK_FRAMES_MAX || length > end - SKIP_HEAD - sizeof(foot)) {
		return false;
	}
	end -= length + sizeof(foot) + SKIP_HEAD;
	if (read_at(unpack, head, sizeof(head), end) != sizeof(head) ||
	    u32(head) != STORE_SEEK_MAGIC || u32(head + 4) != length + sizeof(foot)) {
		return false;
	}
	entries = malloc(length + 1);
	CHECK(entries != NULL);
	fine = read_at(unpack, entries, length, end + SKIP_HEAD) == length &&
	       take_entries(unpack, entries, u32(foot), each, end) && lengths_fit(unpack);
	free(entries);
	return fine;
}

/* ---- without it ---- */
static void *
context(struct unpack *unpack)
{
	if (!unpack->context) {
		unpack->context = ZSTD_createDCtx();
		CHECK(unpack->context != NULL);
	}
	return unpack->context;
}

/* a frame that does not say how long its bytes are, as zstd makes it from a pipe: that is tried */
static int
measure(struct unpack *unpack, size_t packed, uint64_t *ret_size)
{
	size_t n;

	need(&unpack->bytes, &unpack->bytes_room, UNPACK_FRAME_MAX);
	n = ZSTD_decompressDCtx(context(unpack), unpack->bytes, UNPACK_FRAME_MAX, unpack->packed,
				packed);
	if (ZSTD_isError(n)) {
		return ZSTD_getErrorCode(n) == ZSTD_error_dstSize_tooSmall ? -EFBIG : -EBADMSG;
	}
	*ret_size = n;
	return 0;
}

/* the frame at `at`: its lengths. 0; -EBADMSG: there is none; -EFBIG: it is too large for us */
static int
look_at_frame(struct unpack *unpack, uint64_t at, uint64_t *ret_packed, uint64_t *ret_size)
{
	size_t room = UNPACK_LOOK, most = ZSTD_compressBound(UNPACK_FRAME_MAX) + 64;

	for (;;) {
		unsigned long long size;
		size_t got, packed;

		need(&unpack->packed, &unpack->packed_room, room);
		unpack->held = SIZE_MAX;
		got = read_at(unpack, unpack->packed, room, at);
		if (got < SKIP_HEAD) {
			return -EBADMSG;
		}
		if ((u32(unpack->packed) & SKIP_MASK) == SKIP_MAGIC) {
			*ret_packed = SKIP_HEAD + (uint64_t)u32(unpack->packed + 4);
			*ret_size = 0;
			return 0;
		}
		size = ZSTD_getFrameContentSize(unpack->packed, got);
		if (size == ZSTD_CONTENTSIZE_ERROR) {
			return -EBADMSG;
		}
		packed = ZSTD_findFrameCompressedSize(unpack->packed, got);
		if (!ZSTD_isError(packed)) {
			*ret_packed = packed;
			*ret_size = size;
			if (size == ZSTD_CONTENTSIZE_UNKNOWN) {
				return measure(unpack, packed, ret_size);
			}
			return size > UNPACK_FRAME_MAX ? -EFBIG : 0;
		}
		if (got < room) {
			return -EBADMSG;
		}
		if (room >= most) { /* behind others it is rather damaged than so large */
			return at == 0 && size > UNPACK_FRAME_MAX ? -EFBIG : -EBADMSG;
		}
		room = most;
	}
}

/* the next place from `at` on that looks like a frame of bounded size; the file's end if none */
static uint64_t
find_frame(struct unpack *unpack, uint64_t at)
{
	static const char magic[UNPACK_MAGIC_LENGTH] = "\x28\xb5\x2f\xfd";
	uint64_t packed, size;
	char block[1 << 14];

	while (at + UNPACK_MAGIC_LENGTH <= unpack->file_size) {
		size_t got = read_at(unpack, block, sizeof(block), at);
		const char *found = memmem(block, got, magic, sizeof(magic));

		if (!found) {
			at += got < sizeof(block) ? unpack->file_size - at
						  : got - (UNPACK_MAGIC_LENGTH - 1);
			continue;
		}
		at += (uint64_t)(found - block);
		if (look_at_frame(unpack, at, &packed, &size) == 0) {
			return at;
		}
		at++;
	}
	return unpack->file_size;
}

static void
walk(struct unpack *unpack)
{
	uint64_t at = 0, packed = 0, size = 0, lost = 0;

	forget_frames(unpack);
	unpack->walked = true;
	unpack->trouble[0] = '\0';
	while (at < unpack->file_size) {
		int r = look_at_frame(unpack, at, &packed, &size);

		if (r == -EFBIG) {
			(void)snprintf(unpack->trouble, sizeof(unpack->trouble),
				       "its frames are too large to be read in place; unpack it "
				       "with zstd -d");
			return;
		}
		if (r < 0) {
			uint64_t next = find_frame(unpack, at + 1);

			/* at the end there is nothing behind it whose place could be wrong */
			packed = next - at;
			size = next < unpack->file_size ? STORE_FRAME : 0;
			lost += packed;
		}
		if (size > 0 && !add(unpack, at, packed, size, r < 0)) {
			return;
		}
		at += packed;
	}
	if (lost > 0) {
		(void)snprintf(unpack->trouble, sizeof(unpack->trouble),
			       "%llu of its %llu packed bytes cannot be read",
			       (unsigned long long)lost, (unsigned long long)unpack->file_size);
	}
}

struct unpack *
unpack_new(int fd)
{
	struct unpack *unpack = calloc(1, sizeof(*unpack));
	struct stat st;

	CHECK(unpack != NULL);
	unpack->fd = fd;
	unpack->held = SIZE_MAX;
	unpack->file_size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	if (!read_table(unpack)) {
		walk(unpack);
	}
	return unpack;
}

struct unpack *
unpack_free(struct unpack *unpack)
{
	if (unpack) {
		forget_frames(unpack);
		(void)ZSTD_freeDCtx(unpack->context);
		free(unpack->packed);
		free(unpack->bytes);
		free(unpack);
	}
	return NULL;
}

/* ---- a frame ---- */
static size_t
find(const struct unpack *unpack, uint64_t at)
{
	size_t low = 0, high = unpack->count; /* the last one that starts at or before `at` */

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (unpack->frames[middle].start <= at) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return low;
}

static bool
unpack_frame(struct unpack *unpack, size_t number)
{
	const struct unpack_frame *frame = &unpack->frames[number];
	size_t n;

	if (frame->hole) {
		return false;
	}
	need(&unpack->packed, &unpack->packed_room, frame->packed);
	need(&unpack->bytes, &unpack->bytes_room, frame->size);
	unpack->held = SIZE_MAX;
	if (read_at(unpack, unpack->packed, frame->packed, frame->at) != frame->packed) {
		return false;
	}
	n = ZSTD_decompressDCtx(context(unpack), unpack->bytes, frame->size, unpack->packed,
				frame->packed);
	if (ZSTD_isError(n) || n != frame->size) {
		return false;
	}
	unpack->held = number;
	return true;
}

/* a frame is not what the table said: is the table wrong, or the frame? */
static void
doubt_table(struct unpack *unpack)
{
	struct unpack_frame *frames = unpack->frames;
	size_t count = unpack->count;
	uint64_t size = unpack->size;
	bool broken = false;

	unpack->frames = NULL;
	walk(unpack);
	for (size_t i = 0; i < unpack->count; i++) {
		broken |= unpack->frames[i].hole;
	}
	if (!broken && unpack->count > 0) {
		free(frames);
		return;
	}
	/* the table knows better how long what is missing was */
	forget_frames(unpack);
	unpack->trouble[0] = '\0';
	unpack->frames = frames;
	unpack->count = count;
	unpack->size = size;
}

int
unpack_load(struct unpack *unpack, uint64_t at, const char **ret_bytes, uint64_t *ret_start,
	    size_t *ret_length)
{
	size_t number;

	if (at >= unpack->size) {
		return -ERANGE;
	}
	number = find(unpack, at);
	if (unpack->held != number && !unpack_frame(unpack, number) && !unpack->walked) {
		uint64_t size = unpack->size;

		doubt_table(unpack);
		if (at >= unpack->size) {
			*ret_start = at;
			*ret_length = size - at;
			return -EBADMSG;
		}
		number = find(unpack, at);
		(void)unpack_frame(unpack, number);
	}
	*ret_start = unpack->frames[number].start;
	*ret_length = unpack->frames[number].size;
	if (unpack->held != number) {
		return -EBADMSG;
	}
	*ret_bytes = unpack->bytes;
	return 0;
}
