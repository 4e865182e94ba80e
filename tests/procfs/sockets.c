#include "processes.h"
#include "procfs/sockets.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void
addresses_are_written_as_people_do(void **state)
{
	struct socket_info socket = { .family = AF_INET, .local_port = 80 };
	char text[SOCKETS_ADDRESS];

	(void)state;
	assert_string_equal(sockets_address(&socket, false, text), "*:80");
	assert_string_equal(sockets_address(&socket, true, text), "*:*");
	assert_int_equal(inet_pton(AF_INET, "10.0.0.1", socket.local), 1);
	assert_string_equal(sockets_address(&socket, false, text), "10.0.0.1:80");
	socket.family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, "fe80::1", socket.local), 1);
	assert_string_equal(sockets_address(&socket, false, text), "[fe80::1]:80");
	memset(socket.local, 0, sizeof(socket.local));
	assert_string_equal(sockets_address(&socket, false, text), "*:80");
}

static const struct socket_info *
find(const struct sockets *sockets, uint64_t inode)
{
	for (size_t i = 0; i < sockets->count; i++) {
		if (sockets->sockets[i].inode == inode) {
			return &sockets->sockets[i];
		}
	}
	return NULL;
}

static uint64_t
inode_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return status.st_ino;
}

static void
our_own_are_found_with_their_owner(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(address);
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), pair[2];
	autodone(sockets) struct sockets sockets = { 0 };
	autodone(sockets_owners) struct socket_owners owners = { 0 };
	const struct socket_owner *owner;
	const struct socket_info *info;
	size_t count;

	(void)state;
	assert_int_equal(bind(tcp, (struct sockaddr *)&address, n), 0);
	assert_int_equal(listen(tcp, 1), 0);
	assert_int_equal(getsockname(tcp, (struct sockaddr *)&address, &n), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(sockets_read(0, SOCKETS_ALL, &sockets), 0);
	assert_int_equal(sockets_owners_read(&owners), 0);
	info = find(&sockets, inode_of(tcp));
	assert_non_null(info);
	assert_int_equal(info->kind, SOCKETS_TCP);
	assert_int_equal(info->state, SOCKETS_LISTEN);
	assert_int_equal(info->local_port, ntohs(address.sin_port));
	assert_int_equal(info->uid, geteuid());
	info = find(&sockets, inode_of(pair[0]));
	assert_non_null(info);
	assert_int_equal(info->kind, SOCKETS_UNIX);
	if (!sockets.text) {
		assert_int_equal(info->peer, inode_of(pair[1]));
	}
	owner = sockets_owners_find(&owners, inode_of(tcp), &count);
	assert_non_null(owner);
	assert_int_equal(count, 1);
	assert_int_equal(owner->pid, getpid());
	assert_int_equal(owner->fd, tcp);
	assert_null(sockets_owners_find(&owners, 0, &count));
	assert_int_equal(count, 0);
	(void)close(tcp);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_written_as_people_do),
		cmocka_unit_test(our_own_are_found_with_their_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
