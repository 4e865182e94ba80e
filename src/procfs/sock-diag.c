/* sock_diag: a dump of every socket of a family by netlink. Anybody may ask; the kernel tells all
 * but the owners' processes, which are found through their descriptors. A kernel may lack the part
 * for one family (a module that is not there): that is ENOENT, and the caller reads text. */
#include "base/check.h"
#include "base/fd.h"
#include "base/str.h"
#include "procfs/sock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_SIZE = 64 << 10, SHOW_UID = 0x40 /* UDIAG_SHOW_UID */, ATTRIBUTE_UID = 7 };

struct dump {
	int socket;
	enum sockets_kind kind;
	struct sock_gather *gather;
};

static int
ask(int socket, const void *request, size_t n)
{
	struct {
		struct nlmsghdr head;
		unsigned char body[128];
	} message = { .head = { .nlmsg_len = (uint32_t)(sizeof(struct nlmsghdr) + n),
				.nlmsg_type = SOCK_DIAG_BY_FAMILY,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };

	CHECK(n <= sizeof(message.body));
	memcpy(message.body, request, n);
	return send(socket, &message, message.head.nlmsg_len, 0) < 0 ? -errno : 0;
}

static void
take_inet(struct dump *dump, const struct nlmsghdr *head)
{
	const struct inet_diag_msg *told = NLMSG_DATA(head);
	struct socket_info socket = { .kind = dump->kind, .v6only = -1 };
	size_t left = head->nlmsg_len - NLMSG_LENGTH(sizeof(*told));

	if (head->nlmsg_len < NLMSG_LENGTH(sizeof(*told))) {
		return;
	}
	socket.family = told->idiag_family;
	socket.type = dump->kind == SOCKETS_TCP ? SOCK_STREAM : SOCK_DGRAM;
	memcpy(socket.local, told->id.idiag_src, sizeof(socket.local));
	memcpy(socket.remote, told->id.idiag_dst, sizeof(socket.remote));
	socket.local_port = ntohs(told->id.idiag_sport);
	socket.remote_port = ntohs(told->id.idiag_dport);
	socket.device = told->id.idiag_if;
	socket.kernel_state = told->idiag_state;
	socket.state = sock_state(dump->kind, told->idiag_state, socket.remote_port != 0);
	socket.uid = told->idiag_uid;
	socket.uid_known = told->idiag_inode != 0;
	socket.inode = told->idiag_inode;
	for (const struct rtattr *a = (const void *)(told + 1); RTA_OK(a, left);
	     a = RTA_NEXT(a, left)) {
		if (a->rta_type == INET_DIAG_SKV6ONLY && RTA_PAYLOAD(a) >= 1) {
			socket.v6only = *(const unsigned char *)RTA_DATA(a) != 0;
		}
	}
	sock_add(dump->gather, &socket);
}

static char *
unix_name(const char *name, size_t n)
{
	char *text;

	if (n == 0) {
		return NULL;
	}
	text = str_dup_n(name, name[0] ? strnlen(name, n) : n);
	for (size_t i = 0; !name[0] && i < n; i++) { /* an abstract name may hold NULs */
		text[i] = name[i] ? name[i] : '@';
	}
	return text;
}

static void
take_unix(struct dump *dump, const struct nlmsghdr *head)
{
	const struct unix_diag_msg *told = NLMSG_DATA(head);
	struct socket_info socket = { .kind = SOCKETS_UNIX, .family = AF_UNIX, .v6only = -1 };
	size_t left = head->nlmsg_len - NLMSG_LENGTH(sizeof(*told));

	if (head->nlmsg_len < NLMSG_LENGTH(sizeof(*told))) {
		return;
	}
	socket.type = told->udiag_type;
	socket.kernel_state = told->udiag_state;
	socket.inode = told->udiag_ino;
	for (const struct rtattr *a = (const void *)(told + 1); RTA_OK(a, left);
	     a = RTA_NEXT(a, left)) {
		uint32_t number = 0;
		memcpy(&number, RTA_DATA(a), MIN(RTA_PAYLOAD(a), sizeof(number)));
		if (a->rta_type == UNIX_DIAG_NAME) {
			free(socket.path);
			socket.path = unix_name(RTA_DATA(a), RTA_PAYLOAD(a));
		} else if (a->rta_type == UNIX_DIAG_PEER) {
			socket.peer = number;
		} else if (a->rta_type == ATTRIBUTE_UID) {
			socket.uid = number;
			socket.uid_known = true;
		}
	}
	socket.state = sock_state(SOCKETS_UNIX, told->udiag_state, socket.peer != 0);
	sock_add(dump->gather, &socket);
}

/* 1: there is more to read, 0: the end, or -errno */
static int
take_messages(struct dump *dump, const struct nlmsghdr *head, size_t left)
{
	for (; NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
		if (head->nlmsg_type == NLMSG_DONE) {
			return 0;
		}
		if (head->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *error = NLMSG_DATA(head);
			return error->error;
		}
		if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY) {
			continue;
		}
		if (dump->kind == SOCKETS_UNIX) {
			take_unix(dump, head);
		} else {
			take_inet(dump, head);
		}
	}
	return 1;
}

static int
take_answer(struct dump *dump)
{
	autofree struct nlmsghdr *answer = malloc(ANSWER_SIZE);
	int r = 1;

	CHECK(answer);
	while (r > 0) {
		ssize_t n = recv(dump->socket, answer, ANSWER_SIZE, 0);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? -errno : -EPROTO;
		}
		r = take_messages(dump, answer, (size_t)n);
	}
	return r;
}

static int
dump_inet(struct dump *dump, int family)
{
	struct inet_diag_req_v2 request = {
		.sdiag_family = (uint8_t)family,
		.sdiag_protocol = dump->kind == SOCKETS_TCP ? IPPROTO_TCP : IPPROTO_UDP,
		.idiag_ext = 0,
		.idiag_states = UINT32_MAX,
	};
	int r = ask(dump->socket, &request, sizeof(request));

	return r < 0 ? r : take_answer(dump);
}

static int
dump_unix(struct dump *dump)
{
	struct unix_diag_req request = {
		.sdiag_family = AF_UNIX,
		.udiag_states = UINT32_MAX,
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | SHOW_UID,
	};
	int r = ask(dump->socket, &request, sizeof(request));

	return r < 0 ? r : take_answer(dump);
}

int
sock_diag(unsigned kinds, struct sock_gather *gather)
{
	autoclose int fd = fd_raise(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
	static const enum sockets_kind inet[] = { SOCKETS_TCP, SOCKETS_UDP };
	struct dump dump = { .socket = fd, .gather = gather };
	int r = fd_is_open(fd) ? 0 : fd;

	for (size_t i = 0; i < COUNT(inet) && r == 0; i++) {
		dump.kind = inet[i];
		if (kinds & inet[i]) {
			r = dump_inet(&dump, AF_INET);
			r = r == 0 ? dump_inet(&dump, AF_INET6) : r;
		}
	}
	dump.kind = SOCKETS_UNIX;
	return r == 0 && (kinds & SOCKETS_UNIX) ? dump_unix(&dump) : r;
}
