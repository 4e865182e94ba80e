/* Two things are held to at once. The reader of JSON and jansson's take the same texts and say the
 * same. And a server's connection is given the input as bytes from a client, in pieces: whatever
 * comes, nothing breaks, every sound call reaches the handler in order, and what the handler gets
 * fits the interface. */
#include "base/fd.h"
#include "base/check.h"
#include "base/clock.h"
#include "wire/conn.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
compare(const char *text, size_t n)
{
	json_t *wanted = json_loadb(text, n, JSON_DECODE_ANY, NULL);
	struct err err;
	json_t *got = decode_json(text, n, 0, &err);
	bool deep = !got && strstr(err.text, "too many brackets");

	CHECK(deep || !wanted == !got);
	CHECK(deep || json_equal(wanted, got) || !wanted);
	if (got) {
		struct buf again;
		json_t *back;

		buf_init(&again, 64 << 20);
		CHECK(encode_json(&again, got));
		back = decode_json(again.data, again.length, 0, &err);
		CHECK(back != NULL);
		json_decref(back);
		buf_done(&again);
	}
	json_decref(wanted);
	json_decref(got);
}

struct played {
	struct list kept; /* call.link */
	int calls;
};

static void
on_gone(struct call *call)
{
	list_remove(&call->link);
}

static void
on_call(struct call *call, void *context)
{
	struct played *played = context;
	struct err err;

	CHECK(schema_check_call(verb_table[call->verb].method, call->parameters, &err));
	played->calls++;
	if (call->more) {
		call_more(call, json_incref(call->parameters));
	}
	if (played->calls % 3 == 0) {
		call->gone = on_gone;
		list_add(&played->kept, &call->link);
	} else if (played->calls % 3 == 1) {
		call_reply(call, json_incref(call->parameters));
	} else {
		call_fail_text(call, "Failed", "%d", played->calls);
	}
}

struct ending {
	struct timer timer;
	struct loop *loop;
};

static void
on_end(struct timer *timer)
{
	loop_stop(CONTAINER(timer, struct ending, timer)->loop, 0);
}

/* some turns of the loop: until what is ready has been taken */
static void
turn(struct loop *loop)
{
	struct ending ending = { .timer.on = on_end, .loop = loop };

	for (int i = 0; i < 4; i++) {
		loop_arm(loop, &ending.timer, 1);
		CHECK(loop_run(loop) == 0);
	}
}

static void
feed(const char *bytes, size_t n)
{
	struct played played = { .calls = 0 };
	struct loop *loop = loop_new();
	struct caller caller = { .pidfd = -1 };
	struct wire_server *server;
	struct conn *conn;
	int listening = fd_raise(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), pair[2];
	struct sockaddr address = { .sa_family = AF_UNIX }; /* any name */
	char heard[4096];

	list_init(&played.kept);
	CHECK(loop && fd_is_open(listening) && fd_pair(SOCK_STREAM, pair) == 0);
	CHECK(bind(listening, &address, sizeof(sa_family_t)) == 0 && listen(listening, 1) == 0);
	server = wire_server_new(loop, listening, geteuid(), on_call, &played);
	conn = conn_new(server, pair[0], &caller);
	CHECK(conn_start(conn));
	while (n > 0) {
		size_t piece = MIN(n, 1 + (size_t)(uint8_t)bytes[0]);
		ssize_t written = send(pair[1], bytes, piece, MSG_NOSIGNAL);

		if (written < 0) {
			break;
		}
		bytes += written;
		n -= (size_t)written;
		turn(loop);
		while (recv(pair[1], heard, sizeof(heard), 0) > 0) {
		}
	}
	while (!list_is_empty(&played.kept)) {
		struct call *call = LIST_FIRST(&played.kept, struct call, link);

		call_reply(call, NULL);
		turn(loop);
	}
	(void)fd_close(pair[1]);
	turn(loop);
	(void)wire_server_free(server);
	(void)loop_free(loop);
	(void)fd_close(listening);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	CHECK(text != NULL);
	if (size > 0) {
		memcpy(text, data, size);
	}
	text[size] = '\0';
	if (!memchr(text, '\0', size)) {
		compare(text, size);
	}
	feed(text, size);
	free(text);
	return 0;
}
