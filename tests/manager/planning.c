/* planning: the plan of a command, as data, and its environment. */
#include "staged.h"
#include <stdio.h>
#include <string.h>

static char *
show(struct member *m, enum part part, enum step step, struct err *err)
{
	struct plan plan;
	int input = -1;
	char *text;

	if (!planning_make(m, part, step, 0, &plan, &input, err)) {
		return NULL;
	}
	text = plan_show(&plan);
	plan_done(&plan);
	(void)fd_close(input);
	return text;
}

static struct member *
make(struct staged *s, const char *service)
{
	autofree char *text = str_format("[Service]\n%s\n", service);
	struct member *m = staged_member(s, "web@2", text);

	(void)snprintf(m->invocation, sizeof(m->invocation), "0123456789abcdef0123456789abcdef");
	return m;
}

static void
has(const char *text, const char *part)
{
	if (!strstr(text, part)) {
		fail_msg("'%s' is not in:\n%s", part, text);
	}
}

static void
has_not(const char *text, const char *part)
{
	if (strstr(text, part)) {
		fail_msg("'%s' is in:\n%s", part, text);
	}
}

static void
the_order_is_that_of_privileges(void **state)
{
	struct staged *s = staged_new();
	struct member *m = make(s, "ExecStart=/bin/echo a %i\nWorkingDirectory=/srv\nUMask=0077\n"
				   "UMask=0077\nNice=5\nLimitCORE=0\nNoNewPrivileges=yes");
	struct err err = { 0 };
	autofree char *text = show(m, PART_MAIN, STEP_START, &err);
	static const char *const order[] = { "session", "null",  "held",      "umask",
					     "nice",    "limit", "directory", "exec" };
	const char *at = text;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(order); i++) {
		const char *found = strcasestr(at, order[i]);

		if (!found) {
			fail_msg("%s does not follow in:\n%s", order[i], text);
			return;
		}
		at = found;
	}
	has(text, "/srv");
	has(text, "/bin/echo");
	staged_done(s);
}

static char **
environment(struct member *m, enum part part, enum step step)
{
	struct err err = { 0 };
	char **v = planning_environment(m, part, step, &err);

	if (!v) {
		fail_msg("%s", err.text);
	}
	return v;
}

static void
a_file_gets_a_clean_environment(void **state)
{
	struct staged *s = staged_new();
	struct member *m =
		make(s, "ExecStart=/bin/true\nEnvironment=A=1 \"B=two words\" C=%i\n"
			"UnsetEnvironment=B SHELL=/bin/sh\nPassEnvironment=TAKEN MISSING");
	char **v;

	(void)state;
	assert_int_equal(setenv("SECRET", "x", 1), 0);
	assert_int_equal(setenv("TAKEN", "over", 1), 0);
	v = environment(m, PART_MAIN, STEP_START);
	assert_null(strv_env_get(v, "SECRET"));
	assert_string_equal(strv_env_get(v, "TAKEN"), "over");
	assert_null(strv_env_get(v, "MISSING"));
	assert_string_equal(strv_env_get(v, "A"), "1");
	assert_null(strv_env_get(v, "B"));
	assert_string_equal(strv_env_get(v, "C"), "2");
	assert_string_equal(strv_env_get(v, "USER"), "somebody");
	assert_string_equal(strv_env_get(v, "HOME"), "/home/somebody");
	assert_null(strv_env_get(v, "SHELL"));
	assert_non_null(strv_env_get(v, "PATH"));
	assert_string_equal(strv_env_get(v, "INVOCATION_ID"), m->invocation);
	assert_string_equal(strv_env_get(v, "TEND_UNIT"), "web@2");
	assert_string_equal(strv_env_get(v, "TEND_INSTANCE"), "2");
	assert_string_equal(strv_env_get(v, "TEND_HOME"), s->directory);
	assert_null(strv_env_get(v, "NOTIFY_SOCKET"));
	strv_free(v);
	staged_done(s);
}

static void
a_transient_one_gets_the_shells(void **state)
{
	static const char shell[] =
		"PATH=/mine\0LANG=C\0NOTIFY_SOCKET=/other\0INVOCATION_ID=other\0"
		"TEND_INSTANCE=9\0no assignment\0EMPTY=\0";
	struct staged *s = staged_new();
	autofree char *path = str_format("%s/env", s->directory);
	autofree char *text = str_format("[Service]\nExecStart=/bin/true\nEnvironment=LANG=D\n"
					 "[X-Tend]\nEnvironmentFrom=%s\n",
					 path);
	struct member *m;
	char **v;

	(void)state;
	assert_int_equal(file_replace(AT_FDCWD, path, shell, sizeof(shell) - 1, 0600, false), 0);
	m = staged_member(s, "job", text);
	v = environment(m, PART_MAIN, STEP_START);
	assert_string_equal(strv_env_get(v, "PATH"), "/mine");
	assert_string_equal(strv_env_get(v, "LANG"), "D");
	assert_string_equal(strv_env_get(v, "EMPTY"), "");
	assert_null(strv_env_get(v, "NOTIFY_SOCKET"));
	assert_null(strv_env_get(v, "TEND_INSTANCE"));
	assert_string_equal(strv_env_get(v, "INVOCATION_ID"), "");
	assert_null(strv_env_get(v, "HOME"));
	strv_free(v);
	staged_done(s);
}

