/* verb-run: declare a transient unit and start it.
 *
 * The unit is a file like any other (units/NAME.service, with the caller's environment beside it in
 * a 0600 file), written before anything is started: there is one way in. The request's own name is
 * written into it, so the same request asked again (the manager was killed before it could answer)
 * finds its unit and answers for it instead of starting a second one. A unit whose program could
 * not be executed is taken away again: nothing is left behind. */
#include "manager/requests.h"
#include "base/file.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct run_asked {
	char name[LIMIT_NAME + 1]; /* "web", or the template "web@" */
	const char *base;          /* as the user wrote it */
	const char *text, *request;
	const json_t *environment;
	int64_t instances; /* 0: one plain unit */
	bool replace;
	bool lenient; /* the text of a file, not of what was typed */
};

static bool
run_read(struct call *call, struct run_asked *asked)
{
	const json_t *p = call->parameters;
	struct err err = { 0 };

	asked->base = json_string_value(json_object_get(p, "name"));
	asked->text = json_string_value(json_object_get(p, "unit"));
	asked->request = json_string_value(json_object_get(p, "request"));
	asked->environment = json_object_get(p, "environment");
	asked->instances = json_integer_value(json_object_get(p, "instances"));
	asked->replace = json_is_true(json_object_get(p, "replace"));
	asked->lenient = json_is_true(json_object_get(p, "lenient"));
	if (!name_check(asked->base, asked->name, &err)) {
		call_fail_text(call, "BadInput", "%s", err.text);
		return false;
	}
	if (asked->instances < 0 || asked->instances > LIMIT_INSTANCES) {
		call_fail_text(call, "BadInput", "instances: 1 to %d", LIMIT_INSTANCES);
		return false;
	}
	if (name_is_template(asked->name) || (asked->instances && name_is_instance(asked->name))) {
		call_fail_text(call, "BadInput", "%s: a name without @ is wanted", asked->base);
		return false;
	}
	if (asked->instances) {
		size_t n = strlen(asked->name);

		if (n + 8 > LIMIT_NAME) {
			call_fail_text(call, "BadInput", "%s: too long for instances", asked->base);
			return false;
		}
		memcpy(asked->name + n, "@", 2);
	}
	for (const char *c = asked->request; *c; c++) {
		if (*c <= ' ' || *c > '~' || *c == '%') {
			call_fail_text(call, "BadInput", "request: printable ASCII without %%");
			return false;
		}
	}
	return true;
}

/* ---- files ---- */
static bool
run_write_environment(const struct run_asked *asked, const char *path, struct err *err)
{
	struct buf buf;
	const json_t *entry;
	size_t i;
	int r;

	buf_init(&buf, LIMIT_ENVIRONMENT);
	json_array_foreach(asked->environment, i, entry) {
		(void)buf_add(&buf, json_string_value(entry), json_string_length(entry) + 1);
	}
	r = buf.full ? -E2BIG
		     : file_replace(AT_FDCWD, path, buf_str(&buf), buf.length, 0600, false);
	buf_done(&buf);
	return r == 0 || err_set_errno(err, -r, "%s", path);
}

static char *
run_file(const struct manager *manager, const char *name, const char *suffix)
{
	autofree char *base = str_format("%s%s", name, suffix);

	return path_join(manager->places->transient, base);
}

static bool
run_write(struct manager *manager, const struct run_asked *asked, struct err *err)
{
	autofree char *path = run_file(manager, asked->name, ".service");
	autofree char *environment = run_file(manager, asked->name, ".env");
	struct buf text;
	int r;

	if (asked->environment && !run_write_environment(asked, environment, err)) {
		return false;
	}
	buf_init(&text, LIMIT_UNIT_FILE);
	(void)buf_addf(&text, "%s%s\n[X-Tend]\nStartedBy=%s\n", asked->text,
		       str_ends(asked->text, "\n") ? "" : "\n", asked->request);
	if (asked->environment) {
		autofree char *literal = compose_string(environment);
		(void)buf_addf(&text, "EnvironmentFrom=%s\n", literal);
	}
	if (asked->instances) {
		(void)buf_addf(&text, "Instances=%lld\n", (long long)asked->instances);
	}
	r = text.full ? -E2BIG
		      : file_replace(AT_FDCWD, path, buf_str(&text), text.length, 0600, false);
	buf_done(&text);
	return r == 0 || err_set_errno(err, -r, "%s", path);
}

