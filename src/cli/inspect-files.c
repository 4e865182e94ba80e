/* What a process has open, and for its sockets who is at the other end. A unix socket's other end
 * is found by its inode among the descriptors of all processes. */
#include "base/str.h"
#include "cli/inspect.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* ---- files ---- */
static const char *
kind_of(const char *target)
{
	return str_starts(target, "socket:[")      ? "socket"
	       : str_starts(target, "pipe:[")      ? "pipe"
	       : str_starts(target, "anon_inode:") ? target + strlen("anon_inode:")
	       : str_starts(target, "/memfd:")     ? "memfd"
	       : str_starts(target, "/dev/")       ? "device"
	       : target[0] == '/'                  ? "file"
						   : "other";
}

static const char *
mode_of(int flags)
{
	if (flags < 0) {
		return "?";
	}
	if (flags & O_PATH) {
		return "path";
	}
	return (flags & O_ACCMODE) == O_RDONLY ? "r" : (flags & O_ACCMODE) == O_WRONLY ? "w" : "rw";
}

static json_t *
shown_fd(const struct proc_fd *fd)
{
	json_t *flags = json_array();
	static const struct {
		int bit;
		const char *name;
	} bits[] = { { O_APPEND, "append" },
		     { O_NONBLOCK, "nonblock" },
		     { O_CLOEXEC, "close-on-exec" },
		     { O_DIRECT, "direct" },
		     { O_SYNC & ~O_DSYNC, "sync" } };

	for (size_t i = 0; i < COUNT(bits) && fd->flags >= 0; i++) {
		if (fd->flags & bits[i].bit) {
			(void)json_array_append_new(flags, json_string(bits[i].name));
		}
	}
	return json_pack("{s:i, s:s, s:s, s:o, s:b, s:o, s:o}", "fd", fd->number, "kind",
			 kind_of(fd->target), "mode", mode_of(fd->flags), "name",
			 inspect_text(fd->target), "deleted", (int)fd->deleted, "position",
			 inspect_number(fd->position >= 0, (uint64_t)fd->position), "flags", flags);
}

json_t *
inspect_files(struct inspect *inspect)
{
	autodone(proc_fds) struct proc_fds fds = { 0 };
	json_t *array = json_array();
	int r = proc_fds(inspect->pid, &fds);

	if (r < 0) {
		inspect_miss(inspect, "fd", r);
	}
	for (size_t i = 0; i < fds.count; i++) {
		(void)json_array_append_new(array, shown_fd(&fds.fds[i]));
	}
	return array;
}

void
inspect_files_put(const struct inspect *inspect, const json_t *files)
{
	static const struct column columns[] = {
		{ .title = "     FD", .right = true },
		{ .title = "MODE" },
		{ .title = "AT", .right = true, .drop = 2 },
		{ .title = "NAME", .least = 20 },
		{ .title = "FLAGS", .drop = 3 },
	};
	struct table *table = table_new(columns, COUNT(columns));
	json_t *file, *flag;
	size_t i, j;

	json_array_foreach(files, i, file) {
		json_t *at = json_object_get(file, "position");
		bool placed = json_is_integer(at) && json_integer_value(at) > 0;
		struct buf flags;

		buf_init(&flags, 1024);
		json_array_foreach(json_object_get(file, "flags"), j, flag) {
			(void)buf_addf(&flags, "%s%s", j ? " " : "", json_string_value(flag));
		}
		table_add(table, PAINT_NONE,
			  str_format("%lld",
				     (long long)json_integer_value(json_object_get(file, "fd"))));
		table_add(table, PAINT_NONE, str_dup(phrase_get(file, "mode")));
		table_add(table, PAINT_DIM, placed ? phrase_size(at) : str_dup(""));
		table_add(table,
			  json_is_true(json_object_get(file, "deleted")) ? PAINT_WARN : PAINT_NONE,
			  str_format("%s%s", phrase_get(file, "name"),
				     json_is_true(json_object_get(file, "deleted")) ? " (deleted)"
										    : ""));
		table_add(table, PAINT_DIM, str_dup(buf_str(&flags)));
		buf_done(&flags);
	}
	if (i > 0) {
		table_print(table, screen_columns());
	} else if (!inspect_missed(inspect, "files")) {
		inspect_line("files", "none");
	}
	table = table_free(table);
}

/* ---- sockets ---- */
static const struct socket_info *
socket_of(const struct sockets *sockets, uint64_t inode)
{
	for (size_t i = 0; i < sockets->count; i++) {
		if (sockets->sockets[i].inode == inode) {
			return &sockets->sockets[i];
		}
	}
	return NULL;
}

/* the other end of a connection on this machine: the owner of the peer's inode, or of the socket
 * whose addresses are ours the other way round */
static uint64_t
other_end(const struct sockets *sockets, const struct socket_info *socket)
{
	if (socket->kind == SOCKETS_UNIX || socket->state != SOCKETS_ESTABLISHED) {
		return socket->peer;
	}
	for (size_t i = 0; i < sockets->count; i++) {
		const struct socket_info *other = &sockets->sockets[i];
		if (other->kind == socket->kind && other->family == socket->family &&
		    other->local_port == socket->remote_port &&
		    other->remote_port == socket->local_port &&
		    memcmp(other->local, socket->remote, sizeof(other->local)) == 0 &&
		    memcmp(other->remote, socket->local, sizeof(other->local)) == 0) {
			return other->inode;
		}
	}
	return 0;
}

