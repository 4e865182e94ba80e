/* Tells the stories in tests/stories: each is a unit, then events and what must follow from them.
 *
 *     == title
 *     Key=value             of the unit; without an ExecStart= there is ExecStart=/main (unless
 * ExecStop= alone will do) & STATE               go there the usual way (a start that meets no
 * trouble); its orders are not compared > EVENT [what]        feed it; every order that follows
 * must be on a line of its own, in order: < ORDER = STATE [why]         the state now, and why ?
 * KEY value           a line of the record; `no` alone: the line is not there
 *     @ SPAN                time passes
 *     % FRACTION            chance from now on, 0 to 1; a half at first, which is no jitter
 *     # words
 *
 * Events: asked-start ... by their names; `exited PART CODE|SIGxxx|unknown [core] [oom]`; `execed
 * PART`; `launch-failed PART`; `deadline TIMER` lets time pass until then; `extend SPAN`,
 * `watchdog-span SPAN`; and `resume`: the manager was replaced. What always holds (service-world.h)
 * is checked at every step of every story.
 *
 * usage: story [-o] [FILE...]   all of tests/stories, seen from here or from the source of this
 * file; -o prints them with the orders as they are given now, to be read before they are kept */
#include "test.h"
#include "service-world.h"
#include "base/file.h"
#include "base/path.h"
#include "base/signals.h"
#include "base/span.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>

enum { STORY_MAX = 1 << 20, STORIES_MAX = 2000, LINE_MAX_WORDS = 8 };

struct story {
	char *file, *title;
	unsigned line; /* of the title */
	char **lines;  /* borrowed text, NULL at the end */
};

struct teller {
	const struct story *story;
	unsigned line;
	struct unit *unit;
	struct service service;
	int64_t now;
	uint32_t chance;
	struct orders orders;
	size_t checked; /* orders that lines have named */
	bool begun;     /* the unit is complete */
};

static struct story stories[STORIES_MAX];
static size_t story_count;
static bool printing;

static void PRINTF(2, 3) wrong(const struct teller *t, const char *format, ...)
{
	va_list arguments;
	autofree char *text = NULL;

	va_start(arguments, format);
	assert_true(vasprintf(&text, format, arguments) >= 0);
	va_end(arguments);
	print_error("%s:%u: %s (%s): %s\n", t->story->file, t->line, t->story->title,
		    service_state_name(t->service.state), text);
	fail();
}

/* ---- orders as lines ---- */
static const char *const timer_words[] = { "state", "runtime", "watchdog" };
static const char *const part_words[] = { "main", "control" };

static void
show_signal(const struct order *order, struct buf *text)
{
	static const char *const whom[] = { "main", "control", "all", "mixed" };

	(void)buf_addf(text, " %s %s%s%s", signals_name(order->signal), whom[order->whom],
		       order->with_hup ? " hup" : "", order->with_cont ? " cont" : "");
}

static void
show_order(const struct teller *t, const struct order *order, struct buf *text)
{
	static const char *const told[] = { "up",       "not-up",       "down",
					    "reloaded", "not-reloaded", "waiting" };
	char span[128];

	(void)buf_add_str(text, order_name(order->kind));
	switch (order->kind) {
	case ORDER_LAUNCH: {
		const struct commands *commands = step_commands(t->unit, order->step);

		assert_in_range(order->index, 0, commands->count - 1);
		(void)buf_addf(text, " %s", commands->list[order->index].program);
		break;
	}
	case ORDER_SIGNAL: show_signal(order, text); break;
	case ORDER_SWEEP:
		if (order->signal) {
			(void)buf_addf(text, " %s", signals_name(order->signal));
		}
		break;
	case ORDER_ARM:
		(void)buf_addf(text, " %s %s", timer_words[order->timer],
			       span_show(order->at - t->now, span, sizeof(span)));
		break;
	case ORDER_DISARM: (void)buf_addf(text, " %s", timer_words[order->timer]); break;
	case ORDER_RUN_ENDED: (void)buf_addf(text, " %s", why_name(t->service.why)); break;
	case ORDER_CLEAN: (void)buf_add_str(text, order->restart ? " restart" : ""); break;
	case ORDER_TELL: (void)buf_addf(text, " %s", told[order->told]); break;
	case ORDER_TRIGGER:
		(void)buf_add_str(text, order->success ? " success" : " failure");
		break;
	case ORDER_PREPARE:
	case ORDER_FIND_MAIN:
	case ORDER_KIND_COUNT: break;
	}
}

