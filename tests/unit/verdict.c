#include "parsed.h"
#include <stdio.h>

static size_t
verdicts(const char *lines, bool root, bool oom, char *ret_keys, size_t size)
{
	struct unit *unit = service(lines);
	struct verdict_host host = { .root = root, .oom = oom };
	struct list notices; /* notice.link */
	size_t count;

	list_init(&notices);
	count = verdict_list(unit, &host, &notices);
	ret_keys[0] = '\0';
	LIST_EACH(notice, &notices, struct notice, link) {
		size_t n = strlen(ret_keys);

		(void)snprintf(ret_keys + n, size - n, "%s:%u:%d ", notice->key, notice->line,
			       (int)notice->kind);
		assert_string_equal(notice->file, "/etc/tend/web.service");
		assert_null(notice_free(notice));
	}
	assert_null(unit_unref(unit));
	return count;
}

static void
says_what_is_not_simply_honoured(void **state)
{
	const char *lines = "User=web\nMemoryMax=1G\nOOMPolicy=kill\nNice=-1\nNice=-2\n"
			    "OOMScoreAdjust=5\nSyslogLevel=info\nRestart=always\nUser=other";
	char keys[256];

	(void)state;
	assert_int_equal(verdicts(lines, false, false, keys, sizeof(keys)), 5);
	assert_string_equal(keys,
			    "User:11:4 MemoryMax:4:2 OOMPolicy:5:3 Nice:7:4 SyslogLevel:9:3 ");
	assert_int_equal(verdicts(lines, true, true, keys, sizeof(keys)), 2);
	assert_string_equal(keys, "MemoryMax:4:2 SyslogLevel:9:3 ");
	assert_int_equal(
		verdicts("Restart=always\nUser=a\nUser=", false, false, keys, sizeof(keys)), 0);
}

static void
says_what_a_hard_limit_lowers(void **state)
{
	const char *text = "[Service]\nExecStart=/bin/true\nLimitNOFILE=100:2000\nLimitCORE=0\n";
	struct unit *unit = unit_parse("a", text, strlen(text), "/a");
	struct verdict_host host = { .bound = true };
	struct list notices;
	size_t count;

	(void)state;
	list_init(&notices);
	host.hard[RLIMIT_NOFILE] = 2000;
	assert_int_equal(verdict_list(unit, &host, &notices), 0);
	host.hard[RLIMIT_NOFILE] = 1000;
	count = verdict_list(unit, &host, &notices);
	LIST_EACH(notice, &notices, struct notice, link) {
		assert_string_equal(notice->key, "LimitNOFILE");
		assert_non_null(strstr(notice->text, "1000 at most"));
		list_remove(&notice->link);
		(void)notice_free(notice);
	}
	assert_int_equal(count, 1);
	host.bound = false;
	assert_int_equal(verdict_list(unit, &host, &notices), 0);
	(void)unit_unref(unit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(says_what_is_not_simply_honoured),
					    cmocka_unit_test(says_what_a_hard_limit_lowers) };

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
