/* The way to the logger is a socket pair of which keeper and manager keep both ends, so what was
 * said to a logger that died is read by the next one, and this line never breaks. What was asked
 * and not answered when one died is asked again once the next has its streams. */
#include "manager/keeper-line.h"
#include <errno.h>
#include <string.h>

struct asked {            /* DRAIN or CARE: somebody waits until it is done */
	struct list link; /* logger_line.asked */
	struct frame frame;
	void (*drained)(void *context); /* one of the two */
	void (*cared)(void *context, const struct frame *answer);
	void *context;
};

struct logger_line {
	struct line line;
	struct list asked; /* asked.link */
	int64_t last;
};

static void
asked_free(struct asked *asked)
{
	list_remove(&asked->link);
	free(asked);
}

static void
answered(struct manager *manager, const struct frame *frame)
{
	LIST_EACH(asked, &manager->logger->asked, struct asked, link) {
		if (asked->frame.value == frame->value) {
			struct asked was = *asked;

			asked_free(asked);
			if (was.drained) {
				was.drained(was.context);
			} else {
				was.cared(was.context, frame);
			}
			return;
		}
	}
}

static void
trouble(struct manager *manager, const struct frame *frame)
{
	struct member *member = nmap_get(&manager->by_number, HELD_SERVICE(frame->number));

	if (member) {
		logging_trouble(member, frame->error, frame->value);
	}
	if (frame->error == 0) {
		manager_said_over(manager, SAY_LOG);
		return;
	}
	manager_say(manager, SAY_LOG, "the log of %s can't be written: %s; %lld bytes were dropped",
		    member ? member->name : "a deleted unit", strerror(frame->error),
		    (long long)frame->value);
}

static void
frame_came(void *context, const struct frame *frame, int *fds, size_t count)
{
	struct manager *manager = context;

	manager_trace("logger: %s %llu", frame_name(frame->kind),
		      (unsigned long long)frame->number);
	switch (frame->kind) {
	case FRAME_DRAINED:
	case FRAME_CARED: answered(manager, frame); break;
	case FRAME_LOG_TROUBLE: trouble(manager, frame); break;
	case FRAME_STREAMS_WANTED: keeper_line_give(manager, frame->value); break;
	case FRAME_CLOSED: pipes_closed(manager, frame); break;
	case FRAME_STREAM_HELD: pipes_given(manager, frame->number, count ? fds[0] : -1); break;
	case FRAME_STREAMS_END: revive_streams_end(manager); break;
	default: break;
	}
	for (size_t i = 0; i < count; i++) {
		(void)fd_close(fds[i]);
	}
}

static void
line_lost(void *context)
{
	struct manager *manager = context;

	/* both its ends are ours and the keeper's: somebody must have shut it down */
	manager_say(manager, SAY_LOGGER, "the line to the logger broke");
}

static void
line_idle(void *context)
{
	keeper_line_go_on(context);
	launching_pump(context);
}

int
logger_line_open(struct manager *manager, int take_fd)
{
	struct logger_line *logger = calloc(1, sizeof(*logger));

	CHECK(logger != NULL);
	list_init(&logger->asked);
	logger->line = (struct line){
		.context = manager, .on = frame_came, .lost = line_lost, .idle = line_idle
	};
	manager->logger = logger;
	return line_open(&logger->line, manager->loop, take_fd);
}

void
logger_line_send(struct manager *manager, const struct frame *frame, const int *fds, size_t count)
{
	int r = line_send(&manager->logger->line, frame, fds, count);

	if (r < 0) {
		manager_say(manager, SAY_LOGGER, "the logger was not told %s: %s",
			    frame_name(frame->kind), strerror(-r));
	}
}

size_t
logger_line_waiting(const struct manager *manager)
{
	return manager->logger->line.waiting;
}

static struct asked *
ask(struct manager *manager, const struct frame *frame, void *context)
{
	struct asked *asked = calloc(1, sizeof(*asked));

	CHECK(asked != NULL);
	asked->frame = *frame;
	asked->frame.value = manager->logger->last = MAX(manager->logger->last + 1, clock_now());
	asked->context = context;
	list_init(&asked->link);
	list_add(&manager->logger->asked, &asked->link);
	logger_line_send(manager, &asked->frame, NULL, 0);
	return asked;
}

void
logger_line_drain(struct manager *manager, uint64_t key, void (*then)(void *context), void *context)
{
	const struct frame drain = { .kind = FRAME_DRAIN, .number = key };

	ask(manager, &drain, context)->drained = then;
}

void
logger_line_ask(struct manager *manager, const struct frame *frame,
		void (*then)(void *context, const struct frame *answer), void *context)
{
	ask(manager, frame, context)->cared = then;
}

void
logger_line_given(struct manager *manager, int64_t wanted)
{
	const struct frame given = { .kind = FRAME_STREAMS_GIVEN, .value = wanted };

	logger_line_send(manager, &given, NULL, 0);
	LIST_EACH(asked, &manager->logger->asked, struct asked, link) {
		logger_line_send(manager, &asked->frame, NULL, 0);
	}
}

void
logger_line_ask_streams(struct manager *manager)
{
	const struct frame give = { .kind = FRAME_GIVE };

	logger_line_send(manager, &give, NULL, 0);
}
