/* One pass checks all of it, so that the walk in the child has nothing left to doubt. Only system
 * calls that may be used between fork and exec, no heap. */
#include "launch/packed.h"
#include "base/limits.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static size_t
step_size(const struct packed_step *step)
{
	return (sizeof(*step) + (size_t)step->text_size + step->data_size + 7) & ~(size_t)7;
}

const struct packed_step *
packed_first(const struct packed_header *header)
{
	return (const struct packed_step *)(header + 1);
}

const struct packed_step *
packed_next(const struct packed_header *header, const struct packed_step *step)
{
	const char *end = (const char *)header + header->size;
	const char *next = (const char *)step + step_size(step);

	return next < end ? (const struct packed_step *)(const void *)next : NULL;
}

const char *
packed_text(const struct packed_step *step)
{
	return step->text_size > 0 ? (const char *)(step + 1) : "";
}

const char *
packed_data(const struct packed_step *step)
{
	return (const char *)(step + 1) + step->text_size;
}

size_t
packed_strings(const struct packed_step *step)
{
	const char *data = packed_data(step);
	size_t count = 0;

	for (size_t i = 0; i < step->data_size; i++) {
		count += data[i] == '\0';
	}
	return count;
}

static bool
needs_text(unsigned op)
{
	return op == PLAN_FILE || op == PLAN_ROOT || op == PLAN_DIRECTORY || op == PLAN_EXEC ||
	       op == PLAN_PID_VARIABLE;
}

static bool
step_is_sound(const struct packed_step *step)
{
	const char *text = packed_text(step), *data = packed_data(step);

	if (step->op >= PLAN_OP_COUNT || step->target < 0 || step->target > PLAN_TARGET_MAX) {
		return false;
	}
	if (step->text_size > 0 && strnlen(text, step->text_size) != step->text_size - 1) {
		return false;
	}
	if (needs_text(step->op) && step->text_size < 2) {
		return false;
	}
	if (step->op == PLAN_GROUPS) {
		return step->data_size % sizeof(gid_t) == 0;
	}
	if (step->op == PLAN_EXEC && step->data_size == 0) {
		return false; /* a program without argv[0] */
	}
	if (step->op == PLAN_ENVIRONMENT || step->op == PLAN_EXEC) {
		return step->data_size == 0 || data[step->data_size - 1] == '\0';
	}
	return true;
}

bool
packed_is_sound(const void *bytes, size_t size)
{
	const struct packed_header *header = bytes;
	size_t at = sizeof(*header);
	uint32_t count = 0;
	bool exec = false;

	if (size < at || size > LIMIT_PLAN || header->magic != PACKED_MAGIC ||
	    header->size != size) {
		return false;
	}
	for (; at < size && !exec; count++) {
		const struct packed_step *step = (const void *)((const char *)bytes + at);
		size_t left = size - at;

		if (left < sizeof(*step) || step->text_size > left || step->data_size > left ||
		    step_size(step) > left || !step_is_sound(step) ||
		    step->index != (uint16_t)count) {
			return false;
		}
		exec = step->op == PLAN_EXEC;
		at += step_size(step);
	}
	return exec && at == size && count == header->count && count <= UINT16_MAX;
}

const struct packed_header *
packed_map(int memfd)
{
	const int needed = F_SEAL_SHRINK | F_SEAL_WRITE;
	int seals = fcntl(memfd, F_GET_SEALS);
	struct stat st;
	void *mapped;

	/* unsealed it could change or end under our feet */
	if (seals < 0 || (seals & needed) != needed || fstat(memfd, &st) < 0 || st.st_size <= 0 ||
	    st.st_size > LIMIT_PLAN) {
		errno = EBADMSG;
		return NULL;
	}
	mapped = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, memfd, 0);
	if (mapped == MAP_FAILED) {
		return NULL;
	}
	if (!packed_is_sound(mapped, (size_t)st.st_size)) {
		(void)munmap(mapped, (size_t)st.st_size);
		errno = EBADMSG;
		return NULL;
	}
	return mapped;
}
