/* outcome: what became of each unit, one line each; what went wrong goes to stderr and into the
 * exit code (the worst wins). */
#include "base/str.h"
#include "cli/cli.h"
#include <string.h>

enum { OUTCOME_LISTED = 5 }; /* so many processes are named one by one */

static int
failure(struct cli *cli, const json_t *result)
{
	const char *error = phrase_get(result, "error");

	return complain_error(cli, error[0] ? error : "Failed", phrase_get(result, "name"),
			      phrase_get(result, "text"));
}

int
outcome_results(struct cli *cli, const json_t *results, const char *past)
{
	int worst = CLI_DONE;
	json_t *result;
	size_t i;

	if (cli->json) {
		phrase_print(results);
	}
	json_array_foreach(results, i, result) {
		const json_t *pid = json_object_get(result, "pid");
		const char *text = phrase_get(result, "text"), *state = phrase_get(result, "state");
		autofree char *name = phrase_command(phrase_get(result, "name"));

		if (!json_is_true(json_object_get(result, "ok"))) {
			int code = failure(cli, result);
			worst = MAX(worst, code);
		} else if (!cli->json && !cli->quiet) {
			autofree char *harmless = phrase_command(text);
			(void)printf("%s: %s%s%s%s%s", name, past ? past : "", past ? ", " : "",
				     harmless, text[0] ? ", " : "", state);
			if (json_is_integer(pid)) {
				(void)printf(", pid %lld", (long long)json_integer_value(pid));
			}
			(void)putchar('\n');
		}
	}
	return worst;
}

/* "pid 77 sh -c ..., pid 78 sleep"; owned */
static char *
processes(const json_t *array)
{
	struct buf buf;
	json_t *process;
	size_t i;

	buf_init(&buf, SIZE_MAX / 4);
	json_array_foreach(array, i, process) {
		autofree char *command = phrase_command(phrase_get(process, "command"));
		if (i == OUTCOME_LISTED) {
			(void)buf_addf(&buf, ", and %zu more", json_array_size(array) - i);
			break;
		}
		(void)buf_addf(&buf, "%spid %lld%s%s", i ? ", " : "",
			       (long long)json_integer_value(json_object_get(process, "pid")),
			       command[0] ? " " : "", command);
	}
	return buf_take(&buf);
}

/* "3 processes got SIGTERM, 1 got SIGHUP"; owned */
static char *
signalled(const json_t *array)
{
	json_auto_t *counts = json_object();
	struct buf buf;
	const char *signal;
	json_t *entry;
	size_t i;

	json_array_foreach(array, i, entry) {
		const char *name = phrase_get(entry, "signal");
		json_int_t count = json_integer_value(json_object_get(counts, name));
		(void)json_object_set_new(counts, name, json_integer(count + 1));
	}
	buf_init(&buf, SIZE_MAX / 4);
	json_object_foreach(counts, signal, entry) {
		json_int_t count = json_integer_value(entry);
		(void)buf_addf(&buf, "%s%lld%s got %s", buf.length ? ", " : "", (long long)count,
			       buf.length   ? ""
			       : count == 1 ? " process"
					    : " processes",
			       signal);
	}
	return buf_take(&buf);
}

/* what KillMode= spares is no survivor, and yet nobody should think that it is gone */
static void
put_left(const json_t *receipt)
{
	const json_t *left = json_object_get(receipt, "left");
	autofree char *list = processes(left);
	size_t count = json_array_size(left);

	if (count > 0) {
		(void)printf("; %zu left alive (%s)", count, list);
	}
}

static void
put_with(const json_t *receipt)
{
	const json_t *with = json_object_get(receipt, "with"), *name;
	size_t i;

	json_array_foreach(with, i, name) {
		(void)printf("%s%s", i == 0 ? "; with it " : ", ", json_string_value(name));
	}
}

static void
put_receipt(const json_t *receipt, const char *past)
{
	const json_t *killed = json_object_get(receipt, "killed");
	const json_t *told = json_object_get(receipt, "signalled");
	long long ms = (long long)json_integer_value(json_object_get(receipt, "ms"));
	autofree char *name = phrase_command(phrase_get(receipt, "name"));
	autofree char *text = phrase_command(phrase_get(receipt, "text"));
	size_t kills = json_array_size(killed);

	if (json_array_size(told) + kills == 0) {
		(void)printf("%s %s%s", name, past, ms > 0 ? "" : ": it did not run");
		if (ms > 0) {
			(void)printf(" in %lld ms", ms);
		}
	} else {
		autofree char *signals = signalled(told);
		(void)printf("%s %s in %lld ms: %s", name, past, ms, signals);
		if (kills > 0) {
			autofree char *list = processes(killed);
			(void)printf("%s%zu needed SIGKILL (%s)", signals[0] ? ", " : "", kills,
				     list);
		}
	}
	put_left(receipt);
	put_with(receipt);
	(void)printf("%s%s%s\n", text[0] ? " (" : "", text, text[0] ? ")" : "");
}

int
outcome_receipts(struct cli *cli, const json_t *receipts, const char *past)
{
	int worst = CLI_DONE;
	json_t *receipt;
	size_t i;

	if (cli->json) {
		phrase_print(receipts);
	}
	json_array_foreach(receipts, i, receipt) {
		const json_t *survivors = json_object_get(receipt, "survivors");
		size_t left = json_array_size(survivors);

		if (phrase_get(receipt, "error")[0]) {
			int code = failure(cli, receipt);
			worst = MAX(worst, code);
		} else if (left > 0) {
			autofree char *list = processes(survivors);
			complain("%s: NOT %s: %zu process%s %s still alive (%s)",
				 phrase_get(receipt, "name"), past, left, left == 1 ? "" : "es",
				 left == 1 ? "is" : "are", list);
			worst = MAX(worst, CLI_FAILED);
		} else if (!json_is_true(json_object_get(receipt, "ok"))) {
			int code = failure(cli, receipt);
			worst = MAX(worst, code);
		} else if (!cli->json && !cli->quiet) {
			put_receipt(receipt, past);
		}
	}
	return worst;
}

int
outcome_nobody(struct cli *cli)
{
	int worst = CLI_DONE;

	if (cli->json) {
		json_auto_t *none = json_array();
		phrase_print(none);
	}
	for (char **word = cli->args.names; *word; word++) {
		worst = complain_error(cli, "NoSuchUnit", *word, NULL);
	}
	if (worst == CLI_DONE && !cli->json && !cli->quiet) {
		(void)printf("there are no units\n");
	}
	return worst;
}

int
outcome_verb(struct cli *cli, const char *method, json_t *take_parameters, enum ask_again again,
	     const char *past)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	int code = ask_open(cli, ASK_IF_ANY);
	json_t *receipts;

	if (code != CLI_DONE || !cli->wire) {
		json_decref(take_parameters);
		return code != CLI_DONE ? code : outcome_nobody(cli);
	}
	code = ask_simply(cli, method, take_parameters, again, &answer);
	if (code != CLI_DONE) {
		return code;
	}
	receipts = json_object_get(answer.parameters, "receipts");
	if (receipts) {
		return outcome_receipts(cli, receipts, past);
	}
	return outcome_results(cli, json_object_get(answer.parameters, "results"), past);
}
