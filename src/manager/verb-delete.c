/* verb-delete: stop and forget. A transient unit's files go with it; a file that the user wrote
 * stays, and the answer says so. A template's file goes with its last instance. */
#include "manager/requests.h"
#include "base/file.h"
#include "base/path.h"
#include <fcntl.h>
#include <unistd.h>

static void
delete_file(const struct manager *manager, const char *name, const char *suffix)
{
	autofree char *base = str_format("%s%s", name, suffix);
	autofree char *path = path_join(manager->places->transient, base);

	(void)unlink(path);
}

static void
delete_files(struct manager *manager, const char *name)
{
	autofree char *drop_ins = str_format("%s.service.d", name);
	autoclose int fd = open(manager->places->transient, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	delete_file(manager, name, ".service");
	delete_file(manager, name, ".env");
	if (fd >= 0) {
		(void)file_remove_tree(fd, drop_ins);
	}
}

static bool
delete_is_last_instance(const struct member *member)
{
	const struct manager *manager = member->manager;
	autofree char *template = name_template(member->name);
	struct member *other;
	size_t at = 0;

	while ((other = map_each(&manager->members, &at))) {
		autofree char *theirs =
			name_is_instance(other->name) ? name_template(other->name) : NULL;
		if (other != member && str_equal(theirs, template)) {
			return false;
		}
	}
	return true;
}

/* the logs are a directory that the logger has let go of by now (pipes_close) */
static void
delete_logs(struct member *member)
{
	autoclose int fd = open(member->manager->places->log, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	runs_remove(member->manager, member->name);
	if (fd >= 0) {
		(void)file_remove_tree(fd, member->name);
	}
}

struct drained { /* the member may be gone when the logger answers */
	struct manager *manager;
	uint64_t number;
};

static void
delete_drained(void *context)
{
	struct drained *drained = context;
	struct member *member = nmap_get(&drained->manager->by_number, drained->number);

	free(drained);
	if (member) {
		member->logs = LOGS_DRAINED;
		if (service_is_down(&member->service) && list_is_empty(&member->events)) {
			delete_finish(member);
		}
	}
}

/* the logger would make the directory again for what it has still to write */
static bool
delete_waits_for_logger(struct member *member)
{
	struct drained *drained;

	if (member->logs == LOGS_KEPT) {
		drained = malloc(sizeof(*drained));
		CHECK(drained);
		*drained = (struct drained){ member->manager, member->number };
		member->logs = LOGS_DRAINING;
		pipes_drained(member, delete_drained, drained);
	}
	return member->logs != LOGS_DRAINED;
}

void
delete_finish(struct member *member)
{
	struct manager *manager = member->manager;
	bool instance = name_is_instance(member->name);
	autofree char *template = instance ? name_template(member->name) : NULL;
	bool transient = member->unit->transient;

	if (member->leaving_logs && delete_waits_for_logger(member)) {
		return;
	}
	if (transient && !instance) {
		delete_files(manager, member->name);
	} else if (transient && delete_is_last_instance(member)) {
		delete_files(manager, template);
	}
	if (member->leaving_logs) {
		pipes_close(member);
		delete_logs(member);
	}
	requests_member_gone(member);
	member_free(member);
}

static json_t *
delete_receipt(struct request_item *item, enum told told UNUSED)
{
	struct member *member = item->member;
	json_t *receipt = receipt_json(member);

	if (!member->unit->transient && member->unit->file) {
		autofree char *text = str_format("its file stays, it is not tend's to remove: %s",
						 member->unit->file);
		(void)json_object_set_new(receipt, "text", shown_text(text));
	}
	return receipt;
}

static void
delete_item(struct request_item *item, bool logs)
{
	struct member *member = item->member;
	autofree char *by = requests_by(item->request->call);

	requests_spare_caller(item);
	receipt_open(member);
	member->leaving = true;
	member->leaving_logs |= logs;
	/* with its log it is gone later than down: delete_finish() ends the wait then */
	requests_wait(item, logs ? 0 : TOLD_BIT(TOLD_DOWN), delete_receipt);
	if (service_is_down(&member->service) && list_is_empty(&member->events)) {
		delete_finish(member); /* ends the wait */
		return;
	}
	ledger_write(member);
	depend_mark_stop(member, by);
}

void
verb_delete(struct manager *manager, struct call *call)
{
	bool logs = json_is_true(json_object_get(call->parameters, "logs"));
	struct request *request = requests_begin(manager, call, "receipts");

	if (!request) {
		return;
	}
	for (size_t i = 0; i < request->count; i++) {
		if (request->items[i].member) {
			delete_item(&request->items[i], logs);
		}
	}
	depend_begin_stops(manager);
	requests_settle(request);
}
