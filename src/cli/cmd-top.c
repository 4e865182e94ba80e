/* cmd-top: units and processes as they are, once a second, until q. It waits in one poll for keys,
 * the next second, changes of units, signals, and what a verb that it has started says. Paused or
 * stopped (^Z) it waits for a key alone and reads nothing.
 *
 * stderr is a pipe meanwhile: what other parts complain of becomes the line at the bottom. */
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/top.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { SAMPLES_APART_MS = 1000, FIRST_APART_MS = 200 };

const struct opt cmd_top_options[] = {
	{ 'd', "delay", "SECONDS", "so long between two looks (1)" },
	{ 's', "sort", "WHAT", "cpu, memory, pid, age or name" },
	{ 'f', "flat", NULL, "processes alone, not below their units" },
	{ 'l', "log", NULL, "with the log of the chosen unit" },
	{ 'k', "kernel", NULL, "threads of the kernel too" },
	{ 0, "filter", "TEXT", "only what has TEXT in it" },
	{ 0, "no-mouse", NULL, "leave the mouse to the terminal" },
	OPT_END,
};
const char cmd_top_details[] =
	"Keys: ? shows all of them; q leaves. What changes something is asked first.\n"
	"It needs a terminal that can place its cursor, and its terminfo entry.";

enum { FD_KEYS, FD_SIGNALS, FD_WATCH, FD_CHILD, FD_ERRORS, FD_COUNT };
struct wait {
	struct pollfd fds[FD_COUNT];
	struct wire *watch; /* NULL: nobody tells of changes */
	int never;          /* always readable: reading the stream never waits */
	int errors, kept;   /* the pipe, and the true stderr */
	int64_t delay_ns, next;
	int signalled;
};

/* ---- changes of units ---- */
static void
drain(struct top *top, struct wait *wait, bool first)
{
	struct wire_answer answer = { 0 };
	enum wire_result result = first ? wire_call(wait->watch, "Watch", NULL, true, &answer, NULL)
					: wire_call_next(wait->watch, &answer, NULL);

	while (result == WIRE_MORE) {
		wire_answer_done(&answer);
		top->belongs_old = true;
		result = wire_call_next(wait->watch, &answer, NULL);
	}
	wire_answer_done(&answer);
	if (result != WIRE_INTERRUPTED) {
		wait->watch = wire_close(wait->watch);
		wait->fds[FD_WATCH].fd = -1;
		top->belongs_old = true;
	}
}

/* only a tendd that runs is asked; none is started for looking */
static void
connect_watch(struct top *top, struct wait *wait)
{
	struct wire *first = top->cli->wire;

	if (wait->watch || !belongs_is_known(top->belongs)) {
		return;
	}
	top->cli->wire = NULL;
	(void)ask_open(top->cli, ASK_NEVER);
	wait->watch = top->cli->wire;
	top->cli->wire = first;
	if (wait->watch) {
		wire_interrupt_fd(wait->watch, wait->never);
		wait->fds[FD_WATCH].fd = wire_fd(wait->watch);
		drain(top, wait, true);
	}
}

/* ---- one look ---- */
static int
look(struct top *top, struct wait *wait)
{
	int r = top_sample(top);

	if (r < 0) {
		return r;
	}
	top_rows_make(top);
	connect_watch(top, wait);
	return 0;
}

/* ---- stderr ---- */
static void
take_errors(struct wait *wait)
{
	int pair[2];

	wait->kept = fd_dup(STDERR_FILENO);
	wait->errors = -1;
	if (fd_pipe(pair) == 0) {
		(void)fd_set_blocking(pair[0], false);
		(void)fd_set_blocking(pair[1], false);
		(void)dup2(pair[1], STDERR_FILENO);
		(void)fd_close(pair[1]);
		wait->errors = pair[0];
	}
}

static void
give_errors_back(struct wait *wait)
{
	if (fd_is_open(wait->kept)) {
		(void)dup2(wait->kept, STDERR_FILENO);
	}
	wait->kept = fd_close(wait->kept);
	wait->errors = fd_close(wait->errors);
}

static void
hear_errors(struct top *top, const struct wait *wait)
{
	char text[512];
	ssize_t n = read(wait->errors, text, sizeof(text) - 1);

	if (n > 0) {
		text[n] = '\0';
		text[strcspn(text, "\n")] = '\0';
		top_say(top, "%s", str_starts(text, "tend: ") ? text + 6 : text);
	}
}

/* ---- the loop ---- */
static int
timeout_ms(const struct top *top, const struct wait *wait)
{
	int64_t now = clock_now(), until = top->paused ? CLOCK_NEVER : wait->next;

	if (top->message[0] && top->message_until > now) {
		until = MIN(until, top->message_until);
	}
	return until == CLOCK_NEVER ? -1 : until <= now ? 0 : (int)((until - now) / CLOCK_MS + 1);
}

static void
take_signal(struct top *top, struct wait *wait)
{
	struct signalfd_siginfo info;

	while (read(wait->fds[FD_SIGNALS].fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			top_screen_resize();
		} else {
			wait->signalled = (int)info.ssi_signo;
			top->over = true;
		}
	}
}