static void
files_and_results(void **state)
{
	static const char file[] = "# comment\nFROM_FILE='a b'\nA=file\n";
	struct staged *s = staged_new();
	autofree char *path = str_format("%s/file", s->directory);
	autofree char *text =
		str_format("ExecStart=/bin/true\nExecStopPost=/bin/true\nEnvironment=A=unit\n"
			   "EnvironmentFile=%s\nEnvironmentFile=-%s/missing\n"
			   "RuntimeDirectory=one two",
			   path, s->directory);
	struct member *m = make(s, text);
	struct err err = { 0 };
	char **v;

	(void)state;
	assert_null(planning_environment(m, PART_MAIN, STEP_START, &err));
	has(err.text, path);
	has(err.text, "No such file");
	assert_int_equal(file_replace(AT_FDCWD, path, file, sizeof(file) - 1, 0600, false), 0);
	m->service.why = WHY_SIGNAL;
	m->service.main_known = true;
	m->service.outcome = (struct outcome){ .known = true, .signalled = true, .value = 15 };
	v = environment(m, PART_CONTROL, STEP_STOP_POST);
	assert_string_equal(strv_env_get(v, "FROM_FILE"), "a b");
	assert_string_equal(strv_env_get(v, "A"), "file");
	assert_string_equal(strv_env_get(v, "SERVICE_RESULT"), "signal");
	assert_string_equal(strv_env_get(v, "EXIT_CODE"), "killed");
	assert_string_equal(strv_env_get(v, "EXIT_STATUS"), "TERM");
	assert_string_equal(strv_env_get(v, "RUNTIME_DIRECTORY"),
			    "/run/of/user/one:/run/of/user/two");
	strv_free(v);
	v = environment(m, PART_MAIN, STEP_START);
	assert_null(strv_env_get(v, "SERVICE_RESULT"));
	strv_free(v);
	staged_done(s);
}

static void
what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *service, *words;
	} rows[] = {
		{ "ExecStart=/bin/true\nUser=no-such-user-here", "user no-such-user-here" },
		{ "ExecStart=/bin/true\nGroup=no-such-group-here", "group no-such-group-here" },
		{ "ExecStart=no-such-program-here", "exec no-such-program-here" },
		{ "ExecStart=/bin/true\nRuntimeDirectory=a/../../b", "RuntimeDirectory" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct staged *s = staged_new();
		autofree char *text = str_format("[Service]\n%s\n", rows[i].service);
		struct unit *unit = unit_parse("web", text, strlen(text), NULL);
		struct err err = { 0 };
		autofree char *plan = NULL;

		if (unit->bad) { /* it was refused earlier */
			(void)unit_unref(unit);
		} else {
			plan = show(member_new(s->manager, "web", unit), PART_MAIN, STEP_START,
				    &err);
			assert_null(plan);
			assert_int_not_equal(err.text[0], 0);
			if (i < 3) {
				has(err.text, rows[i].words);
			}
		}
		staged_done(s);
	}
}

static void
outputs_go_where_they_are_asked(void **state)
{
	struct staged *s = staged_new();
	struct member *m =
		make(s, "ExecStart=/bin/true\nStandardInput=data\nStandardInputText=hello\n"
			"StandardOutput=append:/tmp/%i.out\nStandardError=journal");
	struct plan plan;
	struct err err = { 0 };
	char bytes[16];
	int input = -1;
	autofree char *text = NULL;

	(void)state;
	assert_true(planning_make(m, PART_MAIN, STEP_START, 0, &plan, &input, &err));
	assert_int_equal(read(input, bytes, sizeof(bytes)), 6);
	assert_memory_equal(bytes, "hello\n", 6);
	text = plan_show(&plan);
	has(text, "/tmp/2.out");
	has_not(text, "/dev/null");
	plan_done(&plan);
	(void)fd_close(input);
	assert_false(planning_make(m, PART_MAIN, STEP_START, 9, &plan, &input, &err));
	staged_done(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_is_that_of_privileges),
		cmocka_unit_test(a_file_gets_a_clean_environment),
		cmocka_unit_test(a_transient_one_gets_the_shells),
		cmocka_unit_test(files_and_results),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(outputs_go_where_they_are_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
