/* A socket has an inode, descriptors name inodes, processes have descriptors, units have processes:
 * this file follows the chain. What it cannot follow because others' descriptors may not be seen
 * is `"known": false`, which is not the same as nobody. */
#include "cli/ports.h"
#include "base/str.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int
ports_open(struct cli *cli, unsigned kinds, struct ports *ret_ports)
{
	struct ports ports = { .cli = cli };
	int r = census_open(&ports.census);

	if (r < 0) {
		complain("/proc is not mounted here: who holds a socket cannot be told");
		return CLI_FAILED;
	}
	r = sockets_read(0, kinds, &ports.sockets);
	if (r == 0) {
		r = sockets_owners_read(&ports.owners);
	}
	if (r < 0) {
		complain("sockets cannot be read: %s", strerror(-r));
		ports_done(&ports);
		return CLI_FAILED;
	}
	ports.belongs = belongs_new(cli);
	if (belongs_is_known(ports.belongs) && ports.owners.count > 0) {
		ports.counted = census_take(&ports.census, CENSUS_STAT) == 0;
		census_link(&ports.census);
		belongs_mark(ports.belongs, &ports.census);
	}
	*ret_ports = ports;
	return CLI_DONE;
}

void
ports_done(struct ports *ports)
{
	sockets_done(&ports->sockets);
	sockets_owners_done(&ports->owners);
	census_done(&ports->census);
	ports->belongs = belongs_free(ports->belongs);
}

static json_t *
shown_text(const char *text)
{
	return text ? phrase_json(text, strlen(text)) : json_null();
}

static const char *
unit_of(const struct ports *ports, pid_t pid)
{
	const struct process *process = ports->counted ? census_find(&ports->census, pid) : NULL;
	const char *role;

	if (!process) {
		return NULL;
	}
	role = process->unit ? NULL : belongs_role(ports->belongs, process);
	return role ? "(tendd)" : process->unit;
}

/* a process may hold it several times; each is shown once */
static json_t *
shown_processes(const struct ports *ports, uint64_t inode)
{
	size_t count;
	const struct socket_owner *owner = sockets_owners_find(&ports->owners, inode, &count);
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		autofree char *command = NULL;

		if (i > 0 && owner[i].pid == owner[i - 1].pid) {
			continue;
		}
		command = proc_command(owner[i].pid);
		(void)json_array_append_new(
			array, json_pack("{s:i, s:i, s:o, s:o}", "pid", (int)owner[i].pid, "fd",
					 owner[i].fd, "command", shown_text(command), "unit",
					 shown_text(unit_of(ports, owner[i].pid))));
	}
	return array;
}

static json_t *
shown_address(const struct socket_info *socket, bool remote)
{
	char text[SOCKETS_ADDRESS], *colon;

	if (socket->kind == SOCKETS_UNIX || (remote && socket->remote_port == 0)) {
		return json_null();
	}
	colon = strrchr(sockets_address(socket, remote, text), ':');
	*colon = '\0';
	return json_string(text);
}

static json_t *
shown_port(const struct socket_info *socket, unsigned port)
{
	return socket->kind == SOCKETS_UNIX || port == 0 ? json_null() : json_integer(port);
}

/* the process at the other end of a unix socket */
static json_t *
shown_peer(const struct ports *ports, const struct socket_info *socket)
{
	size_t count;
	const struct socket_owner *owner =
		sockets_owners_find(&ports->owners, socket->peer, &count);
	autofree char *command = owner ? proc_command(owner->pid) : NULL;

	return owner ? json_pack("{s:i, s:o}", "pid", (int)owner->pid, "command",
				 shown_text(command))
		     : json_null();
}

json_t *
ports_json(const struct ports *ports, const struct socket_info *socket)
{
	json_t *json = json_object(), *processes = shown_processes(ports, socket->inode);
	const json_t *first = json_array_get(processes, 0);
	static const char *const moved[] = { "pid", "command", "unit" };

	(void)json_object_set_new(json, "protocol", json_string(sockets_kind_word(socket)));
	(void)json_object_set_new(json, "state", json_string(sockets_state_word(socket)));
	(void)json_object_set_new(json, "local", shown_address(socket, false));
	(void)json_object_set_new(json, "port", shown_port(socket, socket->local_port));
	(void)json_object_set_new(json, "remote", shown_address(socket, true));
	(void)json_object_set_new(json, "remote_port", shown_port(socket, socket->remote_port));
	(void)json_object_set_new(json, "path", shown_text(socket->path));
	(void)json_object_set_new(json, "peer", shown_peer(ports, socket));
	(void)json_object_set_new(json, "v6only",
				  socket->v6only < 0 ? json_null() : json_boolean(socket->v6only));
	(void)json_object_set_new(json, "uid",
				  socket->uid_known ? json_integer(socket->uid) : json_null());
	(void)json_object_set_new(json, "user",
				  shown_text(socket->uid_known ? users_name(socket->uid) : NULL));
	(void)json_object_set_new(json, "inode", json_integer((json_int_t)socket->inode));
	for (size_t i = 0; i < COUNT(moved); i++) {
		json_t *value = json_object_get(first, moved[i]);
		(void)json_object_set_new(json, moved[i], value ? json_incref(value) : json_null());
	}
	(void)json_object_set_new(json, "known",
				  json_boolean(json_array_size(processes) > 0 ||
					       socket->inode == 0 || ports->owners.hidden == 0));
	(void)json_object_set_new(json, "processes", processes);
	return json;
}

json_t *
ports_holder(const struct ports *ports, unsigned port)
{
	for (size_t i = 0; i < ports->sockets.count; i++) {
		const struct socket_info *socket = &ports->sockets.sockets[i];

		if (socket->kind != SOCKETS_UNIX && socket->local_port == port &&
		    socket->state == SOCKETS_LISTEN) {
			return ports_json(ports, socket);
		}
	}
	return json_null();
}

bool
ports_parse(const char *word, unsigned *ret_kinds, uint16_t *ret_port)
{
	static const struct {
		const char *prefix;
		unsigned kinds;
	} prefixes[] = {
		{ "tcp/", SOCKETS_TCP },
		{ "udp/", SOCKETS_UDP },
		{ "tcp:", SOCKETS_TCP },
		{ "udp:", SOCKETS_UDP },
		{ ":", 0 },
		{ "", 0 },
	};
	uint64_t number;

	for (size_t i = 0; i < COUNT(prefixes); i++) {
		size_t n = strlen(prefixes[i].prefix);
		if (strncmp(word, prefixes[i].prefix, n) == 0 &&
		    str_to_u64(word + n, &number) == 0 && number > 0 && number <= UINT16_MAX) {
			*ret_kinds = prefixes[i].kinds;
			*ret_port = (uint16_t)number;
			return true;
		}
	}
	return false;
}
