#include "test.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/loop.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

/* what was called, in order, one letter each; watches of a test write into it */
static char said[256];
static struct loop *loop;
static struct source *other;

struct source {
	struct watch watch;
	int pipe[2];
	char letter;
};

struct alarm {
	struct timer timer;
	char letter;
};

static void
say(char letter)
{
	size_t n = strlen(said);

	assert_true(n < sizeof(said) - 1);
	said[n] = letter;
}

static int
setup(void **state)
{
	(void)state;
	memset(said, 0, sizeof(said));
	loop = loop_new();
	return loop ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	loop = loop_free(loop);
	return 0;
}

static void
source_open(struct source *source, char letter, enum loop_class class,
	    void (*on)(struct watch *watch, uint32_t events))
{
	*source = (struct source){ .letter = letter };
	assert_int_equal(fd_pipe(source->pipe), 0);
	assert_int_equal(loop_watch(loop, &source->watch, source->pipe[0], EPOLLIN, class, on), 0);
}

static void
source_feed(struct source *source)
{
	assert_int_equal(fd_write_all(source->pipe[1], "x", 1), 0);
}

static void
source_close(struct source *source)
{
	loop_unwatch(loop, &source->watch);
	loop_unwatch(loop, &source->watch);
	(void)fd_close(source->pipe[0]);
	(void)fd_close(source->pipe[1]);
}

static void
on_source(struct watch *watch, uint32_t events)
{
	struct source *source = CONTAINER(watch, struct source, watch);
	char byte;

	assert_true(events & EPOLLIN);
	assert_int_equal(fd_read_all(watch->fd, &byte, 1), 1);
	say(source->letter);
}

static void
on_source_last(struct watch *watch, uint32_t events)
{
	on_source(watch, events);
	loop_stop(loop, 42);
}

static void
on_source_unwatching(struct watch *watch, uint32_t events)
{
	on_source(watch, events);
	loop_unwatch(loop, &other->watch);
	loop_unwatch(loop, watch);
}

static void
on_alarm(struct timer *timer)
{
	say(CONTAINER(timer, struct alarm, timer)->letter);
}

static void
on_alarm_last(struct timer *timer)
{
	on_alarm(timer);
	loop_stop(loop, 0);
}

static void
data_then_timers_then_exits(void **state)
{
	struct source exit, data;
	struct alarm alarm = { .timer.on = on_alarm, .letter = 't' };

	(void)state;
	source_open(&exit, 'e', LOOP_EXIT, on_source_last);
	source_open(&data, 'd', LOOP_DATA, on_source);
	source_feed(&exit);
	source_feed(&data);
	loop_arm(loop, &alarm.timer, clock_now());
	assert_int_equal(loop_run(loop), 42);
	assert_string_equal(said, "dte");
	source_close(&exit);
	source_close(&data);
}

/* more than would fit into a batch of a fixed size: still all of the data before the exit */
static void
the_order_holds_for_many(void **state)
{
	static struct source sources[200];
	struct source exit;

	(void)state;
	source_open(&exit, 'e', LOOP_EXIT, on_source_last);
	source_feed(&exit);
	for (size_t i = 0; i < COUNT(sources); i++) {
		source_open(&sources[i], 'd', LOOP_DATA, on_source);
		source_feed(&sources[i]);
	}
	assert_int_equal(loop_run(loop), 42);
	assert_int_equal(strlen(said), COUNT(sources) + 1);
	assert_int_equal(said[COUNT(sources)], 'e');
	for (size_t i = 0; i < COUNT(sources); i++) {
		source_close(&sources[i]);
	}
	source_close(&exit);
}

static void
nothing_stale_is_called(void **state)
{
	struct source first, second, last;

	(void)state;
	source_open(&first, 'a', LOOP_DATA, on_source_unwatching);
	source_open(&second, 'b', LOOP_DATA, on_source_unwatching);
	source_open(&last, 'e', LOOP_EXIT, on_source_last);
	source_feed(&first);
	source_feed(&second);
	source_feed(&last);
	/* whichever of the two comes first takes the other away */
	other = &second;
	assert_int_equal(loop_run(loop), 42);
	assert_string_equal(said, "ae");
	source_close(&first);
	source_close(&second);
	source_close(&last);
}

static void
a_parked_watch_is_silent(void **state)
{
	struct source parked;
	struct alarm alarm = { .timer.on = on_alarm_last, .letter = 't' };

	(void)state;
	source_open(&parked, 'p', LOOP_DATA, on_source);
	source_feed(&parked);
	parked.pipe[1] = fd_close(parked.pipe[1]); /* a hang-up would be told at once */
	assert_int_equal(loop_change(loop, &parked.watch, 0), 0);
	loop_arm(loop, &alarm.timer, loop_now(loop) + 5 * CLOCK_MS);
	assert_int_equal(loop_run(loop), 0);
	assert_string_equal(said, "t");
	assert_int_equal(loop_change(loop, &parked.watch, EPOLLIN), 0);
	parked.watch.on = on_source_last;
	assert_int_equal(loop_run(loop), 42);
	assert_string_equal(said, "tp");
	source_close(&parked);
}

