/* The options are those of tini, dumb-init and catatonit by their names, where they mean the same;
 * a row for each. The words behind them are the command. */
#include "base/clock.h"
#include "base/signals.h"
#include "base/str.h"
#include "base/version.h"
#include "init/init.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum option {
	OPTION_GROUP,
	OPTION_REWRITE,
	OPTION_EXPECT,
	OPTION_GRACE,
	OPTION_PARENT_DEATH,
	OPTION_PAUSE,
	OPTION_WARN,
	OPTION_VERBOSE,
	OPTION_SUBREAPER,
	OPTION_SINGLE,
	OPTION_LICENSE,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct row {
	char letter;
	const char *name, *value, *words;
	enum option option;
} rows[] = {
	{ 'g', "group", NULL, "signals go to the command's process group", OPTION_GROUP },
	{ 'r', "rewrite", "SIG:SIG", "pass one signal on as another; 0 for not at all",
	  OPTION_REWRITE },
	{ 'e', "expect", "CODE", "this exit code of the command becomes 0", OPTION_EXPECT },
	{ 0, "grace", "SECONDS", "what is left after the command gets SIGTERM and so much time",
	  OPTION_GRACE },
	{ 'p', "parent-death", "SIG", "get this signal when our own parent ends",
	  OPTION_PARENT_DEATH },
	{ 'P', "pause", NULL, "no command: sit there and reap until SIGTERM or SIGINT",
	  OPTION_PAUSE },
	{ 'w', "warn", NULL, "tell of each orphan that is reaped", OPTION_WARN },
	{ 'v', "verbose", NULL, "say what is done; twice: each signal, too", OPTION_VERBOSE },
	{ 's', "subreaper", NULL, "reap orphans also when not process 1 (it does so anyway)",
	  OPTION_SUBREAPER },
	{ 'c', "single-child", NULL, "signals go to the command alone (as they do without -g)",
	  OPTION_SINGLE },
	{ 'l', "license", NULL, "the license", OPTION_LICENSE },
	{ 'h', "help", NULL, "this", OPTION_HELP },
	{ 'V', "version", NULL, "the version", OPTION_VERSION },
};

static void
help(void)
{
	(void)printf(
		"tend init: be the first process of a container: pass signals on, reap orphans\n\n"
		"usage: tend init [OPTION...] [--] COMMAND [ARGUMENT...]\n\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		char letter[3] = { '-', rows[i].letter, 0 };
		char option[40];

		(void)snprintf(option, sizeof(option), "%s%s--%s%s%s",
			       rows[i].letter ? letter : "  ", rows[i].letter ? ", " : "  ",
			       rows[i].name, rows[i].value ? " " : "",
			       rows[i].value ? rows[i].value : "");
		(void)printf("  %-25s  %s\n", option, rows[i].words);
	}
	(void)printf(
		"\nThe exit code is the command's: its own, or 128 and the signal that\n"
		"ended it; 126 when it cannot be run, 127 when it is not there, 2 for\n"
		"wrong usage.\n"
		"  ENTRYPOINT [\"tend\", \"init\", \"--\", \"nginx\", \"-g\", \"daemon off;\"]\n");
}

static bool
wrong(const char *option, const char *value, const char *wanted)
{
	init_say("%s%s%s: %s; see tend init --help", option, value ? " " : "", value ? value : "",
		 wanted);
	return false;
}

/* 0 is no signal, but the word for none */
static int
rewritten(const char *text)
{
	return str_equal(text, "0") ? INIT_SWALLOWED : signals_parse(text);
}

static bool
take_rewrite(struct init *init, const char *value)
{
	const char *colon = strchr(value, ':');
	char from[16];
	int was, becomes;

	if (!colon || (size_t)(colon - value) >= sizeof(from)) {
		return wrong("--rewrite", value,
			     "it is two signals with a colon between, as TERM:QUIT");
	}
	(void)snprintf(from, sizeof(from), "%.*s", (int)(colon - value), value);
	was = signals_parse(from);
	becomes = rewritten(colon + 1);
	if (was < 0 || becomes < 0) {
		return wrong("--rewrite", value, "there is no such signal");
	}
	if (was == SIGKILL || was == SIGSTOP || was == SIGCHLD) {
		return wrong("--rewrite", value, "that signal is never passed on");
	}
	init->rewrite[was] = (uint8_t)becomes;
	return true;
}

static bool
take_number(const char *option, const char *value, uint64_t most, uint64_t *ret_number)
{
	if (str_to_u64(value, ret_number) == 0 && *ret_number <= most) {
		return true;
	}
	return wrong(option, value, "that is no number that fits");
}

static bool
take_grace(struct init *init, const char *value)
{
	enum { MOST_S = 86400, DIGITS = 3 };
	const char *point = strchr(value, '.');
	char whole[16];
	uint64_t seconds = 0, part = 0;

	(void)snprintf(whole, sizeof(whole), "%.*s", (int)(point ? point - value : 15), value);
	if (!take_number("--grace", whole, MOST_S, &seconds)) {
		return false;
	}
	if (point && (strlen(point + 1) > DIGITS || str_to_u64(point + 1, &part) < 0)) {
		return wrong("--grace", value, "that is no number of seconds");
	}
	for (size_t i = point ? strlen(point + 1) : DIGITS; i < DIGITS; i++) {
		part *= 10;
	}
	init->grace = (int64_t)seconds * CLOCK_S + (int64_t)part * CLOCK_MS;
	return true;
}

