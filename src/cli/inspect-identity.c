/* Which program this is, and whether what is on the disk still is it: people replace a program or
 * a library and forget who runs with the old one. Paths are looked up as the process sees them,
 * through /proc/PID/root, so this holds in a container too. */
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/inspect.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/stat.h>

enum { SETTLED_S = 2, FILE_SMALL = 4096, GROUPS_MAX = 65536 };

/* ---- is the file still the one that was taken? ---- */
/* "same", "deleted", "replaced", "changed" (written to since the start), NULL: not to be told */
static const char *
state_of_file(const struct inspect *inspect, const char *path, bool deleted)
{
	autofree char *there = str_format("/proc/%d/root%s", (int)inspect->pid, path);
	int64_t started = proc_started_wall(&inspect->stat) / CLOCK_S;
	struct stat status;

	if (stat(there, &status) < 0) {
		return errno == ENOENT || errno == ENOTDIR ? "deleted" : deleted ? "deleted" : NULL;
	}
	if (deleted) {
		return "replaced";
	}
	return status.st_mtime > started + SETTLED_S ? "changed" : "same";
}

static bool
is_real_file(const char *path)
{
	return path[0] == '/' && !str_starts(path, "/memfd:") && !str_starts(path, "/dev/") &&
	       !str_starts(path, "/SYSV") && !str_starts(path, "/anon_hugepage") &&
	       !str_starts(path, "/[");
}

static void
add_library(struct inspect *inspect, json_t *libraries, const struct proc_map *map)
{
	const char *state = state_of_file(inspect, map->path, map->deleted);
	json_t *library;
	size_t i;

	json_array_foreach(libraries, i, library) {
		if (str_equal(phrase_get(library, "path"), map->path)) {
			return;
		}
	}
	(void)json_array_append_new(libraries, json_pack("{s:o, s:s?}", "path",
							 inspect_text(map->path), "state", state));
}

/* everything that is mapped to be executed, but for the program itself */
static json_t *
libraries(struct inspect *inspect, const char *executable)
{
	autodone(proc_maps) struct proc_maps maps = { 0 };
	json_t *array = json_array();
	int r = proc_maps(inspect->pid, false, &maps);

	if (r < 0) {
		inspect_miss(inspect, "maps (libraries)", r);
	}
	for (size_t i = 0; i < maps.count; i++) {
		const struct proc_map *map = &maps.maps[i];
		if (map->perms[2] == 'x' && is_real_file(map->path) &&
		    !str_equal(map->path, executable)) {
			add_library(inspect, array, map);
		}
	}
	return array;
}

/* ---- the program ---- */
static void
add_executable(struct inspect *inspect, json_t *identity)
{
	autofree char *path = NULL;
	int r = proc_link(inspect->pid, "exe", &path);
	bool deleted;

	if (r == -ESRCH &&
	    (inspect->stat.flags & PROC_KERNEL_THREAD || inspect->stat.state == 'Z')) {
		r = 0; /* they have none */
	} else if (r < 0) {
		inspect_miss(inspect, "exe", r);
	}
	deleted = path && proc_undelete(path);
	(void)json_object_set_new(identity, "executable", inspect_text(path));
	(void)json_object_set_new(identity, "executable_state",
				  inspect_text(path && is_real_file(path)
						       ? state_of_file(inspect, path, deleted)
					       : deleted ? "deleted"
							 : NULL));
	(void)json_object_set_new(identity, "libraries",
				  path ? libraries(inspect, path) : json_array());
}

static json_t *
aslr(struct inspect *inspect)
{
	autofree char *system = NULL, *own = NULL;
	size_t n;

	if (file_read_proc(AT_FDCWD, "/proc/sys/kernel/randomize_va_space", FILE_SMALL, &system,
			   &n) == 0 &&
	    system[0] == '0') {
		return json_false();
	}
	if (proc_file(inspect->pid, "personality", FILE_SMALL, &own, NULL) < 0) {
		return json_null();
	}
	return json_boolean(!(strtoul(own, NULL, 16) & ADDR_NO_RANDOMIZE));
}

