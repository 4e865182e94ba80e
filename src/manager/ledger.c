/* One small file per unit in the runtime directory, replaced by rename whenever what it says has
 * changed. It is not synced: it has to survive tendd, not the machine. Keys of ours begin with
 * "m-", the others are those of states/. The last line is a check over all before it, so a ledger
 * that is cut or was written into is known to be so.
 *
 * A ledger that cannot be written is removed: none at all makes the next manager ask the live
 * processes, an old one would tell it something wrong. */
#include "manager/ledger.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY                                                                                  \
	".new-ledger" /* one is enough: there is one writer; file_sweep knows the prefix */
#define CHECK_KEY "check "
enum { CHECK_LINE = 6 + 16 + 1 };

static const char *const part_keys[PART_COUNT] = {
	[PART_MAIN] = "m-main", [PART_CONTROL] = "m-control"
};

static uint64_t
hash(const char *bytes, size_t n)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ (unsigned char)bytes[i]) * 0x100000001b3ULL;
	}
	return h;
}

/* ---- writing ---- */
static void
add_number(struct buf *text, const char *key, int64_t number)
{
	if (number != 0) {
		(void)buf_addf(text, "%s %" PRId64 "\n", key, number);
	}
}

static void
add_words(struct buf *text, const char *key, const char *words)
{
	if (!words) {
		return;
	}
	(void)buf_addf(text, "%s ", key);
	for (const char *c = words; *c; c++) {
		if (*c == '\n' || *c == '\\') {
			(void)buf_add_str(text, *c == '\n' ? "\\n" : "\\\\");
		} else {
			(void)buf_add_char(text, *c);
		}
	}
	(void)buf_add_char(text, '\n');
}

static void
add_child(struct buf *text, const struct child *child)
{
	if (child->number) {
		(void)buf_addf(text, "%s %" PRIu64 " %d %" PRIu64 " %d %d %d\n",
			       part_keys[child->part], child->number, (int)child->pid, child->start,
			       (int)child->keeper, child->foreign, child->execed);
	}
}

static const char *const pipe_keys[] = { [HELD_LOG] = "m-pipe", [HELD_LOG_ERROR] = "m-error-pipe" };

static void
add_pipes(struct buf *text, const struct member *member)
{
	for (size_t i = 0; i < COUNT(pipe_keys); i++) {
		const struct log_pipe *pipe = &member->pipes[i];

		add_number(text, pipe_keys[i], pipe->closing ? 0 : (int64_t)pipe->inode);
	}
}

void
ledger_text(const struct member *member, struct buf *ret_text)
{
	struct buf *text = ret_text;

	add_words(text, "m-name", member->name);
	(void)buf_addf(text, "m-number %" PRIu64 "\n", member->number);
	add_words(text, "m-boot", member->manager->boot_id);
	for (enum part part = 0; part < PART_COUNT; part++) {
		add_child(text, &member->child[part]);
	}
	add_words(text, "m-invocation", member->invocation[0] ? member->invocation : NULL);
	add_number(text, "m-run", member->run);
	add_number(text, "m-run-pid", member->run_pid);
	add_number(text, "m-marked", member->marked_run);
	add_number(text, "m-run-wall", member->run_wall);
	add_number(text, "m-up-wall", member->up_wall);
	add_number(text, "m-ended-wall", member->ended_wall);
	add_number(text, "m-cpu", member->usage.cpu_us);
	add_number(text, "m-peak", member->usage.peak_kib);
	add_number(text, "m-in-run", member->in_run);
	add_number(text, "m-foreign-kin", member->foreign_kin);
	add_number(text, "m-group", member->has_group);
	add_pipes(text, member);
	add_number(text, "m-leaving", member->leaving);
	add_number(text, "m-errno", member->said_errno);
	add_number(text, "m-oom-run", member->oom_run);
	add_number(text, "m-oom-seen", member->oom_seen);
	add_number(text, "m-asker", member->asker);
	add_number(text, "m-asker-start", (int64_t)member->asker_start);
	add_words(text, "m-failure", member->failure);
	add_words(text, "m-by", member->by);
	add_words(text, "m-status", member->status_text);
	add_words(text, "m-notify", member->notify_address);
	for (size_t i = 0; i < member->stored_count; i++) {
		(void)buf_addf(text, "m-stored %u ", member->stored[i].place);
		(void)buf_add_str(text, member->stored[i].name);
		(void)buf_add_char(text, '\n');
	}
	service_record(&member->service, text);
	(void)buf_addf(text, CHECK_KEY "%016" PRIx64 "\n", hash(buf_str(text), text->length));
}

/* Becomes `name`. The two change places where the file system can do so: a rename over an existing
 * file makes ext4 write the new one out at once (for those who do not sync), which costs fifty
 * times as much as all the rest. What comes out of the exchange is the next one's temporary file.
 */
