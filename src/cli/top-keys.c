/* Keys and the mouse. Letters that change something (stop, signal ...) only ask; the answer is a
 * second key. */
#include "base/str.h"
#include "base/width.h"
#include "cli/top.h"
#define NCURSES_NOMACROS
#include <curses.h>
#include <string.h>

enum { ESCAPE = 27, DELETE = 127, WHEEL = 3 };

static const char *const help_lines[] = {
	"tend top: units, their processes, and everybody else's",
	"",
	"  up down PgUp PgDn Home End   move          mouse   choose; wheel scrolls; titles sort",
	"  left right Enter             fold, unfold  t       tree or flat",
	"  /   filter as you type (name, command, user, unit, pid); Esc ends it",
	"  c m p a n   sort by cpu, memory, pid, age, name; the same again turns the order",
	"  f   follow: stay on this one wherever it goes",
	"  l   the log of the chosen unit below      K   threads of the kernel too",
	"  space   pause: nothing is read until it is pressed again",
	"",
	"  s stop   S start   r restart      of a unit, after a question",
	"  k signal   N nice                 of a process (k also of a unit)",
	"",
	"  A unit's cpu and memory are those of its processes together; cpu counts one",
	"  cpu as 100%. The last minute is one character for each sample.",
	"",
	"  q quit                            any key goes back",
	NULL,
};

const char *const *
top_help(void)
{
	return help_lines;
}

static struct top_row *
chosen(const struct top *top)
{
	return top->count ? &top->rows[top->cursor] : NULL;
}

static void
move_to(struct top *top, int64_t place)
{
	int64_t last = top->count ? (int64_t)top->count - 1 : 0;

	top->cursor = (size_t)MIN(MAX(place, 0), last);
	top->has_chosen = top->count > 0;
	top->follow = false;
	if (top->has_chosen) {
		top_rows_id(&top->rows[top->cursor], &top->chosen);
	}
}

static void
sort_by(struct top *top, enum top_sort sort)
{
	top->reverse = top->sort == sort && !top->reverse;
	top->sort = sort;
	top->cursor = top->first = 0;
	top->has_chosen = top->follow;
	top_rows_make(top);
}

/* ---- folds ---- */
static void
fold(struct top *top, bool folded)
{
	struct top_row *row = chosen(top);

	if (!row || top->flat) {
		return;
	}
	if (folded && (!row->has_more || row->folded)) { /* to the one above it */
		size_t at = top->cursor;
		while (at > 0 && top->rows[at].kind == TOP_PROCESS &&
		       top->rows[at].depth >= row->depth) {
			at--;
		}
		move_to(top, (int64_t)at);
		return;
	}
	if (row->has_more) {
		top_rows_fold(top, row, folded);
		top_rows_make(top);
	}
}

static void
fold_turn(struct top *top)
{
	const struct top_row *row = chosen(top);

	if (row && row->has_more) {
		fold(top, !row->folded);
	}
}

/* ---- actions ---- */
static void
question(struct top *top, enum top_action action)
{
	const struct top_row *row = chosen(top);
	char words[512];

	if (!row) {
		return;
	}
	top->action = action;
	top_rows_id(row, &top->target);
	/* start, stop and restart of a process mean its unit */
	if (row->process && row->process->unit && action != TOP_SIGNAL && action != TOP_NICE) {
		top->target = (struct top_id){ .kind = TOP_UNIT };
		(void)snprintf(top->target.name, sizeof(top->target.name), "%s",
			       row->process->unit);
	}
	if (!top_act_question(top, words, sizeof(words))) {
		top_say(top, "%s", words);
		top->action = TOP_NOTHING;
		return;
	}
	top->input[0] = '\0';
	top->mode = action == TOP_SIGNAL || action == TOP_NICE ? TOP_INPUT : TOP_QUESTION;
}

/* ---- text ---- */
/* one byte; letters of several bytes come one after the other */
static void
type(char *text, size_t size, int key)
{
	size_t n = strlen(text);

	if (key == KEY_BACKSPACE || key == DELETE || key == '\b') {
		while (n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80) {
			n--;
		}
		text[n > 0 ? n - 1 : 0] = '\0';
	} else if (key == ('u' & 0x1f)) {
		text[0] = '\0';
	} else if (key >= ' ' && key < 256 && n + 1 < size) {
		text[n] = (char)key;
		text[n + 1] = '\0';
	}
}

