/* choose: the selectors that ps, find, tree, kill and nice share. Cheap questions come first, what
 * must be read of each process anew (choose-deep.c) last.
 *
 * The kernel cuts names to 15 bytes. A longer one is looked for by its beginning and then in the
 * first two arguments (the program, or the script that an interpreter runs).
 *
 * It is long because a selector is an option that is read, a field and a test, and the three are
 * changed together. */
#include "base/accounts.h"
#include "base/check.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/processes.h"
#include <ctype.h>
#include <locale.h>
#include <regex.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { COMM_MAX = 15 };

struct numbers {
	int64_t *list;
	size_t count;
};

struct choice {
	char **words; /* names, units or patterns */
	regex_t *patterns;
	size_t pattern_count;
	bool exact, regex, full, fold, invert, newest, oldest, orphan;
	struct numbers pids, users, sessions, groups, parents, above;
	char **units, **terminals;
	char states[32];
	int64_t older, younger; /* ns; -1: not asked */
	struct deep *deep;
};

static void
add_number(struct numbers *numbers, int64_t number)
{
	numbers->list = reallocarray(numbers->list, numbers->count + 1, sizeof(*numbers->list));
	CHECK(numbers->list);
	numbers->list[numbers->count++] = number;
}

static bool
has_number(const struct numbers *numbers, int64_t number)
{
	for (size_t i = 0; i < numbers->count; i++) {
		if (numbers->list[i] == number) {
			return true;
		}
	}
	return false;
}

/* ---- reading the command line ---- */
/* each part of each value of an option: "--user a,b --user c" */
static bool
each_part(const struct cli *cli, const char *option,
	  bool (*take)(struct choice *choice, const char *part, struct err *err),
	  struct choice *choice, struct err *err)
{
	const char *value;
	size_t at = 0;

	while ((value = args_each(&cli->args, option, &at))) {
		autofree char *copy = str_dup(value);
		char *rest = copy;

		while (rest) {
			const char *part = strsep(&rest, ",");
			if (!*part) {
				return err_set(err, "--%s: '%s' has an empty part", option, value);
			}
			if (!take(choice, part, err)) {
				return err_prefix(err, "--%s", option);
			}
		}
	}
	return true;
}

static bool
take_user(struct choice *choice, const char *part, struct err *err)
{
	struct accounts_user user;

	if (!accounts_user(part, &user, err)) {
		return false;
	}
	add_number(&choice->users, user.uid);
	accounts_user_done(&user);
	return true;
}

static bool
take_number(struct numbers *numbers, const char *part, int64_t ours, struct err *err)
{
	int64_t number;

	if (str_to_i64(part, &number) < 0 || number < 0 || number > INT32_MAX) {
		return err_set(err, "'%s' is no number of a process", part);
	}
	add_number(numbers, number == 0 && ours ? ours : number);
	return true;
}

static bool
take_session(struct choice *choice, const char *part, struct err *err)
{
	return take_number(&choice->sessions, part, getsid(0), err);
}

static bool
take_group(struct choice *choice, const char *part, struct err *err)
{
	return take_number(&choice->groups, part, getpgrp(), err);
}

static bool
take_parent(struct choice *choice, const char *part, struct err *err)
{
	return take_number(&choice->parents, part, 0, err);
}

static bool
take_above(struct choice *choice, const char *part, struct err *err)
{
	return take_number(&choice->above, part, 0, err);
}

static bool
take_unit(struct choice *choice, const char *part, struct err *err)
{
	(void)err;
	strv_add(&choice->units, part);
	return true;
}

static bool
take_terminal(struct choice *choice, const char *part, struct err *err)
{
	(void)err;
	strv_add(&choice->terminals, str_starts(part, "/dev/") ? part + strlen("/dev/") : part);
	return true;
}

static bool
take_state(struct choice *choice, const char *part, struct err *err)
{
	static const char letters[] = "RSDTtZXIP";
	size_t n = strlen(choice->states);

	if (str_equal(part, "orphan")) {
		choice->orphan = true;
		return true;
	}
	for (const char *letter = letters; *letter && n < sizeof(choice->states) - 1; letter++) {
		if ((part[0] == *letter && !part[1]) || str_equal(part, proc_state_word(*letter))) {
			choice->states[n] = *letter;
			return true;
		}
	}
	return err_set(err,
		       "'%s' is no state; there are running, sleeping, disk, stopped, traced, "
		       "zombie, idle, dead, parked (or their letters) and orphan",
		       part);
}

