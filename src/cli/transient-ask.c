/* transient-ask: a transient unit is asked for until it has a name. The request has a number of its
 * own, so asking again is harmless: the same request answers for the unit that it made. */
#include "base/check.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/cli.h"
#include <string.h>
#include <sys/random.h>

enum { NAME_TRIES = 100 };

bool
transient_is_sent(const char *assignment)
{
	return width_is_utf8(assignment, strlen(assignment));
}

static json_t *
request(const struct transient *transient, const char *token)
{
	json_t *object = json_pack("{s:o, s:o, s:s, s:b}", "name", wire_string(transient->name),
				   "unit", wire_string(transient->text), "request", token,
				   "replace", (int)transient->replace);

	if (transient->lenient) {
		(void)json_object_set_new(object, "lenient", json_true());
	}
	if (transient->environment) {
		json_t *array = json_array();
		for (size_t i = 0; transient->environment[i]; i++) {
			if (transient_is_sent(transient->environment[i])) {
				(void)json_array_append_new(array,
							    wire_string(transient->environment[i]));
			}
		}
		(void)json_object_set_new(object, "environment", array);
	}
	if (transient->instances > 0) {
		(void)json_object_set_new(object, "instances", json_integer(transient->instances));
	}
	return object;
}

static void
make_token(char *ret_token /* 33 */)
{
	uint8_t bytes[16];

	CHECK(getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
	str_hex(bytes, sizeof(bytes), ret_token);
}

/* "make" -> "make-2", or what is one more than the highest there is */
static int
next_name(struct cli *cli, const char *base, char **name)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	int code = ask_simply(cli, "List", NULL, ASK_AGAIN, &answer);
	size_t i, n = strlen(base);
	uint64_t highest = 1, number;
	json_t *unit;

	json_array_foreach(json_object_get(answer.parameters, "units"), i, unit) {
		const char *there = phrase_get(unit, "name");
		autofree char *rest = NULL;
		if (strncmp(there, base, n) == 0 && there[n] == '-') {
			rest = str_dup_n(there + n + 1, strcspn(there + n + 1, "@"));
			if (str_to_u64(rest, &number) == 0 && number < 1000000000) {
				highest = MAX(highest, number);
			}
		}
	}
	free(*name);
	*name = str_format("%s-%llu", base, (unsigned long long)highest + 1);
	return code;
}

int
transient_ask(struct cli *cli, struct transient *transient, struct wire_answer *ret_answer,
	      bool *ret_taken)
{
	autofree char *base = str_dup(transient->name);
	char token[33];

	make_token(token);
	for (int tries = 0;; tries++) {
		struct wire_answer answer = { 0 };
		int code;
		enum wire_result result =
			ask(cli, "Run", request(transient, token), ASK_AGAIN, &answer, &code);
		bool taken = result == WIRE_ERROR && str_ends(answer.error, ".NameTaken");

		if (result == WIRE_REPLY) {
			*ret_answer = answer;
			return CLI_DONE;
		}
		if (taken && ret_taken) {
			*ret_taken = true;
		} else if (result == WIRE_ERROR &&
			   (!taken || transient->named || tries == NAME_TRIES)) {
			code = complain_error(cli, answer.error, taken ? NULL : transient->name,
					      phrase_get(answer.parameters, "text"));
		}
		wire_answer_done(&answer);
		if (!taken || ret_taken || transient->named || tries == NAME_TRIES) {
			return code;
		}
		code = next_name(cli, base, &transient->name);
		if (code != CLI_DONE) {
			return code;
		}
	}
}
