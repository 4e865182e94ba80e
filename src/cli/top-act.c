/* What is done to the chosen row, after a question that names it. A unit is started and stopped by
 * this very program in another process (`tend stop web`), so that it says what it always says and
 * the screen goes on meanwhile. A process is signalled through a pidfd, after a look whether it
 * still is the one that was asked about. */
#include "base/check.h"
#include "base/fd.h"
#include "base/signals.h"
#include "base/str.h"
#include "cli/top.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 64 << 10 };

static const struct {
	const char *verb, *word;
	bool units, processes;
} actions[] = {
	[TOP_NOTHING] = { "", "", false, false },
	[TOP_START] = { "start", "start", true, false },
	[TOP_STOP] = { "stop", "stop", true, false },
	[TOP_RESTART] = { "restart", "restart", true, false },
	[TOP_SIGNAL] = { "signal", "send", true, true },
	[TOP_NICE] = { "nice", "nice of", false, true },
};

const char *
top_act_word(enum top_action action)
{
	return actions[action].verb;
}

static char *
target_name(const struct top *top)
{
	const struct top_row *row = top_rows_find(top, &top->target);

	return top->target.kind != TOP_PROCESS
		       ? str_format("the unit %s", top->target.name)
		       : str_format("process %d (%s)%s%s", (int)top->target.pid,
				    row ? row->process->stat.comm : "gone",
				    row && row->process->unit ? " of the unit " : "",
				    row && row->process->unit ? row->process->unit : "");
}

static bool
is_main(const struct top *top)
{
	const struct top_row *row =
		top->target.kind == TOP_PROCESS ? top_rows_find(top, &top->target) : NULL;
	const json_t *unit =
		row && row->process->unit ? belongs_unit(top->belongs, row->process->unit) : NULL;

	return unit && json_integer_value(json_object_get(unit, "pid")) == top->target.pid;
}

bool
top_act_question(const struct top *top, char *buffer, size_t size)
{
	autofree char *name = target_name(top);
	bool process = top->target.kind == TOP_PROCESS;

	if (process ? !actions[top->action].processes
		    : !actions[top->action].units || top->target.kind == TOP_GROUP) {
		(void)snprintf(buffer, size, "%s: that is done to %s, not to this",
			       actions[top->action].verb,
			       actions[top->action].units ? "units" : "processes");
		return false;
	}
	if (top->action == TOP_SIGNAL) {
		(void)snprintf(buffer, size, "signal for %s (TERM, KILL, HUP ...)%s:", name,
			       is_main(top) ? ", its main process: s stops the unit" : "");
	} else if (top->action == TOP_NICE) {
		(void)snprintf(buffer, size, "nice value of %s (-20 first to 19 last):", name);
	} else {
		(void)snprintf(buffer, size, "%s %s?", actions[top->action].word, name);
	}
	return true;
}

/* ---- by another tend ---- */
static void
become(struct top *top, const char *verb, const char *name, const char *last, int said)
{
	char *argv[8];
	size_t n = 0;
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)dup2(said, STDOUT_FILENO);
	(void)dup2(said, STDERR_FILENO);
	(void)dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	argv[n++] = (char *)(uintptr_t) "tend";
	if (top->cli->whose != PLACES_DEFAULT) {
		argv[n++] = (char *)(uintptr_t)(top->cli->whose == PLACES_SYSTEM ? "--system"
										 : "--user");
	}
	argv[n++] = (char *)(uintptr_t)verb;
	argv[n++] = (char *)(uintptr_t) "--";
	argv[n++] = (char *)(uintptr_t)name;
	argv[n++] = (char *)(uintptr_t)last;
	argv[n] = NULL;
	(void)execv("/proc/self/exe", argv);
	_exit(127);
}

