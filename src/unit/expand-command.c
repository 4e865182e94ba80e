/* expand-command: from a command as written to the words a program gets, as systemd does it:
 * specifiers in every word, then $NAME as a word of its own is split into none or more words,
 * ${NAME} anywhere is put in as it is, and $$ is $. */
#include "base/check.h"
#include "unit/unit.h"
#include "unit/words-split.h"
#include <string.h>

static void
variable_split(char *const *environment, const char *name, char ***words)
{
	const char *value = strv_env_get(environment, name);
	char *word;

	while (value != NULL && words_next(&value, WORDS_RELAX, &word, NULL) > 0) {
		strv_take_add(words, word);
	}
}

/* the text with its ${NAME} replaced; owned */
static char *
braces_replace(char *const *environment, const char *text)
{
	struct buf out;

	buf_init(&out, SIZE_MAX / 4);
	while (*text != '\0') {
		const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;

		if (end != NULL) {
			char autofree *name = str_dup_n(text + 2, (size_t)(end - text) - 2);
			const char *value = strv_env_get(environment, name);

			(void)buf_add_str(&out, value != NULL ? value : "");
			text = end + 1;
			continue;
		}
		(void)buf_add_char(&out, *text);
		text += text[0] == '$' && text[1] == '$' ? 2 : 1;
	}
	return buf_take(&out);
}

char **
unit_expand_command(const struct expand *with, const struct command *command,
		    char *const *environment, struct err *err)
{
	char **words = NULL;

	for (size_t i = 0; command->argv[i] != NULL; i++) {
		char autofree *word = unit_expand(with, command->argv[i], err);

		if (word == NULL) {
			return strv_free(words);
		}
		if ((command->flags & COMMAND_VERBATIM) != 0 || strchr(word, '$') == NULL ||
		    (i == 0 && (command->flags & COMMAND_ARGV0) == 0)) {
			strv_add(&words, word); /* the program's own name stays as it is */
		} else if (word[0] == '$' && strchr("{$", word[1]) == NULL) {
			variable_split(environment, word + 1, &words);
		} else {
			strv_take_add(&words, braces_replace(environment, word));
		}
	}
	if (words == NULL) { /* argv[0] was a variable that is not set */
		strv_add(&words, "");
	}
	return words;
}
