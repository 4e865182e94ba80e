/* rig: a real logger in a child, with the test as its manager and keeper. The test holds both ends
 * of the socket and both ends of each pipe, as the keeper does, so a logger can be killed and
 * another started in its place. */
#pragma once
#include "test.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "link/link.h"
#include "logger/logger.h"
#include "store/store.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { RIG_WAIT_MS = 60000, RIG_PIPES = 8, RIG_KEY = 7 };

struct rig {
	char *root;
	int socket[2]; /* ours, the logger's */
	pid_t logger;
	int64_t drains;
	int64_t wanted;         /* of the last STREAMS_WANTED */
	uint64_t trouble_value; /* of the last LOG_TROUBLE */
	int trouble, trouble_frames;
};

static inline void
rig_start(struct rig *rig)
{
	sigset_t set, old;

	/* a SIGTERM that comes before the logger is ready for it waits */
	assert_int_equal(sigemptyset(&set), 0);
	assert_int_equal(sigaddset(&set, SIGTERM), 0);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, &old), 0);
	rig->logger = fork();
	assert_true(rig->logger >= 0);
	if (rig->logger == 0) {
		struct logger_start start = { .log_root = rig->root, .executable = -1 };
		int high = fcntl(rig->socket[1], F_DUPFD_CLOEXEC, 100);

		CHECK(high >= 0 && dup2(high, ROLE_FD_LOGGER) == ROLE_FD_LOGGER);
		(void)close_range(3, ROLE_FD_LOGGER - 1, 0);
		(void)close_range(ROLE_FD_LOGGER + 1, ~0U, 0);
		_exit(logger_run(&start));
	}
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

static inline int
rig_wait(struct rig *rig)
{
	int status;

	assert_int_equal(waitpid(rig->logger, &status, 0), rig->logger);
	rig->logger = -1;
	return status;
}

static inline void
rig_kill(struct rig *rig)
{
	assert_int_equal(kill(rig->logger, SIGKILL), 0);
	assert_true(WIFSIGNALED(rig_wait(rig)));
}

