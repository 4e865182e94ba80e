/* What the other side has acknowledged is known from SIOCOUTQ; that is what makes it possible to
 * say after a broken connection from where to go on. A datagram to a port where nobody listens is
 * answered by an error at the next one, so the forwarder goes back one then. */
#include "logger/syslog-out.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { REST_MAX = 2 << 20 };
static const char KERNEL[] = "kmsg", DEVICE[] = "/dev/kmsg";

bool
syslog_out_init(struct syslog_out *out, struct loop *loop, const char *address,
		void (*on)(struct watch *watch, uint32_t events), struct err *err)
{
	*out = (struct syslog_out){ .loop = loop, .watch = { .fd = -1, .on = on } };
	buf_init(&out->rest, REST_MAX);
	out->kernel = str_equal(address, KERNEL);
	return out->kernel || address_parse(address, &out->address, err);
}

void
syslog_out_done(struct syslog_out *out)
{
	syslog_out_close(out);
}

bool
syslog_out_is_open(const struct syslog_out *out)
{
	return fd_is_open(out->watch.fd);
}

void
syslog_out_close(struct syslog_out *out)
{
	loop_unwatch(out->loop, &out->watch);
	out->watch.fd = fd_close(out->watch.fd);
	buf_done(&out->rest);
	buf_init(&out->rest, REST_MAX);
	out->written = 0;
	out->connecting = false;
}

static enum syslog_out_result
away(struct syslog_out *out, int error)
{
	syslog_out_close(out);
	out->error = error;
	return SYSLOG_OUT_AWAY;
}

static int
connect_to(struct syslog_out *out, int type)
{
	int fd = fd_raise(
		socket(out->address.socket.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));

	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&out->address.socket, out->address.length) < 0 &&
	    errno != EINPROGRESS) {
		int r = -errno;

		(void)fd_close(fd);
		return r;
	}
	out->stream = type == SOCK_STREAM;
	out->connecting = fd >= 0 && out->address.kind == ADDRESS_TCP;
	return fd;
}

enum syslog_out_result
syslog_out_open(struct syslog_out *out)
{
	void (*on)(struct watch * watch, uint32_t events) = out->watch.on;
	int fd, r;

	if (out->kernel) {
		fd = fd_raise(open(DEVICE, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
		out->watch.fd = fd < 0 ? -1 : fd;
		return fd < 0 ? away(out, -fd) : SYSLOG_OUT_SENT;
	}
	fd = connect_to(out, out->address.kind == ADDRESS_TCP ? SOCK_STREAM : SOCK_DGRAM);
	if (fd == -EPROTOTYPE && out->address.kind == ADDRESS_UNIX) {
		fd = connect_to(out, SOCK_STREAM);
	}
	if (fd < 0) {
		return away(out, -fd);
	}
	r = loop_watch(out->loop, &out->watch, fd,
		       EPOLLIN | EPOLLRDHUP | (out->connecting ? EPOLLOUT : 0), LOOP_DATA, on);
	if (r < 0) {
		(void)fd_close(fd);
		out->watch.fd = -1;
		return away(out, -r);
	}
	return out->connecting ? SYSLOG_OUT_FULL : SYSLOG_OUT_SENT;
}

static void
want_room(struct syslog_out *out, bool room)
{
	if (out->watch.watched) {
		(void)loop_change(out->loop, &out->watch,
				  EPOLLIN | EPOLLRDHUP | (room ? EPOLLOUT : 0));
	}
}

/* the rest of a message goes first */
static enum syslog_out_result
flush(struct syslog_out *out)
{
	while (out->rest.length > 0) {
		ssize_t n = send(out->watch.fd, out->rest.data, out->rest.length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
			want_room(out, true);
			return SYSLOG_OUT_FULL;
		}
		if (n < 0) {
			return away(out, errno);
		}
		out->written += (uint64_t)n;
		buf_drop(&out->rest, (size_t)n);
	}
	want_room(out, false);
	return SYSLOG_OUT_SENT;
}

enum syslog_out_result
syslog_out_ready(struct syslog_out *out, uint32_t events)
{
	socklen_t size = sizeof(int);
	char bytes[256];
	int error = 0;

	(void)getsockopt(out->watch.fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error != 0) {
		return away(out, error);
	}
	if (out->stream && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))) {
		ssize_t n = recv(out->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			return away(out, n == 0 ? EPIPE : errno); /* it does not want more */
		}
	} else if (events & EPOLLIN) {
		(void)!recv(out->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	}
	if (events & EPOLLOUT) {
		out->connecting = false;
	}
	return out->connecting ? SYSLOG_OUT_FULL : flush(out);
}

static enum syslog_out_result
send_datagram(struct syslog_out *out, const struct buf *message)
{
	ssize_t n;

	do {
		n = out->kernel ? write(out->watch.fd, message->data, message->length)
				: send(out->watch.fd, message->data, message->length, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0 || errno == EMSGSIZE) { /* no piece is larger than what everybody takes */
		return SYSLOG_OUT_SENT;
	}
	if (errno == EAGAIN || errno == ENOBUFS) {
		want_room(out, true);
		return SYSLOG_OUT_FULL;
	}
	return away(out, errno);
}

enum syslog_out_result
syslog_out_send(struct syslog_out *out, const struct buf *message)
{
	enum syslog_out_result result;

	if (!syslog_out_is_open(out) || out->connecting) {
		return syslog_out_is_open(out) ? SYSLOG_OUT_FULL : away(out, ENOTCONN);
	}
	if (!out->stream) {
		return send_datagram(out, message);
	}
	result = flush(out);
	if (result != SYSLOG_OUT_SENT) {
		return result;
	}
	(void)buf_addf(&out->rest, "%zu ", message->length);
	(void)buf_add(&out->rest, message->data, message->length);
	result = flush(out);
	return result == SYSLOG_OUT_AWAY ? result : SYSLOG_OUT_SENT; /* the rest follows */
}

uint64_t
syslog_out_queued(const struct syslog_out *out)
{
	return out->written + out->rest.length;
}

uint64_t
syslog_out_arrived(const struct syslog_out *out)
{
	int waiting = 0;

	if (!out->stream || ioctl(out->watch.fd, SIOCOUTQ, &waiting) < 0) {
		waiting = 0;
	}
	return out->written - MIN(out->written, (uint64_t)waiting);
}
