/* Who may connect, and how many. A caller whose user may not ask is told so and dropped before it
 * sends anything. When all places are taken, the connection that has been silent for longest
 * gives way to the new one: a thousand idle connections keep nobody out. Only when every place
 * waits for an answer is the new one turned away. When no descriptor is left, a reserve one is
 * given up to accept, tell and close; if even that fails, the listening socket is not watched
 * until a connection ends or a second has passed, else the loop would spin. */
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "wire/conn.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
	RETRY_MS = 1000,
	SEND_BUFFER = 208 << 10 /* the usual maximum: a long list leaves in a few pieces */
};

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

static void
open_reserve(struct wire_server *server)
{
	if (!fd_is_open(server->reserve)) {
		server->reserve = fd_raise(open("/dev/null", O_RDONLY | O_CLOEXEC));
		server->reserve = MAX(server->reserve, -1);
	}
}

static bool
is_connected(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) == 0;
}

/* Where the kernel has no SO_PEERPIDFD, a pid is made a pidfd: while the connection is held at
 * the other end, the pid is that of the one who made it, unless it gave the connection away and
 * ended. */
static int
peer_pidfd(int fd, pid_t pid)
{
	socklen_t size = sizeof(int);
	int pidfd;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) == 0) {
		return MAX(fd_raise(pidfd), -1);
	}
	if (errno != ENOPROTOOPT) {
		return -1;
	}
	pidfd = MAX(fd_pidfd(pid), -1);
	return is_connected(fd) ? pidfd : fd_close(pidfd);
}

/* the longest silent connection, of this uid if `of_user`; NULL: all wait for an answer */
static struct conn *
silent(struct wire_server *server, bool of_user, uid_t uid)
{
	LIST_EACH(conn, &server->conns, struct conn, link) {
		if (conn_is_idle(conn) && (!of_user || conn->caller.uid == uid)) {
			return conn;
		}
	}
	return NULL;
}

static size_t
count_of_user(const struct wire_server *server, uid_t uid)
{
	size_t n = 0;

	LIST_EACH(conn, &server->conns, struct conn, link) {
		n += conn->caller.uid == uid;
	}
	return n;
}

static bool
make_room(struct wire_server *server, bool of_user, uid_t uid)
{
	struct conn *conn = silent(server, of_user, uid);

	if (conn) {
		conn_refuse(conn, "io.tend.Busy", "closed for a newer one: too many connections");
	}
	return conn != NULL;
}

static bool
has_room(struct wire_server *server, uid_t uid)
{
	if (uid != server->owner && count_of_user(server, uid) >= LIMIT_CLIENTS_OF_USER &&
	    !make_room(server, true, uid)) {
		return false;
	}
	return server->count < LIMIT_CLIENTS || make_room(server, false, 0);
}

static void
admit(struct wire_server *server, int take_fd)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(cred);
	struct caller caller = { .pidfd = -1 };
	int buffer = SEND_BUFFER;
	struct conn *conn;
	bool room;

	if (getsockopt(take_fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) < 0) {
		(void)fd_close(take_fd);
		return;
	}
	caller.uid = cred.uid;
	caller.gid = cred.gid;
	caller.pid = cred.pid;
	if (cred.uid != server->owner && cred.uid != 0) {
		conn_refuse(conn_new(server, take_fd, &caller), "io.tend.NotPermitted",
			    "this tendd is another user's");
		return;
	}
	room = has_room(server, cred.uid);
	(void)setsockopt(take_fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	if (room) {
		caller.pidfd = peer_pidfd(take_fd, cred.pid);
	}
	conn = conn_new(server, take_fd, &caller);
	if (!room) {
		conn_refuse(conn, "io.tend.Busy", "too many connections");
		return;
	}
	(void)conn_start(conn);
}

static void
on_retry(struct timer *timer)
{
	struct wire_server *server = CONTAINER(timer, struct wire_server, retry);

	open_reserve(server);
	if (loop_change(server->loop, &server->watch, EPOLLIN) < 0) {
		loop_arm(server->loop, &server->retry, clock_now() + RETRY_MS * CLOCK_MS);
	}
}

/* accept has failed for lack of something */
static void
turn_away(struct wire_server *server)
{
	struct caller nobody = { .uid = (uid_t)-1, .gid = (gid_t)-1, .pidfd = -1 };
	int fd;

	server->reserve = fd_close(server->reserve);
	fd = fd_raise(accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
	if (fd_is_open(fd)) {
		conn_refuse(conn_new(server, fd, &nobody), "io.tend.Busy", "out of descriptors");
	}
	open_reserve(server);
	if (!fd_is_open(server->reserve)) {
		(void)loop_change(server->loop, &server->watch, 0);
		loop_arm(server->loop, &server->retry, clock_now() + RETRY_MS * CLOCK_MS);
	}
}

/* one a turn: so that all who left before this one came have made room (LOOP_EXIT is last) */
static void
on_listen(struct watch *watch, uint32_t events)
{
	struct wire_server *server = CONTAINER(watch, struct wire_server, watch);
	int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			turn_away(server);
		}
		return;
	}
	fd = fd_raise(fd);
	if (fd_is_open(fd)) {
		admit(server, fd);
	}
}

struct wire_server *
wire_server_new(struct loop *loop, int listen_fd, uid_t owner,
		void (*on)(struct call *call, void *context), void *context)
{
	struct wire_server *server = calloc(1, sizeof(*server));

	CHECK(server != NULL);
	server->loop = loop;
	server->listen_fd = listen_fd;
	server->owner = owner;
	server->on = on;
	server->context = context;
	server->retry.on = on_retry;
	server->reserve = -1;
	list_init(&server->conns);
	list_init(&server->dead);
	open_reserve(server);
	CHECK(fd_set_blocking(listen_fd, false) == 0);
	CHECK(loop_watch(loop, &server->watch, listen_fd, EPOLLIN, LOOP_EXIT, on_listen) == 0);
	return server;
}

struct wire_server *
wire_server_free(struct wire_server *server)
{
	if (!server) {
		return NULL;
	}
	loop_unwatch(server->loop, &server->watch);
	while (!list_is_empty(&server->conns)) { /* who is told may end others */
		(void)conn_free(LIST_FIRST(&server->conns, struct conn, link));
	}
	while (!list_is_empty(&server->dead)) {
		(void)conn_free(LIST_FIRST(&server->dead, struct conn, link));
	}
	loop_disarm(server->loop, &server->retry);
	(void)fd_close(server->reserve);
	free(server);
	return NULL;
}

void
wire_server_flush(struct wire_server *server, int64_t until)
{
	while (server->out > 0) {
		int64_t left = (until - clock_now()) / CLOCK_MS;
		struct pollfd *wait = calloc(server->count, sizeof(*wait));
		size_t n = 0;

		CHECK(wait != NULL);
		LIST_EACH(conn, &server->conns, struct conn, link) {
			if (!conn_flush(conn) && !conn->dead) {
				wait[n++] = (struct pollfd){ .fd = conn->fd, .events = POLLOUT };
			}
		}
		if (left > 0 && n > 0) {
			(void)poll(wait, n, (int)MIN(left, 1000));
		}
		free(wait);
		if (left <= 0 || n == 0) {
			return;
		}
	}
}

size_t
wire_server_clients(const struct wire_server *server)
{
	return server->count;
}
