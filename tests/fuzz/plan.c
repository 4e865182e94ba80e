/* A packed plan comes from another process: whatever its bytes are, checking it and looking at all
 * of it stays inside. */
#include "launch/packed.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static size_t
look(const struct packed_header *plan)
{
	size_t seen = 0;

	for (const struct packed_step *s = packed_first(plan); s; s = packed_next(plan, s)) {
		const char *data = packed_data(s);

		seen += strlen(packed_text(s)) + packed_strings(s);
		for (size_t i = 0; i < s->data_size; i++) {
			seen += (unsigned char)data[i];
		}
		for (size_t at = 0;
		     (s->op == PLAN_EXEC || s->op == PLAN_ENVIRONMENT) && at < s->data_size;) {
			at += strlen(data + at) + 1;
		}
	}
	return seen;
}

static void
explain(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char words[128];

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE) < 0) {
		abort();
	}
	for (uint16_t op = 0; op <= PLAN_OP_COUNT + 1; op++) {
		struct launch_failure failure = { .op = op, .index = op % 3, .number = 2 };

		(void)launch_words_packed(fd, &failure, words, sizeof(words));
	}
	(void)close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* the mapping is aligned, so must be the copy; the header is made right so that the steps
	 * are reached */
	struct packed_header *copy = malloc(size ? size : 1);
	volatile size_t seen = 0;

	if (!copy) {
		return 0;
	}
	memcpy(copy, bytes, size);
	if (size >= sizeof(*copy)) {
		copy->magic = PACKED_MAGIC;
		copy->size = (uint32_t)size;
	}
	if (packed_is_sound(copy, size)) {
		seen = look(copy);
		explain((const uint8_t *)copy, size);
	}
	free(copy);
	(void)seen;
	return 0;
}