static void
turn(struct top *top, struct wait *wait)
{
	wait->fds[FD_CHILD].fd = top->child_fd;
	wait->fds[FD_ERRORS].fd = wait->errors;
	if (poll(wait->fds, FD_COUNT, timeout_ms(top, wait)) < 0) {
		return; /* stopped and continued */
	}
	if (wait->fds[FD_SIGNALS].revents) {
		take_signal(top, wait);
	}
	if (wait->fds[FD_KEYS].revents & POLLIN) {
		top_keys(top);
	} else if (wait->fds[FD_KEYS].revents) {
		top->over = true; /* the terminal is gone */
	}
	if (fd_is_open(wait->fds[FD_CHILD].fd) && wait->fds[FD_CHILD].revents) {
		top_act_heard(top);
	}
	if (wait->watch && wait->fds[FD_WATCH].revents) {
		drain(top, wait, false);
	}
	if (fd_is_open(wait->errors) && wait->fds[FD_ERRORS].revents) {
		hear_errors(top, wait);
	}
}

static int
run(struct top *top, struct wait *wait)
{
	int r = look(top, wait);

	/* without a tendd there is no tree of units to show */
	if (r == 0 && !belongs_is_known(top->belongs) && !top->flat) {
		top->flat = true;
		top_rows_make(top);
	}
	wait->next = clock_now() + FIRST_APART_MS * CLOCK_MS; /* shares need two */
	while (r == 0 && !top->over) {
		top_draw(top);
		turn(top, wait);
		if (top->hurry) {
			wait->next = MIN(wait->next, clock_now());
			top->hurry = false;
		}
		if (!top->paused && !top->over && clock_now() >= wait->next) {
			r = look(top, wait);
			/* as often as was asked for, but never to catch up */
			wait->next = MAX(wait->next + wait->delay_ns, clock_now());
		}
	}
	return r;
}

static void
open_signals(struct wait *wait)
{
	static const int numbers[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGWINCH };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		(void)sigaddset(&set, numbers[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	wait->fds[FD_SIGNALS].fd = fd_raise(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	(void)signal(SIGPIPE, SIG_IGN);
}

/* what ended us is what our parent shall see, with the terminal as it was */
static void
die_of(int number)
{
	sigset_t set;

	if (number == 0 || number == SIGINT) {
		return;
	}
	(void)sigemptyset(&set);
	(void)sigaddset(&set, number);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static bool
take_options(struct top *top, struct wait *wait, struct err *err)
{
	const struct args *args = &top->cli->args;
	const char *sort = args_value(args, "sort"), *filter = args_value(args, "filter");
	const char *delay = args_value(args, "delay");

	wait->delay_ns = SAMPLES_APART_MS * CLOCK_MS;
	if (delay && (span_parse(delay, &wait->delay_ns) < 0 || wait->delay_ns < 100 * CLOCK_MS ||
		      wait->delay_ns > 3600 * CLOCK_S)) {
		return err_set(err, "--delay: '%s' is not a time from 0.1 s to 1 h", delay);
	}
	for (top->sort = 0; sort && top->sort < TOP_SORTS; top->sort++) {
		if (str_equal(top_sorts[top->sort], sort)) {
			break;
		}
	}
	if (top->sort == TOP_SORTS) {
		return err_set(err, "--sort: '%s' is not cpu, memory, pid, age or name", sort);
	}
	(void)snprintf(top->filter, sizeof(top->filter), "%s", filter ? filter : "");
	top->flat = args_has(args, "flat");
	top->log = args_has(args, "log");
	top->kernel = args_has(args, "kernel");
	top->mouse = !args_has(args, "no-mouse");
	return true;
}

static void
finish(struct top *top, struct wait *wait)
{
	if (top->child > 0) { /* it goes on without us */
		top->child_fd = fd_close(top->child_fd);
		buf_done(&top->child_said);
	}
	wait->watch = wait->watch ? wire_close(wait->watch) : NULL;
	wait->never = fd_close(wait->never);
	wait->fds[FD_SIGNALS].fd = fd_close(wait->fds[FD_SIGNALS].fd);
	top_rows_done(top);
	top_history_done(&top->histories);
	top_sample_done(top);
}

int
cmd_top(struct cli *cli)
{
	struct top top = { .cli = cli, .child_fd = -1, .log_y = -1 };
	struct wait wait = { .never = -1, .errors = -1, .kept = -1 };
	struct err err = { 0 };
	int r;

	if (!take_options(&top, &wait, &err)) {
		return complain_usage(cli, "%s", err.text);
	}
	if (!proc_is_there()) {
		complain("/proc is not mounted here: there is nothing to see");
		return CLI_FAILED;
	}
	if (!top_screen_start(&top)) {
		return CLI_FAILED;
	}
	for (size_t i = 0; i < FD_COUNT; i++) {
		wait.fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	}
	wait.fds[FD_KEYS].fd = STDIN_FILENO;
	wait.never = fd_raise(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	map_init(&top.histories);
	map_init(&top.folds);
	open_signals(&wait);
	take_errors(&wait);
	r = run(&top, &wait);
	top_screen_end();
	give_errors_back(&wait);
	finish(&top, &wait);
	die_of(wait.signalled);
	if (r < 0) {
		complain("/proc cannot be read: %s", strerror(-r));
	}
	return r < 0 ? CLI_FAILED : CLI_DONE;
}
