/* The client: blocking, one call at a time, because a command of a person has nothing else to do.
 * While it waits it also watches the interrupt descriptor.
 * A server that has no room says so and closes before it has read anything. So a request that
 * cannot be written is no reason to give up: what the other side said before it closed is read
 * first. */
#include "wire/wire.h"
#include "base/check.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/str.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { PIECE = 64 << 10, REQUEST_MAX = LIMIT_MESSAGE + (1 << 20) };

struct wire {
	int fd, interrupt;
	struct buf in;
	size_t taken, searched; /* of in */
	bool waiting;           /* for the last reply of a call */
};

struct wire *
wire_connect(const char *socket_path, struct err *err)
{
	struct sockaddr_un address;
	socklen_t length;
	autoclose int directory = -1;
	autoclose int fd = fd_raise(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	struct wire *wire;
	int r = fd_is_open(fd) ? 0 : fd;

	if (r == 0) {
		r = file_socket_address(socket_path, &address, &length, &directory);
	}
	while (r == 0 && connect(fd, (struct sockaddr *)&address, length) < 0) {
		r = errno == EINTR ? 0 : -errno;
	}
	if (r < 0) {
		(void)err_set_errno(err, -r, "connecting to %s", socket_path);
		return NULL;
	}
	wire = calloc(1, sizeof(*wire));
	CHECK(wire != NULL);
	wire->fd = fd_take(&fd);
	wire->interrupt = -1;
	buf_init(&wire->in, LIMIT_REPLY_QUEUE + PIECE);
	return wire;
}

struct wire *
wire_close(struct wire *wire)
{
	if (wire) {
		(void)fd_close(wire->fd);
		buf_done(&wire->in);
		free(wire);
	}
	return NULL;
}

int
wire_fd(const struct wire *wire)
{
	return wire->fd;
}

void
wire_interrupt_fd(struct wire *wire, int fd)
{
	wire->interrupt = fd;
}

void
wire_answer_done(struct wire_answer *answer)
{
	free(answer->error);
	json_decref(answer->parameters);
	*answer = (struct wire_answer){ 0 };
}

json_t *
wire_string(const char *bytes)
{
	json_t *string = json_string(bytes);
	autofree char *plain = NULL;

	if (string) {
		return string;
	}
	plain = str_dup(bytes);
	for (char *c = plain; *c;) {
		size_t n = *c & 0x80 ? decode_sequence(c) : 1;

		if (n == 0) {
			*c = '?';
		}
		c += MAX(n, 1);
	}
	string = json_string(plain);
	CHECK(string != NULL);
	return string;
}

/* ---- waiting ---- */

enum waited { WAITED_READY, WAITED_INTERRUPTED };

static enum waited
wait_for(const struct wire *wire, short events)
{
	struct pollfd p[2] = { { .fd = wire->fd, .events = events },
			       { .fd = wire->interrupt, .events = POLLIN } };

	for (;;) {
		int n = poll(p, 2, -1);

		CHECK(n >= 0 || errno == EINTR);
		if (n > 0) { /* what has come is worth more than an interruption */
			return p[0].revents ? WAITED_READY : WAITED_INTERRUPTED;
		}
	}
}

static bool
has_message(struct wire *wire, const char **ret_start, size_t *ret_length)
{
	size_t n = wire->in.length - wire->taken;
	const char *end;

	if (n == 0) {
		return false;
	}
	*ret_start = wire->in.data + wire->taken;
	end = memchr(*ret_start + wire->searched, '\0', n - wire->searched);
	wire->searched = n;
	if (!end) {
		return false;
	}
	*ret_length = (size_t)(end - *ret_start);
	return true;
}

static enum wire_result
gone(struct wire *wire, int number, struct err *err)
{
	wire->waiting = false;
	if (number > 0) {
		(void)err_set_errno(err, number, "the connection to tendd broke");
	} else {
		(void)err_set(err, "tendd closed the connection before it answered");
	}
	return WIRE_GONE;
}

/* ---- replies ---- */

static enum wire_result
bad(struct wire *wire, struct err *err)
{
	wire->waiting = false;
	(void)err_prefix(err, "the answer is not Varlink");
	return WIRE_BAD;
}

static enum wire_result
interpret(struct wire *wire, const char *text, size_t n, struct wire_answer *ret_answer,
	  struct err *err)
{
	json_t *message = decode_json(text, n, 0, err);
	json_t *parameters = json_object_get(message, "parameters");
	const char *error = json_string_value(json_object_get(message, "error"));
	bool continues = json_is_true(json_object_get(message, "continues"));

	if (!message) {
		return bad(wire, err);
	}
	if (!json_is_object(message) ||
	    (parameters && !json_is_object(parameters) && !json_is_null(parameters))) {
		json_decref(message);
		(void)err_set(err, "neither a reply nor an error");
		return bad(wire, err);
	}
	ret_answer->error = str_dup(error);
	ret_answer->parameters =
		json_is_object(parameters) ? json_incref(parameters) : json_object();
	json_decref(message);
	wire->waiting = !error && continues;
	return error ? WIRE_ERROR : continues ? WIRE_MORE : WIRE_REPLY;
}

static int
receive(struct wire *wire) /* bytes, 0 at the end, or -errno */
{
	char piece[PIECE];
	ssize_t n = recv(wire->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n <= 0) {
		return n < 0 ? -errno : 0;
	}
	return buf_add(&wire->in, piece, (size_t)n) ? (int)n : -EMSGSIZE;
}

enum wire_result
wire_call_next(struct wire *wire, struct wire_answer *ret_answer, struct err *err)
{
	const char *start;
	size_t length;
	enum wire_result result;

	CHECK(wire->waiting);
	while (!has_message(wire, &start, &length)) {
		int n = receive(wire);

		if (n == -EAGAIN && wait_for(wire, POLLIN) == WAITED_INTERRUPTED) {
			return WIRE_INTERRUPTED;
		}
		if (n <= 0 && n != -EAGAIN && n != -EINTR) {
			return gone(wire, -n, err);
		}
	}
	result = interpret(wire, start, length, ret_answer, err);
	wire->taken += length + 1;
	wire->searched = 0;
	buf_drop(&wire->in, wire->taken);
	wire->taken = 0;
	return result;
}

/* ---- requests ---- */

static void
compose(struct buf *text, const char *method, const json_t *parameters, bool more)
{
	(void)buf_add_str(text, "{\"method\":\"");
	if (!strchr(method, '.')) {
		(void)buf_add_str(text, "io.tend.");
	}
	(void)buf_add_str(text, method);
	(void)buf_add_str(text, more ? "\",\"more\":true" : "\"");
	if (parameters) {
		(void)buf_add_str(text, ",\"parameters\":");
		(void)encode_json(text, parameters);
	}
	(void)buf_add(text, "}", 2);
}

/* 0, or -errno: the other side does not listen any more. An interruption has to wait: half a
 * request is none */
static int
transmit(const struct wire *wire, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(wire->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = wire->fd, .events = POLLOUT };

			(void)poll(&p, 1, -1);
		} else if (sent < 0 && errno != EINTR) {
			return -errno;
		} else if (sent > 0) {
			bytes += sent;
			n -= (size_t)sent;
		}
	}
	return 0;
}

enum wire_result
wire_call(struct wire *wire, const char *method, json_t *take_parameters, bool more,
	  struct wire_answer *ret_answer, struct err *err)
{
	struct buf text;
	enum wire_result result;
	struct err later;
	int r;

	CHECK(!wire->waiting);
	buf_init(&text, REQUEST_MAX);
	compose(&text, method, take_parameters, more);
	json_decref(take_parameters);
	if (text.full) {
		buf_done(&text);
		(void)err_set(err, "the request is too large");
		return WIRE_BAD;
	}
	wire->waiting = true;
	r = transmit(wire, text.data, text.length);
	buf_done(&text);
	if (r == 0) {
		return wire_call_next(wire, ret_answer, err);
	}
	result = wire_call_next(wire, ret_answer, &later);
	return result == WIRE_GONE ? gone(wire, -r, err) : result;
}
