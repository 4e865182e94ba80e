/* verdict: the promise that no key is ignored in silence, kept by a loop over what was given. */
#include "unit/notice.h"
#include "unit/value.h"
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
may_raise(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[0].effective & (1U << CAP_SYS_RESOURCE)) != 0;
}

void
verdict_host_here(struct verdict_host *ret_host, bool oom)
{
	*ret_host =
		(struct verdict_host){ .root = geteuid() == 0, .oom = oom, .bound = !may_raise() };
	for (unsigned i = 0; i < LIMIT_RESOURCES; i++) {
		struct rlimit now;
		bool known = getrlimit((__rlimit_resource_t)i, &now) == 0;

		ret_host->hard[i] = known ? now.rlim_max : RLIM_INFINITY;
	}
}

/* run.c sets the permitted part of a limit */
static bool
is_lowered(const struct unit *unit, const struct key *key, const struct verdict_host *host)
{
	return key_value(key) == &value_limit_resource && host->bound &&
	       unit->limits[key->resource].set &&
	       unit->limits[key->resource].value.rlim_max > host->hard[key->resource];
}

static bool
notice_kind_of(const struct unit *unit, const struct key *key, const struct verdict_host *host,
	       enum notice_kind *ret_kind)
{
	switch (key->verdict) {
	case VERDICT_HONOURED:
		if (is_lowered(unit, key, host)) {
			*ret_kind = NOTICE_APPROXIMATED;
			return true;
		}
		break;
	case VERDICT_APPROXIMATED:
		*ret_kind = NOTICE_APPROXIMATED;
		return key_value(key) != &value_choice_oom || !host->oom;
	case VERDICT_NEEDS_ROOT: *ret_kind = NOTICE_NEEDS; return !host->root;
	case VERDICT_UNSUPPORTED: *ret_kind = NOTICE_UNSUPPORTED; return true;
	}
	*ret_kind = NOTICE_NEEDS;
	return !host->root &&
	       (value_schedule_needs_root(unit, key) ||
		(key_value(key) == &value_scalar_nice && unit->nice < 0) ||
		(key_value(key) == &value_scalar_oomscore && unit->oom_score_adjust < 0));
}

size_t
verdict_list(const struct unit *unit, const struct verdict_host *host, struct list *ret_notices)
{
	size_t count = 0;

	for (uint32_t i = 0; i < unit->place_count; i++) {
		const struct place *place = &unit->places[i];
		const struct key *key = &key_table[place->key];
		const char *words = key->words;
		char lowered[128];
		enum notice_kind kind;

		if (!notice_kind_of(unit, key, host, &kind)) {
			continue;
		}
		if (kind == NOTICE_NEEDS) {
			words = "only root can do this: without it the start fails";
		} else if (is_lowered(unit, key, host)) {
			(void)snprintf(lowered, sizeof(lowered),
				       "it is %llu at most: that is the hard limit here, and only "
				       "CAP_SYS_RESOURCE raises it",
				       (unsigned long long)host->hard[key->resource]);
			words = lowered;
		} else if (key_value(key) == &value_choice_oom) {
			words = "no cgroup counts out-of-memory kills here (that needs the memory "
				"controller): one of main is a SIGKILL, others are not seen";
		}
		notice_add(ret_notices, kind, unit_place_file(unit, place), place->line, key->name,
			   "%s", words);
		count++;
	}
	return count;
}
