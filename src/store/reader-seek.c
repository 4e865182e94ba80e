/* Where to begin. Lines are counted from the end backwards, a block at a time, together with the
 * marks that end a line without a newline; times and runs are looked up in the index. A place may
 * lie in the middle of a line, of either stream: reader_stand() goes back to where the older of
 * them has begun and reads on from there to the place, so what has begun is known. */
#include "store/reader.h"
#include "base/fd.h"
#include <errno.h>
#include <string.h>

enum { SEEK_RECORDS = 2048 }; /* so far back a line of the other stream is looked for */
static const struct history_segment CURRENT = { .first = INT64_MAX, .current = true };

/* stands at `position`; `record` is the next one to come */
static void
place(struct reader *reader, uint64_t position, uint64_t record)
{
	struct store_record batch;

	reader->position = position;
	reader->record = record;
	reader->stream = STORE_OUTPUT;
	while (record-- > 0) {
		if (index_get(&reader->index, record, &batch) && batch.kind == STORE_BATCH) {
			reader->stream = batch.stream;
			reader->time = batch.time;
			break;
		}
	}
}

uint64_t
reader_record_at(struct reader *reader, uint64_t position)
{
	uint64_t count = reader->index.count, before;

	if (position == 0) {
		return 0;
	}
	before = index_find_offset(&reader->index, count, position - 1);
	return before < count ? before + 1 : 0;
}

/* the place behind the last newline before `end` (exclusive), `floor` if none is behind it */
static uint64_t
back_newline(struct reader *reader, uint64_t end, uint64_t floor)
{
	while (end > floor) {
		/* the byte before `end` must be in the block; better with what lies before it */
		uint64_t from = end > READER_BLOCK ? end - READER_BLOCK : 0, hole;
		const char *found;
		ssize_t n;

		if (end - 1 >= reader->block_at &&
		    end - 1 - reader->block_at < reader->block_length) {
			from = reader->block_at;
		} else if (reader->unpack) {
			n = reader_load(reader, end - 1, &hole);
			if (n <= 0) {
				return end;
			}
			from = reader->block_at;
		}
		from = MAX(from, MIN(floor, end - 1));
		n = reader_load(reader, from, &hole);
		if (n <= 0 || (uint64_t)n < end - from) {
			return end;
		}
		found = memrchr(reader->block + (from - reader->block_at), '\n', end - from);
		if (found) {
			return reader->block_at + (uint64_t)(found - reader->block) + 1;
		}
		end = from;
	}
	return floor;
}

/* ---- lines that have begun ---- */
struct begun {
	uint64_t at; /* the place itself: none has */
	bool known;
};

/* the bytes from `from` to `end` are of one stream, and the next of it lie at begun->at or there
 * are none */
static void
look_back(struct reader *reader, uint64_t from, uint64_t end, struct begun *begun)
{
	uint64_t line;

	if (begun->known || from >= end) {
		return;
	}
	line = back_newline(reader, end, from);
	begun->at = line < end ? line : begun->at;
	begun->known = line > from;
}

/* where the unfinished lines before the place have begun: back over the batches to a newline of
 * each stream or a mark that ends lines; a line of READER_LINE_MAX has been given in pieces */
static uint64_t
find_begun(struct reader *reader, uint64_t position, uint64_t record)
{
	struct begun begun[2] = { { .at = position }, { .at = position } };
	uint64_t floor = position >= READER_LINE_MAX ? position - (READER_LINE_MAX - 1) : 0;
	uint64_t end = position, cut = 0, left = SEEK_RECORDS;
	struct store_record batch;

	while (record > 0 && left > 0 && end > MAX(floor, cut) &&
	       !(begun[0].known && begun[1].known)) {
		left--;
		if (!index_get(&reader->index, --record, &batch) || batch.offset > end) {
			continue;
		}
		if (index_cuts_line(&batch)) {
			cut = MAX(cut, batch.offset);
		} else if (batch.kind == STORE_BATCH) {
			look_back(reader, MAX(MAX(batch.offset, floor), cut), end,
				  &begun[batch.stream]);
			end = batch.offset;
		}
	}
	if (record == 0) {
		look_back(reader, MAX(floor, cut), end, &begun[STORE_OUTPUT]);
		end = 0;
	}
	for (size_t i = 0; i < COUNT(begun); i++) {
		if (!begun[i].known && (left == 0 || (end <= floor && floor > cut))) {
			begun[i].at = position;
		}
	}
	return MIN(begun[0].at, begun[1].at);
}

