/* What a process is doing: its state, and for one that sleeps the system call it sleeps in, with
 * the descriptor that it waits for by name. The words are for the calls in which programs spend
 * their lives; for the others the kernel's name of the place (wchan) is shown. */
#include "base/signals.h"
#include "base/str.h"
#include "cli/inspect.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

enum { SMALL = 4096 };

enum first { NOTHING, DESCRIPTOR, CHILD };
static const struct {
	long number;
	const char *name, *words;
	enum first first; /* what its first argument is */
} calls[] = {
#ifdef SYS_poll
	{ SYS_poll, "poll", "for descriptors or a time", NOTHING },
	{ SYS_select, "select", "for descriptors or a time", NOTHING },
	{ SYS_epoll_wait, "epoll_wait", "for events", NOTHING },
	{ SYS_pause, "pause", "for a signal", NOTHING },
	{ SYS_open, "open", "for a file to open", NOTHING },
#endif
	{ SYS_read, "read", "for something to read", DESCRIPTOR },
	{ SYS_readv, "readv", "for something to read", DESCRIPTOR },
	{ SYS_pread64, "pread64", "for something to read", DESCRIPTOR },
	{ SYS_write, "write", "for room to write", DESCRIPTOR },
	{ SYS_writev, "writev", "for room to write", DESCRIPTOR },
	{ SYS_pwrite64, "pwrite64", "for room to write", DESCRIPTOR },
	{ SYS_ppoll, "ppoll", "for descriptors or a time", NOTHING },
	{ SYS_pselect6, "pselect6", "for descriptors or a time", NOTHING },
	{ SYS_epoll_pwait, "epoll_pwait", "for events", NOTHING },
	{ SYS_futex, "futex", "for another thread (a lock or a condition)", NOTHING },
	{ SYS_nanosleep, "nanosleep", "for a time to pass", NOTHING },
	{ SYS_clock_nanosleep, "clock_nanosleep", "for a time to pass", NOTHING },
	{ SYS_wait4, "wait4", "for a child to end", CHILD },
	{ SYS_waitid, "waitid", "for a child to end", NOTHING },
	{ SYS_accept, "accept", "for a connection", DESCRIPTOR },
	{ SYS_accept4, "accept4", "for a connection", DESCRIPTOR },
	{ SYS_connect, "connect", "for the other side to answer", DESCRIPTOR },
	{ SYS_recvfrom, "recvfrom", "for a message", DESCRIPTOR },
	{ SYS_recvmsg, "recvmsg", "for a message", DESCRIPTOR },
	{ SYS_recvmmsg, "recvmmsg", "for messages", DESCRIPTOR },
	{ SYS_sendto, "sendto", "for room to send", DESCRIPTOR },
	{ SYS_sendmsg, "sendmsg", "for room to send", DESCRIPTOR },
	{ SYS_rt_sigsuspend, "rt_sigsuspend", "for a signal", NOTHING },
	{ SYS_rt_sigtimedwait, "rt_sigtimedwait", "for a signal", NOTHING },
	{ SYS_flock, "flock", "for a lock on a file", DESCRIPTOR },
	{ SYS_fcntl, "fcntl", "for a lock on a file", DESCRIPTOR },
	{ SYS_openat, "openat", "for a file to open", NOTHING },
	{ SYS_fsync, "fsync", "for the disk", DESCRIPTOR },
	{ SYS_fdatasync, "fdatasync", "for the disk", DESCRIPTOR },
	{ SYS_ioctl, "ioctl", "for a device", DESCRIPTOR },
	{ SYS_semtimedop, "semtimedop", "for a semaphore", NOTHING },
	{ SYS_msgrcv, "msgrcv", "for a message of a queue", NOTHING },
	{ SYS_splice, "splice", "for something to move", DESCRIPTOR },
};

/* "descriptor 3, pipe:[77]" */
static char *
descriptor(const struct inspect *inspect, long number)
{
	autofree char *name = str_format("fd/%ld", number), *target = NULL;

	if (proc_link(inspect->pid, name, &target) < 0) {
		return str_format("descriptor %ld", number);
	}
	return str_format("descriptor %ld, %s", number, target);
}

/* owned; NULL: nothing is known of this call */
static char *
words_of_call(const struct inspect *inspect, long number, long argument, const char **ret_name)
{
	for (size_t i = 0; i < COUNT(calls); i++) {
		autofree char *detail = NULL;

		if (calls[i].number != number) {
			continue;
		}
		*ret_name = calls[i].name;
		if (calls[i].first == DESCRIPTOR) {
			detail = descriptor(inspect, argument);
		} else if (calls[i].first == CHILD && (int)argument > 0) {
			detail = str_format("process %d", (int)argument);
		}
		return str_format("%s%s%s", calls[i].words, detail ? ": " : "",
				  detail ? detail : "");
	}
	return NULL;
}

