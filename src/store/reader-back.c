/* Newest first. What lies before the place is read forward a piece at a time, kept, and given from
 * its end. Pieces begin behind a newline if they can; a line that has begun before a piece is put
 * together by reader_stand() and belongs to the piece in which it ends. The first piece is small:
 * often a few lines are all that is wanted. */
#include "base/check.h"
#include "base/fd.h"
#include "store/reader.h"
#include <errno.h>
#include <string.h>

enum {
	BACK_FIRST = 1 << 13,
	BACK_MOST = 1 << 18,
	BACK_LONGEST = 4 << 20, /* a piece without a newline is made longer up to this */
	BACK_RECORDS = 1 << 13, /* marks may stand where no bytes are */
};

struct reader_back {
	struct reader_item *items; /* their lines are offsets in `text` until they are given */
	size_t count, room;
	struct buf text;
	uint64_t position, record; /* what is before is not read yet */
	uint64_t step;
	bool begun;
	bool at_end; /* the place is a segment's end: a last line without a newline counts */
};

void
reader_back_forget(struct reader *reader)
{
	if (reader->back) {
		reader->back->begun = false;
		reader->back->count = 0;
		buf_clear(&reader->back->text);
	}
}

void
reader_back_free(struct reader *reader)
{
	if (reader->back) {
		buf_done(&reader->back->text);
		free(reader->back->items);
		free(reader->back);
		reader->back = NULL;
	}
}

static void
begin(struct reader *reader)
{
	struct reader_back *back = reader->back;

	if (!back) {
		back = reader->back = calloc(1, sizeof(*back));
		CHECK(back != NULL);
		buf_init(&back->text, SIZE_MAX / 4);
	}
	back->begun = true;
	back->count = 0;
	back->step = BACK_FIRST;
	back->position = reader->position;
	back->record = reader->record;
	back->at_end = reader->position == reader->size && reader->record == reader->index.count;
	if (!fd_is_open(reader->fd)) {
		back->position = back->record = 0;
	}
}

static void
keep(struct reader_back *back, const struct reader_item *item)
{
	if (back->count == back->room) {
		back->room = MAX(64, back->room * 2);
		back->items = realloc(back->items, back->room * sizeof(*back->items));
		CHECK(back->items != NULL);
	}
	back->items[back->count] = *item;
	if (item->result == READER_LINE) {
		back->items[back->count].line = (const char *)(uintptr_t)back->text.length;
		CHECK(item->length == 0 || buf_add(&back->text, item->line, item->length));
	}
	back->count++;
}

/* where the piece that ends at the known place begins */
static void
choose(struct reader *reader, uint64_t *ret_position, uint64_t *ret_record)
{
	struct reader_back *back = reader->back;
	uint64_t step = back->step, from = 0, record, hole;
	struct store_record least;
	bool found = false;

	for (; !found && step <= BACK_LONGEST && step < back->position; step *= 4) {
		uint64_t at = from = back->position - step;

		while (!found && at < back->position) {
			ssize_t n = reader_load(reader, at, &hole);
			const char *bytes = reader->block + (at - reader->block_at);
			const char *end;

			if (n <= 0) {
				break;
			}
			n = (ssize_t)MIN((uint64_t)n, back->position - at);
			end = memchr(bytes, '\n', (size_t)n);
			found = end && at + (uint64_t)(end - bytes) + 1 < back->position;
			from = found ? at + (uint64_t)(end - bytes) + 1 : from;
			at = end ? back->position : at + (uint64_t)n;
		}
	}
	from = step >= back->position && !found ? 0 : from;
	record = MIN(reader_record_at(reader, from), back->record);
	if (back->record - record > BACK_RECORDS) {
		record = back->record - BACK_RECORDS;
		while (record < back->record && !index_get(&reader->index, record, &least)) {
			record++;
		}
		from = record < back->record ? MIN(MAX(from, least.offset), back->position) : from;
	}
	*ret_position = from;
	*ret_record = record;
	back->step = MIN(back->step * 2, BACK_MOST);
}

/* the piece before the known place, of this segment */
static void
read_piece(struct reader *reader)
{
	struct reader_back *back = reader->back;
	uint64_t size = reader->size, known = reader->known, count = reader->index.count;
	uint64_t position, record;
	bool closed = reader->closed;
	struct reader_item item = { 0 };

	choose(reader, &position, &record);
	for (size_t i = 0; i < COUNT(reader->partial); i++) {
		buf_clear(&reader->partial[i].text);
		reader->partial[i].skip = reader->partial[i].piece = false;
	}
	reader->given = -1;
	reader_stand(reader, position, record);
	buf_clear(&back->text);
	reader->size = reader->known = back->position;
	reader->index.count = back->record;
	reader->closed = true;
	while (reader_step(reader, true, &item) != STEP_WAIT) {
		keep(back, &item);
		reader_release(reader);
		item = (struct reader_item){ 0 };
	}
	while (back->at_end && reader_unfinished(reader) >= 0) {
		if (reader_give_unfinished(reader, &item) == STEP_GIVE) {
			keep(back, &item);
			reader_release(reader);
		}
	}
	back->at_end = false;
	reader->size = size;
	reader->known = known;
	reader->index.count = count;
	reader->closed = closed;
	back->position = position;
	back->record = record;
}

/* the segment before this one, at its end */
static bool
enter_previous(struct reader *reader)
{
	struct reader_item mark = { .result = READER_MARK, .time = reader->identity };
	struct reader_back *back = reader->back;
	struct history history;
	bool found = false;
	size_t i;

	mark.mark = (struct store_record){ .kind = STORE_ROTATED, .time = mark.time };
	reader_where(reader, &mark.place);
	if (!fd_is_open(reader->fd) || history_read(reader->dirfd, &history) < 0) {
		return false;
	}
	i = reader_ours(reader, &history);
	while (i == history.count && i > 0 && history.segments[i - 1].first >= reader->first) {
		i--; /* ours was removed; those before it most likely too */
	}
	while (!found && i-- > 0) {
		found = reader_enter(reader, &history.segments[i]) == 0;
	}
	history_done(&history);
	back->position = reader->size;
	back->record = reader->index.count;
	back->at_end = true;
	if (found && reader->show_rotation) {
		keep(back, &mark);
	}
	return found;
}

enum reader_result
reader_previous(struct reader *reader, struct reader_item *ret_item)
{
	struct reader_back *back;

	if (!reader->back || !reader->back->begun) {
		if (!fd_is_open(reader->fd)) {
			reader_seek_end(reader);
		}
		begin(reader);
	}
	back = reader->back;
	while (back->count == 0) {
		if (back->position > 0 || back->record > 0) {
			read_piece(reader);
		} else if (!enter_previous(reader)) {
			*ret_item = (struct reader_item){ .result = READER_END };
			return READER_END;
		}
	}
	*ret_item = back->items[--back->count];
	if (ret_item->result == READER_LINE) {
		ret_item->line = buf_str(&back->text) + (uintptr_t)ret_item->line;
	}
	return ret_item->result;
}
