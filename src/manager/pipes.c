/* One pipe for what a unit writes, and one for its standard error where the unit sends that to the
 * log by itself (StandardError=journal): its lines are told apart then, and their order among those
 * of the other is only as true as the moments they were read. The keeper holds it opened
 * read-write, so it has a reader and a writer whoever dies; children get that same descriptor and
 * never see SIGPIPE. The logger has a read end of its own.
 *
 * The logger is told first and the keeper second: a manager that dies between the two leaves a pipe
 * of which the keeper knows nothing, and the next run makes another; the other way round bytes
 * would lie in a pipe that nobody reads.
 *
 * Without /proc a pipe cannot be opened again: then the keeper gets the write end, and a logger
 * that dies takes what is in the pipe with it. */
#include "manager/keeper-line.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

static bool *
has(struct member *member, unsigned kind)
{
	return kind == HELD_LOG ? &member->has_log : &member->has_error_log;
}

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
	r = keeper_line_try(
		member->manager,
		&(struct frame){ .kind = FRAME_HOLD, .number = HELD_KEY(member->number, kind) },
		&held, 1);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
	(void)fd_close(held);
	if (r == -EMFILE) {
		(void)err_set_errno(err, EMFILE, "the log's pipe");
		return r;
	}
	*has(member, kind) = true;
	return 0;
}

int
pipes_open(struct member *member, struct err *err)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (pipes_wanted(member->unit, kinds[i]) && !*has(member, kinds[i])) {
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
	return member->has_error_log && !member->has_log ? HELD_LOG_ERROR : HELD_LOG;
}

void
pipes_limits(struct member *member)
{
	struct frame frame = stream_frame(member, kind_of(member));

	if (member->has_log || member->has_error_log) {
		logger_line_send(member->manager, &frame, NULL, 0);
	}
}

void
pipes_close(struct member *member)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct frame frame = { .kind = FRAME_DROP,
				       .number = HELD_KEY(member->number, kinds[i]) };

		if (*has(member, kinds[i])) {
			keeper_line_send(member->manager, &frame, NULL, 0);
			frame.kind = FRAME_CLOSE;
			logger_line_send(member->manager, &frame, NULL, 0);
			*has(member, kinds[i]) = false;
		}
	}
}

void
pipes_mark(struct member *member, unsigned kind, int64_t value, int64_t extra)
{
	struct frame frame = { .kind = FRAME_MARK,
			       .number = HELD_KEY(member->number, kind_of(member)),
			       .time = clock_wall() };

	if (!member->has_log && !member->has_error_log) {
		return;
	}
	frame.mark.kind = kind;
	frame.mark.value = (uint64_t)value;
	frame.mark.extra = (uint64_t)extra;
	logger_line_send(member->manager, &frame, NULL, 0);
}

void
pipes_drained(struct member *member, void (*then)(void *context), void *context)
{
	logger_line_drain(member->manager, HELD_KEY(member->number, kind_of(member)), then,
			  context);
}

/* ---- after a death ---- */
void
pipes_lost(struct member *member)
{
	member->has_log = member->has_error_log = false;
}

void
pipes_held(struct member *member, unsigned kind, int fd)
{
	autoclose int read_end = open_again(fd, O_RDONLY);

	*has(member, kind) = true;
	if (member->manager->keeper->giving && fd_is_open(read_end)) {
		give(member, kind, read_end);
	} else if (!fd_is_open(read_end)) {
		manager_say(member->manager, SAY_DESCRIPTORS,
			    "%s: the log's pipe can't be opened again: %s", member->name,
			    strerror(-read_end));
	}
}

/* what a process has open where the log's pipe was placed: the pipe, unless it has put something
 * else there */
static int
open_of_process(pid_t pid, int target, int flags)
{
	char path[48];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, target);
	if (stat(path, &st) < 0 || !S_ISFIFO(st.st_mode)) {
		return -EINVAL;
	}
	fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd_raise(fd);
}

void
pipes_adopt(struct member *member, pid_t pid)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct frame frame = { .kind = FRAME_HOLD,
				       .number = HELD_KEY(member->number, kinds[i]) };
		int target = kinds[i] == HELD_LOG ? 1 : 2;
		autoclose int held = -1, read_end = -1;

		if (!pipes_wanted(member->unit, kinds[i]) || *has(member, kinds[i])) {
			continue;
		}
		held = open_of_process(pid, target, O_RDWR);
		read_end = open_of_process(pid, target, O_RDONLY);
		if (!fd_is_open(held) || !fd_is_open(read_end)) {
			continue; /* its output goes elsewhere, or nobody may look */
		}
		(void)fd_set_blocking(held, true);
		give(member, kinds[i], read_end);
		keeper_line_send(member->manager, &frame, &held, 1);
		*has(member, kinds[i]) = true;
	}
}

void
pipes_not_held(struct manager *manager, const struct frame *frame)
{
	struct member *member = nmap_get(&manager->by_number, HELD_SERVICE(frame->number));

	manager_say(manager, SAY_DESCRIPTORS, "%s: the keeper has no room for a descriptor: %s",
		    member ? member->name : "a deleted unit", strerror(frame->error));
	if (member && HELD_KIND(frame->number) <= HELD_LOG_ERROR) {
		*has(member, HELD_KIND(frame->number)) = false;
	}
}

void
pipes_given(struct manager *manager, uint64_t key, int fd)
{
	struct member *member = nmap_get(&manager->by_number, HELD_SERVICE(key));
	autoclose int held = -1;

	if (!member || !fd_is_open(fd)) {
		return;
	}
	held = open_again(fd, O_RDWR);
	if (!fd_is_open(held)) {
		manager_say(manager, SAY_DESCRIPTORS, "%s: the log's pipe can't be held again: %s",
			    member->name, strerror(-held));
		return;
	}
	(void)fd_set_blocking(held, true);
	*has(member, HELD_KIND(key)) = true;
	keeper_line_send(manager, &(struct frame){ .kind = FRAME_HOLD, .number = key }, &held, 1);
}
