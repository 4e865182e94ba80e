/* The head: what the machine does, in one to five lines, by how much room there is. */
#include "base/clock.h"
#include "base/span.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/top.h"
#include <string.h>

enum { HEAD_FULL_ROWS = 16, CORES_BY_NUMBER = 8 };

static void
add_size(struct buf *line, double bytes, const char *after)
{
	char text[32];

	(void)buf_addf(line, "%s%s", size_show((uint64_t)bytes, text, sizeof(text)), after);
}

static void
add_states(const struct top *top, struct buf *line)
{
	size_t running = 0, failed = 0, units = 0, zombies = 0;

	for (size_t i = 0; i < top->group_count; i++) {
		const char *state = phrase_get(top->groups[i].unit, "state");
		units += top->groups[i].unit != NULL;
		running += str_equal(state, "running");
		failed += str_equal(state, "failed");
	}
	for (size_t i = 0; i < top->now.count; i++) {
		zombies += top->now.list[i].stat.state == 'Z';
	}
	if (belongs_is_known(top->belongs)) {
		(void)buf_addf(line, ", %zu unit%s: %zu running", units, units == 1 ? "" : "s",
			       running);
		if (failed > 0) {
			(void)buf_addf(line, ", %zu failed", failed);
		}
	} else {
		(void)buf_add_str(line, ", no tendd");
	}
	(void)buf_addf(line, ", %zu processes", top->now.count);
	if (zombies > 0) {
		(void)buf_addf(line, ", %zu zombie%s", zombies, zombies > 1 ? "s" : "");
	}
	if (top->now.hidden > 0) {
		(void)buf_addf(line, " (%zu hidden from you)", top->now.hidden);
	}
}

static void
put_first(const struct top *top, int width)
{
	struct buf line;
	char uptime[32];

	buf_init(&line, 4096);
	(void)buf_addf(&line, "up %s, load %.2f %.2f %.2f",
		       span_show_short((int64_t)(top->load.uptime * 1e9), uptime, sizeof(uptime)),
		       top->load.load[0], top->load.load[1], top->load.load[2]);
	add_states(top, &line);
	(void)top_screen_put(0, 0, width, TOP_BOLD, buf_str(&line));
	buf_done(&line);
}

static void
put_cpu(const struct top *top, const struct top_rates *rates, int y, int width)
{
	static const char *const steps[][8] = {
		{ "_", ".", ":", "-", "=", "+", "*", "#" },
		{ "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
	};
	struct buf line;

	buf_init(&line, 16384);
	(void)buf_addf(&line, "cpu      %5.1f%%, %.1f%% waiting for disks  ", rates->cpu,
		       rates->waiting);
	for (size_t i = 0; i < top->load.cpus; i++) {
		double busy = top_core(top, i);
		if (top->load.cpus <= CORES_BY_NUMBER) {
			(void)buf_addf(&line, " %zu:%.0f%%", i, busy);
		} else { /* one character each */
			size_t step = (size_t)(busy * 7.99 / 100);
			(void)buf_add_str(&line, steps[top->utf8][MIN(step, 7)]);
		}
	}
	(void)top_screen_put(y, 0, width, TOP_PLAIN, buf_str(&line));
	buf_done(&line);
}

static void
put_memory(const struct top *top, int y, int width)
{
	const struct proc_load *load = &top->load;
	double used = (double)load->memory - (double)load->available;
	struct buf line;

	buf_init(&line, 4096);
	(void)buf_addf(&line, "memory   %5.1f%%, ",
		       load->memory ? used * 100 / (double)load->memory : 0);
	add_size(&line, used, " of ");
	add_size(&line, (double)load->memory, ", files ");
	add_size(&line, (double)load->cached, load->swap ? "; swap " : "; no swap");
	if (load->swap) {
		add_size(&line, (double)(load->swap - MIN(load->swap_free, load->swap)), " of ");
		add_size(&line, (double)load->swap, "");
	}
	(void)top_screen_put(y, 0, width, TOP_PLAIN, buf_str(&line));
	buf_done(&line);
}

static void
put_pressure(const struct top *top, int y, int width)
{
	static const char *const names[] = { "cpu", "memory", "io" };
	struct buf line;
	enum top_paint paint = TOP_PLAIN;

	buf_init(&line, 4096);
	(void)buf_add_str(&line, "pressure ");
	for (size_t i = 0; i < COUNT(names); i++) {
		double value = top->load.pressure[i];
		if (value < 0) {
			(void)buf_addf(&line, " %s -", names[i]);
		} else {
			(void)buf_addf(&line, " %s %.1f%%", names[i], value);
			paint = value >= 20 && i > 0 ? TOP_WARN : paint;
		}
	}
	(void)buf_add_str(&line, "  (of the last 10 s somebody waited for it)");
	(void)top_screen_put(y, 0, width, paint, buf_str(&line));
	buf_done(&line);
}

static void
put_rates(const struct top *top, const struct top_rates *rates, int y, int width)
{
	struct buf line;

	buf_init(&line, 4096);
	(void)buf_add_str(&line, "disk      ");
	if (top->load.disks) {
		add_size(&line, rates->disk_read, "/s read, ");
		add_size(&line, rates->disk_written, "/s written");
	} else {
		(void)buf_add_str(&line, "not told here");
	}
	(void)buf_add_str(&line, "; network ");
	if (top->load.nets) {
		add_size(&line, rates->net_in, "/s in, ");
		add_size(&line, rates->net_out, "/s out");
	} else {
		(void)buf_add_str(&line, "not told here");
	}
	(void)top_screen_put(y, 0, width, TOP_PLAIN, buf_str(&line));
	buf_done(&line);
}

int
top_head(const struct top *top)
{
	struct top_rates rates;
	int rows, columns;

	top_screen_size(&rows, &columns);
	top_rates(top, &rates);
	put_first(top, columns);
	if (rows < HEAD_FULL_ROWS) {
		return 1;
	}
	put_cpu(top, &rates, 1, columns);
	put_memory(top, 2, columns);
	put_pressure(top, 3, columns);
	put_rates(top, &rates, 4, columns);
	return 5;
}
