/* A frame is a datagram of one size, so there is nothing to parse and nothing to put together: it
 * is whole or it is not a frame. What may come with each kind is a row. */
#include "link/link.h"
#include <errno.h>
#include <string.h>

static const struct row {
	const char *name;
	unsigned char fewest, most; /* descriptors */
} rows[] = {
	[FRAME_HELLO] = { "HELLO", 0, 0 },
	[FRAME_LAUNCH] = { "LAUNCH", 3, FD_PASS_MAX },
	[FRAME_FORGET] = { "FORGET", 0, 0 },
	[FRAME_EXECED] = { "EXECED", 0, 0 },
	[FRAME_HOLD] = { "HOLD", 1, 1 },
	[FRAME_DROP] = { "DROP", 0, 0 },
	[FRAME_DROP_ALL] = { "DROP_ALL", 0, 0 },
	[FRAME_LIST] = { "LIST", 0, 0 },
	[FRAME_ADOPT_LOGGER] = { "ADOPT_LOGGER", 0, 1 },
	[FRAME_UPGRADE] = { "UPGRADE", 1, 1 },
	[FRAME_END] = { "END", 0, 0 },
	[FRAME_CHILD] = { "CHILD", 0, 2 },
	[FRAME_REFUSED] = { "REFUSED", 0, 0 },
	[FRAME_EXITED] = { "EXITED", 0, 0 },
	[FRAME_HELD] = { "HELD", 1, 1 },
	[FRAME_NOT_HELD] = { "NOT_HELD", 0, 0 },
	[FRAME_LIST_END] = { "LIST_END", 0, 0 },
	[FRAME_LOGGER] = { "LOGGER", 0, 1 },
	[FRAME_UPGRADED] = { "UPGRADED", 0, 0 },
	[FRAME_ASKED_END] = { "ASKED_END", 0, 0 },
	[FRAME_STREAM] = { "STREAM", 0, 1 },
	[FRAME_STREAMS_GIVEN] = { "STREAMS_GIVEN", 0, 0 },
	[FRAME_CLOSE] = { "CLOSE", 0, 0 },
	[FRAME_MARK] = { "MARK", 0, 0 },
	[FRAME_DRAIN] = { "DRAIN", 0, 0 },
	[FRAME_GIVE] = { "GIVE", 0, 0 },
	[FRAME_CARE] = { "CARE", 0, 0 },
	[FRAME_LIMITS] = { "LIMITS", 0, 0 },
	[FRAME_STREAMS_WANTED] = { "STREAMS_WANTED", 0, 0 },
	[FRAME_CLOSED] = { "CLOSED", 0, 0 },
	[FRAME_DRAINED] = { "DRAINED", 0, 0 },
	[FRAME_STREAM_HELD] = { "STREAM_HELD", 1, 1 },
	[FRAME_STREAMS_END] = { "STREAMS_END", 0, 0 },
	[FRAME_LOG_TROUBLE] = { "LOG_TROUBLE", 0, 0 },
	[FRAME_CARED] = { "CARED", 0, 0 },
};

static const struct row *
find(uint32_t kind)
{
	return kind < COUNT(rows) && rows[kind].name ? &rows[kind] : NULL;
}

const char *
frame_name(uint32_t kind)
{
	const struct row *row = find(kind);

	return row ? row->name : "unknown frame";
}

bool
frame_is_sound(const struct frame *frame, size_t size, size_t fds)
{
	const struct row *row;

	if (size != sizeof(*frame)) {
		return false;
	}
	row = find(frame->kind);
	if (!row || fds > row->most) {
		return false;
	}
	if (frame->kind == FRAME_STREAM || frame->kind == FRAME_CARE) { /* it is first in both */
		return memchr(frame->stream.name, '\0', sizeof(frame->stream.name)) != NULL;
	}
	return true;
}

int
link_send(int socket, const struct frame *frame, const int *fds, size_t count)
{
	int r = fd_send(socket, frame, sizeof(*frame), fds, count);

	/* the kernel's bound on descriptors that are under way, and its lack of memory, pass as
	 * full sockets do */
	return r == -ETOOMANYREFS || r == -ENOBUFS ? -EAGAIN : r;
}

int
link_receive(int socket, struct frame *ret_frame, int *ret_fds, size_t *ret_count, bool *ret_cut)
{
	struct frame frame;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	bool cut = false;
	ssize_t got = fd_receive(socket, &frame, sizeof(frame), fds, FD_PASS_MAX, &count, &cut);

	/* it died before it had read all of ours; said once, and what it had sent comes after it */
	if (got == -ECONNRESET) {
		got = fd_receive(socket, &frame, sizeof(frame), fds, FD_PASS_MAX, &count, &cut);
	}
	if (got == -ECONNRESET || got == 0) {
		return 0;
	}
	if (got < 0) {
		return got == -EMSGSIZE ? -EBADMSG : (int)got;
	}
	/* too few is not unsound when the kernel had to cut: the receiver answers with EMFILE */
	if (!frame_is_sound(&frame, (size_t)got, count) ||
	    (!cut && count < rows[frame.kind].fewest)) {
		for (size_t i = 0; i < count; i++) {
			(void)fd_close(fds[i]);
		}
		return -EBADMSG;
	}
	*ret_frame = frame;
	memcpy(ret_fds, fds, count * sizeof(fds[0]));
	*ret_count = count;
	*ret_cut = cut;
	return 1;
}
