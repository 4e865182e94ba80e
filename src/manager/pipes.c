/* One pipe for what a unit writes, and one for its standard error where the unit sends that to the
 * log by itself (StandardError=journal): its lines are told apart then, and their order among those
 * of the other is only as true as the moments they were read. The keeper holds it opened
 * read-write, so it has a reader and a writer whoever dies; children get that same descriptor and
 * never see SIGPIPE. The logger has a read end of its own. The manager holds the keeper's
 * descriptor as well: so whichever two of the three die at once, what lies in the pipe is kept.
 * Only the upper half of the descriptors that we may have is not used for that: each service must
 * have one for its process, and each launch a few.
 *
 * A pipe goes in three steps: the logger is asked to let go of it, it answers when it has read all,
 * and only then keeper and manager close theirs.
 *
 * The logger is told first and the keeper second: a manager that dies between the two leaves a pipe
 * of which the keeper knows nothing, and the next run makes another; the other way round bytes
 * would lie in a pipe that nobody reads.
 *
 * Without /proc a pipe cannot be opened again: then the keeper gets the write end, and a logger
 * that dies takes what is in the pipe with it. */
#include "manager/keeper-line.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int
open_again(int fd, int flags)
{
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd_raise(open(path, flags | O_CLOEXEC | O_NONBLOCK));
}

static const unsigned kinds[] = { HELD_LOG, HELD_LOG_ERROR };

bool
pipes_wanted(const struct unit *unit, unsigned kind)
{
	const struct stdio *output = &unit->standard_output;

	if (kind == HELD_LOG) {
		return output->kind == STDIO_DEFAULT || output->kind == STDIO_LOG;
	}
	return unit->standard_error.kind == STDIO_LOG;
}

static struct frame
stream_frame(const struct member *member, unsigned kind)
{
	struct frame frame = { .kind = FRAME_STREAM, .number = HELD_KEY(member->number, kind) };

	logging_stream(member, &frame);
	if (member->in_run && member->marked_run == member->run) {
		frame.value = member->run;
		frame.time = member->run_wall;
		frame.pid = member->run_pid;
	}
	return frame;
}

static void
give(struct member *member, unsigned kind, int read_end)
{
	struct frame frame = stream_frame(member, kind);

	logger_line_send(member->manager, &frame, &read_end, 1);
}

/* ---- holding ---- */
static bool
is_scarce(int fd)
{
	struct rlimit limit;

	/* the kernel gives the lowest number that is free, so a high one means that few are left */
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && (rlim_t)fd >= limit.rlim_cur / 2;
}

/* `held` is what the keeper has, or is about to have */
static void
keep(struct member *member, unsigned kind, int held)
{
	struct log_pipe *pipe = &member->pipes[kind];
	int copy = fd_is_open(pipe->fd) ? -1 : fd_dup(held);
	struct stat st;

	pipe->there = true;
	pipe->inode = fstat(held, &st) == 0 ? st.st_ino : 0;
	if (fd_is_open(copy) && is_scarce(copy)) {
		copy = fd_close(copy);
	}
	if (fd_is_open(copy)) {
		pipe->fd = copy;
	}
}

void
pipes_forget(struct member *member, unsigned kind)
{
	(void)fd_close(member->pipes[kind].fd);
	member->pipes[kind] = (struct log_pipe){ .fd = -1 };
}

bool
pipes_release(struct manager *manager)
{
	struct member *member;
	size_t at = 0;
	bool any = false;

	if (manager->keeper_pid == 0) { /* who else would hold them? */
		return false;
	}
	while ((member = map_each(&manager->members, &at))) {
		for (size_t i = 0; i < COUNT(kinds); i++) {
			struct log_pipe *pipe = &member->pipes[kinds[i]];

			any |= fd_is_open(pipe->fd);
			pipe->fd = fd_close(pipe->fd);
		}
	}
	return any;
}

static int
hold(struct member *member, unsigned kind, int held)
{
	const struct frame frame = { .kind = FRAME_HOLD, .number = HELD_KEY(member->number, kind) };

	return keeper_line_try(member->manager, &frame, &held, 1);
}

/* ---- opening and closing ---- */
static void
drop(struct manager *manager, uint64_t key)
{
	keeper_line_send(manager, &(struct frame){ .kind = FRAME_DROP, .number = key }, NULL, 0);
}

