/* splice(2) moves pages from the pipe to the file within the kernel. What a SIGKILL finds is always
 * one of two states: the bytes are in the pipe, or they are in the file.
 *
 * Speed: the pipe's lock is held during a splice and its writer waits meanwhile, so pieces are
 * short, and the pipe of a busy stream is made larger than a piece, so that the writer has room
 * while we work; blocks of the file are reserved ahead. Known weakness: a loop of read and write
 * holds that lock for the read alone and writes its file while the writer goes on, so on a quiet
 * machine with two processors we are at 0.8 to 0.9 x of it, and ten busy streams, which share this
 * one process, at 0.75 x. The better way is to splice into a second pipe first, which only moves
 * references, and from that into the file; whoever holds the first pipe must hold the second.
 *
 * Rotation waits for the end of a line. To find it, what is in the pipe is duplicated with tee(2)
 * into a scratch pipe and read from there; the bytes themselves stay where they are until they are
 * spliced up to the newline. */
#include "logger/flow.h"
#include "base/clock.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	FLOW_BUSY = 4,         /* large pieces in a row make a stream a busy one */
	FLOW_PIPE = 1 << 18,   /* the pipe of a busy stream */
	FLOW_PEEK = 1 << 14,   /* looked through for a newline at a time */
	FLOW_OVER = 1 << 20,   /* a line is cut when the segment is longer by this */
	FLOW_RESERVE = 1 << 22 /* blocks reserved ahead */
};

int
flow_init(struct flow *flow, struct logfiles *files)
{
	int r;

	*flow = (struct flow){ .files = files, .scratch = { -1, -1 }, .null = -1 };
	r = fd_pipe(flow->scratch);
	if (r < 0) {
		return r;
	}
	flow->null = fd_raise(open("/dev/null", O_WRONLY | O_CLOEXEC));
	return flow->null < 0 ? flow->null : 0;
}

void
flow_done(struct flow *flow)
{
	flow->scratch[0] = fd_close(flow->scratch[0]);
	flow->scratch[1] = fd_close(flow->scratch[1]);
	flow->null = fd_close(flow->null);
}

size_t
flow_waiting(const struct stream *stream)
{
	int n = 0;

	if (!fd_is_open(stream->watch.fd) || ioctl(stream->watch.fd, FIONREAD, &n) < 0) {
		return 0;
	}
	return (size_t)n;
}

