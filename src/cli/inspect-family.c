/* Where a process comes from and where it belongs: its parents up to the first process, its
 * session, its group and its terminal. */
#include "base/str.h"
#include "cli/inspect.h"
#include <errno.h>
#include <stdio.h>

enum { PARENTS_MAX = 1000 };

/* ---- parents ---- */
json_t *
inspect_parents(struct inspect *inspect)
{
	json_t *parents = json_array();
	uint64_t youngest = inspect->stat.start;
	pid_t pid = inspect->stat.ppid;

	while (pid > 0 && json_array_size(parents) < PARENTS_MAX) {
		autofree char *command = proc_command(pid), *user = NULL;
		struct proc_stat stat;
		uid_t uid;

		if (proc_stat(pid, &stat) < 0) {
			inspect_miss(inspect, "a parent (hidden, or it ended just now)", -EPERM);
			break;
		}
		if (stat.start > youngest) {
			break; /* the pid is somebody else's by now */
		}
		user = proc_uid(pid, &uid) == 0 ? inspect_user(uid) : NULL;
		(void)json_array_append_new(
			parents, json_pack("{s:i, s:o, s:o, s:o}", "pid", (int)pid, "name",
					   inspect_text(stat.comm), "command",
					   inspect_text(command), "user", inspect_text(user)));
		youngest = stat.start;
		pid = stat.ppid;
	}
	return parents;
}

void
inspect_parents_put(const struct inspect *inspect, const json_t *parents)
{
	json_t *parent;
	size_t i;

	json_array_foreach(parents, i, parent) {
		inspect_line(i == 0 ? "child of" : "of", "%lld %s (%s)",
			     (long long)json_integer_value(json_object_get(parent, "pid")),
			     phrase_get(parent, "command"), phrase_get(parent, "user"));
	}
	if (json_array_size(parents) == 0) {
		inspect_line("child of", "%s",
			     inspect->stat.ppid > 0
				     ? "not to be seen"
				     : "nobody: it is the first one, or its parent is "
				       "outside of this pid namespace");
	}
}

/* ---- session ---- */
json_t *
inspect_session(struct inspect *inspect)
{
	const struct proc_stat *stat = &inspect->stat;
	autofree char *leader = proc_command(stat->sid);
	char name[64];
	const char *tty = proc_tty_name(stat->tty, name, sizeof(name));

	return json_pack("{s:i, s:o, s:i, s:b, s:b, s:o, s:o}", "session", (int)stat->sid, "leader",
			 inspect_text(leader), "group", (int)stat->pgid, "is_session_leader",
			 (int)(stat->pid == stat->sid), "is_group_leader",
			 (int)(stat->pid == stat->pgid), "terminal", inspect_text(tty),
			 "foreground", tty ? json_boolean(stat->tpgid == stat->pgid) : json_null());
}

void
inspect_session_put(const struct inspect *inspect, const json_t *session)
{
	const char *tty = phrase_get(session, "terminal"), *leader = phrase_get(session, "leader");
	long long session_number =
		(long long)json_integer_value(json_object_get(session, "session"));

	(void)inspect;
	inspect_line("session", "%lld%s%s", session_number,
		     json_is_true(json_object_get(session, "is_session_leader"))
			     ? ", it is the leader"
		     : session_number == 0 ? ", from outside of this pid namespace"
		     : leader[0]           ? " of "
					   : ", the leader has ended",
		     json_is_true(json_object_get(session, "is_session_leader")) ? "" : leader);
	inspect_line(
		"group", "%lld%s", (long long)json_integer_value(json_object_get(session, "group")),
		json_is_true(json_object_get(session, "is_group_leader")) ? ", it is the leader"
									  : "");
	inspect_line("terminal", "%s%s", tty[0] ? tty : "none",
		     !tty[0] ? ""
		     : json_is_true(json_object_get(session, "foreground"))
			     ? ", in the foreground"
			     : ", in the background");
}
