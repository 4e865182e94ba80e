/* address: where something is sent to, as people write it:
 *     udp:127.0.0.1:514   tcp:[::1]:601   unix:/dev/log
 * Names of machines are not looked up: that could take long, and a static program cannot. Port 514
 * is meant when there is none. */
#pragma once
#include "base/err.h"
#include <sys/socket.h>

enum address_kind { ADDRESS_UDP, ADDRESS_TCP, ADDRESS_UNIX };
struct address {
	enum address_kind kind;
	struct sockaddr_storage socket;
	socklen_t length;
};

bool address_parse(const char *text, struct address *ret_address, struct err *err);
