/* syslog-out: the way to one receiver: UDP, TCP (octet counting, RFC 6587), a Unix socket of either
 * kind, or the kernel's log. Used by forwarder.c. It never waits.
 *
 * 1. syslog_out_init  2. syslog_out_open  3. syslog_out_send ..., syslog_out_ready on its events
 * 4. syslog_out_close; again from 2 */
#pragma once
#include "base/address.h"
#include "base/loop.h"
#include "base/str.h"

enum syslog_out_result {
	SYSLOG_OUT_SENT,
	SYSLOG_OUT_FULL, /* not taken: wait for an event */
	SYSLOG_OUT_AWAY, /* not taken: closed, try again later */
};

struct syslog_out {
	struct loop *loop;
	struct watch watch;
	bool kernel; /* else: */
	struct address address;
	bool stream, connecting;
	struct buf rest;  /* of a message of which a part has been written */
	uint64_t written; /* bytes, since it was opened */
	int error;        /* why it is away */
};

bool syslog_out_init(struct syslog_out *out, struct loop *loop, const char *address,
		     void (*on)(struct watch *watch, uint32_t events), struct err *err);
void syslog_out_done(struct syslog_out *out);
bool syslog_out_is_open(const struct syslog_out *out);
enum syslog_out_result syslog_out_open(struct syslog_out *out);
void syslog_out_close(struct syslog_out *out);
/* after an event: SENT: it may be sent to */
enum syslog_out_result syslog_out_ready(struct syslog_out *out, uint32_t events);
enum syslog_out_result syslog_out_send(struct syslog_out *out, const struct buf *message);
/* so many bytes have been written, counting framing, and so many of them the receiver's side has */
uint64_t syslog_out_queued(const struct syslog_out *out);
uint64_t syslog_out_arrived(const struct syslog_out *out);
