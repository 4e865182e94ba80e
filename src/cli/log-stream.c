/* One log, looked through for what is asked for. Searching is left to the reader, which does it by
 * the block; only when lines around a find are wanted too is every line looked at here. They are
 * kept until it is known whether they belong to a find. Backwards, what comes after a line is read
 * before it. */
#include "base/check.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/logview.h"
#include <ctype.h>
#include <errno.h>
#include <string.h>

struct log_stream {
	const struct log_query *query;
	char *name, *directory;
	struct reader *reader;

	/* its bounds */
	bool bounded, lost; /* they are known; they are not there */
	bool over;
	int64_t since, until;
	bool has_end, has_start;        /* a run's */
	struct reader_place start, end; /* its START mark, the next run's */
	int64_t run;                    /* of until, when none has begun since; 0: no matter */
	bool has_from;                  /* finds before this line do not count */
	struct reader_place from;

	/* lines around finds */
	struct log_item *kept; /* their lines are owned; a queue in one array */
	size_t first, count, room;
	size_t due;             /* so many at the front of it are to be given */
	char *given;            /* the line of the item that was given last */
	size_t after;           /* so many more lines follow a find */
	uint64_t number, shown; /* of lines: the last one seen, the last one given */
};

struct log_stream *
log_stream_new(const char *root, const char *name, const struct log_query *query, bool *ret_failed)
{
	char *directory = path_join(root, name);
	struct err err = { 0 };
	struct reader *reader = reader_open(directory, &err);
	struct log_stream *stream;

	if (!reader) {
		if (err.number != ENOENT && err.number != ENOTDIR) {
			(void)complain_err(&err);
			*ret_failed = true;
		}
		free(directory);
		return NULL;
	}
	stream = calloc(1, sizeof(*stream));
	CHECK(stream != NULL);
	stream->query = query;
	stream->name = str_dup(name);
	stream->directory = directory;
	stream->reader = reader;
	stream->since = query->since.wall;
	stream->until = query->until.wall;
	if (query->format->marks && !query_picks_lines(query)) {
		reader_show_rotation(reader);
	}
	if (query->grep && query->before == 0 && query->after == 0) {
		struct reader_search search = { .find = grep_find,
						.context = query->grep,
						.each = grep_by_line(query->grep) };

		reader_search(reader, &search);
	}
	return stream;
}

struct log_stream *
log_stream_free(struct log_stream *stream)
{
	if (stream) {
		for (size_t i = 0; i < stream->count; i++) {
			free((char *)(uintptr_t)stream->kept[stream->first + i].item.line);
		}
		free(stream->kept);
		free(stream->given);
		(void)reader_free(stream->reader);
		free(stream->name);
		free(stream->directory);
		free(stream);
	}
	return NULL;
}

struct reader *
log_stream_reader(struct log_stream *stream)
{
	return stream->reader;
}

const char *
log_stream_name(const struct log_stream *stream)
{
	return stream->name;
}

const char *
log_stream_directory(const struct log_stream *stream)
{
	return stream->directory;
}

/* ---- where it begins and ends ---- */
static bool
find_run(struct log_stream *stream, int64_t run, struct reader_run *ret_run)
{
	if (!reader_find_run(stream->reader, run, ret_run)) {
		if (run > 0) {
			complain("%s: the log of run %lld is not there (any more)", stream->name,
				 (long long)run);
		} else {
			complain("%s: the log does not go back to run %lld", stream->name,
				 (long long)run);
		}
		stream->lost = true;
		return false;
	}
	return true;
}

static bool
find_bounds(struct log_stream *stream)
{
	const struct log_query *query = stream->query;
	struct reader_run run;

	if (query->until.is_run) {
		if (!find_run(stream, query->until.run, &run)) {
			return false;
		}
		stream->has_end = !run.last;
		stream->end = run.end;
		stream->run = run.last ? run.run : 0;
	}
	if (query->since.is_run) {
		if (!find_run(stream, query->since.run, &run)) {
			return false;
		}
		stream->has_start = true;
		stream->start = run.start;
		if (run.cut) {
			complain("%s: the beginning of run %lld is not there any more",
				 stream->name, (long long)run.run);
		}
	}
	return true;
}

