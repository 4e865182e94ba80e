/* The room for events is as large as the number of watches, so one epoll_wait brings all that is
 * ready. That is what makes the order within a turn true: a process writes before it exits, so
 * whenever its exit is in the batch its last bytes are too. What is ready is first linked on lists
 * and then called one at a time; to unwatch is to unlink, so nothing stale is ever called. The
 * timers are a heap; the timerfd is programmed once a turn and only when the earliest has changed,
 * and stands still when there is none: an idle loop does not wake up. */
#include "base/loop.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct loop {
	int epoll, timerfd;
	struct list ready[2]; /* watch.link, by class */
	size_t watches;
	struct epoll_event *events;
	size_t events_size;
	struct timer **heap;
	size_t timers, heap_size;
	int64_t now, programmed;
	void (*after)(void *context);
	void *after_context;
	bool stopped;
	int value;
};

struct loop *
loop_new(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct loop *loop = calloc(1, sizeof(*loop));

	CHECK(loop != NULL);
	list_init(&loop->ready[LOOP_DATA]);
	list_init(&loop->ready[LOOP_EXIT]);
	loop->programmed = CLOCK_NEVER;
	loop->now = clock_now();
	loop->epoll = fd_raise(epoll_create1(EPOLL_CLOEXEC));
	loop->timerfd = fd_raise(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
	if (loop->epoll < 0 || loop->timerfd < 0) {
		errno = loop->epoll < 0 ? -loop->epoll : -loop->timerfd;
		return loop_free(loop);
	}
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->timerfd, &event) < 0) {
		return loop_free(loop);
	}
	return loop;
}

struct loop *
loop_free(struct loop *loop)
{
	if (!loop) {
		return NULL;
	}
	for (size_t i = 0; i < COUNT(loop->ready); i++) {
		while (!list_is_empty(&loop->ready[i])) {
			list_remove(loop->ready[i].next);
		}
	}
	(void)fd_close(loop->epoll);
	(void)fd_close(loop->timerfd);
	free(loop->events);
	free(loop->heap);
	free(loop);
	return NULL;
}

int
loop_fd(const struct loop *loop)
{
	return loop->epoll;
}

static int
control(struct loop *loop, struct watch *watch, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(loop->epoll, operation, watch->fd, &event) < 0 ? -errno : 0;
}

int
loop_watch(struct loop *loop, struct watch *watch, int fd, uint32_t events, enum loop_class class,
	   void (*on)(struct watch *watch, uint32_t events))
{
	CHECK(!watch->watched);
	*watch = (struct watch){ .fd = fd, .events = events, .class = class, .on = on };
	list_init(&watch->link);
	if (events) {
		int r = control(loop, watch, EPOLL_CTL_ADD, events);

		if (r < 0) {
			return r;
		}
	}
	watch->watched = true;
	loop->watches++;
	return 0;
}

int
loop_change(struct loop *loop, struct watch *watch, uint32_t events)
{
	int r;

	CHECK(watch->watched);
	if (events == watch->events) {
		return 0;
	}
	if (!events) {
		r = control(loop, watch, EPOLL_CTL_DEL, 0);
	} else {
		r = control(loop, watch, watch->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, events);
	}
	if (r == 0) {
		watch->events = events;
	}
	return r;
}

void
loop_unwatch(struct loop *loop, struct watch *watch)
{
	if (!watch->watched) {
		return;
	}
	if (watch->events) {
		(void)control(loop, watch, EPOLL_CTL_DEL, 0);
	}
	list_remove(&watch->link);
	watch->watched = false;
	loop->watches--;
}

/* heap: the earliest is at index 0; timer->place is its index + 1 */

static void
heap_place(struct loop *loop, size_t at, struct timer *timer)
{
	loop->heap[at] = timer;
	timer->place = at + 1;
}

static void
heap_up(struct loop *loop, size_t at)
{
	struct timer *timer = loop->heap[at];

	while (at > 0 && loop->heap[(at - 1) / 2]->at > timer->at) {
		heap_place(loop, at, loop->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_place(loop, at, timer);
}

static void
heap_down(struct loop *loop, size_t at)
{
	struct timer *timer = loop->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < loop->timers && loop->heap[child + 1]->at < loop->heap[child]->at) {
			child++;
		}
		if (child >= loop->timers || loop->heap[child]->at >= timer->at) {
			break;
		}
		heap_place(loop, at, loop->heap[child]);
		at = child;
	}
	heap_place(loop, at, timer);
}

