#include "processes.h"

static bool
has(const pid_t *pids, size_t count, pid_t pid)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		n += pids[i] == pid;
	}
	assert_true(n < 2);
	return n == 1;
}

static void
everybody_is_listed_in_order(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	autofree pid_t *pids = NULL;
	autofree pid_t *later = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(proc_list(&pids, &count), 0);
	assert_true(has(pids, count, getpid()));
	assert_true(has(pids, count, pid));
	for (size_t i = 1; i < count; i++) {
		assert_true(pids[i - 1] < pids[i]);
	}
	processes_end(pid);
	assert_int_equal(proc_list(&later, &count), 0);
	assert_false(has(later, count, pid));
}

static void
have_a_child(void *context)
{
	int *made = context;
	pid_t pid = fork();

	if (pid == 0) { /* its pid is told once it will end with its parent */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		pid = getpid();
		(void)fd_write_all(made[1], &pid, sizeof(pid));
		for (;;) {
			(void)pause();
		}
	}
}

static void
children_are_found_and_grandchildren_not(void **state)
{
	autofree pid_t *pids = NULL;
	autofree pid_t *below = NULL;
	size_t count, count_below;
	int made[2];
	pid_t one, two, grandchild;

	(void)state;
	assert_int_equal(fd_pipe(made), 0);
	one = processes_start(have_a_child, made);
	two = processes_start(NULL, NULL);
	assert_int_equal(fd_read_all(made[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	assert_int_equal(proc_children(getpid(), &pids, &count), 0);
	assert_true(has(pids, count, one));
	assert_true(has(pids, count, two));
	assert_false(has(pids, count, grandchild));
	assert_int_equal(proc_children(one, &below, &count_below), 0);
	assert_int_equal(count_below, 1);
	assert_int_equal(below[0], grandchild);
	processes_end_both(one, grandchild);
	processes_end(two);
	(void)fd_close(made[0]);
	(void)fd_close(made[1]);
}

static void
who_is_gone_has_no_children(void **state)
{
	pid_t *pids = NULL;
	size_t count = 7;

	(void)state;
	assert_int_equal(proc_children(INT32_MAX, &pids, &count), -ESRCH);
	assert_null(pids);
	assert_int_equal(count, 7);
}

static void
none_is_an_answer(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	autofree pid_t *pids = NULL;
	size_t count = 7;

	(void)state;
	assert_int_equal(proc_children(pid, &pids, &count), 0);
	assert_int_equal(count, 0);
	processes_end(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_is_listed_in_order),
		cmocka_unit_test(children_are_found_and_grandchildren_not),
		cmocka_unit_test(who_is_gone_has_no_children),
		cmocka_unit_test(none_is_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
