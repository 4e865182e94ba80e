/* What a process may do and what it is shut into: capabilities, seccomp, namespaces. Capabilities
 * are shown as people think of them: none, all, or by name. */
#include "base/str.h"
#include "cli/inspect.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* in the order of linux/capability.h */
static const char *const capabilities[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
};
static const struct {
	const char *key, *field;
} sets[] = {
	{ "CapEff", "effective" }, { "CapPrm", "permitted" }, { "CapInh", "inheritable" },
	{ "CapBnd", "bounding" },  { "CapAmb", "ambient" },
};

static json_t *
names_of(uint64_t bits)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < 64; i++) {
		if (!(bits >> i & 1)) {
			continue;
		}
		if (i < COUNT(capabilities)) {
			(void)json_array_append_new(array, json_string(capabilities[i]));
		} else {
			autofree char *name = str_format("capability-%u", i);
			(void)json_array_append_new(array, json_string(name));
		}
	}
	return array;
}

json_t *
inspect_capabilities(struct inspect *inspect)
{
	json_t *json = json_object();

	for (size_t i = 0; i < COUNT(sets); i++) {
		uint64_t bits = 0;
		bool known = inspect->status &&
			     proc_field_number(inspect->status, sets[i].key, 16, &bits);
		(void)json_object_set_new(json, sets[i].field,
					  known ? names_of(bits) : json_null());
	}
	(void)json_object_set_new(json, "no_new_privileges",
				  inspect_status(inspect, "NoNewPrivs", 1));
	return json;
}

static bool
has_name(const json_t *names, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(names, i, entry) {
		if (str_equal(json_string_value(entry), name)) {
			return true;
		}
	}
	return false;
}

/* all, none, a few, or all but a few */
static char *
words_of_set(const json_t *names)
{
	size_t n = json_array_size(names);
	bool but = n > COUNT(capabilities) / 2;
	struct buf text;

	if (n == 0) {
		return str_dup("none");
	}
	buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; i < COUNT(capabilities); i++) {
		if (has_name(names, capabilities[i]) != but) {
			(void)buf_addf(&text, " %s", capabilities[i]);
		}
	}
	if (but) {
		char *whole = str_format("all%s%s", text.length ? " but" : "", buf_str(&text));
		buf_done(&text);
		return whole;
	}
	buf_drop(&text, 1);
	return buf_take(&text);
}

void
inspect_capabilities_put(const struct inspect *inspect, const json_t *json)
{
	(void)inspect;
	for (size_t i = 0; i < COUNT(sets); i++) {
		const json_t *names = json_object_get(json, sets[i].field);
		autofree char *words = words_of_set(names);
		if (json_is_array(names)) {
			inspect_line(sets[i].field, "%s", words);
		}
	}
	if (json_integer_value(json_object_get(json, "no_new_privileges")) > 0) {
		inspect_line("no new", "it can never gain more (NoNewPrivileges)");
	}
}

/* ---- seccomp ---- */
json_t *
inspect_seccomp(struct inspect *inspect)
{
	static const char *const modes[] = { "none", "strict", "filter" };
	uint64_t mode = 0;
	bool known = inspect->status && proc_field_number(inspect->status, "Seccomp", 10, &mode);

	return json_pack("{s:o, s:o}", "mode",
			 known ? json_string(mode < COUNT(modes) ? modes[mode] : "unknown")
			       : json_null(),
			 "filters", inspect_status(inspect, "Seccomp_filters", 1));
}

void
inspect_seccomp_put(const struct inspect *inspect, const json_t *json)
{
	const json_t *filters = json_object_get(json, "filters");
	const char *mode = phrase_get(json, "mode");

	(void)inspect;
	if (str_equal(mode, "filter") && json_is_integer(filters)) {
		inspect_line("seccomp", "%lld filter%s decide which system calls it may make",
			     (long long)json_integer_value(filters),
			     json_integer_value(filters) == 1 ? "" : "s");
	} else {
		inspect_line("seccomp", "%s",
			     str_equal(mode, "none")     ? "none: every system call"
			     : str_equal(mode, "strict") ? "strict: read, write and exit only"
			     : mode[0]                   ? mode
							 : "not told by this kernel");
	}
}

/* ---- namespaces ---- */
static const char *const kinds[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };

json_t *
inspect_namespaces(struct inspect *inspect)
{
	json_t *array = json_array();

	for (size_t i = 0; i < COUNT(kinds); i++) {
		autofree char *name = str_format("ns/%s", kinds[i]), *theirs = NULL, *ours = NULL;
		int r = proc_link(inspect->pid, name, &theirs);
		bool known = proc_link(getpid(), name, &ours) == 0;

		if (!known || (r == -ESRCH && inspect->stat.state == 'Z')) {
			continue; /* this kernel has none of the kind; a zombie is in none any more
				   */
		}
		if (r < 0) {
			inspect_miss(inspect, name, r);
			continue;
		}
		(void)json_array_append_new(
			array, json_pack("{s:s, s:I, s:b}", "kind", kinds[i], "inode",
					 (json_int_t)strtoll(theirs + strcspn(theirs, "0123456789"),
							     NULL, 10),
					 "ours", (int)str_equal(theirs, ours)));
	}
	return array;
}

void
inspect_namespaces_put(const struct inspect *inspect, const json_t *namespaces)
{
	autofree char *inside = inspect->status ? proc_field(inspect->status, "NSpid") : NULL;
	struct buf same;
	json_t *space;
	size_t i;

	buf_init(&same, 4096);
	json_array_foreach(namespaces, i, space) {
		if (json_is_true(json_object_get(space, "ours"))) {
			(void)buf_addf(&same, "%s%s", same.length ? " " : "",
				       phrase_get(space, "kind"));
		} else {
			inspect_line(
				phrase_get(space, "kind"), "of its own (%lld)",
				(long long)json_integer_value(json_object_get(space, "inode")));
		}
	}
	if (same.length > 0) {
		inspect_line("as here", "%s", buf_str(&same));
	}
	if (inside && strpbrk(inside, " \t")) {
		inspect_line("pids", "%s (from here inwards)", inside);
	}
	buf_done(&same);
}
