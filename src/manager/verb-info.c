/* verb-info: who is there, and what this machine offers. */
#include "manager/core.h"
#include "base/version.h"
#include <unistd.h>

void
verb_info(struct manager *manager, struct call *call)
{
	json_t *notes = json_array();
	const char *home = manager->places->home ? manager->places->home : manager->places->run;

	if (!manager->groups) {
		(void)json_array_append_new(
			notes,
			json_string(
				"no cgroup can be made here: what a unit started is found by "
				"session, parent and INVOCATION_ID, and memory limits need one"));
	}
	if (!proc_is_there()) {
		(void)json_array_append_new(
			notes, json_string("/proc is not mounted: processes that left their unit "
					   "cannot be found"));
	}
	LIST_EACH(notice, &manager->config->notices, struct notice, link) {
		autofree char *text = str_format("%s:%u: %s%s%s", notice->file, notice->line,
						 notice->key ? notice->key : "",
						 notice->key ? "=: " : "", notice->text);
		(void)json_array_append_new(notes, shown_text(text));
	}
	call_reply(call,
		   json_pack("{s:s, s:i, s:i, s:i, s:o, s:I, s:s, s:b, s:f, s:o, s:o}", "version",
			     VERSION, "keeper", (int)manager->keeper_pid, "manager", (int)getpid(),
			     "logger", (int)manager->logger_pid, "home", shown_text(home), "units",
			     (json_int_t)manager->members.count, "kin", kin_way(manager), "root",
			     (int)manager->root, "since", (double)manager->since_wall / 1e9,
			     "notes", notes, "group", shown_text(groups_path(manager))));
}
