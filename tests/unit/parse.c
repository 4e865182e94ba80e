#include "parsed.h"

static void
follows_systemd_syntax(void **state)
{
	struct unit *unit = parsed("\xef\xbb\xbf# comment\n; another\n\n"
				   "[Unit]\r\n"
				   "  Description  =  first \\\n"
				   "# inside\n"
				   "   ; inside too\n"
				   "\tsecond  \n"
				   "[Service]\n"
				   "ExecStart=/bin/a \\\n"
				   "    b \\\n"
				   "    c\n"
				   "Environment=A=1\n"
				   "Environment=\n"
				   "Environment=B=2=3 # no comment\n"
				   "[Service]\n"
				   "Restart=always\n"
				   "[Unit]\n"
				   "After=x");

	(void)state;
	assert_string_equal(unit->description, "first  second");
	assert_words(unit->exec_start.list[0].argv, "/bin/a|b|c");
	assert_words(unit->after, "x");
	assert_int_equal(unit->restart, RESTART_ALWAYS);
	assert_words(unit->environment, "B=2=3");
	assert_int_equal(notices_count(unit), 1); /* "#", "no", "comment" are no assignments */
	assert_null(unit->bad);
	assert_null(unit_unref(unit));
}

static void
a_doubled_backslash_does_not_continue(void **state)
{
	struct unit *unit =
		parsed("[Unit]\nDescription=a\\\\\nAfter=b\n[Service]\nExecStart=/c \\");

	(void)state;
	assert_string_equal(unit->description, "a\\\\");
	assert_words(unit->after, "b");
	assert_words(unit->exec_start.list[0].argv, "/c");
	assert_null(unit_unref(unit));
}

static void
skips_other_sections(void **state)
{
	struct unit *unit =
		parsed("[Socket]\nListenStream=80\n[X-Other]\nNice=1\nnonsense\n"
		       "[Timer]\nFoo=1\n[Service]\nExecStart=/a\nX-Mine=1\n"
		       "[X-Tend]\nInstances=3\n[Install]\nWantedBy=multi-user.target\n");

	(void)state;
	assert_int_equal(notices_count(unit), 0);
	assert_int_equal(unit->instances, 3);
	assert_words(unit->wanted_by, "multi-user.target");
	assert_int_equal(unit->nice, unit_fallbacks()->nice);
	assert_null(unit_unref(unit));
}

static void
assert_notice(const char *text, enum notice_kind kind, unsigned line, const char *key,
	      const char *words)
{
	struct unit *unit = parsed(text);
	const struct notice *notice = notice_only(unit);

	assert_int_equal(notice->kind, kind);
	assert_int_equal(notice->line, line);
	assert_true(str_equal(notice->key, key));
	assert_string_equal(notice->text, words);
	assert_null(unit_unref(unit));
}

static void
names_what_it_does_not_know(void **state)
{
	(void)state;
	assert_notice("[Service]\nExecStrat=/a\n", NOTICE_UNKNOWN, 2, "ExecStrat",
		      "there is no such key in [Service]; did you mean ExecStart=?");
	assert_notice("[Service]\n\nFrobnicate \\\n=1\n", NOTICE_UNKNOWN, 3, "Frobnicate",
		      "there is no such key in [Service]");
	assert_notice("[Unit]\nRestart=always\n", NOTICE_UNKNOWN, 2, "Restart",
		      "this belongs in [Service], here it is ignored");
	assert_notice("[Servce]\nRestart=always\n", NOTICE_UNKNOWN, 1, NULL,
		      "[Servce] is no section of a service; it is skipped");
	assert_notice("Restart=always\n", NOTICE_BAD, 1, "Restart",
		      "this stands before the first [Section]; it is ignored");
	assert_notice("[Unit]\nhello\n", NOTICE_BAD, 2, NULL,
		      "this line is not of the form Key=value; it is ignored");
	assert_notice("[Unit]\n=hello\n", NOTICE_BAD, 2, NULL,
		      "this line is not of the form Key=value; it is ignored");
}

static void
assert_damaged(const char *text, size_t length, const char *bad)
{
	struct unit *unit = unit_parse("web", text, length, NULL);

	assert_int_equal(notice_only(unit)->kind, NOTICE_BAD);
	assert_null(notice_only(unit)->file);
	assert_string_equal(unit->bad, bad);
	unit_finish(unit);
	assert_string_equal(unit->bad, bad);
	assert_null(unit_unref(unit));
}

static void
a_damaged_file_is_bad(void **state)
{
	char *huge = str_format("[Service]\nExecStart=/a\nExecStop=/b %*s\n", LIMIT_LINE, "x");

	(void)state;
	assert_damaged("[Service]\nExecStart=/a \xff\n", 24, "web:2: this line is not valid UTF-8");
	assert_damaged("[Service]\nExecStart=/a\nUser=a\0b\n", 32,
		       "web:3: this line has a NUL byte in it");
	assert_damaged("[Service\nExecStart=/a\n", 22,
		       "web:1: this section's name has no closing bracket");
	assert_damaged(huge, strlen(huge), "web:3: this line is too long");
	free(huge);
}

static void
a_thousand_faults_are_not_all_told(void **state)
{
	struct buf text;
	struct unit *unit;

	(void)state;
	buf_init(&text, LIMIT_UNIT_FILE);
	assert_true(buf_add_str(&text, "[Service]\nExecStart=/a\n"));
	while (buf_add_str(&text, "a=\n")) {
	}
	unit = parsed(buf_str(&text));
	assert_int_equal(notices_count(unit), 100);
	assert_null(unit->bad);
	assert_null(unit_unref(unit));
	buf_done(&text);
}

static void
what_matters_makes_it_bad(void **state)
{
	static const struct {
		const char *line;
		bool bad;
	} rows[] = {
		{ "User=%Z", true },         { "WorkingDirectory=x", true },
		{ "RootDirectory=x", true }, { "Nice=x", false },
		{ "Type=x", false },         { "TimeoutStopSec=x", false },
		{ "KillMode=x", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct unit *unit = service(rows[i].line);

		assert_int_equal(notice_only(unit)->kind, NOTICE_BAD);
		assert_int_equal(unit->bad != NULL, rows[i].bad);
		assert_null(unit_unref(unit));
	}
}

static void
unsupported_keys_are_known(void **state)
{
	struct unit *unit = service("MemoryMax=1G\nProtectSystem=strict\nStandardInputData=YQo=\n"
				    "[Unit]\nConditionPathExists=/x");

	(void)state;
	assert_int_equal(notices_count(unit), 0);
	assert_int_equal(unit->place_count, 5);
	assert_null(unit->bad);
	assert_null(unit_unref(unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_systemd_syntax),
		cmocka_unit_test(a_doubled_backslash_does_not_continue),
		cmocka_unit_test(skips_other_sections),
		cmocka_unit_test(names_what_it_does_not_know),
		cmocka_unit_test(a_damaged_file_is_bad),
		cmocka_unit_test(a_thousand_faults_are_not_all_told),
		cmocka_unit_test(what_matters_makes_it_bad),
		cmocka_unit_test(unsupported_keys_are_known),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
