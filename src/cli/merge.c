/* merge: the logs of several units as one, by the time each line was read from its unit: a heap of
 * the next item of each. The readers look at the files themselves; one inotify for all of them
 * tells whose turn it is, so following costs nothing while nobody writes. While it is followed the
 * order of what two units write in the same moment is that in which it is seen. */
#include "base/check.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/logview.h"
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

struct stream {
	struct log_stream *log;
	struct log_item item;
	size_t number; /* the order in which they were added, for equal times */
	bool has_item, awake;
	int watch; /* of merge.inotify; -1: none */
	enum paint paint;
	struct reader_place shown; /* behind what was printed */
};
struct merge {
	char *root;
	const struct log_query *query;
	struct log_print *print;
	struct stream **streams;
	struct stream **heap; /* those with an item, the next one first */
	size_t count, waiting;
	bool back;    /* newest first */
	bool stir;    /* some may be awake without an item */
	bool failed;  /* something that was asked for is not there */
	int64_t left; /* lines that may still be shown; -1: no limit */
	int inotify, root_watch;
	bool root_there; /* root_watch is of the root, not of a directory above it */
};

static const enum paint paints[] = { PAINT_GOOD, PAINT_WARN, PAINT_BOLD, PAINT_NONE };

struct merge *
merge_new(const char *root, const struct log_query *query)
{
	struct merge *merge = calloc(1, sizeof(*merge));

	CHECK(merge != NULL);
	merge->root = str_dup(root);
	merge->query = query;
	merge->print = log_print_new(query);
	merge->left = query->cursor ? query->lines : -1;
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
		(void)log_stream_free(merge->streams[i]->log);
		free(merge->streams[i]);
	}
	free(merge->streams);
	free(merge->heap);
	free(merge->root);
	(void)log_print_free(merge->print);
	(void)fd_close(merge->inotify);
	free(merge);
	return NULL;
}

static void
watch(struct merge *merge, struct stream *stream)
{
	if (fd_is_open(merge->inotify)) { /* the same directory gives the same watch again */
		stream->watch = inotify_add_watch(merge->inotify, log_stream_directory(stream->log),
						  IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO |
							  IN_ONLYDIR);
	}
}

static struct stream *
find(const struct merge *merge, const char *name)
{
	for (size_t i = 0; i < merge->count; i++) {
		if (str_equal(log_stream_name(merge->streams[i]->log), name)) {
			return merge->streams[i];
		}
	}
	return NULL;
}

bool
merge_add(struct merge *merge, const char *name, bool fresh)
{
	struct stream *stream = find(merge, name);
	struct log_stream *log;

	if (stream) {
		watch(merge, stream); /* it may have been made anew */
		stream->awake = merge->stir = true;
		return true;
	}
	log = log_stream_new(merge->root, name, merge->query, &merge->failed);
	if (!log) {
		return false;
	}
	stream = calloc(1, sizeof(*stream));
	merge->streams = realloc(merge->streams, (merge->count + 1) * sizeof(*merge->streams));
	merge->heap = realloc(merge->heap, (merge->count + 1) * sizeof(*merge->heap));
	CHECK(stream && merge->streams && merge->heap);
	*stream = (struct stream){ .log = log,
				   .number = merge->count,
				   .awake = true,
				   .watch = -1,
				   .paint = paints[merge->count % COUNT(paints)] };
	merge->streams[merge->count++] = stream;
	merge->stir = true;
	log_print_names(merge->print, name, merge->count > 1);
	watch(merge, stream);
	if (!fresh &&
	    !(merge->query->lines >= 0 && !merge->query->cursor)) { /* else from its end */
		merge->failed |= !log_stream_begin(log, false);
	}
	if (merge->query->show_cursor) {
		reader_where(log_stream_reader(log), &stream->shown);
	}
	return true;
}

void
merge_prefix(struct merge *merge, bool always)
{
	log_print_names(merge->print, "", always || merge->query->prefix);
}

bool
merge_failed(const struct merge *merge)
{
	return merge->failed;
}

size_t
merge_count(const struct merge *merge)
{
	return merge->count;
}

/* ---- the heap ---- */
static bool
is_before(const struct merge *merge, const struct stream *one, const struct stream *other)
{
	int64_t a = one->item.item.time, b = other->item.item.time;

	if (a != b) {
		return merge->back ? a > b : a < b;
	}
	return merge->back ? one->number > other->number : one->number < other->number;
}

static void
push(struct merge *merge, struct stream *stream)
{
	size_t at = merge->waiting++;

	while (at > 0 && is_before(merge, stream, merge->heap[(at - 1) / 2])) {
		merge->heap[at] = merge->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	merge->heap[at] = stream;
}

static struct stream *
pop(struct merge *merge)
{
	struct stream *first = merge->heap[0], *last = merge->heap[--merge->waiting];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < merge->waiting) {
		if (child + 1 < merge->waiting &&
		    is_before(merge, merge->heap[child + 1], merge->heap[child])) {
			child++;
		}
		if (!is_before(merge, merge->heap[child], last)) {
			break;
		}
		merge->heap[at] = merge->heap[child];
		at = child;
	}
	merge->heap[at] = last;
	first->has_item = false;
	return first;
}