static void
expect_order(struct teller *t, const char *words)
{
	autodone(buf) struct buf text;

	buf_init(&text, STORY_MAX);
	if (t->checked == t->orders.count) {
		wrong(t, "no order is left where '%s' should be", words);
	}
	show_order(t, &t->orders.list[t->checked++], &text);
	if (!str_equal(buf_str(&text), words)) {
		wrong(t, "the order is '%s', not '%s'", buf_str(&text), words);
	}
}

static void
expect_no_more(struct teller *t)
{
	autodone(buf) struct buf text;

	buf_init(&text, STORY_MAX);
	for (; t->checked < t->orders.count; t->checked++) {
		(void)buf_add_str(&text, "\n< ");
		show_order(t, &t->orders.list[t->checked], &text);
	}
	if (text.length > 0) {
		wrong(t, "orders that no line names:%s", buf_str(&text));
	}
}

static void
print_orders(struct teller *t)
{
	for (; t->checked < t->orders.count; t->checked++) {
		autodone(buf) struct buf text;

		buf_init(&text, STORY_MAX);
		show_order(t, &t->orders.list[t->checked], &text);
		printf("< %s\n", buf_str(&text));
	}
}

/* ---- events from lines ---- */
static unsigned
find(const struct teller *t, const char *word, const char *const *words, size_t count)
{
	for (unsigned i = 0; i < count; i++) {
		if (word && str_equal(word, words[i])) {
			return i;
		}
	}
	wrong(t, "'%s' is not known here", word ? word : "");
	return 0;
}

static int64_t
read_span(const struct teller *t, const char *word)
{
	int64_t span = 0;

	if (!word || span_parse(word, &span) < 0) {
		wrong(t, "'%s' is no time", word ? word : "");
	}
	return span;
}

static struct outcome
read_outcome(const struct teller *t, char *const *words)
{
	struct outcome outcome = { .known = true };
	int64_t code = 0;

	if (!words[0]) {
		wrong(t, "how did it end?");
	} else if (str_equal(words[0], "unknown")) {
		outcome.known = false;
	} else if (str_to_i64(words[0], &code) == 0) {
		outcome.value = (int)code;
	} else if (signals_parse(words[0]) > 0) {
		outcome.signalled = true;
		outcome.value = signals_parse(words[0]);
	} else {
		wrong(t, "'%s' is no way to end", words[0]);
	}
	for (size_t i = 1; words[0] && words[i]; i++) {
		outcome.core = outcome.core || str_equal(words[i], "core");
		outcome.oom = outcome.oom || str_equal(words[i], "oom");
	}
	return outcome;
}

static enum event_kind
read_kind(const struct teller *t, const char *word)
{
	for (enum event_kind kind = 0; kind < EVENT_COUNT; kind++) {
		if (str_equal(event_name(kind), word)) {
			return kind;
		}
	}
	wrong(t, "'%s' is no event", word);
	return EVENT_COUNT;
}

