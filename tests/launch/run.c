#include "test.h"
#include "base/fd.h"
#include "base/path.h"
#include "launch/launch.h"
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What a plan did is seen by the program it executes: `sh -c script`, whose output and status come
 * back. */
struct ran {
	char output[4096];
	int status;
	struct launch_failure failure;
	char words[256];
};

static int held_fd = -1;

static int
held(uint64_t key)
{
	return key == 77 ? held_fd : -1;
}

static struct ran
run_packed(int plan_fd, const int *passed, size_t count)
{
	struct ran ran = { .status = -1 };
	struct launch_failure *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
					     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct launch_failure said = { 0 };
	char bytes[LAUNCH_FAILED + LAUNCH_REACHED + 1];
	int error[2];
	ssize_t n;
	pid_t pid;

	assert_ptr_not_equal(shared, MAP_FAILED);
	assert_int_equal(fd_pipe(error), 0);
	pid = fork();
	if (pid == 0) {
		launch_run(plan_fd, passed, count, held, error[1], shared);
	}
	(void)close(error[1]);
	n = fd_read_all(error[0], bytes, sizeof(bytes));
	assert_true(n == LAUNCH_REACHED || n == LAUNCH_FAILED ||
		    n == LAUNCH_REACHED + LAUNCH_FAILED);
	if (n >= LAUNCH_FAILED) {
		memcpy(&said, bytes + n - LAUNCH_FAILED, sizeof(said));
	}
	(void)close(error[0]);
	ran.failure = *shared;
	assert_memory_equal(&ran.failure, &said, sizeof(said)); /* both ways say the same */
	(void)munmap(shared, sizeof(*shared));
	(void)launch_words_packed(plan_fd, &ran.failure, ran.words, sizeof(ran.words));
	/* the output ends with the program; it fits into a pipe */
	assert_int_equal(waitpid(pid, &ran.status, 0), pid);
	return ran;
}

static struct ran
run_plan(struct plan *plan, const char *script, const int *more, size_t more_count)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)(uintptr_t)script, NULL };
	int plan_fd, out[2], passed[4] = { 0 };
	struct ran ran;
	char words[256];

	assert_int_equal(fd_pipe(out), 0);
	passed[0] = out[1];
	for (size_t i = 0; i < more_count; i++) {
		passed[i + 1] = more[i];
	}
	plan_add_strings(plan, PLAN_EXEC, "/bin/sh", argv);
	assert_int_equal(plan_pack(plan, &plan_fd), 0);
	ran = run_packed(plan_fd, passed, more_count + 1);
	(void)close(plan_fd);
	(void)close(out[1]);
	assert_true(fd_read_all(out[0], ran.output, sizeof(ran.output) - 1) >= 0);
	(void)close(out[0]);
	/* the words are the same while the plan itself is there */
	assert_string_equal(launch_words(plan, &ran.failure, words, sizeof(words)), ran.words);
	plan_done(plan);
	return ran;
}

static struct plan
begin(void)
{
	struct plan plan;

	plan_init(&plan);
	plan_add(&plan, &(struct plan_step){ .op = PLAN_NULL, .target = 0 });
	plan_add(&plan, &(struct plan_step){ .op = PLAN_PASSED, .target = 1 });
	plan_add(&plan, &(struct plan_step){ .op = PLAN_COPY, .number = 1, .target = 2 });
	return plan;
}

/* one operation more, then the script; its output must be this */
static void
does(const struct plan_step *step, const char *script, const char *output)
{
	struct plan plan = begin();
	struct ran ran;

	plan_add(&plan, step);
	ran = run_plan(&plan, script, NULL, 0);
	assert_string_equal(ran.words, "no failure");
	assert_string_equal(ran.output, output);
}

static void
fails(const struct plan_step *step, const char *words)
{
	struct plan plan = begin();
	struct ran ran;

	plan_add(&plan, step);
	ran = run_plan(&plan, "echo not reached", NULL, 0);
	assert_string_equal(ran.words, words);
	assert_string_equal(ran.output, "");
	assert_true(WIFEXITED(ran.status));
	assert_int_equal(WEXITSTATUS(ran.status), LAUNCH_FAILED_STATUS);
}

