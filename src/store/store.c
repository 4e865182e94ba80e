/* Records are 40 bytes that can be checked one by one: whoever finds a damaged one goes on with the
 * next, because no record says where another one is. */
#include "store/store.h"
#include "base/str.h"
#include "base/width.h"
#include <assert.h>
#include <string.h>

static_assert(sizeof(struct store_record) == 40, "the index is an array of these on disk");

/* FNV-1a: an index is damaged by accident, not by an enemy (the directory is its owner's alone) */
static uint32_t
checksum(const struct store_record *record)
{
	const uint8_t *bytes = (const uint8_t *)record;
	uint32_t sum = 2166136261U;

	for (size_t i = 0; i < offsetof(struct store_record, check); i++) {
		sum = (sum ^ bytes[i]) * 16777619U;
	}
	return sum;
}

void
store_seal(struct store_record *record)
{
	record->check = checksum(record);
}

bool
store_is_sound(const struct store_record *record)
{
	return record->kind >= STORE_BATCH && record->kind <= STORE_RESTART &&
	       record->stream <= STORE_ERROR && record->check == checksum(record);
}

enum {
	OUTCOME_KNOWN = 1,
	OUTCOME_SIGNALLED = 2,
	OUTCOME_CORE = 4,
	OUTCOME_OOM = 8,
	OUTCOME_SHIFT = 8
};

int64_t
store_pack_outcome(bool known, bool signalled, bool core, bool oom, int value)
{
	int64_t flags = (known ? OUTCOME_KNOWN : 0) | (signalled ? OUTCOME_SIGNALLED : 0) |
			(core ? OUTCOME_CORE : 0) | (oom ? OUTCOME_OOM : 0);

	return (int64_t)(uint32_t)value * (1 << OUTCOME_SHIFT) | flags;
}

void
store_unpack_outcome(int64_t packed, bool *ret_known, bool *ret_signalled, bool *ret_core,
		     bool *ret_oom, int *ret_value)
{
	*ret_known = packed & OUTCOME_KNOWN;
	*ret_signalled = packed & OUTCOME_SIGNALLED;
	*ret_core = packed & OUTCOME_CORE;
	*ret_oom = packed & OUTCOME_OOM;
	*ret_value = (int)(uint32_t)((uint64_t)packed >> OUTCOME_SHIFT);
}

/* A log that still grows could give more lines than asked for: only the last `lines` are kept. */
char **
store_tail(const char *directory, size_t lines)
{
	struct reader *reader = lines > 0 ? reader_open(directory, NULL) : NULL;
	struct reader_item item;
	char **tail = NULL;
	size_t count = 0;

	if (!reader) {
		return NULL;
	}
	reader_seek_tail(reader, lines);
	while (count < 2 * lines && reader_next(reader, true, &item) != READER_END) {
		if (item.result != READER_LINE) {
			continue;
		}
		if (count++ >= lines) {
			free(tail[0]);
			memmove(tail, tail + 1, strv_length(tail + 1) * sizeof(*tail));
			tail[lines - 1] = NULL;
		}
		strv_take_add(&tail, width_harmless(item.line, item.length, false));
	}
	reader_free(reader);
	return tail;
}

static void
turn_round(char **v, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		char *one = v[i];

		v[i] = v[count - 1 - i];
		v[count - 1 - i] = one;
	}
}

char **
store_run_tail(const char *directory, int64_t run, size_t lines)
{
	struct reader *reader = lines > 0 ? reader_open(directory, NULL) : NULL;
	struct reader_run found;
	struct reader_item item;
	char **last = NULL;
	size_t count = 0;

	if (reader && reader_find_run(reader, run, &found) &&
	    reader_seek_place(reader, &found.exit, true)) {
		while (count < lines && reader_previous(reader, &item) != READER_END) {
			if (item.result == READER_LINE) {
				strv_take_add(&last, width_harmless(item.line, item.length, true));
				count++;
			} else if (item.result == READER_MARK && item.mark.kind == STORE_START) {
				break;
			}
		}
	}
	(void)reader_free(reader);
	turn_round(last, count);
	return last;
}
