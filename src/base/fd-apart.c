/* What the keeper has no use for, so that it does not carry it. */
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

int
fd_seal(int fd)
{
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) {
		return -errno;
	}
	return 0;
}

int
fd_pipe(int ret_pair[2])
{
	int pair[2], first, second;

	if (pipe2(pair, O_CLOEXEC) < 0) {
		return -errno;
	}
	first = fd_raise(pair[0]);
	second = fd_raise(pair[1]);
	if (first < 0 || second < 0) {
		(void)fd_close(first);
		(void)fd_close(second);
		return first < 0 ? first : second;
	}
	ret_pair[0] = first;
	ret_pair[1] = second;
	return 0;
}

ssize_t
fd_read_all(int fd, void *bytes, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = read(fd, (char *)bytes + got, n - got);

		if (r < 0 && errno == EINTR) {
			continue;
		}
		if (r < 0) {
			return -errno;
		}
		if (r == 0) {
			break;
		}
		got += (size_t)r;
	}
	return (ssize_t)got;
}

bool
fd_pidfd_dead(int pidfd)
{
	struct pollfd what = { .fd = pidfd, .events = POLLIN };
	int r;

	do {
		r = poll(&what, 1, 0);
	} while (r < 0 && errno == EINTR);
	return r > 0 && (what.revents & (POLLIN | POLLHUP)) != 0;
}
