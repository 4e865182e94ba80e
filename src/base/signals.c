/* A table of our own: the C library's words change with the locale. */
#include "base/signals.h"
#include "base/str.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* as glibc counts them, which all programs that get them are built with; musl begins one later */
enum { REALTIME_FIRST = 34, REALTIME_LAST = 64 };

#define NAMED(name) [SIG##name] = "SIG" #name

static const char *const names[] = {
	NAMED(HUP),    NAMED(INT),  NAMED(QUIT),  NAMED(ILL),  NAMED(TRAP), NAMED(ABRT),
	NAMED(BUS),    NAMED(FPE),  NAMED(KILL),  NAMED(USR1), NAMED(SEGV), NAMED(USR2),
	NAMED(PIPE),   NAMED(ALRM), NAMED(TERM),  NAMED(CHLD), NAMED(CONT), NAMED(STOP),
	NAMED(TSTP),   NAMED(TTIN), NAMED(TTOU),  NAMED(URG),  NAMED(XCPU), NAMED(XFSZ),
	NAMED(VTALRM), NAMED(PROF), NAMED(WINCH), NAMED(IO),   NAMED(PWR),  NAMED(SYS),
	NAMED(STKFLT),
};

static const struct {
	const char *name;
	int signal;
} others[] = {
	{ "IOT", SIGABRT },
	{ "CLD", SIGCHLD },
	{ "POLL", SIGIO },
};

static int
parse_realtime(const char *text)
{
	bool from_end = str_starts(text, "RTMAX");
	char sign = text[5];
	uint64_t offset = 0;

	if (sign) {
		if (sign != (from_end ? '-' : '+') || str_to_u64(text + 6, &offset) < 0) {
			return -EINVAL;
		}
	}
	if (offset > (uint64_t)(REALTIME_LAST - REALTIME_FIRST)) {
		return -EINVAL;
	}
	return from_end ? REALTIME_LAST - (int)offset : REALTIME_FIRST + (int)offset;
}

int
signals_parse(const char *text)
{
	uint64_t number;

	if (str_to_u64(text, &number) == 0) {
		bool exists = number >= 1 && (number < COUNT(names) || (number >= REALTIME_FIRST &&
									number <= REALTIME_LAST));

		return exists ? (int)number : -EINVAL;
	}
	if (str_starts(text, "SIG")) {
		text += 3;
	}
	if (str_starts(text, "RTMIN") || str_starts(text, "RTMAX")) {
		return parse_realtime(text);
	}
	for (size_t i = 1; i < COUNT(names); i++) {
		if (strcmp(names[i] + 3, text) == 0) {
			return (int)i;
		}
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		if (strcmp(others[i].name, text) == 0) {
			return others[i].signal;
		}
	}
	return -EINVAL;
}

const char *
signals_name(int signal)
{
	static char made[NSIG + 1][sizeof("signal -2147483648")];
	char *name;

	if (signal > 0 && signal < (int)COUNT(names)) {
		return names[signal];
	}
	name = made[signal > 0 && signal < NSIG ? signal : NSIG];
	if (signal == REALTIME_FIRST) {
		return "RTMIN";
	}
	if (signal > REALTIME_FIRST && signal <= REALTIME_LAST) {
		(void)snprintf(name, sizeof(made[0]), "RTMIN+%d", signal - REALTIME_FIRST);
	} else {
		(void)snprintf(name, sizeof(made[0]), "signal %d", signal);
	}
	return name;
}
