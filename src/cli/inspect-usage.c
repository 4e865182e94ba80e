/* What a process uses: cpu, switches, input and output, and its limits with how much of each is
 * taken. Where the kernel does not tell the use of a limit it is null, never guessed. */
#include "base/clock.h"
#include "base/str.h"
#include "cli/inspect.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

enum { IO_MAX = 4096, THREADS_READ = 4096, STATUS_MAX = 64 << 10 };

/* ---- cpu ---- */
static const char *
policy_word(int64_t policy)
{
	switch (policy) {
	case SCHED_OTHER: return "normal";
	case SCHED_FIFO: return "fifo";
	case SCHED_RR: return "round-robin";
	case SCHED_BATCH: return "batch";
	case SCHED_IDLE: return "idle";
	case 6: return "deadline";
	default: return "unknown";
	}
}

/* over all threads: a status file tells of the first one alone */
static void
add_switches(struct inspect *inspect, json_t *cpu)
{
	autofree pid_t *list = NULL;
	size_t count = 0;
	uint64_t own = 0, forced = 0, number;

	if (proc_threads(inspect->pid, &list, &count) < 0) {
		count = 0;
	}
	for (size_t i = 0; i < count && i < THREADS_READ; i++) {
		autofree char *name = str_format("task/%d/status", (int)list[i]), *text = NULL;
		if (proc_file(inspect->pid, name, STATUS_MAX, &text, NULL) < 0) {
			continue;
		}
		own += proc_field_number(text, "voluntary_ctxt_switches", 10, &number) ? number : 0;
		forced += proc_field_number(text, "nonvoluntary_ctxt_switches", 10, &number)
				  ? number
				  : 0;
	}
	(void)json_object_set_new(cpu, "switches", inspect_number(count > 0, own));
	(void)json_object_set_new(cpu, "switches_forced", inspect_number(count > 0, forced));
}

static json_t *
ticks(int64_t number)
{
	return json_real((double)number / (double)proc_ticks());
}

json_t *
inspect_cpu(struct inspect *inspect)
{
	json_t *cpu = json_object();
	autofree char *cpus =
		inspect->status ? proc_field(inspect->status, "Cpus_allowed_list") : NULL;
	double used = (double)(inspect->stat.utime + inspect->stat.stime) / (double)proc_ticks();
	double age = (double)(clock_wall() - proc_started_wall(&inspect->stat)) / 1e9;

	(void)json_object_set_new(cpu, "user", ticks((int64_t)inspect->stat.utime));
	(void)json_object_set_new(cpu, "system", ticks((int64_t)inspect->stat.stime));
	(void)json_object_set_new(cpu, "children",
				  ticks(inspect_stat(inspect, 16) + inspect_stat(inspect, 17)));
	(void)json_object_set_new(cpu, "percent_of_life",
				  json_real(age > 0 ? used * 100 / age : 0));
	(void)json_object_set_new(cpu, "threads", json_integer(inspect->stat.threads));
	add_switches(inspect, cpu);
	(void)json_object_set_new(cpu, "nice", json_integer(inspect->stat.nice));
	(void)json_object_set_new(cpu, "policy",
				  json_string(policy_word(inspect_stat(inspect, 41))));
	(void)json_object_set_new(cpu, "realtime_priority",
				  json_integer(inspect_stat(inspect, 40)));
	(void)json_object_set_new(cpu, "last_cpu", json_integer(inspect_stat(inspect, 39)));
	(void)json_object_set_new(cpu, "cpus", inspect_text(cpus));
	(void)json_object_set_new(cpu, "faults_major", json_integer(inspect_stat(inspect, 12)));
	(void)json_object_set_new(cpu, "faults_minor", json_integer(inspect_stat(inspect, 10)));
	return cpu;
}

