/* answers: kept while the socket is full, in order, and bounded. */
#include "test.h"
#include "base/fd.h"
#include "link/link.h"
#include "logger/answers.h"
#include <errno.h>
#include <sys/socket.h>

static int
descriptor(void *context, uint64_t key)
{
	return key % 2 == 0 ? *(int *)context : -1;
}

static void
they_wait_for_room(void **state)
{
	enum { ANSWERS = 2000 };
	struct answers answers;
	struct frame frame;
	int pair[2], fds[FD_PASS_MAX], own;
	uint64_t next = 0;
	size_t count;
	bool cut;

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	own = fd_dup(pair[0]);
	answers_init(&answers);
	assert_false(answers_send(&answers, pair[0], descriptor, &own));
	for (uint64_t i = 0; i < ANSWERS; i++) {
		answers_add(&answers, (struct answer){ .kind = FRAME_DRAINED, .key = i });
		if (i % 100 == 50) { /* in between, so that the queue moves */
			(void)answers_send(&answers, pair[0], descriptor, &own);
		}
	}
	while (next < ANSWERS) {
		int r = link_receive(pair[1], &frame, fds, &count, &cut);

		if (r == -EAGAIN) {
			(void)answers_send(&answers, pair[0], descriptor, &own);
			continue;
		}
		assert_int_equal(r, 1);
		assert_int_equal(frame.number, next++);
	}
	assert_false(answers_send(&answers, pair[0], descriptor, &own));
	assert_null(answers.queue);
	(void)fd_close(own);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
held_streams_take_their_descriptor(void **state)
{
	struct answers answers;
	struct frame frame;
	int pair[2], fds[FD_PASS_MAX];
	size_t count;
	bool cut;

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	answers_init(&answers);
	answers_add(&answers, (struct answer){ .kind = FRAME_STREAM_HELD, .key = 2 });
	answers_add(&answers, (struct answer){ .kind = FRAME_STREAM_HELD, .key = 3 }); /* gone */
	answers_add(&answers, (struct answer){ .kind = FRAME_STREAMS_END });
	assert_false(answers_send(&answers, pair[0], descriptor, &pair[0]));
	assert_int_equal(link_receive(pair[1], &frame, fds, &count, &cut), 1);
	assert_int_equal(frame.kind, FRAME_STREAM_HELD);
	assert_int_equal(frame.number, 2);
	assert_int_equal(count, 1);
	(void)fd_close(fds[0]);
	assert_int_equal(link_receive(pair[1], &frame, fds, &count, &cut), 1);
	assert_int_equal(frame.kind, FRAME_STREAMS_END);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
trouble_is_not_piled_up(void **state)
{
	struct answers answers;

	(void)state;
	answers_init(&answers);
	for (int i = 0; i < 10000; i++) {
		answers_add(&answers, (struct answer){ .kind = FRAME_LOG_TROUBLE });
	}
	assert_true(answers.count < 5000);
	answers_add(&answers, (struct answer){ .kind = FRAME_DRAINED });
	assert_int_equal(answers.queue[answers.first + answers.count - 1].kind, FRAME_DRAINED);
	answers_done(&answers);
	assert_int_equal(answers.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_wait_for_room),
		cmocka_unit_test(held_streams_take_their_descriptor),
		cmocka_unit_test(trouble_is_not_piled_up),
	};

	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
