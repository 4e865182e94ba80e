/* oom: what the kernel kills for want of memory, where units' cgroups count it (memory.events,
 * which needs the memory controller). OOMPolicy=stop hears of it by inotify; kill lets the kernel
 * do it, with memory.oom.group. The count goes on over the runs of a unit, so each run begins with
 * a look at it.
 *
 * The controller is switched on for our own directory of groups, and for the root cgroup above it:
 * every other group that has processes in it (we are in ours) refuses. */
#include "manager/core.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

struct oom {
	struct manager *manager;
	int fd; /* inotify */
	struct watch watch;
	struct nmap members; /* by watch descriptor */
};

static int64_t
oom_count(struct member *member)
{
	autoclose int group = member->has_group ? groups_look(member) : -1;

	return fd_is_open(group) ? cgroup_number(group, "memory.events", "oom_kill") : -1;
}

static void
oom_look(struct member *member)
{
	if (!member->oom_told && oom_count(member) > member->oom_seen) {
		member->oom_told = true;
		member_event_simple(member, EVENT_OOM);
	}
}

static void
oom_events_came(struct watch *watch, uint32_t events UNUSED)
{
	struct oom *oom = CONTAINER(watch, struct oom, watch);
	char buffer[4096] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = read(oom->fd, buffer, sizeof(buffer))) > 0) {
		for (char *at = buffer; at < buffer + n;) {
			const struct inotify_event *event = (const void *)at;
			struct member *member = nmap_get(&oom->members, (uint64_t)event->wd);
			if (member && (event->mask & IN_IGNORED)) { /* its group was removed */
				(void)nmap_remove(&oom->members, (uint64_t)event->wd);
				member->oom_watch = 0;
			} else if (member) {
				oom_look(member);
			}
			at += sizeof(*event) + event->len;
		}
	}
	carry_events(oom->manager);
}

static bool
oom_switch_on(int dirfd)
{
	autoclose int fd = openat(dirfd, "cgroup.subtree_control", O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, "+memory", 7) == 7;
}

void
oom_start(struct manager *manager, int groups_dirfd)
{
	struct oom *oom;
	autoclose int above = openat(groups_dirfd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!oom_switch_on(groups_dirfd) &&
	    !(above >= 0 && oom_switch_on(above) && oom_switch_on(groups_dirfd))) {
		return;
	}
	oom = calloc(1, sizeof(*oom));
	CHECK(oom);
	oom->manager = manager;
	nmap_init(&oom->members);
	oom->fd = fd_raise(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	if (!fd_is_open(oom->fd) || loop_watch(manager->loop, &oom->watch, oom->fd, EPOLLIN,
					       LOOP_EXIT, oom_events_came) < 0) {
		(void)fd_close(oom->fd);
		free(oom);
		return;
	}
	manager->oom = oom;
}

void
oom_end(struct manager *manager)
{
	struct oom *oom = manager->oom;

	if (oom) {
		loop_unwatch(manager->loop, &oom->watch);
		(void)fd_close(oom->fd);
		nmap_done(&oom->members);
		free(oom);
		manager->oom = NULL;
	}
}

void
oom_forget(struct member *member)
{
	struct oom *oom = member->manager->oom;

	if (oom && member->oom_watch > 0) {
		(void)inotify_rm_watch(oom->fd, member->oom_watch);
		(void)nmap_remove(&oom->members, (uint64_t)member->oom_watch);
		member->oom_watch = 0;
	}
}

static void
oom_watch(struct member *member)
{
	struct oom *oom = member->manager->oom;
	autofree char *path = groups_file(member, "memory.events");

	if (path && member->oom_watch == 0) {
		int number = inotify_add_watch(oom->fd, path, IN_MODIFY);
		if (number > 0) {
			nmap_set(&oom->members, (uint64_t)number, member);
			member->oom_watch = number;
		}
	}
}

void
oom_launch(struct member *member, int group)
{
	if (!member->manager->oom || member->oom_run == member->run) {
		return;
	}
	member->oom_run = member->run;
	member->oom_told = false;
	member->oom_seen = MAX(cgroup_number(group, "memory.events", "oom_kill"), 0);
	if (member->unit->oom_policy == OOM_STOP) {
		oom_watch(member);
	} else {
		oom_forget(member);
	}
	if (member->unit->oom_policy == OOM_KILL) {
		autoclose int fd = openat(group, "memory.oom.group", O_WRONLY | O_CLOEXEC);
		(void)!(fd >= 0 && write(fd, "1", 1) == 1);
	}
}

void
oom_resume(struct member *member)
{
	if (member->manager->oom && member->in_run && member->unit->oom_policy == OOM_STOP) {
		oom_watch(member);
		oom_look(member);
	}
}

bool
oom_came(struct member *member)
{
	return member->manager->oom && oom_count(member) > member->oom_seen;
}
