/* Sockets as they are gathered, from whichever source. The kernel gives every kind the states of
 * TCP. */
#include "base/check.h"
#include "procfs/sock.h"
#include <netinet/tcp.h>
#include <stdlib.h>

void
sock_add(struct sock_gather *gather, const struct socket_info *socket)
{
	if (gather->count == gather->size) {
		gather->size = MAX(gather->size * 2, 64);
		gather->sockets =
			reallocarray(gather->sockets, gather->size, sizeof(*gather->sockets));
		CHECK(gather->sockets);
	}
	gather->sockets[gather->count++] = *socket;
}

enum sockets_state
sock_state(enum sockets_kind kind, unsigned kernel_state, bool connected)
{
	switch (kernel_state) {
	case TCP_LISTEN: return SOCKETS_LISTEN;
	case TCP_ESTABLISHED: return SOCKETS_ESTABLISHED;
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
	case 12 /* TCP_NEW_SYN_RECV */: return SOCKETS_OPENING;
	case TCP_TIME_WAIT: return SOCKETS_TIME_WAIT;
	case TCP_CLOSE:
		if (kind == SOCKETS_UDP) {
			return connected ? SOCKETS_ESTABLISHED : SOCKETS_LISTEN;
		}
		return SOCKETS_UNBOUND;
	default: return SOCKETS_CLOSING;
	}
}