static void
add_elf(struct inspect *inspect, json_t *identity)
{
	autodone(proc_elf) struct proc_elf elf = { 0 };
	uint64_t entry = 0;
	bool placed = proc_auxv(inspect->pid, AT_ENTRY, &entry);
	int r = proc_elf(inspect->pid, &elf);
	json_t *json = json_null();

	if (r < 0 && r != -ESRCH) {
		inspect_miss(inspect, "exe (ELF header)", r);
	}
	if (elf.is_elf) {
		json = json_pack("{s:i, s:s, s:s, s:b, s:o, s:I, s:o}", "bits", (int)elf.bits,
				 "machine", proc_elf_machine(elf.machine), "linked",
				 elf.dynamic ? "dynamic" : "static", "pie", (int)elf.pie,
				 "interpreter", inspect_text(elf.interpreter), "entry",
				 (json_int_t)elf.entry, "entry_at", inspect_number(placed, entry));
	}
	(void)json_object_set_new(identity, "elf", json);
	(void)json_object_set_new(identity, "aslr", aslr(inspect));
}

/* ---- who and where ---- */
static json_t *
ids(const struct inspect *inspect, const char *key)
{
	autofree char *text = inspect->status ? proc_field(inspect->status, key) : NULL;
	json_t *array = json_array();
	const char *at = text;

	while (at && *at && json_array_size(array) < GROUPS_MAX) {
		char *end;
		unsigned long id = strtoul(at, &end, 10);
		if (end == at) {
			break;
		}
		(void)json_array_append_new(array, json_integer((json_int_t)id));
		at = end;
	}
	return array;
}

static void
add_place(struct inspect *inspect, json_t *identity, const char *name)
{
	autofree char *target = NULL;
	int r = inspect->stat.state == 'Z' ? -ESRCH : proc_link(inspect->pid, name, &target);

	if (r < 0 && inspect->stat.state != 'Z') {
		inspect_miss(inspect, name, r);
	}
	(void)json_object_set_new(identity, name, inspect_text(target));
}

json_t *
inspect_identity(struct inspect *inspect)
{
	json_t *identity = json_object();
	autofree char *command = proc_command(inspect->pid), *user = NULL;
	autofree char *mask = inspect->status ? proc_field(inspect->status, "Umask") : NULL;
	int64_t started = proc_started_wall(&inspect->stat);
	uid_t uid = 0;

	if (proc_uid(inspect->pid, &uid) == 0) {
		user = inspect_user(uid);
	}
	(void)json_object_set_new(identity, "name", inspect_text(inspect->stat.comm));
	(void)json_object_set_new(identity, "command", inspect_text(command));
	(void)json_object_set_new(identity, "user", inspect_text(user));
	(void)json_object_set_new(identity, "uids", ids(inspect, "Uid"));
	(void)json_object_set_new(identity, "gids", ids(inspect, "Gid"));
	(void)json_object_set_new(identity, "groups", ids(inspect, "Groups"));
	(void)json_object_set_new(identity, "started", json_real((double)started / 1e9));
	(void)json_object_set_new(identity, "age",
				  json_real((double)(clock_wall() - started) / 1e9));
	(void)json_object_set_new(identity, "kernel_thread",
				  json_boolean(inspect->stat.flags & PROC_KERNEL_THREAD));
	add_executable(inspect, identity);
	add_elf(inspect, identity);
	add_place(inspect, identity, "cwd");
	add_place(inspect, identity, "root");
	(void)json_object_set_new(identity, "umask", inspect_text(mask));
	return identity;
}

/* ---- for people ---- */
static const char *
words_of_state(const char *state)
{
	return str_equal(state, "deleted")    ? ": it has been deleted since the start"
	       : str_equal(state, "replaced") ? ": another file has this name now; the old one runs"
	       : str_equal(state, "changed")  ? ": it has been written to since the start"
					      : "";
}