static void
feed(struct teller *t, char *const *words)
{
	struct event e = { .kind = read_kind(t, words[0]), .chance = t->chance };
	bool of_part =
		e.kind == EVENT_EXECED || e.kind == EVENT_EXITED || e.kind == EVENT_LAUNCH_FAILED;

	if (of_part) {
		e.part = (enum part)find(t, words[1], part_words, COUNT(part_words));
	}
	if (e.kind == EVENT_EXITED) {
		e.outcome = read_outcome(t, words + 2);
	}
	if (e.kind == EVENT_EXTEND || e.kind == EVENT_WATCHDOG_SPAN) {
		e.span = read_span(t, words[1]);
	}
	if (e.kind == EVENT_DEADLINE) {
		e.timer = (enum service_timer)find(t, words[1], timer_words, COUNT(timer_words));
		if (t->service.deadline[e.timer] == CLOCK_NEVER) {
			wrong(t, "the timer is not armed");
		}
		t->now = MAX(t->now, t->service.deadline[e.timer]);
	}
	e.now = t->now;
	world_take(&t->service, &e, &t->orders);
	t->checked = 0;
	if (printing) {
		print_orders(t);
	}
}

/* ---- lines ---- */
static void
begin(struct teller *t)
{
	struct err err = { 0 };

	if (t->begun) {
		return;
	}
	t->begun = true;
	if (t->unit->exec_start.count == 0 &&
	    !(t->unit->remain_after_exit && t->unit->exec_stop.count > 0)) {
		assert_true(unit_set(t->unit, "ExecStart", "/main", &err));
	}
	unit_finish(t->unit);
	if (t->unit->bad) {
		wrong(t, "the unit is bad: %s", t->unit->bad);
	}
	service_init(&t->service, t->unit);
	t->now = 1000 * CLOCK_S;
	t->chance = 1U << 31;
}

static void
take_key(struct teller *t, char *line)
{
	struct err err = { 0 };
	char *value = strchr(line, '=');

	if (t->begun || !value) {
		wrong(t, "'%s' is neither a line of a unit nor of a story", line);
		return;
	}
	*value++ = '\0';
	if (!unit_set(t->unit, line, value, &err)) {
		wrong(t, "%s", err.text);
	}
}

static void
go_to(struct teller *t, const char *word)
{
	struct event e = { .kind = EVENT_ASKED_START, .now = t->now, .chance = t->chance };

	for (int steps = 0; steps < 100; steps++) {
		if (str_equal(service_state_name(t->service.state), word)) {
			t->orders.count = t->checked = 0;
			return;
		}
		if (!service_is_down(&t->service)) {
			e.now = t->now;
			if (!world_next(&t->service, &e)) {
				break;
			}
		}
		t->now = MAX(t->now, e.now);
		world_take(&t->service, &e, &t->orders);
	}
	wrong(t, "the usual way does not lead to '%s'", word);
}

static void
expect_state(const struct teller *t, char *const *words)
{
	const char *state = service_state_name(t->service.state);

	if (!str_equal(state, words[0])) {
		wrong(t, "the state is '%s', not '%s'", state, words[0]);
	}
	if (words[1] && !str_equal(why_name(t->service.why), words[1])) {
		wrong(t, "it is so because of '%s', not '%s'", why_name(t->service.why), words[1]);
	}
}

static void
expect_record(const struct teller *t, char *const *words)
{
	autodone(buf) struct buf text;
	bool absent = words[1] && str_equal(words[1], "no");
	autofree char *line = str_format("\n%s %s\n", words[0], words[1] ? words[1] : "");
	autofree char *any = str_format("\n%s ", words[0]);

	buf_init(&text, STORY_MAX);
	(void)buf_add_char(&text, '\n');
	service_record(&t->service, &text);
	if (absent ? strstr(buf_str(&text), any) != NULL : strstr(buf_str(&text), line) == NULL) {
		wrong(t, "no such line in the record:%s", buf_str(&text));
	}
}

static void
split(char *line, char **ret_words)
{
	size_t count = 0;
	char *word;

	while ((word = strsep(&line, " ")) && count < LINE_MAX_WORDS) {
		if (*word) {
			ret_words[count++] = word;
		}
	}
	ret_words[count] = NULL;
}

