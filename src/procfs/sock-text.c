/* /proc/net/tcp and its like: the same sockets as text. Addresses are words in the machine's own
 * byte order, ports are hexadecimal numbers. What the text does not tell (the other end of a unix
 * socket) is not told. */
#include "base/str.h"
#include "procfs/detail.h"
#include "procfs/proc.h"
#include "procfs/sock.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MAX = 64 << 20, UNIX_ACCEPTS = 0x10000 /* __SO_ACCEPTCON */ };

static bool
parse_address(const char *text, int family, unsigned char *address, uint16_t *port)
{
	size_t words = family == AF_INET6 ? 4 : 1;
	unsigned number;

	for (size_t i = 0; i < words; i++) {
		uint32_t word;

		if (sscanf(text + i * 8, "%8x", &number) != 1) {
			return false;
		}
		word = number;
		memcpy(address + i * 4, &word, sizeof(word));
	}
	if (text[words * 8] != ':' || sscanf(text + words * 8 + 1, "%4x", &number) != 1) {
		return false;
	}
	*port = (uint16_t)number;
	return true;
}

/* "sl: LOCAL REMOTE ST tx:rx tr:when retrnsmt UID timeout INODE ..." */
static void
take_inet(const char *line, enum sockets_kind kind, int family, struct sock_gather *gather)
{
	struct socket_info socket = { .kind = kind, .family = family, .v6only = -1 };
	char local[64], remote[64];
	unsigned state, uid;
	unsigned long long inode;

	if (sscanf(line, " %*[0-9]: %63s %63s %x %*s %*s %*s %u %*s %llu", local, remote, &state,
		   &uid, &inode) != 5 ||
	    !parse_address(local, family, socket.local, &socket.local_port) ||
	    !parse_address(remote, family, socket.remote, &socket.remote_port)) {
		return; /* the titles */
	}
	socket.type = kind == SOCKETS_TCP ? SOCK_STREAM : SOCK_DGRAM;
	socket.kernel_state = state;
	socket.state = sock_state(kind, state, socket.remote_port != 0);
	socket.uid = uid;
	socket.uid_known = inode != 0;
	socket.inode = inode;
	sock_add(gather, &socket);
}

/* "Num: RefCount Protocol Flags Type St Inode Path" */
static void
take_unix(const char *line, struct sock_gather *gather)
{
	struct socket_info socket = { .kind = SOCKETS_UNIX, .family = AF_UNIX, .v6only = -1 };
	unsigned flags, type, state;
	unsigned long long inode;
	int at = 0;

	if (sscanf(line, "%*[^:]: %*x %*x %x %x %x %llu%n", &flags, &type, &state, &inode, &at) <
		    4 ||
	    at == 0) {
		return;
	}
	socket.type = (int)type;
	socket.inode = inode;
	socket.path = line[at] == ' ' ? str_dup(line + at + 1) : NULL;
	/* 1 unconnected, 3 connected */
	socket.kernel_state = flags & UNIX_ACCEPTS ? TCP_LISTEN
			      : state == 3         ? TCP_ESTABLISHED
						   : TCP_CLOSE;
	socket.state = sock_state(SOCKETS_UNIX, socket.kernel_state, false);
	sock_add(gather, &socket);
}

static int
read_file(pid_t pid, const char *name, char **ret_text)
{
	char path[PROC_PATH];

	(void)snprintf(path, sizeof(path), "net/%s", name);
	return proc_file(pid > 0 ? pid : getpid(), path, TEXT_MAX, ret_text, NULL);
}

static int
read_inet(pid_t pid, const char *name, enum sockets_kind kind, int family,
	  struct sock_gather *gather)
{
	autofree char *text = NULL;
	char *rest, *line;
	int r = read_file(pid, name, &text);

	rest = text;
	while (r == 0 && (line = strsep(&rest, "\n"))) {
		take_inet(line, kind, family, gather);
	}
	return r;
}

static int
read_unix(pid_t pid, struct sock_gather *gather)
{
	autofree char *text = NULL;
	char *rest, *line;
	int r = read_file(pid, "unix", &text);

	rest = text;
	while (r == 0 && (line = strsep(&rest, "\n"))) {
		take_unix(line, gather);
	}
	return r;
}

int
sock_text(pid_t pid, unsigned kinds, struct sock_gather *gather, bool *ret_no_unix)
{
	static const struct {
		const char *name;
		enum sockets_kind kind;
		int family;
	} files[] = {
		{ "tcp", SOCKETS_TCP, AF_INET },
		{ "tcp6", SOCKETS_TCP, AF_INET6 },
		{ "udp", SOCKETS_UDP, AF_INET },
		{ "udp6", SOCKETS_UDP, AF_INET6 },
	};
	int worst = 0;
	bool any = false;

	for (size_t i = 0; i < COUNT(files); i++) {
		int r = kinds & files[i].kind ? read_inet(pid, files[i].name, files[i].kind,
							  files[i].family, gather)
					      : 0;
		any |= r == 0; /* a kernel without v6 has no tcp6 */
		worst = r < 0 ? r : worst;
	}
	if (kinds & SOCKETS_UNIX) {
		int r = read_unix(pid, gather);
		*ret_no_unix = r < 0;
		any |= r == 0;
		worst = r < 0 ? r : worst;
	}
	return any ? 0 : worst;
}
