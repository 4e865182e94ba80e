/* look: one look at the processes for one verb. What is dear is avoided: tendd is asked only when
 * units are shown or may be meant, and where a name decides, only the names of all are read, and
 * everything else only of those that have it. */
#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/processes.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOUNTS_MAX = 16 << 20 };

static int
no_proc(const struct cli *cli)
{
	complain("tend %s reads everything from /proc, which is not mounted here; as root: mount "
		 "-t proc proc /proc",
		 cli->cmd->name);
	return CLI_FAILED;
}

struct named {
	const struct choice *choice;
	pid_t *pids;
	size_t count, size;
};

static bool
remember_name(pid_t pid, const char *comm, void *context)
{
	struct named *named = context;

	if (!choose_fits_name(named->choice, comm)) {
		return true;
	}
	if (named->count == named->size) {
		named->size = named->size ? named->size * 2 : 16;
		named->pids = reallocarray(named->pids, named->size, sizeof(*named->pids));
		CHECK(named->pids);
	}
	named->pids[named->count++] = pid;
	return true;
}

static int
take_named(struct look *look, unsigned want)
{
	struct named named = { .choice = look->choice };
	int r = census_names(&look->census, remember_name, &named);

	census_take_some(&look->census, named.pids, named.count, want);
	free(named.pids);
	return r;
}

static int
take(struct look *look, unsigned want, unsigned flags)
{
	int r;

	if (!(flags & (LOOK_LINKED | LOOK_UNITS)) && !(want & CENSUS_CLOCK) &&
	    choose_by_name(look->choice, look->belongs)) {
		return take_named(look, want);
	}
	r = census_take(&look->census, want);
	if (r == 0) {
		census_link(&look->census);
		if (look->belongs) {
			belongs_mark(look->belongs, &look->census);
		}
	}
	return r;
}

int
look_open(struct cli *cli, unsigned want, unsigned flags, struct look *ret_look)
{
	struct look look = { .cli = cli, .census = { .proc = -1 } };
	int code = CLI_DONE, r;

	look.choice = choose_new(cli);
	if (!look.choice) {
		return CLI_USAGE;
	}
	if ((flags & LOOK_CHOOSING) && choose_is_all(look.choice)) {
		look_done(&look);
		return complain_usage(cli, "which processes? tend %s %s, or an option that chooses",
				      cli->cmd->name, cli->cmd->arguments);
	}
	if (census_open(&look.census) < 0) {
		look_done(&look);
		return no_proc(cli);
	}
	want |= choose_want(look.choice) | (args_has(&cli->args, "kernel") ? CENSUS_KERNEL : 0);
	if ((flags & LOOK_UNITS) || choose_wants_units(look.choice)) {
		look.belongs = belongs_new(cli);
		code = choose_check_units(look.choice, look.belongs);
	}
	r = code == CLI_DONE ? take(&look, want, flags) : 0;
	if (r < 0) {
		complain("cannot read /proc: %s", strerror(-r));
		code = CLI_FAILED;
	}
	if (code != CLI_DONE) {
		look_done(&look);
		return code;
	}
	look.count = choose_from(look.choice, &look.census, look.belongs,
				 flags & LOOK_NOT_SELF ? look.census.self : 0, &look.list);
	*ret_look = look;
	return CLI_DONE;
}

void
look_wait(struct look *look, int64_t sample_ns)
{
	int64_t until = 0;

	for (size_t i = 0; i < look->census.count && until == 0; i++) {
		until = look->census.list[i].clock_at;
	}
	if (sample_ns == 0 || until == 0) {
		return;
	}
	until += sample_ns;
	for (int64_t left; (left = until - clock_now()) > 0;) {
		struct timespec span = { (time_t)(left / CLOCK_S), (long)(left % CLOCK_S) };

		(void)nanosleep(&span, NULL);
	}
	census_clock(&look->census);
}

void
look_done(struct look *look)
{
	census_done(&look->census);
	look->choice = choose_free(look->choice);
	look->belongs = belongs_free(look->belongs);
	free(look->list);
	look->list = NULL;
	look->count = 0;
}

/* /proc mounted so that others are not even listed */
static bool
hides_others(void)
{
	autofree char *text = NULL;
	char *rest;

	if (geteuid() == 0 ||
	    file_read_proc(AT_FDCWD, "/proc/self/mountinfo", MOUNTS_MAX, &text, NULL) < 0) {
		return false;
	}
	rest = text;
	while (rest) {
		const char *line = strsep(&rest, "\n");
		const char *option = strstr(line, "hidepid=");
		if (option && strstr(line, " /proc ") && strstr(line, " - proc ") &&
		    !str_starts(option, "hidepid=0") && !str_starts(option, "hidepid=off")) {
			return true;
		}
	}
	return false;
}

void
look_notes(const struct look *look)
{
	if (look->belongs && !belongs_is_known(look->belongs)) {
		complain("no tendd runs: units are not shown");
	}
	if (look->census.hidden > 0 || hides_others()) {
		complain("processes of other users are hidden from you (/proc is mounted with "
			 "hidepid)");
	}
	if (look->census.foreign) {
		complain("this /proc is that of another pid namespace: its numbers mean nothing "
			 "to kill and nice here");
	}
}
