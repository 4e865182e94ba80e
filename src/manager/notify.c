/* notify: what a service says of itself by sd_notify: a datagram socket of its own for each unit
 * that may speak, so the unit is known by the socket and only the process has to be checked
 * (NotifyAccess=).
 *
 * The keeper holds the socket: what is said while no manager lives waits in it. The socket is a
 * path below run/notify; where a service runs as another user (who cannot pass our 0700 directory)
 * or the path is too long for an address, it has an abstract name instead, and the sender's
 * credentials, which are checked anyway, are the guard.
 *
 * Its address is in the ledger: when keeper and manager die together the socket dies with them, and
 * is bound again where the processes look for it.
 *
 * Stored descriptors (FDSTORE=1) go to the keeper at once; here is kept only what they are called.
 */
#include "manager/core.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct notify {
	struct member *member;
	int fd;
	bool is_path;
	char address[108]; /* as in NOTIFY_SOCKET: a path, or @name */
	struct watch watch;
};

struct message { /* one datagram, taken apart */
	bool ready, reloading, stopping, alive, trigger, store, store_remove;
	int64_t extend, watchdog; /* ns, 0: not said */
	int64_t main_pid;
	int64_t error; /* ERRNO=; -1: not said */
	const char *status, *fd_name;
};

bool
notify_wanted(const struct unit *unit)
{
	return unit->type == TYPE_NOTIFY || unit->type == TYPE_NOTIFY_RELOAD ||
	       unit->watchdog > 0 || unit->fd_store_max > 0 ||
	       (unit->notify_access != NOTIFY_UNSET && unit->notify_access != NOTIFY_NONE);
}

/* ---- the socket ---- */
static void
notify_choose(const struct member *member, struct notify *notify)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%llx", member->manager->places->notify,
			 (unsigned long long)member->number);

	if (!member->unit->user && n < (int)sizeof(notify->address)) {
		memcpy(notify->address, path, (size_t)n + 1);
	} else {
		(void)snprintf(notify->address, sizeof(notify->address), "@tend/%llx/%d/%llx",
			       (unsigned long long)member->number, (int)getuid(),
			       (unsigned long long)member->manager->keeper_pid);
	}
}

static void
notify_address(struct member *member, struct notify *notify)
{
	const char *known = member->notify_address;

	if (known && known[0] && strlen(known) < sizeof(notify->address)) {
		(void)snprintf(notify->address, sizeof(notify->address), "%s", known);
	} else {
		notify_choose(member, notify);
		str_replace(&member->notify_address, notify->address);
	}
	notify->is_path = notify->address[0] != '@';
}

static int
notify_bind(const struct notify *notify)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(notify->address);
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1, room = 8 << 20;

	if (fd < 0) {
		return -errno;
	}
	memcpy(address.sun_path, notify->address, length);
	if (notify->is_path) {
		(void)unlink(notify->address);
	} else {
		address.sun_path[0] = '\0';
	}
	if (bind(fd, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0) {
		return -errno;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room,
			 sizeof(room)); /* the default has to do */
	return fd_raise(fd_take(&fd));
}

static void notify_came(struct watch *watch, uint32_t events);

static int
notify_begin(struct member *member, int take_fd)
{
	struct notify *notify = member->notify;

	notify->fd = take_fd;
	return loop_watch(member->manager->loop, &notify->watch, take_fd, EPOLLIN, LOOP_DATA,
			  notify_came);
}

static struct notify *
notify_new(struct member *member)
{
	struct notify *notify = calloc(1, sizeof(*notify));

	CHECK(notify);
	notify->member = member;
	notify->fd = -1;
	notify_address(member, notify);
	member->notify = notify;
	return notify;
}

static void
notify_free(struct member *member)
{
	struct notify *notify = member->notify;

	loop_unwatch(member->manager->loop, &notify->watch);
	(void)fd_close(notify->fd);
	free(notify);
	member->notify = NULL;
}

const char *
notify_open(struct member *member, struct err *err)
{
	struct notify *notify = member->notify;
	const struct frame hold = { .kind = FRAME_HOLD,
				    .number = HELD_KEY(member->number, HELD_NOTIFY) };
	int fd;

	if (notify) {
		return notify->address;
	}
	notify = notify_new(member);
	fd = notify_bind(notify);
	if (fd >= 0 && notify->is_path && member->manager->root) {
		(void)chmod(notify->address, 0600);
	}
	if (fd < 0 || notify_begin(member, fd) < 0) {
		err_set_errno(err, fd < 0 ? -fd : EMFILE, "notification socket %s",
			      notify->address);
		notify_free(member);
		str_replace(&member->notify_address, NULL);
		return NULL;
	}
	keeper_line_send(member->manager, &hold, &fd, 1);
	return notify->address;
}

void
notify_held(struct member *member, int take_fd)
{
	if (member->notify) {
		(void)fd_close(take_fd);
		return;
	}
	(void)notify_new(member);
	if (notify_begin(member, take_fd) < 0) {
		notify_free(member);
	}
}

