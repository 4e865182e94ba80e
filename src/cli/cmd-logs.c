/* cmd-logs: what units wrote. The files are read here, without tendd: a log can be looked at when
 * nothing else works, and a reader costs the logger nothing. */
#include "base/limits.h"
#include "base/str.h"
#include "cli/cli.h"
#include "unit/unit.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>

const struct opt cmd_logs_options[] = {
	{ 'f', "follow", NULL, "go on showing what is written, until ^C" },
	{ 'n', "lines", "N", "the last N lines only, or 'all' (with -f 10, else all)" },
	{ 'r', "run", "N", "of run N only ('tend why' gives the numbers)" },
	{ 't', "times", NULL, "the time before each line" },
	{ 'o', "output", "FORMAT", "lines, marks (and starts and ends), cat (the bytes), json" },
	OPT_LOGS_CARE,
	OPT_ALL,
	OPT_UTC,
	OPT_JSON,
	OPT_END,
};
const char cmd_logs_details[] =
	"Lines of several units are merged by time, each behind its unit's name.\n"
	"Names may be globs; a unit that appears while they are followed is\n"
	"followed too. Without a name: all units. On a terminal starts and ends are\n"
	"shown in brackets and escape sequences are made visible.\n"
	"  tend logs -f web\n"
	"  tend logs -n 20 'worker@*'\n"
	"  tend logs -o cat backup >backup.txt";

enum { LOGS_FOLLOWED = 10 };
static const int64_t LOGS_MOST = 1000000000;

static bool
word_fits(const char *word, const char *name)
{
	size_t n = strlen(word);

	if (names_is_glob(word)) {
		return name_matches(word, name);
	}
	n -= str_ends(word, ".service") ? strlen(".service") : 0;
	if (strncmp(word, name, n) != 0) {
		return false;
	}
	/* web: web itself or all of web@...; web@: these */
	return name[n] == '\0' || name[n] == '@' || (n > 0 && word[n - 1] == '@');
}

static bool
is_wanted(const struct cli *cli, const char *name)
{
	char *const *words = cli->args.names;

	for (; *words; words++) {
		if (word_fits(*words, name)) {
			return true;
		}
	}
	return cli->args.names[0] == NULL;
}

static int
compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* the directories of logs, sorted; owned */
static char **
logs_there(const struct cli *cli)
{
	DIR *dir = opendir(cli->places.log);
	char **names = NULL;

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_name[0] != '.') {
			strv_add(&names, entry->d_name);
		}
	}
	if (dir) {
		(void)closedir(dir);
	}
	if (names) {
		qsort(names, strv_length(names), sizeof(*names), compare);
	}
	return names;
}

/* is there a unit of this name that has not written yet? */
static bool
is_unit(const struct cli *cli, const char *name)
{
	autofree char *template = str_format("%s@", name);
	struct err err = { 0 };
	struct unit *unit = unit_load(name, cli->places.units, &err);

	if (!unit && !strchr(name, '@')) {
		unit = unit_load(template, cli->places.units, &err);
	}
	if (!unit) {
		return false;
	}
	(void)unit_unref(unit);
	return true;
}

static int
unknown(const char *word, char *const *there)
{
	struct guess guess;

	guess_begin(&guess, word);
	for (size_t i = 0; there && there[i]; i++) {
		guess_try(&guess, there[i]);
	}
	if (guess.best) {
		complain("%s: there is no such unit; did you mean %s?", word, guess.best);
	} else {
		complain("%s: there is no such unit, and no log of it", word);
	}
	return CLI_NO_UNIT;
}

static int
check_words(struct cli *cli, char *const *there)
{
	char name[LIMIT_NAME + 1];
	int worst = CLI_DONE;

	for (char **word = cli->args.names; *word; word++) {
		bool found = false;
		for (size_t i = 0; there && there[i]; i++) {
			found |= word_fits(*word, there[i]);
		}
		if (found) {
			continue;
		}
		if (names_is_glob(*word)) {
			if (!args_has(&cli->args, "follow")) {
				complain("no log fits %s", *word);
				worst = MAX(worst, CLI_NO_UNIT);
			}
		} else if (!names_check(cli, *word, name)) {
			worst = MAX(worst, CLI_USAGE);
		} else if (!is_unit(cli, name)) {
			int code = unknown(*word, there);
			worst = MAX(worst, code);
		}
	}
	return worst;
}

static size_t
add_all(const struct cli *cli, struct merge *merge, char *const *there, int64_t since)
{
	size_t count = 0;

	for (size_t i = 0; there && there[i]; i++) {
		if (is_wanted(cli, there[i])) {
			count += merge_add(merge, there[i], since);
		}
	}
	return count;
}