static void
standard_descriptors(void **state)
{
	struct plan plan = begin();
	struct ran ran = run_plan(&plan, "echo out; echo err >&2; cat; exit 3", NULL, 0);

	(void)state;
	assert_string_equal(ran.output, "out\nerr\n");
	assert_int_equal(WEXITSTATUS(ran.status), 3);
}

/* sources and targets crosswise, and nothing else is inherited */
static void
descriptors_are_placed(void **state)
{
	struct plan plan = begin();
	int one[2], two[2], more[2];
	struct ran ran;

	(void)state;
	assert_int_equal(fd_pipe(one), 0);
	assert_int_equal(fd_pipe(two), 0);
	assert_int_equal(write(one[1], "one\n", 4), 4);
	assert_int_equal(write(two[1], "two\n", 4), 4);
	(void)close(one[1]);
	(void)close(two[1]);
	held_fd = one[0];
	more[0] = two[0];
	/* each lands where the other one's source is */
	plan_add(&plan, &(struct plan_step){ .op = PLAN_HELD, .number = 77, .target = two[0] });
	plan_add(&plan, &(struct plan_step){ .op = PLAN_PASSED, .number = 1, .target = one[0] });
	plan_add(&plan, &(struct plan_step){ .op = PLAN_COPY, .number = two[0], .target = 9 });
	{
		autofree char *script =
			str_format("cat <&9; cat <&%d; for f in /proc/self/fd/*; do echo ${f##*/}; "
				   "done | grep -c .",
				   one[0]);

		ran = run_plan(&plan, script, more, 1);
	}
	assert_string_equal(ran.words, "no failure");
	{
		/* 0 1 2, both targets, 9, and the one with which sh reads the directory */
		int count = one[0] == 9 || two[0] == 9 ? 6 : 7;
		autofree char *wanted = str_format("one\ntwo\n%d\n", count);

		assert_string_equal(ran.output, wanted);
	}
	(void)close(one[0]);
	(void)close(two[0]);
}

static void
surroundings(void **state)
{
	char *directory = test_dir();
	autofree char *file = path_join(directory, "out");
	autofree char *into = str_format("echo x >&7; cat %s", file);
	cpu_set_t first;

	(void)state;
	does(&(struct plan_step){ .op = PLAN_SESSION },
	     "read a b c d e s rest </proc/self/stat; [ $s = $$ ] && echo own", "own\n");
	does(&(struct plan_step){ .op = PLAN_UMASK, .number = 0137 }, "umask", "0137\n");
	does(&(struct plan_step){ .op = PLAN_NICE, .number = 7 }, "nice", "7\n");
	does(&(struct plan_step){ .op = PLAN_OOM_SCORE, .number = 999 },
	     "cat /proc/self/oom_score_adj", "999\n");
	does(&(struct plan_step){ .op = PLAN_SCHEDULER, .number = SCHED_BATCH },
	     "chrt -p $$ | head -n 1 | sed 's/.*: //'", "SCHED_BATCH\n");
	does(&(struct plan_step){ .op = PLAN_IO, .number = 2 << 13 | 6 }, "ionice -p $$",
	     "best-effort: prio 6\n");
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	does(&(struct plan_step){ .op = PLAN_AFFINITY, .data = &first, .data_size = sizeof(first) },
	     "sed -n 's/^Cpus_allowed_list:[ \t]*//p' /proc/self/status", "0\n");
	does(
		&(struct plan_step){
			.op = PLAN_LIMIT, .number = RLIMIT_NOFILE, .extra = 33, .extra2 = 44 },
		"ulimit -Sn; ulimit -Hn", "33\n44\n");
	does(
		&(struct plan_step){
			.op = PLAN_LIMIT, .number = RLIMIT_CORE, .extra = 0, .extra2 = 0 },
		"ulimit -c", "0\n");
	does(&(struct plan_step){ .op = PLAN_DIRECTORY, .text = "/proc" }, "pwd", "/proc\n");
	does(&(struct plan_step){ .op = PLAN_DIRECTORY, .text = "/not there", .extra = 1 }, "pwd",
	     "/\n");
	does(&(struct plan_step){ .op = PLAN_NO_NEW_PRIVILEGES },
	     "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1\n");
	does(&(struct plan_step){ .op = PLAN_FILE,
				  .text = file,
				  .number = O_WRONLY | O_CREAT | O_APPEND,
				  .extra = 0600,
				  .target = 7 },
	     into, "x\n");
	test_dir_done(&directory);
}

