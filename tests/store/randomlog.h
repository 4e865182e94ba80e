/* randomlog: logs with everything in them that a log can have - both streams in the middle of each
 * other's lines, marks, lines without an end, rotations, packed segments - and its items as a
 * reader that goes forward gives them. */
#pragma once
#include "logdir.h"

struct randomlog {
	struct logdir d;
	unsigned seed;
	struct reader_item *items; /* lines are owned */
	size_t count;
};

static inline unsigned
randomlog_number(struct randomlog *log, unsigned below)
{
	log->seed = log->seed * 1103515245U + 12345U;
	return (log->seed >> 8) % below;
}

static inline void
randomlog_piece(struct randomlog *log, int64_t time)
{
	static const char *const words[] = {
		"a", "bc\n", "\n", "def", "gh\nij\n", "k\nl", "mnopqrstuvwxyz\n"
	};
	char text[64] = "";
	size_t length;

	if (randomlog_number(log, 8) == 0) { /* to and fro over a block's end */
		char *line = malloc(70001);

		memset(line, 'x', 70000);
		line[randomlog_number(log, 70000)] = '\n';
		line[70000] = '\0';
		logdir_write(&log->d, time, (int)randomlog_number(log, 2), line);
		free(line);
		return;
	}
	(void)snprintf(text, sizeof(text), "%s%s", words[randomlog_number(log, COUNT(words))],
		       words[randomlog_number(log, COUNT(words))]);
	length = strlen(text);
	text[randomlog_number(log, (unsigned)length) + 1] = '\0';
	if (randomlog_number(log, 3) == 0) {
		logdir_bytes(&log->d, text); /* of the batch before */
	} else {
		logdir_write(&log->d, time, (int)randomlog_number(log, 2), text);
	}
}

static inline void
randomlog_collect(struct randomlog *log)
{
	struct reader *reader = reader_open(log->d.path, NULL);
	struct reader_item item;

	assert_non_null(reader);
	while (reader_next(reader, true, &item) != READER_END) {
		assert_int_not_equal(item.result, READER_TROUBLE);
		log->items = realloc(log->items, (log->count + 1) * sizeof(item));
		if (item.result == READER_LINE) {
			char *line = malloc(item.length + 1);

			memcpy(line, item.line, item.length);
			item.line = line;
		}
		log->items[log->count++] = item;
	}
	reader_free(reader);
}

static inline void
randomlog_make(struct randomlog *log, unsigned seed, size_t pieces)
{
	int64_t time = 1000, first = 1000, run = 0;

	*log = (struct randomlog){ .seed = seed };
	logdir_make(&log->d);
	logdir_write(&log->d, time, 0, "");
	for (size_t i = 0; i < pieces; i++) {
		unsigned what = randomlog_number(log, 20);

		time += 10;
		if (what == 0) {
			logdir_mark(&log->d, time, STORE_EXIT, 1, run);
		} else if (what == 1) {
			logdir_mark(&log->d, time, STORE_START, 1, ++run);
		} else if (what == 2) {
			logdir_mark(&log->d, time, STORE_RESTART, 0, 0);
		} else if (what == 3 && log->d.size > 0) {
			logdir_write(&log->d, time, 0, "\n"); /* never within a line */
			logdir_write(&log->d, time, 1, "\n");
			logdir_rotate(&log->d, first);
			if (randomlog_number(log, 2) == 0) {
				logdir_pack(&log->d, first, 1 << (8 + randomlog_number(log, 10)),
					    randomlog_number(log, 3) > 0);
			}
			first = time;
			logdir_write(&log->d, time, 0, "");
		} else {
			randomlog_piece(log, time);
		}
	}
	randomlog_collect(log);
}

static inline void
randomlog_remove(struct randomlog *log)
{
	for (size_t i = 0; i < log->count; i++) {
		if (log->items[i].result == READER_LINE) {
			free((void *)(uintptr_t)log->items[i].line);
		}
	}
	free(log->items);
	logdir_remove(&log->d);
}

static inline bool
randomlog_is(const struct reader_item *one, const struct reader_item *other)
{
	if (one->result != other->result || one->time != other->time ||
	    one->stream != other->stream) {
		return false;
	}
	if (one->result == READER_MARK) {
		return one->mark.kind == other->mark.kind && one->mark.extra == other->mark.extra;
	}
	return one->length == other->length && memcmp(one->line, other->line, one->length) == 0 &&
	       one->whole == other->whole;
}
