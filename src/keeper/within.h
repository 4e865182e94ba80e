/* within: what the files of the keeper know of each other; keeper.h is the door.
 *
 * All that the keeper knows is one struct keeper in one mapping of a memfd. Only pages that were
 * touched cost memory, a child writes why its launch failed straight into its slot, and after an
 * upgrade the new executable maps the same bytes. Slots are found by looking through `numbers` or
 * `pids` from the start: they are packed side by side (10,000 of them in 40 KiB), a hash would
 * touch more memory than the search does.
 *
 * What the manager must be told and the socket has no room for is not queued: the slot is marked
 * untold, so memory is bounded and nothing is lost. */
#pragma once
#include "base/limits.h"
#include "keeper/keeper.h"
#include "link/link.h"
#include <sys/types.h>

enum { KEEPER_LAYOUT = 2 };
#define KEEPER_MAGIC 0x5045454b444e4554ULL /* "TENDKEEP" */

enum role { MANAGER, LOGGER, ROLE_COUNT };

struct role_state {
	int32_t pid;      /* 0: none of ours runs */
	int32_t adopted;  /* pidfd of one that is not our child; -1 */
	uint32_t quick;   /* deaths within a second of the start, in a row */
	int64_t started;  /* monotonic */
	int64_t start_at; /* CLOCK_NEVER: nothing is due */
};

enum untold { UNTOLD_CHILD = 1, UNTOLD_EXITED = 2 };

struct slot {
	struct frame_exit exit; /* exit.failure is written by the child itself */
	int64_t started;
	int32_t pid;        /* also when it has ended */
	int32_t error_pipe; /* its read end; -1 */
	uint32_t next;      /* of the untold, index + 1 */
	uint8_t untold;     /* enum untold */
	bool queued; /* is on the list of the untold, also when its number has become 0 meanwhile */
	bool ended;
};

struct keeper {
	/* these four stay where they are for ever: every build compares them */
	uint64_t magic;
	uint32_t layout, link_version;
	uint64_t size;

	char *const *arguments;          /* of this image */
	int32_t signals;                 /* signalfd */
	int32_t link;                    /* our end towards the manager; -1 */
	int32_t manager_end, logger_end; /* of the pair between the two: kept, never read */
	struct role_state roles[ROLE_COUNT];
	int32_t probe; /* pid of the build that is asked whether it can take over; 0 */
	int64_t probe_until, end_until, replace_until; /* CLOCK_NEVER */
	bool ending;                                   /* END came */
	bool asked_end;                                /* SIGTERM came */

	/* towards the manager */
	struct frame pending; /* one answer that did not fit; kind 0: none. Nothing is read while it
				 waits */
	bool greeted;         /* its HELLO came: until then it hears of nothing */
	bool full;            /* the socket was full at the last try */
	bool writable;        /* poll has said so and nothing was sent since */
	int64_t again_at; /* writable, and yet it refused: when to try again; else CLOCK_NEVER */
	uint32_t untold_first, untold_last; /* index + 1; 0: none */
	uint32_t held_untold;               /* of held[], from the top */
	bool list_open, listed;             /* LIST_END is still to come; it came once */
	int64_t list_value;                 /* of the last LIST, for its end */
	bool logger_untold, asked_untold;

	uint32_t top; /* slots from here on were never used, or are free again */
	uint32_t held_count;
	uint64_t numbers[LIMIT_CHILDREN]; /* 0: free */
	int32_t pids[LIMIT_CHILDREN];     /* 0: not running */
	struct slot slots[LIMIT_CHILDREN];
	uint64_t keys[LIMIT_HELD];
	int32_t held[LIMIT_HELD];
};

/* ---- slots.c: children and held descriptors ---- */
enum { SLOT_NONE = -1 };
int slots_find(const struct keeper *keeper, uint64_t number);
int slots_find_pid(const struct keeper *keeper, pid_t pid);
int slots_take(struct keeper *keeper, uint64_t number); /* SLOT_NONE: full */
void slots_free(struct keeper *keeper, int slot);
int slots_held(const struct keeper *keeper, uint64_t key); /* the descriptor or -1 */
int slots_hold(struct keeper *keeper, uint64_t key,
	       int take_fd); /* 0 or -ENOSPC, -EMFILE: then it is closed */
void slots_drop(struct keeper *keeper, uint64_t key);
void slots_drop_service(struct keeper *keeper, uint64_t service);
/* are so few descriptors left that this one must not be kept? Some are ours, for starting roles */
bool slots_is_scarce(int fd);

/* ---- tell.c: towards the manager ---- */
void tell_answer(struct keeper *keeper,
		 const struct frame *frame); /* first of all, no descriptors */
void tell_launched(struct keeper *keeper, int slot,
		   int pidfd); /* CHILD, at once if there is room */
void tell_slot(struct keeper *keeper, int slot, unsigned untold); /* when there is room */
void tell_list(struct keeper *keeper, int64_t value);
void tell_reset(struct keeper *keeper);       /* another manager: it will ask for all of it */
void tell_go(struct keeper *keeper);          /* as far as the socket takes it */
bool tell_waits(const struct keeper *keeper); /* for POLLOUT */
void tell_has_room(struct keeper *keeper);    /* POLLOUT came, or again_at */

/* ---- spawn.c: the only forks ---- */
/* pid; 0 in the child; -errno. cgroup -1: none. All signals are blocked in the child. *ret_pidfd
 * may stay -1 where the kernel has no descriptor for us; *ret_joined: the child is in the cgroup
 * already */
pid_t spawn_fork(int cgroup, int *ret_pidfd, bool *ret_joined);
struct spawn_place {
	int fd, target;
};
/* executes `executable` as a role; ends in {-1, -1}. Never returns. `name` is what is shown */
void spawn_role(const struct keeper *keeper, enum role role, int executable, const char *name,
		const char *const *words, const struct spawn_place *places)
	__attribute__((noreturn));

/* ---- obey.c: what the manager sends ---- */
void obey_link(struct keeper *keeper, bool to_the_end); /* reads frames and does them */

/* ---- role.c: manager and logger ---- */
void role_init(struct keeper *keeper);
void role_start_due(struct keeper *keeper, int64_t now);
bool role_reaped(struct keeper *keeper, pid_t pid, int64_t now); /* it was one of the two */
void role_link_lost(struct keeper *keeper, int64_t now);
void role_adopt_logger(struct keeper *keeper, pid_t pid, int take_pidfd);
void role_adopted_ended(struct keeper *keeper, int64_t now);
/* both come back as the present executable: the manager by itself, or told when it is late */
void role_replace(struct keeper *keeper);
void role_replace_too_late(struct keeper *keeper);
void role_end(struct keeper *keeper);          /* END came */
void role_end_too_late(struct keeper *keeper); /* and they are still there */
bool role_all_ended(const struct keeper *keeper);

/* ---- upgrade.c ---- */
void upgrade_begin(struct keeper *keeper, int take_executable);
bool upgrade_reaped(struct keeper *keeper, pid_t pid,
		    int status); /* it was the probe; may not return */
void upgrade_too_late(struct keeper *keeper);
void upgrade_finish(struct keeper *keeper); /* in the new image */
