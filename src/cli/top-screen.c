/* The terminal, by ncurses. It is given back as it was found at every
 * end that a program can see: leaving, signals, and the faults of this program itself, for which a
 * handler writes what was prepared when it all began. After SIGKILL nothing can; `reset` helps.
 *
 * ncurses asks the locale how wide a letter is. tend is static and works where no locale is set up,
 * so C.UTF-8 is tried before ASCII is settled for. */
#include "base/str.h"
#include "base/width.h"
#include "cli/top.h"
#define NCURSES_NOMACROS
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

enum { ESCAPE_MS = 25 };

static struct termios found;
static bool found_known;
static char goodbye[256]; /* what puts the screen back */
static SCREEN *screen;
static attr_t paints[TOP_PAINTS];
static bool ascii;

/* ---- the end ---- */
static void
on_fault(int number)
{
	(void)!write(STDOUT_FILENO, goodbye, strlen(goodbye));
	if (found_known) {
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &found);
	}
	(void)raise(number); /* SA_RESETHAND: the default now */
}

static void
add_goodbye(const char *name)
{
	const char *text = tigetstr((char *)(uintptr_t)name);
	size_t used = strlen(goodbye);

	if (text && text != (char *)-1) {
		(void)snprintf(goodbye + used, sizeof(goodbye) - used, "%s", text);
	}
}

static void
prepare_faults(bool mouse)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND };

	goodbye[0] = '\0';
	if (mouse) {
		(void)snprintf(goodbye, sizeof(goodbye), "\033[?1000l\033[?1006l");
	}
	add_goodbye("sgr0");
	add_goodbye("rmkx");
	add_goodbye("cnorm");
	add_goodbye("rmcup");
	for (size_t i = 0; i < COUNT(faults); i++) {
		(void)sigaction(faults[i], &action, NULL);
	}
}

/* ---- the beginning ---- */
static void
choose_paints(bool colours)
{
	paints[TOP_PLAIN] = A_NORMAL;
	paints[TOP_BOLD] = A_BOLD;
	paints[TOP_DIM] = A_DIM;
	paints[TOP_TITLE] = A_REVERSE;
	paints[TOP_CHOSEN] = A_REVERSE | A_BOLD;
	paints[TOP_GOOD] = A_NORMAL;
	paints[TOP_BAD] = A_BOLD;
	paints[TOP_WARN] = A_BOLD;
	if (!colours) {
		return;
	}
	/* on the terminal's own background, so that both light and dark ones stay readable; dim is
	 * left to the terminal: grey is nothing on one of the two */
	(void)init_pair(1, COLOR_GREEN, -1);
	(void)init_pair(2, COLOR_RED, -1);
	(void)init_pair(3, COLOR_MAGENTA, -1); /* yellow is not to be read on white */
	paints[TOP_GOOD] = COLOR_PAIR(1);
	paints[TOP_BAD] = COLOR_PAIR(2) | A_BOLD;
	paints[TOP_WARN] = COLOR_PAIR(3);
}

static void
choose_locale(struct top *top)
{
	if (!setlocale(LC_CTYPE, "") || !str_equal(nl_langinfo(CODESET), "UTF-8")) {
		(void)setlocale(LC_CTYPE, "C.UTF-8");
	}
	top->utf8 = str_equal(nl_langinfo(CODESET), "UTF-8");
	ascii = !top->utf8;
}

static bool
refuse(const char *term)
{
	complain("the terminal is of type '%s', which is not known here (no terminfo entry in "
		 "/etc/terminfo, /lib/terminfo or /usr/share/terminfo). Install ncurses-term, or "
		 "try TERM=xterm-256color tend top; without terminfo: tend ps --watch",
		 term);
	return false;
}

static bool
can_it(const char *term)
{
	int error = 0;
	bool can;

	if (setupterm((char *)(uintptr_t)term, STDOUT_FILENO, &error) != OK) {
		return refuse(term);
	}
	can = cursor_address && clear_screen;
	(void)del_curterm(cur_term);
	if (!can) {
		complain(
			"a terminal of type '%s' cannot place its cursor; tend ps --watch works on "
			"every one",
			term);
		return false;
	}
	return true;
}

bool
top_screen_start(struct top *top)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)) {
		complain("top needs a terminal; into a file or a pipe: tend ps, tend list");
		return false;
	}
	if (!term || !term[0] || str_equal(term, "dumb")) {
		complain(
			"this terminal (TERM=%s) cannot place its cursor; tend ps --watch works on "
			"every one",
			term && term[0] ? term : "");
		return false;
	}
	choose_locale(top);
	if (!can_it(term)) {
		return false;
	}
	found_known = tcgetattr(STDIN_FILENO, &found) == 0;
	screen = newterm((char *)(uintptr_t)term, stdout, stdin);
	if (!screen) {
		return refuse(term);
	}
	prepare_faults(top->mouse);
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)intrflush(stdscr, FALSE);
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)set_escdelay(ESCAPE_MS);
	(void)curs_set(0);
	top->colours = !(no_colour && no_colour[0]) && has_colors() && start_color() == OK &&
		       use_default_colors() == OK;
	choose_paints(top->colours);
	if (top->mouse) {
		(void)mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
		(void)mouseinterval(0);
	}
	return true;
}

void
top_screen_end(void)
{
	if (!screen) {
		return;
	}
	(void)mousemask(0, NULL);
	(void)endwin();
	delscreen(screen);
	screen = NULL;
	if (found_known) {
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &found);
	}
}

/* ---- drawing ---- */
void
top_screen_size(int *ret_rows, int *ret_columns)
{
	*ret_rows = LINES;
	*ret_columns = COLS;
}

void
top_screen_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
		(void)resizeterm(size.ws_row, size.ws_col);
	}
	(void)clearok(curscr, TRUE);
}

static void
make_ascii(char *text)
{
	for (char *c = text; *c; c++) {
		*c = (unsigned char)*c >= 0x80 ? '?' : *c;
	}
}

int
top_screen_put(int y, int x, int width, enum top_paint paint, const char *text)
{
	autofree char *harmless = width_harmless(text, strlen(text), false), *cut = NULL;
	int used;

	if (width <= 0 || y < 0 || y >= LINES || x >= COLS) {
		return 0;
	}
	width = MIN(width, COLS - x);
	cut = width_cut(harmless, (size_t)width);
	used = (int)width_text(cut);
	if (ascii) {
		make_ascii(cut);
	}
	(void)attrset((int)paints[paint]);
	(void)mvaddstr(y, x, cut);
	for (int i = used; i < width; i++) {
		(void)addch(' ');
	}
	(void)attrset(A_NORMAL);
	return used;
}

void
top_screen_clear(void)
{
	(void)erase();
}

void
top_screen_show(void)
{
	(void)refresh();
}

/* ---- keys ---- */
int
top_screen_key(void)
{
	int key = getch();

	return key == ERR ? -1 : key;
}

bool
top_screen_mouse(int *ret_y, int *ret_x, int *ret_button)
{
	MEVENT event;

	if (getmouse(&event) != OK) {
		return false;
	}
	*ret_y = event.y;
	*ret_x = event.x;
	*ret_button = event.bstate & BUTTON1_PRESSED   ? 1
		      : event.bstate & BUTTON4_PRESSED ? 4
		      : event.bstate & BUTTON5_PRESSED ? 5
						       : 0;
	return *ret_button != 0;
}
