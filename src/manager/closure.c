/* closure: the units of one start. A depth-first walk along what is needed collects them, a second
 * one along After= and Before= sorts them and names a circle when there is one. Units that are
 * started together without needing each other may stand in a circle too: they would wait for each
 * other for ever, so those are told instead of started (closure_circles). */
#include "manager/closure.h"

void
closure_done(struct closure *closure)
{
	free(closure->list);
	free(closure->path);
}

static void
closure_push(struct member ***list, size_t *count, size_t *size, struct member *member)
{
	if (*count == *size) {
		*size = *size ? *size * 2 : 16;
		*list = realloc(*list, *size * sizeof(**list));
		CHECK(*list);
	}
	(*list)[(*count)++] = member;
}

static bool
closure_has(const struct closure *closure, const struct member *member)
{
	for (size_t i = 0; i < closure->count; i++) {
		if (closure->list[i] == member) {
			return true;
		}
	}
	return false;
}

static bool
closure_cycle(const struct closure *closure, const struct member *member, struct err *err)
{
	struct buf words;
	bool within = false;

	buf_init(&words, ERR_TEXT_MAX);
	for (size_t i = 0; i < closure->depth; i++) {
		within |= closure->path[i] == member;
		if (within) {
			(void)buf_addf(&words, "%s after ", closure->path[i]->name);
		}
	}
	err_set(err, "the order of these units is a circle: %s%s; take one After= or Before= out",
		buf_str(&words), member->name);
	buf_done(&words);
	return false;
}

static bool closure_visit(struct closure *closure, struct member *member, struct err *err);

/* those named in `names` are part of the start; a missing one matters when `needed` */
static bool
closure_visit_names(struct closure *closure, struct member *member, char *const *names, bool needed,
		    struct err *err)
{
	for (size_t i = 0; names && names[i]; i++) {
		struct err why;
		struct member *other = member_get(member->manager, names[i], &why);
		if (!other && needed) {
			return err_set(err, "%s needs %s, which cannot be had: %s", member->name,
				       names[i], why.text);
		}
		if (other && needed && other->unit->bad) {
			return err_set(err, "%s needs %s, which is bad: %s", member->name, names[i],
				       other->unit->bad);
		}
		if (other && !other->unit->bad && !closure_visit(closure, other, err)) {
			return false;
		}
	}
	return true;
}

static bool
closure_on_path(const struct closure *closure, const struct member *member)
{
	for (size_t i = 0; i < closure->depth; i++) {
		if (closure->path[i] == member) {
			return true;
		}
	}
	return false;
}

static bool
closure_visit(struct closure *closure, struct member *member, struct err *err)
{
	if (closure_has(closure, member) || closure_on_path(closure, member)) {
		return true;
	}
	closure_push(&closure->path, &closure->depth, &closure->path_size, member);
	if (!closure_visit_names(closure, member, member->unit->requires, true, err) ||
	    !closure_visit_names(closure, member, member->unit->binds_to, true, err) ||
	    !closure_visit_names(closure, member, member->unit->wants, false, err)) {
		return false;
	}
	closure->depth--;
	closure_push(&closure->list, &closure->count, &closure->size, member);
	return true;
}

/* order within the closure: a depth-first walk along "after" */
static bool
closure_sort_visit(const struct closure *from, struct closure *to, struct member *member,
		   struct err *err)
{
	if (closure_has(to, member)) {
		return true;
	}
	if (closure_on_path(to, member)) {
		return closure_cycle(to, member, err);
	}
	closure_push(&to->path, &to->depth, &to->path_size, member);
	for (size_t i = 0; i < from->count; i++) {
		if (from->list[i] != member && depend_is_after(member, from->list[i]) &&
		    !closure_sort_visit(from, to, from->list[i], err)) {
			return false;
		}
	}
	to->depth--;
	closure_push(&to->list, &to->count, &to->size, member);
	return true;
}

static bool
closure_sort(struct closure *closure, struct err *err)
{
	struct closure sorted = { 0 };
	bool ok = true;

	for (size_t i = 0; i < closure->count && ok; i++) {
		ok = closure_sort_visit(closure, &sorted, closure->list[i], err);
	}
	if (!ok) {
		closure_done(&sorted);
		return false;
	}
	closure_done(closure);
	*closure = sorted;
	return true;
}

bool
closure_make(struct closure *ret_closure, struct member *member, struct err *err)
{
	*ret_closure = (struct closure){ 0 };
	return closure_visit(ret_closure, member, err) && closure_sort(ret_closure, err);
}

/* ---- circles among those that are started together ---- */
struct circles {
	struct member *const *members;
	char **words;   /* of each that is in a circle */
	size_t *path;   /* being visited */
	size_t *naming; /* those that name units: only these can come before one that names none */
	size_t count, depth, naming_count;
	enum { CIRCLE_NEW, CIRCLE_OPEN, CIRCLE_SEEN } * marks;
};

static void
circles_note(struct circles *circles, size_t from)
{
	struct buf words;

	buf_init(&words, ERR_TEXT_MAX);
	(void)buf_addf(&words, "the order of these units is a circle: ");
	for (size_t i = from; i < circles->depth; i++) {
		(void)buf_addf(&words, "%s after ", circles->members[circles->path[i]]->name);
	}
	(void)buf_addf(&words, "%s; take one After= or Before= out",
		       circles->members[circles->path[from]]->name);
	for (size_t i = from; i < circles->depth; i++) {
		str_replace(&circles->words[circles->path[i]], buf_str(&words));
	}
	buf_done(&words);
}

static void circles_visit(struct circles *circles, size_t at);

static void
circles_follow(struct circles *circles, size_t at, size_t next)
{
	if (next == at || !depend_is_after(circles->members[at], circles->members[next])) {
		return;
	}
	if (circles->marks[next] == CIRCLE_NEW) {
		circles_visit(circles, next);
		return;
	}
	for (size_t i = 0; circles->marks[next] == CIRCLE_OPEN && i < circles->depth; i++) {
		if (circles->path[i] == next) {
			circles_note(circles, i);
			return;
		}
	}
}

static void
circles_visit(struct circles *circles, size_t at)
{
	bool names = !list_is_empty(&circles->members[at]->depending);
	size_t count = names ? circles->count : circles->naming_count;

	circles->marks[at] = CIRCLE_OPEN;
	circles->path[circles->depth++] = at;
	for (size_t i = 0; i < count; i++) {
		circles_follow(circles, at, names ? i : circles->naming[i]);
	}
	circles->depth--;
	circles->marks[at] = CIRCLE_SEEN;
}

char **
closure_circles(struct member *const *members, size_t count)
{
	struct circles circles = { .members = members, .count = count };

	circles.words = calloc(count + 1, sizeof(char *));
	circles.path = calloc(count + 1, sizeof(size_t));
	circles.naming = calloc(count + 1, sizeof(size_t));
	circles.marks = calloc(count + 1, sizeof(*circles.marks));
	CHECK(circles.words && circles.path && circles.naming && circles.marks);
	for (size_t i = 0; i < count; i++) {
		if (!list_is_empty(&members[i]->depending)) {
			circles.naming[circles.naming_count++] = i;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (circles.marks[i] == CIRCLE_NEW) {
			circles_visit(&circles, i);
		}
	}
	free(circles.path);
	free(circles.naming);
	free(circles.marks);
	return circles.words;
}
