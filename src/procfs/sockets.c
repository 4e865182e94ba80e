/* Sockets are asked for by netlink (sock_diag), which answers in binary with what the text files
 * of /proc/net leave out: the other end of a unix socket, its owner, whether a v6 socket takes v4
 * too. Where netlink is forbidden or not built in, and for another network namespace, which it
 * does not reach, the text is read and the answer says so. */
#include "procfs/sockets.h"
#include "procfs/proc.h"
#include "procfs/sock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* is the process in another network namespace than we? */
static bool
is_elsewhere(pid_t pid)
{
	char path[PROC_PATH];
	struct stat ours, theirs;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return pid > 0 && stat("/proc/self/ns/net", &ours) == 0 && stat(path, &theirs) == 0 &&
	       ours.st_ino != theirs.st_ino;
}

int
sockets_read(pid_t pid, unsigned kinds, struct sockets *ret_sockets)
{
	struct sock_gather gather = { 0 };
	struct sockets sockets = { 0 };
	bool elsewhere = is_elsewhere(pid);
	int r = elsewhere ? 0 : sock_diag(kinds, &gather);

	if (elsewhere || r < 0) {
		sockets.error = -r;
		sockets.text = true;
		sockets_done(&(struct sockets){ .sockets = gather.sockets, .count = gather.count });
		gather = (struct sock_gather){ 0 };
		r = sock_text(elsewhere ? pid : 0, kinds, &gather, &sockets.no_unix);
	}
	sockets.sockets = gather.sockets;
	sockets.count = gather.count;
	if (r < 0) {
		sockets_done(&sockets);
		return r;
	}
	*ret_sockets = sockets;
	return 0;
}

void
sockets_done(struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++) {
		free(sockets->sockets[i].path);
	}
	free(sockets->sockets);
	*sockets = (struct sockets){ 0 };
}

const char *
sockets_state_word(const struct socket_info *socket)
{
	switch (socket->state) {
	case SOCKETS_LISTEN: return socket->kind == SOCKETS_UDP ? "bound" : "listening";
	case SOCKETS_ESTABLISHED: return "connected";
	case SOCKETS_OPENING: return "opening";
	case SOCKETS_CLOSING: return "closing";
	case SOCKETS_TIME_WAIT: return "time-wait";
	case SOCKETS_UNBOUND: return socket->path || socket->local_port ? "bound" : "unbound";
	}
	return "?";
}

const char *
sockets_kind_word(const struct socket_info *socket)
{
	switch (socket->kind) {
	case SOCKETS_TCP: return socket->family == AF_INET6 ? "tcp6" : "tcp";
	case SOCKETS_UDP: return socket->family == AF_INET6 ? "udp6" : "udp";
	case SOCKETS_UNIX:
		return socket->type == SOCK_DGRAM       ? "unix-dgram"
		       : socket->type == SOCK_SEQPACKET ? "unix-seq"
							: "unix";
	case SOCKETS_ALL: break;
	}
	return "?";
}

const char *
sockets_address(const struct socket_info *socket, bool remote, char *buffer)
{
	static const unsigned char any[16];
	const unsigned char *address = remote ? socket->remote : socket->local;
	unsigned port = remote ? socket->remote_port : socket->local_port;
	bool six = socket->family == AF_INET6;
	char text[INET6_ADDRSTRLEN] = "?", number[8] = "*";

	if (memcmp(address, any, six ? 16 : 4) == 0) {
		(void)snprintf(text, sizeof(text), "*");
		six = false;
	} else {
		(void)inet_ntop(socket->family, address, text, sizeof(text));
	}
	if (port > 0) {
		(void)snprintf(number, sizeof(number), "%u", port);
	}
	(void)snprintf(buffer, SOCKETS_ADDRESS, "%s%s%s:%s", six ? "[" : "", text, six ? "]" : "",
		       number);
	return buffer;
}