static void
run_remove(struct manager *manager, const char *name)
{
	autofree char *path = run_file(manager, name, ".service");
	autofree char *environment = run_file(manager, name, ".env");

	(void)unlink(path);
	(void)unlink(environment);
}

/* what was typed is held to more than what lies in a file (which is told what is ignored): nothing
 * that would be ignored is taken */
static bool
run_check(const struct run_asked *asked, struct err *err)
{
	struct unit *unit = unit_parse(asked->name, asked->text, strlen(asked->text), NULL);
	bool ok = true;

	if (unit->bad) {
		ok = err_set(err, "%s", unit->bad);
	}
	LIST_EACH(notice, &unit->notices, struct notice, link) {
		if (ok && !asked->lenient && notice->kind != NOTICE_APPROXIMATED &&
		    notice->kind != NOTICE_NEEDS) {
			ok = err_set(err, "%s%s%s", notice->key ? notice->key : "",
				     notice->key ? "=: " : "", notice->text);
		}
	}
	(void)unit_unref(unit);
	return ok;
}

/* ---- members ---- */
static bool
run_exists(struct manager *manager, const struct run_asked *asked, struct member **ret_member)
{
	autofree char *first =
		asked->instances ? str_format("%s1", asked->name) : str_dup(asked->name);
	struct err err = { 0 };

	*ret_member = member_get(manager, first, &err);
	return *ret_member != NULL;
}

static struct member **
run_members(struct manager *manager, const struct run_asked *asked, size_t *ret_count,
	    struct err *err)
{
	size_t count = asked->instances ? (size_t)asked->instances : 1;
	struct member **members = calloc(count, sizeof(struct member *));

	CHECK(members);
	for (size_t i = 0; i < count; i++) {
		autofree char *name = asked->instances ? str_format("%s%zu", asked->name, i + 1)
						       : str_dup(asked->name);
		members[i] = member_get(manager, name, err);
		if (!members[i]) {
			free(members);
			return NULL;
		}
	}
	*ret_count = count;
	return members;
}

/* ---- answering ---- */
/* a key that is not honoured here is said at once, not only by `tend check` */
static void
run_add_notices(json_t *result, const struct member *member)
{
	json_t *notices = shown_notices(member->manager, member->unit);
	const json_t *notice;
	struct buf text;
	size_t i;

	buf_init(&text, ERR_TEXT_MAX);
	json_array_foreach(notices, i, notice) {
		(void)buf_addf(&text, "%s%s", i ? "; " : "", json_string_value(notice));
	}
	if (text.length > 0) {
		(void)json_object_set_new(result, "text", shown_text(buf_str(&text)));
	}
	buf_done(&text);
	json_decref(notices);
}

static json_t *
run_result(struct request_item *item, enum told told)
{
	struct member *member = item->member;
	json_t *result = shown_result(member, told == TOLD_UP, NULL, NULL);

	if (told == TOLD_UP) {
		run_add_notices(result, member);
	}
	if (told != TOLD_UP && member->service.why == WHY_EXEC && member->unit->transient &&
	    !member->service.was_up) {
		member->leaving = true; /* nothing of a command that cannot be executed is kept */
		if (!service_is_down(&member->service)) {
			member_event_simple(member, EVENT_ASKED_STOP);
		}
	}
	return result;
}

static void
run_start(struct manager *manager, struct call *call, const struct run_asked *asked, bool restart)
{
	struct err err = { 0 };
	size_t count = 0;
	struct member **members = run_members(manager, asked, &count, &err);
	struct request *request;

	if (!members) {
		call_fail_text(call, "Failed", "%s", err.text);
		return;
	}
	request = requests_begin_members(manager, call, "results", members, count);
	request->log = str_dup(manager->places->log);
	free(members);
	for (size_t i = 0; i < request->count; i++) {
		struct request_item *item = &request->items[i];
		struct member *member = item->member;
		if (service_is_up(&member->service) && !restart && list_is_empty(&member->events)) {
			requests_done(item, shown_result(member, true, NULL, NULL));
		} else if (!depend_start(member, restart, &err)) {
			member->leaving = !member->in_run;
			requests_done(item, shown_result(member, false, "Failed", err.text));
		} else {
			requests_wait(item, REQUESTS_STARTED, run_result);
		}
	}
	depend_begin_stops(manager);
	requests_settle(request);
}

