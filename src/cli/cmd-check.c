/* cmd-check: what tend makes of each setting of a unit file, here and for this user: honoured,
 * approximated and how, needs more rights, unsupported, unknown. No setting is ignored in
 * silence, and no tendd is needed to know it. */
#include "base/file.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cli.h"
#include "procfs/procfs.h"
#include "unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const struct opt cmd_check_options[] = {
	{ 'v', "verbose", NULL, "the honoured ones too" },
	OPT_JSON,
	OPT_END,
};
const char cmd_check_details[] =
	"A word with a slash is a file, others are names of units. The exit code is\n"
	"1 when a unit cannot be started as it is, else 0: what is approximated or\n"
	"unsupported is said and does not fail. Of a tend.conf every line is\n"
	"checked: 1 when one is wrong or unknown.";

static const struct {
	const char *verdict;
	enum paint paint;
} verdicts[] = {
	[NOTICE_BAD] = { "wrong", PAINT_BAD },
	[NOTICE_UNKNOWN] = { "unknown", PAINT_BAD },
	[NOTICE_UNSUPPORTED] = { "unsupported", PAINT_WARN },
	[NOTICE_APPROXIMATED] = { "approximated", PAINT_WARN },
	[NOTICE_NEEDS] = { "needs root", PAINT_WARN },
};

static struct unit *
load_file(struct cli *cli, const char *path, int *ret_code)
{
	autofree char *text = NULL;
	char name[LIMIT_NAME + 1];
	struct err err = { 0 };
	size_t length;
	int r;

	if (str_equal(path_base(path), "tend.conf") && access(path, F_OK) == 0) {
		return config_load(path);
	}
	if (!names_check(cli, path_base(path), name)) {
		*ret_code = CLI_USAGE;
		return NULL;
	}
	r = file_read(AT_FDCWD, path, LIMIT_UNIT_FILE, &text, &length);
	if (r < 0) {
		(void)err_set_errno(&err, -r, "%s", path);
		*ret_code = complain_err(&err);
		return NULL;
	}
	return unit_parse(name, text, length, path);
}

static struct unit *
load(struct cli *cli, const char *word, int *ret_code)
{
	char name[LIMIT_NAME + 1];
	struct err err = { 0 };
	struct unit *unit;

	if (strchr(word, '/')) {
		return load_file(cli, word, ret_code);
	}
	if (!names_check(cli, word, name)) {
		*ret_code = CLI_USAGE;
		return NULL;
	}
	unit = unit_load(name, cli->places.units, &err);
	if (!unit && err.number == ENOENT) {
		complain("%s: there is no such unit; a file is named with a slash: ./%s", name,
			 word);
		*ret_code = CLI_NO_UNIT;
	} else if (!unit) {
		*ret_code = complain_err(&err);
	}
	return unit;
}

static void
add(json_t *array, const char *verdict, const char *file, unsigned line, const char *key,
    const char *text)
{
	(void)json_array_append_new(
		array, json_pack("{s:s, s:o, s:i, s:o, s:o}", "verdict", verdict, "file",
				 file ? wire_string(file) : json_null(), "line", (int)line, "key",
				 key ? wire_string(key) : json_null(), "text",
				 wire_string(text ? text : "")));
}

static void
add_notices(json_t *array, const struct list *notices)
{
	LIST_EACH(notice, notices, struct notice, link) {
		add(array, verdicts[notice->kind].verdict, notice->file, notice->line, notice->key,
		    notice->text);
	}
}

static bool
is_told(const json_t *array, const char *key)
{
	json_t *entry;
	size_t i;

	json_array_foreach(array, i, entry) {
		if (str_equal(phrase_get(entry, "key"), key)) {
			return true;
		}
	}
	return false;
}

static size_t
add_honoured(json_t *array, const struct unit *unit)
{
	size_t count = 0;

	for (size_t i = 0; i < unit->place_count; i++) {
		const struct place *place = &unit->places[i];
		const struct key *key = &key_table[place->key];
		if (!is_told(array, key->name)) {
			add(array, "honoured", unit_place_file(unit, place), place->line, key->name,
			    key->words);
			count++;
		}
	}
	return count;
}

/* as tendd does: the controller is there for our group's children, or the root cgroup can give it
 */
