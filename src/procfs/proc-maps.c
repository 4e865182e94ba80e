/* /proc/PID/maps and smaps. A browser has thousands of maps and its smaps megabytes, so they are
 * read line by line. A newline in a path is written as \012, everything else as it is. */
#include "base/check.h"
#include "procfs/detail.h"
#include "procfs/proc.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void
unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		bool newline = strncmp(from, "\\012", 4) == 0;

		*to = newline ? '\n' : *from;
		from += newline ? 4 : 1;
	}
	*to = '\0';
}

/* "start-end perms offset major:minor inode      path" */
static bool
parse_head(char *line, struct proc_map *ret_map)
{
	struct proc_map map = { 0 };
	unsigned long long start, end, offset, inode;
	int at = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %x:%x %llu %n", &start, &end, map.perms, &offset,
		   &map.major, &map.minor, &inode, &at) < 7 ||
	    at == 0) {
		return false;
	}
	map.start = start;
	map.end = end;
	map.offset = offset;
	map.inode = inode;
	map.path = str_dup(line + at);
	map.path[strcspn(map.path, "\n")] = '\0';
	map.deleted = proc_undelete(map.path);
	unescape(map.path);
	*ret_map = map;
	return true;
}

/* "Rss:     12 kB" */
static void
parse_size(const char *line, struct proc_map *map)
{
	static const struct {
		const char *key;
		size_t offset;
	} keys[] = {
		{ "Rss:", offsetof(struct proc_map, rss) },
		{ "Pss:", offsetof(struct proc_map, pss) },
		{ "Swap:", offsetof(struct proc_map, swap) },
	};

	for (size_t i = 0; i < COUNT(keys); i++) {
		if (str_starts(line, keys[i].key)) {
			uint64_t *where = (uint64_t *)(void *)((char *)map + keys[i].offset);
			*where = strtoull(line + strlen(keys[i].key), NULL, 10) * 1024;
		}
	}
}

static void
add(struct proc_maps *maps, size_t *size, const struct proc_map *map)
{
	if (maps->count == *size) {
		*size = MAX(*size * 2, 64);
		maps->maps = reallocarray(maps->maps, *size, sizeof(*maps->maps));
		CHECK(maps->maps);
	}
	maps->maps[maps->count++] = *map;
}

static int
read_all(FILE *file, struct proc_maps *maps)
{
	char *line = NULL;
	size_t size = 0, room = 0;
	int r = 0;

	errno = 0;
	while (getline(&line, &room, file) > 0) {
		struct proc_map map;

		/* a head begins with an address, a size with a capital letter */
		if (!isupper((unsigned char)line[0]) && parse_head(line, &map)) {
			add(maps, &size, &map);
		} else if (maps->count > 0) {
			parse_size(line, &maps->maps[maps->count - 1]);
		}
		errno = 0;
	}
	if (ferror(file)) {
		r = proc_error(errno);
	}
	free(line);
	return r;
}

int
proc_maps(pid_t pid, bool sizes, struct proc_maps *ret_maps)
{
	struct proc_maps maps = { 0 };
	char path[PROC_PATH];
	FILE *file;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, sizes ? "smaps" : "maps");
	file = fopen(path, "re");
	if (!file) {
		return proc_error(errno);
	}
	r = read_all(file, &maps);
	(void)fclose(file);
	if (r < 0) {
		proc_maps_done(&maps);
		return r;
	}
	*ret_maps = maps;
	return 0;
}

void
proc_maps_done(struct proc_maps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		free(maps->maps[i].path);
	}
	free(maps->maps);
	*maps = (struct proc_maps){ 0 };
}
