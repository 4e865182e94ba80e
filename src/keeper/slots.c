/* Both tables are plain arrays that are looked through. A place that is free has number 0; the top
 * comes down when the last ones are freed, so a search costs what is in use. */
#include "base/fd.h"
#include "keeper/within.h"
#include <errno.h>
#include <sys/resource.h>

enum {
	RESERVED_DESCRIPTORS = 16
}; /* two pairs, a probe, a few received at once: what starting a role needs */

int
slots_find(const struct keeper *keeper, uint64_t number)
{
	for (uint32_t i = 0; i < keeper->top; i++) {
		if (keeper->numbers[i] == number) {
			return (int)i;
		}
	}
	return SLOT_NONE;
}

int
slots_find_pid(const struct keeper *keeper, pid_t pid)
{
	for (uint32_t i = 0; i < keeper->top; i++) {
		if (keeper->pids[i] == pid) {
			return (int)i;
		}
	}
	return SLOT_NONE;
}

int
slots_take(struct keeper *keeper, uint64_t number)
{
	int slot = slots_find(keeper, 0);
	struct slot *s;

	if (slot == SLOT_NONE) {
		if (keeper->top == LIMIT_CHILDREN) {
			return SLOT_NONE;
		}
		slot = (int)keeper->top++;
	}
	keeper->numbers[slot] = number;
	keeper->pids[slot] = 0;
	s = &keeper->slots[slot];
	/* a place on the list of the untold is kept: it may still be linked there */
	*s = (struct slot){ .error_pipe = -1, .next = s->next, .queued = s->queued };
	return slot;
}

void
slots_free(struct keeper *keeper, int slot)
{
	struct slot *s = &keeper->slots[slot];

	s->error_pipe = fd_close(s->error_pipe);
	s->untold = 0;
	keeper->numbers[slot] = 0;
	keeper->pids[slot] = 0;
	while (keeper->top > 0 && keeper->numbers[keeper->top - 1] == 0) {
		keeper->top--;
	}
}

static int
find_key(const struct keeper *keeper, uint64_t key)
{
	for (uint32_t i = 0; i < keeper->held_count; i++) {
		if (keeper->keys[i] == key) {
			return (int)i;
		}
	}
	return SLOT_NONE;
}

int
slots_held(const struct keeper *keeper, uint64_t key)
{
	int at = find_key(keeper, key);

	return at == SLOT_NONE ? -1 : keeper->held[at];
}

bool
slots_is_scarce(int fd)
{
	struct rlimit limit;

	/* the kernel gives the lowest number that is free, so a high one means that few are left */
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       (rlim_t)fd + RESERVED_DESCRIPTORS >= limit.rlim_cur;
}

int
slots_hold(struct keeper *keeper, uint64_t key, int take_fd)
{
	int at = find_key(keeper, key);

	if (at != SLOT_NONE) {
		(void)fd_close(keeper->held[at]);
		keeper->held[at] = take_fd;
		return 0;
	}
	if (keeper->held_count == LIMIT_HELD || slots_is_scarce(take_fd)) {
		(void)fd_close(take_fd);
		return keeper->held_count == LIMIT_HELD ? -ENOSPC : -EMFILE;
	}
	keeper->keys[keeper->held_count] = key;
	keeper->held[keeper->held_count++] = take_fd;
	return 0;
}

/* The last one takes its place. The list is told from the top downwards, so one that was not told
 * yet can only move down to where it still will be. */
static void
drop(struct keeper *keeper, uint32_t at)
{
	uint32_t last = --keeper->held_count;

	(void)fd_close(keeper->held[at]);
	keeper->keys[at] = keeper->keys[last];
	keeper->held[at] = keeper->held[last];
	if (keeper->held_untold > keeper->held_count) {
		keeper->held_untold = keeper->held_count;
	}
}

void
slots_drop(struct keeper *keeper, uint64_t key)
{
	int at = find_key(keeper, key);

	if (at != SLOT_NONE) {
		drop(keeper, (uint32_t)at);
	}
}

void
slots_drop_service(struct keeper *keeper, uint64_t service)
{
	for (uint32_t i = keeper->held_count; i > 0; i--) {
		if (HELD_SERVICE(keeper->keys[i - 1]) == service) {
			drop(keeper, i - 1);
		}
	}
}
