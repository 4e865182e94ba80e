/* Frames as they come out of a socket: any bytes, any number of descriptors; none may stay open
 * that was not given out. */
#include "link/link.h"
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int pair[2], null_fd;

static void
prepare(void)
{
	if (fd_pair(SOCK_SEQPACKET, pair) < 0) {
		abort();
	}
	null_fd = fd_raise(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

/* the lowest number that is free */
static int
next_number(void)
{
	int fd = fd_dup(null_fd);

	(void)close(fd);
	return fd;
}

static void
receive(void)
{
	struct frame frame;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	bool cut;

	if (link_receive(pair[1], &frame, fds, &count, &cut) == 1) {
		if (!frame_is_sound(&frame, sizeof(frame), count) ||
		    strcmp(frame_name(frame.kind), "unknown frame") == 0 ||
		    (frame.kind == FRAME_STREAM &&
		     strnlen(frame.stream.name, sizeof(frame.stream.name)) ==
			     sizeof(frame.stream.name))) {
			abort();
		}
		while (count > 0) {
			(void)close(fds[--count]);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	unsigned char whole[sizeof(struct frame) + 8] = { 0 };
	int fds[FD_PASS_MAX], before;
	size_t count;

	if (size < 2) {
		return 0;
	}
	if (null_fd == 0) {
		prepare();
	}
	before = next_number();
	count = bytes[0] % (FD_PASS_MAX + 1);
	for (size_t i = 0; i < count; i++) {
		fds[i] = null_fd;
	}
	/* most are given the right size, so that what is inside is reached */
	memcpy(whole, bytes + 2, size - 2 < sizeof(whole) ? size - 2 : sizeof(whole));
	size = bytes[1] < 250 ? sizeof(struct frame) : bytes[1];
	if (fd_send(pair[0], whole, size, fds, count) == 0) {
		receive();
	}
	if (next_number() != before) {
		abort(); /* something was left open */
	}
	return 0;
}
