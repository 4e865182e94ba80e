/* syslog-text: a line as a message of RFC 5424, or as the kernel's log takes it. Used by
 * forwarder.c. The line's own priority ("<3>" at its start, as of sd-daemon) is taken over. */
#pragma once
#include "base/str.h"

struct syslog_line {
	const char *host, *unit;
	int64_t pid;  /* 0: not known */
	int64_t time; /* wall */
	const char *text;
	size_t length;
};

/* added to the buffer; false: it does not fit */
bool syslog_text(const struct syslog_line *line, struct buf *ret_message);
bool syslog_text_kernel(const struct syslog_line *line, struct buf *ret_message);