static int
follow(const struct cli *cli, struct merge *merge)
{
	struct pollfd p = { .fd = merge_fd(merge), .events = POLLIN };

	if (p.fd < 0) {
		complain("cannot follow: %s", strerror(-p.fd));
		return CLI_FAILED;
	}
	while (!ferror(stdout)) {
		merge_print(merge, false);
		(void)fflush(stdout);
		if (poll(&p, 1, -1) > 0 && merge_woken(merge)) {
			char **there = logs_there(cli);
			(void)add_all(cli, merge, there, MERGE_START);
			(void)strv_free(there);
		}
	}
	return CLI_FAILED;
}

static bool
find_format(const struct cli *cli, enum merge_format *ret_format, struct err *err)
{
	static const struct {
		const char *name;
		enum merge_format format;
	} formats[] = { { "lines", MERGE_LINES },
			{ "marks", MERGE_MARKS },
			{ "cat", MERGE_CAT },
			{ "json", MERGE_JSON } };
	const char *told = args_value(&cli->args, "output");

	*ret_format = cli->json ? MERGE_JSON : screen_is_terminal() ? MERGE_MARKS : MERGE_LINES;
	for (size_t i = 0; told && i < COUNT(formats); i++) {
		if (str_equal(formats[i].name, told)) {
			*ret_format = formats[i].format;
			return true;
		}
	}
	return !told || err_set(err, "--output: '%s' is none of lines, marks, cat, json", told);
}

/* -1: all */
static bool
find_lines(const struct cli *cli, int64_t *ret_lines, struct err *err)
{
	const char *told = args_value(&cli->args, "lines");

	*ret_lines =
		args_has(&cli->args, "follow") && !args_has(&cli->args, "run") ? LOGS_FOLLOWED : -1;
	if (told && str_equal(told, "all")) {
		*ret_lines = -1;
		return true;
	}
	return args_number(&cli->args, "lines", 0, LOGS_MOST, ret_lines, err);
}

static int
show(struct cli *cli, struct merge *merge, int64_t lines, int64_t run)
{
	if (lines >= 0) {
		merge_tail(merge, (size_t)lines);
	}
	if (run > 0 && !merge_run(merge, run)) {
		complain("%s: the log of run %lld is not there (any more)", cli->args.names[0],
			 (long long)run);
		return CLI_FAILED;
	}
	if (args_has(&cli->args, "follow")) {
		return follow(cli, merge);
	}
	merge_print(merge, true);
	return CLI_DONE;
}

static int
show_there(struct cli *cli, enum merge_format format, int64_t lines, int64_t run)
{
	char **there = logs_there(cli);
	struct merge *merge =
		merge_new(cli->places.log, format, args_has(&cli->args, "times"), cli->utc);
	int code = check_words(cli, there);
	size_t count = 0;

	if (code == CLI_DONE) {
		char **words = cli->args.names;
		merge_prefix(merge, !words[0] || words[1] || names_is_glob(words[0]));
		count = add_all(cli, merge, there, MERGE_START);
		if (run > 0 && count != 1) {
			code = complain_usage(cli, "--run is of one unit; %zu are meant", count);
		}
	}
	(void)strv_free(there);
	if (code == CLI_DONE) {
		code = show(cli, merge, lines, run);
	}
	merge = merge_free(merge);
	return code;
}

/* --rotate and its like, of the logs that are meant */
static int
care(struct cli *cli)
{
	char **there = logs_there(cli), **meant = NULL;
	int code = check_words(cli, there);

	for (size_t i = 0; there && there[i]; i++) {
		if (is_wanted(cli, there[i])) {
			strv_add(&meant, there[i]);
		}
	}
	if (code == CLI_DONE && (meant || !cli->args.names[0])) {
		code = logs_care(cli, meant, !cli->args.names[0]);
	}
	(void)strv_free(there);
	(void)strv_free(meant);
	return code;
}

/* each log that is read holds three descriptors */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
cmd_logs(struct cli *cli)
{
	enum merge_format format;
	struct err err = { 0 };
	int64_t lines, run = 0;

	if (!find_format(cli, &format, &err) || !find_lines(cli, &lines, &err) ||
	    !args_number(&cli->args, "run", 1, INT64_MAX, &run, &err)) {
		return complain_usage(cli, "%s", err.text);
	}
	if (!cli_places(cli)) {
		return CLI_FAILED;
	}
	if (logs_care_wanted(cli)) {
		return care(cli);
	}
	raise_limit();
	return show_there(cli, format, lines, run);
}