static json_t *
peer_of(struct inspect *inspect, const struct sockets *sockets, const struct socket_info *socket)
{
	struct inspect_world *world = inspect->world;
	const struct socket_owner *owner;
	uint64_t inode = other_end(sockets, socket);
	size_t count;

	if (!world->owners_read) {
		world->owners_read = sockets_owners_read(&world->owners) == 0;
	}
	owner = inode ? sockets_owners_find(&world->owners, inode, &count) : NULL;
	if (!owner) {
		return json_null();
	}
	{
		autofree char *command = proc_command(owner->pid);
		return json_pack("{s:i, s:i, s:o}", "pid", (int)owner->pid, "fd", owner->fd,
				 "command", inspect_text(command));
	}
}

static json_t *
shown_socket(struct inspect *inspect, const struct proc_fd *fd, const struct sockets *sockets)
{
	const struct socket_info *socket = socket_of(sockets, fd->inode);
	char local[SOCKETS_ADDRESS], remote[SOCKETS_ADDRESS];
	bool unix_socket, connected;

	if (!socket) {
		return json_pack("{s:i, s:s, s:n, s:n, s:n, s:n, s:I}", "fd", fd->number,
				 "protocol", "other", "state", "local", "remote", "peer", "inode",
				 (json_int_t)fd->inode);
	}
	unix_socket = socket->kind == SOCKETS_UNIX;
	connected = socket->remote_port != 0;
	return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:I}", "fd", fd->number, "protocol",
			 sockets_kind_word(socket), "state", sockets_state_word(socket), "local",
			 unix_socket ? inspect_text(socket->path)
				     : json_string(sockets_address(socket, false, local)),
			 "remote",
			 unix_socket || !connected
				 ? json_null()
				 : json_string(sockets_address(socket, true, remote)),
			 "peer", peer_of(inspect, sockets, socket), "inode", (json_int_t)fd->inode);
}

json_t *
inspect_sockets(struct inspect *inspect)
{
	autodone(proc_fds) struct proc_fds fds = { 0 };
	autodone(sockets) struct sockets sockets = { 0 };
	json_t *array = json_array();
	int r = proc_fds(inspect->pid, &fds);
	bool any = false;

	if (r < 0) {
		inspect_miss(inspect, "fd (sockets)", r);
	}
	for (size_t i = 0; i < fds.count; i++) {
		any |= str_starts(fds.fds[i].target, "socket:[");
	}
	if (!any) {
		return array;
	}
	r = sockets_read(inspect->pid, SOCKETS_ALL, &sockets);
	if (r < 0) {
		inspect_miss(inspect, "sockets", r);
	} else if (sockets.text && sockets.error) {
		inspect_miss(inspect, "sock_diag (peers of unix sockets)", -sockets.error);
	}
	for (size_t i = 0; i < fds.count; i++) {
		if (str_starts(fds.fds[i].target, "socket:[")) {
			(void)json_array_append_new(array,
						    shown_socket(inspect, &fds.fds[i], &sockets));
		}
	}
	return array;
}

static char *
words_of_peer(const json_t *socket)
{
	const json_t *peer = json_object_get(socket, "peer");
	const char *remote = phrase_get(socket, "remote");

	if (!json_is_object(peer)) {
		return str_dup(remote);
	}
	return str_format("%s%s%lld %s (its fd %lld)", remote, remote[0] ? " " : "",
			  (long long)json_integer_value(json_object_get(peer, "pid")),
			  phrase_get(peer, "command"),
			  (long long)json_integer_value(json_object_get(peer, "fd")));
}

void
inspect_sockets_put(const struct inspect *inspect, const json_t *sockets)
{
	static const struct column columns[] = {
		{ .title = "     FD", .right = true },
		{ .title = "KIND" },
		{ .title = "STATE" },
		{ .title = "ADDRESS", .least = 10 },
		{ .title = "OTHER END", .least = 10 },
	};
	struct table *table = table_new(columns, COUNT(columns));
	json_t *socket;
	size_t i;

	json_array_foreach(sockets, i, socket) {
		const char *local = phrase_get(socket, "local");
		table_add(table, PAINT_NONE,
			  str_format("%lld",
				     (long long)json_integer_value(json_object_get(socket, "fd"))));
		table_add(table, PAINT_NONE, str_dup(phrase_get(socket, "protocol")));
		table_add(table, PAINT_NONE, str_dup(phrase_get(socket, "state")));
		table_add(table, PAINT_NONE, str_dup(local[0] ? local : "-"));
		table_add(table, PAINT_NONE, words_of_peer(socket));
	}
	if (i > 0) {
		table_print(table, screen_columns());
	} else if (!inspect_missed(inspect, "sockets")) {
		inspect_line("sockets", "none");
	}
	table = table_free(table);
}
