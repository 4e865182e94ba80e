/* load: which files make up a unit, in systemd's order: the main file from the first directory
 * that has it, then the drop-ins of all directories sorted by their names, where the same name
 * in an earlier directory hides a later one. file_read() refuses what is not a regular file, so
 * a FIFO or a device never blocks us. */
#include "base/check.h"
#include "base/file.h"
#include "base/path.h"
#include "unit/name.h"
#include "unit/notice.h"
#include "unit/parse.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct main_file {
	char *path;
	char *text;
	size_t length;
};

/* a file that is there to hide others: empty, or /dev/null */
static bool
is_mask(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		return false;
	}
	return S_ISCHR(st.st_mode) ? st.st_rdev == 0x103 : S_ISREG(st.st_mode) && st.st_size == 0;
}

static bool
read_words(int number, const char *path, struct err *err)
{
	switch (number) {
	case EINVAL: (void)err_set(err, "%s is not a regular file", path); break;
	case EFBIG:
		(void)err_set(err, "%s is larger than %d bytes", path, (int)LIMIT_UNIT_FILE);
		break;
	default: (void)err_set_errno(err, number, "cannot read %s", path); break;
	}
	if (err != NULL) {
		err->number = number == ENOENT ? EIO : number; /* it is there, but leads nowhere */
	}
	return false;
}

/* finds NAME.service in the directories; *ret_found tells whether there is one, false that it
 * cannot be used */
static bool
main_read(const char *name, char *const *directories, struct main_file *ret_main, bool *ret_found,
	  struct err *err)
{
	char autofree *file = str_format("%s.service", name);
	struct stat st;

	*ret_found = false;
	for (size_t i = 0; directories != NULL && directories[i] != NULL; i++) {
		char *path = path_join(directories[i], file);
		int r;

		if (lstat(path, &st) < 0) {
			free(path);
			continue;
		}
		*ret_found = true;
		if (is_mask(path)) {
			(void)err_set(err, "%s is masked by %s", name, path);
			if (err != NULL) {
				err->number = ESHUTDOWN;
			}
			free(path);
			return false;
		}
		r = file_read(AT_FDCWD, path, LIMIT_UNIT_FILE, &ret_main->text, &ret_main->length);
		if (r < 0) {
			(void)read_words(-r, path, err);
			free(path);
			return false;
		}
		ret_main->path = path;
		return true;
	}
	return true;
}

/* adds the *.conf of one directory that no earlier one of the same base name hides */
static bool
directory_collect(const char *directory, char ***paths)
{
	DIR *dir = opendir(directory);
	bool found = false;

	if (dir == NULL) {
		return false;
	}
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		bool hidden = entry->d_name[0] == '.' || !str_ends(entry->d_name, ".conf");

		for (char **path = *paths; !hidden && path != NULL && *path != NULL; path++) {
			hidden = str_equal(path_base(*path), entry->d_name);
		}
		if (!hidden) {
			strv_take_add(paths, path_join(directory, entry->d_name));
			found = true;
		}
	}
	(void)closedir(dir);
	return found;
}

static bool
name_collect(const char *name, char *const *directories, char ***paths)
{
	bool found = false;

	for (size_t i = 0; directories != NULL && directories[i] != NULL; i++) {
		char autofree *directory = str_format("%s/%sservice.d", directories[i], name);

		found = directory_collect(directory, paths) || found;
	}
	return found;
}

static int
by_base_name(const void *a, const void *b)
{
	return strcmp(path_base(*(char *const *)a), path_base(*(char *const *)b));
}

/* "a-b-c" has the drop-ins of "a-b-" and "a-" as well */
static void
dashes_collect(const char *name, char *const *directories, char ***paths)
{
	char autofree *shorter = str_dup(name);
	const char *at = strchr(name, '@');
	const char *end = at == NULL ? "." : "@.";
	size_t n = at != NULL ? (size_t)(at - name) : strlen(name);

	while (n > 0) {
		shorter[n] = '\0';
		if (shorter[n - 1] == '-') {
			char autofree *dotted = str_format("%s%s", shorter, end);

			(void)name_collect(dotted, directories, paths);
		}
		n--;
	}
}

/* all drop-ins in the order in which they are read; *ret_own: one of them is for this instance
 * alone */
static char **
drop_ins_find(const char *name, char *const *directories, bool *ret_own)
{
	char **paths = NULL;
	char autofree *dotted = str_format("%s.", name);

	*ret_own = name_collect(dotted, directories, &paths) && name_is_instance(name);
	if (name_is_instance(name)) {
		char autofree *template = name_template(name);
		char autofree *template_dotted = str_format("%s.", template);

		(void)name_collect(template_dotted, directories, &paths);
	}
	dashes_collect(name, directories, &paths);
	(void)name_collect("", directories, &paths);
	if (paths != NULL) {
		qsort(paths, strv_length(paths), sizeof(*paths), by_base_name);
	}
	return paths;
}