/* "running", "-1 sp pc", "NUMBER 0x... sp pc" */
static void
add_call(struct inspect *inspect, json_t *state)
{
	autofree char *text = NULL, *words = NULL;
	const char *name = NULL;
	int r = proc_file(inspect->pid, "syscall", SMALL, &text, NULL);
	long number = -1;
	unsigned long argument = 0;

	if (r < 0 && r != -ESRCH) {
		inspect_miss(inspect, "syscall", r);
	}
	if (r == 0 && sscanf(text, "%ld %lx", &number, &argument) == 2 && number >= 0) {
		words = words_of_call(inspect, number, (long)argument, &name);
	}
	(void)json_object_set_new(state, "call",
				  name          ? json_string(name)
				  : number >= 0 ? json_integer(number)
						: json_null());
	(void)json_object_set_new(state, "waits", inspect_text(words));
}

static void
add_wchan(struct inspect *inspect, json_t *state)
{
	autofree char *text = NULL;
	int r = proc_file(inspect->pid, "wchan", SMALL, &text, NULL);

	if (r < 0 && r != -ENOSYS && r != -ESRCH) {
		inspect_miss(inspect, "wchan", r);
	}
	(void)json_object_set_new(
		state, "wchan",
		inspect_text(text && text[0] && !str_equal(text, "0") ? text : NULL));
}

static char *
advice(const struct inspect *inspect)
{
	switch (inspect->stat.state) {
	case 'Z': {
		autofree char *parent = proc_command(inspect->stat.ppid);
		return str_format("it has ended; its parent %d (%s) has not taken note of that. No "
				  "signal changes it",
				  (int)inspect->stat.ppid, parent ? parent : "?");
	}
	case 'D': return str_dup("no signal helps until the kernel's work for it is done");
	case 'T': return str_dup("a SIGCONT lets it go on");
	case 't': return str_dup("a debugger holds it");
	default: return NULL;
	}
}

json_t *
inspect_state(struct inspect *inspect)
{
	json_t *state = json_object();
	char letter[2] = { inspect->stat.state, '\0' };
	autofree char *note = advice(inspect);

	(void)json_object_set_new(state, "state",
				  json_string(proc_state_word(inspect->stat.state)));
	(void)json_object_set_new(state, "letter", json_string(letter));
	add_call(inspect, state);
	add_wchan(inspect, state);
	(void)json_object_set_new(state, "note", inspect_text(note));
	return state;
}

void
inspect_state_put(const struct inspect *inspect, const json_t *state)
{
	const char *waits = phrase_get(state, "waits"), *wchan = phrase_get(state, "wchan");
	const json_t *call = json_object_get(state, "call");

	(void)inspect;
	inspect_line("state", "%s (%s)", phrase_get(state, "state"), phrase_get(state, "letter"));
	if (waits[0]) {
		inspect_line("waits", "%s (%s%s%s)", waits, phrase_get(state, "call"),
			     wchan[0] ? ", in the kernel " : "", wchan);
	} else if (json_is_integer(call)) {
		inspect_line("waits", "in system call %lld%s%s",
			     (long long)json_integer_value(call),
			     wchan[0] ? ", in the kernel " : "", wchan);
	} else if (wchan[0]) {
		inspect_line("waits", "in the kernel %s", wchan);
	}
	if (phrase_get(state, "note")[0]) {
		inspect_line("note", "%s", phrase_get(state, "note"));
	}
}

/* ---- signals ---- */
static const struct {
	const char *key, *field, *label;
} sets[] = {
	{ "SigBlk", "blocked", "blocked" },      { "SigIgn", "ignored", "ignored" },
	{ "SigCgt", "caught", "caught" },        { "SigPnd", "pending_thread", "pending" },
	{ "ShdPnd", "pending", "pending, all" },
};

json_t *
inspect_signals(struct inspect *inspect)
{
	json_t *signals = json_object();

	for (size_t i = 0; i < COUNT(sets); i++) {
		json_t *names = json_array();
		uint64_t bits = 0;

		if (!inspect->status ||
		    !proc_field_number(inspect->status, sets[i].key, 16, &bits)) {
			bits = 0;
		}
		for (int signal = 1; signal <= 64; signal++) {
			if (bits >> (signal - 1) & 1) {
				(void)json_array_append_new(names,
							    json_string(signals_name(signal)));
			}
		}
		(void)json_object_set_new(signals, sets[i].field, names);
	}
	return signals;
}

void
inspect_signals_put(const struct inspect *inspect, const json_t *signals)
{
	(void)inspect;
	for (size_t i = 0; i < COUNT(sets); i++) {
		json_t *name, *names = json_object_get(signals, sets[i].field);
		struct buf line;
		size_t at;

		buf_init(&line, SIZE_MAX / 4);
		json_array_foreach(names, at, name) {
			const char *text = json_string_value(name);
			(void)buf_addf(&line, "%s%s", at ? " " : "",
				       text + (str_starts(text, "SIG") ? 3 : 0));
		}
		if (json_array_size(names) > 0 || i < 3) {
			inspect_line(sets[i].label, "%s",
				     json_array_size(names) > 0 ? buf_str(&line) : "none");
		}
		buf_done(&line);
	}
}
