/* `tend logs --verify`: all of the logs is read. What cannot be read or trusted gives a failing
 * exit code; what is only worth knowing (the clock was set back, bytes were dropped) does not. */
#include "base/check.h"
#include "base/path.h"
#include "base/span.h"
#include "base/str.h"
#include "cli/logview.h"
#include <errno.h>
#include <string.h>

struct verified {
	const char *name;
	bool json;
	json_t *problems;
	size_t wrong;
};

static void
tell(void *context, enum store_verify_kind kind, const char *segment, const char *words)
{
	struct verified *verified = context;

	verified->wrong += kind == VERIFY_WRONG;
	if (verified->json) {
		(void)json_array_append_new(verified->problems,
					    json_pack("{s:o, s:b, s:o}", "segment",
						      phrase_json(segment, strlen(segment)),
						      "wrong", (int)(kind == VERIFY_WRONG), "text",
						      phrase_json(words, strlen(words))));
	} else {
		autofree char *harmless = phrase_command(segment);

		(void)printf("%s%s/%s: %s%s%s\n",
			     screen_paint(kind == VERIFY_WRONG ? PAINT_BAD : PAINT_NONE),
			     verified->name, harmless, kind == VERIFY_WRONG ? "" : "note: ", words,
			     screen_plain());
	}
}

static void
put_sum(const struct verified *verified, const struct store_verify *verify)
{
	char size[32];

	(void)printf("%s%s%s: %llu segment%s, %s, %llu records: %s\n",
		     screen_paint(verified->wrong > 0 ? PAINT_BAD : PAINT_GOOD), verified->name,
		     screen_plain(), (unsigned long long)verify->segments,
		     verify->segments == 1 ? "" : "s", size_show(verify->bytes, size, sizeof(size)),
		     (unsigned long long)verify->records,
		     verified->wrong > 0 ? "something is wrong" : "sound");
	(void)fflush(stdout); /* the next one may take a while */
}

static int
verify_one(struct cli *cli, const char *name, json_t *all)
{
	autofree char *directory = path_join(cli->places.log, name);
	autofree char *shown = phrase_command(name);
	struct verified verified = { .name = shown, .json = cli->json };
	struct store_verify verify = { .tell = tell, .context = &verified };
	int r;

	verified.problems = json_array();
	CHECK(verified.problems != NULL);
	r = store_verify(directory, &verify);
	if (r == -ENOTDIR) {
		json_decref(verified.problems);
		return CLI_DONE; /* a file beside the logs */
	}
	if (r < 0) {
		complain("cannot read the log in %s: %s", directory, strerror(-r));
		json_decref(verified.problems);
		return CLI_FAILED;
	}
	if (cli->json) {
		(void)json_array_append_new(all, json_pack("{s:o, s:b, s:I, s:I, s:I, s:O}", "name",
							   phrase_json(name, strlen(name)), "sound",
							   (int)(verified.wrong == 0), "segments",
							   (json_int_t)verify.segments, "bytes",
							   (json_int_t)verify.bytes, "records",
							   (json_int_t)verify.records, "problems",
							   verified.problems));
	} else {
		put_sum(&verified, &verify);
	}
	json_decref(verified.problems);
	return verified.wrong > 0 ? CLI_FAILED : CLI_DONE;
}

int
log_verify(struct cli *cli, char *const *names)
{
	json_auto_t *all = json_array();
	int worst = CLI_DONE;

	CHECK(all != NULL);
	for (size_t i = 0; names && names[i]; i++) {
		int code = verify_one(cli, names[i], all);

		worst = MAX(worst, code);
	}
	if (cli->json) {
		phrase_print(all);
	}
	return worst;
}
