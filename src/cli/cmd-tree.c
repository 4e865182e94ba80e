/* cmd-tree: who started whom. Without words everybody, by what they belong to: first the units,
 * then the sessions of each user; inside, parents and children. With words the trees below those
 * that fit, wherever their members belong. */
#include "base/check.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/processes.h"
#include <string.h>

const struct opt cmd_tree_options[] = {
	CHOOSE_OPTIONS,
	{ 'p', "pids", NULL, "with the pid of each" },
	{ 'a', "arguments", NULL, "with the command line instead of the name" },
	{ 'T', "threads", NULL, "with threads" },
	OPT_JSON,
	OPT_END,
};
const char cmd_tree_details[] =
	CHOOSE_HELP "\n"
		    "Behind a name: s leads a session, g a process group, + is in front on its\n"
		    "terminal; orphan: its parent has ended; zombie: it has ended and the one\n"
		    "above does not reap it. Childless siblings of one name are counted.\n"
		    "  tend tree\n"
		    "  tend tree -p web\n"
		    "  tend tree -pa --user www";

struct tree {
	struct cli *cli;
	struct look *look;
	bool pids, arguments, threads, whole;
	struct buf line, left; /* what is printed; the bars at the left of it */
};

/* ---- one line ---- */
static void
put_flags(struct buf *to, const struct process *process)
{
	const struct proc_stat *stat = &process->stat;
	bool session = stat->sid == stat->pid, group = stat->pgid == stat->pid && !session;
	bool front = stat->tty && stat->pgid == stat->tpgid;

	if (session || group || front) {
		(void)buf_addf(to, " %s%s%s", session ? "s" : "", group ? "g" : "",
			       front ? "+" : "");
	}
	if (stat->state == 'Z' && stat->threads <= 1) {
		(void)buf_addf(to, " zombie, not reaped by %d%s%s%s", (int)stat->ppid,
			       process->parent ? " (" : "",
			       process->parent ? process->parent->stat.comm : "",
			       process->parent ? ")" : "");
	} else if (strchr("DTt", stat->state)) {
		(void)buf_addf(to, " %s", proc_state_word(stat->state));
	}
	(void)buf_add_str(to, process->orphan ? " orphan" : "");
}

static void
put_process(const struct tree *tree, struct buf *to, const struct process *process)
{
	if (tree->pids) {
		(void)buf_addf(to, "%d ", (int)process->stat.pid);
	}
	if (tree->arguments) {
		columns_command(to, process);
	} else {
		(void)buf_add_str(to, process->stat.comm);
	}
	put_flags(to, process);
}

static void
print(const struct tree *tree, const char *branch, const char *text, enum paint paint)
{
	autofree char *harmless = width_harmless(text, strlen(text), false);
	autofree char *whole = str_format("%s%s%s", buf_str(&tree->left), branch, harmless);
	autofree char *cut = width_cut(whole, screen_columns());

	(void)printf("%s%s%s\n", paint ? screen_paint(paint) : "", cut,
		     paint ? screen_plain() : "");
}

/* ---- the tree ---- */
/* is the parent shown above it? */
static bool
is_together(const struct tree *tree, const struct process *process, const struct process *other)
{
	if (tree->whole && (process->unit || other->unit)) {
		return str_equal(process->unit, other->unit);
	}
	return !tree->whole || (process->stat.sid == other->stat.sid && process->uid == other->uid);
}

static struct process *
next_child(const struct tree *tree, const struct process *parent, struct process *child)
{
	while (child && !is_together(tree, parent, child)) {
		child = child->next;
	}
	return child;
}

static bool
is_same(const struct tree *tree, const struct process *a, const struct process *b)
{
	autodone(buf) struct buf one = { .max = SIZE_MAX / 4 };
	autodone(buf) struct buf two = { .max = SIZE_MAX / 4 };

	if (tree->pids || tree->threads || next_child(tree, a, a->child) ||
	    next_child(tree, b, b->child) || !str_equal(a->stat.comm, b->stat.comm)) {
		return false;
	}
	put_process(tree, &one, a);
	put_process(tree, &two, b);
	return str_equal(buf_str(&one), buf_str(&two));
}

static void
put_threads(struct tree *tree, struct process *process, bool children)
{
	census_threads(&tree->look->census, process);
	for (size_t i = 0; i < process->thread_count; i++) {
		const struct process_thread *thread = &process->threads[i];
		bool last = i + 1 == process->thread_count && !children;

		if (thread->tid == process->stat.pid) {
			continue;
		}
		buf_clear(&tree->line);
		if (tree->pids) {
			(void)buf_addf(&tree->line, "%d ", (int)thread->tid);
		}
		(void)buf_addf(&tree->line, "{%s}", thread->comm);
		print(tree, last ? "└─ " : "├─ ", buf_str(&tree->line), PAINT_DIM);
	}
}

static void put_below(struct tree *tree, struct process *parent);

/* with the process itself behind `branch`, and what is below it behind `bar` */
static void
put_one(struct tree *tree, struct process *process, size_t times, const char *branch,
	const char *bar)
{
	size_t length = tree->left.length;

	buf_clear(&tree->line);
	put_process(tree, &tree->line, process);
	if (times > 1) {
		(void)buf_addf(&tree->line, " (%zu of them)", times);
	}
	print(tree, branch, buf_str(&tree->line),
	      process->stat.state == 'Z' ? PAINT_BAD : PAINT_NONE);
	(void)buf_add_str(&tree->left, bar);
	if (tree->threads && process->stat.threads > 1) {
		put_threads(tree, process, next_child(tree, process, process->child) != NULL);
	}
	put_below(tree, process);
	tree->left.length = length;
	tree->left.data[length] = '\0';
}

