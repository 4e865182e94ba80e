/* mainpid: which process is main, for a daemon that forks (PIDFile=, GuessMainPID=) or says
 * MAINPID=.
 *
 * A pid from a file or a message is believed only when that process belongs to the unit. While the
 * file is not there (some daemons write it after their parent has left) its directory is watched;
 * the state's deadline ends the search. */
#include "manager/core.h"
#include "base/file.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

struct mainpid {
	struct member *member;
	int fd; /* inotify */
	struct watch watch;
};

static bool
mainpid_is_kin(struct member *member, pid_t pid)
{
	struct kins kins;
	bool found = false;

	kin_find(member, &kins);
	for (size_t i = 0; i < kins.count && !found; i++) {
		found = kins.list[i].pid == pid;
	}
	kins_done(&kins);
	return found;
}

bool
mainpid_take(struct member *member, pid_t pid)
{
	struct child *child = &member->child[PART_MAIN];
	struct proc_stat stat;
	int pidfd;

	if (pid <= 1 || !mainpid_is_kin(member, pid)) {
		return false;
	}
	pidfd = fd_pidfd(pid);
	if (pidfd < 0) {
		return false;
	}
	if (proc_stat(pid, &stat) < 0 || stat.state == 'Z') {
		(void)fd_close(pidfd);
		return false;
	}
	if (child->number) { /* the old main goes on as any other process of the unit */
		const struct frame forget = { .kind = FRAME_FORGET, .number = child->number };
		watching_end(child);
		launching_forget(child);
		(void)nmap_remove(&member->manager->children, child->number);
		if (!child->foreign) {
			keeper_line_send(member->manager, &forget, NULL, 0);
		}
		(void)fd_close(child->pidfd);
	}
	child->number = MAX(member->manager->last_child + 1, (uint64_t)clock_wall());
	member->manager->last_child = child->number;
	child->pid = pid;
	child->start = stat.start;
	child->pidfd = pidfd;
	child->foreign = true;
	child->execed = true;
	child->asked = false;
	nmap_set(&member->manager->children, child->number, child);
	watching_begin(child);
	member_event(member, (struct event){ .kind = EVENT_MAIN_FOUND, .part = PART_MAIN });
	return true;
}

void
mainpid_stop(struct member *member)
{
	struct mainpid *mainpid = member->mainpid;

	if (mainpid) {
		loop_unwatch(member->manager->loop, &mainpid->watch);
		(void)fd_close(mainpid->fd);
		free(mainpid);
		member->mainpid = NULL;
	}
}

static char *
mainpid_path(struct member *member)
{
	struct expand with = member->manager->expand;
	struct err err;
	char *path;

	with.name = member->name;
	with.file = member->unit->file;
	path = unit_expand(&with, member->unit->pid_file, &err);
	if (path && !path_is_absolute(path)) { /* as systemd: below the runtime directory */
		char *whole = path_join(with.runtime ? with.runtime : "/run", path);
		free(path);
		path = whole;
	}
	return path;
}

static bool
mainpid_from_file(struct member *member)
{
	autofree char *path = mainpid_path(member);
	autofree char *text = NULL;
	size_t length = 0;
	int64_t pid;

	if (!path || file_read(AT_FDCWD, path, 64, &text, &length) < 0) {
		return false;
	}
	text[strcspn(text, " \t\r\n")] = '\0';
	return str_to_i64(text, &pid) == 0 && pid > 1 && pid <= INT32_MAX &&
	       mainpid_take(member, (pid_t)pid);
}

static void
mainpid_file_changed(struct watch *watch, uint32_t events UNUSED)
{
	struct mainpid *mainpid = CONTAINER(watch, struct mainpid, watch);
	struct member *member = mainpid->member;
	char bytes[4096];

	while (read(mainpid->fd, bytes, sizeof(bytes)) > 0) {
	}
	if (mainpid_from_file(member)) {
		mainpid_stop(member);
	}
}

/* the nearest directory that is there: its path may still have to be made */
static int
mainpid_watch_directory(int fd, const char *path)
{
	autofree char *directory = path_dir(path);
	const uint32_t mask = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB;

	while (inotify_add_watch(fd, directory, mask) < 0) {
		char *above;
		if (errno != ENOENT || str_equal(directory, "/")) {
			return -errno;
		}
		above = path_dir(directory);
		free(directory);
		directory = above;
	}
	return 0;
}

static void
mainpid_wait_for_file(struct member *member)
{
	autofree char *path = mainpid_path(member);
	struct mainpid *mainpid;

	if (!path || member->mainpid) {
		return;
	}
	mainpid = calloc(1, sizeof(*mainpid));
	CHECK(mainpid);
	mainpid->member = member;
	mainpid->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	member->mainpid = mainpid;
	if (mainpid->fd < 0 || mainpid_watch_directory(mainpid->fd, path) < 0 ||
	    loop_watch(member->manager->loop, &mainpid->watch, mainpid->fd, EPOLLIN, LOOP_DATA,
		       mainpid_file_changed) < 0) {
		mainpid_stop(member);
	}
}

/* the one process that is left, or the only one whose parent has gone */
static bool
mainpid_guess(struct member *member)
{
	struct kins kins;
	pid_t guess = 0, orphan = 0;
	unsigned orphans = 0, others = 0;

	kin_find(member, &kins);
	for (size_t i = 0; i < kins.count; i++) {
		struct proc_stat stat;
		if (kins.list[i].pid == member->child[PART_CONTROL].pid ||
		    proc_stat(kins.list[i].pid, &stat) < 0) {
			continue;
		}
		guess = stat.pid;
		others++;
		if (stat.ppid == member->manager->keeper_pid || stat.ppid == 1) {
			orphan = stat.pid;
			orphans++;
		}
	}
	kins_done(&kins);
	if (others == 1) {
		return mainpid_take(member, guess);
	}
	return orphans == 1 && mainpid_take(member, orphan);
}

void
mainpid_find(struct member *member)
{
	if (member->unit->pid_file) {
		mainpid_wait_for_file(
			member); /* before the look, so that nothing is missed between */
		if (mainpid_from_file(member)) {
			mainpid_stop(member);
			return;
		}
	} else if (member->unit->guess_main_pid && mainpid_guess(member)) {
		return;
	}
	member_event_simple(member, EVENT_MAIN_MISSING);
}