static bool
begin_at_cursor(struct log_stream *stream)
{
	struct reader_place place;
	int64_t time;

	if (!log_cursor_find(stream->query->cursor, stream->name, &place, &time)) {
		reader_seek_time(stream->reader, time + 1);
		return true;
	}
	if (!reader_seek_place(stream->reader, &place, stream->query->behind)) {
		complain("%s: what the cursor stands at is gone; all that is left behind it is "
			 "shown",
			 stream->name);
		return false;
	}
	return true;
}

bool
log_stream_begin(struct log_stream *stream, bool reverse)
{
	const struct log_query *query = stream->query;

	if (!stream->bounded) {
		stream->bounded = true;
		(void)find_bounds(stream);
	}
	stream->over = stream->lost;
	if (stream->lost) {
		return false;
	}
	if (reverse) {
		if (stream->has_end) {
			(void)reader_seek_place(stream->reader, &stream->end, true);
		} else {
			reader_seek_until(stream->reader, stream->until);
		}
	} else if (query->cursor) {
		return begin_at_cursor(stream);
	} else if (stream->has_start) {
		(void)reader_seek_place(stream->reader, &stream->start, true);
	} else if (stream->since > INT64_MIN) {
		reader_seek_time(stream->reader, stream->since);
	} else {
		reader_seek_start(stream->reader);
	}
	return true;
}

static bool
is_place(const struct reader_place *one, const struct reader_place *other)
{
	return one->segment == other->segment && one->position == other->position &&
	       one->record == other->record;
}

static bool
is_start_at(const struct reader_item *item, const struct reader_place *start)
{
	return item->result == READER_MARK && item->mark.kind == STORE_START &&
	       item->place.segment == start->segment && item->place.record == start->record + 1;
}

enum bound { WITHIN, OUTSIDE, LAST };

static enum bound
bound_forward(struct log_stream *stream, const struct reader_item *item)
{
	if ((stream->has_end && is_start_at(item, &stream->end)) ||
	    (stream->run > 0 && item->result == READER_MARK && item->mark.kind == STORE_START &&
	     item->mark.extra > stream->run)) {
		stream->over = true;
		return OUTSIDE;
	}
	if (item->time > stream->until) {
		stream->over = !reader_seek_more(stream->reader, stream->until);
		return OUTSIDE;
	}
	return item->time < stream->since ? OUTSIDE : WITHIN;
}

static enum bound
bound_back(struct log_stream *stream, const struct reader_item *item)
{
	if (item->time > stream->until) {
		return OUTSIDE;
	}
	if (item->time < stream->since) {
		stream->over = true;
		return OUTSIDE;
	}
	if (stream->has_start && is_start_at(item, &stream->start)) {
		stream->over = true;
		return LAST;
	}
	return WITHIN;
}

/* ---- what is asked for ---- */
int
log_priority(const char *line, size_t n, size_t *ret_prefix)
{
	size_t digits = 0;
	int number = 0;

	while (digits < 3 && digits + 1 < n && n > 2 && line[0] == '<' &&
	       isdigit((unsigned char)line[digits + 1])) {
		number = number * 10 + (line[++digits] - '0');
	}
	if (digits == 0 || digits + 1 >= n || line[digits + 1] != '>' || number > 191) {
		return -1;
	}
	*ret_prefix = digits + 2;
	return number & 7;
}

static bool
is_asked_for(const struct log_query *query, const struct reader_item *item)
{
	size_t prefix;
	int priority;

	if (query->error_only && item->stream != STORE_ERROR) {
		return false;
	}
	if (query->least == 7 && query->most == 0) {
		return true;
	}
	priority = log_priority(item->line, item->length, &prefix);
	priority = priority < 0 ? 6 : priority; /* as systemd has it: info */
	return priority <= query->least && priority >= query->most;
}