static void
put_below(struct tree *tree, struct process *parent)
{
	struct process *child = next_child(tree, parent, parent->child);

	while (child) {
		struct process *next = next_child(tree, parent, child->next);
		size_t times = 1;

		while (next && is_same(tree, child, next)) {
			times++;
			next = next_child(tree, parent, next->next);
		}
		put_one(tree, child, times, next ? "├─ " : "└─ ", next ? "│  " : "   ");
		child = next;
	}
}

/* ---- everybody ---- */
static bool
is_root(const struct tree *tree, const struct process *process)
{
	return !process->parent || !is_together(tree, process->parent, process);
}

/* units by name, then users by name, then sessions by number */
static int
compare(const void *a, const void *b)
{
	const struct process *x = *(struct process *const *)a, *y = *(struct process *const *)b;
	int order;

	if (!x->unit != !y->unit) {
		return x->unit ? -1 : 1;
	}
	order = x->unit ? strverscmp(x->unit, y->unit)
			: strcmp(users_name(x->uid), users_name(y->uid));
	if (order == 0 && !x->unit) {
		order = (x->stat.sid > y->stat.sid) - (x->stat.sid < y->stat.sid);
	}
	return order ? order : (x->stat.pid > y->stat.pid) - (x->stat.pid < y->stat.pid);
}

static void
put_head(const struct tree *tree, const struct process *process)
{
	char name[64];
	const char *tty = proc_tty_name(process->stat.tty, name, sizeof(name));
	autofree char *text =
		process->unit
			? str_format("unit %s", process->unit)
			: str_format("%s, session %d%s%s", users_name(process->uid),
				     (int)process->stat.sid, tty ? " on " : "", tty ? tty : "");

	(void)tree;
	print(tree, "", text, PAINT_BOLD);
}

static void
put_whole(struct tree *tree)
{
	struct look *look = tree->look;
	const struct process *before = NULL;

	if (look->count > 1) {
		qsort(look->list, look->count, sizeof(struct process *), compare);
	}
	for (size_t i = 0; i < look->count; i++) {
		if (!before || !is_together(tree, before, look->list[i])) {
			put_head(tree, look->list[i]);
			before = look->list[i];
		}
		if (is_root(tree, look->list[i])) {
			put_one(tree, look->list[i], 1, "  ", "  ");
		}
	}
}

/* ---- those that fit ---- */
/* none of its parents fits too */
static bool
is_topmost(const struct process *process)
{
	for (const struct process *at = process->parent; at; at = at->parent) {
		if (at->mark) {
			return false;
		}
	}
	return true;
}

static void
mark_chosen(const struct look *look)
{
	for (size_t i = 0; i < look->count; i++) {
		look->list[i]->mark = 1;
	}
}

static void
put_chosen(struct tree *tree)
{
	mark_chosen(tree->look);
	for (size_t i = 0; i < tree->look->count; i++) {
		if (is_topmost(tree->look->list[i])) {
			put_one(tree, tree->look->list[i], 1, "", "");
		}
	}
}

/* ---- JSON: the objects of ps, with their children in them ---- */
static json_t *
json_of(struct tree *tree, struct process *process)
{
	json_t *object = columns_json(tree->look, process), *children = json_array();

	if (tree->threads) {
		json_t *threads = json_array();
		census_threads(&tree->look->census, process);
		for (size_t i = 0; i < process->thread_count; i++) {
			const struct process_thread *thread = &process->threads[i];
			(void)json_array_append_new(
				threads,
				json_pack("{s:i, s:o}", "tid", (int)thread->tid, "name",
					  phrase_json(thread->comm, strlen(thread->comm))));
		}
		(void)json_object_set_new(object, "thread_list", threads);
	}
	for (struct process *child = process->child; child; child = child->next) {
		(void)json_array_append_new(children, json_of(tree, child));
	}
	(void)json_object_set_new(object, "children", children);
	return object;
}

static void
put_json(struct tree *tree)
{
	json_auto_t *all = json_array();

	mark_chosen(tree->look);
	for (size_t i = 0; i < tree->look->count; i++) {
		if (is_topmost(tree->look->list[i])) {
			(void)json_array_append_new(all, json_of(tree, tree->look->list[i]));
		}
	}
	phrase_print(all);
}

int
cmd_tree(struct cli *cli)
{
	struct look look;
	struct tree tree = { .cli = cli,
			     .look = &look,
			     .pids = args_has(&cli->args, "pids"),
			     .arguments = args_has(&cli->args, "arguments"),
			     .threads = args_has(&cli->args, "threads") };
	unsigned want = CENSUS_OWNER | (tree.arguments || cli->json ? CENSUS_COMMAND : 0U);
	int code = look_open(cli, want, LOOK_LINKED | LOOK_UNITS, &look);

	if (code != CLI_DONE) {
		return code;
	}
	buf_init(&tree.line, SIZE_MAX / 4);
	buf_init(&tree.left, SIZE_MAX / 4);
	(void)buf_add_str(&tree.left, "");
	tree.whole = choose_is_all(look.choice);
	if (cli->json) {
		put_json(&tree);
	} else if (look.count == 0) {
		complain("no process fits");
		code = CLI_FAILED;
	} else {
		(tree.whole ? put_whole : put_chosen)(&tree);
		look_notes(&look);
	}
	buf_done(&tree.line);
	buf_done(&tree.left);
	look_done(&look);
	return code;
}
