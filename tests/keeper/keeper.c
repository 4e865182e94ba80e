#include "../keeper/world.h"

static const int none = -1;

static void
launch_exit_forget(void **state)
{
	struct world w = world_fresh(NULL);
	char said[LAUNCH_FAILED];
	int error;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	error = launch_script(&w, 5, "exit 7", none);
	hear(&w, FRAME_CHILD, 5);
	assert_true(w.frame.pid > 0 && w.frame.time > 0);
	assert_int_equal(w.frame.flags, CHILD_PIDFD | CHILD_ERROR_PIPE);
	assert_int_equal(w.count, 2);
	assert_ended(&w, 5, CLD_EXITED, 7);
	assert_int_equal(w.frame.exit.failure.op, 0);
	assert_true(w.frame.exit.peak_kib > 0);
	assert_int_equal(read(error, said, sizeof(said)), LAUNCH_REACHED);
	assert_int_equal(read(error, said, sizeof(said)), 0);
	(void)close(error);
	say_kind(&w, FRAME_LIST, 0);
	hear(&w, FRAME_CHILD, 5);
	assert_int_equal(w.frame.flags, CHILD_ERROR_PIPE);
	assert_ended(&w, 5, CLD_EXITED, 7);
	hear(&w, FRAME_LIST_END, 0);
	say_kind(&w, FRAME_FORGET, 5);
	say_kind(&w, FRAME_LIST, 0);
	hear(&w, FRAME_LIST_END, 0);
	world_done(&w);
}

static void
signals_are_not_codes(void **state)
{
	struct world w = world_fresh(NULL);

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	(void)close(launch_script(&w, 5, "kill -9 $$", none));
	hear(&w, FRAME_CHILD, 5);
	assert_ended(&w, 5, CLD_KILLED, SIGKILL);
	world_done(&w);
}

static void
failed_launch_says_why(void **state)
{
	struct world w = world_fresh(NULL);
	struct plan plan;
	char *argv[] = { (char *)"x", NULL }, words[200];
	int fds[3], error[2];
	struct launch_failure failure;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	plan_init(&plan);
	plan_add(&plan, &(struct plan_step){ .op = PLAN_DIRECTORY, .text = "/nowhere/at/all" });
	plan_add_strings(&plan, PLAN_EXEC, "/bin/true", argv);
	assert_int_equal(plan_pack(&plan, &fds[0]), 0);
	assert_int_equal(fd_pipe(error), 0);
	fds[1] = error[1];
	fds[2] = error[0];
	say(&w, (struct frame){ .kind = FRAME_LAUNCH, .number = 9 }, fds, 3);
	(void)close(fds[0]);
	(void)close(fds[1]);
	hear(&w, FRAME_CHILD, 9);
	assert_int_equal(fd_read_all(error[0], &failure, sizeof(failure)), sizeof(failure));
	assert_ended(&w, 9, CLD_EXITED, LAUNCH_FAILED_STATUS);
	assert_memory_equal(&w.frame.exit.failure, &failure, sizeof(failure));
	assert_string_equal(launch_words(&plan, &failure, words, sizeof(words)),
			    "chdir to /nowhere/at/all: No such file or directory");
	(void)close(error[0]);
	plan_done(&plan);
	world_done(&w);
}

static void
same_number_twice_is_one_child(void **state)
{
	struct world w = world_fresh(NULL);
	pid_t pid;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	(void)close(launch_script(&w, 5, "exec sleep 300", none));
	hear(&w, FRAME_CHILD, 5);
	pid = w.frame.pid;
	(void)close(launch_script(&w, 5, "exec sleep 300", none));
	hear(&w, FRAME_CHILD, 5);
	assert_int_equal(w.frame.pid, pid);
	say_kind(&w, FRAME_FORGET, 5); /* it lives: not forgotten */
	say_kind(&w, FRAME_LIST, 0);
	hear(&w, FRAME_CHILD, 5);
	hear(&w, FRAME_LIST_END, 0);
	world_done(&w);
}

