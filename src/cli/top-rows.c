/* Rows out of processes. As a tree: each unit with what it uses, its processes below it, each below
 * its parent; then what belongs to tendd, and what belongs to nobody. Flat: the processes alone. A
 * filter leaves what fits and, in the tree, the unit above it. */
#include "base/check.h"
#include "base/str.h"
#include "cli/top.h"
#include <ctype.h>
#include <string.h>

enum { DEPTH_MAX = 100, KEY_SIZE = LIMIT_NAME + 32 };
static const char group_tendd[] = "tendd itself", group_others[] = "other processes";

const char *const top_sorts[TOP_SORTS] = {
	[TOP_BY_CPU] = "cpu", [TOP_BY_MEMORY] = "memory", [TOP_BY_PID] = "pid",
	[TOP_BY_AGE] = "age", [TOP_BY_NAME] = "name",
};

/* ---- which row ---- */
void
top_rows_id(const struct top_row *row, struct top_id *ret_id)
{
	struct top_id id = { .kind = row->kind };

	if (row->kind == TOP_PROCESS) {
		id.pid = row->process->stat.pid;
		id.start = row->process->stat.start;
	} else {
		(void)snprintf(id.name, sizeof(id.name), "%s", row->name);
	}
	*ret_id = id;
}

struct top_row *
top_rows_find(const struct top *top, const struct top_id *id)
{
	for (size_t i = 0; i < top->count; i++) {
		struct top_row *row = &top->rows[i];
		if (row->kind == id->kind &&
		    (row->kind == TOP_PROCESS ? row->process->stat.pid == id->pid &&
							row->process->stat.start == id->start
					      : str_equal(row->name, id->name))) {
			return row;
		}
	}
	return NULL;
}

/* ---- folds ---- */
static void
fold_key(const struct top_row *row, char *key)
{
	if (row->kind == TOP_PROCESS) {
		(void)snprintf(key, KEY_SIZE, "p%d:%llu", (int)row->process->stat.pid,
			       (unsigned long long)row->process->stat.start);
	} else {
		(void)snprintf(key, KEY_SIZE, "u%s", row->name);
	}
}

/* what is nobody's is folded where there are units */
static bool
fold_default(const struct top *top, const struct top_row *row)
{
	return row->kind == TOP_GROUP && top->group_count > 2;
}

static bool
is_folded(const struct top *top, const struct top_row *row)
{
	char key[KEY_SIZE];

	if (top->filter[0]) {
		return false;
	}
	fold_key(row, key);
	return fold_default(top, row) != (map_get(&top->folds, key) != NULL);
}

void
top_rows_fold(struct top *top, const struct top_row *row, bool folded)
{
	char key[KEY_SIZE], *owned;

	fold_key(row, key);
	owned = map_remove(&top->folds, key);
	free(owned);
	if (fold_default(top, row) != folded) {
		owned = str_dup(key);
		map_set(&top->folds, owned, owned);
	}
}

/* ---- the filter ---- */
static bool
has(const char *text, const char *part)
{
	return text && strcasestr(text, part) != NULL;
}

static bool
fits(struct top *top, struct process *process)
{
	char pid[16];

	if (!top->filter[0]) {
		return true;
	}
	(void)census_read(&top->now, process, (CENSUS_COMMAND | CENSUS_OWNER) & ~process->has);
	(void)snprintf(pid, sizeof(pid), "%d", (int)process->stat.pid);
	return has(process->stat.comm, top->filter) || has(process->command, top->filter) ||
	       has(process->unit, top->filter) || str_equal(pid, top->filter) ||
	       (process->has & CENSUS_OWNER && has(users_name(process->uid), top->filter));
}

/* ---- order ---- */
static int
by(double x, double y)
{
	return x > y ? -1 : x < y;
}

static int
compare_processes(const struct top *top, const struct process *x, const struct process *y)
{
	int r = 0;

	switch (top->sort) {
	case TOP_BY_CPU: r = by(x->share, y->share); break;
	case TOP_BY_MEMORY: r = by((double)x->stat.rss, (double)y->stat.rss); break;
	case TOP_BY_AGE: r = by((double)y->stat.start, (double)x->stat.start); break;
	case TOP_BY_NAME: r = strcasecmp(x->stat.comm, y->stat.comm); break;
	case TOP_BY_PID:
	case TOP_SORTS: break;
	}
	r = r ? r : by((double)y->stat.pid, (double)x->stat.pid);
	return top->reverse ? -r : r;
}

static int
compare_process_pointers(const void *a, const void *b, void *context)
{
	return compare_processes(context, *(struct process *const *)a, *(struct process *const *)b);
}