/* the answer to a request that was asked before: it is under way, or over */
static void
run_again(struct manager *manager, struct call *call, const struct run_asked *asked)
{
	struct err err = { 0 };
	size_t count = 0;
	struct member **members = run_members(manager, asked, &count, &err);
	struct request *request;

	if (!members) {
		call_fail_text(call, "Failed", "%s", err.text);
		return;
	}
	request = requests_begin_members(manager, call, "results", members, count);
	request->log = str_dup(manager->places->log);
	free(members);
	for (size_t i = 0; i < request->count; i++) {
		struct request_item *item = &request->items[i];
		struct member *member = item->member;
		if (member->run == 0 && service_is_down(&member->service)) {
			/* the files were written and nothing more */
			(void)depend_start(member, false, &err);
			requests_wait(item, REQUESTS_STARTED, run_result);
		} else if (service_shown(&member->service) == SHOWN_STARTING) {
			requests_wait(item, REQUESTS_STARTED, run_result);
		} else {
			bool up = member->service.was_up || !service_is_down(&member->service) ||
				  member->service.state == SERVICE_DONE;

			requests_done(item, run_result(item, up ? TOLD_UP : TOLD_NOT_UP));
			if (member->leaving) {
				member_event_simple(member, EVENT_ASKED_STOP);
			}
		}
	}
	requests_settle(request);
}

static void
run_refuse(struct call *call, const struct run_asked *asked, const struct member *there)
{
	autofree char *text = str_format(
		"%s exists already (%s)%s%s", asked->base,
		shown_name(service_shown(&there->service)),
		there->unit->transient ? "; --replace runs this instead, 'tend delete' forgets it, "
					 "'tend start' starts it as it is"
				       : ": its file is ",
		there->unit->transient ? ""
		: there->unit->file    ? there->unit->file
				       : "elsewhere");

	call_fail(call, "NameTaken",
		  json_pack("{s:s, s:o}", "name", asked->base, "text", shown_text(text)));
}

/* an existing transient unit gets the new description; what runs is restarted with it */
static bool
run_replace(struct manager *manager, const struct run_asked *asked, struct err *err)
{
	struct unit *unit = unit_load(asked->name, member_directories(manager), err);
	struct member *member;
	size_t at = 0;

	if (!unit) {
		return false;
	}
	while ((member = map_each(&manager->members, &at))) {
		autofree char *template =
			name_is_instance(member->name) ? name_template(member->name) : NULL;
		if (str_equal(member->name, asked->name) || str_equal(template, asked->name)) {
			member->next_unit = unit_unref(member->next_unit);
			member->next_unit = unit_ref(unit);
		}
	}
	member_template_changed(manager, asked->name, unit);
	(void)unit_unref(unit);
	return true;
}

void
verb_run(struct manager *manager, struct call *call)
{
	struct run_asked asked;
	struct member *there = NULL;
	struct err err = { 0 };
	bool exists;

	if (!run_read(call, &asked)) {
		return;
	}
	if (!run_check(&asked, &err)) {
		call_fail(
			call, "BadUnit",
			json_pack("{s:s, s:o}", "name", asked.base, "text", shown_text(err.text)));
		return;
	}
	exists = run_exists(manager, &asked, &there);
	if (exists && str_equal(there->unit->started_by, asked.request)) {
		run_again(manager, call, &asked);
		return;
	}
	if (exists && (!asked.replace || !there->unit->transient)) {
		run_refuse(call, &asked, there);
		return;
	}
	if (!run_write(manager, &asked, &err) || (exists && !run_replace(manager, &asked, &err))) {
		if (!exists) {
			run_remove(manager, asked.name);
		}
		call_fail_text(call, "Failed", "%s", err.text);
		return;
	}
	run_start(manager, call, &asked, exists);
}
