/* world: a keeper of the test's own. The test program is its own executable: started with --role it
 * plays a manager that hands its end of the link to the test and waits to be killed, or a logger
 * that waits to be killed. So the test itself speaks to the keeper, and "the manager dies" is one
 * call.
 *
 * Roles report to a socket named by TEST_ROLES. Everything that is left when a test ends is killed:
 * the test is the subreaper of all of it. */
#pragma once
#include "test.h"
#include "base/clock.h"
#include "base/fd.h"
#include "keeper/keeper.h"
#include "launch/launch.h"
#include "base/path.h"
#include "link/link.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { WAIT_MS = 60000 };

struct world {
	char *directory;
	int listener;
	pid_t keeper, manager, logger;
	int link;
	struct frame frame; /* the last one received */
	int fds[FD_PASS_MAX];
	size_t count;
};

struct hello { /* of a role */
	char role;
	pid_t pid;
};

static char *no_arguments[] = { NULL };
static const int
	*by_manager; /* link, manager's and logger's end, above 199, of a keeper born that way */

/* ---- in the roles ---- */

static int
world_role(int argc, char **argv)
{
	struct hello hello = { .role = argv[2][0], .pid = getpid() };
	struct sockaddr_un address;
	socklen_t length;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), link = ROLE_FD_LINK, kept;
	sigset_t none;

	if (hello.role == 'k' && argc > 3 && strcmp(argv[3], "--probe") == 0) {
		const char *asked = getenv("TEST_PROBE");

		return asked ? (int)strtol(asked, NULL, 10) : keeper_probe();
	}
	if (hello.role == 'k') {
		struct keeper_start start = { KEEPER_UPGRADED, no_arguments };

		(void)close(fd);
		return keeper_run(&start);
	}
	if (file_socket_address(getenv("TEST_ROLES"), &address, &length, &kept) < 0 ||
	    connect(fd, (struct sockaddr *)&address, length) < 0) {
		return 99;
	}
	(void)fd_send(fd, &hello, sizeof(hello), &link, hello.role == 'm');
	if (hello.role == 'm' && getenv("TEST_MANAGER_ENDS")) {
		return 3;
	}
	(void)sigemptyset(&none); /* a logger is started with SIGTERM blocked */
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (;;) {
		(void)pause();
	}
}

/* ---- in the test ---- */

static inline void
wait_readable(int fd)
{
	struct pollfd what = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&what, 1, WAIT_MS), 1);
}

static inline struct world
world_new(void)
{
	struct world w = { .directory = test_dir(), .listener = -1, .link = -1 };
	autofree char *path = path_join(w.directory, "roles");
	struct sockaddr_un address;
	socklen_t length;
	int kept = -1;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(chmod(w.directory, 0755), 0);
	w.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(file_socket_address(path, &address, &length, &kept), 0);
	assert_int_equal(bind(w.listener, (struct sockaddr *)&address, length), 0);
	(void)fd_close(kept);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(listen(w.listener, 64), 0);
	(void)setenv("TEST_ROLES", path, 1);
	(void)unsetenv("TEST_PROBE");
	(void)unsetenv("TEST_MANAGER_ENDS");
	return w;
}

/* the next role that reports; its link end becomes ours when it is a manager */
static inline char
world_role_came(struct world *w)
{
	struct hello hello;
	int fds[1], fd;
	size_t count = 0;
	bool cut;

	wait_readable(w->listener);
	fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	wait_readable(fd);
	assert_int_equal(fd_receive(fd, &hello, sizeof(hello), fds, 1, &count, &cut),
			 sizeof(hello));
	(void)close(fd);
	if (hello.role == 'm') {
		assert_int_equal(count, 1);
		w->manager = hello.pid;
		w->link = fds[0];
	} else {
		w->logger = hello.pid;
	}
	return hello.role;
}

static inline void
world_keeper(struct world *w, enum keeper_birth birth, void (*prepare)(void))
{
	struct keeper_start start = { birth, no_arguments };
	int self = open("/proc/self/exe", O_PATH | O_CLOEXEC),
	    null = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_true(self >= 0 && null >= 0);
	(void)fflush(NULL);
	w->keeper = fork();
	assert_true(w->keeper >= 0);
	if (w->keeper == 0) {
		self = fcntl(self, F_DUPFD, 100);
		null = fcntl(null, F_DUPFD, 100);
		(void)close_range(3, 99, 0);
		if (birth == KEEPER_BY_MANAGER) {
			(void)dup2(by_manager[0], ROLE_FD_LINK);
			(void)dup2(by_manager[1], ROLE_FD_LOGGER);
			(void)dup2(by_manager[2], ROLE_FD_LOGGER_END);
		}
		(void)dup2(null, ROLE_FD_LOCK);
		(void)dup2(null, ROLE_FD_LISTEN);
		(void)dup2(self, ROLE_FD_EXECUTABLE);
		(void)close_range(100, ~0U, 0);
		if (prepare) {
			prepare();
		}
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that was killed leaves nothing */
		_exit(keeper_run(&start));
	}
	(void)close(self);
	(void)close(null);
}

