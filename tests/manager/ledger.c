/* ledger: what is written is read again; what is damaged is refused as a whole. */
#include "staged.h"
#include "base/file.h"
#include "manager/ledger.h"
#include <string.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

static const char web[] = "[Service]\nExecStart=/bin/true\nRestart=always\n";

static uint64_t
hash(const char *bytes, size_t n)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ (unsigned char)bytes[i]) * 0x100000001b3ULL;
	}
	return h;
}

/* a running one with everything set */
static struct member *
make_full(struct staged *s, const char *name)
{
	struct member *m = staged_member(s, name, web);
	struct child *c = &m->child[PART_MAIN];

	m->fresh = false;
	m->service.state = SERVICE_RUNNING;
	m->service.alive[PART_MAIN] = true;
	m->service.was_up = true;
	m->service.started = 5;
	m->service.up_since = 6;
	m->service.restarts = 3;
	c->number = 1790000000000000001;
	c->pid = 4242;
	c->start = 99887766;
	c->keeper = 77;
	c->execed = true;
	m->run = 4;
	m->run_pid = 4242;
	m->marked_run = 4;
	m->run_wall = 1790000000000000002;
	m->up_wall = 1790000000000000003;
	m->usage = (struct usage){ 1000, 2000 };
	m->in_run = m->foreign_kin = m->has_group = true;
	m->asker = 12;
	m->asker_start = 13;
	m->failure = str_dup("chdir to /a b\\c:\nNo such file\\");
	m->by = str_dup("uid 0, tend stop \xed\x95\x9c\n");
	m->status_text = str_dup(" leading and trailing ");
	(void)snprintf(m->invocation, sizeof(m->invocation), "0123456789abcdef0123456789abcdef");
	m->stored = calloc(2, sizeof(*m->stored));
	m->stored[0].name = str_dup("a");
	m->stored[1].name = str_dup("socket two");
	m->stored[1].place = 7;
	m->stored_count = 2;
	return m;
}

static char *
text_of(const struct member *m)
{
	struct buf text;

	buf_init(&text, LIMIT_LEDGER);
	ledger_text(m, &text);
	assert_false(text.full);
	return buf_take(&text);
}

/* the same unit in another tend */
static struct member *
make_empty(struct staged *s, const char *name)
{
	return staged_member(s, name, web);
}

static void
all_of_it_comes_back(void **state)
{
	struct staged *a = staged_new(), *b = staged_new();
	struct member *from = make_full(a, "web"), *to = make_empty(b, "web");
	autofree char *text = text_of(from), *again = NULL;

	(void)state;
	assert_int_equal(ledger_number(text), from->number);
	to->number = from->number;
	assert_true(ledger_take(to, text, strlen(text)));
	again = text_of(to);
	assert_string_equal(again, text);
	assert_string_equal(to->failure, from->failure);
	assert_string_equal(to->by, from->by);
	assert_string_equal(to->status_text, from->status_text);
	assert_int_equal(to->child[PART_MAIN].pid, 4242);
	assert_true(to->child[PART_MAIN].execed);
	assert_int_equal(to->stored_count, 2);
	assert_string_equal(to->stored[1].name, "socket two");
	assert_int_equal(to->service.state, SERVICE_RUNNING);
	from->child[PART_MAIN].number = to->child[PART_MAIN].number = 0;
	staged_done(b);
	staged_done(a);
}

static void
a_damaged_one_is_refused(void **state)
{
	struct staged *a = staged_new(), *b = staged_new();
	struct member *from = make_full(a, "web");
	autofree char *text = text_of(from);
	size_t length = strlen(text);

	(void)state;
	from->child[PART_MAIN].number = 0;
	for (size_t i = 0; i < length; i++) {
		struct member *to = make_empty(b, "web");
		char c = text[i];

		assert_false(ledger_take(to, text, i)); /* cut */
		text[i] = (char)(c ^ 1);
		assert_false(ledger_take(to, text, length));
		text[i] = c;
		member_free(to);
	}
	staged_done(b);
	staged_done(a);
}

static bool
take(struct staged *s, const char *body)
{
	struct member *m = make_empty(s, "web");
	autofree char *text =
		str_format("%scheck %016" PRIx64 "\n", body, hash(body, strlen(body)));
	bool ok = ledger_take(m, text, strlen(text));

	m->child[PART_MAIN].number = m->child[PART_CONTROL].number = 0;
	service_init(&m->service, m->unit);
	member_free(m);
	return ok;
}

