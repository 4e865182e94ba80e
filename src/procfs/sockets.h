/* sockets: which there are, and who holds them.
 * Used by cli/ for `ports`, `inspect` and `why`. Owns what it returns.
 * The life of an answer: 1. sockets_read  2. sockets_owners_read, once for all of them
 * 3. sockets_owners_find for each  4. both _done. */
#pragma once
#include "base/attr.h"
#include <sys/types.h>

enum sockets_kind { SOCKETS_TCP = 1, SOCKETS_UDP = 2, SOCKETS_UNIX = 4, SOCKETS_ALL = 7 };
enum sockets_state {
	SOCKETS_LISTEN,      /* also a UDP socket that is bound and not connected */
	SOCKETS_ESTABLISHED, /* connected */
	SOCKETS_OPENING,     /* SYN sent or received */
	SOCKETS_CLOSING,     /* FIN, CLOSE_WAIT, LAST_ACK ... */
	SOCKETS_TIME_WAIT,   /* nobody holds it any more */
	SOCKETS_UNBOUND,     /* of no use yet */
};
struct socket_info {
	enum sockets_kind kind;
	int family; /* AF_INET, AF_INET6, AF_UNIX */
	int type;   /* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
	enum sockets_state state;
	unsigned kernel_state; /* TCP_ESTABLISHED ... */
	unsigned char local[16], remote[16];
	uint16_t local_port, remote_port;
	uint32_t device; /* interface it is bound to, 0: any */
	int v6only;      /* 1, 0, -1: not told */
	uid_t uid;
	bool uid_known;
	uint64_t inode; /* 0: no process holds it */
	uint64_t peer;  /* inode of the other end of a unix socket, 0: not told */
	char *path;     /* of a unix socket, "@name" abstract; NULL: it has none */
};
struct sockets {
	struct socket_info *sockets;
	size_t count;
	bool text;    /* read from /proc/net, because sock_diag is not to be had */
	bool no_unix; /* could not be read */
	int error;    /* the errno that sock_diag gave when `text` */
};
/* of our own network namespace (pid 0), or of that process's, which is read as text when it is
 * another than ours; `kinds` is a set. 0, -errno: nothing at all could be read */
int sockets_read(pid_t pid, unsigned kinds, struct sockets *ret_sockets);
void sockets_done(struct sockets *sockets);
const char *sockets_state_word(const struct socket_info *socket);
const char *sockets_kind_word(const struct socket_info *socket); /* "tcp", "udp6" ... */
/* "127.0.0.1:80", "[::1]:80", "*:80" when it is every address; into a buffer of SOCKETS_ADDRESS */
enum { SOCKETS_ADDRESS = 80 };
const char *sockets_address(const struct socket_info *socket, bool remote, char *buffer);

/* ---- who holds them: one pass over every descriptor of every process ---- */
struct socket_owner {
	uint64_t inode;
	pid_t pid;
	int fd;
};
struct socket_owners {
	struct socket_owner *owners; /* by inode, then pid */
	size_t count;
	size_t hidden; /* processes into which we may not look */
};
int sockets_owners_read(struct socket_owners *ret_owners);
/* the first of them and how many; NULL: nobody that we may see */
const struct socket_owner *sockets_owners_find(const struct socket_owners *owners, uint64_t inode,
					       size_t *ret_count);
void sockets_owners_done(struct socket_owners *owners);