static long long
integer(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

void
inspect_cpu_put(const struct inspect *inspect, const json_t *cpu)
{
	autofree char *user = phrase_span(json_number_value(json_object_get(cpu, "user")));
	autofree char *system = phrase_span(json_number_value(json_object_get(cpu, "system")));
	autofree char *children = phrase_span(json_number_value(json_object_get(cpu, "children")));

	(void)inspect;
	inspect_line("cpu", "%s of its own, %s in the kernel, %s of children that ended", user,
		     system, children);
	inspect_line("of its life", "%.1f%%",
		     json_number_value(json_object_get(cpu, "percent_of_life")));
	inspect_line("threads", "%lld", integer(cpu, "threads"));
	if (json_is_integer(json_object_get(cpu, "switches"))) {
		inspect_line("switches", "%lld because it waited, %lld because its time was over",
			     integer(cpu, "switches"), integer(cpu, "switches_forced"));
	}
	inspect_line("scheduling", "%s, nice %lld, last on cpu %lld, may use %s",
		     phrase_get(cpu, "policy"), integer(cpu, "nice"), integer(cpu, "last_cpu"),
		     phrase_get(cpu, "cpus"));
	inspect_line("page faults", "%lld from disk, %lld else", integer(cpu, "faults_major"),
		     integer(cpu, "faults_minor"));
}

/* ---- input and output ---- */
static const struct {
	const char *key, *field;
} io_keys[] = {
	{ "rchar", "read" },
	{ "wchar", "written" },
	{ "syscr", "reads" },
	{ "syscw", "writes" },
	{ "read_bytes", "disk_read" },
	{ "write_bytes", "disk_written" },
	{ "cancelled_write_bytes", "disk_cancelled" },
};

json_t *
inspect_io(struct inspect *inspect)
{
	autofree char *text = NULL;
	json_t *io = json_object();
	int r = proc_file(inspect->pid, "io", IO_MAX, &text, NULL);

	if (r == -ESRCH && proc_stat(inspect->pid, &(struct proc_stat){ 0 }) == 0) {
		r = -EOPNOTSUPP; /* the kernel counts none */
	}
	if (r < 0) {
		inspect_miss(inspect, "io", r);
	}
	for (size_t i = 0; i < COUNT(io_keys); i++) {
		uint64_t number = 0;
		bool known = text && proc_field_number(text, io_keys[i].key, 10, &number);
		(void)json_object_set_new(io, io_keys[i].field, inspect_number(known, number));
	}
	return io;
}

void
inspect_io_put(const struct inspect *inspect, const json_t *io)
{
	autofree char *read = phrase_size(json_object_get(io, "read"));
	autofree char *written = phrase_size(json_object_get(io, "written"));
	autofree char *disk_read = phrase_size(json_object_get(io, "disk_read"));
	autofree char *disk_written = phrase_size(json_object_get(io, "disk_written"));

	(void)inspect;
	if (!json_is_integer(json_object_get(io, "read"))) {
		return;
	}
	inspect_line("read", "%s in %lld calls, %s of it from disk", read, integer(io, "reads"),
		     disk_read);
	inspect_line("written", "%s in %lld calls, %s of it to disk", written,
		     integer(io, "writes"), disk_written);
}

/* ---- limits ---- */
static const struct {
	const char *limit, *key; /* of the status file, which counts kB */
} uses[] = {
	{ "stack size", "VmStk" },   { "address space", "VmSize" }, { "locked memory", "VmLck" },
	{ "resident set", "VmRSS" }, { "data size", "VmData" },
};

static json_t *
use_of(struct inspect *inspect, const char *limit)
{
	size_t count;

	for (size_t i = 0; i < COUNT(uses); i++) {
		if (str_equal(uses[i].limit, limit)) {
			return inspect_status(inspect, uses[i].key, 1024);
		}
	}
	if (str_equal(limit, "open files")) {
		int r = proc_fds_count(inspect->pid, &count);
		if (r < 0) {
			inspect_miss(inspect, "fd (open files)", r);
		}
		return inspect_number(r == 0, count);
	}
	if (str_equal(limit, "cpu time")) {
		return json_integer(
			(json_int_t)((inspect->stat.utime + inspect->stat.stime) / proc_ticks()));
	}
	if (str_equal(limit, "pending signals")) {
		return inspect_status(inspect, "SigQ", 1);
	}
	return json_null();
}

json_t *
inspect_limits(struct inspect *inspect)
{
	struct proc_limit limits[PROC_LIMITS];
	size_t count = 0;
	json_t *array = json_array();
	int r = proc_limits(inspect->pid, limits, &count);

	if (r < 0) {
		inspect_miss(inspect, "limits", r);
	}
	for (size_t i = 0; r == 0 && i < count; i++) {
		(void)json_array_append_new(
			array, json_pack("{s:s, s:o, s:o, s:s, s:o}", "limit", limits[i].name,
					 "soft", inspect_number(true, limits[i].soft), "hard",
					 inspect_number(true, limits[i].hard), "unit",
					 limits[i].unit, "used", use_of(inspect, limits[i].name)));
	}
	return array;
}

static char *
amount(const json_t *number, const char *unit, const char *none)
{
	return !json_is_integer(number) ? str_dup(none)
	       : str_equal(unit, "bytes")
		       ? phrase_size(number)
		       : str_format("%lld", (long long)json_integer_value(number));
}

void
inspect_limits_put(const struct inspect *inspect, const json_t *limits)
{
	static const struct column columns[] = {
		{ .title = "  LIMIT" },
		{ .title = "USED", .right = true },
		{ .title = "SOFT", .right = true },
		{ .title = "HARD", .right = true },
		{ .title = "UNIT" },
	};
	struct table *table = table_new(columns, COUNT(columns));
	json_t *limit;
	size_t i;

	(void)inspect;
	json_array_foreach(limits, i, limit) {
		const json_t *used = json_object_get(limit, "used"),
			     *soft = json_object_get(limit, "soft");
		const char *unit = phrase_get(limit, "unit");
		bool near = json_is_integer(used) && json_is_integer(soft) &&
			    json_integer_value(soft) > 0 &&
			    json_integer_value(used) >= json_integer_value(soft) / 10 * 9;
		table_add(table, PAINT_NONE, str_format("  %s", phrase_get(limit, "limit")));
		table_add(table, near ? PAINT_WARN : PAINT_NONE, amount(used, unit, "-"));
		table_add(table, PAINT_NONE, amount(soft, unit, "none"));
		table_add(table, PAINT_NONE, amount(json_object_get(limit, "hard"), unit, "none"));
		table_add(table, PAINT_DIM, str_dup(unit));
	}
	table_print(table, screen_columns());
	table = table_free(table);
}