static void
senseless_values_are_refused(void **state)
{
	static const char *const bad[] = {
		"m-name other\n",
		"m-run -1\n",
		"m-run x\n",
		"m-run 99999999999999999999\n",
		"m-main 0 1 1 1 0 0\n",
		"m-main 5 -1 1 1 0 0\n",
		"m-main 5\n",
		"m-invocation short\n",
		"m-stored 600 a\n",
		"m-stored a\n",
	};
	struct staged *s = staged_new();

	(void)state;
	assert_true(take(s, ""));
	assert_true(take(s, "m-name web\nm-from-the-future 1 2 3\nfuture-too\n\n"));
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(take(s, bad[i]));
	}
	staged_done(s);
}

static void
another_boot_is_forgotten(void **state)
{
	struct staged *a = staged_new(), *b = staged_new();
	struct member *from = make_full(a, "web"), *to = make_empty(b, "web");
	autofree char *text = text_of(from);
	struct run runs[2];

	(void)state;
	b->manager->boot_id[0] = '9';
	assert_true(ledger_take(to, text, strlen(text)));
	assert_int_equal(to->service.state, SERVICE_STOPPED);
	assert_int_equal(to->child[PART_MAIN].number, 0);
	assert_int_equal(to->stored_count, 0);
	assert_int_equal(to->run, 4);
	/* its run ended with the machine, nobody knows how */
	assert_int_equal(runs_read(b->manager, "web", runs, 2), 1);
	assert_int_equal(runs[0].why, WHY_UNKNOWN);
	assert_false(runs[0].has_outcome);
	runs_done(runs, 1);
	from->child[PART_MAIN].number = 0;
	staged_done(b);
	staged_done(a);
}

static ino_t
inode_of(const struct staged *s, const char *name)
{
	autofree char *path = str_format("%s/%s", s->start.places.ledger, name);
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static void
it_is_written_when_it_changes(void **state)
{
	struct staged *s = staged_new();
	struct member *m = make_full(s, "web");
	uint64_t written;

	(void)state;
	m->fresh = true;
	ledger_write(m);
	assert_int_equal(inode_of(s, "web"), 0);
	m->fresh = false;
	ledger_write(m);
	assert_int_not_equal(inode_of(s, "web"), 0);
	written = m->written;
	assert_int_equal(unlinkat(s->manager->ledger_dir, "web", 0), 0);
	ledger_write(m); /* the same: not written again */
	assert_int_equal(inode_of(s, "web"), 0);
	m->run++;
	ledger_write(m);
	assert_int_not_equal(inode_of(s, "web"), 0);
	assert_int_not_equal(m->written, written);
	ledger_remove(m);
	assert_int_equal(inode_of(s, "web"), 0);
	m->child[PART_MAIN].number = 0;
	staged_done(s);
}

/* what is replaced is where the next one is written: nothing of it may be left there */
static void
a_shorter_one_replaces_a_longer_one(void **state)
{
	struct staged *s = staged_new();
	struct member *m = make_full(s, "web"), *other = make_empty(s, "other");

	(void)state;
	for (int i = 0; i < 6; i++) {
		autofree char *asked = NULL;
		char *text = NULL;
		size_t length = 0;

		str_replace(&m->status_text, i % 2 == 0 ? "a long status of the service" : "");
		ledger_write(m);
		other->fresh = false;
		other->run = i + 1;
		ledger_write(other);
		asked = text_of(m);
		assert_int_equal(
			file_read(s->manager->ledger_dir, "web", LIMIT_LEDGER, &text, &length), 0);
		assert_memory_equal(text, asked, strlen(asked) + 1);
		free(text);
	}
	m->child[PART_MAIN].number = 0;
	staged_done(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shorter_one_replaces_a_longer_one),
		cmocka_unit_test(all_of_it_comes_back),
		cmocka_unit_test(a_damaged_one_is_refused),
		cmocka_unit_test(senseless_values_are_refused),
		cmocka_unit_test(another_boot_is_forgotten),
		cmocka_unit_test(it_is_written_when_it_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