/* a child that lives until the other end of its standard output is closed */
static int
launch_until_closed(struct world *w, uint64_t number, int status)
{
	autofree char *script =
		str_format("trap '' PIPE; while read x <&1; do :; done; exit %d", status);
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	(void)close(launch_script(w, number, script, pair[1]));
	(void)close(pair[1]);
	hear(w, FRAME_CHILD, number);
	return pair[0];
}

static void
exit_waits_for_the_next_manager(void **state)
{
	struct world w = world_fresh(NULL);
	int life;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	life = launch_until_closed(&w, 5, 42);
	world_kill_manager(&w);
	(void)close(life);
	assert_int_equal(world_role_came(&w), 'm');
	say_hello(&w);
	hear(&w, FRAME_CHILD, 5);
	if (hear_any(&w, false) == FRAME_LIST_END) { /* it had not ended yet */
		(void)hear_any(&w, false);
	}
	assert_int_equal(w.frame.kind, FRAME_EXITED);
	assert_int_equal(w.frame.exit.status, 42);
	world_done(&w);
}

static void
launch_in_flight_is_done(void **state)
{
	struct world w = world_fresh(NULL);

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	for (uint64_t i = 1; i <= 20; i++) {
		(void)close(launch_script(&w, i, "exec sleep 300", none));
	}
	world_kill_manager(&w);
	assert_int_equal(world_role_came(&w), 'm');
	say_hello(&w);
	for (uint64_t i = 1; i <= 20; i++) {
		hear(&w, FRAME_CHILD, i);
	}
	hear(&w, FRAME_LIST_END, 0);
	world_done(&w);
}

static void
manager_killed_again_and_again(void **state)
{
	struct world w = world_fresh(NULL);
	pid_t child;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	(void)close(launch_script(&w, 5, "exec sleep 300", none));
	hear(&w, FRAME_CHILD, 5);
	child = w.frame.pid;
	for (int i = 0; i < 8; i++) {
		world_kill_manager(&w);
		assert_int_equal(world_role_came(&w), 'm');
		say_hello(&w);
		hear(&w, FRAME_CHILD, 5);
		assert_int_equal(w.frame.pid, child);
		hear(&w, FRAME_LIST_END, 0);
	}
	world_done(&w);
}

static void
manager_that_ends_is_started_on_and_on(void **state)
{
	struct world w = world_new();
	int managers = 0;

	(void)state;
	(void)setenv("TEST_MANAGER_ENDS", "1", 1);
	world_keeper(&w, KEEPER_FRESH, NULL);
	while (managers < 9) {
		managers += world_role_came(&w) == 'm';
		w.link = fd_close(w.link);
	}
	world_done(&w);
}

static void
logger_is_started_again(void **state)
{
	struct world w = world_fresh(NULL);
	pid_t old = w.logger;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	assert_int_equal(kill(old, SIGKILL), 0);
	assert_int_equal(world_role_came(&w), 'l');
	assert_int_not_equal(w.logger, old);
	assert_int_equal(kill(old, 0), -1); /* reaped before the new one came */
	do {
		assert_int_equal(hear_any(&w, true), FRAME_LOGGER);
	} while (w.frame.value != w.logger);
	assert_int_equal(w.count, 1);
	world_done(&w);
}

