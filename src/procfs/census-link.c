/* What follows from all processes together: who is whose child, what was used between two looks,
 * and who has lost its parent.
 *
 * An orphan leaves no trace of its first parent, but of the session and the group it was born
 * into: it is in a session that it does not lead, and whoever is its parent now is not in it; or
 * init has it, and the leader of its group is gone. A daemon leads a session of its own and is
 * none. (One whose living parent moved to a new session after the fork looks the same; that is
 * rare, and there is no better way.) */
#include "base/check.h"
#include "base/clock.h"
#include "procfs/census-read.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* a look takes time, and a pid may have got another process in it: a parent is older than its
 * child, and of two that began in the same tick no circle is made */
static struct process *
parent_of(const struct census *census, struct process *process)
{
	struct process *parent = census_find(census, process->stat.ppid);

	if (!parent || parent == process || parent->stat.start > process->stat.start) {
		return NULL;
	}
	if (parent->stat.start == process->stat.start) {
		for (const struct process *at = parent; at; at = at->parent) {
			if (at == process) {
				return NULL;
			}
		}
	}
	return parent;
}

static bool
is_orphan(const struct census *census, const struct process *process)
{
	const struct proc_stat *stat = &process->stat;

	if (stat->sid == stat->pid || stat->sid == 0 || stat->ppid == 0 ||
	    (stat->flags & PROC_KERNEL_THREAD)) {
		return false;
	}
	if (process->parent && process->parent->stat.sid != stat->sid) {
		return true;
	}
	return stat->ppid == 1 && stat->pgid != stat->pid && !census_find(census, stat->pgid);
}

void
census_link(struct census *census)
{
	for (size_t i = 0; i < census->count; i++) {
		census->list[i].parent = census->list[i].child = census->list[i].next = NULL;
	}
	for (size_t i = 0; i < census->count; i++) {
		census->list[i].parent = parent_of(census, &census->list[i]);
	}
	for (size_t i = census->count; i-- > 0;) { /* backwards: children end up in order */
		struct process *process = &census->list[i];

		if (process->parent) {
			process->next = process->parent->child;
			process->parent->child = process;
		}
		process->orphan = is_orphan(census, process);
	}
}

bool
census_is_below(const struct process *process, const struct process *above)
{
	while (process && process != above) {
		process = process->parent;
	}
	return process != NULL;
}

/* A clock of one that runs is behind by up to a tick, so over a short time the difference may be
 * more than the time */
static double
share_of(const struct process *process, int64_t used, int64_t span)
{
	double share = (double)MAX(used, 0) / (double)span;

	return MIN(share, (double)MAX(process->stat.threads, 1));
}

void
census_clock(struct census *census)
{
	for (size_t i = 0; i < census->count; i++) {
		struct process *process = &census->list[i];
		int64_t before = process->clock_at;
		uint64_t used;

		if (!(process->has & CENSUS_CLOCK) ||
		    !census_read_clock(census, process->stat.pid, &used)) {
			continue;
		}
		process->clock_at = clock_now();
		/* less than before: another process has the pid by now */
		if (process->clock_at > before && used >= process->cpu_ns) {
			process->share = share_of(process, (int64_t)(used - process->cpu_ns),
						  process->clock_at - before);
			process->cpu_ns = used;
		}
	}
}

/* in ns, by the clock if both have it */
static bool
used_between(const struct census *census, const struct process *now, const struct census *before,
	     const struct process *then, int64_t *ret_used, int64_t *ret_span)
{
	if (now->has & then->has & CENSUS_CLOCK) {
		*ret_used = (int64_t)(now->cpu_ns - then->cpu_ns);
		*ret_span = now->clock_at - then->clock_at;
	} else {
		uint64_t ticks =
			now->stat.utime + now->stat.stime - then->stat.utime - then->stat.stime;
		*ret_used = (int64_t)ticks * (CLOCK_S / (int64_t)proc_ticks());
		*ret_span = census->boot - before->boot;
	}
	return *ret_span > 0;
}

void
census_since(struct census *census, struct census *before)
{
	size_t k = 0;

	for (size_t i = 0; i < census->count; i++) {
		struct process *now = &census->list[i], *then;
		int64_t used, span;

		while (k < before->count && before->list[k].stat.pid < now->stat.pid) {
			k++;
		}
		then = k < before->count ? &before->list[k] : NULL;
		if (!then || then->stat.pid != now->stat.pid ||
		    then->stat.start != now->stat.start) {
			continue;
		}
		if (used_between(census, now, before, then, &used, &span)) {
			now->share = share_of(now, used, span);
		}
		if (!(now->has & CENSUS_COMMAND) && (then->has & CENSUS_COMMAND) &&
		    str_equal(now->stat.comm, then->stat.comm)) {
			now->command = then->command;
			now->command_length = then->command_length;
			now->has |= CENSUS_COMMAND;
			then->command = NULL;
			then->has &= ~(unsigned)CENSUS_COMMAND;
		}
	}
}

/* ---- threads ---- */
static void
add_thread(struct process *process, size_t *size, const struct proc_stat *stat)
{
	struct process_thread *thread;

	if (process->thread_count == *size) {
		*size = MAX(*size * 2, 8);
		process->threads = reallocarray(process->threads, *size, sizeof(*process->threads));
		CHECK(process->threads);
	}
	thread = &process->threads[process->thread_count++];
	thread->tid = stat->pid;
	thread->state = stat->state;
	memcpy(thread->comm, stat->comm, sizeof(thread->comm));
}

void
census_threads(struct census *census, struct process *process)
{
	autofree char *path = str_format("%d/task", (int)process->stat.pid);
	int fd = openat(census->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	size_t size = 0;

	process->threads = (free(process->threads), NULL);
	process->thread_count = 0;
	while (directory && (entry = readdir(directory))) {
		autofree char *file = str_format("task/%s/stat", entry->d_name);
		struct proc_stat stat;
		const char *at = entry->d_name;
		ssize_t n;

		if (*at < '1' || *at > '9') {
			continue;
		}
		n = census_read_file(census, process->stat.pid, file);
		if (n > 0 && proc_stat_scan((pid_t)proc_number(&at), census->buffer, (size_t)n,
					    &stat) == 0) {
			add_thread(process, &size, &stat);
		}
	}
	if (directory) {
		(void)closedir(directory);
	}
}
