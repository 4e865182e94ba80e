/* A full socket is waited for with EPOLLOUT. The kernel also refuses when too many descriptors are
 * under way, and then the socket is "writable" all the time: after such a refusal a timer decides
 * when to try again. */
#include "manager/line.h"
#include "base/check.h"
#include "base/clock.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

static const int64_t PAUSE_FIRST_NS = 2 * CLOCK_MS; /* the other side empties its queue in less */
static const int64_t PAUSE_MAX_NS = CLOCK_S;
enum { FRAMES_A_TURN = 256 }; /* then others are served, too */

struct waiting {
	struct frame frame;
	int fds[FD_PASS_MAX];
	size_t count;
	struct list link; /* line.queue */
};

static void
waiting_free(struct line *line, struct waiting *waiting)
{
	list_remove(&waiting->link);
	for (size_t i = 0; i < waiting->count; i++) {
		(void)fd_close(waiting->fds[i]);
	}
	free(waiting);
	line->waiting--;
}

static void
listen_for(struct line *line, uint32_t room)
{
	/* the descriptor is in the loop already: this cannot fail for want of anything */
	(void)loop_change(line->loop, &line->watch, (line->parked ? 0 : EPOLLIN) | room);
}

static void
lose(struct line *line)
{
	loop_unwatch(line->loop, &line->watch);
	loop_disarm(line->loop, &line->again);
	line->lost(line->context);
}

static void
flush(struct line *line)
{
	while (!list_is_empty(&line->queue)) {
		struct waiting *first = LIST_FIRST(&line->queue, struct waiting, link);
		int r = link_send(line->fd, &first->frame, first->fds, first->count);

		if (r == -EAGAIN) {
			return;
		}
		if (r < 0) {
			return; /* its end is seen by reading: what it said before it died comes
				   first */
		}
		line->pause = PAUSE_FIRST_NS;
		waiting_free(line, first);
	}
	listen_for(line, 0);
	if (line->idle) {
		line->idle(line->context);
	}
}

static void
again_came(struct timer *timer)
{
	struct line *line = CONTAINER(timer, struct line, again);

	listen_for(line, EPOLLOUT);
	flush(line);
}

static void
writable(struct line *line)
{
	size_t before = line->waiting;

	flush(line);
	if (line->waiting > 0 && line->waiting == before && fd_is_open(line->fd)) {
		listen_for(line, 0);
		loop_arm(line->loop, &line->again, clock_now() + line->pause);
		line->pause = MIN(line->pause * 2, PAUSE_MAX_NS);
	}
}

/* false: the line is closed, or has no more to read */
static bool
read_one(struct line *line)
{
	struct frame frame;
	int fds[FD_PASS_MAX];
	size_t count = 0;
	bool cut = false;
	int r = link_receive(line->fd, &frame, fds, &count, &cut);

	if (r == 1) {
		line->on(line->context, &frame, fds, count);
		return fd_is_open(line->fd) && line->watch.watched && !line->parked;
	}
	if (r == -EBADMSG) {
		return true;
	}
	if (r != -EAGAIN && r != -EINTR) {
		lose(line);
	}
	return false;
}

static void
line_came(struct watch *watch, uint32_t events)
{
	struct line *line = CONTAINER(watch, struct line, watch);

	if (!line->parked && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
		for (int i = 0; i < FRAMES_A_TURN && read_one(line); i++) {
		}
	}
	if ((events & EPOLLOUT) && fd_is_open(line->fd) && line->watch.watched) {
		writable(line);
	}
}

int
line_open(struct line *line, struct loop *loop, int take_fd)
{
	line->loop = loop;
	line->fd = take_fd;
	line->pause = PAUSE_FIRST_NS;
	line->parked = false;
	line->again = (struct timer){ .on = again_came };
	list_init(&line->queue);
	line->waiting = 0;
	line->watch = (struct watch){ 0 };
	(void)fd_set_blocking(take_fd, false);
	return loop_watch(loop, &line->watch, take_fd, EPOLLIN, LOOP_DATA, line_came);
}

void
line_close(struct line *line)
{
	loop_unwatch(line->loop, &line->watch);
	loop_disarm(line->loop, &line->again);
	LIST_EACH(waiting, &line->queue, struct waiting, link) {
		waiting_free(line, waiting);
	}
	line->fd = fd_close(line->fd);
}

static int
queue(struct line *line, const struct frame *frame, const int *fds, size_t count)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	CHECK(waiting != NULL);
	waiting->frame = *frame;
	list_init(&waiting->link);
	line->waiting++;
	for (size_t i = 0; i < count; i++) {
		int copy = fd_dup(fds[i]);

		if (!fd_is_open(copy)) {
			waiting_free(line, waiting);
			return -EMFILE;
		}
		waiting->fds[waiting->count++] = copy;
	}
	list_add(&line->queue, &waiting->link);
	if (line->again.place == 0) {
		listen_for(line, EPOLLOUT);
	}
	return 0;
}

int
line_send(struct line *line, const struct frame *frame, const int *fds, size_t count)
{
	int r = -EAGAIN;

	CHECK(count <= FD_PASS_MAX);
	if (!fd_is_open(line->fd) || !line->watch.watched) {
		return -EPIPE;
	}
	if (list_is_empty(&line->queue)) {
		r = link_send(line->fd, frame, fds, count);
	}
	if (r == -EAGAIN) {
		return queue(line, frame, fds, count);
	}
	return r < 0 ? -EPIPE : 0;
}

bool
line_is_idle(const struct line *line)
{
	return list_is_empty(&line->queue);
}

void
line_park(struct line *line, bool parked)
{
	if (fd_is_open(line->fd) && line->watch.watched && parked != line->parked) {
		line->parked = parked;
		listen_for(line, line->waiting > 0 && line->again.place == 0 ? EPOLLOUT : 0);
	}
}
