/* Every descriptor is born here close-on-exec and above 2: a program started with 0 to 2 closed
 * must not hand its control socket to somebody's printf. Linked into the keeper: system calls only,
 * no heap. */
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

bool
fd_is_open(int fd)
{
	return fd >= 0;
}

int
fd_close(int fd)
{
	if (fd_is_open(fd)) {
		int saved = errno;

		(void)close(fd); /* EINTR too has closed it, on Linux */
		errno = saved;
	}
	return -1;
}

void
fd_cleanup(int *fd)
{
	*fd = fd_close(*fd);
}

int
fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

int
fd_raise(int take_fd)
{
	int raised;

	if (!fd_is_open(take_fd)) {
		return -errno;
	}
	if (take_fd > STDERR_FILENO) {
		raised = fcntl(take_fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : take_fd;
		if (raised < 0) {
			(void)fd_close(take_fd);
		}
		return raised;
	}
	raised = fd_dup(take_fd);
	(void)fd_close(take_fd);
	return raised;
}

int
fd_dup(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	return copy < 0 ? -errno : copy;
}

static int
change_flag(int fd, int get, int set, int flag, bool on)
{
	int flags = fcntl(fd, get), wanted;

	if (flags < 0) {
		return -errno;
	}
	wanted = on ? flags | flag : flags & ~flag;
	if (wanted != flags && fcntl(fd, set, wanted) < 0) {
		return -errno;
	}
	return 0;
}

int
fd_set_blocking(int fd, bool blocking)
{
	return change_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, !blocking);
}

int
fd_set_inherited(int fd, bool inherited)
{
	return change_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, !inherited);
}

/* both raised, or none left open */
static int
raise_pair(const int pair[2], int ret_pair[2])
{
	int first = fd_raise(pair[0]), second = fd_raise(pair[1]);

	if (first < 0 || second < 0) {
		(void)fd_close(first);
		(void)fd_close(second);
		return first < 0 ? first : second;
	}
	ret_pair[0] = first;
	ret_pair[1] = second;
	return 0;
}

int
fd_pair(int type, int ret_pair[2])
{
	int pair[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		return -errno;
	}
	return raise_pair(pair, ret_pair);
}

int
fd_memfd(const char *name)
{
	return fd_raise(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
}

int
fd_write_all(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;

	while (n > 0) {
		ssize_t written = write(fd, at, n);

		if (written < 0 && errno == EINTR) {
			continue;
		}
		if (written <= 0) {
			return written < 0 ? -errno : -EIO;
		}
		at += written;
		n -= (size_t)written;
	}
	return 0;
}

union control {
	struct cmsghdr header; /* for alignment */
	char room[CMSG_SPACE(sizeof(int) * FD_PASS_MAX)];
};

int
fd_send(int socket, const void *bytes, size_t n, const int *fds, size_t count)
{
	struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = n };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control = { 0 };
	ssize_t sent;

	if (count > FD_PASS_MAX) {
		return -EINVAL;
	}
	if (count > 0) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * count);
	}
	do {
		sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0) {
		return -errno;
	}
	return (size_t)sent == n ? 0 : -EMSGSIZE;
}

/* moves what came into ret_fds[*count...]; what does not fit is closed */
static void
keep_fds(struct cmsghdr *header, int *ret_fds, size_t max, size_t *count, bool *cut)
{
	size_t n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
		if (*count >= max) {
			(void)fd_close(fd);
			continue;
		}
		fd = fd_raise(fd);
		if (fd < 0) {
			*cut = true;
		} else {
			ret_fds[(*count)++] = fd;
		}
	}
}

ssize_t
fd_receive(int socket, void *bytes, size_t n, int *ret_fds, size_t max, size_t *ret_count,
	   bool *ret_cut)
{
	struct iovec part = { .iov_base = bytes, .iov_len = n };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	size_t count = 0;
	bool cut;
	ssize_t got;

	do {
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		return -errno;
	}
	cut = message.msg_flags & MSG_CTRUNC;
	for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
		if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_RIGHTS) {
			keep_fds(at, ret_fds, max, &count, &cut);
		}
	}
	if (message.msg_flags & MSG_TRUNC) {
		while (count > 0) {
			(void)fd_close(ret_fds[--count]);
		}
		return -EMSGSIZE;
	}
	*ret_count = count;
	*ret_cut = cut;
	return got;
}

int
fd_pidfd(pid_t pid)
{
	return fd_raise((int)syscall(SYS_pidfd_open, pid, 0));
}

int
fd_pidfd_signal(int pidfd, int signal)
{
	return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

/* Linux 5.10 with its root in an initramfs answers ENOENT to an empty path, and filters of
 * containers may know no execveat: then /proc has a path to it */
int
fd_execute(int fd, char *const *argv, char *const *environment)
{
	char path[] = "/proc/self/fd/0000000000", *at = path + sizeof(path) - 1;
	size_t start = sizeof("/proc/self/fd/") - 1;
	unsigned number = (unsigned)fd;

	(void)execveat(fd, "", argv, environment, AT_EMPTY_PATH);
	if (errno != ENOENT && errno != ENOSYS && errno != EPERM && errno != EINVAL) {
		return -errno;
	}
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	memmove(path + start, at, strlen(at) + 1);
	(void)execve(path, argv, environment);
	return -errno;
}
