/* wire: how everything but keeper and logger talks: Varlink (JSON objects ending in NUL over a
 * Unix stream socket), interface io.tend, described in tend.varlink.
 *
 * Server (manager): 1. wire_server_new with a function that is given each sound call  2. the
 * function answers at once or keeps the call and answers later: any number of call_more() if
 * `more` is set, then exactly one call_reply() or call_fail(); who keeps a call sets `gone`  3.
 * wire_server_free, also from inside that function or from `gone`, once the call at hand is
 * answered. The dispatcher checks, in this order: who connects (SO_PEERCRED), message size and
 * JSON, method known, parameters against the interface description, MORE_ONLY.
 * org.varlink.service is answered here.
 * Client (cli): 1. wire_connect  2. wire_call / wire_call_next  3. wire_close.
 *
 * Must never: let one slow, stuck, huge or garbled client cost the others anything (limits.h),
 * act on half a message. */
#pragma once
#include "base/err.h"
#include "base/loop.h"
#include "wire/places.h"
#include <jansson.h>
#include <sys/types.h>

enum verb_id {
#define VERB(id, method, who, flags, words) VERB_##id,
#include "wire/verbs.def"
#undef VERB
	VERB_COUNT
};
enum verb_flag { VERB_LOOKS = 0, VERB_CHANGES = 1, VERB_MORE_ONLY = 2 };
struct verb {
	const char *method; /* "Start" */
	unsigned flags;
	const char *words;
};
extern const struct verb verb_table[VERB_COUNT];
extern const char wire_interface[]; /* the text of tend.varlink */

/* ---- server ---- */
struct wire_server;
struct caller {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	int pidfd; /* of the connecting process (SO_PEERPIDFD, else of its pid); -1: unknown.
		      Borrowed */
};
struct call {
	enum verb_id verb;
	json_t *parameters; /* an object, checked against the interface; borrowed */
	bool more;
	const struct caller *caller; /* valid as long as the call */
	void *context;               /* the handler's */
	/* the caller has left: set by the handler, which must drop the call (no reply any more) */
	void (*gone)(struct call *call);
	struct list link; /* for the handler's own lists; initialised, removed when the call ends */
};
struct wire_server *wire_server_new(struct loop *loop, int listen_fd /* borrowed */, uid_t owner,
				    void (*on)(struct call *call, void *context), void *context);
struct wire_server *wire_server_free(struct wire_server *server);
/* writes what can be written before leaving; monotonic deadline */
void wire_server_flush(struct wire_server *server, int64_t until);
size_t wire_server_clients(const struct wire_server *server);
/* each takes the parameters (NULL is an empty object); call_reply and call_fail end the call (it
 * must not be used again) */
void call_more(struct call *call, json_t *take_parameters);
void call_reply(struct call *call, json_t *take_parameters);
/* The reply {key: [...]}: each item is made when its turn comes and gone when it is text, so a list
 * of thousands takes the memory of one. next gives what is then ours, NULL at the end */
typedef json_t *(*call_item)(void *context);
void call_reply_list(struct call *call, const char *key, call_item next, void *context);
/* error: "NoSuchUnit"; the interface's errors only */
void call_fail(struct call *call, const char *error, json_t *take_parameters);
/* {"text": ...} */
void call_fail_text(struct call *call, const char *error, const char *format, ...) PRINTF(3, 4);
/* any bytes (a command line, a file name) as a JSON string: what is no UTF-8 is shown as '?'.
 * jansson's json_string gives NULL for such */
json_t *wire_string(const char *bytes);

/* ---- client ---- */
struct wire; /* one connection */
/* ENOENT / ECONNREFUSED in err->number: nobody is there. EPERM: not allowed to look */
struct wire *wire_connect(const char *socket_path, struct err *err);
struct wire *wire_close(struct wire *wire);
int wire_fd(const struct wire *wire);
/* what a call came to */
enum wire_result {
	WIRE_REPLY, /* the last (or only) reply */
	WIRE_MORE,  /* a reply; more follow: wire_call_next */
	WIRE_ERROR, /* the other side's error: ret->error and its parameters */
	WIRE_GONE, /* the connection broke before the (last) reply: whether it was done is not known
		    */
	WIRE_BAD,  /* what came is not Varlink; words in err */
	WIRE_INTERRUPTED, /* wire_interrupt_fd became readable */
};
struct wire_answer {
	char *error;        /* "io.tend.NoSuchUnit" or NULL */
	json_t *parameters; /* an object */
};
void wire_answer_done(struct wire_answer *answer);
void wire_interrupt_fd(struct wire *wire,
		       int fd); /* watched while waiting (a signalfd); -1: none */
/* method: "Start", or with its interface. One call at a time: the last reply of the one before
 * has been taken */
enum wire_result wire_call(struct wire *wire, const char *method, json_t *take_parameters,
			   bool more, struct wire_answer *ret_answer, struct err *err);
/* also goes on waiting after WIRE_INTERRUPTED */
enum wire_result wire_call_next(struct wire *wire, struct wire_answer *ret_answer, struct err *err);

/* ---- the interface description, parsed (schema.c) ---- */
/* do the parameters of a method fit? unknown fields are fine; words name the field */
bool schema_check_call(const char *method, const json_t *parameters, struct err *err);
/* for tests: every reply of the manager */
bool schema_check_reply(const char *method, const json_t *parameters, struct err *err);
/* tests: each method of the interface is a verb and the other way round */
size_t schema_methods(const char **ret_names, size_t max);
bool schema_has_error(const char *name);