static void
a_hard_limit_above_ours_is_lowered(void **state)
{
	struct plan plan = begin();
	struct ran ran;

	(void)state;
	plan_add(&plan,
		 &(struct plan_step){
			 .op = PLAN_LIMIT, .number = RLIMIT_NPROC, .extra = 500, .extra2 = 500 });
	if (geteuid() == 0) { /* who may not raise it any more */
		plan_add(&plan, &(struct plan_step){ .op = PLAN_UID, .number = 64918 });
	}
	plan_add(&plan, &(struct plan_step){ .op = PLAN_LIMIT,
					     .number = RLIMIT_NPROC,
					     .extra = 700,
					     .extra2 = RLIM_INFINITY });
	ran = run_plan(&plan, "grep processes /proc/self/limits | (read a b s h rest; echo $s $h)",
		       NULL, 0);
	assert_string_equal(ran.words, "no failure");
	assert_string_equal(ran.output, "500 500\n");
}

static void
identity(void **state)
{
	const gid_t groups[] = { 64919, 64920 };
	struct plan plan = begin();
	struct ran ran;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: needs root to become somebody else\n");
		skip();
	}
	plan_add(&plan, &(struct plan_step){ .op = PLAN_ROOT, .text = "/" });
	plan_add(&plan, &(struct plan_step){
				.op = PLAN_GROUPS, .data = groups, .data_size = sizeof(groups) });
	plan_add(&plan, &(struct plan_step){ .op = PLAN_GID, .number = 64918 });
	plan_add(&plan, &(struct plan_step){ .op = PLAN_UID, .number = 64918 });
	ran = run_plan(&plan, "id -u; id -g; id -G", NULL, 0);
	assert_string_equal(ran.words, "no failure");
	assert_string_equal(ran.output, "64918\n64918\n64918 64919 64920\n");
}

static void
environment(void **state)
{
	char *first[] = { (char *)"A=1", (char *)"B=", NULL },
	     *second[] = { (char *)"C=x y", NULL };
	struct plan plan = begin();
	struct ran ran;

	(void)state;
	plan_add_strings(&plan, PLAN_ENVIRONMENT, NULL, first);
	plan_add(&plan, &(struct plan_step){ .op = PLAN_PID_VARIABLE, .text = "LISTEN_PID" });
	plan_add_strings(&plan, PLAN_ENVIRONMENT, NULL, second);
	ran = run_plan(
		&plan,
		"[ $LISTEN_PID = $$ ] && echo pid; tr '\\0' '\\n' </proc/$$/environ | grep -v _PID",
		NULL, 0);
	assert_string_equal(ran.output, "pid\nA=1\nB=\nC=x y\n");
}