static void
held_survive_the_manager(void **state)
{
	struct world w = world_fresh(NULL);
	int pipe_ends[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char got = 0;

	(void)state;
	assert_int_equal(fd_pipe(pipe_ends), 0);
	say(&w, (struct frame){ .kind = FRAME_HOLD, .number = HELD_KEY(1, HELD_LOG) }, &null, 1);
	say(&w, (struct frame){ .kind = FRAME_HOLD, .number = HELD_KEY(1, HELD_LOG) },
	    &pipe_ends[1], 1);
	say(&w, (struct frame){ .kind = FRAME_HOLD, .number = HELD_KEY(2, HELD_LOG) }, &null, 1);
	say(&w, (struct frame){ .kind = FRAME_HOLD, .number = HELD_KEY(2, HELD_NOTIFY) }, &null, 1);
	say(&w, (struct frame){ .kind = FRAME_HOLD, .number = HELD_KEY(3, HELD_LOG) }, &null, 1);
	(void)close(pipe_ends[1]);
	(void)close(null);
	say_kind(&w, FRAME_DROP_ALL, 2);
	say_kind(&w, FRAME_DROP, HELD_KEY(3, HELD_LOG));
	world_kill_manager(&w);
	assert_int_equal(world_role_came(&w), 'm');
	say_hello(&w);
	hear(&w, FRAME_HELD, HELD_KEY(1, HELD_LOG));
	assert_int_equal(w.count, 1);
	assert_int_equal(write(w.fds[0], "x", 1), 1);
	assert_int_equal(read(pipe_ends[0], &got, 1), 1);
	hear(&w, FRAME_LIST_END, 0);
	say_kind(&w, FRAME_DROP, HELD_KEY(1, HELD_LOG));
	assert_int_equal(read(pipe_ends[0], &got, 1), 0); /* nobody else has it */
	(void)close(pipe_ends[0]);
	world_done(&w);
}

static bool
has_only_roles(const struct world *w)
{
	autofree char *path = str_format("/proc/%d/task/%d/children", w->keeper, w->keeper);
	autofree char *text = NULL;
	char *at;
	int count = 0;

	assert_int_equal(file_read_proc(AT_FDCWD, path, 1 << 20, &text, NULL), 0);
	at = text;
	while (strtol(at, &at, 10) > 0) {
		count++;
	}
	return count == 2;
}

static void
orphans_are_reaped(void **state)
{
	struct world w = world_fresh(NULL);
	int pipe_ends[2];
	char got;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	(void)close(launch_script(
		&w, 5,
		"i=0; while [ $i -lt 1000 ]; do i=$((i+1)); (read x & exec true) & done; exit 1",
		pipe_ends[1]));
	(void)close(pipe_ends[1]);
	hear(&w, FRAME_CHILD, 5);
	assert_ended(&w, 5, CLD_EXITED, 1);
	wait_readable(pipe_ends[0]);
	assert_int_equal(read(pipe_ends[0], &got, 1), 0); /* the last one has closed it */
	(void)close(pipe_ends[0]);
	/* between its last close and its becoming a zombie there is no event to wait for */
	for (int64_t until = clock_now() + WAIT_MS * CLOCK_MS; !has_only_roles(&w);) {
		assert_true(clock_now() < until);
		(void)poll(NULL, 0, 5);
	}
	world_done(&w);
}

static void
be_another_user_with_few_processes(void)
{
	const struct rlimit few = { 3, 3 };
	const uid_t own =
		100000U + (unsigned)getpid(); /* the limit counts a user's processes anywhere */

	(void)setrlimit(RLIMIT_NPROC, &few);
	if (setresgid(own, own, own) < 0 || setresuid(own, own, own) < 0) {
		_exit(98);
	}
}

static void
no_process_left_is_refused(void **state)
{
	struct world w;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: needs root to become a user with a limit of its own\n");
		skip();
	}
	w = world_fresh(be_another_user_with_few_processes);
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	(void)close(launch_script(&w, 5, "exit 0", none));
	hear(&w, FRAME_REFUSED, 5);
	assert_int_equal(w.frame.error, EAGAIN);
	say_kind(&w, FRAME_LIST, 0);
	hear(&w, FRAME_LIST_END, 0);
	world_done(&w);
}

static void
allow_few_descriptors(void)
{
	const struct rlimit few = { 64, 64 };

	(void)setrlimit(RLIMIT_NOFILE, &few);
}

