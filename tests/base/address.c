/* address: what people write, and what they should not. */
#include "test.h"
#include "base/address.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

static void
good_ones(void **state)
{
	static const struct {
		const char *text, *host;
		enum address_kind kind;
		int family, port;
	} rows[] = {
		{ "udp:127.0.0.1:514", "127.0.0.1", ADDRESS_UDP, AF_INET, 514 },
		{ "udp:localhost", "127.0.0.1", ADDRESS_UDP, AF_INET, 514 },
		{ "tcp:10.1.2.3:6514", "10.1.2.3", ADDRESS_TCP, AF_INET, 6514 },
		{ "tcp:[::1]:601", "::1", ADDRESS_TCP, AF_INET6, 601 },
		{ "udp:[fe80::2]", "fe80::2", ADDRESS_UDP, AF_INET6, 514 },
		{ "udp:::1", "::1", ADDRESS_UDP, AF_INET6, 514 },
	};
	struct address address;
	char host[INET6_ADDRSTRLEN];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address.socket;
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address.socket;
		bool is_v4 = rows[i].family == AF_INET;

		assert_true(address_parse(rows[i].text, &address, NULL));
		assert_int_equal(address.kind, rows[i].kind);
		assert_int_equal(address.socket.ss_family, rows[i].family);
		assert_int_equal(ntohs(is_v4 ? v4->sin_port : v6->sin6_port), rows[i].port);
		assert_non_null(inet_ntop(rows[i].family,
					  is_v4 ? (const void *)&v4->sin_addr : &v6->sin6_addr,
					  host, sizeof(host)));
		assert_string_equal(host, rows[i].host);
	}
	assert_true(address_parse("unix:/dev/log", &address, NULL));
	assert_int_equal(address.kind, ADDRESS_UNIX);
	assert_string_equal(((struct sockaddr_un *)&address.socket)->sun_path, "/dev/log");
}

static void
bad_ones(void **state)
{
	static const char *const texts[] = { "",
					     "udp:",
					     "127.0.0.1",
					     "udp:loghost:514",
					     "tcp:127.0.0.1:0",
					     "tcp:127.0.0.1:65536",
					     "tcp:127.0.0.1:x",
					     "udp:[::1]x",
					     "udp:[::1",
					     "unix:relative",
					     "http:127.0.0.1" };
	struct address address = { .kind = ADDRESS_TCP };
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		err.text[0] = '\0';
		assert_false(address_parse(texts[i], &address, &err));
		assert_true(err.text[0] != '\0');
	}
	assert_int_equal(address.kind, ADDRESS_TCP); /* untouched */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),
		cmocka_unit_test(bad_ones),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
