/* Numbers only; "localhost" is one of them that everybody knows. */
#include "base/address.h"
#include "base/path.h"
#include "base/str.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

enum { PORT = 514, PORT_MAX = 65535 };

static bool
parse_unix(const char *path, struct address *address, struct err *err)
{
	struct sockaddr_un *to = (struct sockaddr_un *)&address->socket;

	if (!path_is_absolute(path)) {
		return err_set(err, "unix:%s: an absolute path is wanted", path);
	}
	if (strlen(path) >= sizeof(to->sun_path)) {
		return err_set(err, "unix:%s: the path is too long for a socket", path);
	}
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, path, strlen(path) + 1);
	address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
	return true;
}

/* "[::1]:514", "::1", "127.0.0.1:514", "127.0.0.1" -> host and port */
static bool
split(const char *text, char **ret_host, uint64_t *ret_port)
{
	const char *end = strrchr(text, ':'), *close = strchr(text, ']');
	bool brackets = text[0] == '[' && close;

	*ret_port = PORT;
	if (brackets) {
		end = close[1] == ':' ? close + 1 : NULL;
		if (close[1] != '\0' && !end) {
			return false;
		}
		*ret_host = str_dup_n(text + 1, (size_t)(close - text - 1));
	} else {
		end = end && strchr(text, ':') == end ? end : NULL; /* else it is all one v6 host */
		*ret_host = str_dup_n(text, end ? (size_t)(end - text) : strlen(text));
	}
	return !end ||
	       (str_to_u64(end + 1, ret_port) == 0 && *ret_port > 0 && *ret_port <= PORT_MAX);
}

static bool
parse_internet(const char *text, struct address *address, struct err *err)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address->socket;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->socket;
	autofree char *host = NULL;
	uint64_t port;

	if (!split(text, &host, &port)) {
		return err_set(err, "'%s' is no address with a port from 1 to 65535", text);
	}
	if (inet_pton(AF_INET, str_equal(host, "localhost") ? "127.0.0.1" : host, &v4->sin_addr) ==
	    1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		address->length = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		address->length = sizeof(*v6);
		return true;
	}
	return err_set(err, "'%s' is no address in numbers; names are not looked up", host);
}

bool
address_parse(const char *text, struct address *ret_address, struct err *err)
{
	struct address address = { .kind = ADDRESS_UNIX };
	bool good;

	if (str_starts(text, "unix:")) {
		good = parse_unix(text + 5, &address, err);
	} else if (str_starts(text, "udp:") || str_starts(text, "tcp:")) {
		address.kind = text[0] == 'u' ? ADDRESS_UDP : ADDRESS_TCP;
		good = parse_internet(text + 4, &address, err);
	} else {
		return err_set(err,
			       "'%s' is none of udp:ADDRESS:PORT, tcp:ADDRESS:PORT, unix:/PATH",
			       text);
	}
	if (good) {
		*ret_address = address;
	}
	return good;
}