static bool
take_value(struct init *init, const struct row *row, const char *value)
{
	uint64_t number;

	switch (row->option) {
	case OPTION_REWRITE: return take_rewrite(init, value);
	case OPTION_GRACE: return take_grace(init, value);
	case OPTION_EXPECT:
		if (!take_number("--expect", value, INIT_CODES - 1, &number)) {
			return false;
		}
		init->forgiven[number] = true;
		return true;
	case OPTION_PARENT_DEATH:
		init->parent_death = signals_parse(value);
		return init->parent_death > 0 ||
		       wrong("--parent-death", value, "there is no such signal");
	case OPTION_GROUP:
	case OPTION_PAUSE:
	case OPTION_WARN:
	case OPTION_VERBOSE:
	case OPTION_SUBREAPER:
	case OPTION_SINGLE:
	case OPTION_LICENSE:
	case OPTION_HELP:
	case OPTION_VERSION: break;
	}
	return true;
}

/* false: that was all */
static bool
take_flag(struct init *init, const struct row *row)
{
	switch (row->option) {
	case OPTION_GROUP: init->group = true; return true;
	case OPTION_SINGLE: init->group = false; return true;
	case OPTION_PAUSE: init->pause = true; return true;
	case OPTION_WARN: init->warn = true; return true;
	case OPTION_VERBOSE: init->verbose++; return true;
	case OPTION_SUBREAPER: return true;
	case OPTION_LICENSE: (void)printf("Apache License, version 2.0\n"); return false;
	case OPTION_HELP: help(); return false;
	case OPTION_VERSION: (void)printf("tend init %s\n", VERSION); return false;
	case OPTION_REWRITE:
	case OPTION_EXPECT:
	case OPTION_GRACE:
	case OPTION_PARENT_DEATH: break;
	}
	return true;
}

static const struct row *
find(const char *word, size_t letter, const char **ret_value)
{
	const char *equals = strchr(word, '=');
	size_t n = equals ? (size_t)(equals - word) : strlen(word);

	*ret_value = NULL;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (letter > 0 && rows[i].letter == word[letter]) {
			*ret_value = word[letter + 1] ? word + letter + 1 : NULL;
			return &rows[i];
		}
		if (letter == 0 && n > 2 && strlen(rows[i].name) == n - 2 &&
		    strncmp(rows[i].name, word + 2, n - 2) == 0) {
			*ret_value = equals ? equals + 1 : NULL;
			return &rows[i];
		}
	}
	return NULL;
}

enum taken { TAKEN, TAKEN_WITH_NEXT, TAKEN_ALL, TAKEN_WRONG };

/* one option; *letter: behind "-" several may stand in one word, 0 for a long one */
static enum taken
take(struct init *init, const char *word, size_t letter, const char *next)
{
	const char *value;
	const struct row *row = find(word, letter, &value);

	if (!row) {
		(void)wrong(word, NULL, "there is no such option");
		return TAKEN_WRONG;
	}
	if (!row->value) {
		if (letter == 0 && value) {
			(void)wrong(word, NULL, "it takes no value");
			return TAKEN_WRONG;
		}
		if (!take_flag(init, row)) {
			return TAKEN_ALL;
		}
		return letter > 0 && word[letter + 1] ? take(init, word, letter + 1, next) : TAKEN;
	}
	if (!value && !next) {
		(void)wrong(word, NULL, "it needs a value");
		return TAKEN_WRONG;
	}
	if (!take_value(init, row, value ? value : next)) {
		return TAKEN_WRONG;
	}
	return value ? TAKEN : TAKEN_WITH_NEXT;
}

/* what tini reads from the environment, and who we are called */
static void
take_surroundings(struct init *init, const char *name)
{
	const char *verbosity = getenv("TINI_VERBOSITY");
	uint64_t number;

	memset(init->rewrite, INIT_SAME, sizeof(init->rewrite));
	init->group = getenv("TINI_KILL_PROCESS_GROUP") || str_ends(name, "dumb-init");
	if (verbosity && str_to_u64(verbosity, &number) == 0 && number < 4) {
		init->verbose = number > 1 ? (unsigned)number - 1 : 0; /* tini's 1 is the default */
	}
}

bool
init_options(struct init *init, const char *name, char **words, int *ret_code)
{
	take_surroundings(init, name);
	for (; *words && (*words)[0] == '-' && (*words)[1]; words++) {
		bool is_long = (*words)[1] == '-';
		enum taken taken;

		if (str_equal(*words, "--")) {
			words++;
			break;
		}
		taken = take(init, *words, is_long ? 0 : 1, words[1]);
		words += taken == TAKEN_WITH_NEXT;
		if (taken == TAKEN_ALL || taken == TAKEN_WRONG) {
			*ret_code = taken == TAKEN_ALL ? 0 : INIT_USAGE;
			(void)fflush(stdout);
			return false;
		}
	}
	init->command = words;
	if (init->pause != !words[0]) {
		init_say("%s; see tend init --help",
			 words[0] ? "--pause is without a command" : "which command?");
		*ret_code = INIT_USAGE;
		return false;
	}
	return true;
}
