/* Walks a packed plan in the child, between fork and exec: async-signal-safe calls only, no heap,
 * no lock, no stdio.
 *
 * Sources first, targets second: a descriptor that the plan places at 5 may be what the keeper
 * holds at 7 and the other way round. So every source is moved above the highest target before the
 * first one is placed; then placing can destroy nothing. What was not placed is close-on-exec since
 * its birth, and once more before the exec. */
#include "launch/launch.h"
#include "base/fd.h"
#include "launch/packed.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct walk {
	const struct packed_header *plan;
	int *sources;       /* by index of operation */
	char **environment; /* ends in NULL; filled up to `variables` */
	size_t variables;
	char **arguments; /* room for one more in front, for /bin/sh */
	int bound;        /* above every target */
	int error_fd;
	struct launch_failure *failure;
	char number[24];
	char *pid_variable; /* room for the longest NAME=pid */
};

static const struct rlimit NOTHING;

static void NORETURN
fail(struct walk *walk, unsigned op, unsigned index, int number)
{
	struct launch_failure failure = { .op = (uint16_t)(op + 1),
					  .index = (uint16_t)index,
					  .number = number };

	*walk->failure = failure;
	(void)fd_write_all(walk->error_fd, &failure, sizeof(failure));
	_exit(LAUNCH_FAILED_STATUS);
}

/* By the system call: libc refuses to touch its own two (32 and 33), which posix_spawn leaves
 * ignored in what it starts, so all that make or a shell of that kind runs has them so. KILL and
 * STOP refuse, too. All-zero is the default whatever the kernel's struct looks like on this
 * machine. */
static void
reset_signals(void)
{
	static const uint64_t standard[8];
	sigset_t none;

	for (int i = 1; i < NSIG; i++) {
		(void)syscall(SYS_rt_sigaction, i, standard, NULL, sizeof(uint64_t));
	}
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
write_decimal(int64_t number, char *ret_text) /* 21 bytes */
{
	char digits[20];
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0) {
		*ret_text++ = '-';
	}
	while (n > 0) {
		*ret_text++ = digits[--n];
	}
	*ret_text = '\0';
}

/* one anonymous mapping for every array of the walk */
static bool
make_room(struct walk *walk)
{
	size_t variables = 1, arguments = 2, names = 0;
	char *room;

	for (const struct packed_step *s = packed_first(walk->plan); s;
	     s = packed_next(walk->plan, s)) {
		walk->bound = s->target >= walk->bound ? s->target + 1 : walk->bound;
		if (s->op == PLAN_ENVIRONMENT) {
			variables += packed_strings(s);
		} else if (s->op == PLAN_PID_VARIABLE) {
			variables++;
			names += s->text_size + sizeof(walk->number);
		} else if (s->op == PLAN_EXEC) {
			arguments += packed_strings(s);
		}
	}
	room = mmap(NULL,
		    (variables + arguments) * sizeof(char *) + walk->plan->count * sizeof(int) +
			    names + 1,
		    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED) {
		return false;
	}
	walk->environment = (char **)(void *)room;
	walk->arguments = walk->environment + variables;
	walk->sources = (int *)(void *)(walk->arguments + arguments);
	walk->pid_variable = (char *)(walk->sources + walk->plan->count);
	return true;
}

static int
raise_above(int fd, int bound)
{
	int raised;

	if (!fd_is_open(fd)) {
		return -EBADF;
	}
	raised = fd < bound ? fcntl(fd, F_DUPFD_CLOEXEC, bound) : fd;
	return raised < 0 ? -errno : raised;
}

static int
find_source(const struct walk *walk, const struct packed_step *step, const int *passed,
	    size_t passed_count, launch_held held)
{
	if (step->op == PLAN_HELD) {
		return raise_above(held((uint64_t)step->number), walk->bound);
	}
	if (step->number < 0 || (uint64_t)step->number >= passed_count) {
		return -EBADF;
	}
	return raise_above(passed[step->number], walk->bound);
}

static void
collect_sources(struct walk *walk, const int *passed, size_t passed_count, launch_held held)
{
	for (const struct packed_step *s = packed_first(walk->plan); s;
	     s = packed_next(walk->plan, s)) {
		if (s->op == PLAN_HELD || s->op == PLAN_PASSED || s->op == PLAN_CGROUP) {
			int fd = find_source(walk, s, passed, passed_count, held);

			if (fd < 0) {
				fail(walk, s->op, s->index, -fd);
			}
			walk->sources[s->index] = fd;
		}
	}
}