/* units first, then what is nobody's, whatever is sorted by */
static int
compare_groups(const void *a, const void *b, void *context)
{
	const struct top *top = context;
	const struct top_group *x = a, *y = b;
	int r = 0;

	if (!x->unit || !y->unit) {
		return (y->unit != NULL) - (x->unit != NULL);
	}
	switch (top->sort) {
	case TOP_BY_CPU: r = by(x->share, y->share); break;
	case TOP_BY_MEMORY: r = by((double)x->memory, (double)y->memory); break;
	case TOP_BY_AGE:
		r = by(json_number_value(json_object_get(x->unit, "uptime")),
		       json_number_value(json_object_get(y->unit, "uptime")));
		break;
	case TOP_BY_PID:
	case TOP_BY_NAME:
	case TOP_SORTS: break;
	}
	r = r ? r : strverscmp(x->name, y->name);
	return top->reverse ? -r : r;
}

/* ---- making them ---- */
static struct top_row *
add(struct top *top, const struct top_row *row)
{
	if (top->count == top->size) {
		top->size = MAX(top->size * 2, 256);
		top->rows = reallocarray(top->rows, top->size, sizeof(*top->rows));
		CHECK(top->rows);
	}
	top->rows[top->count] = *row;
	return &top->rows[top->count++];
}

static struct top_row
row_of(struct process *process, unsigned depth)
{
	return (struct top_row){ .kind = TOP_PROCESS,
				 .process = process,
				 .depth = depth,
				 .share = process->share,
				 .memory = process->stat.rss,
				 .tasks = (size_t)process->stat.threads };
}

/* groups: the units, tendd, others; process->mark is its group's place */
static void
make_groups(struct top *top)
{
	const json_t *units = belongs_units(top->belongs);
	size_t n = json_array_size(units), i;
	struct map places;
	json_t *unit;

	free(top->groups);
	top->groups = calloc(n + 2, sizeof(*top->groups));
	CHECK(top->groups);
	map_init(&places);
	json_array_foreach(units, i, unit) {
		top->groups[i] =
			(struct top_group){ .name = phrase_get(unit, "name"), .unit = unit };
		map_set(&places, top->groups[i].name, &top->groups[i]);
	}
	top->groups[n].name = group_tendd;
	top->groups[n + 1].name = group_others;
	top->group_count = n + 2;
	for (i = 0; i < top->now.count; i++) {
		struct process *process = &top->now.list[i];
		struct top_group *group = process->unit ? map_get(&places, process->unit) : NULL;
		if (!group) {
			group = &top->groups[belongs_role(top->belongs, process) ? n : n + 1];
		}
		process->mark = (unsigned)(group - top->groups);
		group->share += process->share > 0 ? process->share : 0;
		group->memory += process->stat.rss;
		group->tasks++;
	}
	map_done(&places);
}

static void
remember(struct top *top, uint64_t sample)
{
	for (size_t i = 0; i < top->group_count; i++) {
		const struct top_group *group = &top->groups[i];
		if (group->unit && sample > 1) { /* the first has no shares */
			top_history_add(&top->histories, group->name, sample, group->share,
					group->memory);
		}
	}
	top_history_sweep(&top->histories, sample);
}

/* the processes of each group that have no parent in it, or with a filter all that fit: a chain
 * by group */
struct roots {
	struct process **list; /* all, one group after the other */
	size_t *first;         /* of each group; one more at the end */
};

static bool
is_root(struct top *top, struct process *process)
{
	if (top->filter[0]) {
		return fits(top, process) || (top->groups[process->mark].unit &&
					      has(top->groups[process->mark].name, top->filter));
	}
	return !process->parent || process->parent->mark != process->mark;
}

static void
find_roots(struct top *top, struct roots *roots)
{
	size_t *at = calloc(top->group_count + 1, sizeof(*at));
	bool *is = calloc(top->now.count + 1, sizeof(*is));

	roots->first = calloc(top->group_count + 1, sizeof(*roots->first));
	roots->list = calloc(top->now.count + 1, sizeof(struct process *));
	CHECK(at && is && roots->first && roots->list);
	for (size_t i = 0; i < top->now.count; i++) {
		is[i] = is_root(top, &top->now.list[i]);
		roots->first[top->now.list[i].mark + 1] += is[i];
	}
	for (size_t i = 0; i < top->group_count; i++) {
		roots->first[i + 1] += roots->first[i];
		at[i] = roots->first[i];
	}
	for (size_t i = 0; i < top->now.count; i++) {
		if (is[i]) {
			roots->list[at[top->now.list[i].mark]++] = &top->now.list[i];
		}
	}
	free(at);
	free(is);
}

static void add_tree(struct top *top, struct process *process, unsigned depth);

