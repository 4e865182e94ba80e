#include "test.h"
#include "base/fd.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static bool
closes_on_exec(int fd)
{
	return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void
closing(void **state)
{
	int fd = fd_dup(STDERR_FILENO), taken;

	(void)state;
	assert_true(fd > 2);
	taken = fd_take(&fd);
	assert_int_equal(fd, -1);
	errno = EAGAIN;
	assert_int_equal(fd_close(taken), -1);
	assert_int_equal(errno, EAGAIN);
	assert_false(is_open(taken));
	assert_int_equal(fd_close(-1), -1);
	assert_false(fd_is_open(-1));
	assert_true(fd_is_open(0));
	{
		autoclose int scoped = fd_dup(STDERR_FILENO);

		taken = scoped;
	}
	assert_false(is_open(taken));
}

static void
a_failed_open_raises_to_its_reason(void **state)
{
	(void)state;
	assert_int_equal(fd_raise(open("/nowhere/at/all", O_RDONLY | O_CLOEXEC)), -ENOENT);
}

/* in a child, where 0 to 2 can be closed: 0 if nothing that is born lands there */
static int
born_low(void)
{
	int pair[2], fd;

	(void)close(0);
	(void)close(1);
	(void)close(2);
	if (fd_pair(SOCK_SEQPACKET, pair) < 0 || pair[0] < 3 || pair[1] < 3) {
		return 1;
	}
	if (!closes_on_exec(pair[0]) || !closes_on_exec(pair[1])) {
		return 2;
	}
	if (fd_pipe(pair) < 0 || pair[0] < 3 || pair[1] < 3) {
		return 3;
	}
	fd = fd_raise(open("/dev/null", O_RDONLY));
	if (fd < 3 || !closes_on_exec(fd) || is_open(0)) {
		return 4;
	}
	if (fd_memfd("x") < 3 || fd_pidfd(getpid()) < 3) {
		return 5;
	}
	return 0;
}

/* the limit is lowered to what is open: received descriptors do not fit, and that is told */
static int
cut_by_the_limit(void)
{
	struct rlimit limit = { 5, 5 };
	int fds[FD_PASS_MAX], pair[2];
	size_t count = 99;
	bool cut = false;
	char byte;

	for (int fd = 3; fd < 256; fd++) {
		(void)close(fd);
	}
	if (fd_pair(SOCK_SEQPACKET, pair) < 0 || pair[1] != 4) {
		return 1;
	}
	if (fd_send(pair[0], "x", 1, (int[]){ 0, 1 }, 2) < 0) {
		return 2;
	}
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (fd_receive(pair[1], &byte, 1, fds, FD_PASS_MAX, &count, &cut) != 1) {
		return 3;
	}
	return cut && count == 0 ? 0 : 4;
}

static int
in_child(int (*what)(void))
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		_exit(what());
	}
	(void)waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -status;
}

static void
nothing_is_born_below_three(void **state)
{
	(void)state;
	assert_int_equal(in_child(born_low), 0);
}

