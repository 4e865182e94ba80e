/* stay: `tend run --wait` looks like the command itself: what it writes is shown as it comes, ^C
 * and TERM stop it (the second ^C kills it), and its exit code is ours, 128 and the number for a
 * signal. The manager may be replaced meanwhile: we wait on with the new one. */
#include "base/fd.h"
#include "base/signals.h"
#include "base/str.h"
#include "cli/logview.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

struct stay {
	struct cli *cli;
	char *const *names;
	struct merge *merge;
	struct wire *waiting, *asking; /* for the end; for a stop */
	int signals, never_wait;       /* always readable: no call blocks */
	struct log_query query;
	unsigned asked; /* how often it was asked to stop */
	bool over;
	int code;
};

static json_t *
names_json(const struct stay *stay)
{
	json_t *array = json_array();

	for (size_t i = 0; stay->names[i]; i++) {
		(void)json_array_append_new(array, wire_string(stay->names[i]));
	}
	return json_pack("{s:o}", "names", array);
}

static void
add_logs(struct stay *stay)
{
	for (size_t i = 0; stay->names[i]; i++) {
		(void)merge_add(stay->merge, stay->names[i], false);
	}
}

/* what one unit's end comes to */
static int
code_of(const json_t *result)
{
	const json_t *exit = json_object_get(result, "exit");
	const json_t *code = json_object_get(exit, "code");
	const char *signal = phrase_get(exit, "signal"), *error = phrase_get(result, "error");
	const char *text = phrase_get(result, "text");
	bool failed = str_equal(phrase_get(result, "state"), "failed");

	if (error[0]) { /* --rm: it ended well and is forgotten */
		return str_ends(error, "NoSuchUnit") ? CLI_DONE : CLI_FAILED;
	}
	if (json_is_integer(code) && (json_integer_value(code) > 0 || !failed)) {
		return (int)json_integer_value(code);
	}
	if (signal[0]) {
		return 128 + MAX(signals_parse(signal), 0);
	}
	if (json_is_object(exit) && !json_is_true(json_object_get(exit, "known"))) {
		complain("%s has ended, but nobody saw with which exit status",
			 phrase_get(result, "name"));
		return CLI_FAILED;
	}
	if (failed) {
		complain("%s: %s%s%s", phrase_get(result, "name"), phrase_get(result, "why"),
			 text[0] ? ": " : "", text);
	}
	return failed ? CLI_FAILED : CLI_DONE;
}

static void
ended(struct stay *stay, const json_t *answer)
{
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(answer, "results"), i, result) {
		int code = code_of(result);
		stay->code = MAX(stay->code, code);
	}
	stay->over = true;
}

static void
wait_result(struct stay *stay, enum wire_result result, struct wire_answer *answer)
{
	switch (result) {
	case WIRE_INTERRUPTED: return;
	case WIRE_REPLY:
	case WIRE_MORE: ended(stay, answer->parameters); break;
	case WIRE_ERROR:
		stay->over = true;
		stay->code = str_ends(answer->error, "NoSuchUnit")
				     ? CLI_DONE
				     : complain_error(stay->cli, answer->error, NULL,
						      phrase_get(answer->parameters, "text"));
		break;
	case WIRE_GONE:
	case WIRE_BAD: stay->waiting = wire_close(stay->waiting); break;
	}
	wire_answer_done(answer);
}

/* false: nobody can be asked any more */
static bool
begin_wait(struct stay *stay)
{
	struct wire_answer answer = { 0 };

	stay->waiting = ask_second(stay->cli);
	if (!stay->waiting) {
		return false;
	}
	wire_interrupt_fd(stay->waiting, stay->never_wait);
	wait_result(stay, wire_call(stay->waiting, "Wait", names_json(stay), false, &answer, NULL),
		    &answer);
	return true;
}

static void
go_on_waiting(struct stay *stay)
{
	struct wire_answer answer = { 0 };

	wait_result(stay, wire_call_next(stay->waiting, &answer, NULL), &answer);
}

static void
ask_to_end(struct stay *stay)
{
	struct signalfd_siginfo info;
	struct wire_answer answer = { 0 };
	json_t *parameters;

	if (read(stay->signals, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
		return;
	}
	stay->asked++;
	stay->asking = wire_close(stay->asking);
	stay->asking = ask_second(stay->cli);
	if (!stay->asking) {
		return;
	}
	complain(stay->asked == 1 ? "stopping it (once more: kill it)" : "killing it");
	wire_interrupt_fd(stay->asking, stay->never_wait);
	parameters = names_json(stay);
	if (stay->asked > 1) {
		(void)json_object_set_new(parameters, "signal", json_string("SIGKILL"));
		(void)json_object_set_new(parameters, "whom", json_string("all"));
	}
	(void)wire_call(stay->asking, stay->asked > 1 ? "Signal" : "Stop", parameters, false,
			&answer, NULL);
	wire_answer_done(&answer);
}

static bool
turn(struct stay *stay)
{
	struct pollfd p[] = { { .fd = wire_fd(stay->waiting), .events = POLLIN },
			      { .fd = stay->signals, .events = POLLIN },
			      { .fd = merge_fd(stay->merge), .events = POLLIN } };

	merge_print(stay->merge, false);
	if (fflush(stdout) != 0) {
		stay->code = CLI_FAILED; /* nobody reads it any more; the command goes on */
		return false;
	}
	if (poll(p, COUNT(p), -1) < 0) {
		return errno == EINTR;
	}
	if (p[2].revents && merge_woken(stay->merge)) {
		add_logs(stay);
	}
	if (p[1].revents) {
		ask_to_end(stay);
	}
	if (p[0].revents) {
		go_on_waiting(stay);
	}
	if (!stay->waiting && !stay->over && !begin_wait(stay)) {
		complain("what became of it is not known");
		stay->code = CLI_NO_TENDD;
		return false;
	}
	return !stay->over;
}

/* what was written before the end is in the log when this has been answered */
static void
drain(struct stay *stay)
{
	for (size_t i = 0; stay->names[i]; i++) {
		struct wire_answer answer = { 0 };
		int code;
		(void)ask(stay->cli, "Why", json_pack("{s:o}", "name", wire_string(stay->names[i])),
			  ASK_AGAIN, &answer, &code);
		wire_answer_done(&answer);
	}
	add_logs(stay);
	merge_print(stay->merge, true);
}

int
stay_until_end(struct cli *cli, char *const *names, int64_t since)
{
	struct stay stay = { .cli = cli, .names = names };
	autoclose int never_wait = fd_raise(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	autoclose int signals = -1;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	signals = fd_raise(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	stay.signals = signals;
	stay.never_wait = never_wait;
	stay.query = (struct log_query){
		.format = query_format(screen_is_terminal() || names[1] ? "lines" : "cat"),
		.lines = -1,
		.since.wall = since,
		.until.wall = INT64_MAX,
		.least = 7,
	};
	stay.merge = merge_new(cli->places.log, &stay.query);
	(void)merge_fd(stay.merge);
	add_logs(&stay);
	if (!begin_wait(&stay)) {
		stay.code = CLI_NO_TENDD;
	} else {
		while (!stay.over && turn(&stay)) {
		}
	}
	if (stay.over) {
		drain(&stay);
	}
	(void)merge_free(stay.merge);
	(void)wire_close(stay.waiting);
	(void)wire_close(stay.asking);
	return stay.code;
}
