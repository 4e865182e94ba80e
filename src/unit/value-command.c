/* value-command: ExecStart= and its like. Prefixes are taken off the first word, whether quoted
 * or not; a lone ; begins another command. Whether the program exists is the launcher's to find
 * out: a file may come later. */
#include "base/check.h"
#include "unit/expand.h"
#include "unit/value.h"
#include "unit/words-split.h"
#include <string.h>

static void
command_done(struct command *command)
{
	if ((command->flags & COMMAND_ARGV0) != 0 || command->argv == NULL) {
		free(command->program); /* else it is argv[0] */
	}
	command->argv = strv_free(command->argv);
	command->program = NULL;
}

static void
commands_done(void *field)
{
	struct commands *commands = field;

	for (size_t i = 0; i < commands->count; i++) {
		command_done(&commands->list[i]);
	}
	free(commands->list);
	*commands = (struct commands){ .list = NULL };
}

/* the letters before the path; a second one of a kind is part of the path */
static const char *
prefixes_take(const char *word, unsigned *ret_flags)
{
	unsigned flags = 0;

	for (;; word++) {
		unsigned flag = 0;

		switch (*word) {
		case '-': flag = COMMAND_IGNORE; break;
		case '@': flag = COMMAND_ARGV0; break;
		case ':': flag = COMMAND_VERBATIM; break;
		case '+': flag = COMMAND_FULL; break;
		case '!': flag = COMMAND_FULL; break;
		default: break;
		}
		if (flag == 0 || (flags & flag) != 0) {
			break;
		}
		if (*word == '!' && word[1] == '!') {
			word++;
		}
		flags |= flag;
	}
	*ret_flags = flags;
	return word;
}

static bool
program_check(const char *program, struct err *err)
{
	if (program[0] == '\0') {
		return err_set(err, "there is no program");
	}
	if (!expand_check(program, err)) {
		return false;
	}
	if (program[0] != '/' && program[0] != '%' && strchr(program, '/') != NULL) {
		return err_set(err,
			       "'%s' is neither an absolute path nor a name to look up in PATH",
			       program);
	}
	if (str_ends(program, "/")) {
		return err_set(err, "'%s' names a directory", program);
	}
	return true;
}

/* is *at a separator, a lone semicolon? then it is passed by */
static bool
separator_pass(const char **at)
{
	if ((*at)[0] != ';' || ((*at)[1] != '\0' && !words_is_space((*at)[1]))) {
		return false;
	}
	++*at;
	while (words_is_space(**at)) {
		++*at;
	}
	return true;
}

static int
argument_next(const char **at, char **ret_word, struct err *err)
{
	if ((*at)[0] == '\\' && (*at)[1] == ';' && ((*at)[2] == '\0' || words_is_space((*at)[2]))) {
		++*at;
		return words_next(at, 0, ret_word, err);
	}
	return words_next(at, WORDS_UNESCAPE, ret_word, err);
}

/* reads one command up to its end or a separator; false with words (the command is cleaned up
 * then) */
static bool
command_read(const char **at, struct command *ret_command, struct err *err)
{
	struct command command = { .flags = 0 };
	char *word = NULL;
	int got = words_next(at, WORDS_UNESCAPE, &word, err);

	if (got > 0) {
		command.program = str_dup(prefixes_take(word, &command.flags));
		free(word);
		if (!program_check(command.program, err)) {
			got = -1;
		} else if ((command.flags & COMMAND_ARGV0) == 0) {
			strv_take_add(&command.argv, command.program);
		}
	}
	while (got > 0 && !separator_pass(at)) {
		got = argument_next(at, &word, err);
		if (got > 0) {
			strv_take_add(&command.argv, word);
			got = expand_check(word, err) ? 1 : -1;
		}
	}
	if (got >= 0 && command.argv == NULL) {
		(void)err_set(err, "the prefix @ needs a second word, the name the program gets");
		got = -1;
	}
	if (got < 0) {
		command_done(&command);
		return false;
	}
	*ret_command = command;
	return true;
}

static enum value_result
commands_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	struct commands *commands = field;
	struct commands added = { .list = NULL };

	(void)key;
	while (separator_pass(&text)) {
	}
	while (*text != '\0') {
		struct command command;

		if (!command_read(&text, &command, err)) {
			commands_done(&added);
			return VALUE_BAD;
		}
		added.list = reallocarray(added.list, added.count + 1, sizeof(command));
		CHECK(added.list != NULL);
		added.list[added.count++] = command;
		while (separator_pass(&text)) {
		}
	}
	if (added.count == 0) {
		(void)err_set(err, "there is no program");
		return VALUE_BAD;
	}
	commands->list =
		reallocarray(commands->list, commands->count + added.count, sizeof(struct command));
	CHECK(commands->list != NULL);
	memcpy(commands->list + commands->count, added.list, added.count * sizeof(struct command));
	commands->count += added.count;
	free(added.list);
	return VALUE_GOOD;
}

static void
command_print(struct buf *text, const struct command *command)
{
	char prefixes[8];
	size_t n = 0, first = (command->flags & COMMAND_ARGV0) != 0 ? 0 : 1;

	if ((command->flags & COMMAND_ARGV0) != 0) {
		prefixes[n++] = '@';
	}
	if ((command->flags & COMMAND_IGNORE) != 0) {
		prefixes[n++] = '-';
	}
	if ((command->flags & COMMAND_VERBATIM) != 0) {
		prefixes[n++] = ':';
	}
	if ((command->flags & COMMAND_FULL) != 0) {
		prefixes[n++] = '+';
	}
	prefixes[n] = '\0';
	{
		char autofree *whole = str_format("%s%s", prefixes, command->program);
		char autofree *word = words_quote(whole);

		(void)buf_add_str(text, word);
	}
	for (size_t i = first; i < strv_length(command->argv); i++) {
		char autofree *word = words_quote(command->argv[i]);

		(void)buf_addf(text, " %s", word);
	}
}

static char *
commands_print(const struct key *key, const void *field)
{
	const struct commands *commands = field;
	struct buf text;

	(void)key;
	if (commands->count == 0) {
		return NULL;
	}
	buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; i < commands->count; i++) {
		if (i > 0) {
			(void)buf_add_char(&text, '\n');
		}
		command_print(&text, &commands->list[i]);
	}
	return buf_take(&text);
}

static bool
commands_equal(const struct key *key, const void *a, const void *b)
{
	const struct commands *one = a, *other = b;
	bool equal = one->count == other->count;

	(void)key;
	for (size_t i = 0; equal && i < one->count; i++) {
		equal = one->list[i].flags == other->list[i].flags &&
			str_equal(one->list[i].program, other->list[i].program) &&
			strv_equal(one->list[i].argv, other->list[i].argv);
	}
	return equal;
}

const struct value value_command_list = {
	.name = "COMMANDS",
	.size = sizeof(struct commands),
	.parse = commands_parse,
	.print = commands_print,
	.equal = commands_equal,
	.done = commands_done,
};
