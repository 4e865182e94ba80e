/* merge: the logs of several units as one stream, by the time each line was read from its unit.
 * The readers look at the files themselves; one inotify for all of them tells whose turn it is,
 * so following costs nothing while nobody writes. While it is followed the order of what two
 * units write in the same moment is that in which it is seen. */
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/signals.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/cli.h"
#include "store/store.h"
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

struct stream {
	char *name, *directory;
	struct reader *reader;
	struct reader_item item;
	bool has_item, awake;
	int watch; /* of merge.inotify; -1: none */
	enum paint paint;
};
struct merge {
	char *root;
	enum merge_format format;
	bool times, utc, prefixed;
	struct stream *streams;
	size_t count, width; /* of the widest name */
	size_t skip; /* so many lines are not shown: of all tails only the last are wanted */
	int64_t run; /* this one alone; 0: all */
	bool run_over;
	int inotify, root_watch;
	bool root_there; /* root_watch is of the root, not of a directory above it */
};

static const enum paint paints[] = { PAINT_GOOD, PAINT_WARN, PAINT_BOLD, PAINT_NONE };

struct merge *
merge_new(const char *root, enum merge_format format, bool times, bool utc)
{
	struct merge *merge = calloc(1, sizeof(*merge));

	CHECK(merge);
	merge->root = str_dup(root);
	merge->format = format;
	merge->times = times;
	merge->utc = utc;
	merge->inotify = merge->root_watch = -1;
	return merge;
}

struct merge *
merge_free(struct merge *merge)
{
	if (!merge) {
		return NULL;
	}
	for (size_t i = 0; i < merge->count; i++) {
		free(merge->streams[i].name);
		free(merge->streams[i].directory);
		(void)reader_free(merge->streams[i].reader);
	}
	free(merge->streams);
	free(merge->root);
	(void)fd_close(merge->inotify);
	free(merge);
	return NULL;
}

static void
watch(struct merge *merge, struct stream *stream)
{
	if (fd_is_open(merge->inotify)) { /* the same directory gives the same watch again */
		stream->watch = inotify_add_watch(merge->inotify, stream->directory,
						  IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO |
							  IN_ONLYDIR);
	}
}

static struct stream *
find(const struct merge *merge, const char *name)
{
	for (size_t i = 0; i < merge->count; i++) {
		if (str_equal(merge->streams[i].name, name)) {
			return &merge->streams[i];
		}
	}
	return NULL;
}

bool
merge_add(struct merge *merge, const char *name, int64_t since)
{
	struct stream *stream = find(merge, name);
	struct err err = { 0 };
	char *directory;
	struct reader *reader;

	if (stream) {
		watch(merge, stream); /* it may have been made anew */
		stream->awake = true;
		return true;
	}
	directory = path_join(merge->root, name);
	reader = reader_open(directory, &err);
	if (!reader) {
		if (err.number != ENOENT) {
			(void)complain_err(&err);
		}
		free(directory);
		return false;
	}
	if (since == MERGE_END) {
		reader_seek_end(reader);
	} else if (since != MERGE_START) {
		reader_seek_time(reader, since);
	}
	merge->streams = realloc(merge->streams, (merge->count + 1) * sizeof(*merge->streams));
	CHECK(merge->streams);
	stream = &merge->streams[merge->count++];
	*stream = (struct stream){ .name = str_dup(name),
				   .directory = directory,
				   .reader = reader,
				   .awake = true,
				   .watch = -1,
				   .paint = paints[(merge->count - 1) % COUNT(paints)] };
	merge->width = MAX(merge->width, width_text(name));
	merge->prefixed |= merge->count > 1;
	watch(merge, stream);
	return true;
}

void
merge_prefix(struct merge *merge, bool always)
{
	merge->prefixed |= always;
}

/* ---- one item ---- */
static void
put_prefix(const struct merge *merge, const struct stream *stream, int64_t time)
{
	if (merge->times) {
		autofree char *text = phrase_clock(time, merge->utc);
		(void)printf("%s%s%s ", screen_paint(PAINT_DIM), text, screen_plain());
	}
	if (merge->prefixed) {
		autofree char *name = phrase_command(stream->name);
		(void)printf("%s%s%*s |%s ", screen_paint(stream->paint), name,
			     (int)(merge->width - MIN(width_text(name), merge->width)), "",
			     screen_plain());
	}
}

static void
put_line(const struct merge *merge, const struct stream *stream)
{
	const struct reader_item *item = &stream->item;

	put_prefix(merge, stream, item->time);
	if (screen_is_terminal()) {
		autofree char *text = width_harmless(item->line, item->length, true);
		(void)fputs(text, stdout);
	} else {
		(void)fwrite(item->line, 1, item->length, stdout);
	}
	(void)putchar('\n');
}

