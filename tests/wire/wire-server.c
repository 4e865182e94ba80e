/* What the server does to clients that are many, slow, huge, silent, strangers or out of luck. */
#include "serving.h"

#define INFO "{\"method\":\"io.tend.Info\"}"
#define WAIT "{\"method\":\"io.tend.Wait\",\"parameters\":{\"names\":[]}}"
#define RESET "{\"method\":\"io.tend.Reset\",\"parameters\":{\"names\":[]}}"
#define EMPTY "{\"parameters\":{}}"

static struct serving serving;

static int
setup(void **state)
{
	(void)state;
	serving_limit(4096);
	serving_start(&serving, geteuid(), "socket");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	serving_end(&serving);
	return 0;
}

static char *
cat_of(int number)
{
	return str_format("{\"method\":\"io.tend.Cat\",\"parameters\":{\"name\":\"%d\"}}", number);
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
	int fd = serving_connect(&serving);
	struct buf all;

	(void)state;
	buf_init(&all, 1 << 20);
	for (int i = 0; i < 2000; i++) {
		autofree char *request = cat_of(i);

		assert_true(buf_add(&all, request, strlen(request) + 1));
	}
	serving_write(fd, all.data, all.length);
	for (int i = 0; i < 2000; i++) {
		autofree char *wanted = str_format("{\"parameters\":{\"name\":\"%d\"}}", i);

		serving_expect(fd, wanted);
	}
	buf_done(&all);
	(void)fd_close(fd);
}

static void
a_call_that_waits_holds_back_those_behind_it(void **state)
{
	int fd = serving_connect(&serving), other = serving_connect(&serving);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	(void)state;
	serving_write(fd, WAIT "\0" INFO, sizeof(WAIT INFO) + 1);
	serving_until(other, "kept", 1);
	assert_int_equal(serving_ask(other, "kept"), 1);
	assert_int_equal(poll(&p, 1, 0), 0);
	serving_say(other, RESET);
	serving_expect(other, EMPTY);
	serving_expect(fd, "{\"parameters\":{\"results\":[]}}");
	free(serving_hear(fd));
	(void)fd_close(fd);
	(void)fd_close(other);
}

static void
a_request_may_come_byte_by_byte(void **state)
{
	static const char request[] =
		"{\"method\":\"io.tend.Cat\",\"parameters\":{\"name\":\"a\"}}";
	int fd = serving_connect(&serving), other = serving_connect(&serving);

	(void)state;
	for (size_t i = 0; i < sizeof(request); i++) {
		serving_write(fd, request + i, 1);
		(void)serving_ask(other, "calls");
	}
	serving_expect(fd, "{\"parameters\":{\"name\":\"a\"}}");
	(void)fd_close(fd);
	(void)fd_close(other);
}

static void
halves_keep_nobody_waiting(void **state)
{
	int half[50], other = serving_connect(&serving);

	(void)state;
	for (int i = 0; i < 50; i++) {
		half[i] = serving_connect(&serving);
		serving_write(half[i], "{\"method\":\"io.tend.Cat\",", 24);
	}
	serving_until(other, "in", 50 * 24);
	serving_say(half[20], "\"parameters\":{\"name\":\"b\"}}");
	serving_expect(half[20], "{\"parameters\":{\"name\":\"b\"}}");
	for (int i = 0; i < 50; i++) {
		(void)fd_close(half[i]);
	}
	serving_until(other, "in", 0);
	serving_until(other, "clients", 1);
	(void)fd_close(other);
}

/* writes until the other side does not listen any more; bytes that could be written */
static size_t
write_most(int fd, size_t n)
{
	char piece[65536];
	size_t done = 0;

	memset(piece, 'x', sizeof(piece));
	while (done < n) {
		ssize_t sent = send(fd, piece, MIN(sizeof(piece), n - done), MSG_NOSIGNAL);

		if (sent < 0) {
			break;
		}
		done += (size_t)sent;
	}
	return done;
}

static void
a_huge_request_is_refused_before_it_is_there(void **state)
{
	int fd = serving_connect(&serving), other = serving_connect(&serving);

	(void)state;
	serving_write(fd, "{\"a\":\"", 6);
	assert_true(write_most(fd, 100 << 20) < 12 << 20);
	serving_expect_end(fd, "io.tend.BadInput");
	serving_until(other, "in", 0);
	(void)fd_close(fd);
	(void)fd_close(other);
}

