/* What a unit used in the last minute, one number a sample, shown as a line of blocks. Cpu is drawn
 * against one cpu (or its own maximum, when it used more), memory against its own maximum. */
#include "base/check.h"
#include "base/str.h"
#include "cli/top.h"
#include <string.h>

void
top_history_add(struct map *histories, const char *name, uint64_t sample, double share,
		uint64_t memory)
{
	struct top_history *history = map_get(histories, name);

	if (!history) {
		history = calloc(1, sizeof(*history));
		CHECK(history);
		history->name = str_dup(name);
		map_set(histories, history->name, history);
	}
	history->share[history->next] = (float)(share > 0 ? share : 0);
	history->memory[history->next] = (float)((double)memory / (1 << 20));
	history->next = (history->next + 1) % TOP_HISTORY;
	history->count = MIN(history->count + 1, TOP_HISTORY);
	history->seen = sample;
}

static void
drop(struct map *histories, struct top_history *history)
{
	(void)map_remove(histories, history->name);
	free(history->name);
	free(history);
}

void
top_history_sweep(struct map *histories, uint64_t sample)
{
	struct top_history *history;
	size_t at = 0;

	while ((history = map_each(histories, &at))) {
		if (history->seen != sample) {
			drop(histories, history);
		}
	}
}

void
top_history_done(struct map *histories)
{
	top_history_sweep(histories, UINT64_MAX);
	map_done(histories);
}

void
top_history_line(const struct top_history *history, bool memory, bool blocks, size_t columns,
		 char *buffer)
{
	static const char *const steps[][8] = {
		{ "_", ".", ":", "-", "=", "+", "*", "#" },
		{ "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
	};
	const float *values = memory ? history->memory : history->share;
	size_t n = MIN(columns, history->count), used = 0;
	float most = memory ? 0 : 1;

	for (size_t i = 0; i < history->count; i++) {
		most = MAX(most, values[i]);
	}
	for (size_t i = 0; i < columns; i++) {
		const char *step = " ";
		if (i >= columns - n) {
			size_t back = columns - i; /* 1 is the newest */
			float value = values[(history->next + TOP_HISTORY - back) % TOP_HISTORY];
			size_t level = most > 0 ? (size_t)(value / most * 7.99F) : 0;
			step = steps[blocks][MIN(level, 7)];
		}
		memcpy(buffer + used, step, strlen(step));
		used += strlen(step);
	}
	buffer[used] = '\0';
}
