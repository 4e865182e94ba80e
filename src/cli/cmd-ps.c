/* cmd-ps: a line for each process. What it uses of the cpu now is the difference between two looks
 * at the cpu clocks; while many processes are read, the time between has gone by already, else
 * it is waited for. */
#include "base/check.h"
#include "base/clock.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/processes.h"
#include <string.h>

static const int64_t SAMPLE_NS = 100 * CLOCK_MS; /* a few of the kernel's ticks */
enum { WATCH_EVERY_MS = 1000, TOP_MAX = 1000000 };

const struct opt cmd_ps_options[] = {
	CHOOSE_OPTIONS,
	{ 'o', "columns", "NAME,...", "these columns; 'help' lists all" },
	{ 's', "sort", "NAME,...",
	  "by these columns, numbers the largest first; -NAME: turned around" },
	{ 'n', "top", "N", "only the first N" },
	{ 0, "sample", "TIME", "cpu is measured over this time (100ms); 0: not at all" },
	{ 0, "format", "FORMAT", "as ps prints it: aux, ef or ajx" },
	{ 'w', "watch", NULL, "again every second, until ^C" },
	OPT_UTC,
	OPT_JSON,
	OPT_END,
};
const char cmd_ps_details[] =
	CHOOSE_HELP "\n"
		    "cpu is what is used now, of one cpu; time is all that was used.\n"
		    "A zombie has ended: its line names the parent that does not reap it. An\n"
		    "orphan's parent has ended. Without a word or an option: all processes\n"
		    "but threads of the kernel.\n"
		    "  tend ps nginx                 its processes\n"
		    "  tend ps -f server.js          with that in the command line\n"
		    "  tend ps --sort cpu --top 10\n"
		    "  tend ps --user www --state zombie,orphan\n"
		    "  tend ps -o pid,user,started,command --unit web";

static const char standard[] = "unit,pid,user,state,cpu,memory,threads,age,tty,command";

struct ps {
	struct cli *cli;
	struct columns columns, sort;
	bool sorted, chose_columns, noted;
	int64_t sample, top;
	enum procps_format format;
};

static bool
parse(struct cli *cli, struct ps *ps, struct err *err)
{
	const struct args *args = &cli->args;
	const char *columns = args_value(args, "columns"), *sort = args_value(args, "sort");
	const char *sample = args_value(args, "sample"), *format = args_value(args, "format");

	*ps = (struct ps){ .cli = cli, .sample = SAMPLE_NS, .top = TOP_MAX };
	if (sample && (span_parse(sample, &ps->sample) < 0 || ps->sample > 60 * CLOCK_S)) {
		return err_set(err, "--sample: '%s' is no time up to a minute; 500ms would be",
			       sample);
	}
	if (format && (columns || cli->json)) {
		return err_set(err, "--format and %s: one or the other",
			       columns ? "--columns" : "--json");
	}
	if (format && !procps_parse(format, &ps->format)) {
		return err_set(err, "--format: '%s' is none of aux, ef, ajx", format);
	}
	ps->sorted = sort != NULL;
	ps->chose_columns = columns != NULL;
	return columns_parse(columns ? columns : standard, false, &ps->columns, err) &&
	       (!sort || columns_parse(sort, true, &ps->sort, err)) &&
	       args_number(args, "top", 1, TOP_MAX, &ps->top, err);
}

static unsigned
want_of(const struct ps *ps)
{
	unsigned want = ps->sorted ? columns_want(&ps->sort) : 0;

	if (ps->format) {
		want |= procps_want(ps->format);
	} else if (ps->cli->json) {
		want |= COLUMNS_JSON_WANT | CENSUS_CLOCK;
	} else {
		want |= columns_want(&ps->columns);
	}
	return ps->sample == 0 ? want & ~(unsigned)CENSUS_CLOCK : want;
}

static bool
wants_units(const struct ps *ps)
{
	return (ps->sorted && columns_has(&ps->sort, "unit")) ||
	       (!ps->format && (ps->cli->json || columns_has(&ps->columns, "unit")));
}

static void
put_json(const struct look *look)
{
	json_auto_t *all = json_array();

	for (size_t i = 0; i < look->count; i++) {
		(void)json_array_append_new(all, columns_json(look, look->list[i]));
	}
	phrase_print(all);
}

static void
put(struct ps *ps, struct look *look)
{
	struct columns columns = ps->columns;

	if (ps->format) {
		procps_print(look, ps->format);
	} else if (ps->cli->json) {
		put_json(look);
	} else {
		if (!ps->chose_columns && !belongs_is_known(look->belongs)) {
			columns_remove(&columns, "unit");
		}
		columns_print(look, &columns);
	}
}

static void
note(struct ps *ps, const struct look *look)
{
	if (!ps->noted && !ps->cli->json && !ps->format) {
		look_notes(look);
	}
	ps->noted = true;
}

static int
draw(void *context)
{
	struct ps *ps = context;
	bool watched = args_has(&ps->cli->args, "watch");
	struct look look;
	int code = look_open(ps->cli, want_of(ps), LOOK_LINKED | (wants_units(ps) ? LOOK_UNITS : 0),
			     &look);

	if (code != CLI_DONE) {
		return code;
	}
	look_wait(&look, ps->sample);
	if (ps->sorted) {
		columns_sort(&look, &ps->sort);
	}
	look.count = MIN(look.count, (size_t)ps->top);
	if (watched && screen_is_terminal()) { /* what fits, and the line of titles */
		look.count = MIN(look.count, screen_rows() - MIN(screen_rows(), 2));
	}
	if (look.count > 0 || ps->cli->json || watched) {
		put(ps, &look);
	} else {
		complain("no process fits");
		code = CLI_FAILED;
	}
	note(ps, &look);
	look_done(&look);
	return code;
}

int
cmd_ps(struct cli *cli)
{
	const char *columns = args_value(&cli->args, "columns");
	struct err err = { 0 };
	struct ps ps;

	if (columns && str_equal(columns, "help")) {
		columns_help();
		return CLI_DONE;
	}
	if (!parse(cli, &ps, &err)) {
		return complain_usage(cli, "%s", err.text);
	}
	return args_has(&cli->args, "watch") ? again_draw(WATCH_EVERY_MS, draw, &ps) : draw(&ps);
}
