/* value-schedule: how much of the processors and the disks. Policies and classes are kept as the
 * kernel counts them, one higher, so that 0 is unset; processors as a list that reads back, since a
 * set of them is a thousand bits that nearly no unit has. */
#include "base/check.h"
#include "base/str.h"
#include "unit/value.h"
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

struct word {
	const char *word;
	int number;
};

static const struct word policies[] = { { "other", SCHED_OTHER },
					{ "batch", SCHED_BATCH },
					{ "idle", SCHED_IDLE },
					{ "fifo", SCHED_FIFO },
					{ "rr", SCHED_RR } };
/* IOPRIO_CLASS_...; systemd takes the numbers as well */
static const struct word classes[] = { { "none", 0 }, { "realtime", 1 }, { "best-effort", 2 },
				       { "idle", 3 }, { "0", 0 },        { "1", 1 },
				       { "2", 2 },    { "3", 3 } };

static enum value_result
word_parse(const struct word *words, size_t count, int *field, const char *text, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (str_equal(words[i].word, text)) {
			*field = words[i].number + 1;
			return VALUE_GOOD;
		}
	}
	(void)err_set(err, "'%s' is none of %s, %s, %s, %s", text, words[0].word, words[1].word,
		      words[2].word, words[3].word);
	return VALUE_BAD;
}

static char *
word_print(const struct word *words, size_t count, const int *field)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i].number + 1 == *field) {
			return str_dup(words[i].word);
		}
	}
	return NULL;
}

static enum value_result
policy_parse(const struct key *key UNUSED, void *field, const char *text, struct err *err)
{
	return word_parse(policies, COUNT(policies), field, text, err);
}

static char *
policy_print(const struct key *key UNUSED, const void *field)
{
	return word_print(policies, COUNT(policies), field);
}

const struct value value_schedule_policy = {
	.name = "POLICY", .size = sizeof(int), .parse = policy_parse, .print = policy_print
};

static enum value_result
class_parse(const struct key *key UNUSED, void *field, const char *text, struct err *err)
{
	return word_parse(classes, COUNT(classes), field, text, err);
}

static char *
class_print(const struct key *key UNUSED, const void *field)
{
	return word_print(classes, COUNT(classes), field);
}

const struct value value_schedule_class = {
	.name = "IOCLASS", .size = sizeof(int), .parse = class_parse, .print = class_print
};

/* ---- priorities ---- */
static enum value_result
priority_parse(int least, int most, int *field, const char *text, struct err *err)
{
	int64_t number;

	if (str_to_i64(text, &number) < 0 || number < least || number > most) {
		(void)err_set(err, "'%s' is no number from %d to %d", text, least, most);
		return VALUE_BAD;
	}
	*field = (int)number;
	return VALUE_GOOD;
}

static enum value_result
cpu_priority_parse(const struct key *key UNUSED, void *field, const char *text, struct err *err)
{
	return priority_parse(0, 99, field, text, err);
}

static enum value_result
io_priority_parse(const struct key *key UNUSED, void *field, const char *text, struct err *err)
{
	return priority_parse(0, 7, field, text, err);
}

static char *
priority_print(const struct key *key UNUSED, const void *field)
{
	return str_format("%d", *(const int *)field);
}

const struct value value_schedule_cpu_priority = {
	.name = "RTPRIO", .size = sizeof(int), .parse = cpu_priority_parse, .print = priority_print
};
const struct value value_schedule_io_priority = {
	.name = "IOPRIO", .size = sizeof(int), .parse = io_priority_parse, .print = priority_print
};

/* ---- processors ---- */
static bool
add_range(cpu_set_t *set, const char *text)
{
	unsigned first, last;
	char more;
	int n = sscanf(text, "%u-%u%c", &first, &last, &more);

	if (strspn(text, "0123456789-") != strlen(text) || n < 1 || n > 2 || text[0] == '-') {
		return false;
	}
	if (n == 1 && sscanf(text, "%u%c", &first, &more) != 1) {
		return false;
	}
	last = n == 1 ? first : last;
	if (last < first || last >= CPU_SETSIZE) {
		return false;
	}
	for (; first <= last; first++) {
		CPU_SET(first, set);
	}
	return true;
}

/* "0-3,5 7"; what cannot be one is in *ret_wrong, owned by nobody */
static bool
add_list(cpu_set_t *set, char *text, const char **ret_wrong)
{
	char *rest = NULL;

	for (char *one = strtok_r(text, ", \t", &rest); one; one = strtok_r(NULL, ", \t", &rest)) {
		if (!add_range(set, one)) {
			*ret_wrong = one;
			return false;
		}
	}
	return true;
}

void
unit_processors(const char *list, cpu_set_t *ret_set)
{
	autofree char *copy = str_dup(list);
	const char *wrong;

	CPU_ZERO(ret_set);
	CHECK(add_list(ret_set, copy, &wrong));
}

static char *
show(const cpu_set_t *set)
{
	struct buf text;

	buf_init(&text, ERR_TEXT_MAX * 16);
	for (unsigned i = 0; i < CPU_SETSIZE; i++) {
		unsigned last = i;

		if (!CPU_ISSET(i, set)) {
			continue;
		}
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set)) {
			last++;
		}
		(void)buf_addf(&text, last > i ? "%s%u-%u" : "%s%u", text.length ? "," : "", i,
			       last);
		i = last;
	}
	return buf_take(&text);
}

static enum value_result
processors_parse(const struct key *key UNUSED, void *field, const char *text, struct err *err)
{
	autofree char *copy = str_dup(text);
	const char *wrong = NULL;
	char **list = field;
	cpu_set_t set;

	if (str_equal(text, "numa")) {
		(void)err_set(err, "NUMAMask= is not honoured, so there is nothing to follow");
		return VALUE_BAD;
	}
	CPU_ZERO(&set);
	if (*list) {
		unit_processors(*list, &set); /* lines add up */
	}
	if (!add_list(&set, copy, &wrong)) {
		(void)err_set(err, "'%s' is neither a processor nor a range, as 0-3 is one", wrong);
		return VALUE_BAD;
	}
	free(*list);
	*list = show(&set);
	return VALUE_GOOD;
}

static char *
processors_print(const struct key *key UNUSED, const void *field)
{
	const char *list = *(char *const *)field;

	return list ? str_dup(list) : NULL;
}

static bool
processors_equal(const struct key *key UNUSED, const void *a, const void *b)
{
	return str_equal(*(char *const *)a, *(char *const *)b);
}

static void
processors_done(void *field)
{
	free(*(char **)field);
	*(char **)field = NULL;
}

const struct value value_schedule_processors = { .name = "CPUS",
						 .size = sizeof(char *),
						 .parse = processors_parse,
						 .print = processors_print,
						 .equal = processors_equal,
						 .done = processors_done };

bool
value_schedule_needs_root(const struct unit *unit, const struct key *key)
{
	const struct value *value = key_value(key);

	return (value == &value_schedule_policy &&
		(unit->cpu_policy == SCHED_FIFO + 1 || unit->cpu_policy == SCHED_RR + 1)) ||
	       (value == &value_schedule_class && unit->io_class == 1 + 1);
}