static void
flags(void **state)
{
	autoclose int fd = fd_dup(STDERR_FILENO);
	int pipe[2];

	(void)state;
	assert_int_equal(fd_set_inherited(fd, true), 0);
	assert_false(closes_on_exec(fd));
	assert_int_equal(fd_set_inherited(fd, false), 0);
	assert_true(closes_on_exec(fd));
	assert_int_equal(fd_pipe(pipe), 0);
	assert_int_equal(fcntl(pipe[0], F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fd_set_blocking(pipe[0], false), 0);
	assert_int_equal(fcntl(pipe[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fd_set_blocking(pipe[0], true), 0);
	assert_int_equal(fcntl(pipe[0], F_GETFL) & O_NONBLOCK, 0);
	(void)fd_close(pipe[0]);
	(void)fd_close(pipe[1]);
	assert_int_equal(fd_set_blocking(-1, true), -EBADF);
}

static void
a_sealed_memfd_stays_as_it_is(void **state)
{
	autoclose int fd = fd_memfd("plan");
	char text[8] = "";

	(void)state;
	assert_true(fd > 2);
	assert_int_equal(fd_write_all(fd, "abc", 3), 0);
	assert_int_equal(fd_seal(fd), 0);
	assert_int_equal(fd_write_all(fd, "d", 1), -EPERM);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "abc");
}

static void
datagrams_carry_descriptors(void **state)
{
	int pair[2], pipe[2], fds[FD_PASS_MAX];
	size_t count = 99;
	bool cut = true;
	char text[8] = "";

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(fd_pipe(pipe), 0);
	assert_int_equal(fd_receive(pair[1], text, sizeof(text), fds, 4, &count, &cut), -EAGAIN);
	assert_int_equal(count, 99);
	assert_int_equal(fd_send(pair[0], "hello", 5, pipe, 2), 0);
	assert_int_equal(fd_receive(pair[1], text, sizeof(text), fds, 4, &count, &cut), 5);
	assert_string_equal(text, "hello");
	assert_int_equal(count, 2);
	assert_false(cut);
	assert_true(closes_on_exec(fds[0]));
	assert_int_equal(fd_write_all(fds[1], "x", 1), 0);
	assert_int_equal(fd_read_all(pipe[0], text, 1), 1);
	assert_int_equal(text[0], 'x');
	(void)fd_close(fds[0]);
	(void)fd_close(fds[1]);

	assert_int_equal(fd_send(pair[0], "many", 4, pipe, 2), 0);
	assert_int_equal(fd_receive(pair[1], text, sizeof(text), fds, 1, &count, &cut), 4);
	assert_int_equal(count, 1); /* the other was closed */
	assert_false(is_open(fds[0] + 1));
	(void)fd_close(fds[0]);

	assert_int_equal(fd_send(pair[0], "too long", 8, pipe, 1), 0);
	assert_int_equal(fd_receive(pair[1], text, 4, fds, 4, &count, &cut), -EMSGSIZE);
	assert_false(is_open(fds[0]));
	assert_int_equal(fd_send(pair[0], "x", 1, fds, FD_PASS_MAX + 1), -EINVAL);

	pair[0] = fd_close(pair[0]);
	assert_int_equal(fd_receive(pair[1], text, sizeof(text), fds, 4, &count, &cut), 0);
	assert_int_equal(fd_send(pair[1], "x", 1, NULL, 0), -EPIPE); /* and no SIGPIPE */
	(void)fd_close(pair[1]);
	(void)fd_close(pipe[0]);
	(void)fd_close(pipe[1]);
}

static void
our_limit_is_told(void **state)
{
	(void)state;
	assert_int_equal(in_child(cut_by_the_limit), 0);
}

static void
a_full_socket_would_block(void **state)
{
	int pair[2], r = 0;

	(void)state;
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	assert_int_equal(fd_set_blocking(pair[0], true), 0);
	for (int i = 0; i < 100000 && r == 0; i++) {
		r = fd_send(pair[0], "0123456789", 10, NULL, 0);
	}
	assert_int_equal(r, -EAGAIN);
	(void)fd_close(pair[0]);
	(void)fd_close(pair[1]);
}

static void
pidfds(void **state)
{
	autoclose int pidfd = -1;
	pid_t child = fork();
	siginfo_t info = { 0 };

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		for (;;) {
			(void)pause();
		}
	}
	pidfd = fd_pidfd(child);
	assert_true(pidfd > 2);
	assert_false(fd_pidfd_dead(pidfd));
	assert_int_equal(fd_pidfd_signal(pidfd, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_true(fd_pidfd_dead(pidfd)); /* a zombie */
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(fd_pidfd_dead(pidfd));
	assert_int_equal(fd_pidfd_signal(pidfd, SIGTERM), -ESRCH);
	assert_int_equal(fd_pidfd(-5), -EINVAL);
}

static void
reading_is_short_at_the_end_only(void **state)
{
	int pipe[2];
	char text[8];

	(void)state;
	assert_int_equal(fd_pipe(pipe), 0);
	assert_int_equal(fd_write_all(pipe[1], "ab", 2), 0);
	assert_int_equal(fd_write_all(pipe[1], "cde", 3), 0);
	pipe[1] = fd_close(pipe[1]);
	assert_int_equal(fd_read_all(pipe[0], text, sizeof(text)), 5);
	assert_int_equal(fd_read_all(pipe[0], text, sizeof(text)), 0);
	assert_int_equal(fd_read_all(-1, text, sizeof(text)), -EBADF);
	(void)fd_close(pipe[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing),
		cmocka_unit_test(a_failed_open_raises_to_its_reason),
		cmocka_unit_test(nothing_is_born_below_three),
		cmocka_unit_test(flags),
		cmocka_unit_test(a_sealed_memfd_stays_as_it_is),
		cmocka_unit_test(datagrams_carry_descriptors),
		cmocka_unit_test(our_limit_is_told),
		cmocka_unit_test(a_full_socket_would_block),
		cmocka_unit_test(pidfds),
		cmocka_unit_test(reading_is_short_at_the_end_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
