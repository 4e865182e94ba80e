/* phrase: values of the wire in words people read. Durations are given by their two largest
 * units: nobody reads the third. */
#include "base/clock.h"
#include "base/span.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/cli.h"
#include <string.h>
#include <time.h>

char *
phrase_exit(const json_t *exit)
{
	const json_t *code = json_object_get(exit, "code");
	const json_t *signal = json_object_get(exit, "signal");
	const char *oom = json_is_true(json_object_get(exit, "oom")) ? " (out of memory)" : "";

	if (!json_is_object(exit)) {
		return str_dup("");
	}
	if (json_is_string(signal)) {
		return str_format(
			"%s%s%s", json_string_value(signal),
			json_is_true(json_object_get(exit, "core")) ? " (core dumped)" : "", oom);
	}
	if (json_is_integer(code)) {
		return str_format("exit code %lld%s", (long long)json_integer_value(code), oom);
	}
	return str_format("an exit status that nobody saw%s", oom);
}

char *
phrase_span(double seconds)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "d", 86400 * CLOCK_S }, { "h", 3600 * CLOCK_S }, { "min", 60 * CLOCK_S },
		{ "s", CLOCK_S },         { "ms", CLOCK_MS },
	};
	int64_t ns = seconds > 0 && seconds < 1e9 ? (int64_t)(seconds * 1e9 + 0.5) : 0;
	size_t i = 0;

	while (i < COUNT(units) - 1 && ns < units[i].ns) {
		i++;
	}
	if (i >= 3) { /* seconds: one decimal; milliseconds: none */
		return i == 3 && ns < 10 * CLOCK_S && ns % CLOCK_S >= CLOCK_S / 10
			       ? str_format("%lld.%llds", (long long)(ns / CLOCK_S),
					    (long long)(ns % CLOCK_S / (CLOCK_S / 10)))
			       : str_format("%lld%s", (long long)(ns / units[i].ns), units[i].name);
	}
	return str_format("%lld%s %lld%s", (long long)(ns / units[i].ns), units[i].name,
			  (long long)(ns % units[i].ns / units[i + 1].ns), units[i + 1].name);
}

static void
broken_down(int64_t wall_ns, bool utc, struct tm *ret_tm)
{
	time_t seconds = (time_t)(wall_ns / CLOCK_S);
	struct tm tm = { 0 };

	(void)(utc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm));
	*ret_tm = tm;
}

char *
phrase_time(double seconds, bool utc)
{
	char text[64];
	struct tm tm;

	broken_down(seconds > 0 && seconds < 9e9 ? (int64_t)(seconds * 1e9) : 0, utc, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	return str_format("%s%s", text, utc ? " UTC" : "");
}

char *
phrase_clock(int64_t wall_ns, bool utc)
{
	char text[64];
	struct tm tm;

	broken_down(wall_ns, utc, &tm);
	(void)strftime(text, sizeof(text), "%m-%d %H:%M:%S", &tm);
	return str_format("%s.%03lld", text, (long long)(wall_ns % CLOCK_S / CLOCK_MS));
}

char *
phrase_size(const json_t *bytes)
{
	char text[32];

	if (!json_is_integer(bytes)) {
		return str_dup("-");
	}
	return str_dup(size_show((uint64_t)json_integer_value(bytes), text, sizeof(text)));
}

char *
phrase_command(const char *text)
{
	return width_harmless(text, strlen(text), false);
}

json_t *
phrase_json(const char *bytes, size_t n)
{
	struct buf buf;
	json_t *json;

	if (width_is_utf8(bytes, n)) {
		return json_stringn(bytes, n);
	}
	buf_init(&buf, n * 3 + 1);
	for (size_t i = 0; i < n;) {
		int32_t code;
		size_t used = width_decode(bytes + i, n - i, &code);
		(void)(code < 0 ? buf_add_str(&buf, "\xef\xbf\xbd")
				: buf_add(&buf, bytes + i, used));
		i += used;
	}
	json = json_stringn(buf_str(&buf), buf.length);
	buf_done(&buf);
	return json;
}

const char *
phrase_get(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

void
phrase_print(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
	(void)putchar('\n');
}

void
phrase_print_line(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
	(void)putchar('\n');
}