static void
signals_are_fresh(void **state)
{
	const char *script = "grep -E 'Sig(Blk|Ign)' /proc/self/status";
	sigset_t some, before;

	(void)state;
	(void)sigemptyset(&some);
	(void)sigaddset(&some, SIGTERM);
	(void)sigaddset(&some, SIGRTMIN + 3);
	(void)sigprocmask(SIG_BLOCK, &some, &before);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	does(&(struct plan_step){ .op = PLAN_SESSION }, script,
	     "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	does(&(struct plan_step){ .op = PLAN_IGNORE_PIPE }, script,
	     "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001000\n");
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

static void
failures_in_words(void **state)
{
	(void)state;
	fails(&(struct plan_step){ .op = PLAN_DIRECTORY, .text = "/srv/not there" },
	      "chdir to /srv/not there: No such file or directory");
	fails(&(struct plan_step){ .op = PLAN_FILE, .text = "/not/there", .target = 7 },
	      "open /not/there: No such file or directory");
	fails(&(struct plan_step){ .op = PLAN_HELD, .number = 78, .target = 7 },
	      "passing on the kept descriptor for 7: Bad file descriptor");
	fails(&(struct plan_step){ .op = PLAN_PASSED, .number = 9, .target = 7 },
	      "passing on descriptor 7: Bad file descriptor");
	fails(&(struct plan_step){ .op = PLAN_PASSED, .number = -1, .target = 7 },
	      "passing on descriptor 7: Bad file descriptor");
	fails(&(struct plan_step){ .op = PLAN_COPY, .number = 3000, .target = 7 },
	      "passing on descriptor 7: Bad file descriptor");
	fails(&(struct plan_step){ .op = PLAN_LIMIT, .number = 4711 },
	      "limit 4711: Invalid argument");
	fails(
		&(struct plan_step){
			.op = PLAN_LIMIT, .number = RLIMIT_NOFILE, .extra = 5, .extra2 = 4 },
		"limit NOFILE: Invalid argument");
	fails(&(struct plan_step){ .op = PLAN_OOM_SCORE, .number = 4711 },
	      "OOM score 4711: Invalid argument");
	fails(&(struct plan_step){ .op = PLAN_ROOT, .text = "/not/there" },
	      "chroot to /not/there: No such file or directory");
	fails(&(struct plan_step){ .op = PLAN_CGROUP, .number = 5 },
	      "joining its cgroup: Bad file descriptor");
	fails(&(struct plan_step){ .op = PLAN_UID, .number = -1 },
	      "becoming user -1: Invalid argument");
}

/* what is executed itself */
static struct ran
run_program(const char *program, bool shell)
{
	static const char argv[] = "prog\0a b"; /* its own NUL ends the last one */
	struct plan plan = begin();
	int plan_fd, out[2];
	struct ran ran;

	plan_add(&plan, &(struct plan_step){ .op = PLAN_EXEC,
					     .text = program,
					     .data = argv,
					     .data_size = sizeof(argv),
					     .extra = shell });
	assert_int_equal(fd_pipe(out), 0);
	assert_int_equal(plan_pack(&plan, &plan_fd), 0);
	plan_done(&plan);
	ran = run_packed(plan_fd, &out[1], 1);
	(void)close(plan_fd);
	(void)close(out[1]);
	assert_true(fd_read_all(out[0], ran.output, sizeof(ran.output) - 1) >= 0);
	(void)close(out[0]);
	return ran;
}

static void
programs(void **state)
{
	char *directory = test_dir();
	autofree char *script = path_join(directory, "script"),
		      *lost = path_join(directory, "lost"), *plain = path_join(directory, "plain");
	autofree char *words = NULL;
	struct ran ran;

	(void)state;
	assert_int_equal(file_replace(AT_FDCWD, script, "echo \"$0 $1\"\n", 13, 0755, false), 0);
	assert_int_equal(file_replace(AT_FDCWD, lost, "#!/not/there\n", 13, 0755, false), 0);
	assert_int_equal(file_replace(AT_FDCWD, plain, "x", 1, 0644, false), 0);
	ran = run_program(script, false);
	words = str_format(
		"exec %s: Exec format error (a script needs a first line like #!/bin/sh)", script);
	assert_string_equal(ran.words, words);
	ran = run_program(script, true);
	str_replace(&words, NULL);
	words = str_format("%s a b\n", script);
	assert_string_equal(ran.output, words);
	ran = run_program(lost, true);
	str_replace(&words, NULL);
	words = str_format(
		"exec %s: No such file or directory (the interpreter that it names is missing)",
		lost);
	assert_string_equal(ran.words, words);
	ran = run_program("/not/there", true);
	assert_string_equal(ran.words, "exec /not/there: No such file or directory");
	ran = run_program(plain, true);
	str_replace(&words, NULL);
	words = str_format("exec %s: Permission denied", plain);
	assert_string_equal(ran.words, words);
	test_dir_done(&directory);
}

static void
a_plan_that_is_none(void **state)
{
	int fd = fd_memfd("test");
	struct ran ran = run_packed(fd, NULL, 0);

	(void)state;
	assert_int_equal(ran.failure.op, PLAN_OP_COUNT + 1);
	assert_string_equal(ran.words, "preparing the start: Bad message");
	assert_int_equal(write(fd, "garbage", 7), 7);
	assert_int_equal(fd_seal(fd), 0);
	ran = run_packed(fd, NULL, 0);
	assert_int_equal(ran.failure.op, PLAN_OP_COUNT + 1);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_descriptors),
		cmocka_unit_test(descriptors_are_placed),
		cmocka_unit_test(surroundings),
		cmocka_unit_test(a_hard_limit_above_ours_is_lowered),
		cmocka_unit_test(identity),
		cmocka_unit_test(environment),
		cmocka_unit_test(signals_are_fresh),
		cmocka_unit_test(failures_in_words),
		cmocka_unit_test(programs),
		cmocka_unit_test(a_plan_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
