/* serving: a server in a process of its own, and clients that speak bytes. What the handler does is
 * chosen by the verb: Info    numbers about the server          Cat     says the name again Why a
 * text of as many bytes as `name` says   Wait, Watch  are kept Reset   answers all that is kept
 * Signal  a piece of `signal` bytes to each Watch Status  sets RLIMIT_NOFILE to `name`      Upgrade
 * answers with `executable` bytes and ends the server */
#pragma once
#include "test.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "wire/conn.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

struct serving {
	char *directory, *path;
	pid_t pid;
	uid_t owner;
};

struct served { /* in the server's process */
	struct loop *loop;
	struct wire_server *server;
	struct list kept; /* call.link */
	long gone, calls;
};

enum { SERVING_WAIT_MS = 60000 };

static UNUSED json_t *
serving_text(size_t n)
{
	autofree char *text = malloc(n + 1);

	memset(text, 'x', n);
	text[n] = '\0';
	return json_pack("{s:s}", "text", text);
}

static UNUSED uint64_t
serving_number(struct call *call, const char *key)
{
	const char *text = json_string_value(json_object_get(call->parameters, key));
	uint64_t number = 0;

	(void)str_to_u64(text ? text : "0", &number);
	return number;
}

static UNUSED void
serving_gone(struct call *call)
{
	struct served *served = call->context;

	served->gone++;
	list_remove(&call->link);
}

static UNUSED void
serving_free_now(struct served *served)
{
	served->server = wire_server_free(served->server);
	loop_stop(served->loop, 0);
}

static UNUSED void
serving_gone_for_good(struct call *call)
{
	list_remove(&call->link);
	serving_free_now(call->context);
}

static UNUSED void
serving_keep(struct served *served, struct call *call)
{
	call->context = served;
	call->gone = serving_gone;
	list_add(&served->kept, &call->link);
	if (call->verb == VERB_watch) { /* so that the caller knows that it is there */
		call_more(call, NULL);
	}
}

static UNUSED void
serving_answer_kept(struct served *served)
{
	while (!list_is_empty(&served->kept)) {
		struct call *call = LIST_FIRST(&served->kept, struct call, link);

		list_remove(&call->link);
		call_reply(call, json_pack("{s:[]}", "results"));
	}
}

static UNUSED void
serving_stream(struct served *served, size_t n)
{
	LIST_EACH(call, &served->kept, struct call, link) {
		if (call->verb == VERB_watch) {
			call_more(call, serving_text(n));
		}
	}
}

static UNUSED json_t *
serving_info(struct served *served)
{
	long kept = 0;

	LIST_EACH(call, &served->kept, struct call, link) {
		kept++;
	}
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "clients",
			 (int)wire_server_clients(served->server), "gone", (int)served->gone,
			 "kept", (int)kept, "calls", (int)served->calls, "listening",
			 served->server->watch.events != 0, "in", (int)served->server->in, "out",
			 (int)served->server->out);
}