/* it was to go when the unit was down, and now the unit is started again */
static bool
use_again(struct member *member, unsigned kind)
{
	struct log_pipe *pipe = &member->pipes[kind];
	autoclose int read_end = -1;

	if (!pipe->there || pipe->closing == 0) {
		return pipe->there;
	}
	read_end = fd_is_open(pipe->fd) ? open_again(pipe->fd, O_RDONLY) : -1;
	if (fd_is_open(read_end)) {
		pipe->closing = 0;
		give(member, kind, read_end);
		return true;
	}
	drop(member->manager, HELD_KEY(member->number, kind));
	pipes_forget(member, kind);
	return false;
}

static int
open_one(struct member *member, unsigned kind, struct err *err)
{
	int pair[2], held, r = fd_pipe(pair);

	if (r < 0) {
		(void)err_set_errno(err, -r, "a pipe for the log");
		return r;
	}
	held = open_again(pair[1], O_RDWR);
	if (fd_is_open(held)) {
		/* its flags are the children's: they write as to any pipe */
		(void)fd_set_blocking(held, true);
	} else {
		held = fd_take(&pair[1]);
	}
	(void)fd_set_blocking(pair[0], false);
	give(member, kind, pair[0]);
	r = hold(member, kind, held);
	if (r == -EMFILE) {
		(void)err_set_errno(err, EMFILE, "the log's pipe");
	} else {
		keep(member, kind, held);
		r = 0;
	}
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
	(void)fd_close(held);
	return r;
}

int
pipes_open(struct member *member, struct err *err)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (pipes_wanted(member->unit, kinds[i]) && !use_again(member, kinds[i])) {
			int r = open_one(member, kinds[i], err);

			if (r < 0) {
				return r;
			}
		}
	}
	return 0;
}

/* where marks go and what is asked for one is asked for both: they share a log */
static unsigned
kind_of(const struct member *member)
{
	return member->pipes[HELD_LOG_ERROR].there && !member->pipes[HELD_LOG].there
		       ? HELD_LOG_ERROR
		       : HELD_LOG;
}

static bool
has_any(const struct member *member)
{
	return member->pipes[HELD_LOG].there || member->pipes[HELD_LOG_ERROR].there;
}

void
pipes_limits(struct member *member)
{
	struct frame frame = stream_frame(member, kind_of(member));

	if (has_any(member)) {
		logger_line_send(member->manager, &frame, NULL, 0);
	}
}

static void
ask_to_close(struct member *member, unsigned kind)
{
	struct frame frame = { .kind = FRAME_CLOSE,
			       .number = HELD_KEY(member->number, kind),
			       .value = member->pipes[kind].closing };

	logger_line_send(member->manager, &frame, NULL, 0);
}

void
pipes_close(struct member *member)
{
	struct manager *manager = member->manager;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct log_pipe *pipe = &member->pipes[kinds[i]];

		if (pipe->there && pipe->closing == 0) {
			manager->last_closing = MAX(manager->last_closing + 1, clock_now());
			pipe->closing = manager->last_closing;
			ask_to_close(member, kinds[i]);
		}
	}
}

void
pipes_closed(struct manager *manager, const struct frame *frame)
{
	struct member *member = nmap_get(&manager->by_number, HELD_SERVICE(frame->number));
	unsigned kind = HELD_KIND(frame->number);

	if (kind > HELD_LOG_ERROR) {
		return;
	}
	if (!member) { /* it was deleted while the logger was reading */
		drop(manager, frame->number);
	} else if (member->pipes[kind].closing != 0 &&
		   member->pipes[kind].closing == frame->value) {
		drop(manager, frame->number);
		pipes_forget(member, kind);
	}
}

/* ---- marks ---- */
/* Where in the log ends what was written so far? Both the logger's splice and FIONREAD take the
 * pipe's lock, and a splice moves the end of the file under it: so if the file was as long after we
 * have asked the pipe as before, then it was so at that moment. The logger may be far behind by the
 * time it reads this, and a next run may have written: it counts. With two pipes it could not tell
 * whose bytes it has moved since: then only an end at which both were empty is exact. */