static inline struct world
world_fresh(void (*prepare)(void))
{
	struct world w = world_new();

	world_keeper(&w, KEEPER_FRESH, prepare);
	(void)world_role_came(&w);
	(void)world_role_came(&w);
	assert_true(w.manager > 0 && w.logger > 0);
	return w;
}

static inline void
close_received(struct world *w)
{
	while (w->count > 0) {
		(void)close(w->fds[--w->count]);
	}
}

static inline void
world_done(struct world *w)
{
	close_received(w);
	w->link = fd_close(w->link);
	w->listener = fd_close(w->listener);
	test_dir_done(&w->directory);
}

/* Everything that descends from the test is gone afterwards: the teardown of every test, failed
 * ones too */
static inline int
world_sweep(void **state)
{
	autofree char *path = str_format("/proc/self/task/%d/children", getpid());
	bool any = true;

	(void)state;
	while (any) {
		autofree char *text = NULL;
		char *at;

		assert_int_equal(file_read_proc(AT_FDCWD, path, 1 << 20, &text, NULL), 0);
		at = text;
		any = false;
		for (long pid; (pid = strtol(at, &at, 10)) > 0;) {
			(void)kill((pid_t)pid, SIGKILL);
			(void)waitpid((pid_t)pid, NULL, 0);
			any = true;
		}
	}
	return 0;
}

static inline void
world_kill_manager(struct world *w)
{
	w->link = fd_close(w->link);
	assert_int_equal(kill(w->manager, SIGKILL), 0);
}

static inline void
say(struct world *w, struct frame frame, const int *fds, size_t count)
{
	struct pollfd what = { .fd = w->link, .events = POLLOUT };
	int r;

	while ((r = link_send(w->link, &frame, fds, count)) == -EAGAIN) {
		assert_int_equal(poll(&what, 1, WAIT_MS), 1);
	}
	assert_int_equal(r, 0);
}

static inline void
say_kind(struct world *w, uint32_t kind, uint64_t number)
{
	say(w,
	    (struct frame){ .kind = kind,
			    .number = number,
			    .value = kind == FRAME_HELLO ? LINK_VERSION : 0 },
	    NULL, 0);
}

/* the next frame into w->frame, whatever it is but LOGGER, which comes at a time of its own */
static inline uint32_t
hear_any(struct world *w, bool logger_too)
{
	bool cut;

	do {
		close_received(w);
		wait_readable(w->link);
		assert_int_equal(link_receive(w->link, &w->frame, w->fds, &w->count, &cut), 1);
		assert_false(cut);
	} while (w->frame.kind == FRAME_LOGGER && !logger_too);
	return w->frame.kind;
}

static inline void
hear(struct world *w, uint32_t kind, uint64_t number)
{
	assert_string_equal(frame_name(hear_any(w, false)), frame_name(kind));
	assert_int_equal(w->frame.number, number);
}

static inline int
take_received(struct world *w, size_t i)
{
	int fd = w->fds[i];

	assert_true(i < w->count);
	w->fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd;
}

static inline void
say_hello(struct world *w)
{
	say_kind(w, FRAME_HELLO, 0);
	hear(w, FRAME_HELLO, 0);
	assert_int_equal(w->frame.value, LINK_VERSION);
}

/* sh -c script; `passed` (or -1) is its descriptor 1; returns the read end of the error pipe */
static inline int
launch_script(struct world *w, uint64_t number, const char *script, int passed)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)(uintptr_t)script, NULL };
	struct plan plan;
	int error[2], fds[4];

	plan_init(&plan);
	plan_add(&plan, &(struct plan_step){ .op = PLAN_NULL, .target = 0 });
	if (passed >= 0) {
		plan_add(&plan, &(struct plan_step){ .op = PLAN_PASSED, .target = 1 });
	}
	plan_add(&plan, &(struct plan_step){ .op = PLAN_SESSION });
	plan_add_strings(&plan, PLAN_EXEC, "/bin/sh", argv);
	assert_int_equal(plan_pack(&plan, &fds[0]), 0);
	plan_done(&plan);
	assert_int_equal(fd_pipe(error), 0);
	fds[1] = error[1];
	fds[2] = error[0];
	fds[3] = passed;
	say(w, (struct frame){ .kind = FRAME_LAUNCH, .number = number }, fds, passed >= 0 ? 4 : 3);
	(void)close(fds[0]);
	(void)close(error[1]);
	return error[0];
}

static inline void
assert_ended(struct world *w, uint64_t number, int code, int status)
{
	hear(w, FRAME_EXITED, number);
	assert_int_equal(w->frame.exit.code, code);
	assert_int_equal(w->frame.exit.status, status);
	assert_true(w->frame.exit.at > 0);
}
