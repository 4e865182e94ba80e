/* Memory is counted for all connections together, because that is what a flood of clients costs:
 * whenever a sum is over its limit (LIMIT_REQUESTS, LIMIT_REPLY_QUEUE) the connection that holds
 * most goes, so the small ones that are served beside it never pay. Reading is by a piece from
 * the stack; the buffers exist only while there is something in them. */
#include "wire/conn.h"
#include "base/check.h"
#include "base/fd.h"
#include "wire/encode.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { PIECE = 64 << 10, TAKEN_MAX = 64 << 10 };

static void on_turn(struct timer *timer);
static void on_ready(struct watch *watch, uint32_t events);

struct conn *
conn_new(struct wire_server *server, int take_fd, const struct caller *take_caller)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	CHECK(conn != NULL);
	conn->server = server;
	conn->fd = take_fd;
	conn->caller = *take_caller;
	conn->turn.on = on_turn;
	buf_init(&conn->in, LIMIT_MESSAGE + PIECE + TAKEN_MAX);
	buf_init(&conn->out, LIMIT_REPLY_QUEUE);
	list_init(&conn->link);
	list_init(&conn->call.link);
	list_add(&server->conns, &conn->link);
	server->count++;
	return conn;
}

bool
conn_start(struct conn *conn)
{
	if (loop_watch(conn->server->loop, &conn->watch, conn->fd, EPOLLIN, LOOP_DATA, on_ready) <
	    0) {
		conn_kill(conn);
	}
	return !conn->dead;
}

static void
count(struct conn *conn)
{
	struct wire_server *server = conn->server;
	size_t in = conn->dead ? 0 : conn->in.length - conn->taken;
	size_t out = conn->dead ? 0 : conn->out.length - conn->sent;

	server->in += in - conn->counted_in; /* unsigned, also downwards */
	server->out += out - conn->counted_out;
	conn->counted_in = in;
	conn->counted_out = out;
}

void
conn_kill(struct conn *conn)
{
	struct wire_server *server = conn->server;

	if (conn->dead) {
		return;
	}
	conn->dead = true;
	count(conn);
	buf_done(&conn->in);
	buf_done(&conn->out);
	loop_unwatch(server->loop, &conn->watch);
	conn->fd = fd_close(conn->fd);
	list_remove(&conn->link);
	list_add(&server->dead, &conn->link);
	server->count--;
	loop_arm(server->loop, &conn->turn, 0);
	if (!server->watch.events) { /* descriptors had run out; now there is one */
		loop_arm(server->loop, &server->retry, 0);
	}
}

/* Who is told that his caller left, or answers, may be about to end the whole server. So nothing
 * of the server is touched after `gone`, and memory that call_begin still stands on is left to
 * take_message. */
struct conn *
conn_free(struct conn *conn)
{
	bool was_open;

	if (!conn) {
		return NULL;
	}
	was_open = conn->open;
	conn_kill(conn);
	loop_disarm(conn->server->loop, &conn->turn);
	list_remove(&conn->link);
	list_remove(&conn->call.link);
	conn->open = false;
	if (was_open && conn->call.gone) {
		conn->call.gone(&conn->call);
	}
	if (was_open) {
		json_decref(conn->call.parameters);
	}
	conn->caller.pidfd = fd_close(conn->caller.pidfd);
	conn->orphan = conn->begun;
	if (!conn->orphan) {
		free(conn);
	}
	return NULL;
}

bool
conn_is_idle(const struct conn *conn)
{
	return !conn->open && conn->out.length == conn->sent;
}

/* a sum is over its limit: who holds most goes */
static void
shrink(struct wire_server *server)
{
	while (server->in > LIMIT_REQUESTS || server->out > LIMIT_REPLY_QUEUE) {
		bool by_in = server->in > LIMIT_REQUESTS;
		struct conn *largest = NULL;
		size_t most = 0;

		LIST_EACH(conn, &server->conns, struct conn, link) {
			size_t holds = by_in ? conn->counted_in : conn->counted_out;

			if (holds > most) {
				most = holds;
				largest = conn;
			}
		}
		CHECK(largest != NULL);
		if (by_in) {
			conn_refuse(largest, "io.tend.Busy", "too many unfinished requests");
		} else {
			conn_kill(largest);
		}
	}
}

static const char *
whole_message(struct conn *conn, size_t *ret_length) /* NULL: there is none yet */
{
	const char *start, *end;

	if (conn->in.length == conn->taken) {
		return NULL;
	}
	start = conn->in.data + conn->taken;
	end = memchr(start + conn->searched, '\0', conn->in.length - conn->taken - conn->searched);
	if (!end) {
		conn->searched = conn->in.length - conn->taken;
		return NULL;
	}
	*ret_length = (size_t)(end - start);
	return start;
}

/* watches what the connection's state asks for */
static void
settle(struct conn *conn)
{
	size_t length;
	uint32_t events = EPOLLIN;

	if (conn->dead) {
		return;
	}
	count(conn);
	if (conn->out.length > conn->sent) {
		events = EPOLLOUT;
	} else if (conn->open) {
		events = EPOLLHUP;
	} else if (whole_message(conn, &length)) {
		events = 0;
		loop_arm(conn->server->loop, &conn->turn, 0);
	}
	if (conn->watch.watched && loop_change(conn->server->loop, &conn->watch, events) < 0) {
		conn_kill(conn);
	}
}