static void
the_largest_request_is_taken(void **state)
{
	int fd = serving_connect(&serving);
	static const char start[] = "{\"method\":\"io.tend.Info\",\"x\":\"";

	(void)state;
	serving_write(fd, start, sizeof(start) - 1);
	assert_int_equal(write_most(fd, LIMIT_MESSAGE - sizeof(start) - 1),
			 LIMIT_MESSAGE - sizeof(start) - 1);
	serving_write(fd, "\"}", 3);
	free(serving_hear(fd));
	assert_int_equal(serving_ask(fd, "in"), 0);
	(void)fd_close(fd);
}

static void
the_largest_half_gives_way_when_all_are_too_much(void **state)
{
	int large[6], other = serving_connect(&serving), heard = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		large[i] = serving_connect(&serving);
		serving_write(large[i], "{\"a\":\"", 6);
		(void)write_most(large[i], 7 << 20);
		(void)serving_ask(other, "in");
	}
	for (int i = 0; i < 6; i++) {
		struct pollfd p = { .fd = large[i], .events = POLLIN };

		serving_until(other, "clients", serving_ask(other, "clients"));
		heard += poll(&p, 1, 0);
		assert_true(serving_ask(other, "in") <= LIMIT_REQUESTS);
	}
	assert_true(heard > 0 && heard < 4);
	for (int i = 0; i < 6; i++) {
		(void)fd_close(large[i]);
	}
	(void)fd_close(other);
}

static void
a_reader_that_does_not_read_is_dropped(void **state)
{
	static const char watch[] = "{\"method\":\"io.tend.Watch\",\"more\":true}";
	static const char send_some[] =
		"{\"method\":\"io.tend.Signal\",\"parameters\":{\"names\":[],"
		"\"signal\":\"2000000\"}}";
	int slow = serving_connect(&serving), good = serving_connect(&serving);
	int other = serving_connect(&serving), largest = 0;
	size_t n = 0;

	(void)state;
	serving_say(slow, watch);
	serving_expect(slow, "{\"continues\":true,\"parameters\":{}}");
	serving_say(good, watch);
	serving_expect(good, "{\"continues\":true,\"parameters\":{}}");
	for (int i = 0; i < 50; i++) {
		autofree char *heard = NULL;

		serving_say(other, send_some);
		serving_expect(other, EMPTY);
		heard = serving_hear(good);
		assert_non_null(heard);
		assert_int_equal(strlen(heard),
				 2000000 + strlen("{\"continues\":true,\"parameters\":"
						  "{\"text\":\"\"}}"));
		largest = MAX(largest, serving_ask(other, "out"));
	}
	assert_int_equal(serving_ask(other, "gone"), 1);
	assert_in_range(largest, 1 << 20, LIMIT_REPLY_QUEUE);
	for (char piece[65536]; recv(slow, piece, sizeof(piece), 0) > 0; n++) {
	}
	assert_true(n > 0);
	(void)fd_close(slow);
	(void)fd_close(good);
	(void)fd_close(other);
}

static void
requests_of_who_does_not_read_are_not_taken(void **state)
{
	static const char why[] =
		"{\"method\":\"io.tend.Why\",\"parameters\":{\"name\":\"3000000\"}}";
	int fd = serving_connect(&serving), other = serving_connect(&serving);

	(void)state;
	for (int i = 0; i < 100; i++) {
		serving_say(fd, why);
	}
	serving_until(other, "clients", 2);
	assert_true(serving_ask(other, "out") < 4000000);
	for (int i = 0; i < 100; i++) {
		autofree char *heard = serving_hear(fd);

		assert_non_null(heard);
		assert_true(strlen(heard) > 3000000);
	}
	(void)fd_close(fd);
	(void)fd_close(other);
}

static void
the_handler_is_told_that_a_caller_left(void **state)
{
	int fd = serving_connect(&serving), other = serving_connect(&serving);

	(void)state;
	serving_say(fd, WAIT);
	serving_until(other, "kept", 1);
	(void)fd_close(fd);
	serving_until(other, "gone", 1);
	assert_int_equal(serving_ask(other, "kept"), 0);
	(void)fd_close(other);
}

static void
who_only_stops_writing_is_still_answered(void **state)
{
	int fd = serving_connect(&serving), other = serving_connect(&serving);

	(void)state;
	serving_say(fd, WAIT);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	serving_until(other, "kept", 1);
	serving_say(other, RESET);
	serving_expect(fd, "{\"parameters\":{\"results\":[]}}");
	assert_null(serving_hear(fd));
	serving_expect(other, EMPTY);
	assert_int_equal(serving_ask(other, "gone"), 0);
	(void)fd_close(fd);
	(void)fd_close(other);
}

