/* Reading as much as was asked for. Apart from fd.c, for the keeper reads nothing but frames. */
#include "base/fd.h"
#include <errno.h>
#include <unistd.h>

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
