/* The control group of a process: what it uses, what it may use, and how long its processes had to
 * wait for cpu, memory and disks (pressure). Of a kernel or a machine that does not count one of
 * them it is null. */
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/inspect.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS_MAX = 1 << 20, SMALL = 4096 };

static json_t *
number_of(int group, const char *file, const char *key)
{
	int64_t number = cgroup_number(group, file, key);

	return inspect_number(number >= 0, (uint64_t)number);
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and the same for "full" */
static json_t *
pressure_of(int group, const char *file)
{
	autofree char *text = NULL;
	json_t *pressure;

	if (file_read_proc(group, file, SMALL, &text, NULL) < 0) {
		return json_null();
	}
	pressure = json_object();
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		char kind[8];
		double ten, sixty, all;
		unsigned long long total;
		line += *line == '\n';
		if (sscanf(line, "%7s avg10=%lf avg60=%lf avg300=%lf total=%llu", kind, &ten,
			   &sixty, &all, &total) == 5) {
			(void)json_object_set_new(pressure, kind,
						  json_pack("{s:f, s:f, s:f, s:I}", "avg10", ten,
							    "avg60", sixty, "avg300", all,
							    "total_us", (json_int_t)total));
		}
	}
	return pressure;
}

static void
add_group(json_t *cgroup, const char *path)
{
	autofree char *directory = cgroup_directory(path);
	autoclose int group =
		directory ? fd_raise(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) : -1;

	(void)json_object_set_new(cgroup, "directory", inspect_text(directory));
	if (!fd_is_open(group)) {
		return;
	}
	(void)json_object_set_new(cgroup, "memory", number_of(group, "memory.current", NULL));
	(void)json_object_set_new(cgroup, "memory_max", number_of(group, "memory.max", NULL));
	(void)json_object_set_new(cgroup, "tasks", number_of(group, "pids.current", NULL));
	(void)json_object_set_new(cgroup, "tasks_max", number_of(group, "pids.max", NULL));
	(void)json_object_set_new(cgroup, "cpu_us", number_of(group, "cpu.stat", "usage_usec"));
	(void)json_object_set_new(cgroup, "frozen", number_of(group, "cgroup.events", "frozen"));
	(void)json_object_set_new(cgroup, "pressure",
				  json_pack("{s:o, s:o, s:o}", "cpu",
					    pressure_of(group, "cpu.pressure"), "memory",
					    pressure_of(group, "memory.pressure"), "io",
					    pressure_of(group, "io.pressure")));
}

json_t *
inspect_cgroup(struct inspect *inspect)
{
	autofree char *text = NULL;
	json_t *cgroup = json_object(), *old = json_array();
	char *rest, *line;
	int r = proc_file(inspect->pid, "cgroup", GROUPS_MAX, &text, NULL);

	if (r < 0) {
		inspect_miss(inspect, "cgroup", r);
	}
	(void)json_object_set_new(cgroup, "path", json_null());
	(void)json_object_set_new(cgroup, "v1", old);
	rest = text;
	while (r == 0 && (line = strsep(&rest, "\n"))) {
		if (str_starts(line, "0::")) {
			(void)json_object_set_new(cgroup, "path", inspect_text(line + 3));
			add_group(cgroup, line + 3);
		} else if (strchr(line, ':')) {
			(void)json_array_append_new(old, inspect_text(strchr(line, ':') + 1));
		}
	}
	return cgroup;
}

static void
put_use(const json_t *cgroup, const char *label, const char *key, const char *most, bool bytes)
{
	const json_t *now = json_object_get(cgroup, key), *limit = json_object_get(cgroup, most);

	if (json_is_integer(now)) {
		autofree char *used =
			bytes ? phrase_size(now)
			      : str_format("%lld", (long long)json_integer_value(now));
		autofree char *may =
			!json_is_integer(limit) ? str_dup("no limit")
			: bytes                 ? phrase_size(limit)
				: str_format("%lld", (long long)json_integer_value(limit));
		inspect_line(label, "%s of %s", used, may);
	}
}

void
inspect_cgroup_put(const struct inspect *inspect, const json_t *cgroup)
{
	static const char *const kinds[] = { "cpu", "memory", "io" };
	const char *path = phrase_get(cgroup, "path");
	json_t *entry;
	size_t i;

	(void)inspect;
	inspect_line("cgroup", "%s%s", path[0] ? path : "none of version 2",
		     path[0] && !phrase_get(cgroup, "directory")[0] ? " (not to be seen from here)"
								    : "");
	json_array_foreach(json_object_get(cgroup, "v1"), i, entry) {
		const char *text = json_string_value(entry), *colon = strchr(text, ':');
		if (colon && !str_equal(colon, ":/")) {
			inspect_line("version 1", "%s", text);
		}
	}
	put_use(cgroup, "memory", "memory", "memory_max", true);
	put_use(cgroup, "tasks", "tasks", "tasks_max", false);
	if (json_integer_value(json_object_get(cgroup, "frozen")) == 1) {
		inspect_line("frozen", "yes: nothing in it runs until it is thawed");
	}
	for (i = 0; i < COUNT(kinds); i++) {
		const json_t *some = json_object_get(
			json_object_get(json_object_get(cgroup, "pressure"), kinds[i]), "some");
		autofree char *label = str_format("waits: %s", kinds[i]);
		if (json_is_object(some)) {
			inspect_line(label, "%.1f%% of the last 10 s, %.1f%% of the last minute",
				     json_number_value(json_object_get(some, "avg10")),
				     json_number_value(json_object_get(some, "avg60")));
		}
	}
}