/* the first message in the buffer, if it is whole and its turn */
static void
take_message(struct conn *conn)
{
	size_t length;
	const char *message;
	bool good;

	if (conn->dead || !conn_is_idle(conn)) {
		return;
	}
	message = whole_message(conn, &length);
	if (message) {
		list_remove(&conn->link); /* the last to ask is the last in the list */
		list_add(&conn->server->conns, &conn->link);
		conn->taken += length + 1;
		conn->searched = 0;
		count(conn);
		if (length > LIMIT_MESSAGE) {
			conn_refuse(conn, "io.tend.BadInput", "the request is too large");
			return;
		}
		conn->begun = true;
		good = call_begin(conn, message, length);
		conn->begun = false;
		if (conn->orphan) {
			free(conn);
			return;
		}
		if (!good) {
			return;
		}
		if (conn->taken == conn->in.length || conn->taken > TAKEN_MAX) {
			buf_drop(&conn->in, conn->taken);
			conn->taken = 0;
		}
	}
	settle(conn);
}

/* bytes of a message whose end is not there yet: can they still become one? */
static void
judge_half(struct conn *conn)
{
	const char *start = conn->in.data + conn->taken;
	size_t n = conn->in.length - conn->taken;

	if (n <= PIECE && !strchr("{", start[strspn(start, " \t\r\n")])) {
		conn_refuse(conn, "io.tend.BadInput", "a request is a JSON object and ends in NUL");
	} else if (n > LIMIT_MESSAGE) {
		conn_refuse(conn, "io.tend.BadInput", "the request is too large");
	}
}

static void
read_some(struct conn *conn)
{
	char piece[PIECE];
	ssize_t n = recv(conn->fd, piece, sizeof(piece), MSG_DONTWAIT);
	size_t length;

	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		return;
	}
	if (n <= 0) {
		conn_kill(conn);
		return;
	}
	CHECK(buf_add(&conn->in, piece, (size_t)n)); /* it never passes a message and two pieces */
	count(conn);
	if (!whole_message(conn, &length)) {
		judge_half(conn);
		shrink(conn->server);
	}
	take_message(conn);
}

static void
on_ready(struct watch *watch, uint32_t events)
{
	struct conn *conn = CONTAINER(watch, struct conn, watch);

	if (conn->out.length > conn->sent) {
		if (!conn_flush(conn)) {
			return;
		}
		settle(conn);
		return;
	}
	if (conn->open) {
		if (events & (EPOLLHUP | EPOLLERR)) {
			conn_kill(conn);
		}
		return;
	}
	read_some(conn);
}

static void
on_turn(struct timer *timer)
{
	struct conn *conn = CONTAINER(timer, struct conn, turn);

	if (conn->dead) {
		(void)conn_free(conn);
		return;
	}
	take_message(conn);
}

bool
conn_flush(struct conn *conn)
{
	while (!conn->dead && conn->sent < conn->out.length) {
		ssize_t n = send(conn->fd, conn->out.data + conn->sent,
				 conn->out.length - conn->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			if (errno != EAGAIN) {
				conn_kill(conn);
			}
			break;
		}
		conn->sent += (size_t)n;
	}
	if (conn->dead) {
		return false;
	}
	if (conn->sent == conn->out.length) {
		buf_clear(&conn->out);
		conn->sent = 0;
	}
	count(conn);
	return conn->sent == conn->out.length;
}

static bool
open_message(struct buf *out, const char *error, bool continues)
{
	return buf_add_char(out, '{') &&
	       (!error || (buf_add_str(out, "\"error\":\"") && buf_add_str(out, error) &&
			   buf_add_str(out, "\","))) &&
	       (!continues || buf_add_str(out, "\"continues\":true,")) &&
	       buf_add_str(out, "\"parameters\":");
}

static bool
compose(struct buf *out, const char *error, const json_t *parameters, bool continues)
{
	return open_message(out, error, continues) &&
	       (parameters ? encode_json(out, parameters) : buf_add_str(out, "{}")) &&
	       buf_add(out, "}", 2); /* with its NUL */
}

static bool
compose_list(struct buf *out, const char *key, call_item next, void *context)
{
	const char *before = "";
	json_t *item;
	bool fits = open_message(out, NULL, false) && buf_addf(out, "{\"%s\":[", key);

	while (fits && (item = next(context))) {
		fits = buf_add_str(out, before) && encode_json(out, item);
		json_decref(item);
		before = ",";
	}
	return fits && buf_add(out, "]}}", 4);
}

static void
make_room(struct conn *conn)
{
	if (conn->sent > conn->out.length / 2) { /* a stream that its reader follows slowly */
		buf_drop(&conn->out, conn->sent);
		conn->sent = 0;
	}
}

static void
send_out(struct conn *conn, bool fits)
{
	if (!fits) {
		conn_kill(conn);
		return;
	}
	if (!conn_flush(conn)) {
		shrink(conn->server);
	}
	settle(conn);
}

void
conn_send(struct conn *conn, const char *error, const json_t *parameters, bool continues)
{
	if (!conn->dead) {
		make_room(conn);
		send_out(conn, compose(&conn->out, error, parameters, continues));
	}
}

void
conn_send_list(struct conn *conn, const char *key, call_item next, void *context)
{
	if (!conn->dead) {
		make_room(conn);
		send_out(conn, compose_list(&conn->out, key, next, context));
	}
}

void
conn_refuse(struct conn *conn, const char *error, const char *text)
{
	json_t *parameters = json_pack("{s:s}", "text", text);

	CHECK(parameters != NULL);
	if (!conn->dead && conn->out.length == conn->sent &&
	    compose(&conn->out, error, parameters, false)) {
		(void)conn_flush(conn);
	}
	json_decref(parameters);
	conn_kill(conn);
}

void
conn_call_ended(struct conn *conn)
{
	conn->open = false;
	settle(conn);
}