static int
place(int fd, int target)
{
	if (fd == target) {
		return fd_set_inherited(fd, true);
	}
	return dup2(fd, target) < 0 ? -errno : 0;
}

/* takes the opened descriptor */
static int
place_opened(int fd, int target)
{
	int r;

	if (fd < 0) {
		return -errno;
	}
	r = place(fd, target);
	if (fd != target) {
		(void)close(fd);
	}
	return r;
}

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0) {
		return -errno;
	}
	r = fd_write_all(fd, text, strlen(text));
	(void)close(fd);
	return r;
}

static int
unless_allowed_to_fail(const struct packed_step *step, int r)
{
	return (r == -EPERM || r == -EACCES) && step->extra == 1 ? 0 : r;
}

static int
set_limit(const struct packed_step *step)
{
	struct rlimit now = NOTHING, wanted = { .rlim_cur = step->extra, .rlim_max = step->extra2 };
	__rlimit_resource_t resource = (__rlimit_resource_t)step->number;

	if (setrlimit(resource, &wanted) == 0) {
		return 0;
	}
	/* the permitted part of it: what is missing is told by `tend check`, not by a service that
	 * is down */
	if (errno != EPERM || getrlimit(resource, &now) < 0) {
		return -errno;
	}
	wanted.rlim_max = wanted.rlim_max > now.rlim_max ? now.rlim_max : wanted.rlim_max;
	wanted.rlim_cur = wanted.rlim_cur > now.rlim_max ? now.rlim_max : wanted.rlim_cur;
	return setrlimit(resource, &wanted) < 0 ? -errno : 0;
}

static int
change_directory(const struct packed_step *step)
{
	if (chdir(packed_text(step)) == 0) {
		return 0;
	}
	if (step->extra == 1 && errno == ENOENT) {
		return chdir("/") < 0 ? -errno : 0;
	}
	return -errno;
}

static void
add_environment(struct walk *walk, const struct packed_step *step)
{
	const char *data = packed_data(step);

	for (size_t at = 0; at < step->data_size; at += strlen(data + at) + 1) {
		walk->environment[walk->variables++] = (char *)(uintptr_t)(data + at);
	}
}

static void
add_pid(struct walk *walk, const struct packed_step *step)
{
	size_t length = step->text_size - 1;

	walk->environment[walk->variables++] = walk->pid_variable;
	memcpy(walk->pid_variable, packed_text(step), length);
	walk->pid_variable += length;
	*walk->pid_variable++ = '=';
	write_decimal(getpid(), walk->pid_variable);
	walk->pid_variable += strlen(walk->pid_variable) + 1;
}

static int
exec_program(struct walk *walk, const struct packed_step *step)
{
	char *program = (char *)(uintptr_t)packed_text(step);
	const char *data = packed_data(step);
	char **arguments = walk->arguments + 1;
	size_t count = 0;
	int number;

	for (size_t at = 0; at < step->data_size; at += strlen(data + at) + 1) {
		arguments[count++] = (char *)(uintptr_t)(data + at);
	}
	(void)syscall(SYS_close_range, walk->bound, ~0U, CLOSE_RANGE_CLOEXEC);
	/* its other end is open in this process, too, so nobody's death makes this a SIGPIPE */
	(void)fd_write_all(walk->error_fd, "", LAUNCH_REACHED);
	(void)execve(program, arguments, walk->environment);
	number = errno;
	if (number == ENOEXEC && step->extra == 1) {
		static char shell[] = "/bin/sh";

		arguments[0] = program;
		walk->arguments[0] = shell;
		(void)execve(shell, walk->arguments, walk->environment);
	}
	return -number;
}

static int
identity(const struct packed_step *step)
{
	unsigned id = (unsigned)step->number;
	int r;

	/* -1 means "as it is" to the kernel: nobody stays root by an overflow */
	if (step->number < 0 || step->number >= UINT32_MAX) {
		return -EINVAL;
	}
	switch (step->op) {
	case PLAN_GROUPS:
		r = setgroups(step->data_size / sizeof(gid_t),
			      (const gid_t *)(const void *)packed_data(step));
		break;
	case PLAN_GID: r = setresgid(id, id, id); break;
	case PLAN_UID: r = setresuid(id, id, id); break;
	case PLAN_ROOT:
		r = chroot(packed_text(step));
		r = r == 0 ? chdir("/") : r;
		break;
	default: r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); break;
	}
	return r < 0 ? -errno : 0;
}

