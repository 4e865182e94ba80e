#include "processes.h"
#include "procfs/census.h"
#include <pthread.h>

static void
take(struct census *census, unsigned want)
{
	assert_int_equal(census_open(census), 0);
	assert_int_equal(census_take(census, want), 0);
	census_link(census);
}

/* a child of its own, whose pid goes into the pipe */
static void
have_a_child(void *context)
{
	const int *made = context;
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
children_hang_below_their_parents(void **state)
{
	const struct process *own, *first, *second, *third;
	pid_t one, two, grandchild;
	struct census census;
	int made[2];

	(void)state;
	assert_int_equal(fd_pipe(made), 0);
	one = processes_start(have_a_child, made);
	two = processes_start(NULL, NULL);
	assert_int_equal(fd_read_all(made[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	take(&census, CENSUS_STAT);
	own = census_find(&census, getpid());
	first = census_find(&census, one);
	second = census_find(&census, two);
	third = census_find(&census, grandchild);
	assert_ptr_equal(first->parent, own);
	assert_ptr_equal(second->parent, own);
	assert_ptr_equal(third->parent, first);
	assert_ptr_equal(own->child, one < two ? first : second);
	assert_ptr_equal(own->child->next, one < two ? second : first);
	assert_ptr_equal(first->child, third);
	assert_null(third->next);
	assert_true(census_is_below(third, own));
	assert_true(census_is_below(own, own));
	assert_false(census_is_below(own, third));
	assert_false(third->orphan);
	census_done(&census);
	processes_end_both(one, grandchild);
	processes_end(two);
	(void)fd_close(made[0]);
	(void)fd_close(made[1]);
}

/* each of two begins a session, has a child and leaves it alone; the second child begins another */
static void
orphan_one(void *context)
{
	const int *made = context;
	pid_t pid;

	(void)setsid();
	pid = fork();
	if (pid == 0) {
		pid_t own = getpid();

		if (made[2]) {
			(void)setsid();
		}
		(void)fd_write_all(made[1], &own, sizeof(own));
		for (;;) {
			(void)pause();
		}
	}
}

static void
an_orphan_is_told_from_a_daemon(void **state)
{
	int made[3];

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(fd_pipe(made), 0);
	for (made[2] = 0; made[2] <= 1; made[2]++) {
		pid_t parent = processes_start(orphan_one, made), pid;
		struct census census;
		const struct process *process;

		assert_int_equal(fd_read_all(made[0], &pid, sizeof(pid)), sizeof(pid));
		processes_end(parent);
		take(&census, CENSUS_STAT);
		process = census_find(&census, pid);
		assert_int_equal(process->stat.ppid, getpid());
		assert_int_equal(process->orphan, !made[2]);
		census_done(&census);
		processes_end(pid);
	}
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	(void)fd_close(made[0]);
	(void)fd_close(made[1]);
}

static void
a_parent_that_is_younger_is_none(void **state)
{
	pid_t pid = processes_start(NULL, NULL);
	struct process *own, *child;
	struct census census;

	(void)state;
	take(&census, CENSUS_STAT);
	own = census_find(&census, getpid());
	child = census_find(&census, pid);
	own->stat.start = child->stat.start + 1;
	census_link(&census);
	assert_null(child->parent);
	/* two that seem each other's parents, of the same tick: no circle */
	own->stat.start = child->stat.start;
	own->stat.ppid = pid;
	census_link(&census);
	assert_true((own->parent == child) != (child->parent == own));
	census_done(&census);
	processes_end(pid);
}

static void
spin(void *context)
{
	if (fork() == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
		}
	}
	(void)context;
}

static void
shares_are_of_the_time_between(void **state)
{
	pid_t idle = processes_start(NULL, NULL), parent = processes_start(spin, NULL);
	struct process *busy, *quiet;
	double share = 0;
	struct census census;

	(void)state;
	take(&census, CENSUS_CLOCK);
	busy = census_find(&census, parent)->child;
	quiet = census_find(&census, idle);
	assert_non_null(busy);
	assert_true(busy->share < 0);
	for (int64_t until = clock_now() + 60 * CLOCK_S; share < 0.05 && clock_now() < until;) {
		census_clock(&census); /* until it has had the cpu */
		share = MAX(share, busy->share);
	}
	assert_true(share >= 0.05 && share <= 1);
	assert_true(quiet->share >= 0 && quiet->share <= 1);
	census_done(&census);
	processes_end(idle);
	processes_end(parent);
}

static void
a_later_census_knows_the_earlier(void **state)
{
	char *argv[] = { (char[]){ "sleep" }, (char[]){ "1000" }, NULL };
	pid_t pid = processes_exec("/bin/sleep", argv, NULL), other;
	struct census before, now;

	(void)state;
	take(&before, CENSUS_COMMAND);
	other = processes_start(NULL, NULL);
	take(&now, CENSUS_STAT);
	census_since(&now, &before);
	assert_string_equal(census_find(&now, pid)->command, "sleep 1000");
	assert_null(census_find(&before, pid)->command);
	assert_true(census_find(&now, pid)->share >= 0);
	assert_true(census_find(&now, other)->share < 0);
	census_done(&before);
	census_done(&now);
	processes_end(pid);
	processes_end(other);
}

static void *
wait_named(void *context)
{
	(void)pthread_setname_np(pthread_self(), "a (thread)");
	(void)fd_write_all(((const int *)context)[1], "x", 1);
	for (;;) {
		(void)pause();
	}
	return NULL;
}

static void
have_a_thread(void *context)
{
	pthread_t thread;
	char byte;

	(void)pthread_create(&thread, NULL, wait_named, context);
	(void)fd_read_all(((const int *)context)[0], &byte, 1);
}

static void
threads_have_names(void **state)
{
	struct process *process;
	struct census census;
	int ready[2];
	pid_t pid;

	(void)state;
	assert_int_equal(fd_pipe(ready), 0);
	pid = processes_start(have_a_thread, ready);
	take(&census, CENSUS_STAT);
	process = census_find(&census, pid);
	census_threads(&census, process);
	assert_int_equal(process->thread_count, 2);
	assert_int_equal(process->threads[0].tid, pid);
	assert_string_equal(process->threads[1].comm, "a (thread)");
	census_threads(&census, process);
	assert_int_equal(process->thread_count, 2);
	census_done(&census);
	processes_end(pid);
	(void)fd_close(ready[0]);
	(void)fd_close(ready[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_hang_below_their_parents),
		cmocka_unit_test(an_orphan_is_told_from_a_daemon),
		cmocka_unit_test(a_parent_that_is_younger_is_none),
		cmocka_unit_test(shares_are_of_the_time_between),
		cmocka_unit_test(a_later_census_knows_the_earlier),
		cmocka_unit_test(threads_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
