/* The plan is written in its packed form from the start, so packing is one write and showing it
 * reads what the child will read. */
#include "base/check.h"
#include "base/fd.h"
#include "base/limits.h"
#include "launch/packed.h"
#include <assert.h>
#include <errno.h>
#include <string.h>

void
plan_init(struct plan *plan)
{
	static const struct packed_header empty = { .magic = PACKED_MAGIC };

	*plan = (struct plan){ 0 };
	buf_init(&plan->packed_, LIMIT_PLAN);
	CHECK(buf_add(&plan->packed_, &empty, sizeof(empty)));
}

void
plan_done(struct plan *plan)
{
	buf_done(&plan->packed_);
	*plan = (struct plan){ 0 };
}

static void
append(struct plan *plan, const struct plan_step *step)
{
	static const char zeroes[8];
	size_t text_size = step->text ? strlen(step->text) + 1 : 0;
	struct packed_step packed = { .op = (uint16_t)step->op,
				      .index = (uint16_t)plan->count,
				      .target = step->target,
				      .number = step->number,
				      .extra = step->extra,
				      .extra2 = step->extra2,
				      .text_size = (uint32_t)text_size,
				      .data_size = (uint32_t)step->data_size };
	size_t fill = -(sizeof(packed) + text_size + step->data_size) & 7;

	if (text_size > LIMIT_PLAN || step->data_size > LIMIT_PLAN || plan->count > UINT16_MAX ||
	    !buf_add(&plan->packed_, &packed, sizeof(packed)) ||
	    !buf_add(&plan->packed_, step->text ? step->text : "", text_size) ||
	    !buf_add(&plan->packed_, step->data ? step->data : "", step->data_size) ||
	    !buf_add(&plan->packed_, zeroes, fill)) {
		plan->failed = true;
	}
}

void
plan_add(struct plan *plan, const struct plan_step *step)
{
	CHECK(step->op < PLAN_OP_COUNT && step->target >= 0 && step->target <= PLAN_TARGET_MAX);
	if (!plan->failed) {
		append(plan, step);
		plan->count++;
	}
}

void
plan_add_strings(struct plan *plan, enum plan_op op, const char *text, char *const *strings)
{
	struct plan_step step = { .op = op, .text = text };
	struct buf joined;

	buf_init(&joined, LIMIT_PLAN);
	for (size_t i = 0; strings && strings[i]; i++) {
		if (!buf_add(&joined, strings[i], strlen(strings[i]) + 1)) {
			plan->failed = true;
		}
	}
	step.data = joined.data;
	step.data_size = joined.length;
	plan_add(plan, &step);
	buf_done(&joined);
}

static void
finish(struct plan *plan)
{
	struct packed_header header = { .magic = PACKED_MAGIC,
					.count = plan->count,
					.size = (uint32_t)plan->packed_.length };

	memcpy(plan->packed_.data, &header, sizeof(header));
}

int
plan_pack(struct plan *plan, int *ret_memfd)
{
	autoclose int memfd = -1;
	int r;

	if (plan->failed) {
		return -E2BIG;
	}
	finish(plan);
	if (!packed_is_sound(plan->packed_.data, plan->packed_.length)) {
		return -EINVAL;
	}
	memfd = fd_memfd("tend plan");
	if (!fd_is_open(memfd)) {
		return memfd;
	}
	r = fd_write_all(memfd, plan->packed_.data, plan->packed_.length);
	if (r == 0) {
		r = fd_seal(memfd);
	}
	if (r == 0) {
		*ret_memfd = fd_take(&memfd);
	}
	return r;
}

static const char *const plan_names[] = {
	[PLAN_HELD] = "held",
	[PLAN_PASSED] = "passed",
	[PLAN_FILE] = "file",
	[PLAN_COPY] = "copy",
	[PLAN_NULL] = "null",
	[PLAN_SESSION] = "session",
	[PLAN_UMASK] = "umask",
	[PLAN_NICE] = "nice",
	[PLAN_OOM_SCORE] = "oom-score",
	[PLAN_SCHEDULER] = "scheduler",
	[PLAN_AFFINITY] = "affinity",
	[PLAN_IO] = "io",
	[PLAN_LIMIT] = "limit",
	[PLAN_CGROUP] = "cgroup",
	[PLAN_ROOT] = "root",
	[PLAN_GROUPS] = "groups",
	[PLAN_GID] = "gid",
	[PLAN_UID] = "uid",
	[PLAN_DIRECTORY] = "directory",
	[PLAN_NO_NEW_PRIVILEGES] = "no-new-privileges",
	[PLAN_IGNORE_PIPE] = "ignore-pipe",
	[PLAN_ENVIRONMENT] = "environment",
	[PLAN_PID_VARIABLE] = "pid-variable",
	[PLAN_EXEC] = "exec",
};
static_assert(COUNT(plan_names) == PLAN_OP_COUNT, "every operation has a name");

static void
show_step(const struct packed_step *step, struct buf *out)
{
	const char *data = packed_data(step);

	(void)buf_addf(out, "%s target %d number %lld", plan_names[step->op], step->target,
		       (long long)step->number);
	if (step->extra != 0 || step->extra2 != 0) {
		(void)buf_addf(out, " extra %llu %llu", (unsigned long long)step->extra,
			       (unsigned long long)step->extra2);
	}
	if (step->text_size > 0) {
		(void)buf_addf(out, " '%s'", packed_text(step));
	}
	if (step->op == PLAN_GROUPS) {
		(void)buf_addf(out, " %zu groups", step->data_size / sizeof(gid_t));
	} else {
		for (size_t at = 0; at < step->data_size; at += strlen(data + at) + 1) {
			(void)buf_addf(out, " [%s]", data + at);
		}
	}
	(void)buf_add_char(out, '\n');
}

char *
plan_show(const struct plan *plan)
{
	struct packed_header header = { .size = (uint32_t)plan->packed_.length };
	const char *bytes = plan->packed_.data;
	struct buf out;

	buf_init(&out, 2 * LIMIT_PLAN);
	for (size_t at = sizeof(header); at < plan->packed_.length && !plan->failed;) {
		const struct packed_step *step = (const void *)(bytes + at);

		show_step(step, &out);
		at += (sizeof(*step) + step->text_size + step->data_size + 7) & ~(size_t)7;
	}
	return buf_take(&out);
}