static void
no_descriptor_left_is_refused(void **state)
{
	struct world w = world_fresh(allow_few_descriptors);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	uint64_t held = 0, listed = 0;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	for (uint64_t i = 1; i <= 100; i++) {
		say(&w, (struct frame){ .kind = FRAME_HOLD, .number = i }, &null, 1);
	}
	(void)close(launch_script(&w, 5, "exit 0", none));
	while (hear_any(&w, false) == FRAME_NOT_HELD) {
		assert_int_equal(w.frame.error, EMFILE);
		held++;
	}
	assert_true(held > 40 && held < 100);
	held = 100 - held;
	assert_int_equal(w.frame.kind, FRAME_REFUSED);
	assert_int_equal(w.frame.error, EMFILE);
	/* and roles are started still */
	world_kill_manager(&w);
	assert_int_equal(world_role_came(&w), 'm');
	say_hello(&w);
	while (hear_any(&w, false) == FRAME_HELD) {
		listed++;
	}
	assert_int_equal(w.frame.kind, FRAME_LIST_END);
	assert_int_equal(listed, held);
	say_kind(&w, FRAME_DROP_ALL, 0);
	(void)close(launch_script(&w, 5, "exit 0", none));
	hear(&w, FRAME_CHILD, 5);
	(void)close(null);
	world_done(&w);
}

static void
slow_manager_misses_nothing(void **state)
{
	enum { MANY = 600 };
	struct world w = world_fresh(NULL);
	static bool came[MANY + 1], ended[MANY + 1];
	int children = 0, exits = 0;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	memset(came, 0, sizeof(came));
	memset(ended, 0, sizeof(ended));
	for (uint64_t i = 1; i <= MANY; i++) {
		(void)close(launch_script(&w, i, "exit 3", none));
	}
	while (exits < MANY) {
		uint32_t kind = hear_any(&w, false);

		assert_in_range(w.frame.number, 1, MANY);
		if (kind == FRAME_CHILD) {
			assert_false(came[w.frame.number]);
			came[w.frame.number] = true;
			children++;
		} else {
			assert_int_equal(kind, FRAME_EXITED);
			assert_int_equal(w.frame.exit.status, 3);
			assert_true(came[w.frame.number] && !ended[w.frame.number]);
			ended[w.frame.number] = true;
			exits++;
			say_kind(&w, FRAME_FORGET, w.frame.number);
		}
	}
	assert_int_equal(children, MANY);
	say_kind(&w, FRAME_LIST, 0);
	hear(&w, FRAME_LIST_END, 0);
	world_done(&w);
}

static void
nonsense_is_dropped(void **state)
{
	struct world w = world_fresh(NULL);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int many[] = { null, null, null };

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	assert_int_equal(fd_send(w.link, "garbage", 7, many, 3), 0);
	say(&w, (struct frame){ .kind = 4711 }, NULL, 0);
	say(&w, (struct frame){ .kind = FRAME_LAUNCH, .number = 1 }, NULL, 0);
	say(&w, (struct frame){ .kind = FRAME_HOLD, .number = 1 }, NULL, 0);
	say(&w, (struct frame){ .kind = FRAME_EXITED, .number = 1 }, NULL, 0);
	say(&w, (struct frame){ .kind = FRAME_FORGET, .number = 77 }, NULL, 0);
	say(&w, (struct frame){ .kind = FRAME_ADOPT_LOGGER, .value = 1 }, &null, 1);
	say(&w, (struct frame){ .kind = FRAME_LAUNCH, .number = 0 }, many, 3);
	hear(&w, FRAME_REFUSED, 0);
	assert_int_equal(w.frame.error, EINVAL);
	say(&w, (struct frame){ .kind = FRAME_LAUNCH, .number = 8, .flags = LAUNCH_CGROUP }, many,
	    3);
	hear(&w, FRAME_REFUSED, 8);
	say(&w, (struct frame){ .kind = FRAME_LAUNCH, .number = 9 }, many, 3); /* not a plan */
	hear(&w, FRAME_CHILD, 9);
	assert_ended(&w, 9, CLD_EXITED, LAUNCH_FAILED_STATUS);
	assert_int_equal(w.frame.exit.failure.op, PLAN_OP_COUNT + 1);
	say_kind(&w, FRAME_FORGET, 9);
	say_hello(&w);
	(void)close(null);
	world_done(&w);
}