static void
tell_line(struct teller *t, char *line)
{
	char mark = line[0], *rest = line[0] && line[1] == ' ' ? line + 2 : NULL;
	char *words[LINE_MAX_WORDS + 1] = { NULL };

	if (printing && mark == '<') {
		return;
	}
	if (printing) {
		puts(line);
	}

	if (mark == '\0' || mark == '#') {
		return;
	}
	if (!rest) {
		take_key(t, line);
		return;
	}
	begin(t);
	if (mark == '<') {
		expect_order(t, rest);
		return;
	}
	if (mark != '=' && mark != '?') {
		expect_no_more(t);
	}
	if (mark == '@') {
		t->now += read_span(t, rest);
		return;
	}
	split(rest, words);
	if (mark == '>' && str_equal(words[0], "resume")) {
		world_resume(&t->service, t->now, &t->orders);
		t->checked = 0;
		if (printing) {
			print_orders(t);
		}
		return;
	}
	switch (mark) {
	case '>': feed(t, words); break;
	case '&': go_to(t, words[0]); break;
	case '=': expect_state(t, words); break;
	case '?': expect_record(t, words); break;
	case '%':
		t->chance = (uint32_t)MIN(strtod(words[0], NULL) * 4294967296.0, 4294967295.0);
		break;
	default: wrong(t, "what is '%c'?", mark);
	}
}

static void
told(void **state)
{
	struct teller t = { .story = *state, .unit = unit_new("web", NULL) };

	t.line = t.story->line;
	if (printing) {
		printf("== %s\n", t.story->title);
	}
	for (size_t i = 0; t.story->lines[i]; i++) {
		autofree char *line = str_dup(t.story->lines[i]);

		t.line++;
		tell_line(&t, line);
	}
	begin(&t);
	expect_no_more(&t);
	unit_unref(t.unit);
}

/* ---- files ---- */
static void
read_stories(const char *path)
{
	autofree char *text = NULL;
	char *rest, *line;
	unsigned number = 0;
	struct story *story = NULL;

	if (file_read(AT_FDCWD, path, STORY_MAX, &text, NULL) < 0) {
		print_error("%s: cannot be read\n", path);
		exit(1);
	}
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		number++;
		if (str_starts(line, "== ")) {
			CHECK(story_count < STORIES_MAX);
			story = &stories[story_count++];
			*story = (struct story){ .file = str_dup(path),
						 .title = str_dup(line + 3),
						 .line = number };
		} else if (story) {
			strv_add(&story->lines, line);
		}
	}
}

static bool
read_folder(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		if (str_ends(entries[i]->d_name, ".story")) {
			autofree char *path = path_join(folder, entries[i]->d_name);

			read_stories(path);
		}
		free(entries[i]);
	}
	if (count >= 0) {
		free(entries);
	}
	return story_count > 0;
}

static void
read_all(void)
{
	autofree char *here = str_dup(__FILE__);
	char *slash = strrchr(here, '/');

	if (slash) {
		*slash = '\0';
	}
	autofree char *beside = str_format("%s/../stories", slash ? here : ".");

	if (!read_folder("tests/stories") && !read_folder(beside)) {
		print_error("no stories are found\n");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[STORIES_MAX];

	service_strict = true;
	printing = argc > 1 && str_equal(argv[1], "-o");
	for (int i = 1 + printing; i < argc; i++) {
		read_stories(argv[i]);
	}
	if (story_count == 0) {
		read_all();
	}
	for (size_t i = 0; i < story_count; i++) {
		tests[i] = (struct CMUnitTest){ .name = stories[i].title,
						.test_func = told,
						.initial_state = &stories[i] };
	}
	/* not the number of those that failed: 256 would be 0 */
	return _cmocka_run_group_tests("stories", tests, story_count, NULL, NULL) != 0;
}
