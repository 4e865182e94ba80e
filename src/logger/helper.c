/* PR_SET_PDEATHSIG ties it to the logger; that the logger died before it was set is seen at the
 * parent's pid. The logger is the reaper as long as it lives; afterwards the keeper is, as of every
 * orphan. */
#include "logger/helper.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_FD = 3, LOWEST = 19, IO_PROCESS = 1, IO_IDLE = 3 << 13 };

static void
become_idle(void)
{
	(void)setpriority(PRIO_PROCESS, 0, LOWEST);
	(void)syscall(SYS_ioprio_set, IO_PROCESS, 0, IO_IDLE);
}

/* descriptors from 3 on are the job's, then the executable; nothing else is left */
static int
place_fds(const struct helper_job *job)
{
	int high[HELPER_FDS + 1], next = FIRST_FD;

	for (size_t i = 0; i <= job->count; i++) {
		int fd = i < job->count ? job->fds[i] : job->executable;

		high[i] =
			fd_is_open(fd) ? fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD + HELPER_FDS + 1) : -1;
	}
	for (size_t i = 0; i < job->count; i++) {
		(void)dup2(high[i], next++);
	}
	if (fd_is_open(high[job->count])) {
		(void)dup3(high[job->count], next++, O_CLOEXEC);
	}
	(void)close_range((unsigned)next, ~0U, 0);
	return fd_is_open(high[job->count]) ? next - 1 : -1;
}

static void NORETURN
be_helper(const struct helper_job *job, pid_t parent)
{
	char role[] = "--role", name[32] = "tendd: ";
	char *argv[] = { name, role, (char *)job->role, (char *)job->argument, NULL };
	sigset_t none;
	int executable;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) {
		_exit(1);
	}
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 0; job->role[i] != '\0' && i + 8 < sizeof(name); i++) {
		name[7 + i] = job->role[i];
	}
	if (job->idle) {
		become_idle();
	}
	executable = place_fds(job);
	if (fd_is_open(executable)) {
		(void)fd_execute(executable, argv, environ);
	}
	_exit(job->run(job->argument));
}

static void
on_ended(struct watch *watch, uint32_t events UNUSED)
{
	struct helper *helper = CONTAINER(watch, struct helper, watch);
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)helper->pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0) {
		return;
	}
	loop_unwatch(helper->loop, &helper->watch);
	helper->watch.fd = fd_close(helper->watch.fd);
	helper->pid = 0;
	helper->ended(helper, info.si_code == CLD_EXITED && info.si_status == 0);
}

int
helper_start(struct helper *helper, struct loop *loop, const struct helper_job *job)
{
	pid_t parent = getpid(), pid = fork();
	int fd, r;

	if (pid < 0) {
		return -errno;
	}
	if (pid == 0) {
		be_helper(job, parent);
	}
	helper->pid = pid;
	helper->loop = loop;
	fd = fd_pidfd(pid);
	r = fd < 0 ? fd : loop_watch(loop, &helper->watch, fd, EPOLLIN, LOOP_DATA, on_ended);
	if (r < 0) {
		helper->watch.fd = -1;
		(void)fd_close(fd);
		helper_end(helper);
	}
	return r;
}

bool
helper_runs(const struct helper *helper)
{
	return helper->pid > 0;
}

void
helper_end(struct helper *helper)
{
	if (!helper_runs(helper)) {
		return;
	}
	(void)kill(helper->pid, SIGKILL); /* not yet reaped, so it is still this one */
	(void)waitpid(helper->pid, NULL, 0);
	if (helper->watch.watched) {
		loop_unwatch(helper->loop, &helper->watch);
		helper->watch.fd = fd_close(helper->watch.fd);
	}
	helper->pid = 0;
}
