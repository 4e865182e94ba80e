/* Why a launch failed, in words that name the thing: the operation's row gives the verb, the plan
 * the object. */
#include "base/fd.h"
#include "launch/packed.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum object { NONE, TEXT, NUMBER, TARGET, LIMIT };

static const struct words {
	const char *verb;
	enum object object;
} rows[] = {
	[PLAN_HELD] = { "passing on the kept descriptor for", TARGET },
	[PLAN_PASSED] = { "passing on descriptor", TARGET },
	[PLAN_FILE] = { "open", TEXT },
	[PLAN_COPY] = { "passing on descriptor", TARGET },
	[PLAN_NULL] = { "open /dev/null", NONE },
	[PLAN_SESSION] = { "new session", NONE },
	[PLAN_UMASK] = { "umask", NUMBER },
	[PLAN_NICE] = { "nice", NUMBER },
	[PLAN_OOM_SCORE] = { "OOM score", NUMBER },
	[PLAN_SCHEDULER] = { "CPU scheduling policy", NUMBER },
	[PLAN_AFFINITY] = { "choosing its processors", NONE },
	[PLAN_IO] = { "IO scheduling class", NONE },
	[PLAN_LIMIT] = { "limit", LIMIT },
	[PLAN_CGROUP] = { "joining its cgroup", NONE },
	[PLAN_ROOT] = { "chroot to", TEXT },
	[PLAN_GROUPS] = { "setting its groups", NONE },
	[PLAN_GID] = { "becoming group", NUMBER },
	[PLAN_UID] = { "becoming user", NUMBER },
	[PLAN_DIRECTORY] = { "chdir to", TEXT },
	[PLAN_NO_NEW_PRIVILEGES] = { "giving up new privileges", NONE },
	[PLAN_IGNORE_PIPE] = { "ignoring SIGPIPE", NONE },
	[PLAN_ENVIRONMENT] = { "environment", NONE },
	[PLAN_PID_VARIABLE] = { "environment", TEXT },
	[PLAN_EXEC] = { "exec", TEXT },
};
static_assert(COUNT(rows) == PLAN_OP_COUNT, "every operation can fail in words");

static const char *const limits[] = {
	[RLIMIT_CPU] = "CPU",           [RLIMIT_FSIZE] = "FSIZE",
	[RLIMIT_DATA] = "DATA",         [RLIMIT_STACK] = "STACK",
	[RLIMIT_CORE] = "CORE",         [RLIMIT_RSS] = "RSS",
	[RLIMIT_NPROC] = "NPROC",       [RLIMIT_NOFILE] = "NOFILE",
	[RLIMIT_MEMLOCK] = "MEMLOCK",   [RLIMIT_AS] = "AS",
	[RLIMIT_LOCKS] = "LOCKS",       [RLIMIT_SIGPENDING] = "SIGPENDING",
	[RLIMIT_MSGQUEUE] = "MSGQUEUE", [RLIMIT_NICE] = "NICE",
	[RLIMIT_RTPRIO] = "RTPRIO",     [RLIMIT_RTTIME] = "RTTIME",
};

static const struct packed_step *
find_step(const struct packed_header *plan, const struct launch_failure *failure)
{
	for (const struct packed_step *s = packed_first(plan); s; s = packed_next(plan, s)) {
		if (s->index == failure->index && s->op + 1 == failure->op) {
			return s;
		}
	}
	return NULL;
}

static const char *
object_of(const struct packed_step *step, char *buffer, size_t size)
{
	switch (rows[step->op].object) {
	case NONE: return "";
	case TEXT: return packed_text(step);
	case NUMBER: (void)snprintf(buffer, size, "%lld", (long long)step->number); break;
	case TARGET: (void)snprintf(buffer, size, "%d", step->target); break;
	case LIMIT:
		if (step->number >= 0 && (size_t)step->number < COUNT(limits)) {
			return limits[step->number];
		}
		(void)snprintf(buffer, size, "%lld", (long long)step->number);
		break;
	}
	return buffer;
}

static const char *
hint(const struct packed_step *step, int number)
{
	if (step->op == PLAN_EXEC && number == ENOEXEC) {
		return " (a script needs a first line like #!/bin/sh)";
	}
	if (step->op == PLAN_EXEC && number == ENOENT && access(packed_text(step), F_OK) == 0) {
		return " (the interpreter that it names is missing)";
	}
	return "";
}

static const char *
explain(const struct packed_header *plan, const struct launch_failure *failure, char *buffer,
	size_t size)
{
	const struct packed_step *step = plan ? find_step(plan, failure) : NULL;
	const char *why = strerrordesc_np(failure->number), *object;
	char number[32];

	why = why ? why : "unknown error";
	if (step) {
		object = object_of(step, number, sizeof(number));
		(void)snprintf(buffer, size, "%s%s%s: %s%s", rows[step->op].verb,
			       object[0] ? " " : "", object, why, hint(step, failure->number));
	} else if (failure->op == 0) {
		(void)snprintf(buffer, size, "no failure");
	} else if (failure->op <= PLAN_OP_COUNT) {
		(void)snprintf(buffer, size, "%s: %s", rows[failure->op - 1].verb, why);
	} else {
		(void)snprintf(buffer, size, "preparing the start: %s", why);
	}
	return buffer;
}

const char *
launch_words(const struct plan *plan, const struct launch_failure *failure, char *buffer,
	     size_t size)
{
	struct packed_header *header = (void *)plan->packed_.data;

	if (!header || plan->failed) {
		return explain(NULL, failure, buffer, size);
	}
	header->count = plan->count;
	header->size = (uint32_t)plan->packed_.length;
	return explain(packed_is_sound(header, header->size) ? header : NULL, failure, buffer,
		       size);
}

const char *
launch_words_packed(int memfd, const struct launch_failure *failure, char *buffer, size_t size)
{
	const struct packed_header *plan = packed_map(memfd);

	(void)explain(plan, failure, buffer, size);
	if (plan) {
		(void)munmap((void *)(uintptr_t)plan, plan->size);
	}
	return buffer;
}