static int
surroundings(struct walk *walk, const struct packed_step *step)
{
	const int priority = (int)step->extra;
	int r;

	switch (step->op) {
	case PLAN_SESSION: return setsid() < 0 ? -errno : 0;
	case PLAN_UMASK: (void)umask((mode_t)step->number); return 0;
	case PLAN_NICE:
		r = setpriority(PRIO_PROCESS, 0, (int)step->number) < 0 ? -errno : 0;
		return unless_allowed_to_fail(step, r);
	case PLAN_OOM_SCORE:
		write_decimal(step->number, walk->number);
		return unless_allowed_to_fail(step,
					      write_file("/proc/self/oom_score_adj", walk->number));
	case PLAN_SCHEDULER:
		return syscall(SYS_sched_setscheduler, 0, step->number, &priority) < 0 ? -errno : 0;
	case PLAN_AFFINITY:
		r = (int)syscall(SYS_sched_setaffinity, 0, step->data_size, packed_data(step));
		return r < 0 ? -errno : 0;
	case PLAN_IO: return syscall(SYS_ioprio_set, 1, 0, step->number) < 0 ? -errno : 0;
	case PLAN_LIMIT: return set_limit(step);
	case PLAN_CGROUP: return fd_write_all(walk->sources[step->index], "0", 1);
	case PLAN_DIRECTORY: return change_directory(step);
	default: return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0;
	}
}

static int
take_step(struct walk *walk, const struct packed_step *step)
{
	switch ((enum plan_op)step->op) {
	case PLAN_HELD:
	case PLAN_PASSED: return place(walk->sources[step->index], step->target);
	case PLAN_FILE:
		return place_opened(open(packed_text(step),
					 (int)step->number | O_CLOEXEC | O_NOCTTY,
					 (mode_t)step->extra),
				    step->target);
	case PLAN_COPY: return place((int)step->number, step->target);
	case PLAN_NULL: return place_opened(open("/dev/null", O_RDWR | O_CLOEXEC), step->target);
	case PLAN_SESSION:
	case PLAN_UMASK:
	case PLAN_NICE:
	case PLAN_OOM_SCORE:
	case PLAN_SCHEDULER:
	case PLAN_AFFINITY:
	case PLAN_IO:
	case PLAN_LIMIT:
	case PLAN_CGROUP:
	case PLAN_DIRECTORY:
	case PLAN_IGNORE_PIPE: return surroundings(walk, step);
	case PLAN_ROOT:
	case PLAN_GROUPS:
	case PLAN_GID:
	case PLAN_UID:
	case PLAN_NO_NEW_PRIVILEGES: return identity(step);
	case PLAN_ENVIRONMENT: add_environment(walk, step); return 0;
	case PLAN_PID_VARIABLE: add_pid(walk, step); return 0;
	case PLAN_EXEC: return exec_program(walk, step);
	case PLAN_OP_COUNT: break;
	}
	return -EBADMSG;
}

void
launch_run(int plan_fd, const int *passed, size_t passed_count, launch_held held, int error_fd,
	   struct launch_failure *failure)
{
	struct walk walk = { .error_fd = error_fd, .failure = failure };

	reset_signals();
	walk.plan = packed_map(plan_fd);
	if (!walk.plan || !make_room(&walk)) {
		fail(&walk, PLAN_OP_COUNT, 0, errno);
	}
	walk.error_fd = raise_above(error_fd, walk.bound);
	if (walk.error_fd < 0) {
		walk.error_fd = error_fd;
		fail(&walk, PLAN_OP_COUNT, 0, EMFILE);
	}
	collect_sources(&walk, passed, passed_count, held);
	for (const struct packed_step *s = packed_first(walk.plan); s;
	     s = packed_next(walk.plan, s)) {
		int r = take_step(&walk, s);

		if (r < 0) {
			fail(&walk, s->op, s->index, -r);
		}
	}
	fail(&walk, PLAN_OP_COUNT, 0, EBADMSG); /* a plan ends in an exec or a failure */
}
