/* Places and runs. A place is kept as the time of its segment's first record, which neither a
 * rotation nor packing changes, and offsets in the bytes as written. A run is what lies between its
 * START mark and the next one; of an old run the beginning may have been removed already, which
 * only its EXIT mark (or the number of the next run) can tell. */
#include "base/fd.h"
#include "store/reader.h"
#include <errno.h>
#include <string.h>

static int64_t
identity_of(const struct reader *reader, const struct history_segment *segment)
{
	char name[SEGMENT_NAME_MAX], idx[SEGMENT_NAME_MAX];
	struct index index;
	int64_t time;

	history_name(segment, name);
	segments_index_name(name, idx);
	index_open(&index, reader->dirfd, idx);
	time = index_first_time(&index);
	index_close(&index);
	return time > 0 || segment->current ? time : segment->first;
}

/* A segment is named by the time of its first record, or a little later. So the name nearly always
 * tells; else all are looked at. */
static size_t
find_segment(const struct reader *reader, const struct history *history, int64_t identity)
{
	for (size_t i = history->count; i-- > 0;) {
		if (history->segments[i].first == identity) {
			return i;
		}
	}
	for (size_t i = history->count; i-- > 0;) {
		if (identity_of(reader, &history->segments[i]) == identity) {
			return i;
		}
	}
	return history->count;
}

static void
stand_behind(struct reader *reader, const struct reader_place *place, unsigned given)
{
	int stream;

	reader_stand(reader, place->position, place->record);
	for (; given > 0 && (stream = reader_unfinished(reader)) >= 0; given--) {
		buf_clear(&reader->partial[stream].text);
		reader->unfinished++;
	}
}

/* the next item is the one of this place */
static void
stand_before(struct reader *reader, const struct reader_place *place)
{
	struct reader_place before = *place;
	struct store_record mark;

	if (place->kind == 'u') {
		stand_behind(reader, place, place->unfinished - 1);
		return;
	}
	if ((place->kind == 'l' || place->kind == 'p') && place->position > 0) {
		before.record = reader_record_at(reader, before.position--);
	} else if (place->kind == 'm' && place->record > 0) {
		before.record--;
	}
	reader_stand(reader, before.position, before.record);
	if (place->kind == 'm' && index_get(&reader->index, before.record, &mark) &&
	    index_cuts_line(&mark)) { /* what it cuts has been given before it */
		buf_clear(&reader->partial[0].text);
		buf_clear(&reader->partial[1].text);
	}
}

static bool
stand_at(struct reader *reader, const struct reader_place *place, bool behind)
{
	if (place->position > reader->size || place->record > reader->index.count) {
		return false; /* it was cut off */
	}
	if (behind) {
		stand_behind(reader, place, place->unfinished);
	} else {
		stand_before(reader, place);
	}
	return true;
}

bool
reader_seek_place(struct reader *reader, const struct reader_place *place, bool behind)
{
	struct history history;
	bool found = false;
	size_t i = 0;

	reader_forget(reader);
	reader_leave(reader);
	if (history_read(reader->dirfd, &history) < 0) {
		return false;
	}
	if (history.count > 0) {
		i = find_segment(reader, &history, place->segment);
		found = i < history.count && reader_enter(reader, &history.segments[i]) == 0 &&
			stand_at(reader, place, behind);
	}
	for (i = 0; !found && i < history.count; i++) {
		if (history.segments[i].first > place->segment &&
		    reader_enter(reader, &history.segments[i]) == 0) {
			break;
		}
	}
	/* the beginning of an empty log is there, too */
	found = found || (place->segment == 0 && place->position == 0);
	history_done(&history);
	return found;
}

/* ---- runs ---- */
struct hunt {
	int64_t wanted; /* its number, or 0 and below: so many before the last */
	struct reader_run run;
	int64_t next;             /* the number of the run that begins at run.end; 0: none does */
	int64_t seen;             /* so many have been seen to begin */
	int64_t exited;           /* the oldest run that is known to have ended; 0: none */
	struct reader_place exit; /* behind its mark */
	bool ended;               /* the one that is looked for is */
};

static struct reader_place
place_of(const struct reader *reader, const struct store_record *record, uint64_t at)
{
	return (struct reader_place){ .segment = reader->identity,
				      .position = MIN(record->offset, reader->size),
				      .record = at,
				      .time = record->time,
				      .kind = 'e' };
}

static bool
is_wanted(const struct hunt *hunt, int64_t run)
{
	return hunt->wanted > 0 ? run == hunt->wanted : hunt->seen == -hunt->wanted;
}

/* from the last record to the first; true: its beginning was found */
static bool
hunt_segment(struct reader *reader, struct hunt *hunt)
{
	const struct store_record *peek;
	struct store_record record;

	for (uint64_t at = reader->index.count; at-- > 0;) {
		peek = index_peek(&reader->index, at);
		if (!peek || (peek->kind != STORE_START && peek->kind != STORE_EXIT) ||
		    !index_get(&reader->index, at, &record)) {
			continue;
		}
		if (record.kind == STORE_EXIT) {
			hunt->exited = record.extra;
			hunt->exit = place_of(reader, &record, at + 1);
			continue;
		}
		if (is_wanted(hunt, record.extra)) {
			hunt->run.run = record.extra;
			hunt->run.start = place_of(reader, &record, at);
			hunt->run.exit = hunt->exited == record.extra ? hunt->exit : hunt->run.end;
			return true;
		}
		hunt->exited = 0;
		hunt->seen++;
		hunt->next = record.extra;
		hunt->run.end = place_of(reader, &record, at);
	}
	return false;
}

/* all was looked through: is what comes before the first START (if `any`) of the run that is
 * wanted? */
static bool
is_cut_run(const struct hunt *hunt, bool any)
{
	int64_t first = hunt->exited > 0 ? hunt->exited : hunt->next > 1 ? hunt->next - 1 : 0;

	if (hunt->wanted > 0) {
		return first == hunt->wanted && any;
	}
	return hunt->seen == -hunt->wanted && any && (first > 0 || hunt->wanted == 0);
}

bool
reader_find_run(struct reader *reader, int64_t run, struct reader_run *ret_run)
{
	struct hunt hunt = { .wanted = run };
	struct history history;
	bool found = false, any;

	reader_seek_end(reader);
	reader_where(reader, &hunt.run.end);
	if (history_read(reader->dirfd, &history) < 0) {
		return false;
	}
	for (size_t i = history.count; !found && i-- > 0;) {
		if (reader_enter(reader, &history.segments[i]) == 0) {
			found = hunt_segment(reader, &hunt);
		}
	}
	history_done(&history);
	reader_forget(reader);
	any = hunt.exited > 0 || hunt.run.end.position > 0 ||
	      hunt.run.end.segment != reader->identity;
	if (!found && is_cut_run(&hunt, any)) {
		found = hunt.run.cut = true;
		hunt.run.run = hunt.exited > 0 ? hunt.exited : MAX(hunt.next - 1, 0);
		hunt.run.exit = hunt.exited > 0 ? hunt.exit : hunt.run.end;
		reader_seek_start(reader);
		reader_where(reader, &hunt.run.start);
	}
	hunt.run.last = hunt.next == 0;
	if (found) {
		*ret_run = hunt.run;
	}
	return found;
}

bool
reader_seek_run(struct reader *reader, int64_t run)
{
	struct reader_run found;

	return reader_find_run(reader, run, &found) && !found.cut &&
	       reader_seek_place(reader, &found.start, true);
}
