/* Memory: what a process has, what of it only it has, and where in its address space things lie.
 * The numbers come from three files of different price and secrecy: status (cheap, for everybody),
 * smaps_rollup (pss, swap) and smaps (each map); what is refused is told and the rest shown. */
#include "base/str.h"
#include "cli/inspect.h"
#include <stdlib.h>
#include <string.h>

enum { ROLLUP_MAX = 16 << 10 };

static const struct {
	const char *key, *field;
} status_keys[] = {
	{ "VmRSS", "rss" },         { "VmHWM", "peak" },        { "VmSize", "virtual" },
	{ "RssAnon", "anonymous" }, { "RssFile", "of_files" },  { "RssShmem", "shared_memory" },
	{ "VmLck", "locked" },      { "VmPTE", "page_tables" }, { "VmSwap", "swap" },
};
static const char *const rollup_keys[][2] = {
	{ "Pss", "pss" },
	{ "Private_Dirty", "private_dirty" },
	{ "SwapPss", "swap_pss" },
};

static void
add_rollup(struct inspect *inspect, json_t *memory)
{
	autofree char *text = NULL;
	int r = proc_file(inspect->pid, "smaps_rollup", ROLLUP_MAX, &text, NULL);

	if (r < 0) {
		inspect_miss(inspect, "smaps_rollup (pss)", r);
	}
	for (size_t i = 0; i < COUNT(rollup_keys); i++) {
		uint64_t number = 0;
		bool known = text && proc_field_number(text, rollup_keys[i][0], 10, &number);
		(void)json_object_set_new(memory, rollup_keys[i][1],
					  inspect_number(known, number * 1024));
	}
}

static json_t *
shown_map(const struct proc_map *map)
{
	return json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "what",
			 inspect_text(map->path[0] ? map->path : "anonymous"), "perms", map->perms,
			 "start", (json_int_t)map->start, "size",
			 (json_int_t)(map->end - map->start), "rss", (json_int_t)map->rss, "pss",
			 (json_int_t)map->pss, "swap", (json_int_t)map->swap, "deleted",
			 (int)map->deleted);
}

static int
larger(const void *a, const void *b)
{
	const struct proc_map *x = *(const struct proc_map *const *)a,
			      *y = *(const struct proc_map *const *)b;

	if (x->rss != y->rss) {
		return x->rss > y->rss ? -1 : 1;
	}
	return x->start < y->start ? -1 : 1;
}

static json_t *
largest(const struct inspect *inspect, const struct proc_maps *maps)
{
	const struct proc_map **order = calloc(maps->count + 1, sizeof(struct proc_map *));
	json_t *array = json_array();

	for (size_t i = 0; order && i < maps->count; i++) {
		order[i] = &maps->maps[i];
	}
	if (order && maps->count > 1) {
		qsort(order, maps->count, sizeof(struct proc_map *), larger);
	}
	for (size_t i = 0; order && i < maps->count && i < (size_t)inspect->largest; i++) {
		(void)json_array_append_new(array, shown_map(order[i]));
	}
	free(order);
	return array;
}

static void
add_part(json_t *layout, const char *part, const struct proc_map *map)
{
	json_t *json = shown_map(map);

	(void)json_object_set_new(json, "part", json_string(part));
	(void)json_array_append_new(layout, json);
}

/* the program's own maps by their rights; the kernel names the others */
static json_t *
layout(const struct inspect *inspect, const struct proc_maps *maps)
{
	autofree char *executable = NULL;
	json_t *array = json_array();

	if (proc_link(inspect->pid, "exe", &executable) == 0) {
		(void)proc_undelete(executable);
	}
	for (size_t i = 0; i < maps->count; i++) {
		const struct proc_map *map = &maps->maps[i];
		if (executable && str_equal(map->path, executable)) {
			add_part(array,
				 map->perms[2] == 'x'   ? "code"
				 : map->perms[1] == 'w' ? "data"
							: "constants",
				 map);
		} else if (str_equal(map->path, "[heap]") || str_equal(map->path, "[stack]") ||
			   str_equal(map->path, "[vdso]")) {
			autofree char *name = str_dup_n(map->path + 1, strlen(map->path) - 2);
			add_part(array, name, map);
		}
	}
	return array;
}

