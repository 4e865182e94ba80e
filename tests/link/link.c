#include "test.h"
#include "link/link.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static void
there_and_back(void **state)
{
	struct frame out = { .kind = FRAME_STREAM,
			     .number = HELD_KEY(7, HELD_LOG_ERROR),
			     .value = -3 },
		     in;
	int pair[2], fds[FD_PASS_MAX], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	size_t count = 0;
	bool cut = true;

	(void)state;
	assert_int_equal(HELD_SERVICE(out.number), 7);
	assert_int_equal(HELD_KIND(out.number), HELD_LOG_ERROR);
	memcpy(out.stream.name, "web@1", 6);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), -EAGAIN);
	assert_int_equal(link_send(pair[0], &out, &null, 1), 0);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), 1);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(count, 1);
	assert_false(cut);
	(void)close(fds[0]);
	(void)close(null);
	(void)close(pair[0]);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), 0);
	assert_int_equal(link_send(pair[1], &out, NULL, 0), -EPIPE);
	(void)close(pair[1]);
}

static void
what_is_no_frame(void **state)
{
	struct frame frame = { .kind = FRAME_HOLD }, in;
	int pair[2], fds[FD_PASS_MAX], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int many[] = { null, null };
	char longer[sizeof(frame) + 1] = { 0 };
	size_t count = 0;
	bool cut;

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(fd_send(pair[0], "short", 5, many, 2), 0);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), -EBADMSG);
	assert_int_equal(fd_send(pair[0], longer, sizeof(longer), NULL, 0), 0);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), -EBADMSG);
	assert_int_equal(link_send(pair[0], &frame, many, 2), 0); /* one too many */
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), -EBADMSG);
	assert_int_equal(link_send(pair[0], &frame, NULL, 0), 0); /* one is missing */
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), -EBADMSG);
	frame.kind = 4711;
	assert_int_equal(link_send(pair[0], &frame, NULL, 0), 0);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), -EBADMSG);
	frame.kind = FRAME_STREAM; /* a name without an end */
	memset(frame.stream.name, 'x', sizeof(frame.stream.name));
	assert_int_equal(link_send(pair[0], &frame, NULL, 0), 0);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), -EBADMSG);
	assert_int_equal(count, 0);
	(void)close(null);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* who dies with unread frames makes the kernel say so first; what it had sent must still come */
static void
the_last_words_of_the_dead(void **state)
{
	struct frame frame = { .kind = FRAME_LIST }, in;
	int pair[2], fds[FD_PASS_MAX];
	size_t count = 0;
	bool cut;

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(link_send(pair[1], &frame, NULL, 0), 0);
	frame.kind = FRAME_FORGET;
	assert_int_equal(link_send(pair[0], &frame, NULL, 0), 0);
	(void)close(pair[0]);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), 1);
	assert_int_equal(in.kind, FRAME_FORGET);
	assert_int_equal(link_receive(pair[1], &in, fds, &count, &cut), 0);
	(void)close(pair[1]);
}

static void
full_is_try_again(void **state)
{
	struct frame frame = { .kind = FRAME_LIST };
	int pair[2], r, sent = 0;

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	while ((r = link_send(pair[0], &frame, NULL, 0)) == 0) {
		sent++;
	}
	assert_int_equal(r, -EAGAIN);
	assert_true(sent > 10);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
every_kind_has_a_name(void **state)
{
	(void)state;
	for (uint32_t kind = FRAME_HELLO; kind <= FRAME_ASKED_END; kind++) {
		assert_string_not_equal(frame_name(kind), "unknown frame");
	}
	for (uint32_t kind = FRAME_STREAM; kind <= FRAME_LOG_TROUBLE; kind++) {
		assert_string_not_equal(frame_name(kind), "unknown frame");
	}
	assert_string_equal(frame_name(0), "unknown frame");
	assert_string_equal(frame_name(UINT32_MAX), "unknown frame");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_is_no_frame),
		cmocka_unit_test(the_last_words_of_the_dead),
		cmocka_unit_test(full_is_try_again),
		cmocka_unit_test(every_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
