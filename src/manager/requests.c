/* requests: verbs over several units, and the callers that wait for what becomes of them.
 *
 * A caller that leaves takes its request along; what it asked for goes on. A unit that vanishes
 * while somebody waits for it ends the wait. Somebody who asks from within the unit that is to stop
 * is not signalled, and gets the answer at the latest after SELF_STOP_NS: a shell that traps the
 * signal can act on it only once its foreground command (the one that waits here) has returned. */
#include "manager/requests.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const int64_t SELF_STOP_NS = 2 * CLOCK_S;

/* ---- ending ---- */
static void
requests_free(struct request *request)
{
	for (size_t i = 0; i < request->count; i++) {
		struct request_item *item = &request->items[i];
		list_remove(&item->link);
		free(item->name);
		if (item->result) {
			json_decref(item->result);
		}
	}
	loop_disarm(request->manager->loop, &request->self);
	free(request->items);
	free(request->log);
	free(request);
}

static void
requests_gone(struct call *call)
{
	struct request *request = call->context;
	struct manager *manager = request->manager;

	requests_free(request);
	manager_think_of_leaving(manager);
}

static void
requests_answer(struct request *request)
{
	struct manager *manager = request->manager;
	json_t *array = json_array();
	json_t *reply = json_object();

	for (size_t i = 0; i < request->count; i++) {
		(void)json_array_append_new(array, request->items[i].result);
		request->items[i].result = NULL;
	}
	(void)json_object_set_new(reply, request->array, array);
	if (request->log) {
		(void)json_object_set_new(reply, "log", shown_text(request->log));
	}
	request->call->gone = NULL;
	call_reply(request->call, reply);
	requests_free(request);
	manager_think_of_leaving(manager);
}

void
requests_done(struct request_item *item, json_t *take_result)
{
	struct request *request = item->request;

	list_remove(&item->link);
	item->result = take_result;
	item->member = NULL;
	if (--request->left == 0 && request->settled) {
		requests_answer(request);
	}
}

void
requests_settle(struct request *request)
{
	request->settled = true;
	if (request->left == 0) {
		requests_answer(request);
	}
}

/* ---- waiting ---- */
void
requests_wait(struct request_item *item, unsigned told_bits,
	      json_t *(*make)(struct request_item *item, enum told told))
{
	item->told = told_bits;
	item->make = make;
	list_remove(&item->link);
	list_add(&item->member->waits, &item->link);
}

void
requests_told(struct member *member, enum told told)
{
	struct list waits; /* request_item.link */

	/* an answer may free the request, and with it other items of this member: take one at a
	 * time */
	list_init(&waits);
	while (!list_is_empty(&member->waits)) {
		struct request_item *item = LIST_FIRST(&member->waits, struct request_item, link);
		list_remove(&item->link);
		if (item->told & TOLD_BIT(told)) {
			requests_done(item, item->make(item, told));
		} else {
			list_add(&waits, &item->link);
		}
	}
	while (!list_is_empty(&waits)) {
		struct request_item *item = LIST_FIRST(&waits, struct request_item, link);
		list_remove(&item->link);
		list_add(&member->waits, &item->link);
	}
	if (told == TOLD_DOWN && !member->leaving) {
		receipt_forget(member); /* each who asked for the stop has had it */
	}
}

void
requests_member_gone(struct member *member)
{
	while (!list_is_empty(&member->waits)) {
		struct request_item *item = LIST_FIRST(&member->waits, struct request_item, link);
		requests_done(item, item->make(item, TOLD_DOWN));
	}
}

/* ---- names ---- */
static void
requests_add(struct request *request, struct member *member, const char *name)
{
	struct request_item *item;

	request->items = realloc(request->items, (request->count + 1) * sizeof(*request->items));
	CHECK(request->items);
	item = &request->items[request->count++];
	*item = (struct request_item){ .request = request,
				       .member = member,
				       .name = str_dup(name) };
	request->left++;
}

static int
requests_compare(const void *a, const void *b)
{
	const struct member *const *x = a, *const *y = b;

	return strverscmp((*x)->name, (*y)->name);
}

/* every member that fits the pattern, by name; NULL: all */
static size_t
requests_match(struct request *request, const char *pattern)
{
	struct manager *manager = request->manager;
	struct member **found = calloc(manager->members.count + 1, sizeof(struct member *));
	struct member *member;
	size_t at = 0, count = 0;

	CHECK(found);
	while ((member = map_each(&manager->members, &at))) {
		if (!member_is_unused(member) &&
		    (!pattern || name_matches(pattern, member->name))) {
			found[count++] = member;
		}
	}
	qsort(found, count, sizeof(struct member *), requests_compare);
	for (size_t i = 0; i < count; i++) {
		requests_add(request, found[i], found[i]->name);
	}
	free(found);
	return count;
}

static void
requests_add_missing(struct request *request, const char *name, const struct err *err)
{
	struct request_item *item;
	const char *error = err->number == ENOENT ? "NoSuchUnit" : "BadUnit";

	requests_add(request, NULL, name);
	item = &request->items[request->count - 1];
	item->result = json_pack("{s:o, s:b, s:s, s:s, s:o}", "name", shown_text(name), "ok", 0,
				 "state", "stopped", "error", error, "text", shown_text(err->text));
	request->left--;
}

/* a name, a glob, or the name of a template that stands for all its instances; false: the call has
 * been answered */
