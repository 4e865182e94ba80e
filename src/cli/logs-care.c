/* logs-care: the part of `logs` that changes logs: --flush, --rotate, --vacuum-size=,
 * --vacuum-time=, done by the one writer; and --disk-usage, which is read from the files. */
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/cli.h"
#include "store/store.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char *const options[] = { "flush", "rotate", "vacuum-size", "vacuum-time",
				       "disk-usage" };

bool
logs_care_wanted(const struct cli *cli)
{
	for (size_t i = 0; i < COUNT(options); i++) {
		if (args_has(&cli->args, options[i])) {
			return true;
		}
	}
	return false;
}

/* ---- how much ---- */
struct usage {
	uint64_t bytes;
	int64_t segments, packed;
};

static struct usage
usage_of(const struct cli *cli, const char *log)
{
	autofree char *path = path_join(cli->places.log, log);
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct usage usage = { 0 };
	struct segments segments;

	if (fd < 0 || segments_read(fd, &segments) < 0) {
		return usage;
	}
	usage.bytes = segments.total;
	LIST_EACH(segment, &segments.list, struct segment, link) {
		usage.segments++;
		usage.packed += segment->packed;
	}
	segments_done(&segments);
	return usage;
}

static char *
size_words(uint64_t bytes)
{
	json_auto_t *number = json_integer((json_int_t)bytes);

	return phrase_size(number);
}

static void
print_usage(const struct cli *cli, char *const *logs)
{
	static const struct column columns[] = {
		{ "LOG", false, 0, 12 },
		{ "ON DISK", true, 0, 0 },
		{ "SEGMENTS", true, 0, 0 },
		{ "PACKED", true, 0, 0 },
	};
	struct table *table = table_new(columns, COUNT(columns));
	struct usage all = { 0 };
	size_t count = 0;

	for (; logs && logs[count]; count++) {
		struct usage usage = usage_of(cli, logs[count]);

		table_add(table, PAINT_NONE, str_dup(logs[count]));
		table_add(table, PAINT_NONE, size_words(usage.bytes));
		table_add(table, PAINT_NONE, str_format("%lld", (long long)usage.segments));
		table_add(table, PAINT_NONE, str_format("%lld", (long long)usage.packed));
		all.bytes += usage.bytes;
		all.segments += usage.segments;
		all.packed += usage.packed;
	}
	if (count != 1) {
		table_add(table, PAINT_BOLD, str_format("%zu logs", count));
		table_add(table, PAINT_BOLD, size_words(all.bytes));
		table_add(table, PAINT_BOLD, str_format("%lld", (long long)all.segments));
		table_add(table, PAINT_BOLD, str_format("%lld", (long long)all.packed));
	}
	table_print(table, screen_columns());
	table = table_free(table);
}

static void
print_usage_json(const struct cli *cli, char *const *logs)
{
	json_auto_t *array = json_array();

	for (; logs && *logs; logs++) {
		struct usage usage = usage_of(cli, *logs);

		(void)json_array_append_new(array, json_pack("{s:s, s:I, s:I, s:I}", "name", *logs,
							     "bytes", (json_int_t)usage.bytes,
							     "segments", (json_int_t)usage.segments,
							     "packed", (json_int_t)usage.packed));
	}
	phrase_print(array);
}

/* ---- asking for it ---- */
static json_t *
parameters_of(const struct cli *cli, char *const *logs, struct err *err)
{
	const char *size = args_value(&cli->args, "vacuum-size");
	const char *time = args_value(&cli->args, "vacuum-time");
	json_t *parameters = json_object(), *names = json_array();
	uint64_t bytes;
	int64_t span;

	for (; logs && *logs; logs++) {
		(void)json_array_append_new(names, wire_string(*logs));
	}
	(void)json_object_set_new(parameters, "logs", names);
	(void)json_object_set_new(parameters, "flush", json_boolean(args_has(&cli->args, "flush")));
	(void)json_object_set_new(parameters, "rotate",
				  json_boolean(args_has(&cli->args, "rotate")));
	if (size && (size_parse(size, &bytes) < 0 || bytes > INT64_MAX)) {
		(void)err_set(err, "--vacuum-size: '%s' is no size; 500M and 65536 are", size);
		json_decref(parameters);
		return NULL;
	}
	if (time && (span_parse(time, &span) < 0 || span == CLOCK_NEVER)) {
		(void)err_set(err, "--vacuum-time: '%s' is no time; 2weeks and 90min are", time);
		json_decref(parameters);
		return NULL;
	}
	if (size) {
		(void)json_object_set_new(parameters, "vacuum_size",
					  json_integer((json_int_t)bytes));
	}
	if (time) {
		(void)json_object_set_new(parameters, "vacuum_before",
					  json_real((double)(clock_wall() - span) / 1e9));
	}
	return parameters;
}

static int
print_results(const struct cli *cli, const json_t *results)
{
	bool vacuum = args_has(&cli->args, "vacuum-size") || args_has(&cli->args, "vacuum-time");
	uint64_t freed = 0;
	int code = CLI_DONE;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result) {
		const char *error = phrase_get(result, "error"), *log = phrase_get(result, "log");

		freed += (uint64_t)json_integer_value(json_object_get(result, "freed"));
		if (error[0] != '\0') {
			complain("%s%s%s", log, log[0] ? ": " : "a log: ", error);
			code = CLI_FAILED;
		}
	}
	if (cli->json) {
		phrase_print(results);
	} else if (vacuum) {
		autofree char *words = size_words(freed);

		(void)printf("%s freed%s\n", words,
			     freed == 0 && !args_has(&cli->args, "rotate")
				     ? "; open segments stay, --rotate closes them first"
				     : "");
	}
	return code;
}

static int
change(struct cli *cli, char *const *logs)
{
	bool vacuum = args_has(&cli->args, "vacuum-size") || args_has(&cli->args, "vacuum-time");
	struct wire_answer answer;
	struct err err = { 0 };
	json_t *parameters = parameters_of(cli, logs, &err);
	int code;

	if (!parameters) {
		return complain_usage(cli, "%s", err.text);
	}
	code = ask_open(cli, vacuum ? ASK_ALWAYS : ASK_IF_ANY);
	if (code != CLI_DONE || !cli->wire) { /* nobody: nothing is in a pipe, nothing is open */
		json_decref(parameters);
		return code;
	}
	code = ask_simply(cli, "CareLogs", parameters, ASK_AGAIN, &answer);
	if (code == CLI_DONE) {
		code = print_results(cli, json_object_get(answer.parameters, "results"));
		wire_answer_done(&answer);
	}
	return code;
}

int
logs_care(struct cli *cli, char *const *logs, bool all)
{
	int code = CLI_DONE;

	for (size_t i = 0; i + 1 < COUNT(options) && code == CLI_DONE; i++) {
		if (args_has(&cli->args, options[i])) {
			code = change(cli, all ? NULL : logs);
			break;
		}
	}
	if (code == CLI_DONE && args_has(&cli->args, "disk-usage")) {
		if (cli->json) {
			print_usage_json(cli, logs);
		} else {
			print_usage(cli, logs);
		}
	}
	return code;
}
