/* From one item to the next within a segment. A line is put together per stream: standard error may
 * come in the middle of a line of standard output. It is given straight out of the block when it
 * lies there in one piece.
 *
 * When lines are searched for, the block is searched before it is split: as far as the records say
 * that all of it is one stream without a mark, and only whole lines. What the records there say is
 * not checked then; a damaged one that looks like the others changes a time at most. */
#include "store/reader.h"
#include "base/check.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum reader_step
reader_trouble(struct reader *reader, struct reader_item *item, const char *what)
{
	if (reader->damaged) {
		return STEP_AGAIN;
	}
	reader->damaged = true;
	item->result = READER_TROUBLE;
	item->time = reader->time;
	(void)snprintf(item->trouble, sizeof(item->trouble), "%s/%s: %s", reader->directory,
		       reader->name, what);
	return STEP_GIVE;
}

void
reader_release(struct reader *reader)
{
	if (reader->given >= 0) {
		buf_clear(&reader->partial[reader->given].text);
		reader->given = -1;
	}
}

static void
mark_place(const struct reader *reader, char kind, struct reader_item *item)
{
	item->place = (struct reader_place){ .segment = reader->identity,
					     .position = reader->position,
					     .record = reader->record,
					     .time = item->time,
					     .kind = kind };
}

static bool
is_wanted(struct reader *reader, const char *line, size_t length)
{
	size_t from;

	return !reader->search.find ||
	       reader->search.find(reader->search.context, line, length, &from);
}

/* `text`: not looked for yet whether it is wanted; `more`: the line goes on */
static enum reader_step
give(struct reader *reader, struct reader_item *item, int stream, const char *text, size_t length)
{
	struct reader_partial *partial = &reader->partial[stream];
	bool skip = partial->skip;

	partial->skip = partial->skip && item->more;
	partial->piece = item->more;
	if (skip || !is_wanted(reader, text, length)) {
		return STEP_AGAIN;
	}
	item->result = READER_LINE;
	item->line = text;
	item->length = length;
	item->stream = stream;
	mark_place(reader, item->whole ? 'l' : item->more ? 'p' : 'u', item);
	return STEP_GIVE;
}

/* what there is of a line; it is cleared by the next call */
static enum reader_step
give_partial(struct reader *reader, struct reader_item *item, int stream)
{
	struct reader_partial *partial = &reader->partial[stream];
	enum reader_step step;

	item->time = partial->time;
	step = give(reader, item, stream, buf_str(&partial->text), partial->text.length);
	if (step == STEP_AGAIN) {
		buf_clear(&partial->text);
		return step;
	}
	reader->given = stream;
	return step;
}

int
reader_unfinished(const struct reader *reader)
{
	for (int i = 0; i < (int)COUNT(reader->partial); i++) {
		if (reader->partial[i].text.length > 0) {
			return i;
		}
	}
	return -1;
}

enum reader_step
reader_give_unfinished(struct reader *reader, struct reader_item *item)
{
	enum reader_step step;

	item->whole = item->more = false;
	step = give_partial(reader, item, reader_unfinished(reader));
	item->place.unfinished = ++reader->unfinished;
	return step;
}

static bool
cuts(struct reader *reader)
{
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		reader->partial[i].skip = reader->partial[i].piece = false;
	}
	return true;
}

/* the record at reader->record, when its turn has come; STEP_WAIT: the bytes before it are next */
static enum reader_step
take_record(struct reader *reader, bool flush, struct reader_item *item)
{
	bool last = !reader->closed && reader->record + 1 == reader->index.count;
	struct store_record record;

	if (reader->record >= reader->index.count) {
		return STEP_WAIT;
	}
	if (!index_get(&reader->index, reader->record, &record)) {
		if (last) {
			return STEP_WAIT; /* it may be half written */
		}
		reader->record++;
		return reader_trouble(reader, item, "its index is damaged: times may be wrong");
	}
	if (record.offset > reader->known) {
		reader->record++;
		return reader_trouble(reader, item, "its index tells of more than it holds");
	}
	/* the last DROP of an open log still counts upwards */
	if (record.offset > reader->position || (record.kind == STORE_DROP && last && !flush)) {
		return STEP_WAIT;
	}
	if (record.kind == STORE_BATCH) {
		reader->stream = record.stream;
		reader->time = record.time;
		reader->record++;
		return STEP_AGAIN;
	}
	if (index_cuts_line(&record) && reader_unfinished(reader) >= 0) {
		return reader_give_unfinished(reader, item);
	}
	reader->record++;
	reader->unfinished = 0;
	(void)(index_cuts_line(&record) && cuts(reader));
	item->result = READER_MARK;
	item->time = record.time;
	item->stream = record.stream;
	item->mark = record;
	mark_place(reader, 'm', item);
	return STEP_GIVE;
}

