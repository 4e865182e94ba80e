/* Where to begin. Lines are counted from the end backwards, a block at a time, together with the
 * marks that end a line without a newline; times and runs are looked up in the index. Afterwards
 * the place in the index has to fit the place in the log: place() finds the batch that the bytes
 * there belong to. */
#include "store/reader.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* stands at `position`; `record` is the next one to come */
static void
place(struct reader *reader, uint64_t position, uint64_t record)
{
	struct store_record batch;

	reader->position = position;
	reader->record = record;
	while (record-- > 0) {
		if (index_get(&reader->index, record, &batch) && batch.kind == STORE_BATCH) {
			reader->stream = batch.stream;
			reader->time = batch.time;
			break;
		}
	}
}

/* the first record that is not before `position` */
static uint64_t
record_at(struct reader *reader, uint64_t position)
{
	uint64_t count = reader->index.count, before;

	if (position == 0) {
		return 0;
	}
	before = index_find_offset(&reader->index, count, position - 1);
	return before < count ? before + 1 : 0;
}

void
reader_seek_start(struct reader *reader)
{
	struct segments segments;

	reader_forget_lines(reader);
	reader_leave(reader);
	if (segments_read(reader->dirfd, &segments) < 0) {
		return;
	}
	LIST_EACH(segment, &segments.list, struct segment, link) {
		int r = -EAGAIN;

		for (int tries = 0; tries < 3 && r == -EAGAIN; tries++) {
			r = reader_enter(reader, segment->name, segment->first);
		}
		if (r == 0) {
			break;
		}
	}
	segments_done(&segments);
}

/* backwards over the segments until `visit` says that it is placed */
static bool
from_the_end(struct reader *reader, bool (*visit)(struct reader *reader, void *context),
	     void *context)
{
	struct segments segments;
	bool done = false;

	reader_forget_lines(reader);
	if (segments_read(reader->dirfd, &segments) < 0) {
		return false;
	}
	for (struct list *at = segments.list.previous; !done && at != &segments.list;
	     at = at->previous) {
		struct segment *segment = CONTAINER(at, struct segment, link);
		int r = -EAGAIN;

		for (int tries = 0; tries < 3 && r == -EAGAIN; tries++) {
			r = reader_enter(reader, segment->name, segment->first);
		}
		done = r == 0 && visit(reader, context);
	}
	segments_done(&segments);
	return done;
}

static bool
visit_end(struct reader *reader, void *context UNUSED)
{
	place(reader, reader->size, reader->index.count);
	return true;
}

void
reader_seek_end(struct reader *reader)
{
	(void)from_the_end(reader, visit_end, NULL);
}

/* the place behind the last newline before `end` (exclusive), 0 if none; not further back than
 * `floor` */
static uint64_t
back_newline(struct reader *reader, uint64_t end, uint64_t floor)
{
	while (end > floor) {
		/* the byte before `end` must be in the block; better with what lies before it */
		uint64_t from = end > READER_BLOCK ? end - READER_BLOCK : 0;
		const char *found;
		ssize_t n;

		if (end - 1 >= reader->block_at &&
		    end - 1 - reader->block_at < reader->block_length) {
			from = reader->block_at;
		}
		n = reader_load(reader, from);
		if (n <= 0 || (uint64_t)n < end - from) {
			return floor;
		}
		found = memrchr(reader->block + (from - reader->block_at), '\n', end - from);
		if (found) {
			return reader->block_at + (uint64_t)(found - reader->block) + 1;
		}
		end = from;
	}
	return floor;
}

/* the offset of the last mark before `end` that cuts a line, 0 if none; *record goes backwards with
 * it */
static uint64_t
back_cut(struct reader *reader, uint64_t end, uint64_t floor, uint64_t *record)
{
	struct store_record mark;

	while (*record > 0) {
		if (index_get(&reader->index, *record - 1, &mark) && mark.offset < end) {
			if (mark.offset <= floor) {
				return 0;
			}
			if (index_cuts_line(&mark)) {
				return mark.offset;
			}
		}
		(*record)--;
	}
	return 0;
}

/* `context`: how many lines are still wanted */
static bool
visit_tail(struct reader *reader, void *context)
{
	size_t *wanted = context;
	uint64_t at = reader->size, record = reader->index.count;
	/* a log without newlines is not read whole: a line longer than this is given in pieces
	 * anyway */
	uint64_t most = (uint64_t)*wanted * READER_LINE_MAX;
	uint64_t floor = at > most ? at - most : 0;

	while (*wanted > 0 && at > floor) {
		uint64_t line = back_newline(reader, at - 1, floor);

		at = MAX(line, back_cut(reader, at, line, &record));
		(*wanted)--;
	}
	if (*wanted == 0) {
		place(reader, at, record_at(reader, at));
	}
	return *wanted == 0;
}

void
reader_seek_tail(struct reader *reader, size_t lines)
{
	size_t wanted = lines;

	if (lines == 0) {
		reader_seek_end(reader);
	} else if (!from_the_end(reader, visit_tail, &wanted)) {
		reader_seek_start(reader);
	}
}

/* does a line begin at `position`? */
static bool
is_line_start(struct reader *reader, uint64_t position)
{
	uint64_t record = reader->index.count;

	return position == 0 || back_newline(reader, position, position - 1) == position ||
	       back_cut(reader, position + 1, position - 1, &record) == position;
}

/* `context`: the time. The segment that began before it is the right one */
static bool
visit_time(struct reader *reader, void *context)
{
	int64_t wall = *(const int64_t *)context;
	uint64_t at = index_find_time(&reader->index, wall), position = reader->size;
	struct store_record record;

	if (at == 0 && reader->time >= wall) {
		return false;
	}
	if (index_get(&reader->index, at, &record)) {
		position = MIN(record.offset, reader->size);
	} else if (reader->index.count == 0) {
		position = 0; /* no index: better too much than too little */
	}
	if (position > 0 && position < reader->size) {
		bool start = is_line_start(reader, position);

		place(reader, position, at);
		reader->skip = !start;
	} else {
		place(reader, position, at);
	}
	return true;
}

void
reader_seek_time(struct reader *reader, int64_t wall)
{
	if (!from_the_end(reader, visit_time, &wall)) {
		reader_seek_start(reader);
	}
}

/* `context`: the run's number */
static bool
visit_run(struct reader *reader, void *context)
{
	struct store_record record;

	for (uint64_t at = reader->index.count; at-- > 0;) {
		if (index_get(&reader->index, at, &record) && record.kind == STORE_START &&
		    record.extra == *(const int64_t *)context) {
			place(reader, MIN(record.offset, reader->size), at);
			return true;
		}
	}
	return false;
}

bool
reader_seek_run(struct reader *reader, int64_t run)
{
	return from_the_end(reader, visit_run, &run);
}
