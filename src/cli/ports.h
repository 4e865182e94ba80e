/* ports: sockets with who holds them, for `ports` and `why`.
 * 1. ports_open  2. ports_json for all that fit, or ports_holders  3. ports_done
 * Must never say that nobody holds a port only because we may not look. */
#pragma once
#include "cli/processes.h"
#include "procfs/sockets.h"

struct ports {
	struct cli *cli;
	struct sockets sockets;
	struct socket_owners owners;
	struct belongs *belongs;
	struct census census;
	bool counted; /* the census is taken */
};
/* CLI_DONE, or complained */
int ports_open(struct cli *cli, unsigned kinds, struct ports *ret_ports);
void ports_done(struct ports *ports);
/* the object of one socket: protocol, state, local, port, remote, remote_port, path, peer, user,
 * uid, inode, pid, unit, command, processes */
json_t *ports_json(const struct ports *ports, const struct socket_info *socket);
/* the same of who waits on this port, or null */
json_t *ports_holder(const struct ports *ports, unsigned port);
/* "8080", ":8080", "tcp/8080"; kinds is 0 when it names none; false: it is no port */
bool ports_parse(const char *word, unsigned *ret_kinds, uint16_t *ret_port);

/* ---- why-port.c: did a unit fail because somebody has its port? ---- */
/* {port, likely, from, holder}; null when its last lines do not say so */
json_t *why_port(struct cli *cli, const char *name, char *const *lines);
void why_port_put(const json_t *conflict);