static bool
take_time(const struct cli *cli, const char *option, int64_t *ret_ns, struct err *err)
{
	const char *value = args_value(&cli->args, option);

	*ret_ns = -1;
	if (value && span_parse(value, ret_ns) < 0) {
		return err_set(err, "--%s: '%s' is no time; 90s, 2h or 3d would be", option, value);
	}
	return true;
}

static bool
compile(struct choice *choice, struct err *err)
{
	int flags = REG_EXTENDED | REG_NOSUB | (choice->fold ? REG_ICASE : 0);
	size_t n = strv_length(choice->words);

	(void)setlocale(LC_CTYPE, "C.UTF-8"); /* so that a dot is a letter; without it, a byte */
	choice->patterns = calloc(n + 1, sizeof(*choice->patterns));
	CHECK(choice->patterns);
	for (size_t i = 0; choice->words && i < n; i++) {
		int r = regcomp(&choice->patterns[i], choice->words[i], flags);
		if (r != 0) {
			char text[256];
			(void)regerror(r, &choice->patterns[i], text, sizeof(text));
			return err_set(err, "'%s' is no regular expression: %s", choice->words[i],
				       text);
		}
		choice->pattern_count++;
	}
	return true;
}

static bool
is_pid(const char *word)
{
	return word[strspn(word, "0123456789")] == '\0' && *word;
}

static bool
take_words(struct choice *choice, char *const *words, struct err *err)
{
	bool patterns = choice->exact || choice->regex || choice->full;

	for (; *words; words++) {
		if (!**words) {
			return err_set(err, "an empty word fits nothing");
		}
		if (patterns || !is_pid(*words)) {
			strv_add(&choice->words, *words);
		} else if (!take_number(&choice->pids, *words, 0, err)) {
			return false;
		}
	}
	return !choice->regex || compile(choice, err);
}

static bool
take_all(const struct cli *cli, struct choice *choice, struct err *err)
{
	const struct args *args = &cli->args;

	choice->exact = args_has(args, "exact");
	choice->regex = args_has(args, "regex");
	choice->full = args_has(args, "full");
	choice->fold = args_has(args, "ignore-case");
	choice->invert = args_has(args, "invert");
	choice->newest = args_has(args, "newest");
	choice->oldest = args_has(args, "oldest");
	if (choice->exact && (choice->regex || choice->full)) {
		return err_set(err, "-x and -%c: one or the other", choice->regex ? 'r' : 'f');
	}
	if (choice->newest && choice->oldest) {
		return err_set(err, "--newest and --oldest: one or the other");
	}
	if (choice->invert && (choice->newest || choice->oldest)) {
		return err_set(err, "--invert with --newest or --oldest means nothing");
	}
	if (args_has(args, "mine")) {
		add_number(&choice->users, geteuid());
	}
	choice->deep = deep_new(args, err);
	return choice->deep && take_words(choice, args->names, err) &&
	       each_part(cli, "user", take_user, choice, err) &&
	       each_part(cli, "session", take_session, choice, err) &&
	       each_part(cli, "group", take_group, choice, err) &&
	       each_part(cli, "parent", take_parent, choice, err) &&
	       each_part(cli, "below", take_above, choice, err) &&
	       each_part(cli, "unit", take_unit, choice, err) &&
	       each_part(cli, "tty", take_terminal, choice, err) &&
	       each_part(cli, "state", take_state, choice, err) &&
	       take_time(cli, "older", &choice->older, err) &&
	       take_time(cli, "younger", &choice->younger, err);
}

struct choice *
choose_new(const struct cli *cli)
{
	struct choice *choice = calloc(1, sizeof(*choice));
	struct err err = { 0 };

	CHECK(choice);
	if (!take_all(cli, choice, &err)) {
		(void)complain_usage(cli, "%s", err.text);
		return choose_free(choice);
	}
	return choice;
}

struct choice *
choose_free(struct choice *choice)
{
	if (!choice) {
		return NULL;
	}
	for (size_t i = 0; i < choice->pattern_count; i++) {
		regfree(&choice->patterns[i]);
	}
	free(choice->patterns);
	(void)strv_free(choice->words);
	(void)strv_free(choice->units);
	(void)strv_free(choice->terminals);
	free(choice->pids.list);
	free(choice->users.list);
	free(choice->sessions.list);
	free(choice->groups.list);
	free(choice->parents.list);
	free(choice->above.list);
	(void)deep_free(choice->deep);
	free(choice);
	return NULL;
}

/* ---- what it needs ---- */
static bool
words_may_be_units(const struct choice *choice)
{
	return choice->words && !choice->exact && !choice->regex && !choice->full;
}

bool
choose_wants_units(const struct choice *choice)
{
	return choice->units || words_may_be_units(choice);
}

