/* verbs: the table of cmds.def, and finding a row by what was typed. */
#include "base/str.h"
#include "cli/cli.h"

#define CMD(id, text, which, bits, after, what)                                                    \
	{ .name = text,                                                                            \
	  .group = CMD_##which,                                                                    \
	  .flags = (bits),                                                                         \
	  .arguments = after,                                                                      \
	  .words = what,                                                                           \
	  .options = cmd_##id##_options,                                                           \
	  .details = cmd_##id##_details,                                                           \
	  .run = cmd_##id },
#define ALIAS(text, other)
const struct cmd verbs_table[] = {
#include "cli/cmds.def"
};
#undef CMD
#undef ALIAS
const size_t verbs_count = COUNT(verbs_table);

#define CMD(id, text, which, bits, after, what)
#define ALIAS(text, other) { text, other },
static const struct {
	const char *name, *verb;
} aliases[] = {
#include "cli/cmds.def"
};
#undef CMD
#undef ALIAS

const char *const verbs_groups[CMD_GROUPS] = {
	[CMD_KEEP] = "keep",
	[CMD_LOOK] = "look",
	[CMD_PROCESSES] = "processes, kept or not",
	[CMD_UNITS] = "unit files",
	[CMD_PLACES] = "tend itself",
};

const struct opt verbs_common[] = {
	{ 0, "user", NULL, "your own tendd (the default, but for root)" },
	{ 0, "system", NULL, "the system's tendd (root's default)" },
	{ 'h', "help", NULL, "this" },
	{ 'V', "version", NULL, "the version" },
	OPT_END,
};

const char *
verbs_alias(size_t at, const char **ret_verb)
{
	if (at >= COUNT(aliases)) {
		return NULL;
	}
	*ret_verb = aliases[at].verb;
	return aliases[at].name;
}

static const struct cmd *
find_row(const char *name)
{
	for (size_t i = 0; i < verbs_count; i++) {
		if (str_equal(verbs_table[i].name, name)) {
			return &verbs_table[i];
		}
	}
	return NULL;
}

const struct cmd *
verbs_find(const char *name)
{
	const struct cmd *found = find_row(name);

	for (size_t i = 0; !found && i < COUNT(aliases); i++) {
		if (str_equal(aliases[i].name, name)) {
			found = find_row(aliases[i].verb);
		}
	}
	return found;
}

const char *
verbs_suggest(const char *name)
{
	struct guess guess;

	guess_begin(&guess, name);
	for (size_t i = 0; i < verbs_count; i++) {
		if (!(verbs_table[i].flags & CMD_HIDDEN)) {
			guess_try(&guess, verbs_table[i].name);
		}
	}
	for (size_t i = 0; i < COUNT(aliases); i++) {
		guess_try(&guess, aliases[i].name);
	}
	return guess.best;
}
