/* verb-scale: set the number of instances of a template. The number is kept in a drop-in beside the
 * transient units, so a file that the user wrote is not touched; the highest ones are stopped and
 * forgotten first. */
#include "manager/requests.h"
#include "base/file.h"
#include "base/path.h"
#include <fcntl.h>
#include <string.h>

static bool
scale_remember(struct manager *manager, const char *template, int64_t count, struct err *err)
{
	autofree char *base = str_format("%s.service.d", template);
	autofree char *directory = path_join(manager->places->transient, base);
	autofree char *file = path_join(directory, "scale.conf");
	autofree char *text = str_format("[X-Tend]\nInstances=%lld\n", (long long)count);
	int r = file_make_dirs(directory, 0700);

	if (r == 0) {
		r = file_replace(AT_FDCWD, file, text, strlen(text), 0600, false);
	}
	return r == 0 || err_set_errno(err, -r, "%s", file);
}

/* the number of an instance that scale counts: web@3 */
static int64_t
scale_number(const struct member *member, const char *template)
{
	int64_t number = 0;
	size_t n = strlen(template);

	if (strncmp(member->name, template, n) != 0 ||
	    str_to_i64(name_instance(member->name), &number) < 0) {
		return 0;
	}
	return number;
}

static json_t *
scale_up_result(struct request_item *item, enum told told)
{
	return shown_result(item->member, told == TOLD_UP, NULL, NULL);
}

static json_t *
scale_down_result(struct request_item *item, enum told told UNUSED)
{
	return shown_result(item->member, true, NULL, "stopped and forgotten");
}

static void
scale_item(struct request_item *item, const char *template, int64_t count)
{
	struct member *member = item->member;
	struct err err = { 0 };

	if (scale_number(member, template) > count) {
		autofree char *by = requests_by(item->request->call);
		requests_spare_caller(item);
		member->leaving = true;
		requests_wait(item, TOLD_BIT(TOLD_DOWN), scale_down_result);
		if (service_is_down(&member->service) && list_is_empty(&member->events)) {
			delete_finish(member);
		} else {
			ledger_write(member);
			depend_stop(member, by);
		}
	} else if (service_is_up(&member->service)) {
		requests_done(item, shown_result(member, true, NULL, NULL));
	} else if (!depend_start(member, false, &err)) {
		requests_done(item, shown_result(member, false, "Failed", err.text));
	} else {
		requests_wait(item, REQUESTS_STARTED, scale_up_result);
	}
}

/* the template as it is with the drop-in: what is listed follows from it */
static bool
scale_take(struct manager *manager, const char *template, struct err *err)
{
	struct unit *unit = unit_load(template, member_directories(manager), err);

	if (!unit) {
		return false;
	}
	member_template_changed(manager, template, unit);
	(void)unit_unref(unit);
	return true;
}

/* those that are to be there, made if missing, and those that are too many */
static struct member **
scale_members(struct manager *manager, const char *template, int64_t count, size_t *ret_count,
	      struct err *err)
{
	struct member **members =
		calloc((size_t)count + manager->members.count + 1, sizeof(struct member *));
	struct member *member;
	size_t n = 0, at = 0;

	CHECK(members);
	for (int64_t i = 1; i <= count; i++) {
		autofree char *name = str_format("%s%lld", template, (long long)i);
		member = member_get(manager, name, err);
		if (!member) {
			free(members);
			return NULL;
		}
		members[n++] = member;
	}
	while ((member = map_each(&manager->members, &at))) {
		if (scale_number(member, template) > count) {
			members[n++] = member;
		}
	}
	*ret_count = n;
	return members;
}

void
verb_scale(struct manager *manager, struct call *call)
{
	const char *text = json_string_value(json_object_get(call->parameters, "name"));
	int64_t count = json_integer_value(json_object_get(call->parameters, "count"));
	char name[LIMIT_NAME + 1];
	autofree char *template = NULL;
	struct member **members = NULL;
	struct request *request;
	struct unit *unit = NULL;
	struct err err = { 0 };
	size_t n = 0;

	if (!name_check(text, name, &err)) {
		call_fail_text(call, "BadInput", "%s", err.text);
		return;
	}
	if (name_is_instance(name)) {
		template = name_template(name);
		call_fail_text(call, "BadInput", "%s is one instance; what is scaled is %.*s", name,
			       (int)strlen(template) - 1, template);
		return;
	}
	template = name_is_template(name) ? str_dup(name) : str_format("%s@", name);
	unit = unit_load(template, member_directories(manager), &err);
	if (!unit) {
		struct err ignored = { 0 };
		if (member_get(manager, name, &ignored)) {
			call_fail_text(
				call, "BadInput",
				"%s is one unit, not a template: run it with --instances N, or "
				"name its file %s.service",
				name, template);
		} else {
			call_fail(call, "NoSuchUnit", json_pack("{s:s}", "name", name));
		}
		return;
	}
	if (count < 0 || count > LIMIT_INSTANCES) {
		call_fail_text(call, "BadInput", "count: 0 to %d", LIMIT_INSTANCES);
	} else if (unit->bad) {
		call_fail(call, "BadUnit",
			  json_pack("{s:s, s:o}", "name", name, "text", shown_text(unit->bad)));
	} else if (!scale_remember(manager, template, count, &err) ||
		   !scale_take(manager, template, &err) ||
		   !(members = scale_members(manager, template, count, &n, &err))) {
		call_fail_text(call, "Failed", "%s", err.text);
	} else {
		request = requests_begin_members(manager, call, "results", members, n);
		for (size_t i = 0; i < request->count; i++) {
			scale_item(&request->items[i], template, count);
		}
		requests_settle(request);
	}
	free(members);
	(void)unit_unref(unit);
}
