/* A service as a damaged ledger has it: what service_is_sane() lets through must bear any event. */
#include "service-walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
restore(struct service *s, char *lines)
{
	char *line;

	while ((line = strsep(&lines, "\n"))) {
		char *value = strchr(line, ' ');

		if (value) {
			*value++ = '\0';
			(void)service_restore(s, line, value);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct walk w = { .bytes = data, .length = MIN(size, 32), .e = { .now = CLOCK_S } };
	char *lines = size > 32 ? str_dup_n((const char *)data + 32, size - 32) : NULL;
	struct orders out;

	service_strict = true;
	w.unit = walk_unit(&w);
	service_init(&w.service, w.unit);
	if (lines) {
		restore(&w.service, lines);
	}
	if (service_is_sane(&w.service)) {
		world_resume(&w.service, w.e.now, &out);
		while (w.at < w.length) {
			walk_event(&w);
		}
	}
	unit_unref(w.unit);
	free(lines);
	return 0;
}
