#include "processes.h"
#include "procfs/census.h"
#include <stdio.h>

static struct process *
look(struct census *census, pid_t pid, unsigned want)
{
	struct process *process;

	assert_int_equal(census_open(census), 0);
	process = census_add(census, pid, want);
	assert_non_null(process);
	return process;
}

static void
expect_command(char *const *argv, char *const *envp, const char *wanted, size_t length)
{
	pid_t pid = processes_exec("/bin/sleep", argv, envp);
	struct census census;
	struct process *process = look(&census, pid, CENSUS_COMMAND);

	assert_int_equal(process->command_length, length);
	assert_memory_equal(process->command, wanted, length);
	assert_int_equal(process->command[length], '\0');
	census_done(&census);
	processes_end(pid);
}

static void
a_command_line_is_whole_however_long(void **state)
{
	enum { LONG = 100 << 10 };
	char *long_one = malloc(LONG + 1), *wanted = malloc(2 * LONG + 16);
	char *argv[] = { (char[]){ "sleep" }, (char[]){ "1000" }, NULL, NULL, NULL };

	(void)state;
	expect_command(argv, NULL, "sleep 1000", 10);
	memset(long_one, '0', LONG); /* "000...0" is a number of seconds to sleep */
	long_one[LONG] = '\0';
	argv[2] = argv[3] = long_one;
	(void)snprintf(wanted, 2 * LONG + 16, "sleep 1000 %s %s", long_one, long_one);
	expect_command(argv, NULL, wanted, 12 + 2 * LONG);
	free(long_one);
	free(wanted);
}

static void
an_environment_of_megabytes_is_nobodys_business(void **state)
{
	enum { PIECE = 120 << 10, PIECES = 17 };
	char *argv[] = { (char[]){ "sleep" }, (char[]){ "1000" }, NULL };
	char *envp[PIECES + 1] = { NULL };

	(void)state;
	for (size_t i = 0; i < PIECES; i++) { /* 2 MB in all */
		envp[i] = malloc(PIECE + 1);
		memset(envp[i], 'x', PIECE);
		envp[i][1] = '=';
		envp[i][PIECE] = '\0';
	}
	expect_command(argv, envp, "sleep 1000", 10);
	for (size_t i = 0; i < PIECES; i++) {
		free(envp[i]);
	}
}

static void
who_has_none_has_none(void **state)
{
	pid_t pid = fork();
	struct process *process;
	struct census census;

	(void)state;
	if (pid == 0) {
		_exit(0);
	}
	processes_wait_zombie(pid);
	process = look(&census, pid, CENSUS_COMMAND | CENSUS_OWNER | CENSUS_STATUS | CENSUS_CLOCK);
	assert_int_equal(process->stat.state, 'Z');
	assert_null(process->command);
	assert_true(process->has & CENSUS_COMMAND);
	assert_int_equal(process->uid, geteuid());
	assert_int_equal(process->status->rss, 0);
	census_done(&census);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
lock_and_handle(void *context)
{
	(void)context;
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGUSR1, (void (*)(int))(uintptr_t)abort);
	if (setresuid(1, 2, 3) < 0) {
		_exit(1);
	}
}

static void
status_has_the_ids_and_the_signals(void **state)
{
	pid_t pid;
	struct process *process;
	struct census census;

	(void)state;
	if (geteuid() != 0) {
		print_message("# skip: needs root to become others\n");
		skip();
	}
	pid = processes_start(lock_and_handle, NULL);
	process = look(&census, pid, CENSUS_STATUS | CENSUS_OWNER);
	assert_int_equal(process->status->ruid, 1);
	assert_int_equal(process->status->euid, 2);
	assert_int_equal(process->status->suid, 3);
	assert_int_equal(process->uid, 2); /* though it may not be looked at otherwise */
	assert_true(process->status->ignored & 1ULL << (SIGHUP - 1));
	assert_true(process->status->caught & 1ULL << (SIGUSR1 - 1));
	census_done(&census);
	processes_end(pid);
}

static void
spin(void *context)
{
	(void)context;
	for (int64_t until = clock_now() + 30 * CLOCK_MS; clock_now() < until;) {
	}
}

static void
the_clock_counts_what_was_used(void **state)
{
	pid_t idle = processes_start(NULL, NULL), busy = processes_start(spin, NULL);
	struct census census;
	struct process *process = look(&census, idle, CENSUS_CLOCK);

	(void)state;
	assert_true(process->has & CENSUS_CLOCK);
	assert_true(process->cpu_ns > 0);
	process = census_add(&census, busy, CENSUS_CLOCK);
	/* it may have waited for the cpu, but it has looked at the clock again and again */
	assert_true(process->cpu_ns > census_find(&census, idle)->cpu_ns);
	census_done(&census);
	processes_end(idle);
	processes_end(busy);
}

static void
who_waits_is_told_where(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	struct census census;
	struct process *process = look(&census, pid, CENSUS_WCHAN);

	(void)state;
	assert_true(process->has & CENSUS_WCHAN);
	if (process->wchan) { /* a kernel may be built without */
		assert_true(process->wchan[0] != '\0' && process->wchan[0] != '0');
	}
	census_done(&census);
	processes_end(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_line_is_whole_however_long),
		cmocka_unit_test(an_environment_of_megabytes_is_nobodys_business),
		cmocka_unit_test(who_has_none_has_none),
		cmocka_unit_test(status_has_the_ids_and_the_signals),
		cmocka_unit_test(the_clock_counts_what_was_used),
		cmocka_unit_test(who_waits_is_told_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