static void
a_thousand_idle_connections_keep_nobody_out(void **state)
{
	int idle[1000];
	struct rlimit limit;

	(void)state;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < 1100) {
		skip();
	}
	for (int i = 0; i < 1000; i++) {
		idle[i] = serving_connect(&serving);
		if (i % 50 == 0) {
			int fd = serving_connect(&serving);

			assert_true(serving_ask(fd, "clients") <= LIMIT_CLIENTS);
			(void)fd_close(fd);
		}
	}
	serving_expect_end(idle[0], "io.tend.Busy");
	serving_expect_end(idle[500], "io.tend.Busy");
	assert_in_range(serving_ask(idle[999], "clients"), 2, LIMIT_CLIENTS);
	for (int i = 0; i < 1000; i++) {
		(void)fd_close(idle[i]);
	}
}

static void
when_all_wait_for_answers_the_next_is_turned_away(void **state)
{
	int waiting[LIMIT_CLIENTS], fd;

	(void)state;
	for (int i = 0; i < LIMIT_CLIENTS; i++) {
		waiting[i] = serving_connect(&serving);
		if (i > 0) {
			serving_say(waiting[i], WAIT);
		}
	}
	serving_until(waiting[0], "kept", LIMIT_CLIENTS - 1);
	serving_say(waiting[0], "{\"method\":\"io.tend.Watch\",\"more\":true}");
	serving_expect(waiting[0], "{\"continues\":true,\"parameters\":{}}");
	fd = serving_connect(&serving);
	serving_expect_end(fd, "io.tend.Busy");
	(void)fd_close(fd);
	for (int i = 0; i < LIMIT_CLIENTS; i++) {
		(void)fd_close(waiting[i]);
	}
}

static void
without_descriptors_callers_are_told_and_the_loop_stands_still(void **state)
{
	int first = serving_connect(&serving), fd, more;

	(void)state;
	(void)serving_ask(first, "clients");
	/* not one number is left below the limit, also not the reserve's */
	serving_say(first, "{\"method\":\"io.tend.Status\",\"parameters\":{\"name\":\"3\"}}");
	serving_expect(first, EMPTY);
	fd = serving_connect(&serving);
	serving_until(first, "listening", 0);
	serving_say(first, "{\"method\":\"io.tend.Status\",\"parameters\":{\"name\":\"4096\"}}");
	serving_expect(first, EMPTY);
	assert_true(serving_ask(fd, "clients") >= 2); /* the timer lets it in */
	more = serving_connect(&serving);
	(void)serving_ask(more, "clients");
	(void)fd_close(fd);
	(void)fd_close(more);
	(void)fd_close(first);
}

static void
the_reserve_descriptor_tells_why(void **state)
{
	int fd[64], n = 0, busy = 0;

	(void)state;
	fd[n++] = serving_connect(&serving);
	serving_say(fd[0], "{\"method\":\"io.tend.Status\",\"parameters\":{\"name\":\"24\"}}");
	serving_expect(fd[0], EMPTY);
	while (n < 64 && !busy) {
		autofree char *heard = NULL;

		fd[n] = serving_connect(&serving);
		serving_say(fd[n], INFO);
		heard = serving_hear(fd[n++]);
		assert_non_null(heard);
		busy = strstr(heard, "\"error\":\"io.tend.Busy\"") != NULL;
	}
	assert_true(busy && n < 32);
	assert_int_equal(serving_ask(fd[0], "clients"), n - 1);
	for (int i = 1; i < n; i++) {
		(void)fd_close(fd[i]);
	}
	serving_until(fd[0], "clients", 1);
	fd[1] = serving_connect(&serving);
	assert_int_equal(serving_ask(fd[1], "clients"), 2);
	(void)fd_close(fd[0]);
	(void)fd_close(fd[1]);
}

static void
what_is_queued_leaves_before_the_end(void **state)
{
	struct serving own;
	int fd;
	autofree char *heard = NULL;

	(void)state;
	serving_start(&own, geteuid(), "socket");
	fd = serving_connect(&own);
	serving_say(fd,
		    "{\"method\":\"io.tend.Upgrade\",\"parameters\":{\"executable\":\"9000000\"}}");
	heard = serving_hear(fd);
	assert_non_null(heard);
	assert_true(strlen(heard) > 9000000);
	assert_null(serving_hear(fd));
	(void)fd_close(fd);
	serving_ended(&own);
}

static void
those_who_wait_are_told_of_the_end(void **state)
{
	struct serving own;
	int fd;

	(void)state;
	serving_start(&own, geteuid(), "socket");
	fd = serving_connect(&own);
	serving_say(fd, WAIT);
	{
		int other = serving_connect(&own);

		serving_until(other, "kept", 1);
		(void)fd_close(other);
	}
	serving_end(&own);
	assert_null(serving_hear(fd));
	(void)fd_close(fd);
}

