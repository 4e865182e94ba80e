/* loop: the one event loop (epoll, one timerfd). Not used by the keeper's child nor by states/.
 * Life of a watch: 1. loop_watch  2. its `on` is called with the epoll events  3. loop_unwatch (any
 * time, also twice, also from inside `on`; nothing stale is called afterwards), before the
 * descriptor is closed. The descriptor stays the caller's. Within one turn: data first, then
 * timers, then exits (LOOP_EXIT), so that the last words and the notifications of a process are
 * seen before its end. */
#pragma once
#include "base/list.h"

struct loop;
struct watch;
struct timer;

enum loop_class { LOOP_DATA, LOOP_EXIT };

struct watch {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT ...; level-triggered */
	uint32_t ready;
	enum loop_class class;
	bool watched;
	void (*on)(struct watch *watch, uint32_t events);
	struct list link; /* loop.ready[class] */
};

struct timer {
	int64_t at;
	size_t place; /* in the heap, + 1; 0: not armed */
	void (*on)(struct timer *timer);
};

struct loop *loop_new(void); /* NULL and errno when the kernel refuses */
struct loop *loop_free(struct loop *loop);
int loop_fd(const struct loop *loop); /* the epoll descriptor */
/* a zeroed watch is a good start; -EPERM: a regular file, which is always ready */
int loop_watch(struct loop *loop, struct watch *watch, int fd, uint32_t events,
	       enum loop_class class, void (*on)(struct watch *watch, uint32_t events));
/* events 0: the watch is parked, not even errors are reported; EPOLLHUP: only those */
int loop_change(struct loop *loop, struct watch *watch, uint32_t events);
void loop_unwatch(struct loop *loop, struct watch *watch);
/* set `timer->on` first (a zeroed timer is a good start); arming again moves it; CLOCK_NEVER
 * disarms */
void loop_arm(struct loop *loop, struct timer *timer, int64_t at);
void loop_disarm(struct loop *loop, struct timer *timer);
/* called once before the first turn and after each that dispatched something, before sleeping */
void loop_after_turn(struct loop *loop, void (*after)(void *context), void *context);
int64_t loop_now(const struct loop *loop); /* taken at the start of the turn */
int loop_run(struct loop *loop);           /* until loop_stop; the value given there, or -errno */
void loop_stop(struct loop *loop, int value);