static void
asked_to_end(void **state)
{
	struct world w = world_fresh(NULL);
	int status;

	(void)state;
	assert_int_equal(kill(w.keeper, SIGTERM), 0);
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	hear(&w, FRAME_ASKED_END, 0);
	world_kill_manager(&w); /* the next one hears it too */
	assert_int_equal(world_role_came(&w), 'm');
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	hear(&w, FRAME_ASKED_END, 0);
	say_kind(&w, FRAME_END, 0);
	assert_int_equal(kill(w.manager, SIGKILL), 0);
	assert_int_equal(waitpid(w.keeper, &status, 0), w.keeper);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(kill(w.logger, 0), -1);
	world_done(&w);
}

static void
own_cgroup(void **state)
{
	struct world w;
	autofree char *path = str_format("/sys/fs/cgroup/tend-test-%d", getpid());
	autofree char *unified = str_format("/sys/fs/cgroup/unified/tend-test-%d", getpid());
	const char *group = path, *at;
	autofree char *procs = NULL, *text = NULL;
	char *argv[] = { (char *)"sleep", (char *)"300", NULL };
	int fds[4], error[2];
	struct plan plan;

	(void)state;
	if (mkdir(unified, 0755) == 0) {
		group = unified;
	} else if (access("/sys/fs/cgroup/cgroup.procs", W_OK) != 0 || mkdir(path, 0755) < 0) {
		print_message("skipped: no cgroup v2 that can be written\n");
		skip();
	}
	w = world_fresh(NULL);
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	plan_init(&plan);
	plan_add_strings(&plan, PLAN_EXEC, "/bin/sleep", argv);
	assert_int_equal(plan_pack(&plan, &fds[0]), 0);
	plan_done(&plan);
	assert_int_equal(fd_pipe(error), 0);
	fds[1] = error[1];
	fds[2] = error[0];
	fds[3] = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	say(&w, (struct frame){ .kind = FRAME_LAUNCH, .number = 1, .flags = LAUNCH_CGROUP }, fds,
	    4);
	hear(&w, FRAME_CHILD, 1);
	procs = str_format("%s/cgroup.procs", group);
	assert_int_equal(file_read_proc(AT_FDCWD, procs, 4096, &text, NULL), 0);
	at = text;
	assert_int_equal(strtol(at, NULL, 10), w.frame.pid);
	for (int i = 0; i < 4; i++) {
		(void)close(fds[i]);
	}
	world_done(&w);
	(void)world_sweep(NULL);
	/* a reaped process has left its group */
	assert_int_equal(rmdir(group), 0);
}

static void
say_upgrade(struct world *w, const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	assert_true(fd >= 0);
	say(w, (struct frame){ .kind = FRAME_UPGRADE }, &fd, 1);
	(void)close(fd);
}

/* the manager leaves, the logger was told to, and both come again; the new link is ours then */
static void
roles_came_again(struct world *w)
{
	pid_t manager = w->manager, logger = w->logger;

	world_kill_manager(w);
	(void)world_role_came(w);
	(void)world_role_came(w);
	assert_int_not_equal(w->manager, manager);
	assert_int_not_equal(w->logger, logger);
}