static void
by_tend(struct top *top, const char *verb, const char *name, const char *last)
{
	int pair[2];

	if (top->child > 0) {
		top_say(top, "still busy with: %s", top->child_what);
		return;
	}
	if (fd_pipe(pair) < 0) {
		top_say(top, "%s %s: %s", verb, name, strerror(errno));
		return;
	}
	(void)snprintf(top->child_what, sizeof(top->child_what), "%s %s%s%s", verb, name,
		       last ? " " : "", last ? last : "");
	top->child = fork();
	if (top->child == 0) {
		become(top, verb, name, last, pair[1]);
	}
	(void)fd_close(pair[1]);
	if (top->child < 0) {
		top_say(top, "%s %s: %s", verb, name, strerror(errno));
		(void)fd_close(pair[0]);
		return;
	}
	top->child_fd = pair[0];
	buf_init(&top->child_said, SAID_MAX);
	top_say(top, "%s ...", top->child_what);
}

void
top_act_heard(struct top *top)
{
	char piece[4096];
	ssize_t n = read(top->child_fd, piece, sizeof(piece));
	const char *line;
	int status = 0;

	if (n > 0) {
		(void)buf_add(&top->child_said, piece, (size_t)n);
		return;
	}
	top->child_fd = fd_close(top->child_fd);
	(void)waitpid(top->child, &status, 0);
	top->child = 0;
	while (top->child_said.length > 0 &&
	       top->child_said.data[top->child_said.length - 1] == '\n') {
		top->child_said.data[--top->child_said.length] = '\0';
	}
	line = strrchr(buf_str(&top->child_said), '\n');
	line = line ? line + 1 : buf_str(&top->child_said);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		top_say(top, "%s", line[0] ? line : top->child_what);
	} else {
		top_say(top, "%s failed: %s", top->child_what, line);
	}
	buf_done(&top->child_said);
	top->belongs_old = true;
}

/* ---- to a process ---- */
static bool
is_still_it(const struct top_id *target)
{
	struct proc_stat stat;

	return proc_stat(target->pid, &stat) == 0 && stat.start == target->start;
}

static void
signal_process(struct top *top, int number)
{
	autoclose int pidfd = fd_pidfd(top->target.pid);
	int r = fd_is_open(pidfd) && is_still_it(&top->target) ? fd_pidfd_signal(pidfd, number)
							       : -ESRCH;

	if (r < 0) {
		top_say(top, "process %d: %s", (int)top->target.pid,
			r == -ESRCH ? "it has ended meanwhile" : strerror(-r));
	} else {
		top_say(top, "%s sent to process %d", signals_name(number), (int)top->target.pid);
	}
}

/* nice is a thread's affair on Linux: all of them */
static void
renice_process(struct top *top, int value)
{
	autofree pid_t *threads = NULL;
	size_t count = 0;
	int r = is_still_it(&top->target) ? proc_threads(top->target.pid, &threads, &count)
					  : -ESRCH;

	for (size_t i = 0; r == 0 && i < count; i++) {
		if (setpriority(PRIO_PROCESS, (id_t)threads[i], value) < 0 && errno != ESRCH) {
			r = -errno;
		}
	}
	if (r < 0) {
		top_say(top, "process %d: %s", (int)top->target.pid,
			r == -ESRCH ? "it has ended meanwhile" : strerror(-r));
	} else {
		top_say(top, "process %d has nice %d now", (int)top->target.pid, value);
	}
}

static void
act_signal(struct top *top)
{
	const char *text = top->input[0] ? top->input : "TERM";
	int number = signals_parse(text);

	if (number <= 0) {
		top_say(top, "there is no signal %s", text);
	} else if (top->target.kind == TOP_PROCESS) {
		signal_process(top, number);
	} else {
		by_tend(top, "signal", top->target.name, text);
	}
}

static void
act_nice(struct top *top)
{
	int64_t value;

	if (str_to_i64(top->input, &value) < 0 || value < -20 || value > 19) {
		top_say(top, "nice: '%s' is not a number from -20 to 19", top->input);
	} else {
		renice_process(top, (int)value);
	}
}

void
top_act(struct top *top)
{
	switch (top->action) {
	case TOP_NOTHING: break;
	case TOP_START:
	case TOP_STOP:
	case TOP_RESTART: by_tend(top, actions[top->action].verb, top->target.name, NULL); break;
	case TOP_SIGNAL: act_signal(top); break;
	case TOP_NICE: act_nice(top); break;
	}
	top->action = TOP_NOTHING;
}
