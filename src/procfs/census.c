/* A list of processes is the same three system calls ten thousand times, so nothing else may cost:
 * paths are relative to a held /proc and made by hand, numbers are read by hand, and one large
 * buffer serves all files. A file that does not fit (a command line of megabytes) is read on into
 * the heap. */
#include "procfs/census.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "procfs/census-read.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { ENTRIES = 64 << 10, FIRST = 256 };

int
census_open(struct census *ret_census)
{
	struct census census = { .proc = -1 };
	struct statfs status;
	char self[16];
	ssize_t n;

	census.proc = fd_raise(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (!fd_is_open(census.proc)) {
		return -ENOSYS;
	}
	if (fstatfs(census.proc, &status) < 0 || status.f_type != PROC_SUPER_MAGIC) {
		(void)fd_close(census.proc);
		return -ENOSYS;
	}
	n = readlinkat(census.proc, "self", self, sizeof(self) - 1);
	if (n > 0) {
		const char *at = self;

		self[n] = '\0';
		census.self = (pid_t)proc_number(&at);
	}
	census.foreign = census.self != getpid();
	census.buffer = malloc(CENSUS_BUFFER);
	census.entries = malloc(ENTRIES);
	CHECK(census.buffer && census.entries);
	*ret_census = census;
	return 0;
}

static void
process_done(struct process *process)
{
	free(process->command);
	free(process->status);
	free(process->wchan);
	free(process->threads);
}

void
census_done(struct census *census)
{
	for (size_t i = 0; i < census->count; i++) {
		process_done(&census->list[i]);
	}
	free(census->list);
	free(census->buffer);
	free(census->entries);
	(void)fd_close(census->proc);
	*census = (struct census){ .proc = -1 };
}

static struct process *
next_place(struct census *census)
{
	if (census->count == census->size) {
		census->size = MAX(census->size * 2, FIRST);
		census->list = reallocarray(census->list, census->size, sizeof(*census->list));
		CHECK(census->list);
	}
	census->list[census->count] = (struct process){ .share = -1 };
	return &census->list[census->count];
}

/* 0, or why it is not in the list */
static int
take_one(struct census *census, pid_t pid, unsigned want)
{
	struct process *process = next_place(census);
	int r = census_read_stat(census, pid, &process->stat);

	if (r < 0) {
		census->hidden += r == -EPERM;
		return r;
	}
	if ((process->stat.flags & PROC_KERNEL_THREAD) && !(want & CENSUS_KERNEL)) {
		return -ESRCH;
	}
	census_read_more(census, process, want);
	census->count++;
	return 0;
}

/* numbers of /proc, by the system call: the library's readdir looks at each entry twice */
static int
each_pid(struct census *census, bool (*on)(struct census *census, pid_t pid, void *context),
	 void *context)
{
	const char *entries = census->entries;

	if (lseek(census->proc, 0, SEEK_SET) < 0) {
		return -errno;
	}
	for (;;) {
		long n = syscall(SYS_getdents64, census->proc, census->entries, ENTRIES);

		if (n <= 0) {
			return n < 0 ? -errno : 0;
		}
		for (long at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(entries + at);
			const char *name = entry->d_name;

			if (*name >= '1' && *name <= '9' &&
			    !on(census, (pid_t)proc_number(&name), context)) {
				return 0;
			}
			at += entry->d_reclen;
		}
	}
}

struct sample {
	pid_t pid;
	int64_t at; /* 0: its clock was not read */
	uint64_t ns;
};
struct samples {
	struct sample *list;
	size_t count, size;
};

static bool
collect(struct census *census, pid_t pid, void *context)
{
	struct samples *samples = context;

	(void)census;
	if (samples->count == samples->size) {
		samples->size = MAX(samples->size * 2, FIRST);
		samples->list = reallocarray(samples->list, samples->size, sizeof(*samples->list));
		CHECK(samples->list);
	}
	samples->list[samples->count++] = (struct sample){ .pid = pid };
	return true;
}

/* all clocks before the first file: so the time until they are asked again is the same for all, and
 * as long as the reading takes */
static void
read_clocks(const struct census *census, struct samples *samples)
{
	for (size_t i = 0; i < samples->count; i++) {
		struct sample *sample = &samples->list[i];

		if (census_read_clock(census, sample->pid, &sample->ns)) {
			sample->at = clock_now();
		}
	}
}

static int
compare(const void *a, const void *b)
{
	pid_t left = ((const struct process *)a)->stat.pid;
	pid_t right = ((const struct process *)b)->stat.pid;

	return (left > right) - (left < right);
}

/* the kernel gives them in order; that is nowhere promised */
static void
sort(struct census *census)
{
	for (size_t i = 1; i < census->count; i++) {
		if (census->list[i - 1].stat.pid > census->list[i].stat.pid) {
			qsort(census->list, census->count, sizeof(*census->list), compare);
			return;
		}
	}
}

static void
take_samples(struct census *census, struct samples *samples, unsigned want)
{
	if (want & CENSUS_CLOCK) {
		read_clocks(census, samples);
	}
	for (size_t i = 0; i < samples->count; i++) {
		const struct sample *sample = &samples->list[i];

		if (take_one(census, sample->pid, want & ~(unsigned)CENSUS_CLOCK) == 0 &&
		    sample->at) {
			struct process *process = &census->list[census->count - 1];

			process->clock_at = sample->at;
			process->cpu_ns = sample->ns;
			process->has |= CENSUS_CLOCK;
		}
	}
	free(samples->list);
	sort(census);
}

int
census_take(struct census *census, unsigned want)
{
	struct samples samples = { 0 };
	int r;

	census->boot = clock_boot();
	r = each_pid(census, collect, &samples);
	take_samples(census, &samples, want);
	return r;
}

void
census_take_some(struct census *census, const pid_t *pids, size_t count, unsigned want)
{
	struct samples samples = { 0 };

	census->boot = clock_boot();
	for (size_t i = 0; i < count; i++) {
		(void)collect(census, pids[i], &samples);
	}
	take_samples(census, &samples, want);
}

struct process *
census_add(struct census *census, pid_t pid, unsigned want)
{
	struct process *process = census_find(census, pid);

	if (process) {
		return census_read(census, process, want) ? process : NULL;
	}
	census->boot = census->boot ? census->boot : clock_boot();
	if (take_one(census, pid, want | CENSUS_KERNEL) < 0) {
		return NULL;
	}
	sort(census);
	return census_find(census, pid);
}

struct process *
census_find(const struct census *census, pid_t pid)
{
	size_t low = 0, high = census->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (census->list[middle].stat.pid < pid) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < census->count && census->list[low].stat.pid == pid ? &census->list[low] : NULL;
}

bool
census_read(struct census *census, struct process *process, unsigned want)
{
	struct proc_stat again;

	if (!(want & ~process->has)) {
		return true;
	}
	census_read_more(census, process, want & ~process->has);
	return census_read_stat(census, process->stat.pid, &again) == 0 &&
	       again.start == process->stat.start;
}

struct naming {
	bool (*on)(pid_t pid, const char *comm, void *context);
	void *context;
};

static bool
name_pid(struct census *census, pid_t pid, void *context)
{
	const struct naming *naming = context;
	ssize_t n = census_read_file(census, pid, "comm");

	if (n <= 0) {
		census->hidden += n == -EPERM;
		return true;
	}
	if (census->buffer[n - 1] == '\n') {
		census->buffer[n - 1] = '\0';
	}
	return naming->on(pid, census->buffer, naming->context);
}

int
census_names(struct census *census, bool (*on)(pid_t pid, const char *comm, void *context),
	     void *context)
{
	struct naming naming = { on, context };

	census->boot = clock_boot();
	return each_pid(census, name_pid, &naming);
}

int64_t
census_age(const struct census *census, const struct process *process)
{
	uint64_t ticks = proc_ticks();
	int64_t start = (int64_t)(process->stat.start / ticks) * CLOCK_S +
			(int64_t)(process->stat.start % ticks) * CLOCK_S / (int64_t)ticks;

	return MAX(census->boot - start, 0);
}