void
loop_arm(struct loop *loop, struct timer *timer, int64_t at)
{
	loop_disarm(loop, timer);
	if (at == CLOCK_NEVER) {
		return;
	}
	if (loop->timers == loop->heap_size) {
		loop->heap_size = MAX(loop->heap_size * 2, 16);
		loop->heap = reallocarray(loop->heap, loop->heap_size, sizeof(struct timer *));
		CHECK(loop->heap != NULL);
	}
	timer->at = at;
	loop->heap[loop->timers++] = timer;
	heap_up(loop, loop->timers - 1);
}

void
loop_disarm(struct loop *loop, struct timer *timer)
{
	size_t at = timer->place;
	struct timer *last;

	if (at-- == 0) {
		return;
	}
	CHECK(at < loop->timers && loop->heap[at] == timer);
	timer->place = 0;
	last = loop->heap[--loop->timers];
	if (last != timer) {
		heap_place(loop, at, last);
		heap_up(loop, at);
		heap_down(loop, last->place - 1);
	}
}

void
loop_after_turn(struct loop *loop, void (*after)(void *context), void *context)
{
	loop->after = after;
	loop->after_context = context;
}

int64_t
loop_now(const struct loop *loop)
{
	return loop->now;
}

static int
program_timer(struct loop *loop)
{
	int64_t at = loop->timers > 0 ? loop->heap[0]->at : CLOCK_NEVER;
	struct itimerspec when = { 0 };

	if (at == loop->programmed) {
		return 0;
	}
	if (at != CLOCK_NEVER) {
		int64_t ns = MAX(at, 1); /* 0 would stop it */

		when.it_value.tv_sec = ns / CLOCK_S;
		when.it_value.tv_nsec = ns % CLOCK_S;
	}
	if (timerfd_settime(loop->timerfd, TFD_TIMER_ABSTIME, &when, NULL) < 0) {
		return -errno;
	}
	loop->programmed = at;
	return 0;
}

/* waits, then links what is ready; the number of events or -errno */
static int
collect(struct loop *loop)
{
	int n;

	if (loop->events_size < loop->watches + 1) {
		loop->events_size = MAX(2 * loop->watches, 16);
		loop->events = reallocarray(loop->events, loop->events_size, sizeof(*loop->events));
		CHECK(loop->events != NULL);
	}
	n = epoll_wait(loop->epoll, loop->events, (int)loop->events_size, -1);
	if (n < 0) {
		return errno == EINTR ? 0 : -errno;
	}
	loop->now = clock_now();
	for (int i = 0; i < n; i++) {
		struct watch *watch = loop->events[i].data.ptr;

		if (!watch) {
			uint64_t expirations;

			(void)!read(loop->timerfd, &expirations, sizeof(expirations));
			loop->programmed = CLOCK_NEVER; /* it has fired, it stands still */
			continue;
		}
		watch->ready = loop->events[i].events;
		list_remove(&watch->link); /* still there from a turn that was stopped */
		list_add(&loop->ready[watch->class], &watch->link);
	}
	return n;
}

static void
dispatch_watches(struct loop *loop, enum loop_class class)
{
	while (!loop->stopped && !list_is_empty(&loop->ready[class])) {
		struct watch *watch = LIST_FIRST(&loop->ready[class], struct watch, link);
		uint32_t events = watch->ready & (watch->events | EPOLLERR | EPOLLHUP);

		list_remove(&watch->link);
		if (watch->events && events) { /* loop_change may have come in between */
			watch->on(watch, events);
		}
	}
}

static void
dispatch_timers(struct loop *loop)
{
	/* not more than there were: one that is always armed for now must not keep the rest from
	 * running */
	for (size_t n = loop->timers; n > 0 && loop->timers > 0 && !loop->stopped; n--) {
		struct timer *timer = loop->heap[0];

		if (timer->at > loop->now) {
			break;
		}
		loop_disarm(loop, timer);
		timer->on(timer);
	}
}

int
loop_run(struct loop *loop)
{
	int n = 1;

	loop->stopped = false;
	while (!loop->stopped) {
		int r;

		if (n > 0 && loop->after) {
			loop->after(loop->after_context);
			if (loop->stopped) {
				break;
			}
		}
		r = program_timer(loop);
		n = r < 0 ? r : collect(loop);
		if (n < 0) {
			return n;
		}
		dispatch_watches(loop, LOOP_DATA);
		dispatch_timers(loop);
		dispatch_watches(loop, LOOP_EXIT);
	}
	return loop->value;
}

void
loop_stop(struct loop *loop, int value)
{
	loop->stopped = true;
	loop->value = value;
}
