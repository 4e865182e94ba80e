/* The history of a unit is a file of lines, runs/NAME, one for each ended run, newest last. It is
 * the one file of tend's that grows by appending instead of by renaming: a restart must not cost a
 * rewritten file, a line is one write, and a torn or doubled line harms nothing, because each is
 * read for itself and the last one with a run's number counts. Once there are twice as many lines
 * as are remembered it is replaced by rename with the newest.
 *
 * A run is written before the ledger says that it is over, so a manager that dies between the two
 * writes it again. */
#include "manager/core.h"
#include "base/file.h"
#include "base/path.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RUNS_FILE_MAX = 1 << 20, RUNS_TEXT_MAX = 1000 };

static void
runs_done_one(struct run *run)
{
	free(run->by);
	free(run->text);
	*run = (struct run){ 0 };
}

void
runs_done(struct run *runs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		runs_done_one(&runs[i]);
	}
}

/* what is a space, a control character or a percent sign becomes %XX, so that a line is words */
static void
add_text(struct buf *line, const char *key, const char *text)
{
	if (!text) {
		return;
	}
	(void)buf_addf(line, " %s=", key);
	for (size_t i = 0; i < RUNS_TEXT_MAX && text[i]; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c <= ' ' || c == '%' || c == 0x7f) {
			(void)buf_addf(line, "%%%02X", c);
		} else {
			(void)buf_add_char(line, (char)c);
		}
	}
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char *
read_text(const char *word)
{
	struct buf text;

	buf_init(&text, RUNS_FILE_MAX);
	for (const char *c = word; *c; c++) {
		int high = *c == '%' ? hex_value(c[1]) : -1;
		int low = high >= 0 ? hex_value(c[2]) : -1;

		if (low >= 0) {
			(void)buf_add_char(&text, (char)(high << 4 | low));
			c += 2;
		} else {
			(void)buf_add_char(&text, *c);
		}
	}
	return buf_take(&text);
}

static void
add_line(struct buf *text, const struct run *run)
{
	(void)buf_addf(text, "run=%" PRId64 " started=%" PRId64 " ended=%" PRId64 " pid=%d up=%d",
		       run->number, run->started, run->ended, (int)run->pid, run->up);
	if (run->has_outcome) {
		const struct outcome *o = &run->outcome;

		(void)buf_addf(
			text, " outcome=%" PRId64,
			store_pack_outcome(o->known, o->signalled, o->core, o->oom, o->value));
	}
	(void)buf_addf(text, " why=%s cpu=%" PRId64 " peak=%" PRId64, why_name(run->why),
		       run->cpu_us, run->peak_kib);
	add_text(text, "by", run->by);
	add_text(text, "text", run->text);
	(void)buf_add_char(text, '\n');
}

static void
take_word(struct run *run, const char *key, const char *value)
{
	int64_t number = 0;
	bool is_number = str_to_i64(value, &number) == 0;
	const struct {
		const char *key;
		int64_t *where;
	} numbers[] = { { "run", &run->number },
			{ "started", &run->started },
			{ "ended", &run->ended },
			{ "cpu", &run->cpu_us },
			{ "peak", &run->peak_kib } };

	for (size_t i = 0; i < COUNT(numbers) && is_number; i++) {
		if (str_equal(numbers[i].key, key)) {
			*numbers[i].where = number;
		}
	}
	if (str_equal(key, "pid") && is_number && number > 0 && number <= INT32_MAX) {
		run->pid = (pid_t)number;
	} else if (str_equal(key, "up")) {
		run->up = number == 1;
	} else if (str_equal(key, "outcome") && is_number) {
		struct outcome *o = &run->outcome;

		run->has_outcome = true;
		store_unpack_outcome(number, &o->known, &o->signalled, &o->core, &o->oom,
				     &o->value);
	} else if (str_equal(key, "by")) {
		free(run->by);
		run->by = read_text(value);
	} else if (str_equal(key, "text")) {
		free(run->text);
		run->text = read_text(value);
	} else if (str_equal(key, "why")) {
		for (enum why why = 0; why < WHY_COUNT; why++) {
			run->why = str_equal(why_name(why), value) ? why : run->why;
		}
	}
}