static bool
requests_resolve(struct request *request, const char *text)
{
	struct manager *manager = request->manager;
	char name[LIMIT_NAME + 1], pattern[LIMIT_NAME + 3];
	struct member *member;
	struct err err = { 0 };

	if (strpbrk(text, "*?[")) {
		if (requests_match(request, text) == 0) {
			err.number = ENOENT;
			err_set(&err, "no unit fits %s", text);
			err.number = ENOENT;
			requests_add_missing(request, text, &err);
		}
		return true;
	}
	if (!name_check(text, name, &err)) {
		call_fail_text(request->call, "BadInput", "%s", err.text);
		return false;
	}
	member = name_is_template(name) ? NULL : member_get(manager, name, &err);
	if (member) {
		requests_add(request, member, name);
		return true;
	}
	if (name_is_template(name)) {
		err.number = ENOENT;
	}
	member_load_all(manager);
	(void)snprintf(pattern, sizeof(pattern), name_is_template(name) ? "%s*" : "%s@*", name);
	if (err.number != ENOENT || requests_match(request, pattern) == 0) {
		requests_add_missing(request, name, &err);
	}
	return true;
}

static struct request *
requests_new(struct manager *manager, struct call *call, const char *array)
{
	struct request *request = calloc(1, sizeof(*request));

	CHECK(request);
	request->manager = manager;
	request->call = call;
	request->array = array;
	call->context = request;
	call->gone = requests_gone;
	return request;
}

static void
requests_link(struct request *request)
{
	for (size_t i = 0; i < request->count; i++) { /* the array does not move any more */
		list_init(&request->items[i].link);
	}
}

struct request *
requests_begin(struct manager *manager, struct call *call, const char *array)
{
	struct request *request = requests_new(manager, call, array);
	const json_t *names = json_object_get(call->parameters, "names");
	bool all = json_is_true(json_object_get(call->parameters, "all"));
	const json_t *name;
	size_t i;
	bool ok = true, globs = all;

	json_array_foreach(names, i, name) {
		globs |= strpbrk(json_string_value(name), "*?[") != NULL;
	}
	if (globs) {
		member_load_all(manager);
	}
	if (all) {
		(void)requests_match(request, NULL);
	} else if (json_array_size(names) == 0) {
		call_fail_text(call, "BadInput", "no unit was named");
		ok = false;
	}
	json_array_foreach(names, i, name) {
		ok = ok && (all || requests_resolve(request, json_string_value(name)));
	}
	requests_link(request);
	if (!ok) {
		requests_free(request);
		return NULL;
	}
	return request;
}

struct request *
requests_begin_members(struct manager *manager, struct call *call, const char *array,
		       struct member **members, size_t count)
{
	struct request *request = requests_new(manager, call, array);

	for (size_t i = 0; i < count; i++) {
		requests_add(request, members[i], members[i]->name);
	}
	requests_link(request);
	return request;
}

struct member *
requests_member(struct manager *manager, struct call *call)
{
	const char *text = json_string_value(json_object_get(call->parameters, "name"));
	char name[LIMIT_NAME + 1];
	struct member *member;
	struct err err = { 0 };

	if (!name_check(text, name, &err)) {
		call_fail_text(call, "BadInput", "%s", err.text);
		return NULL;
	}
	member = member_get(manager, name, &err);
	if (!member && err.number == ENOENT) {
		call_fail(call, "NoSuchUnit", json_pack("{s:s}", "name", name));
	} else if (!member) {
		call_fail(call, "BadUnit",
			  json_pack("{s:s, s:o}", "name", name, "text", shown_text(err.text)));
	}
	return member;
}

/* ---- callers ---- */
char *
requests_by(const struct call *call)
{
	autofree char *command = proc_command(call->caller->pid);

	return str_format("uid %u, %s (pid %d)", (unsigned)call->caller->uid,
			  command ? command : "a process that has ended", (int)call->caller->pid);
}

static json_t *
requests_self_receipt(struct request_item *item)
{
	json_t *receipt = receipt_json(item->member);

	(void)json_object_set_new(receipt, "ok", json_true());
	(void)json_object_set_new(
		receipt, "text",
		json_string("asked from within; the stop goes on when this command has returned"));
	return receipt;
}

static void
requests_self_came(struct timer *timer)
{
	struct request *request = CONTAINER(timer, struct request, self);

	for (size_t i = 0; i < request->count; i++) {
		struct request_item *item = &request->items[i];
		bool last = request->left == 1;
		if (item->member) {
			item->member->asker = 0;
			requests_done(item, str_equal(request->array, "receipts")
						    ? requests_self_receipt(item)
						    : shown_result(item->member, true, NULL,
								   "asked from within"));
			if (last) {
				return;
			}
		}
	}
}

void
requests_spare_caller(struct request_item *item)
{
	struct request *request = item->request;
	const pid_t pid = request->call->caller->pid;
	struct proc_stat stat;
	struct kins kins;

	if (pid <= 0 || proc_stat(pid, &stat) < 0) {
		return;
	}
	item->member->asker = 0;
	kin_find(item->member, &kins);
	for (size_t i = 0; i < kins.count; i++) {
		if (kins.list[i].pid == pid) {
			item->member->asker = pid;
			item->member->asker_start = stat.start;
			request->self.on = requests_self_came;
			loop_arm(request->manager->loop, &request->self,
				 clock_now() + SELF_STOP_NS);
		}
	}
	kins_done(&kins);
}

/* ---- the way in ---- */
#define VERB(id, method, who, flags, words) [VERB_##id] = verb_##id,
void (*const verb_functions[VERB_COUNT])(struct manager *manager, struct call *call) = {
#include "wire/verbs.def"
};
#undef VERB

void
requests_dispatch(struct call *call, void *context)
{
	struct manager *manager = context;

	verb_functions[call->verb](manager, call);
	carry_events(manager);
	manager_think_of_leaving(manager);
}