static void
upgrade_keeps_everything(void **state)
{
	struct world w = world_fresh(NULL);
	int life, pipe_ends[2];
	pid_t child;

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	life = launch_until_closed(&w, 5, 42);
	child = w.frame.pid;
	(void)close(launch_script(&w, 6, "exit 6", none));
	hear(&w, FRAME_CHILD, 6);
	assert_ended(&w, 6, CLD_EXITED, 6);
	assert_int_equal(fd_pipe(pipe_ends), 0);
	say(&w, (struct frame){ .kind = FRAME_HOLD, .number = 77 }, &pipe_ends[1], 1);
	(void)close(pipe_ends[1]);
	say_upgrade(&w, "/proc/self/exe");
	hear(&w, FRAME_UPGRADED, 0);
	assert_int_equal(w.frame.error, 0);
	roles_came_again(&w);
	say_hello(&w);
	assert_int_equal(w.frame.pid, w.keeper);
	hear(&w, FRAME_CHILD, 5);
	assert_int_equal(w.frame.pid, child);
	hear(&w, FRAME_CHILD, 6);
	assert_ended(&w, 6, CLD_EXITED, 6);
	hear(&w, FRAME_HELD, 77);
	assert_int_equal(w.count, 1);
	hear(&w, FRAME_LIST_END, 0);
	(void)close(life);
	assert_ended(&w, 5, CLD_EXITED, 42);
	/* nothing that is held came to a child: the pipe ends with the keeper's */
	(void)close(launch_script(&w, 8, "exec sleep 300", none));
	hear(&w, FRAME_CHILD, 8);
	say_kind(&w, FRAME_DROP, 77);
	assert_int_equal(read(pipe_ends[0], &life, 1), 0);
	(void)close(pipe_ends[0]);
	world_done(&w);
}

static void
upgrade_to_nonsense_is_refused(void **state)
{
	struct world w = world_fresh(NULL);

	(void)state;
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	say_upgrade(&w, "/bin/true");
	hear(&w, FRAME_UPGRADED, 0);
	assert_int_equal(w.frame.error, ENOEXEC);
	say_upgrade(&w, "/etc/passwd");
	hear(&w, FRAME_UPGRADED, 0);
	assert_int_equal(w.frame.error, ENOEXEC);
	(void)close(launch_script(&w, 5, "exit 5", none));
	hear(&w, FRAME_CHILD, 5);
	assert_ended(&w, 5, CLD_EXITED, 5);
	world_done(&w);
}

static struct world
fresh_with_probe(enum keeper_probe probe)
{
	struct world w = world_new();
	autofree char *answer = str_format("%d", (int)probe);

	(void)setenv("TEST_PROBE", answer, 1);
	world_keeper(&w, KEEPER_FRESH, NULL);
	(void)world_role_came(&w);
	(void)world_role_came(&w);
	say_hello(&w);
	hear(&w, FRAME_LIST_END, 0);
	return w;
}

static void
upgrade_with_another_table(void **state)
{
	struct world w = fresh_with_probe(KEEPER_PROBE_TABLE_DIFFERS);

	(void)state;
	say_upgrade(&w, "/proc/self/exe");
	hear(&w, FRAME_UPGRADED, 0);
	assert_int_equal(w.frame.error, EPROTO);
	roles_came_again(&w);
	say_hello(&w);
	assert_int_equal(w.frame.pid, w.keeper);
	world_done(&w);
}

static void
upgrade_with_other_frames(void **state)
{
	struct world w = fresh_with_probe(KEEPER_PROBE_FRAMES_DIFFER);

	(void)state;
	say_upgrade(&w, "/proc/self/exe");
	hear(&w, FRAME_UPGRADED, 0);
	assert_int_equal(w.frame.error, EPROTONOSUPPORT);
	say_hello(&w); /* the same manager */
	world_done(&w);
}

