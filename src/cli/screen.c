/* screen: what is on the other side of stdout: a terminal or not, how wide, with colours or not.
 * Found out when it is first asked for. COLUMNS counts where there is no terminal, so that a pipe
 * into a pager can be told its width. */
#include "base/str.h"
#include "cli/cli.h"
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *const colours[PAINT_COUNT] = {
	[PAINT_NONE] = "",         [PAINT_GOOD] = "\033[32m", [PAINT_BAD] = "\033[31m",
	[PAINT_WARN] = "\033[33m", [PAINT_DIM] = "\033[2m",   [PAINT_BOLD] = "\033[1m",
};

static const struct {
	const char *state;
	enum paint paint;
} states[] = {
	{ "failed", PAINT_BAD },    { "waiting", PAINT_WARN },   { "starting", PAINT_WARN },
	{ "stopping", PAINT_WARN }, { "reloading", PAINT_WARN }, { "running", PAINT_GOOD },
	{ "done", PAINT_NONE },     { "stopped", PAINT_DIM },
};

bool
screen_is_terminal(void)
{
	static int known = -1;

	if (known < 0) {
		known = isatty(STDOUT_FILENO);
	}
	return known > 0;
}

static bool
size_of_terminal(struct winsize *ret_size)
{
	return screen_is_terminal() && ioctl(STDOUT_FILENO, TIOCGWINSZ, ret_size) == 0;
}

size_t
screen_columns(void)
{
	const char *told = getenv("COLUMNS");
	struct winsize size;
	uint64_t columns;

	if (size_of_terminal(&size) && size.ws_col > 0) {
		return size.ws_col;
	}
	if (told && str_to_u64(told, &columns) == 0 && columns > 0) {
		return (size_t)columns;
	}
	return screen_is_terminal() ? 80 : SIZE_MAX;
}

size_t
screen_rows(void)
{
	struct winsize size;

	return size_of_terminal(&size) && size.ws_row > 0 ? size.ws_row : 24;
}

static bool
has_colours(void)
{
	static int known = -1;

	if (known < 0) {
		const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
		known = screen_is_terminal() && !(no && no[0]) && term && !str_equal(term, "dumb");
	}
	return known > 0;
}

const char *
screen_paint(enum paint paint)
{
	return has_colours() ? colours[paint] : "";
}

const char *
screen_plain(void)
{
	return has_colours() ? "\033[m" : "";
}

enum paint
screen_paint_of(const char *state)
{
	for (size_t i = 0; i < COUNT(states); i++) {
		if (str_equal(states[i].state, state)) {
			return states[i].paint;
		}
	}
	return PAINT_NONE;
}
