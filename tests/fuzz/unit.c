/* A unit file of any bytes is read; what was understood prints to text that reads back the same.
 * One mutation in four puts a line of the table in, so that new keys are tried without anybody
 * thinking of it. */
#include "base/check.h"
#include "unit/unit.h"
#include "unit/words-split.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

static const struct expand with = {
	.name = "web-a@1\\x2d2",
	.file = "/etc/tend/web-a@.service",
	.runtime = "/run",
	.state = "/var/lib",
	.cache = "/var/cache",
	.logs = "/var/log",
	.config = "/etc",
	.user = "u",
	.group = "g",
	.home = "/home/u",
	.shell = "/bin/sh",
	.host = "h.example",
	.machine_id = "m",
	.boot_id = "b",
	.kernel = "k",
	.credentials = "/c",
	.os_release = "ID=debian\n",
};

static void
list_expand(const struct commands *commands, char *const *environment)
{
	for (size_t i = 0; i < commands->count; i++) {
		char **words = unit_expand_command(&with, &commands->list[i], environment, NULL);
		char autofree *program = unit_expand(&with, commands->list[i].program, NULL);
		char autofree *composed = words != NULL ? compose_command(words) : NULL;
		char autofree *name = name_from_command(words);
		char checked[LIMIT_NAME + 1];

		/* reading has refused what cannot be expanded */
		CHECK(words != NULL && program != NULL && composed != NULL);
		CHECK(name_check(name, checked, NULL));
		(void)strv_free(words);
	}
}

static void
verdicts_read(const struct unit *unit)
{
	const struct verdict_host host = { .root = false };
	struct list notices; /* notice.link */
	size_t count;

	list_init(&notices);
	count = verdict_list(unit, &host, &notices);
	LIST_EACH(notice, &notices, struct notice, link) {
		(void)notice_free(notice);
		count--;
	}
	CHECK(count == 0 && list_is_empty(&notices));
}

static void
words_read(const char *text)
{
	char **words = NULL;
	char name[LIMIT_NAME + 1];
	size_t length;
	char autofree *raw = words_unescape(text, &length);

	CHECK(raw[length] == '\0' && length <= strlen(text));
	if (words_split(text, &words, NULL)) {
		for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
			char autofree *quoted = words_quote(words[i]);
			char **back;

			CHECK(words_split(quoted, &back, NULL) && strv_length(back) == 1);
			CHECK(str_equal(back[0], words[i]));
			(void)strv_free(back);
		}
		(void)strv_free(words);
	}
	if (name_check(text, name, NULL)) {
		char autofree *template = name_template(name);

		CHECK(name[0] != '\0' && strchr(name, '/') == NULL);
		CHECK(name_is_instance(name) || str_equal(template, name));
	}
	words = NULL;
	(void)unit_environment_file(text, &words, NULL);
	(void)strv_free(words);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unit *unit = unit_parse("web@", (const char *)data, size, "/f");
	char autofree *text = unit_text(unit);
	struct unit *again = unit_parse("web@", text, strlen(text), "/f");
	char autofree *same = unit_text(again);
	char autofree *string = str_dup_n((const char *)data, size);

	CHECK(unit_equal(unit, again));
	CHECK(str_equal(text, same));
	CHECK(list_is_empty(&again->notices) || unit->bad_text || !list_is_empty(&unit->notices));
	list_expand(&unit->exec_start, unit->environment);
	list_expand(&unit->exec_stop, unit->environment);
	verdicts_read(unit);
	words_read(string);
	CHECK(unit_unref(unit) == NULL && unit_unref(again) == NULL);
	return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	static const char *const values[] = {
		"",
		"yes",
		"1min 30s",
		"5",
		"64M",
		"0755",
		"SIGTERM",
		"always",
		"a b.service",
		"/bin/a -x \"b c\" ; -@/d e",
		"A=1 \"B=%i\"",
		"file:/x %n",
		"3:infinity",
		"oneshot",
		"~",
		"%t/x",
	};
	const struct key *key = &key_table[seed / 64 % key_count];
	size_t n;

	if (seed % 4 != 0) {
		return LLVMFuzzerMutate(data, size, max);
	}
	{
		char autofree *line = str_format("\n[%s]\n%s=%s\n", section_name(key->section),
						 key->name, values[seed / 4 % COUNT(values)]);

		n = strlen(line);
		if (size + n > max) {
			return LLVMFuzzerMutate(data, size, max);
		}
		memcpy(data + size, line, n);
	}
	return size + n;
}