/* The test is the manager that has lost its keeper. */
static void
started_by_a_manager(void **state)
{
	struct world w = world_new();
	int link[2], pair[2], pidfd, ends[3];
	pid_t logger = fork();

	(void)state;
	if (logger == 0) {
		for (;;) {
			(void)pause();
		}
	}
	pidfd = fd_pidfd(logger);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, link), 0);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	w.link = link[0];
	say_kind(&w, FRAME_HELLO, 0);
	say(&w, (struct frame){ .kind = FRAME_ADOPT_LOGGER, .value = logger }, &pidfd, 1);
	ends[0] = fcntl(link[1], F_DUPFD, 200);
	ends[1] = fcntl(pair[0], F_DUPFD, 200);
	ends[2] = fcntl(pair[1], F_DUPFD, 200);
	by_manager = ends;
	world_keeper(&w, KEEPER_BY_MANAGER, NULL);
	(void)close(link[1]);
	for (int i = 0; i < 3; i++) {
		(void)close(ends[i]);
	}
	hear(&w, FRAME_HELLO, 0);
	hear(&w, FRAME_LIST_END, 0);
	(void)close(launch_script(&w, 5, "exit 5", none));
	hear(&w, FRAME_CHILD, 5);
	assert_ended(&w, 5, CLD_EXITED, 5);
	/* the adopted logger dies: another is started, with the pair that was handed over */
	assert_int_equal(kill(logger, SIGKILL), 0);
	assert_int_equal(waitpid(logger, NULL, 0), logger);
	assert_int_equal(world_role_came(&w), 'l');
	do {
		assert_int_equal(hear_any(&w, true), FRAME_LOGGER);
	} while (w.frame.value != w.logger);
	/* the manager goes: the next one is a child of the keeper and hears everything */
	w.link = fd_close(w.link);
	assert_int_equal(world_role_came(&w), 'm');
	say_hello(&w);
	hear(&w, FRAME_CHILD, 5);
	assert_ended(&w, 5, CLD_EXITED, 5);
	hear(&w, FRAME_LIST_END, 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
	(void)close(pidfd);
	world_done(&w);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(launch_exit_forget, world_sweep),
		cmocka_unit_test_teardown(signals_are_not_codes, world_sweep),
		cmocka_unit_test_teardown(failed_launch_says_why, world_sweep),
		cmocka_unit_test_teardown(same_number_twice_is_one_child, world_sweep),
		cmocka_unit_test_teardown(exit_waits_for_the_next_manager, world_sweep),
		cmocka_unit_test_teardown(launch_in_flight_is_done, world_sweep),
		cmocka_unit_test_teardown(manager_killed_again_and_again, world_sweep),
		cmocka_unit_test_teardown(manager_that_ends_is_started_on_and_on, world_sweep),
		cmocka_unit_test_teardown(logger_is_started_again, world_sweep),
		cmocka_unit_test_teardown(held_survive_the_manager, world_sweep),
		cmocka_unit_test_teardown(orphans_are_reaped, world_sweep),
		cmocka_unit_test_teardown(no_process_left_is_refused, world_sweep),
		cmocka_unit_test_teardown(no_descriptor_left_is_refused, world_sweep),
		cmocka_unit_test_teardown(slow_manager_misses_nothing, world_sweep),
		cmocka_unit_test_teardown(nonsense_is_dropped, world_sweep),
		cmocka_unit_test_teardown(asked_to_end, world_sweep),
		cmocka_unit_test_teardown(own_cgroup, world_sweep),
		cmocka_unit_test_teardown(upgrade_keeps_everything, world_sweep),
		cmocka_unit_test_teardown(upgrade_to_nonsense_is_refused, world_sweep),
		cmocka_unit_test_teardown(upgrade_with_another_table, world_sweep),
		cmocka_unit_test_teardown(upgrade_with_other_frames, world_sweep),
		cmocka_unit_test_teardown(started_by_a_manager, world_sweep),
	};

	if (argc > 2 && strcmp(argv[1], "--role") == 0) {
		return world_role(argc, argv);
	}
	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