void
notify_hold(struct member *member)
{
	const struct frame hold = { .kind = FRAME_HOLD,
				    .number = HELD_KEY(member->number, HELD_NOTIFY) };

	if (member->notify) {
		keeper_line_send(member->manager, &hold, &member->notify->fd, 1);
	}
}

void
notify_adopt(struct member *member)
{
	struct err err = { 0 };

	if (member->notify || !member->notify_address || service_is_down(&member->service)) {
		return;
	}
	if (!notify_open(member, &err)) {
		(void)fprintf(stderr, "tendd: %s: %s\n", member->name, err.text);
	}
}

void
notify_close(struct member *member)
{
	const struct frame drop = { .kind = FRAME_DROP,
				    .number = HELD_KEY(member->number, HELD_NOTIFY) };

	if (!member->notify) {
		return;
	}
	if (member->notify->is_path) {
		(void)unlink(member->notify->address);
	}
	keeper_line_send(member->manager, &drop, NULL, 0);
	notify_free(member);
	str_replace(&member->notify_address, NULL);
}

/* ---- the store ---- */
void
notify_drop_store(struct member *member)
{
	for (size_t i = 0; i < member->stored_count; i++) {
		const struct frame drop = {
			.kind = FRAME_DROP,
			.number = HELD_KEY(member->number, HELD_STORE + member->stored[i].place)
		};
		keeper_line_send(member->manager, &drop, NULL, 0);
		free(member->stored[i].name);
	}
	free(member->stored);
	member->stored = NULL;
	member->stored_count = 0;
}

size_t
notify_store_names(const struct member *member, struct buf *ret_names)
{
	for (size_t i = 0; i < member->stored_count; i++) {
		(void)buf_addf(ret_names, "%s%s", i ? ":" : "", member->stored[i].name);
	}
	return member->stored_count;
}

static void
store_add(struct member *member, const char *name, unsigned place)
{
	member->stored =
		realloc(member->stored, (member->stored_count + 1) * sizeof(*member->stored));
	CHECK(member->stored);
	member->stored[member->stored_count].name = str_dup(name);
	member->stored[member->stored_count].place = (uint16_t)place;
	member->stored_count++;
}

/* after a restart of the manager: the names are in the ledger, or lost with it ("stored") */
void
notify_store_held(struct member *member, unsigned place, int take_fd)
{
	(void)fd_close(take_fd); /* the keeper holds it; a launch names its key */
	for (size_t i = 0; i < member->stored_count; i++) {
		if (member->stored[i].place == place) {
			return;
		}
	}
	store_add(member, "stored", place);
}

static unsigned
store_free_place(const struct member *member)
{
	unsigned place = 0;

	for (size_t i = 0; i < member->stored_count; i++) {
		if (member->stored[i].place == place) {
			place++;
			i = (size_t)-1; /* from the beginning: places are few */
		}
	}
	return place;
}

static void
store_take(struct member *member, const char *name, const int *fds, size_t count)
{
	int64_t max = MIN(member->unit->fd_store_max, LIMIT_FDSTORE);

	for (size_t i = 0; i < count && (int64_t)member->stored_count < max; i++) {
		unsigned place = store_free_place(member);
		const struct frame hold = { .kind = FRAME_HOLD,
					    .number =
						    HELD_KEY(member->number, HELD_STORE + place) };
		keeper_line_send(member->manager, &hold, &fds[i], 1);
		store_add(member, name && *name && !strchr(name, ':') ? name : "stored", place);
	}
}

static void
store_remove(struct member *member, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < member->stored_count; i++) {
		if (name && str_equal(member->stored[i].name, name)) {
			const struct frame drop = { .kind = FRAME_DROP,
						    .number = HELD_KEY(
							    member->number,
							    HELD_STORE + member->stored[i].place) };
			keeper_line_send(member->manager, &drop, NULL, 0);
			free(member->stored[i].name);
		} else {
			member->stored[kept++] = member->stored[i];
		}
	}
	member->stored_count = kept;
}

/* ---- what is said ---- */
static bool
notify_span(const char *text, int64_t *ret_ns)
{
	uint64_t us;

	if (str_to_u64(text, &us) < 0 || us > INT64_MAX / 1000) {
		return false;
	}
	*ret_ns = (int64_t)us * CLOCK_US;
	return true;
}

static void
notify_line(struct message *message, const char *line)
{
	int64_t number;

	if (str_equal(line, "READY=1")) {
		message->ready = true;
	} else if (str_equal(line, "RELOADING=1")) {
		message->reloading = true;
	} else if (str_equal(line, "STOPPING=1")) {
		message->stopping = true;
	} else if (str_equal(line, "WATCHDOG=1")) {
		message->alive = true;
	} else if (str_equal(line, "WATCHDOG=trigger")) {
		message->trigger = true;
	} else if (str_equal(line, "FDSTORE=1")) {
		message->store = true;
	} else if (str_equal(line, "FDSTOREREMOVE=1")) {
		message->store_remove = true;
	} else if (str_starts(line, "STATUS=")) {
		message->status = line + 7;
	} else if (str_starts(line, "ERRNO=") && str_to_i64(line + 6, &number) == 0 &&
		   number >= 0 && number < 4096) {
		message->error = number;
	} else if (str_starts(line, "FDNAME=")) {
		message->fd_name = line + 7;
	} else if (str_starts(line, "MAINPID=") && str_to_i64(line + 8, &number) == 0) {
		message->main_pid = number;
	} else if (str_starts(line, "WATCHDOG_USEC=")) {
		(void)notify_span(line + 14, &message->watchdog);
	} else if (str_starts(line, "EXTEND_TIMEOUT_USEC=")) {
		(void)notify_span(line + 20, &message->extend);
	} /* the rest (BUSERROR=, MONOTONIC_USEC=, BARRIER=1 ...) asks for nothing that is
	     done here */
}

