/* query: from the options of `tend logs` to what is asked for. Everything that can be wrong with an
 * option is said here, before a file is opened. */
#include "base/clock.h"
#include "base/str.h"
#include "base/when.h"
#include "cli/logview.h"
#include <errno.h>
#include <string.h>
#include <strings.h>

enum { QUERY_FOLLOWED = 10, QUERY_AT_END = 1000, QUERY_CONTEXT_MOST = 1000 };
static const int64_t QUERY_LINES_MOST = 1000000000;

static const struct log_format formats[] = {
	{ "marks", LOG_TEXT, LOG_NO_TIME, true, false },
	{ "lines", LOG_TEXT, LOG_NO_TIME, false, false },
	{ "short", LOG_TEXT, LOG_SHORT, true, false },
	{ "short-iso", LOG_TEXT, LOG_SHORT_ISO, true, false },
	{ "iso", LOG_TEXT, LOG_ISO, true, false },
	{ "with-unit", LOG_TEXT, LOG_SHORT, true, true },
	{ "cat", LOG_CAT, LOG_NO_TIME, false, false },
	{ "json", LOG_JSON, LOG_NO_TIME, true, false },
};

/* as syslog(3) numbers them */
static const char *const priorities[][2] = {
	{ "emerg", "panic" },  { "alert", NULL },  { "crit", NULL }, { "err", "error" },
	{ "warning", "warn" }, { "notice", NULL }, { "info", NULL }, { "debug", NULL },
};

const struct log_format *
query_format(const char *name)
{
	for (size_t i = 0; i < COUNT(formats); i++) {
		if (str_equal(formats[i].name, name)) {
			return &formats[i];
		}
	}
	return NULL;
}

const struct log_format *
query_format_at(size_t at)
{
	return at < COUNT(formats) ? &formats[at] : NULL;
}

const char *
query_priority_at(size_t at)
{
	return at < COUNT(priorities) ? priorities[at][0] : NULL;
}

static bool
find_format(const struct cli *cli, struct log_query *query, struct err *err)
{
	const char *told = args_value(&cli->args, "output");

	query->format = query_format(cli->json ? "json" : told ? told : "marks");
	if (!query->format) {
		return err_set(err,
			       "--output: '%s' is none of marks, lines, short, short-iso, iso, "
			       "with-unit, cat, json",
			       told);
	}
	if (cli->json && told && !str_equal(told, "json")) {
		return err_set(err, "--json and --output %s: one of them, please", told);
	}
	query->time = query->format->time;
	if (query->time == LOG_NO_TIME && args_has(&cli->args, "times")) {
		query->time = LOG_CLOCK;
	}
	query->prefix = query->format->prefix;
	return true;
}

/* -1: all */
static bool
find_lines(const struct cli *cli, struct log_query *query, struct err *err)
{
	const char *told = args_value(&cli->args, "lines");
	bool bounded = query->since.is_run || query->since.wall > INT64_MIN || query->cursor;

	query->lines = query->at_end               ? QUERY_AT_END
		       : query->follow && !bounded ? QUERY_FOLLOWED
						   : -1;
	if (told && str_equal(told, "all")) {
		query->lines = -1;
		return true;
	}
	return args_number(&cli->args, "lines", 0, QUERY_LINES_MOST, &query->lines, err);
}

/* "run 3", "run -1" */
static bool
is_run(const char *text, int64_t *ret_run)
{
	return strncasecmp(text, "run ", 4) == 0 &&
	       str_to_i64(text + 4 + strspn(text + 4, " "), ret_run) == 0;
}

static bool
find_bound(const struct cli *cli, const char *option, struct log_bound *bound, struct err *err)
{
	const char *text = args_value(&cli->args, option);
	int r;

	if (!text) {
		return true;
	}
	bound->is_run = is_run(text, &bound->run);
	if (bound->is_run) {
		return true;
	}
	r = when_parse(text, clock_wall(), cli->utc, &bound->wall);
	if (r == -ERANGE) {
		return err_set(err, "--%s: '%s' is too far away", option, text);
	}
	return r == 0 || err_set(err,
				 "--%s: '%s' is no time; some are: '10 min ago', -1h, 14:00, "
				 "'yesterday 14:00', '2026-11-29 03:00', @1795921205, 'run -1'",
				 option, text);
}

static bool
find_bounds(const struct cli *cli, struct log_query *query, struct err *err)
{
	int64_t run = 0;

	query->since.wall = INT64_MIN;
	query->until.wall = INT64_MAX;
	if (!find_bound(cli, "since", &query->since, err) ||
	    !find_bound(cli, "until", &query->until, err) ||
	    !args_number(&cli->args, "run", -INT64_MAX, INT64_MAX, &run, err)) {
		return false;
	}
	if (args_has(&cli->args, "run")) {
		if (query->since.is_run || query->until.is_run) {
			return err_set(err, "--run and 'run %lld': one of them, please",
				       (long long)(query->since.is_run ? query->since.run
								       : query->until.run));
		}
		if (query->since.wall > INT64_MIN || query->until.wall < INT64_MAX) {
			return err_set(err, "--run says from when and until when; --since and "
					    "--until do too");
		}
		query->since = query->until = (struct log_bound){ .is_run = true, .run = run };
		query->since.wall = INT64_MIN;
		query->until.wall = INT64_MAX;
	}
	return query->since.wall <= query->until.wall ||
	       err_set(err, "--since is later than --until");
}