/* reads on to the place and throws away what it gives */
static void
run_to(struct reader *reader, uint64_t position, uint64_t record)
{
	struct reader_search search = reader->search;
	uint64_t size = reader->size, known = reader->known, count = reader->index.count;
	bool closed = reader->closed, damaged = reader->damaged;
	struct reader_item item;

	reader->search.find = NULL;
	reader->size = reader->known = position;
	reader->index.count = record;
	reader->closed = reader->damaged = true;
	while (reader_step(reader, false, &item) != STEP_WAIT) {
		reader_release(reader);
	}
	reader->search = search;
	reader->size = size;
	reader->known = known;
	reader->index.count = count;
	reader->closed = closed;
	reader->damaged = damaged;
	reader->position = position;
	reader->record = record;
	reader->unfinished = 0;
}

void
reader_stand(struct reader *reader, uint64_t position, uint64_t record)
{
	uint64_t begun = find_begun(reader, position, record), at;

	if (begun >= position) {
		place(reader, position, record);
		return;
	}
	at = reader_record_at(reader, begun);
	place(reader, begun, MIN(at, record));
	run_to(reader, position, record);
}

/* what has begun is not wanted */
static void
skip_begun(struct reader *reader)
{
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		struct reader_partial *partial = &reader->partial[i];

		partial->skip = partial->text.length > 0 || partial->piece;
		buf_clear(&partial->text);
	}
}

/* a mark ends here what has begun */
static bool
is_cut_here(struct reader *reader)
{
	struct store_record record;

	return index_get(&reader->index, reader->record, &record) &&
	       record.offset <= reader->position && index_cuts_line(&record);
}

/* ---- over the segments ---- */
void
reader_seek_start(struct reader *reader)
{
	struct history history;
	size_t i = 0;

	reader_forget(reader);
	reader_leave(reader);
	if (history_read(reader->dirfd, &history) < 0) {
		return;
	}
	while (i < history.count && reader_enter(reader, &history.segments[i]) < 0) {
		i++;
	}
	history_done(&history);
}

/* backwards over the segments until `visit` says that it is placed */
static bool
from_the_end(struct reader *reader, bool (*visit)(struct reader *reader, void *context),
	     void *context)
{
	struct history history;
	bool done = false;

	reader_forget(reader);
	if (history_read(reader->dirfd, &history) < 0) {
		return false;
	}
	for (size_t i = history.count; !done && i-- > 0;) {
		done = reader_enter(reader, &history.segments[i]) == 0 && visit(reader, context);
	}
	history_done(&history);
	return done;
}

static bool
visit_end(struct reader *reader, void *context UNUSED)
{
	place(reader, reader->size,
	      reader->index.count); /* of a line that has begun only the rest */
	return true;
}

void
reader_seek_end(struct reader *reader)
{
	reader_forget(reader);
	if (reader_enter(reader, &CURRENT) == 0) {
		(void)visit_end(reader, NULL);
	} else if (!from_the_end(reader, visit_end, NULL)) {
		reader_leave(reader);
	}
}

/* ---- lines from the end ---- */
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
		reader_stand(reader, at, reader_record_at(reader, at));
		if (is_cut_here(reader)) {
			skip_begun(reader);
		}
	}
	return *wanted == 0;
}

void
reader_seek_tail(struct reader *reader, size_t lines)
{
	size_t wanted = lines;

	if (lines == 0) {
		reader_seek_end(reader);
		return;
	}
	reader_forget(reader);
	if (reader_enter(reader, &CURRENT) == 0 && visit_tail(reader, &wanted)) {
		return; /* nobody else had to be asked */
	}
	wanted = lines;
	if (!from_the_end(reader, visit_tail, &wanted)) {
		reader_seek_start(reader);
	}
}

/* ---- times ---- */
/* the clock was set back while it was written */
static bool
is_bent(struct reader *reader)
{
	return index_last_time(&reader->index) < index_first_time(&reader->index);
}

