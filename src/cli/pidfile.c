/* The file is locked by the daemon for as long as it lives, through a descriptor that it inherits
 * and knows nothing of: so "does it run?" is asked of the kernel, and a file that was left behind
 * says nothing. A file that is not locked may be another tool's: then the process that it names
 * counts, if it runs the same program.
 *
 * The number is never written into the file that stands there: a new file is locked, filled and
 * renamed over it. The lock on the old one, held meanwhile, keeps a second starter out; who gets it
 * later finds that the name is another file's, and looks again. */
#include "cli/pidfile.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "procfs/procfs.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIDFILE_MODE = 0644, PIDFILE_MOST = 64 };

pid_t
pidfile_read(const char *path)
{
	autofree char *text = NULL;
	size_t length;
	long pid;

	if (file_read(AT_FDCWD, path, PIDFILE_MOST, &text, &length) < 0) {
		return 0;
	}
	pid = strtol(text, NULL, 10);
	return pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

bool
pidfile_runs(pid_t pid)
{
	struct proc_stat stat;

	return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM) &&
	       (proc_stat(pid, &stat) < 0 || (stat.state != 'Z' && stat.state != 'X'));
}

static bool
runs_program(pid_t pid, const char *program)
{
	char path[48], executable[4096];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, executable, sizeof(executable) - 1);
	if (n <= 0) {
		return false;
	}
	executable[n] = '\0';
	return str_equal(path_base(executable), path_base(program));
}

static bool
is_still(int fd, const char *path)
{
	struct stat own, there;

	return fstat(fd, &own) == 0 && stat(path, &there) == 0 && own.st_ino == there.st_ino &&
	       own.st_dev == there.st_dev;
}

enum pidfile_claim
pidfile_claim(struct pidfile *pidfile, const char *path, const char *program, struct err *err)
{
	autoclose int fd = -1;
	bool made;

	do {
		(void)fd_close(fd_take(&fd));
		made = access(path, F_OK) < 0;
		fd = fd_raise(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
				   PIDFILE_MODE));
		if (!fd_is_open(fd)) {
			(void)err_set_errno(err, -fd, "%s", path);
			return PIDFILE_FAILED;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			pidfile->running = pidfile_read(path);
			return PIDFILE_TAKEN;
		}
	} while (!is_still(fd, path));
	pidfile->running = pidfile_read(path);
	if (program && pidfile_runs(pidfile->running) && runs_program(pidfile->running, program)) {
		return PIDFILE_TAKEN;
	}
	pidfile->path = path;
	pidfile->made = made;
	pidfile->claim = fd_take(&fd);
	return PIDFILE_FREE;
}

int
pidfile_write(struct pidfile *pidfile, pid_t pid)
{
	autofree char *beside = str_format("%s.new-%d", pidfile->path, (int)pid);
	autofree char *text = str_format("%d\n", (int)pid);
	autoclose int fd = fd_raise(
		open(beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, PIDFILE_MODE));
	int r = fd_is_open(fd) ? fd_write_all(fd, text, strlen(text)) : fd;

	if (r == 0 && (flock(fd, LOCK_EX | LOCK_NB) < 0 || rename(beside, pidfile->path) < 0)) {
		r = -errno;
	}
	if (r < 0) {
		if (fd_is_open(fd)) {
			(void)unlink(beside);
		}
		return r;
	}
	return fd_take(&fd);
}

void
pidfile_give_up(struct pidfile *pidfile, pid_t pid)
{
	if (pidfile->path && (pidfile->made || (pid > 0 && pidfile_read(pidfile->path) == pid))) {
		(void)unlink(pidfile->path);
	}
	pidfile->claim = fd_close(pidfile->claim);
}