static void
put_elf(const json_t *identity)
{
	const json_t *elf = json_object_get(identity, "elf"),
		     *aslr = json_object_get(identity, "aslr");
	const json_t *at = json_object_get(elf, "entry_at");
	const char *interpreter = phrase_get(elf, "interpreter");

	if (!json_is_object(elf)) {
		return;
	}
	inspect_line("program", "%lld-bit ELF, %s, %s, %s%s",
		     (long long)json_integer_value(json_object_get(elf, "bits")),
		     phrase_get(elf, "machine"), phrase_get(elf, "linked"),
		     json_is_true(json_object_get(elf, "pie")) ? "position independent (PIE)"
							       : "at a fixed address (no PIE)",
		     json_is_true(aslr)    ? ", addresses random (ASLR)"
		     : json_is_false(aslr) ? ", addresses NOT random (ASLR is off)"
					   : ", ASLR not to be told");
	if (json_is_integer(at)) {
		inspect_line("entry", "0x%llx (0x%llx in the file)",
			     (unsigned long long)json_integer_value(at),
			     (unsigned long long)json_integer_value(json_object_get(elf, "entry")));
	} else {
		inspect_line("entry", "0x%llx in the file",
			     (unsigned long long)json_integer_value(json_object_get(elf, "entry")));
	}
	if (interpreter[0]) {
		inspect_line("interpreter", "%s", interpreter);
	}
}

static void
put_libraries(const json_t *identity)
{
	const json_t *libraries = json_object_get(identity, "libraries");
	json_t *library;
	size_t i, stale = 0;

	json_array_foreach(libraries, i, library) {
		const char *state = phrase_get(library, "state");
		if (state[0] && !str_equal(state, "same")) {
			inspect_line(stale++ ? "" : "old libraries", "%s%s",
				     phrase_get(library, "path"), words_of_state(state));
		}
	}
	if (json_array_size(libraries) > 0 && stale == 0) {
		inspect_line("libraries", "%zu, as they are on the disk",
			     json_array_size(libraries));
	}
}

static void
put_ids(const json_t *identity)
{
	const json_t *uids = json_object_get(identity, "uids");
	const json_t *gids = json_object_get(identity, "gids");
	json_int_t real = json_integer_value(json_array_get(uids, 0));
	json_int_t effective = json_integer_value(json_array_get(uids, 1));

	if (json_array_size(uids) < 2) {
		inspect_line("user", "%s", phrase_get(identity, "user"));
	} else if (real == effective) {
		inspect_line("user", "%s (uid %lld, gid %lld)", phrase_get(identity, "user"),
			     (long long)effective,
			     (long long)json_integer_value(json_array_get(gids, 1)));
	} else {
		autofree char *name = inspect_user((uid_t)real);
		inspect_line("user", "%s (uid %lld), started by %s (uid %lld)",
			     phrase_get(identity, "user"), (long long)effective, name,
			     (long long)real);
	}
}

void
inspect_identity_put(const struct inspect *inspect, const json_t *identity)
{
	autofree char *age = phrase_span(json_number_value(json_object_get(identity, "age")));
	autofree char *started = phrase_time(
		json_number_value(json_object_get(identity, "started")), inspect->cli->utc);
	const char *executable = phrase_get(identity, "executable");
	const char *state = phrase_get(identity, "executable_state");

	inspect_line("command", "%s", phrase_get(identity, "command"));
	inspect_line("name", "%s", phrase_get(identity, "name"));
	if (executable[0]) {
		inspect_line("executable", "%s%s", executable, words_of_state(state));
	}
	if (json_is_true(json_object_get(identity, "kernel_thread"))) {
		inspect_line("program", "none: it is a thread of the kernel");
	}
	put_elf(identity);
	put_libraries(identity);
	put_ids(identity);
	inspect_line("started", "%s, %s ago", started, age);
	if (phrase_get(identity, "cwd")[0]) {
		inspect_line("directory", "%s", phrase_get(identity, "cwd"));
	}
	if (phrase_get(identity, "root")[0] && !str_equal(phrase_get(identity, "root"), "/")) {
		inspect_line("root", "%s", phrase_get(identity, "root"));
	}
	if (phrase_get(identity, "umask")[0]) {
		inspect_line("umask", "%s", phrase_get(identity, "umask"));
	}
}