static void
timers_come_in_order_and_can_move(void **state)
{
	struct alarm alarms[20] = { 0 }, last = { .timer.on = on_alarm_last, .letter = '.' };
	int64_t now = clock_now();

	(void)state;
	for (size_t i = 0; i < COUNT(alarms); i++) {
		alarms[i].letter = (char)('a' + i);
		alarms[i].timer.on = on_alarm;
		loop_arm(loop, &alarms[i].timer,
			 now - (int64_t)((i * 7) % COUNT(alarms)) * CLOCK_US);
	}
	for (size_t i = 0; i < COUNT(alarms); i++) { /* all moved: now by letter */
		loop_arm(loop, &alarms[i].timer, now - CLOCK_MS + (int64_t)i * CLOCK_US);
	}
	loop_disarm(loop, &alarms[3].timer);
	loop_disarm(loop, &alarms[3].timer);
	loop_arm(loop, &alarms[5].timer, CLOCK_NEVER);
	loop_arm(loop, &last.timer, now);
	assert_int_equal(loop_run(loop), 0);
	assert_string_equal(said, "abceghijklmnopqrst.");
}

static void
on_alarm_again(struct timer *timer)
{
	on_alarm(timer);
	loop_arm(loop, timer, 0);
}

static void
a_timer_that_is_always_due_starves_nobody(void **state)
{
	struct alarm alarm = { .timer.on = on_alarm_again, .letter = 't' };
	struct source source;

	(void)state;
	source_open(&source, 'e', LOOP_EXIT, on_source_last);
	source_feed(&source);
	loop_arm(loop, &alarm.timer, 0);
	assert_int_equal(loop_run(loop), 42);
	assert_string_equal(said, "te");
	loop_disarm(loop, &alarm.timer);
	source_close(&source);
}

static void
on_after(void *context)
{
	say(*(const char *)context);
}

static void
after_each_turn(void **state)
{
	struct source source;
	struct alarm alarm = { .timer.on = on_alarm_last, .letter = 't' };
	char letter = '|';

	(void)state;
	source_open(&source, 'd', LOOP_DATA, on_source);
	source_feed(&source);
	source_feed(&source);
	loop_after_turn(loop, on_after, &letter);
	loop_arm(loop, &alarm.timer, clock_now() + 20 * CLOCK_MS);
	assert_int_equal(loop_run(loop), 0);
	/* on a slow machine the timer may come with the first turns */
	assert_int_equal(said[0], '|');
	assert_int_equal(said[1], 'd');
	source_close(&source);
}

static void
what_epoll_refuses_is_told(void **state)
{
	__attribute__((cleanup(test_dir_done))) char *directory = test_dir();
	autofree char *path = str_format("%s/file", directory);
	autoclose int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct watch watch = { 0 };

	(void)state;
	assert_int_equal(loop_watch(loop, &watch, fd, EPOLLIN, LOOP_DATA, on_source), -EPERM);
	assert_int_equal(loop_watch(loop, &watch, -1, EPOLLIN, LOOP_DATA, on_source), -EBADF);
	loop_unwatch(loop, &watch); /* was not watched: nothing */
}

/* no wake-up without a reason: the timerfd does not run when no timer is armed */
static void
an_idle_loop_has_no_timer_running(void **state)
{
	struct alarm alarm = { .timer.on = on_alarm, .letter = 't' };
	struct source source;
	struct epoll_event event;

	(void)state;
	source_open(&source, 'd', LOOP_DATA, on_source_last);
	source_feed(&source);
	loop_arm(loop, &alarm.timer, clock_now() + 3600 * CLOCK_S);
	assert_int_equal(loop_run(loop), 42);
	loop_disarm(loop, &alarm.timer);
	source_feed(&source);
	assert_int_equal(loop_run(loop), 42);
	assert_int_equal(epoll_wait(loop_fd(loop), &event, 1, 0), 0);
	source_close(&source);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(data_then_timers_then_exits),
		TEST(the_order_holds_for_many),
		TEST(nothing_stale_is_called),
		TEST(a_parked_watch_is_silent),
		TEST(timers_come_in_order_and_can_move),
		TEST(a_timer_that_is_always_due_starves_nobody),
		TEST(after_each_turn),
		TEST(what_epoll_refuses_is_told),
		TEST(an_idle_loop_has_no_timer_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
