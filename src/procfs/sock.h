/* sock: how the files of procfs/ gather sockets. Included by them alone. */
#pragma once
#include "procfs/sockets.h"

struct sock_gather {
	struct socket_info *sockets;
	size_t count, size;
};
void sock_add(struct sock_gather *gather, const struct socket_info *socket); /* takes its path */
enum sockets_state sock_state(enum sockets_kind kind, unsigned kernel_state, bool connected);
int sock_diag(unsigned kinds, struct sock_gather *gather); /* 0 or -errno */
int sock_text(pid_t pid, unsigned kinds, struct sock_gather *gather, bool *ret_no_unix);
