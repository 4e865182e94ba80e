/* cmd-logs: what units wrote. The files are read here, without tendd: a log can be looked at when
 * nothing else works, and a reader costs the logger nothing. */
#include "base/limits.h"
#include "base/str.h"
#include "cli/logview.h"
#include "unit/unit.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>

const struct opt cmd_logs_options[] = {
	{ 'f', "follow", NULL, "go on showing what is written, until ^C" },
	{ 'n', "lines", "N", "the last N lines only, or 'all' (with -f 10, else all)" },
	{ 'e', "pager-end", NULL, "the last 1000 lines, the pager at their end" },
	{ 'r', "reverse", NULL, "newest first" },
	{ 'S', "since", "TIME", "from then on: '10 min ago', 'yesterday 14:00', 'run -1' ..." },
	{ 'U', "until", "TIME", "up to then" },
	{ 0, "run", "N", "run N only; 0 is the last one, -1 the one before" },
	{ 'g', "grep", "PATTERN", "lines that match (Perl's patterns)" },
	{ 'i', "ignore-case", NULL, "capitals do not matter, also where PATTERN has some" },
	{ 0, "case-sensitive", NULL, "they do, also where it has none" },
	{ 'v', "invert", NULL, "lines that do not match" },
	{ 'A', "after-context", "N", "and N lines after each" },
	{ 'B', "before-context", "N", "and N lines before each" },
	{ 'C', "context", "N", "and N lines on both sides" },
	{ 0, "err", NULL, "standard error only, of units that keep it apart" },
	{ 'p', "priority", "LEVEL", "as important as this, or more: err, warning, ... or A..B" },
	{ 't', "times", NULL, "the time before each line" },
	{ 'o', "output", "FORMAT",
	  "marks, lines, short, short-iso, iso, with-unit, cat, json (see below)" },
	{ 0, "pretty", NULL, "spread lines that are JSON over several" },
	{ 0, "cursor", "PLACE", "begin at the line that it stands at" },
	{ 0, "after-cursor", "PLACE", "begin behind it; -n N shows the first N" },
	{ 0, "show-cursor", NULL, "print a cursor at the end" },
	{ 0, "no-pager", NULL, "not through a pager" },
	{ 0, "verify", NULL, "read all of the logs and say what is wrong with them" },
	OPT_LOGS_CARE,
	OPT_ALL,
	OPT_UTC,
	OPT_JSON,
	OPT_END,
};
const char cmd_logs_details[] =
	"Lines of several units are merged by time, each behind its unit's name.\n"
	"Names may be globs; a unit that appears while they are followed is\n"
	"followed too. Without a name: all units. Starts, ends, losses and rotations\n"
	"stand in brackets between the lines. On a terminal nothing that a unit wrote\n"
	"is passed on unchanged, and prefixes like <3> become colours.\n"
	"formats: marks (the default), lines (without what is in brackets), short,\n"
	"  short-iso and iso (with times), with-unit (and names), cat (the bytes), json\n"
	"times: now, today, yesterday, 14:00, '2026-11-29 03:00:05', @SECONDS, -1h,\n"
	"  '10 min ago', 'run 3' (of since: its start, of until: its end)\n"
	"patterns: without a capital in them capitals do not matter\n"
	"  tend logs -f web\n"
	"  tend logs --run -1 -n 20 web\n"
	"  tend logs --since 'yesterday 22:00' --grep 'timeout|refused' -C 2 'worker@*'\n"
	"  tend logs -o cat backup >backup.txt";

enum { LOGS_BUFFER = 1 << 16 };

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

