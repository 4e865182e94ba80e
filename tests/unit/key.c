#include "parsed.h"
#include "base/clock.h"
#include "unit/value.h"
#include <limits.h>

/* a value for each type that differs from every fallback, as it is printed */
static const struct {
	const char *type, *value;
} samples[] = {
	{ "BOOL", NULL }, /* the other one */
	{ "SPAN", "1min 30s 5ms" },
	{ "TIMEOUT", "2min 1s" },
	{ "NUMBER", "7" },
	{ "SIZE", "12M" },
	{ "MODE", "0751" },
	{ "SIGNAL", "SIGUSR2" },
	{ "NICE", "-3" },
	{ "OOMSCORE", "-500" },
	{ "POLICY", "batch" },
	{ "RTPRIO", "50" },
	{ "IOCLASS", "idle" },
	{ "IOPRIO", "6" },
	{ "CPUS", "0-3,5" },
	{ "STRING", "words with %n and \"quotes\"" },
	{ "PATH", "/srv/a b/%i" },
	{ "RUNPATH", "%t/x.pid" },
	{ "WORDS", "one \"two three\" \"\\\"\"" },
	{ "FORWARD", "udp:127.0.0.1:514 unix:/dev/log" },
	{ "UNITS", "db cache@1 network.target" },
	{ "LINES", "first line\n\"second\"" },
	{ "PATHS", "/etc/a b\n-/etc/%i" },
	{ "ENVIRONMENT", "A=1 \"B=2 3\" C=" },
	{ "COMMANDS", "/bin/a b \"c d\"\n@-:/bin/e f g\n+/bin/h \";\"" },
	{ "EXITS", "0 3 255 SIGHUP RTMIN+3" },
	{ "STDIO", NULL }, /* by the key */
	{ "TYPE", "forking" },
	{ "RESTART", "on-abnormal" },
	{ "KILLMODE", "mixed" },
	{ "NOTIFYACCESS", "exec" },
	{ "OOM", "kill" },
	{ "LOGFULL", "block" },
	{ "LOGMODE", "0640" },
	{ "LIMIT", "5:40" },
};

static const char *
sample_of(const struct key *key)
{
	if (key_value(key) == &value_scalar_bool) {
		return str_equal(key->fallback, "yes") ? "no" : "yes";
	}
	if (key_value(key) == &value_stdio_place) {
		return str_equal(key->name, "StandardInput") ? "file:/in put" : "append:/out put";
	}
	for (size_t i = 0; i < COUNT(samples); i++) {
		if (str_equal(key->type, samples[i].type)) {
			return samples[i].value;
		}
	}
	fail_msg("no sample of the type %s", key->type);
	return NULL;
}

static char *
text_with(const struct key *key, const char *value)
{
	struct compose compose;
	char autofree *lines = str_dup(value);

	compose_init(&compose);
	for (char *line = lines, *end; line != NULL; line = end) {
		end = strchr(line, '\n');
		if (end != NULL) {
			*end++ = '\0';
		}
		compose_line(&compose, key->section, key->name, line);
	}
	return buf_take(&compose.text);
}

/* a value that was read prints as it was, reads back equal, and differs from a unit without it */
static void
every_row_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];
		const char *value;

		if (key_value(key) == NULL) {
			continue;
		}
		value = sample_of(key);
		{
			char autofree *text = text_with(key, value);
			struct unit *unit = parsed(text);
			char autofree *shown = unit_value(unit, key);
			char autofree *printed = unit_text(unit);
			struct unit *again = parsed(printed);
			struct unit *empty = parsed("");

			assert_int_equal(notices_count(unit), 0);
			assert_string_equal(shown, value);
			assert_string_equal(printed, text);
			assert_true(unit_equal(unit, again));
			assert_false(unit_equal(unit, empty));
			assert_non_null(unit_given(unit, key));
			assert_null(unit_given(empty, key));
			assert_null(unit_unref(unit));
			assert_null(unit_unref(again));
			assert_null(unit_unref(empty));
		}
	}
}

/* the fallback reads, prints and reads back; what owns memory has none */
static void
every_fallback_is_sound(void **state)
{
	struct unit *empty = unit_new("web", NULL);

	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];
		struct unit *unit = unit_new("web", NULL);
		char autofree *shown = unit_value(unit, key);
		struct err err;

		if (key_value(key) == NULL) {
			assert_null(shown);
		} else if (key->fallback[0] == '\0') {
			assert_string_equal(shown, "");
		} else {
			assert_null(key_value(key)->done);
			assert_true(unit_set(unit, key->name, shown, &err));
			assert_true(unit_equal(unit, empty));
			assert_true(unit_set(unit, key->name, key->fallback, &err));
			assert_true(unit_equal(unit, empty));
		}
		assert_null(unit_unref(unit));
	}
	assert_null(unit_unref(empty));
}

/* an empty assignment takes back whatever was given */
static void
every_row_resets(void **state)
{
	struct unit *empty = unit_new("web", NULL);

	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];

		if (key_value(key) != NULL) {
			char autofree *text = text_with(key, sample_of(key));
			char autofree *whole = str_format("%s%s=\n", text, key->name);
			struct unit *unit = parsed(whole);
			struct unit *same = parsed("");

			assert_int_equal(unit->place_count, 0);
			assert_true(unit_equal(unit, same));
			assert_null(unit_unref(unit));
			assert_null(unit_unref(same));
		}
	}
	assert_null(unit_unref(empty));
}

static void
every_row_is_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &key_table[i];

		assert_ptr_equal(key_find(key->section, key->name), key); /* no name twice */
		assert_true(key->words[0] != '\0');
		assert_true(strlen(key->name) <= 48);
		if (key_value(key) != NULL) {
			assert_string_equal(key_value(key)->name, key->type);
			assert_int_not_equal(key->verdict, VERDICT_UNSUPPORTED);
			assert_non_null(key_value(key)->parse);
			assert_non_null(key_value(key)->print);
		} else if (str_equal(key->type, "NOTHING")) {
			assert_true(key->verdict == VERDICT_UNSUPPORTED ||
				    key->verdict == VERDICT_APPROXIMATED);
		} else {
			char **targets;

			assert_string_equal(key->type, "ALIAS");
			assert_true(words_split(key->fallback, &targets, NULL));
			assert_non_null(targets);
			for (size_t k = 0; targets[k] != NULL; k++) {
				assert_non_null(key_by_name(targets[k])->value);
			}
			(void)strv_free(targets);
		}
	}
}

static void
finds_by_section(void **state)
{
	(void)state;
	assert_int_equal(key_find(SECTION_SERVICE, "Restart")->verdict, VERDICT_HONOURED);
	assert_null(key_find(SECTION_UNIT, "Restart"));
	assert_null(key_find(SECTION_SERVICE, "restart"));
	assert_null(key_find(SECTION_SERVICE, ""));
	assert_string_equal(key_find(SECTION_SERVICE, "MemoryMax")->type, "NOTHING");
	assert_int_equal(key_by_name("Instances")->section, SECTION_TEND);
	assert_int_equal(key_by_name("StartLimitBurst")->section, SECTION_UNIT);
	assert_string_equal(key_by_name("TimeoutSec")->type, "ALIAS");
	assert_null(key_by_name("Nothing"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_comes_back), cmocka_unit_test(every_fallback_is_sound),
		cmocka_unit_test(every_row_resets),     cmocka_unit_test(every_row_is_well_formed),
		cmocka_unit_test(finds_by_section),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
