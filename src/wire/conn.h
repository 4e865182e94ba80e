/* conn: one connection of the server, and what wire-server.c, conn.c, call.c and introspect.c
 * know of each other.
 *
 * Life: 1. conn_new  2. bytes come: one whole message at a time becomes a call (call_begin), the
 * next one is not looked at before the answer to it has left, so answers keep their order and a
 * reader that does not read stops being read 3. conn_kill, at any time, also from inside a
 * handler's call_reply: the descriptor is closed at once, the caller's call is told and the
 * memory is freed in a dispatch of their own.
 *
 * What is watched follows from what is there (conn.c, settle): replies not sent -> EPOLLOUT; a
 * call not answered -> only that the caller leaves; else EPOLLIN. An idle connection costs its
 * struct and two descriptors. */
#pragma once
#include "base/limits.h"
#include "base/str.h"
#include "wire/wire.h"

struct conn {
	struct wire_server *server;
	struct list link; /* server.conns, or server.dead */
	struct caller caller;
	int fd;
	struct watch watch;
	struct timer turn; /* the next message is here already, or this connection is dead */
	struct buf in;     /* bytes from `taken` on are no call yet */
	size_t taken, searched;
	struct buf out; /* bytes from `sent` on have not left */
	size_t sent;
	size_t counted_in, counted_out; /* as they stand in the server's sums */
	struct call call;
	bool open;   /* call: begun and not ended */
	bool oneway; /* call: nobody wants an answer */
	bool dead;
	bool begun;  /* call_begin is on the stack ... */
	bool orphan; /* ... and frees the memory, for the server is gone */
};

struct wire_server {
	struct loop *loop;
	int listen_fd;
	struct watch watch;
	struct timer retry; /* no descriptor was left: listening goes on */
	int reserve;        /* given up to tell the one who cannot be served; -1: none */
	uid_t owner;
	void (*on)(struct call *call, void *context);
	void *context;
	struct list conns; /* conn.link, the longest without a request first */
	struct list dead;  /* conn.link */
	size_t count;      /* of conns */
	size_t in, out;    /* bytes held for all of them */
};

struct conn *conn_new(struct wire_server *server, int take_fd, const struct caller *take_caller);
/* watching starts; false: it is dead */
bool conn_start(struct conn *conn);
void conn_kill(struct conn *conn);
struct conn *conn_free(struct conn *conn); /* tells the call that its caller has left */
bool conn_is_idle(const struct conn *conn);
/* one message; parameters may be NULL; error may be NULL, else with its interface. It is sent at
 * once as far as it goes */
void conn_send(struct conn *conn, const char *error, const json_t *parameters, bool continues);
/* {key: [what next gives, until it gives NULL]} */
void conn_send_list(struct conn *conn, const char *key, call_item next, void *context);
/* an error, and the end of the connection */
void conn_refuse(struct conn *conn, const char *error, const char *text);
void conn_call_ended(struct conn *conn); /* the next message may come */
bool conn_flush(struct conn *conn);      /* false: something is left, or it is dead */

/* message[n] is NUL; it is one whole message. false: that was none, the connection is dead */
bool call_begin(struct conn *conn, const char *message, size_t n);
/* an error with its interface, e.g. org.varlink.service.InvalidParameter */
void call_fail_full(struct call *call, const char *error, json_t *take_parameters);
/* org.varlink.service; false: there is no such method of it */
bool introspect_answer(struct call *call, const char *method);
extern const char wire_interface_service[];