bool
choose_is_all(const struct choice *choice)
{
	return !choice->words && !choice->pids.count && !choice->users.count &&
	       !choice->sessions.count && !choice->groups.count && !choice->parents.count &&
	       !choice->above.count && !choice->units && !choice->terminals && !choice->states[0] &&
	       !choice->orphan && choice->older < 0 && choice->younger < 0 && !choice->newest &&
	       !choice->oldest && !deep_is_any(choice->deep);
}

static bool
has_long_word(const struct choice *choice)
{
	for (size_t i = 0; choice->words && choice->words[i]; i++) {
		if (strlen(choice->words[i]) > COMM_MAX) {
			return true;
		}
	}
	return false;
}

unsigned
choose_want(const struct choice *choice)
{
	unsigned want = choice->users.count ? CENSUS_OWNER : CENSUS_STAT;

	if (choice->words && (choice->full || (!choice->regex && has_long_word(choice)))) {
		want |= CENSUS_COMMAND;
	}
	return want;
}

/* ---- names ---- */
static bool
same(const struct choice *choice, const char *a, const char *b, size_t n)
{
	return choice->fold ? strncasecmp(a, b, n) == 0 : strncmp(a, b, n) == 0;
}

/* the word as the last part of one of the first two arguments */
static bool
is_in_arguments(const struct choice *choice, const char *command, const char *word)
{
	size_t n = strlen(word);

	for (int i = 0; i < 2 && command && *command; i++) {
		size_t length = strcspn(command, " ");
		const char *slash = memrchr(command, '/', length);
		const char *base = slash ? slash + 1 : command;

		/* a name may have blanks in it: then it goes on behind the first */
		if (same(choice, base, word, n) && (base[n] == '\0' || base[n] == ' ')) {
			return true;
		}
		command += length + (command[length] == ' ');
	}
	return false;
}

static bool
fits_word(const struct choice *choice, size_t i, const char *comm, const char *command)
{
	const char *word = choice->words[i];

	if (choice->full && !command) {
		command = comm;
	}
	if (choice->regex) {
		return regexec(&choice->patterns[i], choice->full ? command : comm, 0, NULL, 0) ==
		       0;
	}
	if (choice->full) {
		return (choice->fold ? strcasestr(command, word) : strstr(command, word)) != NULL;
	}
	if (strlen(word) > COMM_MAX) { /* kernel threads have long ones */
		return (same(choice, comm, word, COMM_MAX) && strlen(comm) == COMM_MAX &&
			(!command || is_in_arguments(choice, command, word))) ||
		       (same(choice, comm, word, strlen(word)) && strlen(comm) == strlen(word));
	}
	return strlen(comm) == strlen(word) && same(choice, comm, word, strlen(word));
}

static bool
unit_fits(const char *pattern, const char *unit)
{
	return unit && belongs_name_fits(pattern, unit);
}

static bool
is_unit(const struct belongs *belongs, const char *pattern)
{
	return belongs && belongs_fits(belongs, pattern);
}

static bool
fits_words(const struct choice *choice, const struct process *process,
	   const struct belongs *belongs)
{
	if (!choice->words && !choice->pids.count) {
		return true;
	}
	if (has_number(&choice->pids, process->stat.pid)) {
		return true;
	}
	for (size_t i = 0; choice->words && choice->words[i]; i++) {
		if (words_may_be_units(choice) && is_unit(belongs, choice->words[i])) {
			if (unit_fits(choice->words[i], process->unit)) {
				return true;
			}
		} else if (fits_word(choice, i, process->stat.comm, process->command)) {
			return true;
		}
	}
	return false;
}

bool
choose_by_name(const struct choice *choice, const struct belongs *belongs)
{
	if (!choice->words || choice->pids.count || choice->full || choice->invert ||
	    choice->above.count || choice->orphan || choice->units) {
		return false;
	}
	for (size_t i = 0; words_may_be_units(choice) && choice->words[i]; i++) {
		if (is_unit(belongs, choice->words[i])) {
			return false;
		}
	}
	return true;
}

bool
choose_fits_name(const struct choice *choice, const char *comm)
{
	for (size_t i = 0; choice->words && choice->words[i]; i++) {
		if (fits_word(choice, i, comm, NULL)) {
			return true;
		}
	}
	return false;
}

/* ---- the rest ---- */
static bool
fits_numbers(const struct choice *choice, const struct process *process)
{
	const struct proc_stat *stat = &process->stat;

	return (!choice->users.count || has_number(&choice->users, process->uid)) &&
	       (!choice->sessions.count || has_number(&choice->sessions, stat->sid)) &&
	       (!choice->groups.count || has_number(&choice->groups, stat->pgid)) &&
	       (!choice->parents.count || has_number(&choice->parents, stat->ppid));
}

