#include "processes.h"

static int kept_open = -1;

static pid_t
run_sleep(char *const *arguments, char *const *environment)
{
	autodone(strv) char **argv = NULL;

	strv_add(&argv, "sleep");
	strv_add(&argv, "1000");
	for (; arguments && *arguments; arguments++) {
		strv_add(&argv, *arguments);
	}
	return processes_exec("/bin/sleep", argv, environment);
}

static void
expect_command(pid_t pid, const char *wanted)
{
	autofree char *command = proc_command(pid);

	assert_non_null(command);
	assert_string_equal(command, wanted);
}

/* a shell that waits for a line that never comes, with odd arguments */
static pid_t
run_odd(char *const *argv)
{
	int silent[2], old = fd_dup(0);
	pid_t pid;

	assert_int_equal(fd_pipe(silent), 0);
	assert_int_equal(dup2(silent[0], 0), 0);
	pid = processes_exec("/bin/sh", argv, NULL);
	if (fd_is_open(old)) {
		assert_int_equal(dup2(old, 0), 0);
	} else {
		(void)close(0);
	}
	(void)fd_close(old);
	(void)fd_close(silent[0]);
	kept_open = silent[1];
	return pid;
}

static void
commands_are_one_line(void **state)
{
	autodone(strv) char **argv = NULL;
	autodone(strv) char **seen = NULL;
	pid_t plain = run_sleep(NULL, NULL), odd;

	(void)state;
	strv_add(&argv, "my \x1b[31mshell");
	strv_add(&argv, "-c");
	strv_add(&argv, "read -r line");
	strv_add(&argv, "");
	strv_add(&argv, "a\tb\xea\xb0\x80");
	strv_add(&argv, "");
	odd = run_odd(argv);
	expect_command(plain, "sleep 1000");
	expect_command(odd, "my ?[31mshell -c read -r line  a?b\xea\xb0\x80");
	seen = proc_argv(odd);
	assert_true(strv_equal(argv, seen));
	processes_end(plain);
	processes_end(odd);
	kept_open = fd_close(kept_open);
}

static void
without_a_command_there_is_the_name(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		(void)prctl(PR_SET_NAME, "odd\nname");
		_exit(0);
	}
	processes_wait_zombie(pid);
	expect_command(pid, "[odd?name]");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_null(proc_command(pid));
	assert_null(proc_argv(pid));
}

static void
long_commands_are_cut(void **state)
{
	autodone(strv) char **numbers = NULL;
	autofree char *command = NULL;
	autodone(strv) char **argv = NULL;
	pid_t pid;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		strv_add(&numbers, "12345");
	}
	pid = run_sleep(numbers, NULL);
	command = proc_command(pid);
	assert_in_range(strlen(command), 4000, 4096);
	assert_memory_equal(command, "sleep 1000 12345 12345", 22);
	argv = proc_argv(pid);
	assert_int_equal(strv_length(argv), 20002);
	processes_end(pid);
}

static void
environments_are_searched_for_whole_entries(void **state)
{
	autodone(strv) char **environment = NULL;
	autofree char *large = malloc(100001);
	pid_t pid;

	(void)state;
	memset(large, 'x', 100000);
	large[100000] = '\0';
	strv_add(&environment, "FIRST=1");
	strv_add(&environment, "ID=abc");
	strv_add(&environment, large);
	strv_add(&environment, "xID=no");
	strv_add(&environment, "");
	strv_add(&environment, "LAST=end");
	pid = run_sleep(NULL, environment);
	assert_int_equal(proc_environ_has(pid, "FIRST=1"), 1);
	assert_int_equal(proc_environ_has(pid, "ID=abc"), 1);
	assert_int_equal(proc_environ_has(pid, "LAST=end"), 1);
	assert_int_equal(proc_environ_has(pid, large), 1);
	assert_int_equal(proc_environ_has(pid, "ID=ab"), 0);
	assert_int_equal(proc_environ_has(pid, "ID=abcd"), 0);
	assert_int_equal(proc_environ_has(pid, "D=abc"), 0);
	assert_int_equal(proc_environ_has(pid, "ID=no"), 0);
	assert_int_equal(proc_environ_has(pid, "AST=end"), 0);
	processes_end(pid);
	assert_int_equal(proc_environ_has(pid, "ID=abc"), -ESRCH);
}

static void
others_environments_are_not_to_be_seen(void **state)
{
	pid_t pid = processes_start(NULL, NULL), asker;
	int status = -1;

	(void)state;
	if (geteuid() != 0) {
		processes_end(pid);
		skip();
	}
	asker = fork();
	if (asker == 0) {
		bool good = setgid(65534) == 0 && setuid(65534) == 0;

		_exit(!good || proc_environ_has(pid, "A=b") != -EPERM || proc_cwd(pid));
	}
	assert_int_equal(waitpid(asker, &status, 0), asker);
	assert_int_equal(status, 0);
	processes_end(pid);
}

static void
become_nobody(void *directory)
{
	(void)!chdir(directory);
	if (geteuid() == 0) {
		(void)!setgid(65534);
		(void)!setuid(65534);
	}
}

static void
users_and_directories_are_told(void **state)
{
	autofree char *directory = test_dir(), *seen = NULL, *wanted = NULL;
	pid_t pid = processes_start(become_nobody, directory);
	uid_t uid = 7;

	(void)state;
	assert_int_equal(proc_uid(pid, &uid), 0);
	assert_int_equal(uid, geteuid() == 0 ? 65534 : geteuid());
	seen = proc_cwd(pid);
	wanted = realpath(directory, NULL);
	assert_string_equal(seen, wanted);
	processes_end(pid);
	assert_int_equal(proc_uid(pid, &uid), -ESRCH);
	assert_null(proc_cwd(pid));
	assert_int_equal(file_remove_tree(AT_FDCWD, directory), 0);
}

static void
memory_is_told(void **state)
{
	uint64_t pss = proc_pss(getpid());

	(void)state;
	assert_int_equal(proc_pss(INT32_MAX), 0);
	if (pss != 0) { /* the kernel may be built without it */
		assert_true(pss > 4096 && pss < proc_memory_total());
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_one_line),
		cmocka_unit_test(without_a_command_there_is_the_name),
		cmocka_unit_test(long_commands_are_cut),
		cmocka_unit_test(environments_are_searched_for_whole_entries),
		cmocka_unit_test(others_environments_are_not_to_be_seen),
		cmocka_unit_test(users_and_directories_are_told),
		cmocka_unit_test(memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
