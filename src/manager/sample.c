/* sample: cpu time, memory and threads of what a unit runs, taken when somebody asks and kept for
 * SAMPLE_NS, so that a list of a thousand units asked for again and again costs the reading once a
 * second. Nothing samples by itself.
 *
 * With a group all its processes count; without one, main alone in a list (status looks at all of
 * them). */
#include "manager/core.h"

static const int64_t SAMPLE_NS = CLOCK_S;

struct sum {
	uint64_t ticks, memory;
	int64_t tasks;
};

static void
sample_add(struct sum *sum, pid_t pid)
{
	struct proc_stat stat;

	if (proc_stat(pid, &stat) == 0 && stat.state != 'Z') {
		sum->ticks += stat.utime + stat.stime;
		sum->memory += stat.rss;
		sum->tasks += stat.threads;
	}
}

static void
sample_group(struct member *member, int group, struct sum *sum)
{
	autofree pid_t *pids = NULL;
	size_t count = 0;
	int64_t used = cgroup_number(group, "cpu.stat", "usage_usec");
	int64_t memory = cgroup_number(group, "memory.current", NULL);

	(void)member;
	if (cgroup_pids(group, &pids, &count) == 0) {
		for (size_t i = 0; i < count; i++) {
			sample_add(sum, pids[i]);
		}
	}
	if (used >= 0) { /* also of processes that have ended */
		sum->ticks = (uint64_t)used * proc_ticks() / 1000000;
	}
	if (memory >= 0) {
		sum->memory = (uint64_t)memory;
	}
}

void
sample_take(struct member *member)
{
	struct sum sum = { 0 };
	int64_t now = clock_now(), cpu_us, span;

	if (member->sample.at && now - member->sample.at < SAMPLE_NS) {
		return;
	}
	if (!member->child[PART_MAIN].pid && service_is_down(&member->service)) {
		member->sample.memory = 0;
		member->sample.tasks = 0;
		member->sample.share = 0;
		member->sample.cpu_us = 0;
		return;
	}
	if (member->has_group && !member->foreign_kin) {
		autoclose int group = groups_look(member);
		if (group >= 0) {
			sample_group(member, group, &sum);
		}
	} else if (member->child[PART_MAIN].pid) {
		sample_add(&sum, member->child[PART_MAIN].pid);
	}
	cpu_us = (int64_t)(sum.ticks * 1000000 / proc_ticks());
	span = member->sample.at > member->service.started ? now - member->sample.at
							   : now - member->service.started;
	if (member->sample.at <= member->service.started) {
		member->sample.cpu_us = 0;
	}
	member->sample.share = span > 0 ? (double)MAX(cpu_us - member->sample.cpu_us, 0) * 1000.0 *
						  100.0 / (double)span
					: 0;
	member->sample.cpu_us = cpu_us;
	member->sample.memory = sum.memory;
	member->sample.tasks = sum.tasks;
	member->sample.at = now;
}