static void
a_handler_may_end_the_server(void **state)
{
	static const char delete[] =
		"{\"method\":\"io.tend.Delete\",\"parameters\":{\"names\":[]}}";
	struct serving own;
	int fd, other;

	(void)state;
	serving_start(&own, geteuid(), "socket");
	other = serving_connect(&own);
	serving_say(other, WAIT);
	fd = serving_connect(&own);
	serving_until(fd, "kept", 1);
	serving_write(fd, delete, sizeof(delete));
	serving_expect(fd, EMPTY);
	assert_null(serving_hear(fd));
	assert_null(serving_hear(other));
	(void)fd_close(fd);
	(void)fd_close(other);
	serving_ended(&own);
}

static void
a_pipelined_call_may_end_the_server(void **state)
{
	static const char both[] =
		INFO "\0{\"method\":\"io.tend.Delete\",\"parameters\":{\"names\":[]}}"
		     "\0" INFO;
	struct serving own;
	int fd;

	(void)state;
	serving_start(&own, geteuid(), "socket");
	fd = serving_connect(&own);
	serving_write(fd, both, sizeof(both));
	free(serving_hear(fd));
	serving_expect(fd, EMPTY);
	assert_null(serving_hear(fd));
	(void)fd_close(fd);
	serving_ended(&own);
}

static void
the_last_caller_that_leaves_may_end_the_server(void **state)
{
	struct serving own;
	int fd, other;

	(void)state;
	serving_start(&own, geteuid(), "socket");
	fd = serving_connect(&own);
	other = serving_connect(&own);
	serving_say(fd,
		    "{\"method\":\"io.tend.Scale\",\"parameters\":{\"name\":\"a\",\"count\":1}}");
	serving_until(other, "kept", 1);
	(void)fd_close(fd);
	assert_null(serving_hear(other));
	(void)fd_close(other);
	serving_ended(&own);
}

static int
stranger(const struct serving *own) /* in a child: 0 when it is turned away */
{
	int fd;
	autofree char *heard = NULL;

	if (setgid(65534) < 0 || setuid(65534) < 0) {
		return 1;
	}
	fd = serving_connect(own);
	heard = serving_hear(fd);
	return !heard || !strstr(heard, "\"error\":\"io.tend.NotPermitted\"") || serving_hear(fd);
}

static void
strangers_are_turned_away(void **state)
{
	int status = -1;
	pid_t pid;

	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chmod(serving.directory, 0755), 0);
	assert_int_equal(chmod(serving.path, 0777), 0);
	pid = fork();
	if (pid == 0) {
		_exit(stranger(&serving));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
root_is_let_in_up_to_a_number(void **state)
{
	struct serving own;
	int fd[LIMIT_CLIENTS_OF_USER + 1];

	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	serving_start(&own, 65534, "socket");
	for (int i = 0; i <= LIMIT_CLIENTS_OF_USER; i++) {
		fd[i] = serving_connect(&own);
		(void)serving_ask(fd[i], "clients");
	}
	serving_expect_end(fd[0], "io.tend.Busy");
	assert_int_equal(serving_ask(fd[1], "clients"), LIMIT_CLIENTS_OF_USER);
	for (int i = 0; i <= LIMIT_CLIENTS_OF_USER; i++) {
		(void)fd_close(fd[i]);
	}
	serving_end(&own);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(pipelined_requests_are_answered_in_order),
		TEST(a_call_that_waits_holds_back_those_behind_it),
		TEST(a_request_may_come_byte_by_byte),
		TEST(halves_keep_nobody_waiting),
		TEST(a_huge_request_is_refused_before_it_is_there),
		TEST(the_largest_request_is_taken),
		TEST(the_largest_half_gives_way_when_all_are_too_much),
		TEST(a_reader_that_does_not_read_is_dropped),
		TEST(requests_of_who_does_not_read_are_not_taken),
		TEST(the_handler_is_told_that_a_caller_left),
		TEST(who_only_stops_writing_is_still_answered),
		TEST(a_thousand_idle_connections_keep_nobody_out),
		TEST(when_all_wait_for_answers_the_next_is_turned_away),
		TEST(without_descriptors_callers_are_told_and_the_loop_stands_still),
		TEST(the_reserve_descriptor_tells_why),
		TEST(what_is_queued_leaves_before_the_end),
		TEST(those_who_wait_are_told_of_the_end),
		cmocka_unit_test(a_handler_may_end_the_server),
		cmocka_unit_test(a_pipelined_call_may_end_the_server),
		cmocka_unit_test(the_last_caller_that_leaves_may_end_the_server),
		TEST(strangers_are_turned_away),
		TEST(root_is_let_in_up_to_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