static uint64_t
find_time(struct reader *reader, int64_t wall)
{
	return is_bent(reader) ? index_scan_time(&reader->index, 0, wall, INT64_MAX)
			       : index_find_time(&reader->index, wall);
}

static void
stand_at_record(struct reader *reader, uint64_t at)
{
	struct store_record record;
	uint64_t position = reader->size;

	if (index_get(&reader->index, at, &record)) {
		position = MIN(record.offset, reader->size);
	} else if (reader->index.count == 0) {
		position = 0; /* no index: better too much than too little */
	}
	reader_stand(reader, position, at);
}

static int64_t
last_time_of(const struct reader *reader, const struct history_segment *segment)
{
	char name[SEGMENT_NAME_MAX], idx[SEGMENT_NAME_MAX];
	struct index index;
	int64_t time;

	history_name(segment, name);
	segments_index_name(name, idx);
	index_open(&index, reader->dirfd, idx);
	time = index_last_time(&index);
	index_close(&index);
	return time;
}

/* The last segment that begins before the time is the right one, by its name; but after the clock
 * was set back segments before it may end with later times. */
static size_t
choose_segment(const struct reader *reader, const struct history *history, int64_t wall)
{
	size_t i = history->count;

	while (i > 0 && history->segments[i - 1].first >= wall) {
		i--; /* `current` too: its beginning is not known yet */
	}
	while (i > 0 && last_time_of(reader, &history->segments[i - 1]) >= wall) {
		i--;
	}
	return i;
}

void
reader_seek_time(struct reader *reader, int64_t wall)
{
	struct history history;
	size_t i;

	reader_forget(reader);
	if (history_read(reader->dirfd, &history) < 0) {
		return;
	}
	if (history.count == 0) { /* whatever comes now is later: also what has come meanwhile */
		reader_leave(reader);
		history_done(&history);
		return;
	}
	for (i = choose_segment(reader, &history, wall);
	     i < history.count && reader_enter(reader, &history.segments[i]) < 0;) {
		i++;
	}
	if (i < history.count) {
		stand_at_record(reader, find_time(reader, wall));
		skip_begun(reader);
	} else {
		reader_seek_end(reader);
		skip_begun(reader);
	}
	history_done(&history);
}

static bool
visit_until(struct reader *reader, void *context)
{
	int64_t wall = *(const int64_t *)context;
	struct reader_item item;

	if (reader->identity > wall && reader->index.count > 0) {
		return false;
	}
	stand_at_record(reader, is_bent(reader) ? reader->index.count
						: index_find_time(&reader->index, wall + 1));
	/* lines that have begun in time are not left out */
	while (reader_unfinished(reader) >= 0 && reader->position < reader->size &&
	       reader_step(reader, false, &item) != STEP_WAIT) {
		reader_release(reader);
	}
	return true;
}

void
reader_seek_until(struct reader *reader, int64_t wall)
{
	if (wall == INT64_MAX) {
		reader_seek_end(reader);
	} else if (!from_the_end(reader, visit_until, &wall)) {
		reader_seek_start(reader);
	}
}

bool
reader_seek_more(struct reader *reader, int64_t wall)
{
	struct history history;
	uint64_t at = fd_is_open(reader->fd)
			      ? index_scan_time(&reader->index, reader->record, INT64_MIN, wall)
			      : 0;
	bool found = at < reader->index.count;

	if (found) {
		stand_at_record(reader, at);
		skip_begun(reader);
		return true;
	}
	if (history_read(reader->dirfd, &history) < 0) {
		return false;
	}
	for (size_t i = reader_ours(reader, &history) + 1; i < history.count && !found; i++) {
		char name[SEGMENT_NAME_MAX], idx[SEGMENT_NAME_MAX];
		struct index index;

		history_name(&history.segments[i], name);
		segments_index_name(name, idx);
		index_open(&index, reader->dirfd, idx);
		found = index.count > 0 && index_first_time(&index) <= wall;
		index_close(&index);
		if (found) {
			reader_forget(reader);
			found = reader_enter(reader, &history.segments[i]) == 0;
		}
	}
	history_done(&history);
	return found;
}