static void
add_children(struct top *top, const struct process *process, unsigned depth)
{
	struct process **list;
	size_t n = 0;

	for (struct process *child = process->child; child; child = child->next) {
		n += child->mark == process->mark;
	}
	list = calloc(n + 1, sizeof(struct process *));
	CHECK(list);
	n = 0;
	for (struct process *child = process->child; child; child = child->next) {
		if (child->mark == process->mark) {
			list[n++] = child;
		}
	}
	qsort_r(list, n, sizeof(struct process *), compare_process_pointers, top);
	for (size_t i = 0; i < n; i++) {
		add_tree(top, list[i], depth);
	}
	free(list);
}

static bool
has_children(const struct process *process)
{
	const struct process *child = process->child;

	while (child && child->mark != process->mark) {
		child = child->next;
	}
	return child != NULL;
}

static void
add_tree(struct top *top, struct process *process, unsigned depth)
{
	struct top_row row = row_of(process, depth);

	row.has_more = !top->filter[0] && has_children(process);
	row.folded = row.has_more && is_folded(top, &row);
	(void)add(top, &row);
	if (row.has_more && !row.folded) {
		add_children(top, process, MIN(depth + 1, DEPTH_MAX));
	}
}

static void
add_group(struct top *top, const struct top_group *group, struct process **roots, size_t n)
{
	struct top_row row = { .kind = group->unit ? TOP_UNIT : TOP_GROUP,
			       .name = group->name,
			       .unit = group->unit,
			       .share = group->share,
			       .memory = group->memory,
			       .tasks = group->tasks,
			       .has_more = n > 0 };
	bool named = group->unit && top->filter[0] && has(group->name, top->filter);

	if (n == 0 && (top->filter[0] ? !named : !group->unit)) {
		return;
	}
	row.folded = row.has_more && is_folded(top, &row);
	(void)add(top, &row);
	if (row.folded) {
		return;
	}
	qsort_r(roots, n, sizeof(struct process *), compare_process_pointers, top);
	for (size_t i = 0; i < n; i++) {
		add_tree(top, roots[i], 1);
	}
}

static void
make_tree(struct top *top)
{
	struct roots roots = { 0 };
	struct top_group *order = calloc(top->group_count + 1, sizeof(*order));

	CHECK(order);
	find_roots(top, &roots);
	for (size_t i = 0; i < top->group_count; i++) {
		order[i] = top->groups[i];
		order[i].shown = i;
	}
	qsort_r(order, top->group_count, sizeof(*order), compare_groups, top);
	for (size_t i = 0; i < top->group_count; i++) {
		size_t place = order[i].shown, first = roots.first[place];
		add_group(top, &order[i], roots.list + first, roots.first[place + 1] - first);
	}
	free(order);
	free(roots.list);
	free(roots.first);
}

static int
compare_rows(const void *a, const void *b, void *context)
{
	const struct top_row *x = a, *y = b;

	return compare_processes(context, x->process, y->process);
}

static void
make_flat(struct top *top)
{
	for (size_t i = 0; i < top->now.count; i++) {
		if (fits(top, &top->now.list[i])) {
			struct top_row row = row_of(&top->now.list[i], 0);
			(void)add(top, &row);
		}
	}
	qsort_r(top->rows, top->count, sizeof(*top->rows), compare_rows, top);
}

/* the cursor stays on what it was put on; at the top it stays at the top, unless it follows */
static void
place_cursor(struct top *top)
{
	const struct top_row *row = top->has_chosen ? top_rows_find(top, &top->chosen) : NULL;

	if (row && (top->cursor > 0 || top->follow)) {
		top->cursor = (size_t)(row - top->rows);
	} else if (!row && top->follow && top->has_chosen) {
		top->follow = false;
		top_say(top, "what was followed is gone");
	}
	top->cursor = top->count ? MIN(top->cursor, top->count - 1) : 0;
	top->has_chosen = top->count > 0;
	if (top->has_chosen) {
		top_rows_id(&top->rows[top->cursor], &top->chosen);
	}
}

void
top_rows_make(struct top *top)
{
	static uint64_t remembered;

	top->count = 0;
	make_groups(top);
	if (remembered != top->samples) {
		remember(top, top->samples);
		remembered = top->samples;
	}
	if (top->flat) {
		make_flat(top);
	} else {
		make_tree(top);
	}
	place_cursor(top);
}

void
top_rows_done(struct top *top)
{
	size_t at = 0;
	char *key;

	while ((key = map_each(&top->folds, &at))) {
		(void)map_remove(&top->folds, key);
		free(key);
	}
	map_done(&top->folds);
	free(top->groups);
	free(top->rows);
}