static void
notify_tell_span(struct member *member, enum event_kind kind, int64_t span)
{
	if (span > 0) {
		member_event(member, (struct event){ .kind = kind, .span = span });
	}
}

static void
notify_act(struct member *member, const struct message *message, const int *fds, size_t count)
{
	if (message->main_pid > 0 && message->main_pid <= INT32_MAX &&
	    (pid_t)message->main_pid != member->child[PART_MAIN].pid) {
		(void)mainpid_take(member, (pid_t)message->main_pid);
	}
	if (message->status) {
		str_replace(&member->status_text, *message->status ? message->status : NULL);
	}
	if (message->error >= 0) {
		member->said_errno = (int)message->error;
	}
	if (message->store) {
		store_take(member, message->fd_name, fds, count);
	}
	if (message->store_remove) {
		store_remove(member, message->fd_name);
	}
	if (message->status || message->error >= 0 || message->store || message->store_remove) {
		ledger_write(member); /* no state changes, so nothing else would write it */
	}
	notify_tell_span(member, EVENT_WATCHDOG_SPAN, message->watchdog);
	notify_tell_span(member, EVENT_EXTEND, message->extend);
	if (message->reloading) {
		member_event_simple(member, EVENT_RELOADING);
	}
	if (message->ready) {
		member_event_simple(member, EVENT_READY);
	}
	if (message->stopping) {
		member_event_simple(member, EVENT_STOPPING);
	}
	if (message->alive) {
		member_event_simple(member, EVENT_ALIVE);
	}
	if (message->trigger) {
		member_event_simple(member, EVENT_TRIGGER);
	}
}

/* NotifyAccess=; a sender that has ended already can only be known by its pid, so `all` believes
 * its user then */
static bool
notify_may(struct member *member, const struct ucred *sender)
{
	enum notify_access access = member->unit->notify_access;
	const pid_t main_pid = member->child[PART_MAIN].pid;
	const pid_t control = member->child[PART_CONTROL].pid;
	struct kins kins;
	struct proc_stat stat;
	bool found = false;

	if (sender->pid == main_pid) {
		return access != NOTIFY_NONE;
	}
	if (access == NOTIFY_EXEC && sender->pid == control) {
		return true;
	}
	if (access != NOTIFY_ALL) {
		return false;
	}
	if (sender->pid == control) {
		return true;
	}
	if (proc_stat(sender->pid, &stat) < 0 || stat.state == 'Z') {
		return sender->uid == getuid() || sender->uid == 0;
	}
	kin_find(member, &kins);
	for (size_t i = 0; i < kins.count && !found; i++) {
		found = kins.list[i].pid == sender->pid;
	}
	kins_done(&kins);
	return found;
}

/* -1: nothing there (or nothing sound); else its length */
static ssize_t
notify_receive(const struct notify *notify, char *text, size_t size, struct ucred *ret_sender,
	       int *ret_fds, size_t *ret_count)
{
	struct iovec part = { .iov_base = text, .iov_len = size - 1 };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred)) +
			   CMSG_SPACE(sizeof(int) * FD_PASS_MAX)];
	} control;
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(notify->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*ret_count = 0;
	ret_sender->pid = 0;
	if (n < 0) {
		return -1;
	}
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
			memcpy(ret_sender, CMSG_DATA(c), sizeof(*ret_sender));
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			*ret_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(ret_fds, CMSG_DATA(c), *ret_count * sizeof(int));
		}
	}
	text[n] = '\0';
	return header.msg_flags & MSG_TRUNC ? 0 : n;
}

static void
notify_came(struct watch *watch, uint32_t events UNUSED)
{
	struct notify *notify = CONTAINER(watch, struct notify, watch);
	struct member *member = notify->member;
	char text[LIMIT_NOTIFY + 1];
	struct message message = { .error = -1 };
	struct ucred sender;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	char *rest = NULL, *at = text;
	ssize_t n = notify_receive(notify, text, sizeof(text), &sender, fds, &count);

	if (n > 0 && sender.pid > 0 && strlen(text) == (size_t)n && notify_may(member, &sender)) {
		while ((rest = strsep(&at, "\n"))) {
			notify_line(&message, rest);
		}
		notify_act(member, &message, fds, count);
	}
	for (size_t i = 0; i < count; i++) {
		(void)fd_close(fds[i]);
	}
}