static void
pull(struct merge *merge, struct stream *stream, bool flush, bool plain)
{
	stream->awake = log_stream_pull(stream->log, merge->back, flush, plain, &stream->item);
	stream->has_item = stream->awake;
	if (stream->has_item) {
		push(merge, stream);
	}
}

/* the stream whose item is next; NULL: nothing is there */
static struct stream *
next(struct merge *merge, bool flush, bool plain)
{
	for (size_t i = 0; merge->stir && i < merge->count; i++) {
		if (merge->streams[i]->awake && !merge->streams[i]->has_item) {
			pull(merge, merge->streams[i], flush, plain);
		}
	}
	merge->stir = false;
	return merge->waiting > 0 ? pop(merge) : NULL;
}

static void
wake_all(struct merge *merge)
{
	for (size_t i = 0; i < merge->count; i++) {
		merge->streams[i]->awake = true;
	}
	merge->stir = true;
}

static void
print_item(struct merge *merge, struct stream *stream)
{
	const struct reader_item *item = &stream->item.item;

	log_print_item(merge->print, log_stream_name(stream->log), stream->paint, &stream->item);
	if (item->result != READER_TROUBLE) {
		stream->shown = item->place;
	}
	if (merge->left > 0 && item->result == READER_LINE && !stream->item.context) {
		merge->left--;
	}
}

void
merge_print(struct merge *merge, bool flush)
{
	struct stream *stream;

	if (flush) {
		wake_all(merge);
	}
	while (merge->left != 0 && !ferror(stdout) && (stream = next(merge, flush, false))) {
		print_item(merge, stream);
		pull(merge, stream, flush, false);
	}
	if (flush) {
		log_print_end(merge->print);
	}
}

void
merge_print_back(struct merge *merge, int64_t lines)
{
	merge->back = true;
	merge->left = lines;
	for (size_t i = 0; i < merge->count; i++) {
		merge->failed |= !log_stream_begin(merge->streams[i]->log, true);
	}
	merge_print(merge, true);
}

/* ---- the last lines ---- */
/* backwards until there are enough of them; where each log stands then it begins */
static bool
seek_back(struct merge *merge, size_t lines)
{
	struct reader_place *places = calloc(merge->count + 1, sizeof(*places));
	struct stream *stream;

	CHECK(places != NULL);
	merge->back = true;
	for (size_t i = 0; i < merge->count; i++) {
		merge->failed |= !log_stream_begin(merge->streams[i]->log, true);
		reader_where(log_stream_reader(merge->streams[i]->log), &places[i]);
	}
	wake_all(merge);
	while (lines > 0 && (stream = next(merge, true, true))) {
		const struct reader_item *item = &stream->item.item;

		if (item->result != READER_TROUBLE) {
			places[stream->number] = item->place;
			lines -= item->result == READER_LINE;
		}
		pull(merge, stream, true, true);
	}
	merge->back = false;
	merge->waiting = 0;
	for (size_t i = 0; i < merge->count; i++) {
		merge->streams[i]->has_item = false;
		log_stream_from(merge->streams[i]->log, &places[i]);
		merge->streams[i]->shown = places[i];
	}
	wake_all(merge);
	free(places);
	return !merge->failed;
}

bool
merge_tail(struct merge *merge, size_t lines)
{
	const struct log_query *query = merge->query;

	if (merge->count == 1 && !query->grep && !query_picks_lines(query) &&
	    !query->until.is_run && query->until.wall == INT64_MAX && !query->since.is_run &&
	    query->since.wall == INT64_MIN) {
		struct reader *reader = log_stream_reader(merge->streams[0]->log);

		reader_seek_tail(reader, lines); /* the same, and quicker */
		reader_where(reader, &merge->streams[0]->shown);
		return true;
	}
	return seek_back(merge, lines);
}

char *
merge_cursor(struct merge *merge)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX / 4);
	for (size_t i = 0; i < merge->count; i++) {
		log_cursor_add(&buf, log_stream_name(merge->streams[i]->log),
			       &merge->streams[i]->shown);
	}
	if (merge->count == 0) {
		(void)buf_add_str(&buf, "-");
	}
	return buf_take(&buf);
}

/* ---- following ---- */
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
			watch(merge, merge->streams[i]);
		}
		wake_all(merge);
	}
	return merge->inotify;
}

static void
wake(struct merge *merge, int watch_number)
{
	for (size_t i = 0; i < merge->count; i++) {
		/* -1: the queue was full, anything may have happened */
		if (watch_number < 0 || merge->streams[i]->watch == watch_number) {
			merge->streams[i]->awake = merge->stir = true;
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
