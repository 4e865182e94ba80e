/* value-list: settings to which each further line adds. A word that is wrong is left out and
 * said, the others of its line count, as in systemd. */
#include "base/address.h"
#include "unit/expand.h"
#include "unit/name.h"
#include "unit/value.h"
#include "unit/words-split.h"
#include <ctype.h>
#include <string.h>

/* finding a word in a list takes as long as the list is; nobody writes so many by hand */
enum { VALUE_LIST_MAX = 4096 };

static bool
list_has_room(char *const *list, size_t more, struct err *err)
{
	return strv_length(list) + more <= VALUE_LIST_MAX ||
	       err_set(err, "there are more than %d in all", VALUE_LIST_MAX);
}

/* may change the word; false with words when it does not belong */
typedef bool word_check(char *word, struct err *err);

static enum value_result
words_add(char ***list, const char *text, word_check *check, bool once, struct err *err)
{
	char **words;
	enum value_result result = VALUE_GOOD;
	struct err at = { .line = 0 };
	size_t taken = 0;

	if (!words_split(text, &words, err)) {
		return VALUE_BAD;
	}
	if (!list_has_room(*list, strv_length(words), err)) {
		(void)strv_free(words);
		return VALUE_BAD;
	}
	for (char **word = words; word != NULL && *word != NULL; word++) {
		if (!expand_check(*word, &at) || (check != NULL && !check(*word, &at))) {
			if (result == VALUE_GOOD) {
				(void)err_set(err, "%s", at.text);
			}
			result = VALUE_PARTLY;
			continue;
		}
		taken++;
		if (!once || !strv_has(*list, *word)) {
			strv_add(list, *word);
		}
	}
	(void)strv_free(words);
	return taken == 0 && result == VALUE_PARTLY ? VALUE_BAD : result;
}

static char *
words_print(const struct key *key, const void *field)
{
	char *const *list = *(char **const *)field;
	struct buf autodone(buf) text = { .max = SIZE_MAX / 4 };

	(void)key;
	if (list == NULL) {
		return NULL;
	}
	for (size_t i = 0; list[i] != NULL; i++) {
		char autofree *word = words_quote(list[i]);

		(void)buf_addf(&text, "%s%s", i > 0 ? " " : "", word);
	}
	return buf_take(&text);
}

static bool
list_equal(const struct key *key, const void *a, const void *b)
{
	(void)key;
	return strv_equal(*(char **const *)a, *(char **const *)b);
}

static void
list_done(void *field)
{
	*(char ***)field = strv_free(*(char ***)field);
}

static enum value_result
words_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	(void)key;
	return words_add(field, text, NULL, false, err);
}

const struct value value_list_words = {
	.name = "WORDS",
	.size = sizeof(char **),
	.parse = words_parse,
	.print = words_print,
	.equal = list_equal,
	.done = list_done,
};

static bool
forward_word(char *word, struct err *err)
{
	struct address address;

	return address_parse(word, &address, err);
}

static enum value_result
forward_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	(void)key;
	return words_add(field, text, forward_word, true, err);
}

const struct value value_list_forward = {
	.name = "FORWARD",
	.size = sizeof(char **),
	.parse = forward_parse,
	.print = words_print,
	.equal = list_equal,
	.done = list_done,
};

static bool
unit_word(char *word, struct err *err)
{
	size_t n = strlen(word);

	if (str_ends(word, ".service") && n > strlen(".service")) {
		n -= strlen(".service");
		word[n] = '\0';
	}
	return strchr(word, '%') != NULL || name_check_letters(word, err);
}

static enum value_result
units_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	(void)key;
	return words_add(field, text, unit_word, true, err);
}

const struct value value_list_units = {
	.name = "UNITS",
	.size = sizeof(char **),
	.parse = units_parse,
	.print = words_print,
	.equal = list_equal,
	.done = list_done,
};

static bool
assignment_word(char *word, struct err *err)
{
	size_t n = strcspn(word, "=");
	bool fine = n > 0 && word[n] == '=' && !isdigit((unsigned char)word[0]);

	for (size_t i = 0; i < n; i++) {
		fine = fine && (isalnum((unsigned char)word[i]) || strchr("_%", word[i]) != NULL);
	}
	return fine || err_set(err, "'%s' is not of the form NAME=value", word);
}

static enum value_result
environment_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	char **words = NULL;
	enum value_result result = words_add(&words, text, assignment_word, false, err);

	(void)key;
	if (!list_has_room(*(char ***)field, strv_length(words), err)) {
		words = strv_free(words);
		result = VALUE_BAD;
	}
	for (char **word = words; word != NULL && *word != NULL; word++) {
		strv_env_set(field, *word);
	}
	(void)strv_free(words);
	return result;
}

const struct value value_list_environment = {
	.name = "ENVIRONMENT",
	.size = sizeof(char **),
	.parse = environment_parse,
	.print = words_print,
	.equal = list_equal,
	.done = list_done,
};

static enum value_result
lines_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	(void)key;
	if (!expand_check(text, err) || !list_has_room(*(char ***)field, 1, err)) {
		return VALUE_BAD;
	}
	strv_add(field, text);
	return VALUE_GOOD;
}

static char *
lines_print(const struct key *key, const void *field)
{
	char *const *list = *(char **const *)field;

	(void)key;
	return list != NULL ? strv_join(list, "\n") : NULL;
}

const struct value value_list_lines = {
	.name = "LINES",
	.size = sizeof(char **),
	.parse = lines_parse,
	.print = lines_print,
	.equal = list_equal,
	.done = list_done,
};

static enum value_result
paths_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	char *path = words_whole(text, err);
	const char *start;

	(void)key;
	if (path == NULL || !expand_check(path, err) || !list_has_room(*(char ***)field, 1, err)) {
		free(path);
		return VALUE_BAD;
	}
	start = path[0] == '-' ? path + 1 : path;
	if (start[0] != '/' && start[0] != '%') {
		(void)err_set(err, "'%s' is not an absolute path", path);
		free(path);
		return VALUE_BAD;
	}
	strv_take_add(field, path);
	return VALUE_GOOD;
}

static char *
paths_print(const struct key *key, const void *field)
{
	char *const *list = *(char **const *)field;
	struct buf text;

	(void)key;
	if (list == NULL) {
		return NULL;
	}
	buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; list[i] != NULL; i++) {
		char autofree *path = words_whole_quote(list[i]);

		(void)buf_addf(&text, "%s%s", i > 0 ? "\n" : "", path);
	}
	return buf_take(&text);
}

const struct value value_list_paths = {
	.name = "PATHS",
	.size = sizeof(char **),
	.parse = paths_parse,
	.print = paths_print,
	.equal = list_equal,
	.done = list_done,
};