static void
find_end(const struct member *member, struct frame *frame)
{
	const struct log_pipe *pipe = &member->pipes[kind_of(member)];
	const struct log_pipe *other = &member->pipes[HELD_LOG_ERROR];
	autofree char *path = NULL;
	struct stat before, after;
	int waiting = 0, also = 0;

	if (ioctl(pipe->fd, FIONREAD, &waiting) < 0 ||
	    (other->there && other != pipe && ioctl(other->fd, FIONREAD, &also) < 0)) {
		return; /* we do not hold it */
	}
	path = waiting == 0
		       ? NULL
		       : str_format("%s/%s/current", member->manager->places->log, member->name);
	for (int tries = 0; tries < 4 && waiting > 0 && (!other->there || other == pipe); tries++) {
		if (stat(path, &before) < 0) {
			before = (struct stat){ 0 };
		}
		(void)ioctl(pipe->fd, FIONREAD, &waiting);
		if (stat(path, &after) < 0) {
			after = (struct stat){ 0 };
		}
		if (before.st_ino == after.st_ino && before.st_size == after.st_size) {
			frame->mark.where = MARK_AT;
			frame->mark.file = before.st_ino;
			frame->mark.end = (uint64_t)before.st_size + (uint64_t)waiting;
			return;
		}
	}
	frame->mark.where = waiting == 0 && also == 0 ? MARK_HERE : MARK_BEHIND_PIPE;
}

void
pipes_mark(struct member *member, unsigned kind, int64_t value, int64_t extra)
{
	struct frame frame = { .kind = FRAME_MARK,
			       .number = HELD_KEY(member->number, kind_of(member)),
			       .time = clock_wall() };

	if (!has_any(member)) {
		return;
	}
	frame.mark.kind = kind;
	frame.mark.value = (uint64_t)value;
	frame.mark.extra = (uint64_t)extra;
	if (kind != STORE_START) {
		find_end(member, &frame);
	}
	logger_line_send(member->manager, &frame, NULL, 0);
}

void
pipes_drained(struct member *member, void (*then)(void *context), void *context)
{
	logger_line_drain(member->manager, HELD_KEY(member->number, kind_of(member)), then,
			  context);
}

/* ---- after a death ---- */
bool
pipes_hold_again(struct member *member)
{
	bool all = true;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct log_pipe *pipe = &member->pipes[kinds[i]];

		if (pipe->there && fd_is_open(pipe->fd)) {
			(void)hold(member, kinds[i], pipe->fd);
		} else if (pipe->there) {
			pipe->there = all = false;
		}
	}
	return all;
}

void
pipes_held(struct member *member, unsigned kind, int fd)
{
	autoclose int read_end = -1;

	keep(member, kind, fd);
	if (!member->manager->keeper->giving) {
		return;
	}
	read_end = open_again(fd, O_RDONLY);
	if (!fd_is_open(read_end)) {
		manager_say(member->manager, SAY_DESCRIPTORS,
			    "%s: the log's pipe can't be opened again: %s", member->name,
			    strerror(-read_end));
		return;
	}
	give(member, kind, read_end);
	if (member->pipes[kind].closing != 0) {
		ask_to_close(member, kind);
	}
}

void
pipes_take(struct member *member, unsigned kind, int held, int read_end)
{
	(void)fd_set_blocking(held, true);
	give(member, kind, read_end);
	(void)hold(member, kind, held);
	keep(member, kind, held);
}

void
pipes_not_held(struct manager *manager, const struct frame *frame)
{
	struct member *member = nmap_get(&manager->by_number, HELD_SERVICE(frame->number));

	manager_say(manager, SAY_DESCRIPTORS, "%s: the keeper has no room for a descriptor: %s",
		    member ? member->name : "a deleted unit", strerror(frame->error));
	if (member && HELD_KIND(frame->number) <= HELD_LOG_ERROR) {
		pipes_forget(member, HELD_KIND(frame->number));
	}
}

void
pipes_given(struct manager *manager, uint64_t key, int fd)
{
	struct member *member = nmap_get(&manager->by_number, HELD_SERVICE(key));
	unsigned kind = HELD_KIND(key);
	autoclose int held = -1;

	if (!member || !fd_is_open(fd) || kind > HELD_LOG_ERROR || member->pipes[kind].there) {
		return;
	}
	held = open_again(fd, O_RDWR);
	if (!fd_is_open(held)) {
		manager_say(manager, SAY_DESCRIPTORS, "%s: the log's pipe can't be held again: %s",
			    member->name, strerror(-held));
		return;
	}
	(void)fd_set_blocking(held, true);
	(void)hold(member, kind, held);
	keep(member, kind, held);
}
