/* value-limit: LimitNOFILE= and its like. All of a unit's limits are one array that is made with
 * the first of them; until then the unit points to one that all share: most units set none, and
 * it is a third of the struct. */
#include "base/check.h"
#include "base/clock.h"
#include "base/span.h"
#include "unit/value.h"
#include <string.h>

_Static_assert(RLIM_NLIMITS == (int)LIMIT_RESOURCES, "one limit for each of the kernel's");

const struct limit value_limit_none[LIMIT_RESOURCES];

static bool
is_bytes(unsigned resource)
{
	switch (resource) {
	case RLIMIT_FSIZE:
	case RLIMIT_DATA:
	case RLIMIT_STACK:
	case RLIMIT_CORE:
	case RLIMIT_RSS:
	case RLIMIT_MEMLOCK:
	case RLIMIT_AS:
	case RLIMIT_MSGQUEUE: return true;
	default: return false;
	}
}

/* +5 and -5 are nice values; the kernel counts from 40 (nice -20) down to 1 */
static bool
nice_read(const char *text, rlim_t *ret_number)
{
	int64_t number;

	if (str_to_i64(text, &number) < 0) {
		return false;
	}
	if (text[0] == '+' || text[0] == '-') {
		number = 20 - number;
		if (number < 1 || number > 40) {
			return false;
		}
	}
	*ret_number = (rlim_t)number;
	return number >= 0 && number <= 40;
}

static bool
time_read(const char *text, int64_t unit, rlim_t *ret_number)
{
	int64_t span;

	if (span_parse_unit(text, unit, &span) < 0 || span < 0) {
		return false;
	}
	*ret_number =
		span == CLOCK_NEVER ? RLIM_INFINITY : (rlim_t)(span / unit + (span % unit != 0));
	return true;
}

static bool
number_read(unsigned resource, const char *text, rlim_t *ret_number)
{
	uint64_t number;

	if (str_equal(text, "infinity")) {
		*ret_number = RLIM_INFINITY;
		return true;
	}
	if (resource == RLIMIT_NICE) {
		return nice_read(text, ret_number);
	}
	if (resource == RLIMIT_CPU) {
		return time_read(text, CLOCK_S, ret_number);
	}
	if (resource == RLIMIT_RTTIME) {
		return time_read(text, CLOCK_US, ret_number);
	}
	if ((is_bytes(resource) ? size_parse(text, &number) : str_to_u64(text, &number)) < 0) {
		return false;
	}
	*ret_number = number;
	return true;
}

static struct limit *
limits_own(const struct limit **field)
{
	struct limit *own;

	if (*field != value_limit_none) {
		return (struct limit *)*field;
	}
	own = calloc(LIMIT_RESOURCES, sizeof(*own));
	CHECK(own != NULL);
	*field = own;
	return own;
}

static enum value_result
limit_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	const char *colon = strchr(text, ':');
	char autofree *soft =
		str_dup_n(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	struct rlimit value;

	if (!number_read(key->resource, soft, &value.rlim_cur) ||
	    !number_read(key->resource, colon != NULL ? colon + 1 : soft, &value.rlim_max)) {
		(void)err_set(err, "'%s' is no limit; a number, infinity or soft:hard are", text);
		return VALUE_BAD;
	}
	if (value.rlim_cur > value.rlim_max) {
		(void)err_set(err, "the soft limit is above the hard one in '%s'", text);
		return VALUE_BAD;
	}
	limits_own(field)[key->resource] = (struct limit){ .set = true, .value = value };
	return VALUE_GOOD;
}

static void
number_print(struct buf *text, rlim_t number)
{
	if (number == RLIM_INFINITY) {
		(void)buf_add_str(text, "infinity");
	} else { /* a bare number is read in the kernel's unit, whichever that is */
		(void)buf_addf(text, "%llu", (unsigned long long)number);
	}
}

static char *
limit_print(const struct key *key, const void *field)
{
	const struct limit *limit = &(*(const struct limit *const *)field)[key->resource];
	struct buf text;

	if (!limit->set) {
		return NULL;
	}
	buf_init(&text, SIZE_MAX / 4);
	number_print(&text, limit->value.rlim_cur);
	if (limit->value.rlim_cur != limit->value.rlim_max) {
		(void)buf_add_char(&text, ':');
		number_print(&text, limit->value.rlim_max);
	}
	return buf_take(&text);
}

static bool
limit_equal(const struct key *key, const void *a, const void *b)
{
	const struct limit *one = &(*(const struct limit *const *)a)[key->resource];
	const struct limit *other = &(*(const struct limit *const *)b)[key->resource];

	return one->set == other->set && one->value.rlim_cur == other->value.rlim_cur &&
	       one->value.rlim_max == other->value.rlim_max;
}

static void
limits_done(void *field)
{
	const struct limit **limits = field;

	if (*limits != value_limit_none) {
		free((void *)(uintptr_t)*limits);
		*limits = value_limit_none;
	}
}

static void
limit_reset(const struct key *key, void *field)
{
	const struct limit **limits = field;

	if (*limits != value_limit_none) {
		limits_own(limits)[key->resource] = (struct limit){ .set = false };
	}
}

const struct value value_limit_resource = {
	.name = "LIMIT",
	.size = sizeof(struct limit *),
	.parse = limit_parse,
	.print = limit_print,
	.equal = limit_equal,
	.done = limits_done,
	.reset = limit_reset,
};