static bool
one_priority(const char *text, size_t n, int *ret_priority)
{
	for (size_t i = 0; i < COUNT(priorities); i++) {
		if (n == 1 && text[0] == (char)('0' + i)) {
			*ret_priority = (int)i;
			return true;
		}
		for (size_t k = 0; k < 2; k++) {
			const char *name = priorities[i][k];

			if (name && strlen(name) == n && strncasecmp(name, text, n) == 0) {
				*ret_priority = (int)i;
				return true;
			}
		}
	}
	return false;
}

/* "err": this and what is more important; "warning..err": what lies between */
static bool
find_priority(const struct cli *cli, struct log_query *query, struct err *err)
{
	const char *text = args_value(&cli->args, "priority"), *dots;
	int one = 7, other = 0;

	query->least = 7;
	query->most = 0;
	if (!text) {
		return true;
	}
	dots = strstr(text, "..");
	if (!one_priority(text, dots ? (size_t)(dots - text) : strlen(text), &one) ||
	    (dots && !one_priority(dots + 2, strlen(dots + 2), &other))) {
		return err_set(err,
			       "--priority: '%s' is none of emerg, alert, crit, err, warning, "
			       "notice, info, debug (0 to 7), or two of them: warning..err",
			       text);
	}
	query->least = MAX(one, other);
	query->most = MIN(one, other);
	return true;
}

static bool
find_context(const struct cli *cli, struct log_query *query, struct err *err)
{
	int64_t both = 0, before, after;

	if (!args_number(&cli->args, "context", 0, QUERY_CONTEXT_MOST, &both, err)) {
		return false;
	}
	before = after = both;
	if (!args_number(&cli->args, "before-context", 0, QUERY_CONTEXT_MOST, &before, err) ||
	    !args_number(&cli->args, "after-context", 0, QUERY_CONTEXT_MOST, &after, err)) {
		return false;
	}
	query->before = (size_t)before;
	query->after = (size_t)after;
	return true;
}

static bool
find_grep(const struct cli *cli, struct log_query *query, struct err *err)
{
	static const char *const of_grep[] = { "ignore-case",    "case-sensitive", "invert",
					       "before-context", "after-context",  "context" };
	const char *pattern = args_value(&cli->args, "grep");
	bool ignore = args_has(&cli->args, "ignore-case");
	bool exact = args_has(&cli->args, "case-sensitive");

	for (size_t i = 0; !pattern && i < COUNT(of_grep); i++) {
		if (args_has(&cli->args, of_grep[i])) {
			return err_set(err, "--%s belongs to --grep", of_grep[i]);
		}
	}
	if (!pattern) {
		return true;
	}
	if (ignore && exact) {
		return err_set(err, "--ignore-case and --case-sensitive: one of them, please");
	}
	if (!find_context(cli, query, err)) {
		return false;
	}
	query->grep = grep_new(pattern,
			       ignore  ? GREP_IGNORE
			       : exact ? GREP_EXACT
				       : GREP_SMART,
			       args_has(&cli->args, "invert"), err);
	return query->grep != NULL;
}

static bool
find_cursor(const struct cli *cli, struct log_query *query, struct err *err)
{
	const char *at = args_value(&cli->args, "cursor");
	const char *behind = args_value(&cli->args, "after-cursor");

	query->show_cursor = args_has(&cli->args, "show-cursor");
	if (at && behind) {
		return err_set(err, "--cursor and --after-cursor: one of them, please");
	}
	if (!at && !behind) {
		return true;
	}
	if (query->since.is_run || query->since.wall > INT64_MIN) {
		return err_set(err, "a cursor says from where; --since and --run do too");
	}
	query->behind = behind != NULL;
	if (!log_cursor_check(behind ? behind : at, err)) {
		return false;
	}
	query->cursor = str_dup(behind ? behind : at);
	return true;
}

static bool
fits_together(const struct log_query *query, struct err *err)
{
	if (query->follow && query->reverse) {
		return err_set(err, "--follow goes on, --reverse goes back: one of them, please");
	}
	if (query->follow && query->until.wall < INT64_MAX) {
		return err_set(err, "--follow has no end, --until is one");
	}
	if (query->follow && query->show_cursor) {
		return err_set(err, "--show-cursor comes at the end, --follow has none");
	}
	if (query->follow && query->at_end) {
		return err_set(err, "--pager-end shows the end that is there; --follow has none");
	}
	if (query->reverse && query->cursor) {
		return err_set(err, "a cursor says from where on, --reverse goes back to it: "
				    "not together");
	}
	return true;
}

bool
query_make(const struct cli *cli, struct log_query *ret_query, struct err *err)
{
	struct log_query query = {
		.utc = cli->utc,
		.pretty = args_has(&cli->args, "pretty"),
		.follow = args_has(&cli->args, "follow"),
		.reverse = args_has(&cli->args, "reverse"),
		.at_end = args_has(&cli->args, "pager-end"),
		.error_only = args_has(&cli->args, "err"),
	};

	query.pager = !query.follow && !args_has(&cli->args, "no-pager");
	if (!find_format(cli, &query, err) || !find_bounds(cli, &query, err) ||
	    !find_priority(cli, &query, err) || !find_cursor(cli, &query, err) ||
	    !find_lines(cli, &query, err) || !fits_together(&query, err) ||
	    !find_grep(cli, &query, err)) {
		query_done(&query);
		return false;
	}
	*ret_query = query;
	return true;
}

void
query_done(struct log_query *query)
{
	query->grep = grep_free(query->grep);
	free(query->cursor);
	query->cursor = NULL;
}

bool
query_picks_lines(const struct log_query *query)
{
	return query->grep || query->error_only || query->least < 7 || query->most > 0;
}