json_t *
inspect_memory(struct inspect *inspect)
{
	autodone(proc_maps) struct proc_maps maps = { 0 };
	json_t *memory = json_object();
	int r;

	for (size_t i = 0; i < COUNT(status_keys); i++) {
		(void)json_object_set_new(memory, status_keys[i].field,
					  inspect_status(inspect, status_keys[i].key, 1024));
	}
	if (inspect->stat.state == 'Z' || inspect->stat.flags & PROC_KERNEL_THREAD) {
		return memory; /* they have none */
	}
	add_rollup(inspect, memory);
	r = proc_maps(inspect->pid, true, &maps);
	if (r < 0) {
		inspect_miss(inspect, "smaps (maps)", r);
	}
	(void)json_object_set_new(memory, "maps", inspect_number(r == 0, maps.count));
	(void)json_object_set_new(memory, "layout", layout(inspect, &maps));
	(void)json_object_set_new(memory, "largest", largest(inspect, &maps));
	return memory;
}

/* ---- for people ---- */
static void
put_maps(const json_t *maps, bool parts)
{
	static const struct column columns[] = {
		{ .title = "  PART" },
		{ .title = "ADDRESS", .right = true },
		{ .title = "SIZE", .right = true },
		{ .title = "RSS", .right = true },
		{ .title = "PSS", .right = true },
		{ .title = "SWAP", .right = true, .drop = 1 },
		{ .title = "PERMS" },
		{ .title = "WHAT", .least = 10 },
	};
	struct table *table = table_new(columns + !parts, COUNT(columns) - !parts);
	json_t *map;
	size_t i;

	json_array_foreach(maps, i, map) {
		if (parts) {
			table_add(table, PAINT_NONE, str_format("  %s", phrase_get(map, "part")));
		}
		table_add(table, PAINT_DIM,
			  str_format("%18llx", (unsigned long long)json_integer_value(
						       json_object_get(map, "start"))));
		table_add(table, PAINT_NONE, phrase_size(json_object_get(map, "size")));
		table_add(table, PAINT_NONE, phrase_size(json_object_get(map, "rss")));
		table_add(table, PAINT_NONE, phrase_size(json_object_get(map, "pss")));
		table_add(table, PAINT_NONE, phrase_size(json_object_get(map, "swap")));
		table_add(table, PAINT_DIM, str_dup(phrase_get(map, "perms")));
		table_add(table, PAINT_NONE,
			  str_format("%s%s", phrase_get(map, "what"),
				     json_is_true(json_object_get(map, "deleted")) ? " (deleted)"
										   : ""));
	}
	table_print(table, screen_columns());
	table = table_free(table);
}

void
inspect_memory_put(const struct inspect *inspect, const json_t *memory)
{
	autofree char *rss = phrase_size(json_object_get(memory, "rss"));
	autofree char *pss = phrase_size(json_object_get(memory, "pss"));
	autofree char *swap = phrase_size(json_object_get(memory, "swap"));
	autofree char *peak = phrase_size(json_object_get(memory, "peak"));
	autofree char *whole = phrase_size(json_object_get(memory, "virtual"));
	autofree char *anonymous = phrase_size(json_object_get(memory, "anonymous"));
	autofree char *files = phrase_size(json_object_get(memory, "of_files"));
	autofree char *shared = phrase_size(json_object_get(memory, "shared_memory"));

	if (!json_is_integer(json_object_get(memory, "rss"))) {
		inspect_line("memory", "%s", inspect->status ? "none" : "not to be told");
		return;
	}
	inspect_line("in memory", "%s (rss): %s its own, %s of files, %s shared memory", rss,
		     anonymous, files, shared);
	inspect_line("its share", "%s (pss: what is shared is divided)", pss);
	inspect_line("peak", "%s", peak);
	inspect_line("swapped out", "%s", swap);
	inspect_line("address space", "%s", whole);
	if (json_array_size(json_object_get(memory, "layout")) > 0) {
		(void)printf("\n");
		put_maps(json_object_get(memory, "layout"), true);
	}
	if (json_array_size(json_object_get(memory, "largest")) > 0) {
		(void)printf("\n  the largest of %lld maps\n",
			     (long long)json_integer_value(json_object_get(memory, "maps")));
		put_maps(json_object_get(memory, "largest"), false);
	}
}