static UNUSED void
serving_limit(uint64_t n)
{
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = MIN(n, limit.rlim_max);
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* {"units":[0,1,2 ...]}: as many as names has, which must last until the last is made */
struct serving_list {
	const json_t *names;
	size_t at;
};

static UNUSED json_t *
serving_list_next(void *context)
{
	struct serving_list *list = context;

	return list->at < json_array_size(list->names) ? json_integer((json_int_t)list->at++)
						       : NULL;
}

static UNUSED void
serving_on(struct call *call, void *context)
{
	struct serving_list list = { .names = json_object_get(call->parameters, "names") };
	struct served *served = context;

	served->calls++;
	switch ((int)call->verb) {
	case VERB_info: call_reply(call, serving_info(served)); break;
	case VERB_list: call_reply_list(call, "units", serving_list_next, &list); break;
	case VERB_cat: call_reply(call, json_incref(call->parameters)); break;
	case VERB_why: call_reply(call, serving_text(serving_number(call, "name"))); break;
	case VERB_wait:
	case VERB_watch: serving_keep(served, call); break;
	case VERB_reset:
		serving_answer_kept(served);
		call_reply(call, NULL);
		break;
	case VERB_signal:
		serving_stream(served, serving_number(call, "signal"));
		call_reply(call, NULL);
		break;
	case VERB_status:
		serving_limit(serving_number(call, "name"));
		call_reply(call, NULL);
		break;
	case VERB_delete:
		call_reply(call, NULL);
		serving_free_now(served);
		break;
	case VERB_scale:
		serving_keep(served, call);
		call->gone = serving_gone_for_good;
		break;
	case VERB_upgrade:
		call_reply(call, serving_text(serving_number(call, "executable")));
		loop_stop(served->loop, 0);
		break;
	default: call_fail_text(call, "Failed", "%s is not played here: \xed\xff", "this"); break;
	}
}

static UNUSED int
serving_listen(const char *path)
{
	struct sockaddr_un address;
	socklen_t length;
	autoclose int directory = -1;
	int fd = fd_raise(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	assert_int_equal(file_socket_address(path, &address, &length, &directory), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 128), 0);
	return fd;
}

static UNUSED void
serving_main(int listen_fd, uid_t owner)
{
	struct served served = { .loop = loop_new() };
	int value;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (open("/dev/null", O_RDWR) <= 2) { /* as in tendd: nothing else is ever 0 to 2 */
	}
	list_init(&served.kept);
	served.server = wire_server_new(served.loop, listen_fd, owner, serving_on, &served);
	value = loop_run(served.loop);
	if (served.server) {
		wire_server_flush(served.server, clock_now() + SERVING_WAIT_MS * CLOCK_MS);
	}
	served.server = wire_server_free(served.server);
	served.loop = loop_free(served.loop);
	_exit(value != 0 || !list_is_empty(&served.kept));
}

static UNUSED void
serving_start(struct serving *serving, uid_t owner, const char *name)
{
	int fd;

	serving->directory = test_dir();
	serving->path = path_join(serving->directory, name);
	serving->owner = owner;
	{
		autofree char *parent = path_dir(serving->path);

		assert_int_equal(file_make_dirs(parent, 0700), 0);
	}
	fd = serving_listen(serving->path);
	serving->pid = fork();
	assert_true(serving->pid >= 0);
	if (serving->pid == 0) {
		serving_main(fd, owner);
	}
	(void)fd_close(fd);
}

static UNUSED void
serving_ended(struct serving *serving)
{
	int status = -1;

	assert_int_equal(waitpid(serving->pid, &status, 0), serving->pid);
	assert_int_equal(status, 0);
	test_dir_done(&serving->directory);
	free(serving->path);
}

/* ---- a client that speaks bytes ---- */

static UNUSED int
serving_connect(const struct serving *serving)
{
	struct err err;
	struct wire *wire = wire_connect(serving->path, &err);
	int fd;

	assert_non_null(wire);
	fd = fd_dup(wire_fd(wire));
	assert_true(fd_is_open(fd));
	(void)wire_close(wire);
	return fd;
}

static UNUSED void
serving_write(int fd, const void *bytes, size_t n)
{
	assert_int_equal(fd_write_all(fd, bytes, n), 0);
}

/* with the NUL */
static UNUSED void
serving_say(int fd, const char *text)
{
	serving_write(fd, text, strlen(text) + 1);
}

/* the next message, owned; NULL at the end */
static UNUSED char *
serving_hear(int fd)
{
	struct buf text;
	char c = 'x';

	buf_init(&text, LIMIT_REPLY_QUEUE);
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char piece[65536];
		ssize_t n;
		char *end;

		assert_int_equal(poll(&p, 1, SERVING_WAIT_MS), 1);
		n = recv(fd, piece, sizeof(piece), MSG_PEEK);
		if (n <= 0) {
			buf_done(&text);
			return NULL;
		}
		end = memchr(piece, '\0', (size_t)n);
		n = end ? end - piece + 1 : n;
		assert_int_equal(recv(fd, piece, (size_t)n, 0), n);
		assert_true(buf_add(&text, piece, (size_t)n));
		c = piece[n - 1];
		if (c == '\0') {
			return buf_take(&text);
		}
	}
}

static UNUSED void
serving_expect(int fd, const char *wanted)
{
	autofree char *heard = serving_hear(fd);

	assert_non_null(heard);
	assert_string_equal(heard, wanted);
}

/* an error with this name, then the end */
static UNUSED void
serving_expect_end(int fd, const char *error)
{
	autofree char *heard = serving_hear(fd), *wanted = str_format("{\"error\":\"%s\"", error);

	assert_non_null(heard);
	assert_memory_equal(heard, wanted, strlen(wanted));
	assert_null(serving_hear(fd));
}

/* a number of Info, asked on this connection */
static UNUSED int
serving_ask(int fd, const char *key)
{
	autofree char *heard = NULL;
	json_t *reply;
	int number;

	serving_say(fd, "{\"method\":\"io.tend.Info\"}");
	heard = serving_hear(fd);
	assert_non_null(heard);
	reply = json_loads(heard, 0, NULL);
	assert_int_equal(json_unpack(reply, "{s:{s:i}}", "parameters", key, &number), 0);
	json_decref(reply);
	return number;
}

/* asks until it is so; the server takes one event after the other, so every question brings it on
 */
static UNUSED void
serving_until(int fd, const char *key, int wanted)
{
	int64_t until = clock_now() + SERVING_WAIT_MS * CLOCK_MS;

	while (serving_ask(fd, key) != wanted) {
		assert_true(clock_now() < until);
	}
}

static UNUSED void
serving_end(struct serving *serving)
{
	int fd = serving_connect(serving);

	serving_say(fd, "{\"method\":\"io.tend.Upgrade\"}");
	free(serving_hear(fd));
	(void)fd_close(fd);
	serving_ended(serving);
}
