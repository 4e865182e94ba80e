/* launch: how a child is set up, as data. A plan is an array of operations computed by the manager,
 * packed into one sealed memfd, forked by the keeper (which never looks inside) and walked in the
 * child by run.c with async-signal-safe calls only.
 *
 * Manager:  1. plan_init  2. plan_add...  3. plan_pack -> memfd  4. plan_done
 * Keeper:   clone, then launch_run() in the child, which never returns.
 * A failure is a struct launch_failure: written into shared memory (the child's slot of the
 * keeper's table) and to the close-on-exec error pipe; the manager puts it into words with
 * launch_words().
 *
 * Must never: allocate or lock in run.c; trust a packed plan (run.c checks every offset: it is
 * fuzzed). */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include <sys/types.h>

enum plan_op {
	PLAN_HELD,      /* number: key of a descriptor the keeper holds, target: placed at this
			   descriptor */
	PLAN_PASSED,    /* number: index of a descriptor that came with the order, target */
	PLAN_FILE,      /* text: path, number: open flags, extra: mode, target */
	PLAN_COPY,      /* number: already placed descriptor, target (2 = same as 1) */
	PLAN_NULL,      /* target: /dev/null */
	PLAN_SESSION,   /* setsid */
	PLAN_UMASK,     /* number */
	PLAN_NICE,      /* number; extra 1: go on when it is not permitted */
	PLAN_OOM_SCORE, /* number; extra 1: go on when it is not permitted */
	PLAN_SCHEDULER, /* number: policy and flags; extra: priority */
	PLAN_AFFINITY,  /* data: a set of processors */
	PLAN_IO,        /* number: class << 13 | priority */
	PLAN_LIMIT,     /* number: resource, extra: soft, extra2: hard (a hard limit above ours is
			   lowered to ours) */
	PLAN_CGROUP,    /* number: index of the passed descriptor of a cgroup.procs file: join it.
			   LAUNCH_CGROUP needs none of this: where the kernel has no
			   CLONE_INTO_CGROUP the keeper's child joins and fails as this operation */
	PLAN_ROOT,      /* text: chroot + chdir / */
	PLAN_GROUPS,    /* data: array of gid_t */
	PLAN_GID,       /* number */
	PLAN_UID,       /* number */
	PLAN_DIRECTORY, /* text: chdir; extra 1: it may be missing */
	PLAN_NO_NEW_PRIVILEGES,
	PLAN_IGNORE_PIPE, /* SIGPIPE ignored; all other dispositions are default, mask empty, before
			     the first operation */
	PLAN_ENVIRONMENT, /* data: strings, each ending in NUL; several add up */
	PLAN_PID_VARIABLE, /* text: NAME; the child's own pid is put in the environment as NAME=pid
			      (LISTEN_PID) */
	PLAN_EXEC, /* text: program (absolute), data: argv strings; extra 1: a script without #!
		      goes to /bin/sh; last operation of every plan */
	PLAN_OP_COUNT
};

/* by the number of bytes on the error pipe when it closes; 0: it was killed, nothing ran */
enum launch_said {
	LAUNCH_REACHED = 1, /* all was done but the exec itself, so its program ran */
	LAUNCH_FAILED = 8   /* a struct launch_failure; one more when the exec was reached */
};

struct launch_failure {
	uint16_t op;    /* enum plan_op + 1; 0: no failure; PLAN_OP_COUNT + 1: the plan itself was
			   damaged */
	uint16_t index; /* which operation of the plan */
	int32_t number; /* errno */
};
static_assert(sizeof(struct launch_failure) == LAUNCH_FAILED, "told by the number of bytes");
enum { PLAN_TARGET_MAX = 4095, LAUNCH_FAILED_STATUS = 127 };

struct plan {
	struct buf packed_; /* private to plan.c */
	uint32_t count;
	bool failed; /* it passed LIMIT_PLAN */
};

void plan_init(struct plan *plan);
void plan_done(struct plan *plan);
struct plan_step { /* what plan_add takes; unused fields zero */
	enum plan_op op;
	int target;
	int64_t number;
	uint64_t extra, extra2;
	const char *text;
	const void *data; /* data_size bytes */
	size_t data_size;
};
void plan_add(struct plan *plan, const struct plan_step *step);
void plan_add_strings(struct plan *plan, enum plan_op op, const char *text,
		      char *const *strings); /* ENVIRONMENT, EXEC */
int plan_pack(struct plan *plan,
	      int *ret_memfd); /* one write, sealed; -E2BIG, -EINVAL (no EXEC, an empty path) */
char *plan_show(const struct plan *plan); /* a line per operation, for traces and tests; owned */

/* Where the child finds descriptors: by the keeper's key (>= 0 or -1). Async-signal-safe. */
typedef int (*launch_held)(uint64_t key); /* the one typedef: a function pointer */
/* In the child, after the fork: resets signals, maps the plan, walks it. Never returns. `passed`
 * came with the order; on failure: *failure (shared memory) and the pipe `error_fd` are filled and
 * it exits with 127. Right before the exec one byte more is written there. */
void launch_run(int plan_fd, const int *passed, size_t passed_count, launch_held held, int error_fd,
		struct launch_failure *failure) __attribute__((noreturn));

/* "chdir to /srv/app: No such file or directory"; the plan gives the name of the thing. Returns
 * buffer */
const char *launch_words(const struct plan *plan, const struct launch_failure *failure,
			 char *buffer, size_t size);
/* the same from the packed memfd (mapped and checked), when the struct plan is gone */
const char *launch_words_packed(int memfd, const struct launch_failure *failure, char *buffer,
				size_t size);