/* Only a descriptor for writing can tell; one is opened for the moment. */
bool
flow_is_full(const struct stream *stream)
{
	struct pollfd what = { .events = POLLOUT };
	autoclose int fd = -1;
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", stream->watch.fd);
	fd = fd_raise(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
	if (fd < 0) { /* no /proc */
		return flow_waiting(stream) >= (size_t)fcntl(stream->watch.fd, F_GETPIPE_SZ) / 2;
	}
	what.fd = fd;
	return poll(&what, 1, 0) == 0;
}

/* bytes, 0 when there are none, or -errno */
static ssize_t
splice_some(int from, int to, loff_t *at, size_t length)
{
	ssize_t n;

	do {
		n = splice(from, NULL, to, at, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		return errno == EAGAIN ? 0 : -errno;
	}
	return n;
}

uint64_t
flow_discard(struct flow *flow, struct stream *stream, uint64_t most)
{
	size_t left = MIN(flow_waiting(stream), most);
	uint64_t gone = 0;

	while (left > 0) {
		ssize_t n = splice_some(stream->watch.fd, flow->null, NULL, left);

		if (n <= 0) {
			break;
		}
		gone += (uint64_t)n;
		left -= (size_t)n;
	}
	return gone;
}

/* from the pipe to the end of the log. In trouble the record comes behind the bytes, for each try
 * would leave one. */
static ssize_t
move(const struct flow *flow, struct stream *stream, size_t length)
{
	struct log *log = stream->log;
	loff_t at = (loff_t)log->file->size;
	bool behind = log->trouble != NULL, due = logfile_batch_is_due(log, stream->tag);
	ssize_t n;

	if (due && !behind) {
		/* somebody else may have moved what we were woken for: no record of nothing */
		int r = flow_waiting(stream) > 0 ? logfile_batch(log, stream->tag, log->file->size)
						 : 1;

		if (r != 0) {
			return MIN(r, 0);
		}
	}
	n = splice_some(stream->watch.fd, log->file->fd, &at, length);
	if (n > 0 && behind && due) {
		(void)logfile_batch(log, stream->tag, log->file->size);
	}
	if (n > 0) {
		log->file->size += (uint64_t)n;
		quota_count(&flow->files->quota, n);
	}
	return n;
}

/* how far the first line end is that waits in the pipe, behind it; all that was looked at if none.
 * 0: nothing is there */
static ssize_t
peek_line(struct flow *flow, struct stream *stream, bool *ret_found)
{
	char bytes[FLOW_PEEK];
	const char *end;
	ssize_t n;

	do {
		n = tee(stream->watch.fd, flow->scratch[1], sizeof(bytes), SPLICE_F_NONBLOCK);
	} while (n < 0 && errno == EINTR);
	if (n <= 0) {
		return n == 0 || errno == EAGAIN ? 0 : -errno;
	}
	n = fd_read_all(flow->scratch[0], bytes, (size_t)n);
	if (n < 0) {
		return n;
	}
	end = memchr(bytes, '\n', (size_t)n);
	*ret_found = end != NULL;
	return end ? end - bytes + 1 : n;
}

static bool
ends_with_line(const struct logfile *file)
{
	char last = 0;

	return file->size == 0 ||
	       (pread(file->fd, &last, 1, (off_t)file->size - 1) == 1 && last == '\n');
}

/* The segment is full: on to the end of the line, then the next one. Bytes moved; *ret_rotated: a
 * new segment has begun, nothing of this line is left */
static ssize_t
finish_line(struct flow *flow, struct stream *stream, size_t limit, bool *ret_rotated)
{
	struct log *log = stream->log;
	bool found = false;
	ssize_t n;
	int r;

	if (ends_with_line(log->file) || log->file->size >= log->segment_size + FLOW_OVER) {
		r = logfile_rotate(flow->files, log);
		*ret_rotated = r == 0;
		return r;
	}
	n = peek_line(flow, stream, &found);
	if (n > 0) {
		n = move(flow, stream, MIN((size_t)n, limit));
	}
	return n;
}

/* a pipe of its size is what a busy writer needs; where the user's share of pipe pages is used up
 * it stays as it is */
static void
grow(struct stream *stream, ssize_t n)
{
	if (n < FLOW_PIECE / 2) {
		stream->busy = stream->busy >= FLOW_BUSY ? FLOW_BUSY : 0;
		return;
	}
	if (stream->busy < FLOW_BUSY && ++stream->busy == FLOW_BUSY &&
	    fcntl(stream->watch.fd, F_GETPIPE_SZ) < FLOW_PIPE) {
		(void)fcntl(stream->watch.fd, F_SETPIPE_SZ, FLOW_PIPE);
	}
}

/* nothing is to be kept: it is counted in the index, where marks go on being made */
static ssize_t
drop_all(struct flow *flow, struct stream *stream)
{
	uint64_t n = flow_waiting(stream);
	int r = n > 0 ? logfile_drop(stream->log, n, EDQUOT, clock_wall()) : 0;

	return r < 0 ? r : (ssize_t)flow_discard(flow, stream, n);
}

ssize_t
flow_move(struct flow *flow, struct stream *stream, size_t limit)
{
	struct log *log = stream->log;
	bool rotated = false;
	uint64_t room;
	ssize_t n;
	int r = logfile_open(flow->files, log);

	if (r < 0) {
		return r;
	}
	if (log->nothing) {
		return drop_all(flow, stream);
	}
	room = quota_room(flow->files);
	if (room == 0) {
		return -ENOSPC;
	}
	if (logfile_is_full(log)) {
		n = finish_line(flow, stream, limit, &rotated);
		if (n != 0 || !rotated) {
			return n;
		}
		r = logfile_open(flow->files, log);
		if (r < 0) {
			return r;
		}
	}
	/* not over the segment's end: the line end is looked for from there */
	limit = MIN(limit, MIN(FLOW_PIECE, room));
	if (log->file->size < log->segment_size) {
		limit = MIN(limit, log->segment_size - log->file->size);
	}
	if (stream->busy >= FLOW_BUSY) {
		logfile_reserve(log, MIN(MIN(FLOW_RESERVE, room), log->segment_size));
	}
	n = move(flow, stream, limit);
	grow(stream, n);
	return n;
}

int
flow_drain(struct flow *flow, struct stream *stream, size_t most)
{
	size_t left = MIN(flow_waiting(stream), most);

	while (left > 0) {
		ssize_t n = flow_move(flow, stream, left);

		if (n < 0) {
			return (int)n;
		}
		if (n == 0) {
			break;
		}
		left -= MIN(left, (size_t)n);
	}
	return 0;
}
