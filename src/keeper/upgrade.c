/* Becoming another build without letting go of anything: children stay ours because the process
 * stays the same, the table and the descriptors stay because their close-on-exec flag is lifted for
 * the moment of the exec.
 *
 * An exec cannot be taken back, so the new build is asked first: a child executes it as a probe,
 * which maps the table and says by its exit status whether it understands it. A file that is not
 * tendd, crashes or hangs fails that and nothing has happened. If only the table differs, we stay
 * the keeper and the other two roles become the new build. */
#include "base/clock.h"
#include "base/fd.h"
#include "keeper/within.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROBE_MS = 10000 };

static void
answer(struct keeper *keeper, int error)
{
	struct frame frame = { .kind = FRAME_UPGRADED, .error = error };

	tell_answer(keeper, &frame);
}

static void
close_next(void)
{
	(void)dup3(ROLE_FD_TABLE, ROLE_FD_NEXT, O_CLOEXEC); /* the number stays taken */
}

static NORETURN void
be_probe(const struct keeper *keeper)
{
	static const char *const words[] = { "--role", "keeper", "--probe", NULL };
	static const struct spawn_place places[] = { { ROLE_FD_TABLE, ROLE_FD_TABLE }, { -1, -1 } };

	spawn_role(keeper, ROLE_COUNT, ROLE_FD_NEXT, "tendd: probe", words, places);
}

void
upgrade_begin(struct keeper *keeper, int take_executable)
{
	autoclose int executable = take_executable, pidfd = -1;
	bool joined;
	pid_t pid;

	if (keeper->probe != 0) {
		return; /* asked again: the answer is that of the one that is under way */
	}
	if (!fd_is_open(executable)) {
		answer(keeper, EMFILE);
		return;
	}
	(void)dup3(executable, ROLE_FD_NEXT, O_CLOEXEC);
	pid = spawn_fork(-1, &pidfd, &joined);
	if (pid == 0) {
		be_probe(keeper);
	}
	if (pid < 0) {
		close_next();
		answer(keeper, -pid);
		return;
	}
	keeper->probe = pid;
	keeper->probe_until = clock_now() + PROBE_MS * CLOCK_MS;
}

void
upgrade_too_late(struct keeper *keeper)
{
	keeper->probe_until = CLOCK_NEVER;
	(void)kill(keeper->probe, SIGKILL);
}

static void
set_all_inherited(const struct keeper *keeper, bool inherited)
{
	static const int fixed[] = { ROLE_FD_LOCK, ROLE_FD_LISTEN, ROLE_FD_EXECUTABLE,
				     ROLE_FD_TABLE, ROLE_FD_NEXT };
	const int own[] = { keeper->link, keeper->manager_end, keeper->logger_end,
			    keeper->roles[LOGGER].adopted };

	for (size_t i = 0; i < COUNT(fixed); i++) {
		(void)fd_set_inherited(fixed[i], inherited);
	}
	for (size_t i = 0; i < COUNT(own); i++) {
		(void)fd_set_inherited(own[i], inherited);
	}
	for (uint32_t i = 0; i < keeper->held_count; i++) {
		(void)fd_set_inherited(keeper->held[i], inherited);
	}
	for (uint32_t i = 0; i < keeper->top; i++) {
		if (keeper->numbers[i] != 0) {
			(void)fd_set_inherited(keeper->slots[i].error_pipe, inherited);
		}
	}
}

/* the other roles become the executable that was given */
static void
take_next(struct keeper *keeper)
{
	(void)dup3(ROLE_FD_NEXT, ROLE_FD_EXECUTABLE, O_CLOEXEC);
	close_next();
	role_replace(keeper);
}

static void
become_next(struct keeper *keeper)
{
	static const char *const words[] = { "--role", "keeper", "--upgraded", NULL };
	char *argv[40];
	size_t count = 0;

	argv[count++] = (char *)(uintptr_t) "tendd: keeper";
	for (size_t i = 0; words[i]; i++) {
		argv[count++] = (char *)(uintptr_t)words[i];
	}
	for (size_t i = 0; keeper->arguments[i] && count < COUNT(argv) - 1; i++) {
		argv[count++] = keeper->arguments[i];
	}
	argv[count] = NULL;
	set_all_inherited(keeper, true);
	answer(keeper, -fd_execute(ROLE_FD_NEXT, argv, environ));
	set_all_inherited(keeper, false);
	close_next();
}

bool
upgrade_reaped(struct keeper *keeper, pid_t pid, int status)
{
	if (pid != keeper->probe) {
		return false;
	}
	keeper->probe = 0;
	keeper->probe_until = CLOCK_NEVER;
	switch (WIFEXITED(status) ? WEXITSTATUS(status) : 0) {
	case KEEPER_PROBE_SAME: become_next(keeper); break;
	case KEEPER_PROBE_TABLE_DIFFERS:
		answer(keeper, EPROTO);
		take_next(keeper);
		break;
	case KEEPER_PROBE_FRAMES_DIFFER:
		answer(keeper, EPROTONOSUPPORT);
		close_next();
		break;
	default:
		answer(keeper, ENOEXEC);
		close_next();
		break;
	}
	return true;
}

void
upgrade_finish(struct keeper *keeper)
{
	set_all_inherited(keeper, false);
	answer(keeper, 0);
	take_next(keeper);
}

int
keeper_probe(void)
{
	const struct keeper *keeper;
	struct stat st;
	int status = KEEPER_PROBE_SAME;

	if (fstat(ROLE_FD_TABLE, &st) < 0 ||
	    st.st_size < (off_t)offsetof(struct keeper, arguments)) {
		return KEEPER_PROBE_TABLE_DIFFERS;
	}
	keeper = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, ROLE_FD_TABLE, 0);
	if (keeper == MAP_FAILED) {
		return KEEPER_PROBE_TABLE_DIFFERS;
	}
	if (keeper->magic != KEEPER_MAGIC || keeper->link_version != LINK_VERSION) {
		status = KEEPER_PROBE_FRAMES_DIFFER;
	} else if (keeper->layout != KEEPER_LAYOUT || keeper->size != sizeof(struct keeper)) {
		status = KEEPER_PROBE_TABLE_DIFFERS;
	}
	return status;
}
