/* A second's look: one pass over the stat files, which is what its price is measured by, and a few
 * files of the machine. Owners, commands and all else are read for rows that are shown, and kept as
 * long as the process is the same. The units' states come from tendd when it says that one has
 * changed; what they use is summed up here, so that tendd is left alone. */
#include "base/clock.h"
#include "base/str.h"
#include "cli/top.h"
#include <string.h>

enum { SILENT_MS = 500, UNITS_EVERY_S = 30 }; /* descriptions and the like, which nobody tells of */

static void
refresh_units(struct top *top)
{
	int64_t begun = clock_now();
	bool due = begun - top->belongs_at >= UNITS_EVERY_S * CLOCK_S;

	/* whether a tendd has come is asked each time, which is one connect to nobody; one that
	 * does not answer is left alone for a while */
	if (top->belongs && !due && !top->belongs_old &&
	    (belongs_is_known(top->belongs) || top->silent)) {
		return;
	}
	top->belongs = belongs_free(top->belongs);
	top->belongs = belongs_new(top->cli);
	top->belongs_at = clock_now();
	top->silent =
		!belongs_is_known(top->belongs) && top->belongs_at - begun > SILENT_MS * CLOCK_MS;
	top->belongs_old = false;
}

int
top_sample(struct top *top)
{
	unsigned want = CENSUS_STAT | (top->kernel ? CENSUS_KERNEL : 0);
	struct census now = { 0 };
	int r = census_open(&now);

	/* a filter looks at commands, and sorting by name too */
	want |= top->filter[0] || top->sort == TOP_BY_NAME ? CENSUS_OWNER : 0;
	if (r == 0) {
		r = census_take(&now, want);
	}
	if (r < 0) {
		census_done(&now);
		return r;
	}
	if (top->samples > 0) {
		census_since(&now, &top->now);
		census_done(&top->now);
	}
	top->now = now;
	census_link(&top->now);
	refresh_units(top);
	belongs_mark(top->belongs, &top->now);
	top->load_before = top->load;
	top->at_before = top->at;
	r = proc_load(&top->load);
	top->at = clock_now();
	top->samples++;
	return r;
}

void
top_sample_done(struct top *top)
{
	census_done(&top->now);
	top->belongs = belongs_free(top->belongs);
}

double
top_age(const struct top *top, const struct process *process)
{
	return (double)census_age(&top->now, process) / 1e9;
}

static double
busy(const struct proc_cpu *now, const struct proc_cpu *then, bool waiting)
{
	double all = (double)(now->busy + now->idle + now->waiting) -
		     (double)(then->busy + then->idle + then->waiting);
	double part = waiting ? (double)now->waiting - (double)then->waiting
			      : (double)now->busy - (double)then->busy;

	return all > 0 && part > 0 ? part * 100 / all : 0;
}

double
top_core(const struct top *top, size_t cpu)
{
	return busy(&top->load.cpu[cpu], &top->load_before.cpu[cpu], false);
}

static double
rate(uint64_t now, uint64_t then, double seconds)
{
	return now > then && seconds > 0 ? (double)(now - then) / seconds : 0;
}

void
top_rates(const struct top *top, struct top_rates *ret_rates)
{
	const struct proc_load *now = &top->load, *then = &top->load_before;
	double seconds = top->at_before ? (double)(top->at - top->at_before) / 1e9 : 0;

	*ret_rates = (struct top_rates){
		.cpu = busy(&now->all, &then->all, false),
		.waiting = busy(&now->all, &then->all, true),
		.disk_read = rate(now->disk_read, then->disk_read, seconds),
		.disk_written = rate(now->disk_written, then->disk_written, seconds),
		.net_in = rate(now->net_in, then->net_in, seconds),
		.net_out = rate(now->net_out, then->net_out, seconds),
	};
}