static void
key_filter(struct top *top, int key)
{
	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		top->mode = TOP_NORMAL;
		return;
	}
	if (key == ESCAPE) {
		top->filter[0] = '\0';
		top->mode = TOP_NORMAL;
	} else {
		type(top->filter, sizeof(top->filter), key);
	}
	top->cursor = top->first = 0;
	top_rows_make(top);
}

static void
key_input(struct top *top, int key)
{
	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		top->mode = TOP_NORMAL;
		top_act(top);
	} else if (key == ESCAPE) {
		top->mode = TOP_NORMAL;
		top_say(top, "not done");
	} else {
		type(top->input, sizeof(top->input), key);
	}
}

static void
key_question(struct top *top, int key)
{
	top->mode = TOP_NORMAL;
	if (key == 'y' || key == 'Y') {
		top_act(top);
	} else {
		top_say(top, "not done");
	}
}

/* ---- the mouse ---- */
static void
key_mouse(struct top *top)
{
	int y, x, button;

	if (!top_screen_mouse(&y, &x, &button)) {
		return;
	}
	if (button != 1) {
		move_to(top, (int64_t)top->cursor + (button == 4 ? -WHEEL : WHEEL));
	} else if (y == top->rows_y - 1) {
		int sort = top_draw_sort_at(top, x);
		if (sort >= 0) {
			sort_by(top, (enum top_sort)sort);
		}
	} else if (y >= top->rows_y && (size_t)(y - top->rows_y) < top->page) {
		size_t place = top->first + (size_t)(y - top->rows_y);
		if (place == top->cursor) {
			fold_turn(top);
		} else if (place < top->count) {
			move_to(top, (int64_t)place);
		}
	}
}

/* ---- all keys ---- */
static bool
key_move(struct top *top, int key)
{
	int64_t at = (int64_t)top->cursor, page = (int64_t)top->page;

	switch (key) {
	case KEY_UP: move_to(top, at - 1); return true;
	case KEY_DOWN: move_to(top, at + 1); return true;
	case KEY_PPAGE: move_to(top, at - page); return true;
	case KEY_NPAGE: move_to(top, at + page); return true;
	case KEY_HOME:
	case 'g': move_to(top, 0); return true;
	case KEY_END:
	case 'G': move_to(top, (int64_t)top->count); return true;
	case KEY_LEFT: fold(top, true); return true;
	case KEY_RIGHT: fold(top, false); return true;
	case '\r':
	case '\n':
	case KEY_ENTER: fold_turn(top); return true;
	case KEY_MOUSE: key_mouse(top); return true;
	default: return false;
	}
}

static bool
key_order(struct top *top, int key)
{
	static const char letters[] = "cmpan";
	const char *letter = key > 0 && key < 128 ? strchr(letters, key) : NULL;

	if (letter) {
		sort_by(top, (enum top_sort)(letter - letters));
	}
	return letter != NULL;
}

static bool
key_act(struct top *top, int key)
{
	switch (key) {
	case 's': question(top, TOP_STOP); return true;
	case 'S': question(top, TOP_START); return true;
	case 'r': question(top, TOP_RESTART); return true;
	case 'k': question(top, TOP_SIGNAL); return true;
	case 'N': question(top, TOP_NICE); return true;
	default: return false;
	}
}

static void
key_view(struct top *top, int key)
{
	switch (key) {
	case 'q': top->over = true; break;
	case '?':
	case 'h': top->mode = TOP_HELP; break;
	case '/': top->mode = TOP_FILTER; break;
	case 'l': top->log = !top->log; break;
	case 't':
		top->flat = !top->flat;
		top_rows_make(top);
		break;
	case 'K':
		top->kernel = !top->kernel;
		top->hurry = true;
		top_say(top, "threads of the kernel: %s", top->kernel ? "shown" : "not shown");
		break;
	case 'f': top->follow = !top->follow && top->has_chosen; break;
	case ' ':
		top->paused = !top->paused;
		top->hurry = !top->paused;
		break;
	case ESCAPE:
		top->filter[0] = '\0';
		top_rows_make(top);
		break;
	default: break;
	}
}

static void
key_normal(struct top *top, int key)
{
	if (!key_move(top, key) && !key_order(top, key) && !key_act(top, key)) {
		key_view(top, key);
	}
}

void
top_keys(struct top *top)
{
	int key;

	while (!top->over && (key = top_screen_key()) >= 0) {
		switch (top->mode) {
		case TOP_NORMAL: key_normal(top, key); break;
		case TOP_FILTER: key_filter(top, key); break;
		case TOP_QUESTION: key_question(top, key); break;
		case TOP_INPUT: key_input(top, key); break;
		case TOP_HELP: top->mode = TOP_NORMAL; break;
		}
	}
}