static enum reader_step
take_bytes(struct reader *reader, const char *bytes, size_t n, struct reader_item *item)
{
	struct reader_partial *partial = &reader->partial[reader->stream];
	const char *end = memchr(bytes, '\n', n);
	size_t length = end ? (size_t)(end - bytes) : n;

	reader->unfinished = 0;
	item->whole = end != NULL;
	item->more = false;
	if (partial->text.length == 0 && !partial->piece) {
		partial->time = reader->time;
	}
	if (end && partial->text.length == 0) {
		reader->position += length + 1;
		item->time = partial->time;
		return give(reader, item, reader->stream, bytes, length);
	}
	if (partial->text.length + length > READER_LINE_MAX) {
		size_t room = READER_LINE_MAX - partial->text.length;

		CHECK(buf_add(&partial->text, bytes, room));
		reader->position += room;
		item->whole = false;
		item->more = true;
		return give_partial(reader, item, reader->stream);
	}
	CHECK(length == 0 || buf_add(&partial->text, bytes, length));
	reader->position += length + (end ? 1 : 0);
	return end ? give_partial(reader, item, reader->stream) : STEP_AGAIN;
}

/* how far from here to `end` the bytes are of our stream, without a mark */
static uint64_t
uniform(struct reader *reader, uint64_t end)
{
	const struct store_record *record;

	for (uint64_t at = reader->record; (record = index_peek(&reader->index, at)); at++) {
		if (record->offset >= end) {
			break;
		}
		if (record->kind != STORE_BATCH || record->stream != reader->stream ||
		    record->offset < reader->position) {
			return MAX(record->offset, reader->position);
		}
	}
	return end;
}

/* the place moves on to `to`, over records of batches alone */
static void
pass(struct reader *reader, uint64_t to)
{
	const struct store_record *record;

	reader->position = to;
	while ((record = index_peek(&reader->index, reader->record)) && record->offset <= to &&
	       record->kind == STORE_BATCH && record->stream == reader->stream) {
		reader->time = record->time;
		reader->record++;
	}
}

/* the next line that is searched for among `bytes`; STEP_WAIT: these must be taken one by one */
static enum reader_step
take_found(struct reader *reader, const char *bytes, size_t n, struct reader_item *item)
{
	const struct reader_partial *partial = &reader->partial[reader->stream];
	uint64_t at = reader->position;
	const char *last, *line;
	size_t whole, from;

	if (!reader->search.find || reader->search.each || partial->text.length > 0 ||
	    partial->piece || partial->skip) {
		return STEP_WAIT;
	}
	last = memrchr(bytes, '\n', uniform(reader, at + n) - at);
	if (!last) {
		return STEP_WAIT;
	}
	whole = (size_t)(last - bytes) + 1;
	reader->unfinished = 0;
	if (!reader->search.find(reader->search.context, bytes, whole, &from)) {
		pass(reader, at + whole);
		return STEP_AGAIN;
	}
	line = memrchr(bytes, '\n', from);
	pass(reader, at + (line ? (uint64_t)(line + 1 - bytes) : 0));
	at = reader->position - at;
	return take_bytes(reader, bytes + at, whole - at, item);
}

/* what has begun before bytes that cannot be read does not go on behind them */
static enum reader_step
jump(struct reader *reader, uint64_t to, ssize_t problem, struct reader_item *item)
{
	char words[120];

	if (reader_unfinished(reader) >= 0) {
		return reader_give_unfinished(reader, item);
	}
	(void)cuts(reader);
	if (problem == 0) {
		reader->position = to;
		return reader_trouble(reader, item, "it was cut off");
	}
	(void)snprintf(words, sizeof(words), "%llu bytes from byte %llu on cannot be read: %s",
		       (unsigned long long)(to - reader->position),
		       (unsigned long long)reader->position,
		       problem == -EBADMSG ? "damaged" : strerror((int)-problem));
	reader->position = to;
	return reader_trouble(reader, item, words);
}

/* bytes up to the next record or the end */
static enum reader_step
take_line(struct reader *reader, struct reader_item *item)
{
	uint64_t bound = reader->size, hole = reader->position + READER_BLOCK;
	struct store_record record;
	enum reader_step step;
	const char *bytes;
	ssize_t n;

	if (reader->position >= bound) {
		return STEP_WAIT;
	}
	n = reader_load(reader, reader->position, &hole);
	if (n <= 0) {
		return jump(reader, MIN(bound, hole), n, item);
	}
	bytes = reader->block + (reader->position - reader->block_at);
	step = take_found(reader, bytes, MIN((uint64_t)n, bound - reader->position), item);
	if (step != STEP_WAIT) {
		return step;
	}
	if (index_get(&reader->index, reader->record, &record) &&
	    record.offset > reader->position) {
		bound = MIN(bound, record.offset);
	}
	return take_bytes(reader, bytes, MIN((uint64_t)n, bound - reader->position), item);
}

enum reader_step
reader_step(struct reader *reader, bool flush, struct reader_item *item)
{
	enum reader_step step;

	if (reader->rotated) {
		reader->rotated = false;
		item->result = READER_MARK;
		item->time = reader->time;
		item->mark = (struct store_record){ .kind = STORE_ROTATED, .time = reader->time };
		mark_place(reader, 'e', item);
		return STEP_GIVE;
	}
	if (reader->say[0] && !reader->damaged) {
		step = reader_trouble(reader, item, reader->say);
		reader->say[0] = '\0';
		return step;
	}
	do {
		step = take_record(reader, flush, item);
		if (step == STEP_WAIT) {
			step = take_line(reader, item);
		}
	} while (step == STEP_AGAIN);
	return step;
}
