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