/* the next item within the bounds whose line is of the stream and priority asked for */
static bool
next(struct log_stream *stream, bool reverse, bool flush, struct reader_item *item)
{
	while (!stream->over) {
		enum reader_result result = reverse ? reader_previous(stream->reader, item)
						    : reader_next(stream->reader, flush, item);
		enum bound bound;

		if (result == READER_END) {
			return false;
		}
		if (result == READER_TROUBLE) {
			return true;
		}
		bound = reverse ? bound_back(stream, item) : bound_forward(stream, item);
		if (bound == OUTSIDE) {
			continue;
		}
		if (result == READER_MARK || is_asked_for(stream->query, item)) {
			return true;
		}
	}
	return false;
}

/* ---- lines around finds ---- */
static void
keep(struct log_stream *stream, const struct reader_item *item, bool context)
{
	struct log_item *kept;
	char *line = malloc(item->length + 1);

	CHECK(line != NULL);
	memcpy(line, item->line, item->length);
	if (stream->first + stream->count == stream->room) {
		if (stream->first > stream->count) {
			memmove(stream->kept, stream->kept + stream->first,
				stream->count * sizeof(*stream->kept));
			stream->first = 0;
		} else {
			stream->room = MAX(16, stream->room * 2);
			stream->kept = realloc(stream->kept, stream->room * sizeof(*stream->kept));
			CHECK(stream->kept != NULL);
		}
	}
	kept = &stream->kept[stream->first + stream->count++];
	*kept = (struct log_item){ .item = *item, .context = context };
	kept->item.line = line;
}

static void
drop_first(struct log_stream *stream)
{
	free((char *)(uintptr_t)stream->kept[stream->first].item.line);
	stream->first++;
	stream->count--;
}

static void
give_kept(struct log_stream *stream, struct log_item *ret_item)
{
	uint64_t number = stream->number - stream->count + 1;

	*ret_item = stream->kept[stream->first++];
	ret_item->gap = stream->shown > 0 && number != stream->shown + 1;
	stream->shown = number;
	stream->count--;
	stream->due--;
	free(stream->given);
	stream->given = (char *)(uintptr_t)ret_item->item.line;
}

/* a find, or a line that could belong to one; true: some are due */
static bool
take_line(struct log_stream *stream, bool reverse, const struct reader_item *item)
{
	const struct log_query *query = stream->query;
	size_t before = reverse ? query->after : query->before;
	size_t after = reverse ? query->before : query->after, from;
	bool found = grep_find(query->grep, item->line, item->length, &from);

	if (stream->has_from && is_place(&item->place, &stream->from)) {
		stream->has_from = false;
	}
	found = found && !stream->has_from;
	stream->number++;
	keep(stream, item, !found);
	if (found) {
		stream->due = stream->count;
		stream->after = after;
	} else if (stream->after > 0) {
		stream->after--;
		stream->due = stream->count;
	} else if (stream->count > before) {
		drop_first(stream);
	}
	return stream->due > 0;
}

bool
log_stream_pull(struct log_stream *stream, bool reverse, bool flush, bool plain,
		struct log_item *ret_item)
{
	const struct log_query *query = stream->query;
	bool around = query->grep && query->before + query->after > 0;
	struct reader_item item;

	*ret_item = (struct log_item){ 0 };
	while (stream->due == 0) {
		size_t from;

		if (!next(stream, reverse, flush, &item)) {
			return false;
		}
		if (item.result != READER_LINE || !around) {
			ret_item->item = item;
			return true;
		}
		if (plain) {
			if (grep_find(query->grep, item.line, item.length, &from)) {
				ret_item->item = item;
				return true;
			}
		} else {
			(void)take_line(stream, reverse, &item);
		}
	}
	give_kept(stream, ret_item);
	return true;
}

void
log_stream_from(struct log_stream *stream, const struct reader_place *place)
{
	const struct log_query *query = stream->query;
	struct reader_place begin = *place;
	struct reader_item item;

	stream->over = stream->lost;
	if (query->grep && query->before > 0 && reader_seek_place(stream->reader, place, false)) {
		for (size_t left = query->before; left > 0 && next(stream, true, true, &item);) {
			if (item.result == READER_LINE) {
				begin = item.place;
				left--;
			}
		}
		stream->has_from = true;
		stream->from = *place;
		stream->over = stream->lost;
	}
	(void)reader_seek_place(stream->reader, &begin, place->kind == 'e');
}