static bool
fits_terminal(const struct choice *choice, const struct process *process)
{
	char name[64];

	if (!choice->terminals) {
		return true;
	}
	if (!proc_tty_name(process->stat.tty, name, sizeof(name))) {
		return strv_has(choice->terminals, "-");
	}
	return strv_has(choice->terminals, name);
}

static bool
fits_state(const struct choice *choice, const struct process *process)
{
	if (!choice->states[0] && !choice->orphan) {
		return true;
	}
	return (choice->orphan && process->orphan) ||
	       (choice->states[0] && strchr(choice->states, process->stat.state));
}

static bool
fits_age(const struct choice *choice, const struct census *census, const struct process *process)
{
	int64_t age = census_age(census, process);

	return (choice->older < 0 || age >= choice->older) &&
	       (choice->younger < 0 || age <= choice->younger);
}

static bool
fits_unit(const struct choice *choice, const struct process *process)
{
	bool fits = !choice->units;

	for (size_t i = 0; !fits && choice->units[i]; i++) {
		fits = unit_fits(choice->units[i], process->unit);
	}
	return fits;
}

static bool
fits_above(const struct choice *choice, const struct process *process)
{
	if (!choice->above.count) {
		return true;
	}
	for (const struct process *at = process; at; at = at->parent) {
		if (has_number(&choice->above, at->stat.pid)) {
			return true;
		}
	}
	return false;
}

static bool
fits(const struct choice *choice, const struct census *census, const struct process *process,
     const struct belongs *belongs)
{
	return fits_numbers(choice, process) && fits_words(choice, process, belongs) &&
	       fits_state(choice, process) && fits_age(choice, census, process) &&
	       fits_terminal(choice, process) && fits_unit(choice, process) &&
	       fits_above(choice, process) && deep_fits(choice->deep, process);
}

/* the first or the last to begin; of one tick the numbers decide, as pgrep has it */
static void
keep_one(const struct choice *choice, struct process **list, size_t *count)
{
	struct process *best = list[0];

	for (size_t i = 1; i < *count; i++) {
		uint64_t start = list[i]->stat.start;
		if (choice->newest ? start >= best->stat.start : start < best->stat.start) {
			best = list[i];
		}
	}
	list[0] = best;
	*count = 1;
}

size_t
choose_from(const struct choice *choice, struct census *census, const struct belongs *belongs,
	    pid_t self, struct process ***ret_list)
{
	struct process **list = calloc(census->count + 1, sizeof(*list));
	size_t count = 0;

	CHECK(list);
	for (size_t i = 0; i < census->count; i++) {
		struct process *process = &census->list[i];
		if (process->stat.pid != self &&
		    fits(choice, census, process, belongs) != choice->invert) {
			list[count++] = process;
		}
	}
	if (count > 1 && (choice->newest || choice->oldest)) {
		keep_one(choice, list, &count);
	}
	*ret_list = list;
	return count;
}

int
choose_check_units(const struct choice *choice, const struct belongs *belongs)
{
	int code = CLI_DONE;

	for (size_t i = 0; choice->units && choice->units[i]; i++) {
		if (!belongs_fits(belongs, choice->units[i])) {
			complain("%s: there is no such unit%s", choice->units[i],
				 belongs_is_known(belongs) ? "" : "; no tendd runs");
			code = CLI_NO_UNIT;
		}
	}
	return code;
}

bool
choose_is_named(const struct choice *choice, pid_t pid)
{
	return has_number(&choice->pids, pid);
}

/* does anything narrow down what the words and --unit say? */
static bool
is_narrowed(const struct choice *choice)
{
	return choice->users.count || choice->sessions.count || choice->groups.count ||
	       choice->parents.count || choice->above.count || choice->terminals ||
	       choice->states[0] || choice->orphan || choice->older >= 0 || choice->younger >= 0 ||
	       choice->newest || choice->oldest || choice->invert || deep_is_any(choice->deep) ||
	       (choice->units && (choice->words || choice->pids.count));
}

char **
choose_units(const struct choice *choice, const struct belongs *belongs)
{
	char *const *patterns = choice->units ? choice->units : choice->words;
	char **units = NULL;
	const char *unit;
	size_t at = 0;

	if (is_narrowed(choice) || !choose_wants_units(choice)) {
		return NULL;
	}
	while ((unit = belongs_each(belongs, &at))) {
		bool fits = false;
		for (size_t i = 0; patterns && patterns[i] && !fits; i++) {
			fits = unit_fits(patterns[i], unit);
		}
		if (fits) {
			strv_add(&units, unit);
		}
	}
	return units;
}
