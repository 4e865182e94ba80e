/* config: tend.conf gives what units do not, and what is wrong in it is said with its line. */
#include "parsed.h"
#include "base/clock.h"
#include "test.h"

static struct unit *
load(const char *text)
{
	autofree char *directory = test_dir(), *path = str_format("%s/tend.conf", directory);
	struct unit *config;

	assert_int_equal(file_replace(AT_FDCWD, path, text, strlen(text), 0600, false), 0);
	config = config_load(path);
	assert_int_equal(file_remove_tree(AT_FDCWD, directory), 0);
	return config;
}

static void
nothing_is_the_fallbacks(void **state)
{
	struct unit *config = config_load("/nonexistent/tend.conf");

	(void)state;
	assert_true(list_is_empty(&config->notices));
	assert_int_equal(config->log_max_size, 64 << 20);
	assert_int_equal(config->log_total_size, 4ULL << 30);
	assert_int_equal(config->log_reserve, 256 << 20);
	(void)unit_unref(config);
}

static void
units_come_first(void **state)
{
	struct unit *config = load("# ours\n[Log]\nLogMaxSize=1M\nLogKeep=2d\nLogFull=block\n"
				   "LogTotalSize=10M\nLogReserve=0\n");
	struct unit *unit = parsed("[Service]\nExecStart=/bin/true\n[X-Tend]\nLogMaxSize=2M\n");

	(void)state;
	assert_true(list_is_empty(&config->notices));
	assert_int_equal(config->log_total_size, 10 << 20);
	assert_int_equal(config->log_reserve, 0);
	assert_int_equal(config_of(config, unit, "LogMaxSize")->log_max_size, 2 << 20);
	assert_int_equal(config_of(config, unit, "LogKeep")->log_keep, 2 * 86400 * CLOCK_S);
	assert_int_equal(config_of(config, unit, "LogFull")->log_full, LOGFULL_BLOCK);
	assert_int_equal(config_of(config, unit, "LogSegmentSize")->log_segment_size, 8 << 20);
	(void)unit_unref(unit);
	(void)unit_unref(config);
}

static void
bad_lines_are_said(void **state)
{
	static const struct {
		unsigned line;
		const char *words;
	} wanted[] = {
		{ 1, "[Service] is no section of tend.conf" },
		{ 4, "'many' is no size" },
		{ 5, "did you mean LogKeep=?" },
		{ 6, "belongs in a unit's file" },
		{ 7, "'0644' is none of 0600 0640" },
		{ 8, "not of the form Key=value" },
	};
	struct unit *config = load("[Service]\nRestart=always\n[Log]\nLogTotalSize=many\n"
				   "LogKepp=1d\nRestart=no\nLogMode=0644\nnonsense\n");
	size_t n = 0;

	(void)state;
	LIST_EACH(notice, &config->notices, struct notice, link) {
		assert_true(n < COUNT(wanted));
		assert_int_equal(notice->line, wanted[n].line);
		assert_non_null(strstr(notice->text, wanted[n].words));
		assert_true(str_ends(notice->file, "/tend.conf"));
		n++;
	}
	assert_int_equal(n, COUNT(wanted));
	assert_int_equal(config->log_total_size, 4ULL << 30);
	(void)unit_unref(config);
}

static void
not_in_a_unit(void **state)
{
	struct unit *unit = parsed("[X-Tend]\nLogTotalSize=1G\n");
	struct notice *notice = LIST_FIRST(&unit->notices, struct notice, link);

	(void)state;
	assert_non_null(notice);
	assert_non_null(strstr(notice->text, "[Log] of tend.conf"));
	(void)unit_unref(unit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_the_fallbacks),
		cmocka_unit_test(units_come_first),
		cmocka_unit_test(bad_lines_are_said),
		cmocka_unit_test(not_in_a_unit),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