static void
drop_in_read(struct unit *unit, const char *path)
{
	char *text;
	size_t length;
	struct err err = { .line = 0 };
	int r;

	if (is_mask(path)) {
		return;
	}
	r = file_read(AT_FDCWD, path, LIMIT_UNIT_FILE, &text, &length);
	if (r < 0) {
		(void)read_words(-r, path, &err);
		notice_add(&unit->notices, NOTICE_BAD, path, 0, NULL, "%s", err.text);
		if (unit->bad == NULL) {
			unit->bad = str_dup(err.text);
			unit->bad_text = true;
		}
		return;
	}
	if (strv_length(unit->drop_ins) < UINT16_MAX - 1) {
		strv_add(&unit->drop_ins, path);
		parse_text(unit, text, length, (unsigned)strv_length(unit->drop_ins));
	}
	free(text);
}

static uint64_t
stamp_add(uint64_t stamp, const char *path)
{
	struct stat st = { 0 };
	uint64_t parts[4];

	if (stat(path, &st) < 0) {
		return stamp; /* gone: reload-units tells of that */
	}
	parts[0] = (uint64_t)st.st_mtim.tv_sec;
	parts[1] = (uint64_t)st.st_mtim.tv_nsec;
	parts[2] = (uint64_t)st.st_size;
	parts[3] = (uint64_t)st.st_ino;
	for (size_t i = 0; i < COUNT(parts); i++) {
		stamp = (stamp ^ parts[i]) * 0x100000001b3ULL;
	}
	return stamp;
}

static uint64_t
stamp_of(const struct unit *unit)
{
	uint64_t stamp = stamp_add(0xcbf29ce484222325ULL, unit->file);

	for (size_t i = 0; unit->drop_ins != NULL && unit->drop_ins[i] != NULL; i++) {
		if (!str_equal(path_base(unit->drop_ins[i]), "scale.conf")) {
			stamp = stamp_add(stamp, unit->drop_ins[i]);
		}
	}
	return stamp;
}

bool
unit_is_stale(const struct unit *unit)
{
	return unit->stamp != 0 && access(unit->file, F_OK) == 0 && stamp_of(unit) != unit->stamp;
}

/* the file's text and the drop-ins of `name` together */
static struct unit *
assemble(const char *name, const char *unit_name, char *const *directories,
	 const struct main_file *from)
{
	bool own;
	char **drop_ins = drop_ins_find(name, directories, &own);
	struct unit *unit = unit_new(own ? name : unit_name, from->path);

	parse_text(unit, from->text, from->length, 0);
	for (size_t i = 0; drop_ins != NULL && drop_ins[i] != NULL; i++) {
		drop_in_read(unit, drop_ins[i]);
	}
	(void)strv_free(drop_ins);
	unit_finish(unit);
	unit->stamp = stamp_of(unit);
	return unit;
}

struct unit *
unit_load(const char *name, char *const *directories, struct err *err)
{
	struct main_file from = { .path = NULL };
	char autofree *other = NULL;
	const char *unit_name = name;
	struct unit *unit;
	bool found;

	if (!name_check_letters(name, err)) {
		return NULL;
	}
	if (!main_read(name, directories, &from, &found, err)) {
		return NULL;
	}
	if (!found && name_is_instance(name)) {
		other = name_template(name);
		unit_name = other;
		if (!main_read(other, directories, &from, &found, err)) {
			return NULL;
		}
	}
	if (!found) {
		(void)err_set(err, "there is no unit %s", name);
		if (err != NULL) {
			err->number = ENOENT;
		}
		return NULL;
	}
	unit = assemble(name, unit_name, directories, &from);
	free(from.path);
	free(from.text);
	return unit;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* sorts and removes what is there twice */
static void
names_sort(char **names)
{
	size_t n = strv_length(names), kept = 0;

	if (names == NULL) {
		return;
	}
	qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && str_equal(names[kept - 1], names[i])) {
			free(names[i]);
		} else {
			names[kept++] = names[i];
		}
	}
	names[kept] = NULL;
}

char **
unit_names(char *const *directories)
{
	char **names = NULL;
	size_t count = 0, room = 0;

	for (size_t i = 0; directories != NULL && directories[i] != NULL; i++) {
		DIR *dir = opendir(directories[i]);
		struct dirent *entry;

		while (dir != NULL && (entry = readdir(dir)) != NULL) {
			char name[LIMIT_NAME + 1];

			if (!str_ends(entry->d_name, ".service") ||
			    !name_check(entry->d_name, name, NULL)) {
				continue;
			}
			if (count + 1 >= room) { /* strv_add counts each time: slow for thousands */
				room = room > 0 ? 2 * room : 16;
				names = reallocarray(names, room, sizeof(*names));
				CHECK(names != NULL);
			}
			names[count++] = str_dup(name);
			names[count] = NULL;
		}
		if (dir != NULL) {
			(void)closedir(dir);
		}
	}
	names_sort(names);
	return names;
}
