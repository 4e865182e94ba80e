/* While it lasts the pipes are watched edge-triggered: one event for what arrives, none for what
 * just stays. A write that fills a pipe which was not empty gives no event, so a timer looks as
 * well; it is quick after a full pipe and slow otherwise. Whoever writes so fast that a pipe was
 * full a moment ago loses what comes at once, for waiting would make them as slow as the timer.
 *
 * The count of dropped bytes goes into the index, which has room reserved; what does not fit even
 * there is kept here and told to the manager. Killed in that state, a logger loses this count (and
 * no byte more). */
#include "logger/trouble.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "link/link.h"
#include <string.h>
#include <sys/epoll.h>

static const int64_t TRY_SOON_NS = 20 * CLOCK_MS;
static const int64_t TRY_LATE_NS = 320 * CLOCK_MS;
static const int64_t FULL_NS = CLOCK_S; /* a pipe that was full counts as a fast one for so long */
static const int64_t TELL_NS = CLOCK_S;

enum { PIECES = 64, MARKS = 16 };

struct trouble {
	struct troubles *shared;
	struct log *log;
	struct timer timer;
	int error;
	int64_t delay, was_full, told;
	uint64_t dropped;  /* since it began */
	uint64_t unmarked; /* of these, not in the index */
	uint64_t told_dropped;
	int64_t began; /* wall time of the first of those */
	size_t marks;
	struct store_record mark[MARKS];
};

static void
tell(struct trouble *trouble, int error)
{
	struct stream *stream = trouble->log->streams;

	trouble->told = clock_now();
	trouble->told_dropped = trouble->dropped;
	if (stream) {
		trouble->shared->tell((struct answer){ .kind = FRAME_LOG_TROUBLE,
						       .key = stream->key,
						       .error = error,
						       .value = (int64_t)trouble->dropped });
	}
}

static void
watch_streams(struct trouble *trouble, uint32_t events)
{
	for (struct stream *stream = trouble->log->streams; stream; stream = stream->next) {
		if (stream->watch.watched && stream->watch.events) {
			(void)loop_change(trouble->shared->loop, &stream->watch, events);
		}
	}
}

/* The mark comes first: who is killed between the two has told of bytes that are still there,
 * rather than lost some in silence. */
static void
drop(struct trouble *trouble, struct stream *stream)
{
	uint64_t bytes = flow_waiting(stream);

	if (bytes == 0) {
		return;
	}
	if (trouble->unmarked == 0) {
		trouble->began = clock_wall();
	}
	trouble->dropped += bytes;
	trouble->unmarked += bytes;
	if (trouble->log->file &&
	    logfile_drop(trouble->log, trouble->unmarked, trouble->error, trouble->began) == 0) {
		trouble->unmarked = 0;
	}
	(void)flow_discard(trouble->shared->flow, stream, bytes);
}

void
trouble_give_up(struct stream *stream)
{
	if (stream->log->trouble) {
		drop(stream->log->trouble, stream);
	}
}

/* `arrived`: something has just been written */
static void
drop_full(struct trouble *trouble, bool arrived)
{
	if (trouble->log->block) {
		return;
	}
	for (struct stream *stream = trouble->log->streams; stream; stream = stream->next) {
		int64_t now = clock_now();

		if (!fd_is_open(stream->watch.fd)) {
			continue;
		}
		if (flow_is_full(stream)) {
			trouble->was_full = now;
			trouble->delay = TRY_SOON_NS;
			drop(trouble, stream);
		} else if (arrived && trouble->was_full > 0 && now - trouble->was_full < FULL_NS) {
			drop(trouble, stream);
		}
	}
}

/* what could not be marked before comes before everything else */
static int
write_marks(struct trouble *trouble)
{
	struct log *log = trouble->log;
	int r = logfile_open(trouble->shared->flow->files, log);

	if (r < 0) {
		return r;
	}
	if (trouble->unmarked > 0) {
		r = logfile_drop(log, trouble->unmarked, trouble->error, trouble->began);
		if (r < 0) {
			return r;
		}
		trouble->unmarked = 0;
	}
	while (trouble->marks > 0) {
		r = logfile_mark(log, &trouble->mark[0]);
		if (r < 0) {
			return r;
		}
		memmove(trouble->mark, trouble->mark + 1,
			--trouble->marks * sizeof(trouble->mark[0]));
	}
	return 0;
}

static int
move_all(struct trouble *trouble)
{
	int r = write_marks(trouble);

	for (struct stream *stream = trouble->log->streams; r == 0 && stream;
	     stream = stream->next) {
		size_t left = flow_waiting(stream);

		for (int i = 0; i < PIECES && left > 0; i++) {
			ssize_t n = flow_move(trouble->shared->flow, stream, left);

			if (n <= 0) {
				r = (int)n;
				break;
			}
			left -= MIN(left, (size_t)n);
		}
	}
	return r;
}

int
trouble_try(struct log *log, bool arrived)
{
	struct trouble *trouble = log->trouble;
	int r = move_all(trouble);

	/* nothing may have waited in the pipes: then only a try tells that there is room again */
	if (r == 0 && quota_room(trouble->shared->flow->files) > 0 && logfile_has_room(log)) {
		watch_streams(trouble, EPOLLIN);
		tell(trouble, 0);
		trouble_end(log);
		return 0;
	}
	if (r < 0) {
		trouble->error = -r;
	}
	drop_full(trouble, arrived);
	if (trouble->dropped != trouble->told_dropped && clock_now() - trouble->told >= TELL_NS) {
		tell(trouble, trouble->error);
	}
	loop_arm(trouble->shared->loop, &trouble->timer, clock_now() + trouble->delay);
	trouble->delay = MIN(2 * trouble->delay, TRY_LATE_NS);
	return -trouble->error;
}

static void
on_timer(struct timer *timer)
{
	(void)trouble_try(CONTAINER(timer, struct trouble, timer)->log, false);
}

void
trouble_begin(struct troubles *troubles, struct log *log, int error)
{
	struct trouble *trouble;

	if (log->trouble) {
		return;
	}
	trouble = calloc(1, sizeof(*trouble));
	CHECK(trouble != NULL);
	trouble->shared = troubles;
	trouble->log = log;
	trouble->timer.on = on_timer;
	trouble->error = error;
	trouble->delay = TRY_SOON_NS;
	log->trouble = trouble;
	tell(trouble, error);
	watch_streams(trouble, EPOLLIN | EPOLLET);
	drop_full(trouble, false);
	loop_arm(troubles->loop, &trouble->timer, clock_now() + trouble->delay);
}

void
trouble_mark(struct log *log, const struct store_record *mark)
{
	struct trouble *trouble = log->trouble;

	if (log->file && trouble->marks == 0 && trouble->unmarked == 0 &&
	    logfile_mark(log, mark) == 0) {
		return;
	}
	if (trouble->marks == MARKS) {
		memmove(trouble->mark, trouble->mark + 1, --trouble->marks * sizeof(*mark));
	}
	trouble->mark[trouble->marks++] = *mark;
}

void
trouble_end(struct log *log)
{
	struct trouble *trouble = log->trouble;

	if (trouble) {
		loop_disarm(trouble->shared->loop, &trouble->timer);
		free(trouble);
		log->trouble = NULL;
	}
}
