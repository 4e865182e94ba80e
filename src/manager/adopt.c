/* What was kept before this manager began. First the ledgers are read: what should be. Then the
 * keeper's list comes: what is, or how it ended meanwhile. What the ledger names and the list does
 * not was never launched (this keeper would know it), or it was launched by a keeper that is dead:
 * then the process itself is looked at, and is watched by pidfd from then on. Only when all of that
 * is settled are events taken, and only then is the first client heard.
 *
 * A ledger that is damaged is not half believed: its unit is asked for among the live processes
 * (alive.c). So is every unit of which there is none, unless the tendd before has left word that it
 * ended with everything down. */
#include "manager/adopt.h"
#include "base/file.h"
#include "base/path.h"
#include "manager/keeper-line.h"
#include "manager/ledger.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_call(struct call *call, void *context);

/* ---- ledgers ---- */
/* The unit as its file says now. Where that is gone something must still be able to stop what runs.
 */
static struct member *
make_member(struct manager *manager, const char *name)
{
	struct err err = { 0 };
	struct member *member = member_get(manager, name, &err);

	if (!member) {
		static const char text[] = "[Unit]\nDescription=its unit file is gone\n";

		member = member_new(manager, name, unit_parse(name, text, sizeof(text) - 1, NULL));
	}
	return member;
}

static void
renumber(struct member *member, uint64_t number)
{
	struct nmap *by_number = &member->manager->by_number;

	if (number != 0 && !nmap_get(by_number, number)) {
		(void)nmap_remove(by_number, member->number);
		member->number = number;
		nmap_set(by_number, number, member);
	}
}

static void
register_children(struct member *member)
{
	struct manager *manager = member->manager;

	for (enum part part = 0; part < PART_COUNT; part++) {
		struct child *child = &member->child[part];

		if (child->number) {
			nmap_set(&manager->children, child->number, child);
			manager->last_child = MAX(manager->last_child, child->number);
		}
	}
}

static bool
numbers_are_free(const struct member *member)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		uint64_t number = member->child[part].number;

		if (number && nmap_get(&member->manager->children, number)) {
			return false;
		}
	}
	return member->child[PART_MAIN].number == 0 ||
	       member->child[PART_MAIN].number != member->child[PART_CONTROL].number;
}

static void
start_anew(struct manager *manager, struct member *member, uint64_t number)
{
	autofree char *name = str_dup(member->name);

	for (enum part part = 0; part < PART_COUNT; part++) {
		member->child[part].number = 0; /* not in the table */
	}
	service_init(&member->service, member->unit);
	member_free(member);
	member = make_member(manager, name);
	renumber(member, number);
	strv_add(&manager->adoption->damaged, name);
	(void)fprintf(stderr, "tendd: the ledger of %s is damaged: asking the processes\n", name);
}

static void
read_ledger(struct manager *manager, int directory, const char *file)
{
	char name[LIMIT_NAME + 1];
	autofree char *text = NULL;
	size_t length = 0;
	struct member *member;
	uint64_t number;
	int r = file_read(directory, file, LIMIT_LEDGER, &text, &length);

	if (!name_check(file, name, NULL) || !str_equal(name, file) || name_is_template(name)) {
		return;
	}
	number = r == 0 ? ledger_number(text) : 0;
	member = make_member(manager, name);
	renumber(member, number);
	if (r < 0 || !ledger_take(member, text, length) || !numbers_are_free(member)) {
		start_anew(manager, member, number);
		return;
	}
	manager->last_member = MAX(manager->last_member, member->number);
	register_children(member);
}

static char *
word_of_end(const struct manager *manager)
{
	return path_join(manager->places->run, "ended");
}

void
adopt_note_end(struct manager *manager)
{
	autofree char *path = word_of_end(manager);

	(void)file_replace(AT_FDCWD, path, "", 0, 0600, false); /* else the next one looks */
}

