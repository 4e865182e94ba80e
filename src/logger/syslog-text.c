/* HEADER fields are printable ASCII without spaces, so what is not becomes an underscore; the
 * message itself is sent as it was written. */
#include "logger/syslog-text.h"
#include "base/clock.h"
#include <time.h>

enum { DAEMON = 3 << 3, INFO = 6, UNIT_MAX = 48, HOST_MAX = 255 };

static int
take_priority(const struct syslog_line *line, size_t *ret_from)
{
	const char *text = line->text;
	bool given = line->length >= 3 && text[0] == '<' && text[1] >= '0' && text[1] <= '7' &&
		     text[2] == '>';

	*ret_from = given ? 3 : 0;
	return given ? text[1] - '0' : INFO;
}

static bool
add_word(struct buf *message, const char *word, size_t most)
{
	bool good = true;

	for (size_t i = 0; good && word[i] != '\0' && i < most; i++) {
		good = buf_add_char(message, word[i] > ' ' && word[i] < 127 ? word[i] : '_');
	}
	return good && (word[0] != '\0' || buf_add_char(message, '-')) &&
	       buf_add_char(message, ' ');
}

bool
syslog_text(const struct syslog_line *line, struct buf *ret_message)
{
	time_t seconds = (time_t)(line->time / CLOCK_S);
	struct tm tm = { 0 };
	char stamp[32];
	size_t from;
	int level = take_priority(line, &from);
	bool good;

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	good = buf_addf(ret_message, "<%d>1 %s.%06lldZ ", DAEMON | level, stamp,
			(long long)(line->time % CLOCK_S / CLOCK_US)) &&
	       add_word(ret_message, line->host, HOST_MAX) &&
	       add_word(ret_message, line->unit, UNIT_MAX);
	good = good && (line->pid > 0 ? buf_addf(ret_message, "%lld", (long long)line->pid)
				      : buf_add_char(ret_message, '-'));
	return good && buf_add_str(ret_message, " - - ") &&
	       buf_add(ret_message, line->text + from, line->length - from);
}

bool
syslog_text_kernel(const struct syslog_line *line, struct buf *ret_message)
{
	size_t from;
	int level = take_priority(line, &from);

	return buf_addf(ret_message, "<%d>%s: ", DAEMON | level, line->unit) &&
	       buf_add(ret_message, line->text + from, line->length - from);
}