static int
put_in_place(int dir, const char *name)
{
	if (renameat2(dir, TEMPORARY, dir, name, RENAME_EXCHANGE) == 0) {
		return 0;
	}
	return renameat(dir, TEMPORARY, dir, name) < 0 ? -errno : 0;
}

static int
write_file(int dir, const char *name, const struct buf *text)
{
	int fd = openat(dir, TEMPORARY, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t n;

	if (fd < 0) {
		return -errno;
	}
	n = write(fd, text->data, text->length);
	if (n != (ssize_t)text->length || ftruncate(fd, n) < 0) {
		int error = n < 0 ? errno : ENOSPC;

		(void)close(fd);
		(void)unlinkat(dir, TEMPORARY, 0);
		return -error;
	}
	(void)close(fd);
	return put_in_place(dir, name);
}

static int
directory(struct manager *manager)
{
	if (!fd_is_open(manager->ledger_dir)) {
		manager->ledger_dir =
			fd_raise(open(manager->places->ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	}
	return manager->ledger_dir;
}

void
ledger_write(struct member *member)
{
	struct manager *manager = member->manager;
	struct buf text;
	uint64_t now;
	int r;

	if (member->fresh) {
		return;
	}
	buf_init(&text, LIMIT_LEDGER);
	ledger_text(member, &text);
	now = hash(buf_str(&text), text.length);
	if (now != member->written) {
		r = text.full ? -E2BIG : directory(manager);
		r = r < 0 ? r : write_file(r, member->name, &text);
		if (r < 0) {
			manager_say(manager, SAY_LEDGER, "the ledger of %s can't be written: %s",
				    member->name, strerror(-r));
			(void)unlinkat(manager->ledger_dir, member->name, 0);
			now = 0;
		} else if (member->written == 0) {
			manager_said_over(manager, SAY_LEDGER);
		}
		member->written = now;
	}
	buf_done(&text);
}

void
ledger_remove(struct member *member)
{
	if (directory(member->manager) >= 0) {
		(void)unlinkat(member->manager->ledger_dir, member->name, 0);
	}
	member->written = 0;
}

/* ---- reading ---- */
static bool
is_whole(const char *text, size_t length)
{
	char line[CHECK_LINE + 1];
	size_t body = length - CHECK_LINE;

	if (length < CHECK_LINE || strlen(text) != length) {
		return false;
	}
	(void)snprintf(line, sizeof(line), CHECK_KEY "%016" PRIx64 "\n", hash(text, body));
	return memcmp(text + body, line, CHECK_LINE) == 0;
}

uint64_t
ledger_number(const char *text)
{
	static const char key[] = "\nm-number ";
	const char *found = strstr(text, key);
	uint64_t number = found ? strtoull(found + sizeof(key) - 1, NULL, 10) : 0;

	return number >> 48 == 0 ? number : 0;
}

static char *
plain_words(const char *value)
{
	char *words = str_dup(value), *to = words;

	for (const char *c = words; *c; c++) {
		if (*c == '\\' && c[1]) {
			c++;
			*to++ = *c == 'n' ? '\n' : *c;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
	return words;
}

static bool
take_child(struct child *child, const char *value)
{
	unsigned long long number, start;
	int pid, keeper, foreign, execed;

	if (sscanf(value, "%llu %d %llu %d %d %d", &number, &pid, &start, &keeper, &foreign,
		   &execed) != 6 ||
	    number == 0 || pid < 0 || keeper < 0) {
		return false;
	}
	child->number = number;
	child->pid = pid;
	child->start = start;
	child->keeper = keeper;
	child->foreign = foreign == 1;
	child->execed = execed == 1;
	return true;
}

static bool
take_number(struct member *member, const char *key, const char *value)
{
	int64_t run_pid = 0, in_run = 0, foreign_kin = 0, group = 0, leaving = 0, asker = 0,
		start = 0, pipe = 0, error_pipe = 0, said_errno = 0;
	const struct {
		const char *key;
		int64_t *where;
	} rows[] = { { "m-run", &member->run },
		     { "m-run-pid", &run_pid },
		     { "m-marked", &member->marked_run },
		     { "m-run-wall", &member->run_wall },
		     { "m-up-wall", &member->up_wall },
		     { "m-ended-wall", &member->ended_wall },
		     { "m-cpu", &member->usage.cpu_us },
		     { "m-peak", &member->usage.peak_kib },
		     { "m-in-run", &in_run },
		     { "m-foreign-kin", &foreign_kin },
		     { "m-group", &group },
		     { "m-leaving", &leaving },
		     { pipe_keys[HELD_LOG], &pipe },
		     { pipe_keys[HELD_LOG_ERROR], &error_pipe },
		     { "m-errno", &said_errno },
		     { "m-oom-run", &member->oom_run },
		     { "m-oom-seen", &member->oom_seen },
		     { "m-asker", &asker },
		     { "m-asker-start", &start } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (str_equal(rows[i].key, key) &&
		    (str_to_i64(value, rows[i].where) < 0 || *rows[i].where < 0)) {
			return false;
		}
	}
	member->run_pid = run_pid > 0 && run_pid <= INT32_MAX ? (pid_t)run_pid : member->run_pid;
	member->in_run |= in_run == 1;
	member->foreign_kin |= foreign_kin == 1;
	member->has_group |= group == 1;
	member->leaving |= leaving == 1;
	member->pipes[HELD_LOG].inode |= (uint64_t)pipe;
	member->pipes[HELD_LOG_ERROR].inode |= (uint64_t)error_pipe;
	member->said_errno =
		said_errno > 0 && said_errno < 4096 ? (int)said_errno : member->said_errno;
	member->asker = asker > 0 && asker <= INT32_MAX ? (pid_t)asker : member->asker;
	member->asker_start = start > 0 ? (uint64_t)start : member->asker_start;
	return true;
}

static bool
take_stored(struct member *member, const char *value)
{
	char *end;
	unsigned long place = strtoul(value, &end, 10);

	if (place >= LIMIT_FDSTORE || *end != ' ' || member->stored_count >= LIMIT_FDSTORE) {
		return false;
	}
	member->stored =
		reallocarray(member->stored, member->stored_count + 1, sizeof(*member->stored));
	CHECK(member->stored != NULL);
	member->stored[member->stored_count].name = str_dup(end + 1);
	member->stored[member->stored_count++].place = (uint16_t)place;
	return true;
}

static void
take_words(struct member *member, const char *key, const char *value)
{
	const struct {
		const char *key;
		char **where;
	} rows[] = { { "m-failure", &member->failure },
		     { "m-by", &member->by },
		     { "m-status", &member->status_text },
		     { "m-notify", &member->notify_address } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (str_equal(rows[i].key, key)) {
			free(*rows[i].where);
			*rows[i].where = plain_words(value);
		}
	}
}

static bool
take_line(struct member *member, const char *key, const char *value, bool *ret_other_boot)
{
	if (!str_starts(key, "m-")) {
		(void)service_restore(&member->service, key, value);
		return true;
	}
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (str_equal(key, part_keys[part])) {
			return take_child(&member->child[part], value);
		}
	}
	if (str_equal(key, "m-name")) {
		return str_equal(value, member->name);
	}
	if (str_equal(key, "m-boot")) {
		*ret_other_boot = !str_equal(value, member->manager->boot_id);
		return true;
	}
	if (str_equal(key, "m-invocation")) {
		if (strlen(value) != 32 || strspn(value, "0123456789abcdef") != 32) {
			return false;
		}
		memcpy(member->invocation, value, 33);
		return true;
	}
	if (str_equal(key, "m-stored")) {
		return take_stored(member, value);
	}
	take_words(member, key, value);
	return take_number(member, key, value);
}

/* After a restart of the machine nothing of it lives; what is kept is that there was a run, and how
 * many */
static void
forget_other_boot(struct member *member)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		struct child *child = &member->child[part];

		child->number = 0;
		child->pid = child->keeper = 0;
		child->foreign = child->execed = false;
	}
	if (member->in_run) {
		member->service.why = WHY_UNKNOWN;
		member->service.main_known = false;
		runs_add(member);
	}
	member->in_run = member->has_group = member->foreign_kin = false;
	member->asker = 0;
	member->pipes[HELD_LOG].inode = member->pipes[HELD_LOG_ERROR].inode = 0;
	for (size_t i = 0; i < member->stored_count; i++) {
		free(member->stored[i].name);
	}
	member->stored_count = 0;
	service_init(&member->service, member->unit);
}

bool
ledger_take(struct member *member, const char *text, size_t length)
{
	autofree char *copy = NULL;
	bool sound = is_whole(text, length), other_boot = false;
	char *rest, *line;

	if (!sound) {
		return false;
	}
	rest = copy = str_dup_n(text, length - CHECK_LINE);
	while (sound && (line = strsep(&rest, "\n"))) {
		char *value = strchr(line, ' ');

		if (value) {
			*value++ = '\0';
			sound = take_line(member, line, value, &other_boot);
		}
	}
	if (sound && other_boot) {
		forget_other_boot(member);
	}
	sound = sound && service_is_sane(&member->service);
	if (sound) {
		member->fresh = false;
		member->written = other_boot ? 0 : hash(text, length);
	}
	return sound;
}