static inline void
rig_stop(struct rig *rig)
{
	int status;

	assert_int_equal(kill(rig->logger, SIGTERM), 0);
	status = rig_wait(rig);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static inline void
rig_close(struct rig *rig)
{
	if (rig->logger > 0) {
		rig_stop(rig);
	}
	(void)fd_close(rig->socket[0]);
	(void)fd_close(rig->socket[1]);
	test_dir_done(&rig->root);
}

static inline void
rig_send(struct rig *rig, const struct frame *frame, const int *fds, size_t count)
{
	int r;

	while ((r = link_send(rig->socket[0], frame, fds, count)) == -EAGAIN) {
		struct pollfd wait = { .fd = rig->socket[0], .events = POLLOUT };

		assert_true(poll(&wait, 1, RIG_WAIT_MS) > 0);
	}
	assert_int_equal(r, 0);
}

/* the next frame that is not LOG_TROUBLE; descriptors in it are the caller's */
static inline void
rig_receive(struct rig *rig, struct frame *ret_frame, int *ret_fd)
{
	for (;;) {
		struct pollfd wait = { .fd = rig->socket[0], .events = POLLIN };
		int fds[FD_PASS_MAX];
		size_t count = 0;
		bool cut;

		assert_true(poll(&wait, 1, RIG_WAIT_MS) > 0);
		assert_int_equal(link_receive(rig->socket[0], ret_frame, fds, &count, &cut), 1);
		if (ret_frame->kind == FRAME_STREAMS_WANTED) {
			rig->wanted = ret_frame->value;
			continue;
		}
		if (ret_frame->kind != FRAME_LOG_TROUBLE) {
			*ret_fd = count > 0 ? fds[0] : -1;
			return;
		}
		rig->trouble_frames++;
		rig->trouble = ret_frame->error;
		rig->trouble_value = (uint64_t)ret_frame->value;
	}
}

/* the logger that has just been started has all its streams now */
static inline void
rig_given(struct rig *rig)
{
	struct frame frame = { .kind = FRAME_STREAMS_GIVEN };
	int64_t end = clock_now() + RIG_WAIT_MS * CLOCK_MS;

	while (rig->wanted == 0) {
		struct pollfd wait = { .fd = rig->socket[0], .events = POLLIN };
		struct frame got;
		int fds[FD_PASS_MAX];
		size_t count = 0;
		bool cut;

		assert_true(clock_now() < end && poll(&wait, 1, RIG_WAIT_MS) > 0);
		assert_int_equal(link_receive(rig->socket[0], &got, fds, &count, &cut), 1);
		assert_int_equal(got.kind, FRAME_STREAMS_WANTED);
		rig->wanted = got.value;
	}
	frame.value = rig->wanted;
	rig->wanted = 0;
	rig_send(rig, &frame, NULL, 0);
}

static inline void
rig_open(struct rig *rig)
{
	*rig = (struct rig){ .root = test_dir(), .logger = -1 };
	assert_int_equal(fd_pair(SOCK_SEQPACKET, rig->socket), 0);
	rig_start(rig);
	rig_given(rig);
}

static inline uint64_t
rig_key(unsigned kind)
{
	return HELD_KEY(RIG_KEY, kind);
}

static inline void
rig_stream_with(struct rig *rig, uint64_t key, const char *name, int fd, struct frame frame)
{
	frame.kind = FRAME_STREAM;
	frame.number = key;
	(void)snprintf(frame.stream.name, sizeof(frame.stream.name), "%s", name);
	rig_send(rig, &frame, &fd, 1);
}

static inline void
rig_stream(struct rig *rig, uint64_t key, const char *name, int fd, uint64_t max, uint64_t segment)
{
	struct frame frame = { .stream = { .max_size = max, .segment_size = segment } };

	rig_stream_with(rig, key, name, fd, frame);
}

static inline void
rig_limits(struct rig *rig, uint64_t total, uint64_t reserve, int64_t keep)
{
	struct frame frame = { .kind = FRAME_LIMITS,
			       .limits = {
				       .total_size = total, .reserve = reserve, .keep = keep } };

	rig_send(rig, &frame, NULL, 0);
}

static inline char *
rig_path(struct rig *rig, const char *name)
{
	return str_format("%s/%s", rig->root, name);
}

/* the segments of a log; segments_done */
static inline void
rig_segments(struct rig *rig, const char *name, struct segments *ret_segments)
{
	autofree char *path = rig_path(rig, name);
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(segments_read(fd, ret_segments), 0);
}

/* looks again until it is so; there is no event for what a helper does to files */
#define rig_until(condition)                                                                       \
	do {                                                                                       \
		int64_t rig_end = clock_now() + RIG_WAIT_MS * CLOCK_MS;                            \
		while (!(condition)) {                                                             \
			assert_true(clock_now() < rig_end);                                        \
			(void)poll(NULL, 0, 2);                                                    \
		}                                                                                  \
	} while (0)

/* what is asked of the log of this name ("": of all); how many bytes went */
static inline uint64_t
rig_care(struct rig *rig, const char *name, unsigned flags, uint64_t max_size, int64_t before)
{
	struct frame frame = { .kind = FRAME_CARE, .value = ++rig->drains };
	int fd;

	frame.care.flags = flags;
	frame.care.max_size = max_size;
	frame.care.before = before;
	(void)snprintf(frame.care.name, sizeof(frame.care.name), "%s", name);
	rig_send(rig, &frame, NULL, 0);
	do {
		rig_receive(rig, &frame, &fd);
	} while (frame.kind != FRAME_CARED || frame.value != rig->drains);
	assert_int_equal(frame.error, 0);
	return frame.number;
}

/* all that was written is in the file; the error the logger answered with */
static inline int
rig_drain(struct rig *rig, uint64_t key)
{
	struct frame frame = { .kind = FRAME_DRAIN, .number = key, .value = ++rig->drains };
	int fd;

	rig_send(rig, &frame, NULL, 0);
	do {
		rig_receive(rig, &frame, &fd);
		assert_false(fd_is_open(fd));
	} while (frame.kind != FRAME_DRAINED || frame.value != rig->drains);
	return frame.error;
}

static inline void
rig_mark(struct rig *rig, uint64_t key, enum store_kind kind, uint64_t value, uint64_t extra)
{
	struct frame frame = { .kind = FRAME_MARK, .number = key, .time = clock_wall() };

	frame.mark.kind = kind;
	frame.mark.value = value;
	frame.mark.extra = extra;
	rig_send(rig, &frame, NULL, 0);
}

static inline void
rig_write(int fd, const char *text)
{
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
}

static inline struct reader *
rig_read(struct rig *rig, const char *name)
{
	autofree char *path = rig_path(rig, name);
	struct reader *reader = reader_open(path, NULL);

	assert_non_null(reader);
	return reader;
}

/* lines and marks of a log from its start: "one/two/<3>...", streams 1 as "!line/" */
static inline void
rig_expect(struct rig *rig, const char *name, const char *what)
{
	struct reader *reader = rig_read(rig, name);
	struct reader_item item;
	struct buf text;

	buf_init(&text, 1 << 20);
	while (reader_next(reader, true, &item) != READER_END) {
		if (item.result == READER_LINE) {
			assert_true(buf_addf(&text, "%s%.*s/", item.stream ? "!" : "",
					     (int)item.length, item.line));
		} else if (item.result == READER_MARK) {
			assert_true(buf_addf(&text, "<%u>", item.mark.kind));
		} else {
			assert_true(buf_addf(&text, "{%s}", item.trouble));
		}
	}
	assert_string_equal(buf_str(&text), what);
	buf_done(&text);
	reader_free(reader);
}