static bool
may_count_kills(void)
{
	autofree char *own = cgroup_own(),
		      *file = own ? path_join(own, "cgroup.controllers") : NULL;
	autofree char *given = own ? path_join(own, "cgroup.subtree_control") : NULL;
	autofree char *type = own ? path_join(own, "cgroup.type") : NULL; /* the root has none */
	char *controllers = NULL;
	size_t length;
	bool can = false;

	if (own && faccessat(AT_FDCWD, own, W_OK, AT_EACCESS) == 0 &&
	    file_read(AT_FDCWD, access(type, F_OK) == 0 ? given : file, 4096, &controllers,
		      &length) == 0) {
		can = strstr(controllers, "memory") != NULL;
	}
	free(controllers);
	return can;
}

/* every verdict; owned */
static json_t *
verdicts_of(const struct unit *unit)
{
	struct verdict_host host;
	json_t *array = json_array();
	struct list notices; /* notice.link */

	list_init(&notices);
	verdict_host_here(&host, may_count_kills());
	(void)verdict_list(unit, &host, &notices);
	add_notices(array, &unit->notices);
	add_notices(array, &notices);
	LIST_EACH(notice, &notices, struct notice, link) {
		list_remove(&notice->link);
		(void)notice_free(notice);
	}
	(void)add_honoured(array, unit);
	return array;
}

static enum paint
paint_of(const char *verdict)
{
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		if (str_equal(verdicts[i].verdict, verdict)) {
			return verdicts[i].paint;
		}
	}
	return PAINT_GOOD;
}

static bool
is_config(const struct unit *unit)
{
	return str_equal(unit->name, "tend.conf");
}

static bool
is_good(const struct unit *unit)
{
	return is_config(unit) ? list_is_empty(&unit->notices) : unit->bad == NULL;
}

static void
put(const struct cli *cli, const struct unit *unit, const json_t *array)
{
	bool verbose = args_has(&cli->args, "verbose");
	size_t i, honoured = 0, others = 0;
	json_t *entry;

	json_array_foreach(array, i, entry) {
		const char *verdict = phrase_get(entry, "verdict");
		autofree char *file = phrase_command(phrase_get(entry, "file"));
		autofree char *key = phrase_command(phrase_get(entry, "key"));
		autofree char *text = phrase_command(phrase_get(entry, "text"));
		bool fine = str_equal(verdict, "honoured");

		honoured += fine;
		others += !fine;
		if (!fine || verbose) {
			(void)printf("%s:%lld: %s%s%s%s%s: %s\n", file[0] ? file : unit->name,
				     (long long)json_integer_value(json_object_get(entry, "line")),
				     key, key[0] ? "= " : "", screen_paint(paint_of(verdict)),
				     verdict, screen_plain(), text);
		}
	}
	if (is_config(unit)) {
		(void)printf("%s: %zu setting%s honoured, %zu to note\n", unit->file, honoured,
			     honoured == 1 ? "" : "s", others);
	} else if (unit->bad) {
		autofree char *bad = phrase_command(unit->bad);
		(void)printf("%s: it cannot be started: %s\n", unit->name, bad);
	} else {
		(void)printf("%s: it can be started; %zu setting%s honoured, %zu to note\n",
			     unit->name, honoured, honoured == 1 ? "" : "s", others);
	}
}

int
cmd_check(struct cli *cli)
{
	json_auto_t *all = json_array();
	int worst = CLI_DONE;

	if (!cli_places(cli)) {
		return CLI_FAILED;
	}
	for (char **word = cli->args.names; *word; word++) {
		int code = CLI_DONE;
		struct unit *unit = load(cli, *word, &code);
		json_auto_t *array = unit ? verdicts_of(unit) : NULL;
		if (unit && cli->json) {
			(void)json_array_append_new(
				all, json_pack("{s:o, s:b, s:o, s:O}", "name",
					       wire_string(unit->name), "ok", is_good(unit), "bad",
					       unit->bad ? wire_string(unit->bad) : json_null(),
					       "settings", array));
		} else if (unit) {
			put(cli, unit, array);
		}
		code = unit && !is_good(unit) ? CLI_FAILED : code;
		worst = MAX(worst, code);
		(void)unit_unref(unit);
	}
	if (cli->json) {
		phrase_print(all);
	}
	return worst;
}