static json_t *
exit_of(const struct store_record *mark)
{
	bool known, signalled, core, oom;
	int value;

	store_unpack_outcome(mark->value, &known, &signalled, &core, &oom, &value);
	return json_pack("{s:o, s:o, s:b, s:b, s:b}", "code",
			 known && !signalled ? json_integer(value) : json_null(), "signal",
			 known && signalled ? json_string(signals_name(value)) : json_null(),
			 "core", (int)core, "known", (int)known, "oom", (int)oom);
}

/* what a mark says; owned; NULL: nothing that concerns a reader */
static char *
mark_text(const char *name, const struct store_record *mark)
{
	switch ((enum store_kind)mark->kind) {
	case STORE_START:
		return mark->value > 0
			       ? str_format("%s started, run %lld, pid %lld", name,
					    (long long)mark->extra, (long long)mark->value)
			       : str_format("%s started, run %lld", name, (long long)mark->extra);
	case STORE_EXIT: {
		json_auto_t *exit = exit_of(mark);
		autofree char *words = phrase_exit(exit);
		return str_format("%s ended: %s", name, words);
	}
	case STORE_DROP:
		return str_format("%s: %lld bytes were lost here: %s", name, (long long)mark->value,
				  strerror((int)mark->extra));
	case STORE_GAP: return str_format("%s: the index was rebuilt: times may be wrong", name);
	case STORE_HOLDER:
		return str_format("%s: process %lld still holds its output", name,
				  (long long)mark->value);
	case STORE_RESTART: return str_format("%s: tend's logger was started again", name);
	case STORE_BATCH: break;
	}
	return NULL;
}

static void
put_mark(const struct merge *merge, const struct stream *stream)
{
	const struct store_record *mark = &stream->item.mark;
	autofree char *name = phrase_command(stream->name);
	autofree char *text = mark_text(name, mark);

	if (!text) {
		return;
	}
	if (merge->format == MERGE_MARKS) {
		put_prefix(merge, stream, stream->item.time);
		(void)printf("%s[%s]%s\n", screen_paint(PAINT_DIM), text, screen_plain());
	} else if (mark->kind == STORE_DROP || mark->kind == STORE_GAP) {
		complain("%s", text);
	}
}

static const char *const mark_names[] = {
	[STORE_BATCH] = "batch",
	[STORE_START] = "start",
	[STORE_EXIT] = "exit",
	[STORE_DROP] = "drop",
	[STORE_GAP] = "gap",
	[STORE_HOLDER] = "holder",
	[STORE_RESTART] = "logger-restart",
};

static void
put_json(const struct stream *stream)
{
	const struct reader_item *item = &stream->item;
	json_auto_t *object =
		json_pack("{s:o, s:f}", "name", phrase_json(stream->name, strlen(stream->name)),
			  "time", (double)item->time / 1e9);

	if (item->result == READER_LINE) {
		(void)json_object_set_new(
			object, "stream",
			json_string(item->stream == STORE_ERROR ? "error" : "output"));
		(void)json_object_set_new(object, "line", phrase_json(item->line, item->length));
		(void)json_object_set_new(object, "whole", json_boolean(item->whole));
		phrase_print_line(object);
		return;
	}
	(void)json_object_set_new(
		object, "mark",
		json_string(item->mark.kind < COUNT(mark_names) && mark_names[item->mark.kind]
				    ? mark_names[item->mark.kind]
				    : "unknown"));
	if (item->mark.kind == STORE_START || item->mark.kind == STORE_EXIT) {
		(void)json_object_set_new(object, "run", json_integer(item->mark.extra));
	}
	if (item->mark.kind == STORE_EXIT) {
		(void)json_object_set_new(object, "exit", exit_of(&item->mark));
	} else if (item->mark.kind == STORE_START || item->mark.kind == STORE_HOLDER) {
		(void)json_object_set_new(object, "pid",
					  item->mark.value > 0 ? json_integer(item->mark.value)
							       : json_null());
	} else {
		(void)json_object_set_new(object, "bytes", json_integer(item->mark.value));
	}
	phrase_print_line(object);
}

static void
put_cat(const struct stream *stream)
{
	const struct reader_item *item = &stream->item;

	(void)fwrite(item->line, 1, item->length, stdout);
	if (item->whole) {
		(void)putchar('\n');
	}
}

