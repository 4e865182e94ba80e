#include "test.h"
#include "base/check.h"
#include "base/fd.h"
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void
what_holds_is_silent(void **state)
{
	(void)state;
	CHECK(1 + 1 == 2);
}

static void
what_does_not_says_where_and_aborts(void **state)
{
	int pipe[2], status = 0;
	char said[256] = "";
	pid_t child;

	(void)state;
	assert_int_equal(fd_pipe(pipe), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit none = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGABRT, SIG_DFL);
		(void)dup2(pipe[1], STDERR_FILENO);
		CHECK(1 + 1 == 3);
		_exit(0);
	}
	(void)fd_close(pipe[1]);
	assert_true(fd_read_all(pipe[0], said, sizeof(said) - 1) > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(said, "tests/base/check.c:"));
	assert_non_null(strstr(said, "1 + 1 == 3"));
	(void)fd_close(pipe[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_is_silent),
		cmocka_unit_test(what_does_not_says_where_and_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
