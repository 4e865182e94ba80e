/* hit: nothing is signalled by its pid.
 *
 * A pid that was read may be another process's by the time it is used. So: first a pidfd is opened
 * for each, then everything is looked at again, and only then it is asked whether the process of
 * the pidfd is still alive. If so, it had its pid all the time, the second look was at it and at
 * nobody else, and what the second look says of it is true. */
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/processes.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

enum { HIT_SPARE_FDS = 32 };

/* the limit is raised as far as it goes: a pidfd for each */
static bool
make_room(size_t count, struct err *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
		return err_set_errno(err, errno, "cannot ask for the limit of open files");
	}
	if (count + HIT_SPARE_FDS > limit.rlim_max) {
		return err_set(err,
			       "%zu processes at a time are more than the limit of open files "
			       "(%llu) allows; choose fewer",
			       count, (unsigned long long)limit.rlim_max);
	}
	if (count + HIT_SPARE_FDS > limit.rlim_cur) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	return true;
}

bool
hit_hold(struct targets *targets, struct err *err)
{
	if (!make_room(targets->count, err)) {
		return false;
	}
	for (size_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->list[i];

		if (target->fate != FATE_CHOSEN) {
			continue;
		}
		target->pidfd = fd_pidfd(target->pid);
		if (target->pidfd == -ESRCH || target->pidfd == -EINVAL) {
			target->fate = FATE_GONE;
		} else if (target->pidfd < 0) {
			return err_set_errno(err, -target->pidfd, "pid %d cannot be held",
					     (int)target->pid);
		}
	}
	return true;
}

void
hit_confirm(struct targets *targets, const struct targets *again)
{
	for (size_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->list[i];
		const struct target *now = targets_get(again, target->pid);

		if (target->fate != FATE_CHOSEN) {
			continue;
		}
		if (fd_pidfd_dead(target->pidfd)) {
			target->fate = FATE_GONE;
		} else if (!now || now->fate != FATE_CHOSEN || now->start != target->start ||
			   now->uid != target->uid) {
			target->fate = FATE_OTHER;
		} else {
			target->state = now->state;
		}
	}
}

void
hit_send(struct targets *targets, enum fate from, int signal, enum fate to)
{
	for (size_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->list[i];
		int r;

		if (target->fate != from) {
			continue;
		}
		r = fd_pidfd_signal(target->pidfd, signal);
		target->fate = r == 0 ? to : r == -ESRCH ? FATE_GONE : FATE_DENIED;
		target->signal = signal;
		if (r == -ESRCH && from != FATE_CHOSEN) {
			target->fate = FATE_ENDED; /* of the signal before */
		}
		if (r == 0 && target->state == 'T' && signal != SIGSTOP && signal != SIGTSTP) {
			(void)fd_pidfd_signal(target->pidfd, SIGCONT); /* so that it hears it */
		}
	}
}

bool
hit_wait(struct targets *targets, enum fate from, enum fate to, int64_t ns)
{
	struct pollfd *polls = calloc(targets->count + 1, sizeof(*polls));
	int64_t until = clock_now() + ns;
	size_t left;

	CHECK(polls);
	do {
		int64_t ms = MAX(until - clock_now(), 0) / CLOCK_MS;

		left = 0;
		for (size_t i = 0; i < targets->count; i++) {
			struct target *target = &targets->list[i];
			if (target->fate == from && fd_pidfd_dead(target->pidfd)) {
				target->fate = to;
			}
			if (target->fate == from) {
				polls[left++] = (struct pollfd){ target->pidfd, POLLIN, 0 };
			}
		}
		if (left > 0 && clock_now() < until) {
			(void)poll(polls, left, (int)MIN(ms + 1, INT32_MAX));
		}
	} while (left > 0 && clock_now() < until);
	free(polls);
	return left == 0;
}

void
hit_survived(struct targets *targets, enum fate from)
{
	struct census census;

	if (census_open(&census) < 0) {
		return;
	}
	for (size_t i = 0; i < targets->count; i++) {
		struct target *target = &targets->list[i];
		const struct process *process;

		if (target->fate != from) {
			continue;
		}
		target->fate = FATE_ALIVE;
		process = census_add(&census, target->pid, CENSUS_WCHAN);
		if (process && process->stat.start == target->start) {
			target->state = process->stat.state;
			free(target->wchan);
			target->wchan = str_dup(process->wchan);
		}
	}
	census_done(&census);
}