/* a run is over at the start of the next one */
static bool
is_of_run(struct merge *merge, const struct reader_item *item)
{
	if (merge->run > 0 && item->result == READER_MARK && item->mark.kind == STORE_START &&
	    item->mark.extra != merge->run) {
		merge->run_over = true;
	}
	return !merge->run_over;
}

static void
put(struct merge *merge, const struct stream *stream)
{
	const struct reader_item *item = &stream->item;

	if (item->result == READER_TROUBLE) {
		complain("%s", item->trouble);
		return;
	}
	if (!is_of_run(merge, item)) {
		return;
	}
	if (merge->skip > 0) {
		merge->skip -= item->result == READER_LINE;
		return;
	}
	if (merge->format == MERGE_JSON) {
		put_json(stream);
	} else if (item->result == READER_MARK) {
		put_mark(merge, stream);
	} else if (merge->format == MERGE_CAT) {
		put_cat(stream);
	} else {
		put_line(merge, stream);
	}
}

/* ---- all of them ---- */
/* the stream with the oldest item; NULL: nothing is there */
static struct stream *
oldest(struct merge *merge, bool flush)
{
	struct stream *first = NULL;

	for (size_t i = 0; i < merge->count; i++) {
		struct stream *stream = &merge->streams[i];
		if (!stream->has_item && stream->awake) {
			stream->awake =
				reader_next(stream->reader, flush, &stream->item) != READER_END;
			stream->has_item = stream->awake;
		}
		if (stream->has_item && (!first || stream->item.time < first->item.time)) {
			first = stream;
		}
	}
	return first;
}

void
merge_print(struct merge *merge, bool flush)
{
	struct stream *stream;

	for (size_t i = 0; flush && i < merge->count; i++) {
		merge->streams[i].awake = true;
	}
	while (!merge->run_over && !ferror(stdout) && (stream = oldest(merge, flush))) {
		put(merge, stream);
		stream->has_item = false;
	}
}

void
merge_tail(struct merge *merge, size_t lines)
{
	struct stream *stream;
	size_t sum = 0;

	for (size_t i = 0; i < merge->count; i++) {
		reader_seek_tail(merge->streams[i].reader, lines);
	}
	if (merge->count < 2 || lines == 0) {
		return;
	}
	while ((stream = oldest(merge, true))) {
		sum += stream->item.result == READER_LINE;
		stream->has_item = false;
	}
	for (size_t i = 0; i < merge->count; i++) {
		reader_seek_tail(merge->streams[i].reader, lines);
		merge->streams[i].awake = true;
	}
	merge->skip = sum - MIN(sum, lines);
}

bool
merge_run(struct merge *merge, int64_t run)
{
	merge->run = run;
	return merge->count == 1 && reader_seek_run(merge->streams[0].reader, run);
}

/* the directory of all logs, or, as long as it is not there, what is there of its path */
static void
watch_root(struct merge *merge)
{
	const uint32_t events = IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ONLYDIR;
	autofree char *path = str_dup(merge->root);

	merge->root_watch = inotify_add_watch(merge->inotify, path, events);
	merge->root_there = merge->root_watch >= 0;
	while (merge->root_watch < 0 && errno == ENOENT && !str_equal(path, "/")) {
		char *above = path_dir(path);
		free(path);
		path = above;
		merge->root_watch = inotify_add_watch(merge->inotify, path, events);
	}
}

int
merge_fd(struct merge *merge)
{
	if (!fd_is_open(merge->inotify)) {
		merge->inotify = fd_raise(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
		if (!fd_is_open(merge->inotify)) {
			return merge->inotify;
		}
		watch_root(merge);
		for (size_t i = 0; i < merge->count; i++) {
			watch(merge, &merge->streams[i]);
			merge->streams[i].awake = true;
		}
	}
	return merge->inotify;
}

static void
wake(struct merge *merge, int watch_number)
{
	for (size_t i = 0; i < merge->count; i++) {
		/* -1: the queue was full, anything may have happened */
		if (watch_number < 0 || merge->streams[i].watch == watch_number) {
			merge->streams[i].awake = true;
		}
	}
}

bool
merge_woken(struct merge *merge)
{
	char events[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool root = false;
	ssize_t n;

	while ((n = read(merge->inotify, events, sizeof(events))) > 0) {
		for (char *at = events; at < events + n;) {
			const struct inotify_event *event =
				(const struct inotify_event *)(void *)at;
			wake(merge, event->wd);
			root |= event->wd == merge->root_watch || event->wd < 0;
			at += sizeof(*event) + event->len;
		}
	}
	while (root && !merge->root_there) {
		int before = merge->root_watch;
		watch_root(merge); /* one step nearer, or there */
		if (merge->root_watch == before) {
			break;
		}
	}
	return root;
}