/* a line without its end; false: not one of ours */
static bool
take_line(char *line, struct run *ret_run)
{
	struct run run = { 0 };
	char *rest = line, *word;

	while ((word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');

		if (value) {
			*value++ = '\0';
			take_word(&run, word, value);
		}
	}
	if (run.number <= 0 || run.started <= 0) {
		runs_done_one(&run);
		return false;
	}
	*ret_run = run;
	return true;
}

static char *
runs_path(const struct manager *manager, const char *name)
{
	return path_join(manager->places->runs, name);
}

/* puts it in front; the one with the same number, or else the oldest, makes room */
static size_t
put(struct run *runs, size_t count, size_t max, struct run take_run)
{
	size_t at = 0;

	while (at < count && runs[at].number != take_run.number) {
		at++;
	}
	if (at < count) {
		runs_done_one(&runs[at]);
	} else if (count == max) {
		at = count - 1;
		runs_done_one(&runs[at]);
	} else {
		count++;
	}
	memmove(runs + 1, runs, at * sizeof(*runs));
	runs[0] = take_run;
	return count;
}

static size_t
read_runs(const char *path, struct run *ret_runs, size_t max, size_t *ret_lines)
{
	autofree char *text = NULL;
	size_t count = 0, lines = 0, length;
	char *rest, *line;

	if (max == 0 || file_read(AT_FDCWD, path, RUNS_FILE_MAX, &text, &length) < 0) {
		*ret_lines = 0;
		return 0;
	}
	for (rest = text; (rest = memchr(rest, '\0', (size_t)(text + length - rest)));) {
		*rest = '?'; /* damage; the lines behind it are read all the same */
	}
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		struct run run;

		lines++;
		if (take_line(line, &run)) {
			count = put(ret_runs, count, max, run);
		}
	}
	*ret_lines = lines;
	return count;
}

size_t
runs_read(const struct manager *manager, const char *name, struct run *ret_runs, size_t max)
{
	autofree char *path = runs_path(manager, name);
	size_t lines;

	return read_runs(path, ret_runs, max, &lines);
}

static int
append(const char *path, const struct buf *line, off_t *ret_size)
{
	autoclose int fd = fd_raise(open(
		path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
	char last = '\n';
	off_t end;
	int r = 0;

	if (!fd_is_open(fd)) {
		return fd;
	}
	end = lseek(fd, 0, SEEK_END);
	if (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n') {
		r = fd_write_all(fd, "\n", 1); /* a torn line must not take this one with it */
	}
	r = r < 0 ? r : fd_write_all(fd, line->data, line->length);
	*ret_size = lseek(fd, 0, SEEK_CUR);
	return r;
}

static void
compact(const char *path)
{
	struct run runs[LIMIT_RUNS];
	size_t lines, count = read_runs(path, runs, LIMIT_RUNS, &lines);
	struct buf text;

	if (lines >= 2 * LIMIT_RUNS && count > 0) {
		buf_init(&text, RUNS_FILE_MAX);
		for (size_t i = count; i-- > 0;) {
			add_line(&text, &runs[i]);
		}
		(void)file_replace(AT_FDCWD, path, buf_str(&text), text.length, 0600, false);
		buf_done(&text);
	}
	runs_done(runs, count);
}

static struct run
run_of_member(const struct member *member)
{
	const struct service *service = &member->service;

	return (struct run){ .number = member->run,
			     .started = member->run_wall,
			     .ended = member->ended_wall,
			     .pid = member->run_pid,
			     .up = service->was_up,
			     .has_outcome = service->main_known,
			     .outcome = service->outcome,
			     .why = service->why,
			     .cpu_us = member->usage.cpu_us,
			     .peak_kib = member->usage.peak_kib,
			     .by = member->by,
			     .text = member->failure };
}

void
runs_add(struct member *member)
{
	autofree char *path = runs_path(member->manager, member->name);
	struct run run = run_of_member(member);
	struct buf line;
	off_t size = 0;
	int r;

	buf_init(&line, RUNS_FILE_MAX);
	add_line(&line, &run);
	r = append(path, &line, &size);
	if (r < 0) {
		manager_say(member->manager, SAY_RUNS, "%s: %s", path, strerror(-r));
	}
	/* looking is needed only now and then: lines are rarely shorter than this */
	if (size > (off_t)(2 * LIMIT_RUNS) * 64 && member->run % LIMIT_RUNS == 0) {
		compact(path);
	}
	buf_done(&line);
}

void
runs_remove(const struct manager *manager, const char *name)
{
	autofree char *path = runs_path(manager, name);

	(void)unlink(path);
}