void
adopt_all(struct manager *manager)
{
	autofree char *ended = word_of_end(manager);
	int fd = fd_raise(open(manager->places->ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	DIR *entries = fd_is_open(fd) ? fdopendir(fd) : NULL;
	struct dirent *entry;

	manager->adoption = calloc(1, sizeof(*manager->adoption));
	CHECK(manager->adoption != NULL);
	manager->adoption->look = unlink(ended) < 0;
	if (!entries) {
		manager_say(manager, SAY_LEDGER, "%s: %s", manager->places->ledger,
			    strerror(fd_is_open(fd) ? errno : -fd));
		(void)fd_close(fd);
		return;
	}
	(void)file_sweep(fd);
	while ((entry = readdir(entries))) {
		if (entry->d_name[0] != '.') {
			read_ledger(manager, fd, entry->d_name);
		}
	}
	(void)closedir(entries);
}

/* ---- the keeper's list ---- */
static void
note_stray(struct manager *manager, const struct frame *frame, int *fds, size_t count)
{
	struct adoption *adoption = manager->adoption;

	if (adoption->stray_count == adoption->stray_size) {
		adoption->stray_size = MAX(adoption->stray_size * 2, 16);
		adoption->strays = reallocarray(adoption->strays, adoption->stray_size,
						sizeof(*adoption->strays));
		CHECK(adoption->strays != NULL);
	}
	adoption->strays[adoption->stray_count++] = (struct stray){
		.number = frame->number,
		.pid = frame->pid,
		.pidfd = (frame->flags & CHILD_PIDFD) && count > 0 ? fd_take(&fds[0]) : -1,
	};
	manager->last_child = MAX(manager->last_child, frame->number);
}

static void
child_is_there(struct child *child, const struct frame *frame, int *fds, size_t count)
{
	struct member *member = child->member;
	bool has_pidfd = (frame->flags & CHILD_PIDFD) && count > 0;
	bool has_pipe = (frame->flags & CHILD_ERROR_PIPE) && count > has_pidfd;
	struct proc_stat stat;

	if (child->listed) {
		return;
	}
	child->listed = true;
	child->foreign = false;
	child->pid = frame->pid;
	child->keeper = member->manager->keeper_pid;
	if (has_pidfd) {
		child->pidfd = fd_close(child->pidfd);
		child->pidfd = fd_take(&fds[0]);
	}
	if (child->start == 0 && proc_stat(child->pid, &stat) == 0) {
		child->start = stat.start;
	}
	if (child->part == PART_MAIN) {
		member->run_pid = child->pid;
	}
	if (child->execed) {
		return;
	}
	if (has_pipe) {
		launching_adopted(child, fd_take(&fds[has_pidfd]));
	} else { /* the manager before had seen it, and told the keeper, but not the ledger */
		child->execed = true;
		member_event(member, (struct event){ .kind = EVENT_EXECED, .part = child->part });
	}
}

void
adopt_frame(struct manager *manager, const struct frame *frame, int *fds, size_t count)
{
	struct child *child = nmap_get(&manager->children, frame->number);

	if (frame->kind == FRAME_CHILD && child) {
		child_is_there(child, frame, fds, count);
	} else if (frame->kind == FRAME_CHILD) {
		note_stray(manager, frame, fds, count);
	} else {
		launching_frame(manager, frame, fds, count);
	}
}

/* ---- what the list does not name ---- */
bool
adopt_process(struct child *child, pid_t pid, uint64_t start)
{
	struct proc_stat stat = { .start = start };
	int pidfd = fd_pidfd(pid), r;

	if (pidfd == -EMFILE && pipes_release(child->member->manager)) {
		pidfd = fd_pidfd(pid);
	}
	/* Looked at after the pidfd was opened: so it is of the process that is seen here. Nobody
	 * is gone because we lack a descriptor to look at him. */
	r = pidfd == -ESRCH ? pidfd : proc_stat(pid, &stat);
	if ((r < 0 && r != -EMFILE && r != -ENFILE) || (start && stat.start != start)) {
		(void)fd_close(pidfd);
		return false;
	}
	child->pid = pid;
	child->start = stat.start;
	child->pidfd = fd_close(child->pidfd);
	child->pidfd = fd_is_open(pidfd) ? pidfd : -1;
	child->foreign = true;
	child->asked = false;
	child->member->foreign_kin = true;
	if (child->part == PART_MAIN) {
		child->member->run_pid = pid;
	}
	watching_begin(child);
	return true;
}

void
adopt_ended_unseen(struct child *child)
{
	const struct outcome unknown = { 0 };

	child->ended_told = true;
	child->foreign = true; /* no keeper waits for a FORGET of it */
	watching_ended(child, &unknown);
}

void
adopt_launch_again(struct child *child)
{
	struct member *member = child->member;
	const struct service *service = &member->service;
	bool is_main = child->part == PART_MAIN;
	unsigned index = !is_main || service->step == STEP_START ? service->index : 0;

	child->pid = 0;
	child->start = 0;
	child->keeper = 0;
	child->execed = false;
	launching_begin(member, child->part, is_main ? STEP_START : service->step, index);
}

static void
execed_unseen(struct child *child)
{
	if (!child->execed) {
		child->execed = true;
		member_event(child->member,
			     (struct event){ .kind = EVENT_EXECED, .part = child->part });
	}
}

/* named by its ledger, alive by its ledger, and not in the list */
static void
settle_unlisted(struct child *child)
{
	bool same_keeper = child->keeper == child->member->manager->keeper_pid && !child->foreign;
	pid_t pid = child->pid;

	if (pid == 0 && (child->keeper == 0 || same_keeper)) {
		adopt_launch_again(child); /* it never was */
		return;
	}
	if (pid == 0) {
		pid = alive_of_invocation(child->member);
	}
	if (pid > 0 && adopt_process(child, pid, child->start)) {
		execed_unseen(child);
		return;
	}
	if (!child->execed) {
		str_replace(&child->member->failure,
			    "tendd was killed while it was started: whether its program ran is not "
			    "known");
	}
	adopt_ended_unseen(child);
}

static void
settle_child(struct child *child)
{
	struct member *member = child->member;

	if (child->number == 0) {
		if (member->service.alive[child->part]) { /* a ledger that contradicts itself */
			adopt_ended_unseen(child);
		}
		return;
	}
	if (!member->service.alive[child->part] && !child->listed) {
		(void)nmap_remove(&member->manager->children, child->number);
		child->number = 0;
		child->pid = 0;
		return;
	}
	if (!child->listed && !child->ended_told) {
		settle_unlisted(child);
	}
}

static void
settle_all(struct manager *manager)
{
	struct member *member;
	size_t at = 0;

	while ((member = map_each(&manager->members, &at))) {
		if (member->fresh) {
			continue;
		}
		for (enum part part = 0; part < PART_COUNT; part++) {
			settle_child(&member->child[part]);
		}
		notify_adopt(member);
	}
}

static void
resume_all(struct manager *manager)
{
	struct member *member;
	size_t at = 0;

	while ((member = map_each(&manager->members, &at))) {
		manager->kept += service_is_down(&member->service) ? 0 : 1;
	}
	at = 0;
	while ((member = map_each(&manager->members, &at))) {
		if (member->fresh) {
			continue;
		}
		carry_resume(member);
		if (member->service.state == SERVICE_HELD) {
			depend_changed(member, SERVICE_STOPPED);
		}
		if (list_is_empty(&member->busy)) { /* so that it is looked at once */
			list_add(&manager->busy, &member->busy);
		}
	}
}

static void
forget_strays(struct manager *manager)
{
	struct adoption *adoption = manager->adoption;

	for (size_t i = 0; i < adoption->stray_count; i++) {
		(void)fd_close(adoption->strays[i].pidfd);
	}
	free(adoption->strays);
	strv_free(adoption->damaged);
	free(adoption);
	manager->adoption = NULL;
}

static void
serve(struct manager *manager)
{
	if (!fd_is_open(ROLE_FD_LISTEN)) {
		return;
	}
	manager->server =
		wire_server_new(manager->loop, ROLE_FD_LISTEN, geteuid(), on_call, manager);
	if (!manager->server) {
		(void)fprintf(stderr, "tendd: the control socket can't be served: %s\n",
			      strerror(errno));
	}
}

static void
on_call(struct call *call, void *context)
{
	requests_dispatch(call, context);
}

void
adopt_list_end(struct manager *manager)
{
	struct proc_stat stat;

	if (proc_stat(manager->keeper_pid, &stat) == 0) {
		manager->since_wall = proc_started_wall(&stat);
	}
	settle_all(manager);
	alive_take_over(manager);
	pipes_find(manager);
	manager->adopting = false;
	resume_all(manager);
	forget_strays(manager);
	carry_events(manager);
	serve(manager);
	enable_at_boot(manager);
	launching_pump(manager);
}