/* the directories of logs, sorted, owned; *ret_code is set when they cannot be read */
static char **
logs_there(const struct cli *cli, int *ret_code)
{
	DIR *dir = opendir(cli->places.log);
	char **names = NULL;

	if (!dir && errno != ENOENT) {
		complain("cannot read the logs in %s: %s", cli->places.log, strerror(errno));
		*ret_code = errno == EACCES ? CLI_DENIED : CLI_FAILED;
	}
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
add_all(const struct cli *cli, struct merge *merge, char *const *there, bool fresh)
{
	size_t count = 0;

	for (size_t i = 0; there && there[i]; i++) {
		if (is_wanted(cli, there[i])) {
			count += merge_add(merge, there[i], fresh);
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
			int code = CLI_DONE;
			char **there = logs_there(cli, &code);
			(void)add_all(cli, merge, there, true);
			(void)strv_free(there);
		}
	}
	return CLI_FAILED;
}

static void
put_cursor(const struct log_query *query, struct merge *merge)
{
	autofree char *cursor = merge_cursor(merge);

	if (query->format->kind == LOG_JSON) {
		json_auto_t *object = json_pack("{s:s}", "cursor", cursor);
		phrase_print_line(object);
	} else {
		(void)printf("-- cursor: %s\n", cursor);
	}
}

static void
warn_slow(const struct log_query *query)
{
	size_t lines = query->grep ? grep_gave_up(query->grep) : 0;

	if (lines > 0) {
		complain("--grep: on %zu lines the pattern took too long; they are not shown",
			 lines);
	}
}

static int
show(struct cli *cli, const struct log_query *query, struct merge *merge)
{
	if (query->reverse) {
		merge_print_back(merge, query->lines);
	} else {
		if (query->lines >= 0 && !query->cursor) {
			(void)merge_tail(merge, (size_t)query->lines);
		}
		if (query->follow) {
			return follow(cli, merge);
		}
		merge_print(merge, true);
	}
	if (query->show_cursor) {
		put_cursor(query, merge);
	}
	warn_slow(query);
	return merge_failed(merge) ? CLI_FAILED : CLI_DONE;
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

static int
show_there(struct cli *cli, const struct log_query *query, char *const *there)
{
	struct merge *merge = merge_new(cli->places.log, query);
	char **words = cli->args.names;
	int code;

	if (query->pager) {
		pager_open(query->at_end);
	}
	merge_prefix(merge, !words[0] || words[1] || names_is_glob(words[0]));
	(void)add_all(cli, merge, there, false);
	code = show(cli, query, merge);
	merge = merge_free(merge);
	return pager_close(code);
}

/* --rotate and its like, and --verify: of the logs that are meant */
static int
care(struct cli *cli, char *const *there)
{
	bool all = !cli->args.names[0];
	char **meant = NULL;
	int code = CLI_DONE;

	for (size_t i = 0; there && there[i]; i++) {
		if (is_wanted(cli, there[i])) {
			strv_add(&meant, there[i]);
		}
	}
	if (logs_care_wanted(cli) && args_has(&cli->args, "verify")) {
		code = complain_usage(cli, "--verify stands alone");
	} else if (!logs_care_wanted(cli)) {
		code = log_verify(cli, meant);
	} else if (meant || all) {
		code = logs_care(cli, meant, all);
	}
	(void)strv_free(meant);
	return code;
}

int
cmd_logs(struct cli *cli)
{
	struct log_query query;
	struct err err = { 0 };
	int code = CLI_DONE;
	char **there;

	if (!query_make(cli, &query, &err)) {
		return complain_usage(cli, "%s", err.text);
	}
	if (!cli_places(cli)) {
		query_done(&query);
		return CLI_FAILED;
	}
	raise_limit();
	(void)setvbuf(stdout, NULL, screen_is_terminal() ? _IOLBF : _IOFBF, LOGS_BUFFER);
	there = logs_there(cli, &code);
	if (code == CLI_DONE) {
		code = check_words(cli, there);
	}
	if (code == CLI_DONE) {
		code = logs_care_wanted(cli) || args_has(&cli->args, "verify")
			       ? care(cli, there)
			       : show_there(cli, &query, there);
	}
	(void)strv_free(there);
	query_done(&query);
	return code;
}
