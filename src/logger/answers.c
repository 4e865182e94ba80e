/* A queue of small structs, made into frames when they are sent: a manager that is dead for a while
 * must not cost a frame's size for each of ten thousand streams. */
#include "logger/answers.h"
#include "base/check.h"
#include "base/fd.h"
#include "link/link.h"
#include <errno.h>
#include <string.h>

enum { ANSWERS_TROUBLE_MAX = 4096 };

void
answers_init(struct answers *answers)
{
	*answers = (struct answers){ 0 };
}

void
answers_done(struct answers *answers)
{
	free(answers->queue);
	answers_init(answers);
}

void
answers_add(struct answers *answers, struct answer answer)
{
	if (answer.kind == FRAME_LOG_TROUBLE && answers->count >= ANSWERS_TROUBLE_MAX) {
		return;
	}
	if (answers->first > 0 && answers->first + answers->count == answers->size) {
		memmove(answers->queue, answers->queue + answers->first,
			answers->count * sizeof(*answers->queue));
		answers->first = 0;
	}
	if (answers->count == answers->size) {
		answers->size = MAX(2 * answers->size, 16);
		answers->queue =
			reallocarray(answers->queue, answers->size, sizeof(*answers->queue));
		CHECK(answers->queue != NULL);
	}
	answers->queue[answers->first + answers->count++] = answer;
}

static int
send_one(const struct answer *answer, int socket, int (*descriptor)(void *context, uint64_t key),
	 void *context)
{
	struct frame frame = { .kind = answer->kind,
			       .number = answer->key,
			       .error = answer->error,
			       .value = answer->value };
	int fd = -1;

	if (answer->kind != FRAME_STREAM_HELD) {
		return link_send(socket, &frame, NULL, 0);
	}
	fd = descriptor(context, answer->key);
	return fd_is_open(fd) ? link_send(socket, &frame, &fd, 1) : 0;
}

bool
answers_send(struct answers *answers, int socket, int (*descriptor)(void *context, uint64_t key),
	     void *context)
{
	while (answers->count > 0) {
		int r = send_one(&answers->queue[answers->first], socket, descriptor, context);

		if (r == -EAGAIN) {
			return true;
		}
		answers->first++;
		answers->count--;
	}
	answers_done(answers); /* gives the memory back, too */
	return false;
}
