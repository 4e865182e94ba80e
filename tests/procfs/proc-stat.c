#include "processes.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

static void
name_itself(void *name)
{
	(void)prctl(PR_SET_NAME, name);
}

static void
names_may_hold_anything(void **state)
{
	static const char *const names[] = { "plain", "two words", "a) R 1 1 1",       "(((",
					     ")))",   "new\nline", "\xea\xb0\x80\xff", "",
					     " ",     ") Z 0 (" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		pid_t pid = processes_start(name_itself, (void *)(uintptr_t)names[i]);
		struct proc_stat stat;

		assert_int_equal(proc_stat(pid, &stat), 0);
		assert_string_equal(stat.comm, names[i]);
		assert_int_equal(stat.pid, pid);
		assert_int_equal(stat.ppid, getpid());
		assert_int_equal(stat.threads, 1);
		assert_true(stat.state == 'S' || stat.state == 'R');
		processes_end(pid);
	}
}

static void
lead_a_session(void *context)
{
	(void)context;
	(void)setsid();
	(void)!nice(5);
}

static void
numbers_are_those_of_the_process(void **state)
{
	pid_t pid = processes_start(lead_a_session, NULL);
	struct proc_stat stat, own;

	(void)state;
	assert_int_equal(proc_stat(pid, &stat), 0);
	assert_int_equal(proc_stat(getpid(), &own), 0);
	assert_int_equal(stat.pgid, pid);
	assert_int_equal(stat.sid, pid);
	assert_int_equal(stat.tty, 0);
	assert_int_equal(stat.tpgid, -1);
	assert_int_equal(stat.nice, own.nice + 5 > 19 ? 19 : own.nice + 5);
	assert_true(stat.flags & PROC_NOT_EXECED);
	assert_false(own.flags & PROC_KERNEL_THREAD);
	assert_true(stat.start >= own.start);
	assert_true(stat.rss > 0 && stat.rss % 4096 == 0);
	assert_int_equal(own.ppid, getppid());
	assert_int_equal(own.pgid, getpgrp());
	assert_int_equal(own.sid, getsid(0));
	processes_end(pid);
}

static void
an_executed_program_is_told_from_a_fork(void **state)
{
	char *argv[] = { (char[]){ "sleep" }, (char[]){ "1000" }, NULL };
	pid_t pid = processes_exec("/bin/sleep", argv, NULL);
	struct proc_stat stat;

	(void)state;
	assert_int_equal(proc_stat(pid, &stat), 0);
	assert_false(stat.flags & PROC_NOT_EXECED);
	assert_string_equal(stat.comm, "sleep");
	processes_end(pid);
}

static void
a_zombie_tells_how_it_ended(void **state)
{
	pid_t pid = fork();
	struct proc_stat stat;
	int status = -1, reaped;

	(void)state;
	if (pid == 0) {
		_exit(42);
	}
	processes_wait_zombie(pid);
	assert_int_equal(proc_stat(pid, &stat), 0);
	assert_int_equal(stat.state, 'Z');
	assert_int_equal(proc_stat_of_zombie(pid, stat.start, &status), 0);
	assert_int_equal(proc_stat_of_zombie(pid, stat.start + 1, &status), -ESRCH);
	assert_int_equal(waitpid(pid, &reaped, 0), pid);
	assert_int_equal(status, reaped);
	assert_int_equal(WEXITSTATUS(status), 42);
	assert_int_equal(proc_stat_of_zombie(pid, stat.start, &status), -ESRCH);
	assert_int_equal(proc_stat(pid, &stat), -ESRCH);
}

static void
a_killed_one_tells_its_signal(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	struct proc_stat stat;
	int status = -1;

	(void)state;
	assert_int_equal(proc_stat(pid, &stat), 0);
	assert_int_equal(proc_stat_of_zombie(pid, stat.start, &status), -EAGAIN);
	assert_int_equal(kill(pid, SIGKILL), 0);
	processes_wait_zombie(pid);
	assert_int_equal(proc_stat_of_zombie(pid, stat.start, &status), 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

struct question {
	pid_t pid;
	uint64_t start;
};

static int
ask_as_stranger(struct question question)
{
	int status = -1, r;

	if (setgid(65534) < 0 || setuid(65534) < 0) {
		return 100;
	}
	r = proc_stat_of_zombie(question.pid, question.start, &status);
	return r == -EPERM && status == -1 ? 0 : 1;
}

static void
a_stranger_is_not_told_zero(void **state)
{
	struct question question;
	struct proc_stat stat;
	int status = -1;
	pid_t asker;

	(void)state;
	if (geteuid() != 0) {
		skip();
	}
	question.pid = fork();
	if (question.pid == 0) {
		_exit(7);
	}
	processes_wait_zombie(question.pid);
	assert_int_equal(proc_stat(question.pid, &stat), 0);
	question.start = stat.start;
	asker = fork();
	if (asker == 0) {
		_exit(ask_as_stranger(question));
	}
	assert_int_equal(waitpid(asker, &status, 0), asker);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(question.pid, NULL, 0), question.pid);
}

static void *
wait_for_ever(void *context)
{
	(void)context;
	for (;;) {
		(void)pause();
	}
	return NULL;
}

static void
a_first_thread_that_ended_is_no_end(void **state)
{
	struct proc_stat stat = { .state = 'R' };
	int status = -1;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		pthread_t thread;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)pthread_create(&thread, NULL, wait_for_ever, NULL);
		pthread_exit(NULL);
	}
	while (stat.state !=
	       'Z') { /* nothing tells of the end of a thread; it comes within its next steps */
		assert_int_equal(proc_stat(pid, &stat), 0);
		(void)sched_yield();
	}
	assert_int_equal(stat.threads, 2);
	assert_int_equal(proc_stat_of_zombie(pid, stat.start, &status), -EAGAIN);
	processes_end(pid);
}

static void
who_is_not_there_is_told(void **state)
{
	struct proc_stat stat = { .pid = 7 };

	(void)state;
	assert_int_equal(proc_stat(INT32_MAX, &stat), -ESRCH);
	assert_int_equal(stat.pid, 7);
	assert_true(proc_is_there());
}

static void
states_have_words(void **state)
{
	(void)state;
	assert_string_equal(proc_state_word('R'), "running");
	assert_string_equal(proc_state_word('Z'), "zombie");
	assert_string_equal(proc_state_word('?'), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_may_hold_anything),
		cmocka_unit_test(numbers_are_those_of_the_process),
		cmocka_unit_test(an_executed_program_is_told_from_a_fork),
		cmocka_unit_test(a_zombie_tells_how_it_ended),
		cmocka_unit_test(a_killed_one_tells_its_signal),
		cmocka_unit_test(a_stranger_is_not_told_zero),
		cmocka_unit_test(a_first_thread_that_ended_is_no_end),
		cmocka_unit_test(who_is_not_there_is_told),
		cmocka_unit_test(states_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
